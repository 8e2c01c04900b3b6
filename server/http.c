/* SPDX-License-Identifier: Apache-2.0 */
/* Written against libh2o 2.2.5; "H2O" below means that version. */
#include "server/http.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <h2o.h>
#include <h2o/http1.h>

#include "core/arena.h"
#include "core/log.h"
#include "core/metrics.h"
#include "server/framing.h"

/* The @type whose @member @p points to. */
#define OWNER_OF(type, member, p) ((type *)(void *)((char *)(p)-offsetof(type, member)))

enum {
    ARENA_FIRST = 512 * 1024,
    ARENA_CAP = 64 * 1024 * 1024,
    TICK_MS = 200,
    HANDSHAKE_MS = 10000,
    LATE_MS = 250,         /* a loop this far behind sheds load */
    ACCEPT_BATCH = 16,     /* connections taken before other events get their turn */
    ACCEPT_RETRY_MS = 500, /* after the process ran out of descriptors or memory */
    NEWCOMER_MS = 1000,    /* so long a connection may take to its first request when closing */
    GRACE_MS = 1000,       /* for requests that have begun when draining is over */
    LINGER_MS = 2000,
    LINGERING_MAX = 64, /* connections a loop */
};

enum stage {
    STAGE_SERVING,
    STAGE_DRAINING, /* answers say close; new connections are taken */
    STAGE_CLOSING,  /* no listener; what has arrived is answered */
    STAGE_DONE,     /* no connection; messages are still delivered */
};

struct connection {
    h2o_linklist_t link;
    struct loop *loop;
    h2o_socket_t *sock;
    int64_t accepted_ms;
    int64_t busy_since_ms; /* when the sweep first saw the request that is in progress; 0: none */
    uint64_t requests;     /* that reached on_request() */
    uint64_t swept;        /* requests when busy_since_ms was set */
    bool is_over_cap;
    bool is_cut;      /* shut down in both directions */
    bool is_released; /* shut down for reading */
};

/* What is left of a connection whose client may still be sending. */
struct lingering {
    h2o_linklist_t link;
    struct loop *loop;
    h2o_socket_t *sock;
    int64_t until_ms;
    bool is_shut;
};

struct loop {
    struct http_server *server;
    pthread_t thread;
    int listen_fd; /* until the listener owns it */
    bool has_failed;
    bool must_exit;
    enum stage stage;
    int64_t deadline_ms; /* of draining */
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t receiver;
    h2o_timeout_t tick_timeout;
    h2o_timeout_entry_t tick;
    h2o_socket_t *listener;
    bool is_accepting;
    int64_t accept_again_ms; /* not before; 0: at once */
    h2o_linklist_t connections;
    size_t connection_count;
    h2o_linklist_t lingering;
    size_t lingering_count;
    struct arena *arena;
};

struct http_server {
    struct http_config config;
    struct address bound;
    h2o_globalconf_t global;
    size_t cap;     /* connections of one loop that are served */
    size_t reserve; /* further ones that are told to come back */
    struct loop *loops;
    size_t started; /* threads that must be joined */
    sem_t ready;
    int done_fd;
    atomic_size_t not_done; /* loops */
    bool is_draining;
};

enum message_kind { MESSAGE_QUIESCE, MESSAGE_DRAIN, MESSAGE_EXIT };

/* A countdown that the last loop to reach it ends. */
struct quiesce {
    atomic_size_t left;
    void (*done)(void *arg);
    void *arg;
};

struct message {
    h2o_multithread_message_t super;
    enum message_kind kind;
    int64_t deadline_ms;
    struct quiesce *quiesce;
};

