/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which rule decides each field of a pod: policy set + pod → plan.
 *
 * Policies that have no say in a plan (monitored ones in what is enforced) are as if they did
 * not exist, and so are rules that an exception takes away.
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
    bool hides_labels;         /* nobody knows the labels of its pod: no selector matches */
    int64_t now;               /* seconds since 1970: exceptions end */
};

/* Which policies have a say. */
enum scope {
    SCOPE_ENFORCED,
    SCOPE_ALL,  /* monitored ones too: what would be if they were enforced */
    SCOPE_NONE, /* all are monitored */
};

bool scope_has(enum scope scope, const struct policy *policy);

/* A rule that matched but does not decide its field. */
struct loser {
    const struct rule *rule;
    const struct rule *winner;
};

/* A rule that would have mattered, had an exception not taken it away. */
struct waiver {
    struct waiver *next;
    const struct rule *rule;
    const struct exception *exception;
};

struct plan {
    const struct rule *
        *rules; /* deciding rules, by kind, then in the order of their policies and files */
    size_t count;
    const struct loser *losers;
    size_t loser_count;
    const struct waiver *waivers; /* in the order of policies and files */
    bool is_monitored;            /* a policy that has no say matches the pod, too */
};

/* False when the arena's cap is reached; @out is untouched then. */
bool plan_build(struct arena *a, const struct policy_set *set, enum scope scope,
                const struct subject *subject, struct plan *out);

/* Deciding rules of one kind: returns the first, @out_count says how many stand together. */
const struct rule *const *plan_rules(const struct plan *plan, enum rule_kind kind,
                                     size_t *out_count);

#endif
