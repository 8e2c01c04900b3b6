/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duration.h - durations as Go and Kubernetes write them ("90s", "1h30m", "250ms").
 *
 * Units ms, s, m, h; whole numbers; units in falling order, none twice; no
 * sign; "0" alone is zero. The longest is ten years of 365 days.
 * Thread-safety: pure functions.
 */
#ifndef CORE_DURATION_H
#define CORE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* False, @out_ms untouched, when @text is not a duration or is too long. */
bool duration_parse(const char *text, int64_t *out_ms);

#endif