/* A response and what only this file knows about it. */
struct reply {
    struct http_response response;
    const char *allow; /* of a 405 */
    bool is_shed;
    bool must_close;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- answering a request ---- */

static struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

static void refuse(struct reply *r, int status, const char *sentence)
{
    r->response = (struct http_response){
        .status = status,
        .content_type = "text/plain; charset=utf-8",
        .body = sentence,
        .body_len = strlen(sentence),
    };
}

static void shed(struct reply *r, const char *sentence)
{
    refuse(r, 503, sentence);
    r->is_shed = true;
    metrics_add(METRIC_HTTP_SHED, 1);
}

/* The parser goes by the last Transfer-Encoding or else the first Content-Length, silently. */
static const char *framing_of(h2o_req_t *req)
{
    if (req->entity.base == NULL) {
        return NULL;
    }
    const h2o_buffer_t *input = req->conn->callbacks->get_socket(req->conn)->input;
    return framing_error(input->bytes, (size_t)(req->entity.base - input->bytes));
}

/* H2O's clock stands still while a batch of events is handled, wall time does not. */
static bool is_late(const struct loop *loop)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    int64_t wall_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    return wall_ms - (int64_t)h2o_now(loop->context.loop) > LATE_MS;
}

static size_t path_length(const h2o_req_t *req)
{
    return req->query_at == SIZE_MAX ? req->path.len : req->query_at;
}

static const struct http_route *find_route(const struct http_config *config, const h2o_req_t *req)
{
    size_t len = path_length(req);
    for (size_t i = 0; i < config->route_count; i++) {
        const char *path = config->routes[i].path;
        if (strlen(path) == len && memcmp(path, req->path.base, len) == 0) {
            return &config->routes[i];
        }
    }
    return NULL;
}

static bool is_method(const h2o_req_t *req, const char *name)
{
    return h2o_memis(req->method.base, req->method.len, name, strlen(name)) != 0;
}

static bool is_json(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_TYPE, -1);
    if (at < 0) {
        return false;
    }
    h2o_iovec_t value = req->headers.entries[at].value;
    return framing_is_json(value.base, value.len);
}

/* True when @req is what the route takes; else @r says what is wrong. */
static bool fits(const struct http_route *route, const h2o_req_t *req, struct reply *r)
{
    if (route->method == HTTP_GET) {
        if (!is_method(req, "GET") && !is_method(req, "HEAD")) {
            refuse(r, 405, "Only GET and HEAD are answered here.\n");
            r->allow = "GET, HEAD";
            return false;
        }
        return true;
    }
    if (!is_method(req, "POST")) {
        refuse(r, 405, "Only POST is answered here.\n");
        r->allow = "POST";
        return false;
    }
    if (!is_json(req)) {
        refuse(r, 415, "The body must be application/json.\n");
        return false;
    }
    if (req->entity.base == NULL || req->entity.len == 0) {
        refuse(r, 400, "The request has no body.\n");
        return false;
    }
    return true;
}

/* H2O's own limit is one byte higher, because it counts chunked bodies differently. */
static bool is_small_enough(const struct http_config *config, const h2o_req_t *req, struct reply *r)
{
    if (req->entity.len > config->max_body) {
        refuse(r, 413, "The body is too large.\n");
        return false;
    }
    return true;
}

static void call(const struct http_route *route, const h2o_req_t *req, struct arena *arena,
                 struct reply *r)
{
    size_t path = path_length(req);
    bool has_query = path < req->path.len;
    const struct http_request request = {
        .body = req->entity.base,
        .body_len = req->entity.len,
        .query = has_query ? req->path.base + path + 1 : NULL,
        .query_len = has_query ? req->path.len - path - 1 : 0,
        .context = route->context,
    };
    route->handle(&request, arena, &r->response);
}

/* A connection that had to wait for others to end is served once they have. */
static bool is_over_cap(struct connection *c)
{
    const struct loop *loop = c->loop;
    c->is_over_cap = c->is_over_cap && loop->connection_count > loop->server->cap;
    return c->is_over_cap;
}

static void decide(struct loop *loop, struct connection *c, h2o_req_t *req, struct reply *r)
{
    const struct http_config *config = &loop->server->config;
    const char *framing = framing_of(req);
    if (framing != NULL) {
        refuse(r, 400, arena_printf(loop->arena, "Refused: %s.\n", framing));
        r->must_close = true;
        return;
    }
    if (is_over_cap(c)) {
        shed(r, "Too many connections.\n");
        r->must_close = true;
        return;
    }
    if (config->is_measured && is_late(loop)) {
        shed(r, "Too much work.\n");
        return;
    }
    const struct http_route *route = find_route(config, req);
    if (route == NULL) {
        refuse(r, 404, "There is nothing at this path.\n");
        return;
    }
    if (fits(route, req, r) && is_small_enough(config, req, r)) {
        call(route, req, loop->arena, r);
    }
}

