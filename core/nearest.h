/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest.h - "did you mean": is one name another one mistyped?
 *
 * Thread-safety: a search belongs to one caller.
 */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *typed;
    const char *name; /* the nearest so far, NULL while none is near */
    size_t distance;
};

/* Compares one more name: edits are insertions, deletions, replacements and swaps of neighbours. */
void nearest_try(struct nearest *n, const char *name);

#endif
