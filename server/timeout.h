/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeout.h - how long a client will wait for its answer, by its own word.
 *
 * The API server adds "timeout=10s" to the query of a webhook's call. An answer that comes
 * later than that is worth nothing to it.
 * Thread-safety: pure functions.
 */
#ifndef SERVER_TIMEOUT_H
#define SERVER_TIMEOUT_H

#include <stddef.h>
#include <stdint.h>

/* The API server's own default. */
enum { TIMEOUT_DEFAULT_MS = 10000 };

/*
 * In milliseconds. @query is what follows "?", not NUL-terminated; NULL: there is none. The
 * first "timeout" counts; when there is none, or it is no duration over zero, the default does.
 */
int64_t timeout_of_query(const char *query, size_t len);

#endif
