/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/exceptions.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/nearest.h"
#include "policies/compile.h"
#include "policies/overlap.h"
#include "policies/report.h"

enum { QUOTED_MAX = 100 };

/* A finding about the value of @node, which is of @x. */
#define find(all, x, node, ...)                                                                    \
    report_add((all)->report, (x)->exception.file, (node)->line, (node)->column, __VA_ARGS__)

static int by_name(const void *a, const void *b)
{
    const struct exception *x = &(*(const struct exception_draft *const *)a)->exception;
    const struct exception *y = &(*(const struct exception_draft *const *)b)->exception;
    int order = strcmp(x->name, y->name);
    order = order != 0 ? order : strcmp(x->file, y->file);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static bool collect(struct exceptions *all)
{
    for (struct exception_draft *x = all->drafts->first_exception; x != NULL; x = x->next) {
        all->count++;
    }
    all->list = arena_alloc(all->work, (all->count + 1) * sizeof(struct exception_draft *));
    if (all->list == NULL) {
        all->report->out_of_memory = true;
        return false;
    }
    size_t n = 0;
    for (struct exception_draft *x = all->drafts->first_exception; x != NULL; x = x->next) {
        all->list[n++] = x;
    }
    qsort(all->list, n, sizeof(struct exception_draft *), by_name);
    return true;
}

static void check_names(const struct exceptions *all)
{
    for (size_t i = 1; i < all->count; i++) {
        const struct exception *first = &all->list[i - 1]->exception;
        const struct exception_draft *later = all->list[i];
        if (later->name != NULL && strcmp(first->name, later->exception.name) == 0) {
            find(all, later, later->name, "there is an exception \"%s\" already, in %s:%zu",
                 first->name, first->file, first->line);
        }
    }
}

static void find_nearest(const struct exceptions *all, const struct exception_draft *x,
                         const struct yaml_node *node, const char *what,
                         const struct nearest *nearest)
{
    bool is_near = nearest->name != NULL;
    find(all, x, node, "there is no %s \"%.*s\"%s%s%s", what, QUOTED_MAX, node->scalar,
         is_near ? "; did you mean \"" : "", is_near ? nearest->name : "", is_near ? "\"?" : "");
}

static void find_policy(const struct exceptions *all, struct exception_draft *x)
{
    struct nearest nearest = {.typed = x->policy->scalar};
    for (const struct draft *d = all->drafts->first; d != NULL; d = d->next) {
        if (strcmp(d->policy.name, x->policy->scalar) == 0) {
            x->from = d;
            return;
        }
        nearest_try(&nearest, d->policy.name);
    }
    find_nearest(all, x, x->policy, "policy", &nearest);
}

/* "labels" and "labels.cost-centre" both name the rule labels.cost-centre. */
static bool is_named(const struct rule *rule, const char *text)
{
    return strcmp(rule->name, text) == 0 || strcmp(rule_kind_name(rule->kind), text) == 0;
}

/* Marks what one item of spec.rules names. */
static void waive(const struct exceptions *all, struct exception_draft *x,
                  const struct yaml_node *item)
{
    struct nearest nearest = {.typed = item->scalar};
    bool is_known = false;
    bool is_reached = false;
    size_t i = 0;
    for (const struct draft_rule *d = x->from->first; d != NULL; d = d->next, i++) {
        if (is_named(&d->rule, item->scalar)) {
            is_known = true;
            is_reached = is_reached || (d->rule.roles & x->exception.match.roles) != 0;
            x->waives[i] = true;
        }
        nearest_try(&nearest, rule_kind_name(d->rule.kind));
        nearest_try(&nearest, d->rule.name);
    }
    if (!is_known) {
        const char *what =
            arena_printf(all->work, "rule in policy \"%s\" that is called", x->from->policy.name);
        find_nearest(all, x, item, what == NULL ? "rule" : what, &nearest);
    } else if (!is_reached) {
        find(all, x, item, "\"%.*s\" is not for pods of the role that spec.match.roles names",
             QUOTED_MAX, item->scalar);
    }
}

static void find_rules(const struct exceptions *all, struct exception_draft *x)
{
    x->waives = arena_zalloc(all->work, (x->from->rule_count + 1) * sizeof(bool));
    if (x->waives == NULL) {
        all->report->out_of_memory = true;
        return;
    }
    for (const struct yaml_node *item = x->rules->first; item != NULL; item = item->next) {
        if (item->kind == YAML_SCALAR) { /* the others have been found already */
            waive(all, x, item);
        }
    }
}

/* Is there a pod for both, and will it still be one when it is judged again? */
static void check_match(const struct exceptions *all, const struct exception_draft *x)
{
    const struct match *m = &x->exception.match;
    if (matches_exclude(m, &x->from->policy.match)) {
        find(all, x, x->policy, "no pod can match both this exception and policy \"%s\" (%s:%zu)",
             x->from->policy.name, x->from->policy.file, x->from->policy.line);
        return;
    }
    for (const struct draft *d = all->drafts->first; m->selector != NULL && d != NULL;
         d = d->next) {
        bool is_apart = d->policy.mode == MODE_OFF || x->from->policy.mode == MODE_OFF ||
                        matches_exclude(&d->policy.match, &x->from->policy.match);
        for (const struct draft_rule *r = d->first; !is_apart && r != NULL; r = r->next) {
            if (r->rule.kind == RULE_LABEL && label_disturbs(&r->rule, &d->policy.match, m)) {
                report_add(all->report, d->policy.file, r->rule.line, r->rule.column,
                           "%s changes what the selector of exception \"%s\" (%s:%zu) looks at, "
                           "so a pod would match otherwise the next time; set another label, or "
                           "let the exception match by namespaces or by a label that users set",
                           r->rule.name, x->exception.name, x->exception.file, m->selector_line);
            }
        }
    }
}

void exceptions_settle(struct exceptions *all)
{
    if (!collect(all)) {
        return;
    }
    check_names(all);
    for (size_t i = 0; i < all->count; i++) {
        struct exception_draft *x = all->list[i];
        if (x->policy == NULL) {
            continue;
        }
        find_policy(all, x);
        if (x->from == NULL) {
            continue;
        }
        check_match(all, x);
        if (x->rules != NULL) {
            find_rules(all, x);
        }
    }
}

bool exceptions_assemble(const struct exceptions *all, struct policy_set *set)
{
    struct exception *list = arena_alloc(set->arena, (all->count + 1) * sizeof(struct exception));
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < all->count; i++) {
        const struct exception_draft *x = all->list[i];
        bool *waives = arena_alloc(set->arena, x->from->rule_count + 1);
        ok = waives != NULL;
        if (ok) {
            memcpy(waives, x->waives, x->from->rule_count);
            list[i] = x->exception;
            list[i].policy = x->from->policy.name;
            list[i].waives = waives;
        }
    }
    set->exceptions = list;
    set->exception_count = all->count;
    return ok;
}

bool exceptions_assign(const struct exceptions *all, const struct draft *from,
                       const struct policy_set *set, struct policy *to)
{
    size_t n = 0;
    const struct exception **list =
        arena_alloc(set->arena, (all->count + 1) * sizeof(const struct exception *));
    for (size_t i = 0; list != NULL && i < all->count; i++) {
        if (all->list[i]->from == from) {
            list[n++] = &set->exceptions[i];
        }
    }
    to->exceptions = list;
    to->exception_count = n;
    return list != NULL;
}
