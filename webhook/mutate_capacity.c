/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capacity: spot or on-demand nodes from one word, for every cloud's labels.
 *
 * Nodes carry the labels of one cloud only. "Not spot" is therefore one
 * requirement a label, all of them together: NotIn also holds where the label
 * is missing. "Spot" is one alternative a label.
 * The share of executors on on-demand nodes follows from spark-exec-id alone, so
 * that replicas agree without talking and a retry gives the same answer.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "policies/capacity_labels.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

enum {
    PREFERENCE_WEIGHT = 50, /* among other preferences; Kubernetes' weights go from 1 to 100 */
    TERMS_MAX = 256,        /* of the user's; a longer list is left alone */
};

/* Node selector requirements and tolerations, ready to be copied. Made once, then const. */
static struct json *spot_requirements;
static struct json *not_spot_requirements;
static struct json *spot_tolerations;

/* {"key": label, "operator": operator, "values": [value]} */
static struct json *requirement(struct arena *a, const struct spot_nodes *nodes,
                                const char *operator)
{
    struct json *r = json_new_object(a);
    struct json *values = json_new_array(a);
    bool ok =
        r != NULL && values != NULL && json_append(values, json_new_string_ref(a, nodes->value)) &&
        json_add(r, "key", json_new_string_ref(a, nodes->label)) &&
        json_add(r, "operator", json_new_string_ref(a, operator)) && json_add(r, "values", values);
    return ok ? r : NULL;
}

static struct json *toleration(struct arena *a, const struct spot_nodes *nodes)
{
    struct json *t = json_new_object(a);
    bool ok = t != NULL && json_add(t, "key", json_new_string_ref(a, nodes->label)) &&
              json_add(t, "operator", json_new_string_ref(a, "Equal")) &&
              json_add(t, "value", json_new_string_ref(a, nodes->value)) &&
              json_add(t, "effect", json_new_string_ref(a, "NoSchedule"));
    return ok ? t : NULL;
}

bool mutate_capacity_init(void)
{
    enum { ROOM = 128 * 1024 };
    static struct arena *process_arena;
    if (process_arena != NULL) {
        return true;
    }
    struct arena *a = process_arena = arena_create(ROOM, ROOM);
    if (a == NULL) {
        return false;
    }
    spot_requirements = json_new_array(a);
    not_spot_requirements = json_new_array(a);
    spot_tolerations = json_new_array(a);
    bool ok =
        spot_requirements != NULL && not_spot_requirements != NULL && spot_tolerations != NULL;
    for (size_t i = 0; ok && i < SPOT_NODES_COUNT; i++) {
        ok = json_append(spot_requirements, requirement(a, &spot_nodes[i], "In")) &&
             json_append(not_spot_requirements, requirement(a, &spot_nodes[i], "NotIn"));
    }
    for (size_t i = SPOT_NODES_COUNT; ok && i > 0; i--) {
        const struct spot_nodes *n = &spot_nodes[i - 1];
        ok = !n->tolerated || json_append(spot_tolerations, toleration(a, n));
    }
    return ok;
}

/*
 * What the user said.
 */

static bool term_names_capacity(const struct json *term)
{
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (is_capacity_label(json_string(json_get(r, "key")))) {
            return true;
        }
    }
    return false;
}

/* The way to spec.affinity.nodeAffinity and its two kinds of terms. */
struct node_affinity {
    struct place affinity, node_affinity, required, terms, preferred;
};

static void find_node_affinity(struct spark_pod *pod, struct node_affinity *out)
{
    out->affinity = place_member(&pod->spec, "affinity");
    out->node_affinity = place_member(&out->affinity, "nodeAffinity");
    out->required =
        place_member(&out->node_affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    out->terms = place_member(&out->required, "nodeSelectorTerms");
    out->preferred =
        place_member(&out->node_affinity, "preferredDuringSchedulingIgnoredDuringExecution");
}

static bool user_names_capacity(const struct spark_pod *pod, const struct node_affinity *at)
{
    const struct json *selector = json_get(pod->spec.node, "nodeSelector");
    for (const struct json *m = json_first(selector); m != NULL; m = json_next(m)) {
        if (is_capacity_label(json_key(m))) {
            return true;
        }
    }
    for (const struct json *t = json_first(at->terms.node); t != NULL; t = json_next(t)) {
        if (term_names_capacity(t)) {
            return true;
        }
    }
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (term_names_capacity(json_get(p, "preference"))) {
            return true;
        }
    }
    return false;
}

/*
 * Terms.
 */

static bool list_has(const struct json *list, const struct json *wanted)
{
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
        if (json_equal(item, wanted)) {
            return true;
        }
    }
    return false;
}

/* {"matchExpressions": expressions} */
static struct json *term_of(struct arena *a, struct json *expressions)
{
    struct json *term = json_new_object(a);
    return json_add(term, "matchExpressions", expressions) ? term : NULL;
}

static struct json *list_of(struct arena *a, const struct json *item)
{
    struct json *list = json_new_array(a);
    return json_append(list, json_copy(a, item)) ? list : NULL;
}

