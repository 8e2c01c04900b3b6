/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    LINGER_MS = 2000,
    LINGERING_MAX = 64, /* connections a loop */
};

static void linger_end(struct lingering *l)
{
    l->loop->lingering_count--;
    h2o_linklist_unlink(&l->link);
    h2o_socket_close(l->sock);
    free(l);
}

static void on_linger_read(h2o_socket_t *sock, const char *err)
{
    if (err != NULL) {
        linger_end(sock->data);
        return;
    }
    h2o_buffer_consume(&sock->input, sock->input->size);
}

/*
 * Closing a socket whose client is still sending resets it, and the client may never read why.
 * H2O closes at once, so a duplicate of the descriptor keeps the connection and swallows the rest.
 */
void linger_start(struct loop *loop, h2o_socket_t *closing)
{
    if (loop->lingering_count == LINGERING_MAX) {
        return;
    }
    int fd = fcntl(h2o_socket_get_fd(closing), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    struct lingering *l = h2o_mem_alloc(sizeof(*l));
    *l = (struct lingering){.loop = loop,
                            .sock = h2o_evloop_socket_create(loop->context.loop, fd, 0),
                            .until_ms = now_ms() + LINGER_MS};
    l->sock->data = l;
    h2o_linklist_insert(&loop->lingering, &l->link);
    loop->lingering_count++;
    h2o_socket_read_start(l->sock, on_linger_read);
}

/* By the first tick H2O has written its farewell, so the client may be told that this was all. */
void linger_sweep(struct loop *loop, int64_t now)
{
    for (h2o_linklist_t *i = loop->lingering.next; i != &loop->lingering;) {
        struct lingering *l = OWNER_OF(struct lingering, link, i);
        i = i->next;
        if (now >= l->until_ms) {
            linger_end(l);
        } else if (!l->is_shut) {
            l->is_shut = true;
            (void)shutdown(h2o_socket_get_fd(l->sock), SHUT_WR);
        }
    }
}
