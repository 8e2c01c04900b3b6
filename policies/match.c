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

static bool matches(const struct match *m, const struct subject *s)
{
    return (m->roles & s->role) != 0 &&
           (m->namespaces == NULL || any_matches(m->namespaces, s->namespace)) &&
           (m->exclude_namespaces == NULL || !any_matches(m->exclude_namespaces, s->namespace)) &&
           (m->selector == NULL || (!s->hides_labels && selector_matches(m->selector, s->labels)));
}

bool scope_has(enum scope scope, const struct policy *policy)
{
    return scope == SCOPE_ALL || (scope == SCOPE_ENFORCED && policy->mode == MODE_ENFORCE);
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
    struct waiver *waivers;
    struct waiver **waivers_end;
    bool failed;
};

/* The exception that takes away the rule of this index; NULL: none does. */
static const struct exception *waived_by(const struct policy *p, size_t rule,
                                         const struct subject *s)
{
    for (size_t i = 0; i < p->exception_count; i++) {
        const struct exception *x = p->exceptions[i];
        if (x->waives[rule] && s->now < x->expires && matches(&x->match, s)) {
            return x;
        }
    }
    return NULL;
}

static void note_waiver(struct choice *c, struct arena *a, const struct rule *rule,
                        const struct exception *exception)
{
    struct waiver *w = arena_alloc(a, sizeof(*w));
    if (w == NULL) {
        c->failed = true;
        return;
    }
    *w = (struct waiver){.rule = rule, .exception = exception};
    *c->waivers_end = w;
    c->waivers_end = &w->next;
}

/* Policies come by falling priority, so the first rule of a slot wins. */
static void choose(struct choice *c, struct arena *a, const struct policy *p,
                   const struct subject *s)
{
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct rule *rule = &p->rules[i];
        if (!rule_matches(rule, s)) {
            continue;
        }
        const struct rule *winner = c->winners[rule->slot];
        const struct exception *exception = waived_by(p, i, s);
        if (exception != NULL) {
            if (winner == NULL) {
                note_waiver(c, a, rule, exception);
            }
            continue;
        }
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

bool plan_build(struct arena *a, const struct policy_set *set, enum scope scope,
                const struct subject *subject, struct plan *out)
{
    const struct policy **matching =
        arena_alloc(a, (set->count + 1) * sizeof(const struct policy *));
    if (matching == NULL) {
        return false;
    }
    size_t matching_count = 0;
    size_t most = 1;
    bool is_monitored = false;
    for (size_t i = 0; i < set->count; i++) {
        const struct policy *p = &set->policies[i];
        if (!matches(&p->match, subject)) {
            continue;
        }
        if (scope_has(scope, p)) {
            matching[matching_count++] = p;
            most += p->rule_count;
        } else {
            is_monitored = true;
        }
    }
    struct choice c = {
        .winners = arena_zalloc(a, (set->slot_count + 1) * sizeof(const struct rule *)),
        .in_order = arena_alloc(a, most * sizeof(const struct rule *)),
        .losers = arena_alloc(a, most * sizeof(struct loser)),
    };
    c.waivers_end = &c.waivers;
    const struct rule **rules = arena_alloc(a, most * sizeof(const struct rule *));
    if (c.winners == NULL || c.in_order == NULL || c.losers == NULL || rules == NULL) {
        return false;
    }
    for (size_t i = 0; i < matching_count; i++) {
        choose(&c, a, matching[i], subject);
    }
    if (c.failed) {
        return false;
    }
    sort_by_kind(&c, rules);
    *out = (struct plan){.rules = rules,
                         .count = c.count,
                         .losers = c.losers,
                         .loser_count = c.loser_count,
                         .waivers = c.waivers,
                         .is_monitored = is_monitored};
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
