/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlap.h - can one pod be for two policies? For set.c.
 *
 * Roles are not looked at, because rules have roles of their own.
 * Thread-safety: a pure function.
 */
#ifndef POLICIES_OVERLAP_H
#define POLICIES_OVERLAP_H

#include <stdbool.h>

struct policy;

/* True when surely no pod can match both, by its namespace or its labels. */
bool policies_exclude(const struct policy *x, const struct policy *y);

#endif
