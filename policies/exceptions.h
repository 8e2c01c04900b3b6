/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exceptions.h - from which policy and which of its rules an exception is. For set.c.
 *
 * An exception may stand in another file than its policy, so this is done when all
 * documents are known. Names are unique, the policy and its rules exist, some pod can be for
 * both, and no policy may set a label that the selector of an exception looks at.
 * Ownership: drafts live in work memory, what is assembled in the arena of the set.
 * Thread-safety: as for a report.
 */
#ifndef POLICIES_EXCEPTIONS_H
#define POLICIES_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct draft;
struct drafts;
struct exception_draft;
struct policy;
struct policy_set;
struct report;

struct exceptions {
    struct report *report;
    struct arena *work;
    const struct drafts *drafts;
    struct exception_draft **list; /* by name; set by exceptions_settle() */
    size_t count;
};

/* Finds policies and rules. Mistakes and lack of memory go to the report. */
void exceptions_settle(struct exceptions *all);

/* Once there are no mistakes: all exceptions, and those of one policy. False when out of memory. */
bool exceptions_assemble(const struct exceptions *all, struct policy_set *set);
bool exceptions_assign(const struct exceptions *all, const struct draft *from,
                       const struct policy_set *set, struct policy *to);

#endif
