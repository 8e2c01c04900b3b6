/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HANDSHAKE_MS = 10000 };

/* ---- start ---- */

static void init_global(struct http_server *s)
{
    static const char name[] = "sparkward";
    h2o_globalconf_t *g = &s->global;
    h2o_config_init(g);
    g->server_name = h2o_iovec_init(name, sizeof(name) - 1);
    g->max_request_entity_size = s->config.max_body + 1; /* http_request.c is exact */
    g->handshake_timeout = HANDSHAKE_MS;
    g->http1.req_timeout = (uint64_t)s->config.idle_timeout_ms;
    g->http1.upgrade_to_http2 = 0;
    /* It would start a timer that must not run when a loop ends; HTTP/2 is never spoken. */
    g->http2.callbacks.request_shutdown = NULL;
    h2o_hostconf_t *host =
        h2o_config_register_host(g, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    request_register(host);
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

/* A request that is within its own limits must fit. */
static size_t budget_of_loop(const struct http_config *config)
{
    size_t share = config->max_buffered / config->threads;
    size_t least = config->max_body + H2O_MAX_REQLEN;
    return share > least ? share : least;
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
    s->budget = budget_of_loop(config);
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

/* ---- orders to the loops ---- */

static void send_all(struct http_server *s, const struct message *content)
{
    for (size_t i = 0; i < s->started; i++) {
        loop_send(&s->loops[i], content);
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

/* ---- end ---- */

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
