/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which rule decides each field of a pod: policy set + pod → plan.
 *
 * The result depends on priorities only, never on the order of files: ties are
 * refused at load.
 * Thread-safety: pure; the plan lives in the request's arena and borrows the set.
 */
#ifndef POLICIES_MATCH_H
#define POLICIES_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "policies/policy.h"

struct arena;

/* What a policy may look at. All borrowed. */
struct subject {
    const char *namespace;
    unsigned role;             /* one bit of enum role */
    unsigned local_dirs;       /* one bit of enum local_dirs */
    const struct json *labels; /* object of strings, or NULL */
    unsigned target;           /* one bit of enum target; 0: a pod */
    bool hides_labels; /* nobody knows the labels of its pod: policies with a selector do not match
                        */
};

/* A rule that matched but does not decide its field. */
struct loser {
    const struct rule *rule;
    const struct rule *winner;
};

struct plan {
    const struct rule *
        *rules; /* deciding rules, by kind, then in the order of their policies and files */
    size_t count;
    const struct loser *losers;
    size_t loser_count;
};

/* False when the arena's cap is reached; @out is untouched then. */
bool plan_build(struct arena *a, const struct policy_set *set, const struct subject *subject,
                struct plan *out);

/* Deciding rules of one kind: returns the first, @out_count says how many stand together. */
const struct rule *const *plan_rules(const struct plan *plan, enum rule_kind kind,
                                     size_t *out_count);

#endif
