/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/set.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/image.h"
#include "policies/compile.h"
#include "policies/exceptions.h"
#include "policies/overlap.h"
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

/* Rules by their places: file, line, column. */
static int compare_rules(const struct draft_rule *x, const struct draft_rule *y)
{
    int order = strcmp(x->draft->policy.file, y->draft->policy.file);
    order = order != 0 ? order : compare_numbers(x->rule.line, y->rule.line);
    return order != 0 ? order : compare_numbers(x->rule.column, y->rule.column);
}

/* Rules of one slot stand together, in the order of their places. */
static int by_slot(const void *x, const void *y)
{
    const struct draft_rule *const *a = x;
    const struct draft_rule *const *b = y;
    int order = strcmp((*a)->slot, (*b)->slot);
    return order != 0 ? order : compare_rules(*a, *b);
}

/* Volumes come first, and those at one path stand together, in the order of their places. */
static int by_mount_path(const void *x, const void *y)
{
    const struct draft_rule *const *a = x;
    const struct draft_rule *const *b = y;
    bool is_volume = (*a)->rule.kind == RULE_VOLUME;
    if (is_volume != ((*b)->rule.kind == RULE_VOLUME)) {
        return is_volume ? -1 : 1;
    }
    int order = is_volume ? strcmp((*a)->rule.volume.mount_path, (*b)->rule.volume.mount_path) : 0;
    return order != 0 ? order : compare_rules(*a, *b);
}

static bool collect(struct all *all, const struct drafts *drafts)
{
    for (struct draft *d = drafts->first; d != NULL; d = d->next) {
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
    for (struct draft *d = drafts->first; d != NULL; d = d->next) {
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

static bool is_off(const struct draft *d)
{
    return d->policy.mode == MODE_OFF;
}

/* Can the rules of @x and @y be for the same pod, and do both have an effect? */
static bool may_meet(const struct draft_rule *x, const struct draft_rule *y)
{
    bool same_pods =
        (x->rule.roles & y->rule.roles) != 0 && (x->rule.local_dirs & y->rule.local_dirs) != 0;
    bool same_policy = x->draft == y->draft;
    return same_pods &&
           (same_policy || (!is_off(x->draft) && !is_off(y->draft) &&
                            !matches_exclude(&x->draft->policy.match, &y->draft->policy.match)));
}

static void find_tie(struct all *all, const struct draft_rule *first,
                     const struct draft_rule *later)
{
    const struct policy *x = &first->draft->policy;
    const struct policy *y = &later->draft->policy;
    report_add(all->report, y->file, later->rule.line, later->rule.column,
               "%s of policy \"%s\" and %s of policy \"%s\" (%s:%zu) decide the same with the "
               "same priority %lld, and a pod may match both; give one of them another priority",
               later->rule.name, y->name, first->rule.name, x->name, x->file, first->rule.line,
               (long long)x->priority);
}

/* Two rules of one slot, the later one second. True when there is something wrong with them. */
static bool check_pair(struct all *all, const struct draft_rule *first,
                       const struct draft_rule *later)
{
    const struct policy *x = &first->draft->policy;
    const struct policy *y = &later->draft->policy;
    if (!may_meet(first, later)) {
        return false;
    }
    bool is_same_name = strcmp(first->rule.name, later->rule.name) == 0;
    if (x == y && is_same_name) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s is in line %zu of the same policy already, for the same pods",
                   later->rule.name, first->rule.line);
    } else if (x == y) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s and %s of line %zu decide the same, for the same pods; leave one out",
                   later->rule.name, first->rule.name, first->rule.line);
    } else if (x->priority == y->priority) {
        find_tie(all, first, later);
    } else if (first->rule.kind == RULE_VOLUME && later->rule.kind == RULE_VOLUME &&
               strcmp(first->rule.volume.mount_path, later->rule.volume.mount_path) != 0) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s is mounted at %s, but at %s by policy \"%s\" (%s:%zu), and a pod may match "
                   "both; give one of them another name, or both the same path",
                   later->rule.name, later->rule.volume.mount_path, first->rule.volume.mount_path,
                   x->name, x->file, first->rule.line);
    } else {
        return false;
    }
    return true;
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
        /* One mistake a rule: of many policies, each pair would be too many. */
        bool is_wrong = false;
        for (size_t k = start; k < i && !is_wrong; k++) {
            is_wrong = check_pair(all, all->rules[k], all->rules[i]);
        }
    }
    return all->rule_count == 0 ? 0 : slots + 1;
}

/* Two volumes at one path, the later one second. */
static void check_mounts(struct all *all, const struct draft_rule *first,
                         const struct draft_rule *later)
{
    const struct policy *x = &first->draft->policy;
    const struct policy *y = &later->draft->policy;
    if (strcmp(first->slot, later->slot) == 0 || !may_meet(first, later)) {
        return;
    }
    if (x == y) {
        report_add(all->report, y->file, later->rule.line, later->rule.column,
                   "%s is mounted at %s, where %s of line %zu is already", later->rule.name,
                   later->rule.volume.mount_path, first->rule.name, first->rule.line);
        return;
    }
    report_add(all->report, y->file, later->rule.line, later->rule.column,
               "%s is mounted at %s, where %s of policy \"%s\" (%s:%zu) is already, and a pod may "
               "match both; give one of them another path, or both the same name",
               later->rule.name, later->rule.volume.mount_path, first->rule.name, x->name, x->file,
               first->rule.line);
}

