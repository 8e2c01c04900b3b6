/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_loop.h - the inside of server/http: what its files share, and nobody else.
 *
 *     http.c             the server: start, orders to its loops, end
 *     http_loop.c        the thread of a loop
 *     http_connection.c  connections: accepting them, cutting those that stall
 *     http_request.c     a request to its reply
 *     http_linger.c      connections that end while the client is still sending
 *     http_drain.c       the stages of a loop that is told to end
 *
 * Together they are the one door to H2O, and no other file includes its headers.
 * Written against libh2o 2.2.5; "H2O" in their comments means that version.
 * Thread-safety: a loop belongs to its thread; loop_send() is the only way in from another.
 */
#ifndef SERVER_HTTP_LOOP_H
#define SERVER_HTTP_LOOP_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "core/metrics.h"
#include "server/clock.h"
#include "server/http.h"

/* The @type whose @member @p points to. */
#define OWNER_OF(type, member, p) ((type *)(void *)((char *)(p)-offsetof(type, member)))

/* serving ──drain──> draining ──none left, or time is up──> closing ──none left──> done */
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
    size_t budget;  /* bytes of requests that one loop may be receiving */
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

/* ---- http_loop.c ---- */

/* The thread's function; @arg is the loop. */
void *loop_main(void *arg);

/* Delivers a copy of @content. From any thread, until the loop was told to exit. */
void loop_send(struct loop *loop, const struct message *content);

/* ---- http_connection.c ---- */

/* Takes @sock, which the listener has accepted. */
void connection_add(struct loop *loop, h2o_socket_t *sock);

/* True while a request is in progress, or may be on its way on a connection that is new. */
bool connection_is_busy(const struct connection *c, int64_t now);

/* Ends it at once and counts it as @why. */
void connection_cut(struct connection *c, enum metric_counter why);

/* Cuts connections whose request takes too long or, of all, too much memory. */
void connections_sweep(struct loop *loop, int64_t now);

/* Accepts again where there is room and time has passed. */
void connections_resume(struct loop *loop);

/* ---- http_request.c ---- */

/* Tells H2O which functions answer. Before the threads. */
void request_register(h2o_hostconf_t *host);

/* ---- http_linger.c ---- */

/* @closing is a socket that H2O is about to close; it stays H2O's. */
void linger_start(struct loop *loop, h2o_socket_t *closing);
void linger_sweep(struct loop *loop, int64_t now);

/* ---- http_drain.c ---- */

void drain_start(struct loop *loop, int64_t deadline_ms);

/* One step further, where one is due. Between events: no connection is inside a callback. */
void drain_advance(struct loop *loop);

#endif
