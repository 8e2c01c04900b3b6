/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - time that only goes forward, for deadlines and durations.
 *
 * Thread-safety: any thread.
 */
#ifndef SERVER_CLOCK_H
#define SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static inline int64_t now_ms(void)
{
    return (int64_t)(now_ns() / 1000000U);
}

#endif