/* A term without a requirement matches no node at all, and must go on doing so. */
static bool matches_nothing(const struct json *term)
{
    return json_first(json_get(term, "matchExpressions")) == NULL &&
           json_first(json_get(term, "matchFields")) == NULL;
}

/*
 * Node selector terms are alternatives and what is inside one must hold together: what is
 * required in addition goes into every term.
 */
static void require_not_spot(struct node_affinity *at, const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    if (json_first(at->terms.node) == NULL) {
        struct json *terms = json_new_array(a);
        bool ok = json_append(terms, term_of(a, json_copy(a, not_spot_requirements)));
        edit_set(&at->terms, ok ? terms : NULL, rule);
        return;
    }
    size_t i = 0;
    for (struct json *t = json_first(at->terms.node); t != NULL; t = json_next(t), i++) {
        if (matches_nothing(t)) {
            continue;
        }
        struct place term = place_element(&at->terms, t, i);
        struct place expressions = place_member(&term, "matchExpressions");
        for (const struct json *r = json_first(not_spot_requirements); r != NULL;
             r = json_next(r)) {
            if (!list_has(expressions.node, r)) {
                edit_append(&expressions, json_copy(a, r), rule);
            }
        }
    }
}

/* @term, or a term that says nothing when it is NULL, with @requirement added. */
static struct json *term_and(struct arena *a, const struct json *term,
                             const struct json *requirement)
{
    if (term == NULL) {
        return term_of(a, list_of(a, requirement));
    }
    struct json *both = json_copy(a, term);
    struct json *expressions = json_get(both, "matchExpressions");
    if (json_is_array(expressions)) {
        return json_append(expressions, json_copy(a, requirement)) ? both : NULL;
    }
    return json_replace(both, "matchExpressions", list_of(a, requirement)) ? both : NULL;
}

static bool term_has_any(const struct json *term, const struct json *requirements)
{
    const struct json *expressions = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (list_has(expressions, r)) {
            return true;
        }
    }
    return false;
}

/* Each alternative of the user's with each label that means spot. */
static void require_spot(struct node_affinity *at, const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    struct json *terms = json_new_array(a);
    const struct json *users = json_first(at->terms.node);
    bool ok = true;
    do {
        if (users != NULL && (matches_nothing(users) || term_has_any(users, spot_requirements))) {
            ok = ok && json_append(terms, json_copy(a, users));
        } else {
            for (const struct json *r = json_first(spot_requirements); r != NULL;
                 r = json_next(r)) {
                ok = ok && json_append(terms, term_and(a, users, r));
            }
        }
        users = users == NULL ? NULL : json_next(users);
    } while (users != NULL);
    edit_set(&at->terms, ok ? terms : NULL, rule);
}

/* A PreferredSchedulingTerm, unless one with this preference is there. */
static void prefer(struct node_affinity *at, struct json *expressions, const struct rule *rule)
{
    struct arena *a = at->preferred.edits->arena;
    struct json *preference = term_of(a, expressions);
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (preference != NULL && json_covers(json_get(p, "preference"), preference)) {
            return;
        }
    }
    struct json *term = json_new_object(a);
    bool ok = json_add(term, "weight", json_new_int(a, PREFERENCE_WEIGHT)) &&
              json_add(term, "preference", preference);
    edit_append(&at->preferred, ok ? term : NULL, rule);
}

static void prefer_spot(struct node_affinity *at, const struct rule *rule)
{
    for (const struct json *r = json_first(spot_requirements); r != NULL; r = json_next(r)) {
        prefer(at, list_of(at->terms.edits->arena, r), rule);
    }
}

/*
 * Tolerations. One that is there already is not added again: k8s.io/api/core/v1
 * Toleration.ToleratesTaint says what tolerates what.
 */

static bool tolerates(const struct json *toleration, const struct json *ours)
{
    const char *key = json_string(json_get(toleration, "key"));
    const char *op = json_string(json_get(toleration, "operator"));
    const char *value = json_string(json_get(toleration, "value"));
    const char *effect = json_string(json_get(toleration, "effect"));
    bool exists = op != NULL && strcmp(op, "Exists") == 0;
    if (effect != NULL && effect[0] != '\0' &&
        strcmp(effect, json_string(json_get(ours, "effect"))) != 0) {
        return false;
    }
    if (key == NULL || key[0] == '\0') {
        return exists;
    }
    if (strcmp(key, json_string(json_get(ours, "key"))) != 0) {
        return false;
    }
    return exists || (value != NULL && strcmp(value, json_string(json_get(ours, "value"))) == 0);
}

static void tolerate_spot(struct spark_pod *pod, const struct rule *rule)
{
    struct place list = place_member(&pod->spec, "tolerations");
    for (const struct json *ours = json_first(spot_tolerations); ours != NULL;
         ours = json_next(ours)) {
        bool tolerated = false;
        for (const struct json *t = json_first(list.node); t != NULL && !tolerated;
             t = json_next(t)) {
            tolerated = tolerates(t, ours);
        }
        if (!tolerated) {
            edit_append(&list, json_copy(pod->edits->arena, ours), rule);
        }
    }
}

/*
 * when: always. What the user said about capacity goes, unless it is what the rule would say.
 */

