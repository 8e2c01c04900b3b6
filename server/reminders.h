/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reminders.h - says in time that exceptions from policies end, and when they have.
 *
 * They end by themselves: this is for people. In the last seven days there is a line in the log
 * each day, and one when the exception has expired.
 * Thread-safety: belongs to the housekeeping thread.
 */
#ifndef SERVER_REMINDERS_H
#define SERVER_REMINDERS_H

#include <stdint.h>
#include <stdio.h>

struct policy_set;
struct status;

struct reminders {
    int64_t told; /* when the log was brought up to date, seconds since 1970; 0: not for this set */
};

/* Brings log and @status up to date. Both times are seconds since 1970. */
void reminders_run(struct reminders *r, const struct policy_set *set, struct status *status,
                   int64_t now);

/* The same for sparkward check: a hint for each exception that has expired or soon will. */
void reminders_print(FILE *to, const struct policy_set *set, int64_t now);

#endif
