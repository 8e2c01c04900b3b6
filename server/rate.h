/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate.h - so many a second and no more: for lines in the log that a review may cause.
 *
 * Thread-safety: a rate belongs to one thread.
 */
#ifndef SERVER_RATE_H
#define SERVER_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
    int64_t second; /* the one that is being counted */
    uint64_t taken; /* in it */
    uint64_t skipped;
};

/*
 * True when there is one left in the second @now. @out_skipped: how many were refused since
 * the last one that was not.
 */
bool rate_take(struct rate *r, uint64_t most, int64_t now, uint64_t *out_skipped);

#endif