/* The requirements the rule itself puts in, by what it requires or prefers. */
static const struct json *ours(enum capacity capacity)
{
    return capacity == CAPACITY_ON_DEMAND ? not_spot_requirements
           : capacity == CAPACITY_SPOT    ? spot_requirements
                                          : NULL;
}

static bool is_foreign(const struct json *requirement, const struct json *own)
{
    return is_capacity_label(json_string(json_get(requirement, "key"))) &&
           !list_has(own, requirement);
}

static bool has_foreign(const struct json *term, const struct json *own)
{
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (is_foreign(r, own)) {
            return true;
        }
    }
    return false;
}

/* @term without its requirements on capacity labels; NULL when out of memory. */
static struct json *strip_term(struct arena *a, const struct json *term)
{
    struct json *expressions = json_new_array(a);
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (!is_capacity_label(json_string(json_get(r, "key"))) &&
            !json_append(expressions, json_copy(a, r))) {
            return NULL;
        }
    }
    struct json *stripped = json_copy(a, term);
    if (json_first(expressions) == NULL) {
        json_remove(stripped, "matchExpressions");
        return stripped;
    }
    return json_replace(stripped, "matchExpressions", expressions) ? stripped : NULL;
}

/* Alternatives that asked for nothing but capacity leave nothing that is required. */
static void strip_required(struct node_affinity *at, enum capacity capacity,
                           const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    struct json *terms = json_new_array(a);
    bool is_foreign_there = false;
    bool is_open = false;
    bool ok = true;
    for (const struct json *t = json_first(at->terms.node); t != NULL; t = json_next(t)) {
        struct json *stripped = strip_term(a, t);
        is_foreign_there = is_foreign_there || has_foreign(t, ours(capacity));
        is_open = is_open || (matches_nothing(stripped) && !matches_nothing(t));
        if (stripped == NULL || !list_has(terms, stripped)) {
            ok = json_append(terms, stripped) && ok;
        }
    }
    if (!is_foreign_there) {
        return;
    }
    if (is_open) {
        edit_remove(&at->required, rule);
        at->terms = place_member(&at->required, "nodeSelectorTerms");
    } else {
        edit_set(&at->terms, ok ? terms : NULL, rule);
    }
}

static void strip_preferred(struct node_affinity *at, enum capacity capacity,
                            const struct rule *rule)
{
    struct arena *a = at->preferred.edits->arena;
    struct json *kept = json_new_array(a);
    bool is_foreign_there = false;
    bool ok = true;
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (has_foreign(json_get(p, "preference"), ours(capacity))) {
            is_foreign_there = true;
        } else {
            ok = json_append(kept, json_copy(a, p)) && ok;
        }
    }
    if (!is_foreign_there) {
        return;
    }
    if (json_first(kept) == NULL) {
        edit_remove(&at->preferred, rule);
    } else {
        edit_set(&at->preferred, ok ? kept : NULL, rule);
    }
}

static void strip_selector(struct spark_pod *pod, const struct rule *rule)
{
    struct place selector = place_member(&pod->spec, "nodeSelector");
    for (const struct json *r = json_first(spot_requirements); r != NULL; r = json_next(r)) {
        struct place label = place_member(&selector, json_string(json_get(r, "key")));
        edit_remove(&label, rule);
    }
}

/*
 * Executors are numbered from 1 in the order of their creation. Of each hundred in a
 * row exactly @percent are chosen, evenly spaced, and the first is one of them, so that a
 * small application has one, too. An executor without a number is not chosen.
 */
static bool in_on_demand_share(int64_t executor_id, unsigned percent)
{
    if (executor_id < 1) {
        return percent == 100;
    }
    return (uint64_t)(executor_id - 1) * percent % 100 < percent;
}

void mutate_capacity(struct spark_pod *pod, const struct rule *rule)
{
    struct node_affinity at;
    find_node_affinity(pod, &at);
    if (json_count(at.terms.node) > TERMS_MAX ||
        (rule->when == WHEN_ABSENT && user_names_capacity(pod, &at))) {
        return;
    }
    enum capacity require = rule->capacity.require;
    enum capacity preference = rule->capacity.prefer;
    if (preference == CAPACITY_SPOT &&
        in_on_demand_share(pod->executor_id, rule->capacity.on_demand_percent)) {
        require = CAPACITY_ON_DEMAND;
        preference = CAPACITY_NONE;
    }
    if (rule->when == WHEN_ALWAYS) {
        strip_selector(pod, rule);
        strip_required(&at, require, rule);
        strip_preferred(&at, preference, rule);
    }
    if (require == CAPACITY_ON_DEMAND) {
        require_not_spot(&at, rule);
    } else if (require == CAPACITY_SPOT) {
        require_spot(&at, rule);
    }
    if (preference == CAPACITY_SPOT) {
        prefer_spot(&at, rule);
    } else if (preference == CAPACITY_ON_DEMAND) {
        prefer(&at, json_copy(pod->edits->arena, not_spot_requirements), rule);
    }
    if (require == CAPACITY_SPOT || preference != CAPACITY_NONE) {
        tolerate_spot(pod, rule);
    }
}
