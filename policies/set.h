/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set.h - drafts to a policy set: what needs to see all policies at once. For load.c.
 *
 * Names are unique; within a policy no two rules decide the same field of the
 * same pods; between policies of equal priority neither, unless no pod can
 * match both. So the order of files cannot matter. At any priority volumes must not
 * quarrel about a path, and no label may be set that a selector looks at: a second pass
 * over a pod would change it again.
 * Thread-safety: as for a report.
 */
#ifndef POLICIES_SET_H
#define POLICIES_SET_H

#include <stddef.h>

struct arena;
struct drafts;
struct policy_set;
struct report;

/*
 * Fills counts, policies and exceptions of @set from its arena; drafts live in @work.
 * Mistakes and lack of memory go to the report; @set is of no use then.
 */
void set_build(struct report *r, struct arena *work, const struct drafts *drafts,
               struct policy_set *set);

#endif
