/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h - the life of the server, from the first file to the last connection.
 *
 *     load ──> serving ──SIGTERM──> lame ──drain delay──> draining ──> end
 *                 │  SIGHUP: reload      SIGINT: at once      │
 *                 └──────────────────SIGINT───────────────────┘
 *
 * serving: both ports answer. lame: /readyz says 503, all else goes on, while the
 * endpoint is taken out of the Service. draining: answers ask clients to go.
 * The calling thread becomes the housekeeping thread: signals, changed files, time.
 * Thread-safety: call once, with no other thread running.
 */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "server/listen.h"

struct serve_config {
    const char *const *policy_paths;
    size_t policy_path_count;
    const char *cert_file;
    const char *key_file;
    struct address listen;
    struct address admin_listen;
    size_t threads;
    size_t max_body;
    size_t max_connections;
    size_t max_buffered;
    int64_t stall_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t drain_delay_ms;
    int64_t drain_timeout_ms;
};

/* Returns when the server has ended as it was told to, or with an error when it cannot start. */
enum err_code serve(const struct serve_config *config, struct err *e);

#endif
