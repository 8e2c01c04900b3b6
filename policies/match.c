/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/match.h"

#include <string.h>

#include "core/arena.h"
#include "core/glob.h"

static bool any_matches(const char *const *globs, const char *text)
{
    for (; *globs != NULL; globs++) {
        if (glob_matches(*globs, text)) {
            return true;
        }
    }
    return false;
}

static bool policy_matches(const struct policy *p, const struct subject *s)
{
    return (p->roles & s->role) != 0 &&
           (p->namespaces == NULL || any_matches(p->namespaces, s->namespace)) &&
           (p->exclude_namespaces == NULL || !any_matches(p->exclude_namespaces, s->namespace)) &&
           (p->selector == NULL || (!s->hides_labels && selector_matches(p->selector, s->labels)));
}

static bool rule_matches(const struct rule *rule, const struct subject *s)
{
    unsigned target = s->target == 0 ? TARGET_POD : s->target;
    return (rule->targets & target) != 0 && (rule->roles & s->role) != 0 &&
           (rule->local_dirs & s->local_dirs) != 0;
}

/* A plan while it is made. Everything has room for all rules of the policies that match. */
struct choice {
    const struct rule **winners; /* by slot */
    const struct rule **in_order;
    size_t count;
    struct loser *losers;
    size_t loser_count;
    size_t of_kind[RULE_KIND_COUNT];
};

/* Policies come by falling priority, so the first rule of a slot wins. */
static void choose(struct choice *c, const struct policy *p, const struct subject *s)
{
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct rule *rule = &p->rules[i];
        if (!rule_matches(rule, s)) {
            continue;
        }
        const struct rule *winner = c->winners[rule->slot];
        if (winner != NULL) {
            c->losers[c->loser_count++] = (struct loser){.rule = rule, .winner = winner};
            continue;
        }
        c->winners[rule->slot] = rule;
        c->in_order[c->count++] = rule;
        c->of_kind[rule->kind]++;
    }
}

/* A counting sort: by kind, and within a kind in the order of policies and files. */
static void sort_by_kind(const struct choice *c, const struct rule **out)
{
    size_t place[RULE_KIND_COUNT];
    size_t sum = 0;
    for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++) {
        place[kind] = sum;
        sum += c->of_kind[kind];
    }
    for (size_t i = 0; i < c->count; i++) {
        out[place[c->in_order[i]->kind]++] = c->in_order[i];
    }
}

bool plan_build(struct arena *a, const struct policy_set *set, const struct subject *subject,
                struct plan *out)
{
    const struct policy **matching =
        arena_alloc(a, (set->count + 1) * sizeof(const struct policy *));
    if (matching == NULL) {
        return false;
    }
    size_t matching_count = 0;
    size_t most = 1;
    for (size_t i = 0; i < set->count; i++) {
        if (policy_matches(&set->policies[i], subject)) {
            matching[matching_count++] = &set->policies[i];
            most += set->policies[i].rule_count;
        }
    }
    struct choice c = {
        .winners = arena_zalloc(a, (set->slot_count + 1) * sizeof(const struct rule *)),
        .in_order = arena_alloc(a, most * sizeof(const struct rule *)),
        .losers = arena_alloc(a, most * sizeof(struct loser)),
    };
    const struct rule **rules = arena_alloc(a, most * sizeof(const struct rule *));
    if (c.winners == NULL || c.in_order == NULL || c.losers == NULL || rules == NULL) {
        return false;
    }
    for (size_t i = 0; i < matching_count; i++) {
        choose(&c, matching[i], subject);
    }
    sort_by_kind(&c, rules);
    *out = (struct plan){
        .rules = rules, .count = c.count, .losers = c.losers, .loser_count = c.loser_count};
    return true;
}

const struct rule *const *plan_rules(const struct plan *plan, enum rule_kind kind,
                                     size_t *out_count)
{
    size_t first = 0;
    while (first < plan->count && plan->rules[first]->kind < kind) {
        first++;
    }
    size_t end = first;
    while (end < plan->count && plan->rules[end]->kind == kind) {
        end++;
    }
    *out_count = end - first;
    return plan->rules + first;
}
