/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/set.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/glob.h"
#include "policies/compile.h"
#include "policies/report.h"

struct all {
    struct report *report;
    struct arena *work;
    struct draft **drafts;
    size_t draft_count;
    struct draft_rule **rules;
    size_t rule_count;
};

static int compare_numbers(size_t x, size_t y)
{
    return (x > y) - (x < y);
}

/* By place: file, line, column. */
static int compare_drafts(const struct draft *x, const struct draft *y)
{
    int order = strcmp(x->policy.file, y->policy.file);
    order = order != 0 ? order : compare_numbers(x->policy.line, y->policy.line);
    return order != 0 ? order : compare_numbers(x->policy.column, y->policy.column);
}

static int by_name(const void *x, const void *y)
{
    const struct draft *const *a = x;
    const struct draft *const *b = y;
    int order = strcmp((*a)->policy.name, (*b)->policy.name);
    return order != 0 ? order : compare_drafts(*a, *b);
}

static int by_priority(const void *x, const void *y)
{
    const struct draft *const *a = x;
    const struct draft *const *b = y;
    if ((*a)->policy.priority != (*b)->policy.priority) {
        return (*a)->policy.priority > (*b)->policy.priority ? -1 : 1;
    }
    return by_name(x, y);
}

/* Rules of one slot stand together, in the order of their places. */
static int by_slot(const void *x, const void *y)
{
    const struct draft_rule *const *a = x;
    const struct draft_rule *const *b = y;
    int order = strcmp((*a)->slot, (*b)->slot);
    order = order != 0 ? order : strcmp((*a)->draft->policy.file, (*b)->draft->policy.file);
    order = order != 0 ? order : compare_numbers((*a)->rule.line, (*b)->rule.line);
    return order != 0 ? order : compare_numbers((*a)->rule.column, (*b)->rule.column);
}

static bool collect(struct all *all, struct draft *drafts)
{
    for (struct draft *d = drafts; d != NULL; d = d->next) {
        all->draft_count++;
        all->rule_count += d->rule_count;
    }
    all->drafts = arena_alloc(all->work, (all->draft_count + 1) * sizeof(struct draft *));
    all->rules = arena_alloc(all->work, (all->rule_count + 1) * sizeof(struct draft_rule *));
    if (all->drafts == NULL || all->rules == NULL) {
        all->report->out_of_memory = true;
        return false;
    }
    size_t draft = 0;
    size_t rule = 0;
    for (struct draft *d = drafts; d != NULL; d = d->next) {
        all->drafts[draft++] = d;
        for (struct draft_rule *x = d->first; x != NULL; x = x->next) {
            all->rules[rule++] = x;
        }
    }
    return true;
}

static void check_names(struct all *all)
{
    qsort(all->drafts, all->draft_count, sizeof(struct draft *), by_name);
    for (size_t i = 1; i < all->draft_count; i++) {
        const struct policy *first = &all->drafts[i - 1]->policy;
        const struct draft *later = all->drafts[i];
        if (later->name != NULL && strcmp(first->name, later->policy.name) == 0) {
            report_add(all->report, later->policy.file, later->name->line, later->name->column,
                       "there is a policy \"%s\" already, in %s:%zu", first->name, first->file,
                       first->line);
        }
    }
}

/* True when @exclude matches all that @glob matches. Errs on the side of false. */
static bool covers(const char *exclude, const char *glob)
{
    if (strcmp(exclude, glob) == 0) {
        return true;
    }
    /* A '*' of the pattern takes in any wildcard of the other; a '?' could not take in a '*'. */
    bool comparable = strchr(exclude, '?') == NULL || strpbrk(glob, "*?") == NULL;
    return comparable && glob_matches(exclude, glob);
}

static bool excludes_all(const char *const *exclude, const char *const *globs)
{
    for (; *globs != NULL; globs++) {
        const char *const *x = exclude;
        while (*x != NULL && !covers(*x, *globs)) {
            x++;
        }
        if (*x == NULL) {
            return false;
        }
    }
    return true;
}

static bool any_intersect(const char *const *x, const char *const *y)
{
    for (; *x != NULL; x++) {
        for (const char *const *other = y; *other != NULL; other++) {
            if (glob_intersects(*x, *other)) {
                return true;
            }
        }
    }
    return false;
}

