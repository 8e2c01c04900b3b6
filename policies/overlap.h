/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlap.h - can one pod be for two policies, or for a policy and an exception?
 *
 * For set.c and exceptions.c. Roles are not looked at, because rules have roles of their own.
 * Thread-safety: a pure function.
 */
#ifndef POLICIES_OVERLAP_H
#define POLICIES_OVERLAP_H

#include <stdbool.h>

struct match;
struct rule;

/* True when surely no pod can match both, by its namespace or its labels. */
bool matches_exclude(const struct match *x, const struct match *y);

/*
 * Whether the selector of @m, which has one, looks at a label that @label sets on pods which
 * @m may be for as well. @setter: what the policy of the label is for.
 */
bool label_disturbs(const struct rule *label, const struct match *setter, const struct match *m);

#endif
