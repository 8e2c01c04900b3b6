/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/node_affinity.h"

#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "webhook/pod.h"

void node_affinity_find(struct spark_pod *pod, struct node_affinity *out)
{
    out->selector = place_member(&pod->spec, "nodeSelector");
    out->affinity = place_member(&pod->spec, "affinity");
    out->node_affinity = place_member(&out->affinity, "nodeAffinity");
    out->required =
        place_member(&out->node_affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    out->terms = place_member(&out->required, "nodeSelectorTerms");
    out->preferred =
        place_member(&out->node_affinity, "preferredDuringSchedulingIgnoredDuringExecution");
}

/*
 * What the user said.
 */

static bool is_one_of(const char *const *keys, const char *key)
{
    for (; key != NULL && *keys != NULL; keys++) {
        if (strcmp(*keys, key) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_about(const struct json *requirement, const char *const *keys)
{
    return is_one_of(keys, json_string(json_get(requirement, "key")));
}

static bool term_names(const struct json *term, const char *const *keys)
{
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (is_about(r, keys)) {
            return true;
        }
    }
    return false;
}

bool node_affinity_names(const struct node_affinity *at, const char *const *keys)
{
    for (const struct json *m = json_first(at->selector.node); m != NULL; m = json_next(m)) {
        if (is_one_of(keys, json_key(m))) {
            return true;
        }
    }
    for (const struct json *t = json_first(at->terms.node); t != NULL; t = json_next(t)) {
        if (term_names(t, keys)) {
            return true;
        }
    }
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (term_names(json_get(p, "preference"), keys)) {
            return true;
        }
    }
    return false;
}

/*
 * Terms.
 */

struct json *node_affinity_requirement(struct arena *a, const char *key, const char *operator,
                                       const char * value)
{
    struct json *requirement = json_new_object(a);
    struct json *values = json_new_array(a);
    bool ok = json_append(values, json_new_string_ref(a, value)) &&
              json_add(requirement, "key", json_new_string_ref(a, key)) &&
              json_add(requirement, "operator", json_new_string_ref(a, operator)) &&
              json_add(requirement, "values", values);
    return ok ? requirement : NULL;
}

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

void node_affinity_require_all(struct node_affinity *at, const struct json *requirements,
                               const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    if (requirements == NULL || json_first(at->terms.node) == NULL) {
        struct json *terms = json_new_array(a);
        bool ok =
            requirements != NULL && json_append(terms, term_of(a, json_copy(a, requirements)));
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
        for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
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

void node_affinity_require_any(struct node_affinity *at, const struct json *requirements,
                               const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    struct json *terms = json_new_array(a);
    const struct json *users = json_first(at->terms.node);
    bool ok = true;
    do {
        if (users != NULL && (matches_nothing(users) || term_has_any(users, requirements))) {
            ok = ok && json_append(terms, json_copy(a, users));
        } else {
            for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
                ok = ok && json_append(terms, term_and(a, users, r));
            }
        }
        users = users == NULL ? NULL : json_next(users);
    } while (users != NULL);
    edit_set(&at->terms, ok ? terms : NULL, rule);
}

void node_affinity_prefer(struct node_affinity *at, const struct json *requirements, int64_t weight,
                          const struct rule *rule)
{
    struct arena *a = at->preferred.edits->arena;
    struct json *preference = requirements == NULL ? NULL : term_of(a, json_copy(a, requirements));
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (preference != NULL && json_covers(json_get(p, "preference"), preference)) {
            return;
        }
    }
    struct json *term = json_new_object(a);
    bool ok = json_add(term, "weight", json_new_int(a, weight)) &&
              json_add(term, "preference", preference);
    edit_append(&at->preferred, ok ? term : NULL, rule);
}

/*
 * Removing what is not ours.
 */

static bool is_foreign(const struct json *requirement, const char *const *keys,
                       const struct json *own)
{
    return is_about(requirement, keys) && !list_has(own, requirement);
}

static bool has_foreign(const struct json *term, const char *const *keys, const struct json *own)
{
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (is_foreign(r, keys, own)) {
            return true;
        }
    }
    return false;
}

/* @term without its requirements on these labels; NULL when out of memory. */
static struct json *strip_term(struct arena *a, const struct json *term, const char *const *keys)
{
    struct json *expressions = json_new_array(a);
    const struct json *requirements = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(requirements); r != NULL; r = json_next(r)) {
        if (!is_about(r, keys) && !json_append(expressions, json_copy(a, r))) {
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

/* Alternatives that asked for nothing else leave nothing that is required. */
static void strip_required(struct node_affinity *at, const char *const *keys,
                           const struct json *own, const struct rule *rule)
{
    struct arena *a = at->terms.edits->arena;
    struct json *terms = json_new_array(a);
    bool is_foreign_there = false;
    bool is_open = false;
    bool ok = true;
    for (const struct json *t = json_first(at->terms.node); t != NULL; t = json_next(t)) {
        struct json *stripped = strip_term(a, t, keys);
        is_foreign_there = is_foreign_there || has_foreign(t, keys, own);
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

static void strip_preferred(struct node_affinity *at, const char *const *keys,
                            const struct json *own, const struct rule *rule)
{
    struct arena *a = at->preferred.edits->arena;
    struct json *kept = json_new_array(a);
    bool is_foreign_there = false;
    bool ok = true;
    for (const struct json *p = json_first(at->preferred.node); p != NULL; p = json_next(p)) {
        if (has_foreign(json_get(p, "preference"), keys, own)) {
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

void node_affinity_strip_selector(struct node_affinity *at, const char *const *keys,
                                  const struct rule *rule)
{
    for (; *keys != NULL; keys++) {
        struct place label = place_member(&at->selector, *keys);
        edit_remove(&label, rule);
    }
}

void node_affinity_strip(struct node_affinity *at, const char *const *keys,
                         const struct json *own_required, const struct json *own_preferred,
                         const struct rule *rule)
{
    strip_required(at, keys, own_required, rule);
    strip_preferred(at, keys, own_preferred, rule);
}
