/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.h - addresses to listen on, and listening sockets.
 *
 * Thread-safety: pure functions but for the socket they make.
 */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/err.h"

enum { ADDRESS_TEXT_MAX = 64 };

struct address {
    struct sockaddr_storage sockaddr;
    socklen_t len;
};

/* "127.0.0.1:8443", "[::]:8443" or ":8443" (every IPv4 address). False when it is none of them. */
bool address_parse(const char *text, struct address *out);

/* The same form back. */
void address_print(const struct address *a, char out[static ADDRESS_TEXT_MAX]);

/*
 * Opens @count sockets that listen on the same address and among which the kernel spreads new
 * connections. Port 0 is chosen by the kernel; *@out_bound says which it became. Fails when
 * another process listens there, also one that would share.
 * @user_timeout_ms: unsent or unacknowledged data older than that ends an accepted connection.
 * @out_fds: @count descriptors, the caller's on success only.
 */
enum err_code listen_open(const struct address *a, size_t count, unsigned user_timeout_ms,
                          int *out_fds, struct address *out_bound, struct err *e);

#endif
