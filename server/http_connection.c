/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/log.h"

enum {
    ACCEPT_BATCH = 16,     /* connections taken before other events get their turn */
    ACCEPT_RETRY_MS = 500, /* after the process ran out of descriptors or memory */
    NEWCOMER_MS = 1000,    /* so long a connection may take to its first request when closing */
};

static void on_close(void *data)
{
    struct connection *c = data;
    c->loop->connection_count--;
    h2o_linklist_unlink(&c->link);
    if (c->loop->server->config.is_measured) {
        metrics_add(METRIC_CONNECTIONS_CLOSED, 1);
    }
    free(c);
}

/* A request whose bytes have come is in the buffer until its answer is written. */
static bool has_request(const struct connection *c)
{
    return c->sock->input->size > 0;
}

bool connection_is_busy(const struct connection *c, int64_t now)
{
    bool is_newcomer = c->requests == 0 && now - c->accepted_ms < NEWCOMER_MS;
    return has_request(c) || is_newcomer;
}

/* H2O sees an error on the descriptor and takes the connection down in its own way. */
void connection_cut(struct connection *c, enum metric_counter why)
{
    c->is_cut = true;
    if (c->loop->server->config.is_measured) {
        metrics_add(why, 1);
    }
    (void)shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
}

/*
 * H2O has one timer for everything a client can be waited for, and none for an answer that
 * is not read. The timer stands at the idle timeout; this finds requests that take too long.
 */
static bool is_stalled(struct connection *c, int64_t now)
{
    if (!has_request(c)) {
        c->busy_since_ms = 0;
        return false;
    }
    if (c->busy_since_ms == 0 || c->swept != c->requests) {
        c->busy_since_ms = now;
        c->swept = c->requests;
        return false;
    }
    return now - c->busy_since_ms >= c->loop->server->config.stall_timeout_ms;
}

/*
 * The list is in the order of accepting, so the budget is given to those who have been here
 * longest: to an API server that keeps its connections, rather than to a crowd of newcomers.
 */
void connections_sweep(struct loop *loop, int64_t now)
{
    size_t left = loop->server->budget;
    for (h2o_linklist_t *l = loop->connections.next; l != &loop->connections; l = l->next) {
        struct connection *c = OWNER_OF(struct connection, link, l);
        size_t held = c->sock->input->size;
        if (c->is_cut) {
            continue;
        }
        if (is_stalled(c, now)) {
            connection_cut(c, METRIC_CONNECTIONS_STALLED);
        } else if (held > left) {
            connection_cut(c, METRIC_CONNECTIONS_OVER_BUDGET);
        } else {
            left -= held;
        }
    }
}

void connection_add(struct loop *loop, h2o_socket_t *sock)
{
    struct connection *c = h2o_mem_alloc(sizeof(*c));
    *c = (struct connection){
        .loop = loop,
        .sock = sock,
        .accepted_ms = now_ms(),
        .is_over_cap = loop->connection_count >= loop->server->cap,
    };
    sock->on_close.cb = on_close;
    sock->on_close.data = c;
    h2o_linklist_insert(&loop->connections, &c->link);
    loop->connection_count++;
    if (loop->server->config.is_measured) {
        metrics_add(METRIC_CONNECTIONS, 1);
    }
    h2o_accept(&loop->accept, sock);
}

static bool has_room(const struct loop *loop)
{
    return loop->connection_count < loop->server->cap + loop->server->reserve;
}

static void stop_accepting(struct loop *loop)
{
    h2o_socket_read_stop(loop->listener);
    loop->is_accepting = false;
}

/* The listener stays readable when no descriptor is left: without a pause the loop would spin. */
static void on_accept_error(struct loop *loop, int error)
{
    if (error == EAGAIN || error == ECONNABORTED || error == EINTR) {
        return;
    }
    stop_accepting(loop);
    loop->accept_again_ms = now_ms() + ACCEPT_RETRY_MS;
    log_line(LOG_ERROR, "cannot accept connections; trying again soon",
             LOG_TEXT("error", strerror(error)), LOG_NUMBER("connections", loop->connection_count));
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct loop *loop = listener->data;
    if (err != NULL) {
        return;
    }
    for (size_t i = 0; i < ACCEPT_BATCH; i++) {
        if (!has_room(loop)) {
            stop_accepting(loop);
            return;
        }
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (sock == NULL) {
            on_accept_error(loop, errno);
            return;
        }
        connection_add(loop, sock);
    }
}

void connections_resume(struct loop *loop)
{
    if (loop->is_accepting || loop->listener == NULL || !has_room(loop) ||
        now_ms() < loop->accept_again_ms) {
        return;
    }
    loop->is_accepting = true;
    loop->accept_again_ms = 0;
    h2o_socket_read_start(loop->listener, on_accept);
}