/* Slots tell volumes apart by name; a path is something that they can quarrel about besides. */
static void check_volumes(struct all *all)
{
    qsort(all->rules, all->rule_count, sizeof(struct draft_rule *), by_mount_path);
    size_t start = 0; /* of the volumes at the same path */
    for (size_t i = 0; i < all->rule_count && all->rules[i]->rule.kind == RULE_VOLUME; i++) {
        const char *path = all->rules[i]->rule.volume.mount_path;
        if (strcmp(all->rules[start]->rule.volume.mount_path, path) != 0) {
            start = i;
        }
        for (size_t k = start; k < i; k++) {
            check_mounts(all, all->rules[k], all->rules[i]);
        }
    }
}

/* Does @again rewrite what comes out of @first? They may be one and the same. */
static bool check_rewrite(struct all *all, const struct draft_rule *first,
                          const struct draft_rule *again)
{
    const char *to = first->rule.rewrite.to;
    const char *from = again->rule.rewrite.from;
    if ((!image_begins_with(to, from) && !image_begins_with(from, to)) || !may_meet(first, again)) {
        return false;
    }
    report_add(all->report, first->draft->policy.file, first->rule.line, first->rule.column,
               "%s leads to %s, and %s of policy \"%s\" (%s:%zu) would rewrite that again; let it "
               "lead to where the images are in the end",
               first->rule.name, to, again->rule.name, again->draft->policy.name,
               again->draft->policy.file, again->rule.line);
    return true;
}

/* A pod is judged again with what came out: chains and circles would never come to an end. */
static void check_rewrites(struct all *all)
{
    for (size_t i = 0; i < all->rule_count; i++) {
        bool is_done = all->rules[i]->rule.kind != RULE_IMAGE_REWRITE;
        for (size_t k = 0; k < all->rule_count && !is_done; k++) {
            is_done = all->rules[k]->rule.kind == RULE_IMAGE_REWRITE &&
                      check_rewrite(all, all->rules[i], all->rules[k]);
        }
    }
}

/*
 * A pod is judged again with the labels it got: by /validate, and when webhooks are called anew.
 * Could the policy of @d match it the second time only, or the first time only?
 */
static void check_label(struct all *all, const struct draft_rule *label, const struct draft *d)
{
    const struct policy *setter = &label->draft->policy;
    const struct policy *p = &d->policy;
    if (is_off(d) || is_off(label->draft) ||
        !label_disturbs(&label->rule, &setter->match, &p->match)) {
        return;
    }
    report_add(all->report, setter->file, label->rule.line, label->rule.column,
               "%s changes what the selector of policy \"%s\" (%s:%zu) looks at, so a pod would "
               "match otherwise the next time; set another label, or let the policy match by "
               "namespaces or by a label that users set",
               label->rule.name, p->name, p->file, p->match.selector_line);
}

static void check_labels(struct all *all)
{
    for (size_t i = 0; i < all->draft_count; i++) {
        const struct draft *d = all->drafts[i];
        for (size_t k = 0; d->policy.match.selector != NULL && k < all->rule_count; k++) {
            if (all->rules[k]->rule.kind == RULE_LABEL) {
                check_label(all, all->rules[k], d);
            }
        }
    }
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

static void assemble_all(struct all *all, struct policy_set *set,
                         const struct exceptions *exceptions)
{
    bool ok = exceptions_assemble(exceptions, set);
    qsort(all->drafts, all->draft_count, sizeof(struct draft *), by_priority);
    struct policy *policies =
        arena_alloc(set->arena, (all->draft_count + 1) * sizeof(struct policy));
    ok = ok && policies != NULL;
    for (size_t i = 0; ok && i < all->draft_count; i++) {
        const struct draft *d = all->drafts[i];
        if (is_off(d)) {
            set->off_count++;
        } else {
            set->monitored_count += d->policy.mode == MODE_MONITOR ? 1 : 0;
            struct policy *p = &policies[set->count++];
            ok = assemble(set, p, d) && exceptions_assign(exceptions, d, set, p);
        }
    }
    set->policies = policies;
    if (!ok) {
        all->report->out_of_memory = true;
    }
}

void set_build(struct report *r, struct arena *work, const struct drafts *drafts,
               struct policy_set *set)
{
    struct all all = {.report = r, .work = work};
    if (!collect(&all, drafts)) {
        return;
    }
    check_names(&all);
    set->slot_count = settle_slots(&all);
    check_volumes(&all);
    check_labels(&all);
    check_rewrites(&all);
    struct exceptions exceptions = {.report = r, .work = work, .drafts = drafts};
    exceptions_settle(&exceptions);
    if (r->count == 0 && !r->out_of_memory) {
        assemble_all(&all, set, &exceptions);
    }
}