static const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Payload Too Large";
    case 415:
        return "Unsupported Media Type";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Error" : "Internal Server Error";
    }
}

static void count_answer(const struct http_server *s, int status)
{
    static const struct {
        int status;
        enum metric_counter counter;
    } by_status[] = {{400, METRIC_HTTP_400},
                     {404, METRIC_HTTP_404},
                     {405, METRIC_HTTP_405},
                     {413, METRIC_HTTP_413},
                     {415, METRIC_HTTP_415}};
    if (!s->config.is_measured) {
        return;
    }
    if (status < 300 || status >= 500) {
        metrics_add(status < 300 ? METRIC_HTTP_2XX : METRIC_HTTP_5XX, 1);
        return;
    }
    for (size_t i = 0; i < sizeof(by_status) / sizeof(by_status[0]); i++) {
        if (by_status[i].status == status) {
            metrics_add(by_status[i].counter, 1);
        }
    }
}

static void add_header(h2o_req_t *req, const h2o_token_t *name, const char *value)
{
    (void)h2o_add_header(&req->pool, &req->res.headers, name, NULL, value, strlen(value));
}

static void send_reply(struct loop *loop, h2o_req_t *req, const struct reply *r)
{
    req->res.status = r->response.status;
    req->res.reason = reason(r->response.status);
    req->res.content_length = r->response.body_len; /* without it H2O would send chunks */
    add_header(req, H2O_TOKEN_CONTENT_TYPE, r->response.content_type);
    if (r->allow != NULL) {
        add_header(req, H2O_TOKEN_ALLOW, r->allow);
    }
    if (r->is_shed) {
        add_header(req, H2O_TOKEN_RETRY_AFTER, "1");
    }
    if (r->must_close || loop->context.shutdown_requested) {
        req->http1_is_persistent = 0;
    }
    count_answer(loop->server, r->response.status);
    h2o_send_inline(req, r->response.body, r->response.body_len); /* copies the body */
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    struct loop *loop = OWNER_OF(struct loop, context, req->conn->ctx);
    struct connection *c = connection_of(req);
    struct reply r = {.allow = NULL};
    c->requests++;
    refuse(&r, 500, "Internal error.\n");
    decide(loop, c, req, &r);
    if (r.response.body == NULL) { /* the arena was too small for a sentence */
        refuse(&r, 500, "Internal error.\n");
    }
    send_reply(loop, req, &r);
    arena_reset(loop->arena);
    return 0;
}

/* ---- lingering ---- */

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
static void linger(struct loop *loop, h2o_socket_t *closing)
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
static void sweep_lingering(struct loop *loop, int64_t now)
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

/* Answers that H2O gives before a request is complete, such as 413, end up here only. */
static void on_own_answer(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct loop *loop = OWNER_OF(struct loop, context, req->conn->ctx);
    if (req->res.status != 0) {
        count_answer(loop->server, req->res.status);
        linger(loop, req->conn->callbacks->get_socket(req->conn));
    }
}

/* ---- connections ---- */

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

static bool is_busy(const struct connection *c, int64_t now)
{
    bool is_newcomer = c->requests == 0 && now - c->accepted_ms < NEWCOMER_MS;
    return has_request(c) || is_newcomer;
}

/* H2O sees an error on the descriptor and takes the connection down in its own way. */
static void cut(struct connection *c)
{
    c->is_cut = true;
    (void)shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
    if (c->loop->server->config.is_measured) {
        metrics_add(METRIC_CONNECTIONS_STALLED, 1);
    }
}

/*
 * H2O has one timer for everything a client can be waited for, and none for an answer that
 * is not read. The timer stands at the idle timeout; this finds requests that take too long.
 */
