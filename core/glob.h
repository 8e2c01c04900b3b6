/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - name patterns: "*" stands for any run of characters, "?" for one.
 *
 * The whole text must match; there is no escape and no other special character.
 * A character is a byte: what Kubernetes names is ASCII.
 * Matching takes time linear in text × pattern at worst, never exponential.
 * Thread-safety: pure functions.
 */
#ifndef CORE_GLOB_H
#define CORE_GLOB_H

#include <stdbool.h>

bool glob_matches(const char *pattern, const char *text);

/* True when some text matches both patterns. */
bool glob_intersects(const char *x, const char *y);

#endif
