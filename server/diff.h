/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.h - what the policies would do to an object, as a person wants to read it.
 *
 * One paragraph for each change: where, by which rule of which policy, and the
 * lines that go and come, in YAML. Then the rules that another policy outranked or an
 * exception took away, and what is denied, warned of or only audited.
 * Thread-safety: pure.
 */
#ifndef SERVER_DIFF_H
#define SERVER_DIFF_H

#include <stdbool.h>

struct buf;
struct evaluation;

/* @ev: of a Spark pod, mutated and checked. @colour: with ANSI escapes. */
void diff_print(struct buf *b, const struct evaluation *ev, bool colour);

#endif
