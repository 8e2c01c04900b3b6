/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables of Spark's container, by name.
 *
 * A name may stand there more than once, and the last one counts. A variable whose value is empty
 * comes back from the API server without a value.
 */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

static struct json *find_last(const struct json *list, const char *name, size_t *out_index)
{
    struct json *last = NULL;
    size_t i = 0;
    for (struct json *v = json_first(list); v != NULL; v = json_next(v), i++) {
        const char *its = json_string(json_get(v, "name"));
        if (its != NULL && strcmp(its, name) == 0) {
            last = v;
            *out_index = i;
        }
    }
    return last;
}

static bool has_value(const struct json *variable, const char *value)
{
    const struct json *from = json_get(variable, "valueFrom");
    const char *its = json_string(json_get(variable, "value"));
    return (from == NULL || json_is_null(from)) && strcmp(its == NULL ? "" : its, value) == 0;
}

static struct json *variable_json(struct arena *a, const struct rule *rule)
{
    struct json *variable = json_new_object(a);
    bool ok = json_add(variable, "name", json_new_string_ref(a, rule->entry.key)) &&
              json_add(variable, "value", json_new_string_ref(a, rule->entry.value));
    return ok ? variable : NULL;
}

void mutate_env(struct spark_pod *pod, const struct rule *rule)
{
    if (pod->container.node == NULL) {
        return;
    }
    struct place env = place_member(&pod->container, "env");
    size_t index = 0;
    struct json *users = find_last(env.node, rule->entry.key, &index);
    if (users == NULL) {
        edit_append(&env, variable_json(env.edits->arena, rule), rule);
    } else if (rule->when == WHEN_ALWAYS && !has_value(users, rule->entry.value)) {
        struct place at = place_element(&env, users, index);
        edit_set(&at, variable_json(env.edits->arena, rule), rule);
    }
}
