/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - what the server knows about its own state, for people and probes.
 *
 * Written by the housekeeping thread when something changes, read by the admin
 * port; the request path never comes here, so a lock does no harm.
 * Keeps the matching gauges of core/metrics.h in step.
 * Thread-safety: all functions, from any thread.
 */
#ifndef SERVER_STATUS_H
#define SERVER_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct status;

struct status *status_create(void); /* NULL when out of memory */
void status_destroy(struct status *s);

/* Good policies are in force from now on; forgets an error. */
void status_set_policies(struct status *s, size_t policies, size_t monitored, size_t files);

/* Exceptions from them: how many, how many are over, and the first that ends or did. */
struct status_exceptions {
    size_t count, expired;
    const char *name; /* copied; NULL: there are none */
    int64_t expires;  /* seconds since 1970 */
};
void status_set_exceptions(struct status *s, const struct status_exceptions *exceptions);

/* What is on disk was refused: @text is copied. The last good ones stay in force. */
void status_set_policies_error(struct status *s, const char *text);

/* The same for the certificate. @not_after: seconds since 1970. */
void status_set_certificate(struct status *s, int64_t not_after);
void status_set_certificate_error(struct status *s, const char *text);

/* No further traffic is wanted. There is no way back. */
void status_set_draining(struct status *s);

/* True while the server wants traffic. An old policy or certificate is still one. */
bool status_is_ready(struct status *s);

/* One line for each part: "[+]" is well, "[-]" is not. */
void status_print(struct status *s, struct buf *b);

#endif
