/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tolerations: one of a policy stands in a pod once, whoever put it there.
 *
 * Of several that tolerate a NoExecute taint the shortest time counts, so a policy's cannot
 * stand beside what the API server has put in by default: it takes its place.
 */
#include "core/arena.h"
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"
#include "webhook/toleration.h"

/* Whether one says all that ours says already, or whether one of the user's is to win. */
static bool is_said(const struct json *list, const struct rule *rule)
{
    for (const struct json *t = json_first(list); t != NULL; t = json_next(t)) {
        bool may_differ = rule->when == WHEN_ABSENT && !toleration_is_default(t);
        if (toleration_covers(t, rule->value) &&
            (may_differ || toleration_lasts_as(t, rule->value))) {
            return true;
        }
    }
    return false;
}

/* One for the same taints and another time, which would count beside ours when it is shorter. */
static bool replaces(const struct json *toleration, const struct rule *rule)
{
    return toleration_is_same(toleration, rule->value) &&
           (rule->when == WHEN_ALWAYS || toleration_is_default(toleration));
}

/* The list with ours in the place of the first of those that it replaces. */
static struct json *replaced(struct arena *a, const struct json *list, const struct rule *rule)
{
    struct json *all = json_new_array(a);
    bool is_in = false;
    bool ok = true;
    for (const struct json *t = json_first(list); t != NULL; t = json_next(t)) {
        if (!replaces(t, rule)) {
            ok = ok && json_append(all, json_copy(a, t));
        } else if (!is_in) {
            is_in = true;
            ok = ok && json_append(all, json_copy(a, rule->value));
        }
    }
    return ok ? all : NULL;
}

void mutate_toleration(struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    struct place list = place_member(&pod->spec, "tolerations");
    if (is_said(list.node, rule)) {
        return;
    }
    struct json *first = NULL;
    size_t first_index = 0;
    size_t count = 0;
    size_t i = 0;
    for (struct json *t = json_first(list.node); t != NULL; t = json_next(t), i++) {
        if (replaces(t, rule)) {
            first_index = count == 0 ? i : first_index;
            first = count == 0 ? t : first;
            count++;
        }
    }
    if (count == 0) {
        edit_append(&list, json_copy(a, rule->value), rule);
    } else if (count == 1) {
        struct place at = place_element(&list, first, first_index);
        edit_set(&at, json_copy(a, rule->value), rule);
    } else {
        edit_set(&list, replaced(a, list.node, rule), rule);
    }
}