static void sweep(struct loop *loop, int64_t now)
{
    int64_t stall_ms = loop->server->config.stall_timeout_ms;
    for (h2o_linklist_t *l = loop->connections.next; l != &loop->connections; l = l->next) {
        struct connection *c = OWNER_OF(struct connection, link, l);
        if (!has_request(c)) {
            c->busy_since_ms = 0;
        } else if (c->busy_since_ms == 0 || c->swept != c->requests) {
            c->busy_since_ms = now;
            c->swept = c->requests;
        } else if (now - c->busy_since_ms >= stall_ms && !c->is_cut) {
            cut(c);
        }
    }
}

static void add_connection(struct loop *loop, h2o_socket_t *sock)
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
        add_connection(loop, sock);
    }
}

static void resume_accepting(struct loop *loop)
{
    if (loop->is_accepting || loop->listener == NULL || !has_room(loop) ||
        now_ms() < loop->accept_again_ms) {
        return;
    }
    loop->is_accepting = true;
    loop->accept_again_ms = 0;
    h2o_socket_read_start(loop->listener, on_accept);
}

/* ---- draining ---- */

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
        add_connection(loop, sock);
    }
    h2o_socket_close(loop->listener);
    loop->listener = NULL;
}

static bool any_busy(const struct loop *loop, int64_t now)
{
    for (h2o_linklist_t *l = loop->connections.next; l != &loop->connections; l = l->next) {
        if (is_busy(OWNER_OF(struct connection, link, l), now)) {
            return true;
        }
    }
    return false;
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
        if (!is_busy(c, now)) {
            release(c);
        } else if (is_over && !c->is_cut) {
            cut(c);
        }
    }
    if (is_over) {
        sweep_lingering(loop, INT64_MAX);
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

/* Called between events, so that no connection is in the middle of a callback. */
static void advance(struct loop *loop)
{
    int64_t now = now_ms();
    if (loop->stage == STAGE_DRAINING) {
        int64_t over_ms = now - loop->deadline_ms;
        bool is_time_up = over_ms >= GRACE_MS || (over_ms >= 0 && !any_busy(loop, now));
        if (loop->connection_count > 0 && !is_time_up) {
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

/* ---- messages from the owner's thread ---- */

static void quiesce_pass(struct quiesce *q)
{
    if (atomic_fetch_sub_explicit(&q->left, 1, memory_order_acq_rel) == 1) {
        q->done(q->arg);
        free(q);
    }
}

static void start_draining(struct loop *loop, int64_t deadline_ms)
{
    if (loop->stage == STAGE_SERVING) {
        loop->stage = STAGE_DRAINING;
        h2o_context_request_shutdown(&loop->context);
    }
    loop->deadline_ms = deadline_ms;
}

static void handle_message(struct loop *loop, const struct message *m)
{
    switch (m->kind) {
    case MESSAGE_QUIESCE:
        quiesce_pass(m->quiesce);
        break;
    case MESSAGE_DRAIN:
        start_draining(loop, m->deadline_ms);
        break;
    case MESSAGE_EXIT:
        loop->must_exit = true;
        break;
    }
}

static void on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    struct loop *loop = OWNER_OF(struct loop, receiver, receiver);
    for (h2o_linklist_t *l = messages->next; l != messages;) {
        struct message *m = OWNER_OF(struct message, super.link, l);
        l = l->next;
        handle_message(loop, m);
        free(m);
    }
    h2o_linklist_init_anchor(messages); /* H2O insists on an empty list */
}

static void send_message(struct loop *loop, const struct message *content)
{
    struct message *m = h2o_mem_alloc(sizeof(*m)); /* H2O ends the process when memory does */
    *m = *content;
    h2o_multithread_send_message(&loop->receiver, &m->super);
}

static void send_all(struct http_server *s, const struct message *content)
{
    for (size_t i = 0; i < s->started; i++) {
        send_message(&s->loops[i], content);
    }
}

void http_quiesce(struct http_server *s, void (*done)(void *arg), void *arg)
{
    struct quiesce *q = h2o_mem_alloc(sizeof(*q));
    *q = (struct quiesce){.done = done, .arg = arg};
    atomic_init(&q->left, s->started);
    send_all(s, &(struct message){.kind = MESSAGE_QUIESCE, .quiesce = q});
}

void http_drain(struct http_server *s, int64_t timeout_ms)
{
    s->is_draining = true;
    send_all(s, &(struct message){.kind = MESSAGE_DRAIN, .deadline_ms = now_ms() + timeout_ms});
}

/* ---- the thread of a loop ---- */

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct loop *loop = OWNER_OF(struct loop, tick, entry);
    int64_t now = now_ms();
    sweep(loop, now);
    sweep_lingering(loop, now);
    h2o_timeout_link(loop->context.loop, &loop->tick_timeout, &loop->tick);
}

static bool loop_init(struct loop *loop)
{
    struct http_server *s = loop->server;
    loop->arena = arena_create(ARENA_FIRST, ARENA_CAP);
    if (loop->arena == NULL || !metrics_thread_start()) {
        return false;
    }
    h2o_context_init(&loop->context, h2o_evloop_create(), &s->global);
    loop->accept = (h2o_accept_ctx_t){
        .ctx = &loop->context, .hosts = s->global.hosts, .ssl_ctx = s->config.tls};
    h2o_multithread_register_receiver(loop->context.queue, &loop->receiver, on_message);
    h2o_timeout_init(loop->context.loop, &loop->tick_timeout, TICK_MS);
    loop->tick.cb = on_tick;
    h2o_timeout_link(loop->context.loop, &loop->tick_timeout, &loop->tick);
    h2o_linklist_init_anchor(&loop->connections);
    h2o_linklist_init_anchor(&loop->lingering);
    loop->listener =
        h2o_evloop_socket_create(loop->context.loop, loop->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    loop->listener->data = loop;
    loop->listen_fd = -1;
    resume_accepting(loop);
    return true;
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>

/* Up to 16 chunks a thread, kept for reuse in a variable that nobody else can reach. */
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0"; /* standard error is for log lines */
}
#endif

/* The other ones H2O keeps for the thread that is about to end can be reached. */
static void free_recycled_buffers(void)
{
    h2o_mem_recycle_t *kept = &h2o_socket_buffer_prototype.allocator;
    while (kept->cnt > 0) {
        free(h2o_mem_alloc_recycle(kept, 1));
    }
}

static void loop_finish(struct loop *loop)
{
    h2o_evloop_t *evloop = loop->context.loop;
    h2o_multithread_queue_t *queue = loop->context.queue;
    h2o_timeout_unlink(&loop->tick);
    h2o_timeout_dispose(evloop, &loop->tick_timeout);
    h2o_multithread_unregister_receiver(queue, &loop->receiver);
    h2o_context_dispose(&loop->context);
    h2o_evloop_destroy(evloop);
    free(queue); /* H2O forgets to */
    free_recycled_buffers();
    arena_destroy(loop->arena);
}

static void run_once(struct loop *loop)
{
    if (h2o_evloop_run(loop->context.loop, INT32_MAX) != 0 && errno != EINTR) {
        log_line(LOG_ERROR, "event loop failed", LOG_TEXT("error", strerror(errno)));
        (void)poll(NULL, 0, 1); /* never spin */
    }
    resume_accepting(loop);
    if (loop->stage != STAGE_SERVING) {
        advance(loop);
    }
}

static void *loop_main(void *arg)
{
    struct loop *loop = arg;
    loop->has_failed = !loop_init(loop);
    (void)sem_post(&loop->server->ready);
    if (loop->has_failed) {
        arena_destroy(loop->arena);
        return NULL;
    }
    while (!loop->must_exit) {
        run_once(loop);
    }
    loop_finish(loop);
    return NULL;
}

/* ---- start and end ---- */

static void init_global(struct http_server *s)
{
    static const char name[] = "sparkward";
    h2o_globalconf_t *g = &s->global;
    h2o_config_init(g);
    g->server_name = h2o_iovec_init(name, sizeof(name) - 1);
    g->max_request_entity_size = s->config.max_body + 1; /* see is_small_enough() */
    g->handshake_timeout = HANDSHAKE_MS;
    g->http1.req_timeout = (uint64_t)s->config.idle_timeout_ms;
    g->http1.upgrade_to_http2 = 0;
    /* It would start a timer that must not run when a loop ends; HTTP/2 is never spoken. */
    g->http2.callbacks.request_shutdown = NULL;
    h2o_hostconf_t *host =
        h2o_config_register_host(g, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *everything = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(everything, sizeof(h2o_handler_t))->on_req = on_request;
    h2o_create_logger(&host->fallback_path, sizeof(h2o_logger_t))->log_access = on_own_answer;
}

/* Signals are for the thread that waits for them, so a loop is never interrupted. */
static bool start_thread(struct loop *loop)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&loop->thread, NULL, loop_main, loop);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        return false;
    }
    char name[16];
    (void)snprintf(name, sizeof(name), "%s-%zu", loop->server->config.name,
                   (size_t)(loop - loop->server->loops));
    (void)pthread_setname_np(loop->thread, name);
    while (sem_wait(&loop->server->ready) != 0) {
    }
    if (loop->has_failed) {
        (void)pthread_join(loop->thread, NULL);
        return false;
    }
    return true;
}

static bool start_threads(struct http_server *s)
{
    atomic_init(&s->not_done, s->config.threads);
    for (size_t i = 0; i < s->config.threads; i++) {
        if (!start_thread(&s->loops[i])) {
            atomic_store(&s->not_done, s->started);
            return false;
        }
        s->started++;
    }
    return true;
}

static void close_unused_listeners(struct http_server *s)
{
    for (size_t i = 0; i < s->config.threads; i++) {
        if (s->loops[i].listen_fd >= 0) {
            (void)close(s->loops[i].listen_fd);
        }
    }
}

static enum err_code create(struct http_server *s, struct err *e)
{
    size_t n = s->config.threads;
    int fds[HTTP_THREADS_MAX];
    s->loops = calloc(n, sizeof(*s->loops));
    s->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->loops == NULL || s->done_fd < 0 || sem_init(&s->ready, 0, 0) != 0) {
        return err_set(e, ERR_MEMORY, "no memory or descriptors for the HTTP server");
    }
    for (size_t i = 0; i < n; i++) {
        s->loops[i] = (struct loop){.server = s, .listen_fd = -1};
    }
    /* Twice the stall timeout: the sweep, which counts, comes first. */
    unsigned user_timeout_ms = (unsigned)s->config.stall_timeout_ms * 2;
    enum err_code code = listen_open(&s->config.listen, n, user_timeout_ms, fds, &s->bound, e);
    if (code != ERR_OK) {
        return code;
    }
    for (size_t i = 0; i < n; i++) {
        s->loops[i].listen_fd = fds[i];
    }
    return start_threads(s) ? ERR_OK : err_set(e, ERR_MEMORY, "a thread cannot be started");
}

