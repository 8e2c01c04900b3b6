/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy.h"

#include "core/arena.h"

const char *rule_kind_name(enum rule_kind kind)
{
    static const char *const names[] = {
#define X(kind, name) name,
        RULE_KINDS(X)
#undef X
    };
    return (size_t)kind < RULE_KIND_COUNT ? names[kind] : "unknown";
}

bool rule_kind_is_requirement(enum rule_kind kind)
{
    switch (kind) {
#define X(kind, name) case kind:
        RULE_REQUIREMENTS(X)
#undef X
        return true;
    default:
        return false;
    }
}

void policy_set_destroy(struct policy_set *set)
{
    if (set != NULL) {
        arena_destroy(set->arena); /* the set itself lives in it */
    }
}