/* True when surely no namespace is one of both policies. */
static bool namespaces_differ(const struct policy *x, const struct policy *y)
{
    if (x->namespaces != NULL && y->namespaces != NULL &&
        !any_intersect(x->namespaces, y->namespaces)) {
        return true;
    }
    return (x->namespaces != NULL && y->exclude_namespaces != NULL &&
            excludes_all(y->exclude_namespaces, x->namespaces)) ||
           (y->namespaces != NULL && x->exclude_namespaces != NULL &&
            excludes_all(x->exclude_namespaces, y->namespaces));
}

/* True when no pod can match both policies. */
static bool are_exclusive(const struct policy *x, const struct policy *y)
{
    return namespaces_differ(x, y) || (x->selector != NULL && y->selector != NULL &&
                                       selector_excludes(x->selector, y->selector));
}

/* Two rules of one slot, the later one second. */
static void check_pair(struct all *all, const struct draft_rule *first,
                       const struct draft_rule *later)
{
    const struct policy *x = &first->draft->policy;
    const struct policy *y = &later->draft->policy;
    if ((first->rule.roles & later->rule.roles) == 0 ||
        (first->rule.local_dirs & later->rule.local_dirs) == 0) {
        return;
    }
    if (x == y) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s is in line %zu of the same policy already, for the same pods",
                   later->rule.name, first->rule.line);
        return;
    }
    bool tie = first->draft->enforced && later->draft->enforced && x->priority == y->priority;
    if (tie && !are_exclusive(x, y)) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s of policy \"%s\" and %s of policy \"%s\" (%s:%zu) decide the same with the "
                   "same priority %lld, and a pod may match both; give one of them another "
                   "priority",
                   later->rule.name, y->name, first->rule.name, x->name, x->file, first->rule.line,
                   (long long)x->priority);
    }
}

/* Numbers the slots and compares the rules of each. */
static size_t settle_slots(struct all *all)
{
    qsort(all->rules, all->rule_count, sizeof(struct draft_rule *), by_slot);
    size_t slots = 0;
    size_t start = 0; /* of the rules of the same slot */
    for (size_t i = 0; i < all->rule_count; i++) {
        if (strcmp(all->rules[start]->slot, all->rules[i]->slot) != 0) {
            start = i;
            slots++;
        }
        all->rules[i]->rule.slot = slots;
        for (size_t k = start; k < i; k++) {
            check_pair(all, all->rules[k], all->rules[i]);
        }
    }
    return all->rule_count == 0 ? 0 : slots + 1;
}

static bool assemble(struct policy_set *set, struct policy *to, const struct draft *d)
{
    struct rule *rules = arena_alloc(set->arena, (d->rule_count + 1) * sizeof(*rules));
    if (rules == NULL) {
        return false;
    }
    size_t n = 0;
    for (const struct draft_rule *x = d->first; x != NULL; x = x->next) {
        rules[n] = x->rule;
        rules[n++].policy = to;
    }
    *to = d->policy;
    to->rules = rules;
    to->rule_count = n;
    return true;
}

static void assemble_all(struct all *all, struct policy_set *set)
{
    qsort(all->drafts, all->draft_count, sizeof(struct draft *), by_priority);
    struct policy *policies =
        arena_alloc(set->arena, (all->draft_count + 1) * sizeof(struct policy));
    bool ok = policies != NULL;
    for (size_t i = 0; ok && i < all->draft_count; i++) {
        if (all->drafts[i]->enforced) {
            ok = assemble(set, &policies[set->count++], all->drafts[i]);
        } else {
            set->off_count++;
        }
    }
    set->policies = policies;
    if (!ok) {
        all->report->out_of_memory = true;
    }
}

void set_build(struct report *r, struct arena *work, struct draft *drafts, struct policy_set *set)
{
    struct all all = {.report = r, .work = work};
    if (!collect(&all, drafts)) {
        return;
    }
    check_names(&all);
    set->slot_count = settle_slots(&all);
    if (r->count == 0) {
        assemble_all(&all, set);
    }
}
