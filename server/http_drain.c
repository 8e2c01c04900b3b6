/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <sys/socket.h>
#include <unistd.h>

enum { GRACE_MS = 1000 }; /* for requests that have begun when draining is over */

void drain_start(struct loop *loop, int64_t deadline_ms)
{
    if (loop->stage == STAGE_SERVING) {
        loop->stage = STAGE_DRAINING;
        h2o_context_request_shutdown(&loop->context);
    }
    loop->deadline_ms = deadline_ms;
}

/* Connections whose handshake the kernel has finished would be reset with the listener. */
static void close_listener(struct loop *loop)
{
    if (loop->listener == NULL) {
        return;
    }
    for (;;) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(loop->listener);
        if (sock == NULL) {
            break;
        }
        connection_add(loop, sock);
    }
    h2o_socket_close(loop->listener);
    loop->listener = NULL;
}

/* Whatever has arrived by now is still read and answered; then H2O sees the end and closes. */
static void release(struct connection *c)
{
    if (!c->is_released) {
        c->is_released = true;
        (void)shutdown(h2o_socket_get_fd(c->sock), SHUT_RD);
    }
}

static void release_all(struct loop *loop, int64_t now)
{
    bool is_over = now >= loop->deadline_ms + GRACE_MS;
    for (h2o_linklist_t *l = loop->connections.next; l != &loop->connections; l = l->next) {
        struct connection *c = OWNER_OF(struct connection, link, l);
        if (!connection_is_busy(c, now)) {
            release(c);
        } else if (is_over && !c->is_cut) {
            connection_cut(c, METRIC_CONNECTIONS_STALLED);
        }
    }
    if (is_over) {
        linger_sweep(loop, INT64_MAX);
    }
}

static void report_done(struct loop *loop)
{
    struct http_server *s = loop->server;
    if (atomic_fetch_sub_explicit(&s->not_done, 1, memory_order_acq_rel) == 1) {
        const uint64_t one = 1;
        (void)!write(s->done_fd, &one, sizeof(one));
    }
}

void drain_advance(struct loop *loop)
{
    int64_t now = now_ms();
    if (loop->stage == STAGE_DRAINING) {
        /* The listener closes at the deadline, however busy: the grace is for what it let in. */
        if (loop->connection_count > 0 && now < loop->deadline_ms) {
            return;
        }
        close_listener(loop);
        loop->stage = STAGE_CLOSING;
    }
    if (loop->stage == STAGE_CLOSING) {
        release_all(loop, now);
        if (loop->connection_count == 0 && loop->lingering_count == 0) {
            loop->stage = STAGE_DONE;
            report_done(loop);
        }
    }
}