enum err_code http_start(const struct http_config *config, struct http_server **out, struct err *e)
{
    struct http_server *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return err_set(e, ERR_MEMORY, "no memory for the HTTP server");
    }
    s->config = *config;
    s->cap = (config->max_connections + config->threads - 1) / config->threads;
    s->reserve = s->cap / 16 + 8;
    s->done_fd = -1;
    init_global(s);
    enum err_code code = create(s, e);
    if (code != ERR_OK) {
        http_destroy(s);
        return code;
    }
    *out = s;
    return ERR_OK;
}

const struct address *http_address(const struct http_server *s)
{
    return &s->bound;
}

int http_done_fd(const struct http_server *s)
{
    return s->done_fd;
}

static void wait_done(struct http_server *s)
{
    struct pollfd p = {.fd = s->done_fd, .events = POLLIN};
    while (poll(&p, 1, -1) <= 0) {
    }
}

static void end_threads(struct http_server *s)
{
    if (!s->is_draining) {
        http_drain(s, 0);
    }
    wait_done(s);
    send_all(s, &(struct message){.kind = MESSAGE_EXIT});
    for (size_t i = 0; i < s->started; i++) {
        (void)pthread_join(s->loops[i].thread, NULL);
    }
}

void http_destroy(struct http_server *s)
{
    if (s == NULL) {
        return;
    }
    if (s->started > 0) {
        end_threads(s);
    }
    if (s->loops != NULL) {
        close_unused_listeners(s);
    }
    if (s->done_fd >= 0) {
        (void)close(s->done_fd);
        (void)sem_destroy(&s->ready);
    }
    h2o_config_dispose(&s->global);
    free(s->loops);
    free(s);
}
