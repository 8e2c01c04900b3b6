/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - an HTTP/1.1 server with a table of routes. The one door to H2O.
 *
 * Every thread has its own event loop, listener, connections and arena, and
 * shares nothing that changes with the others. A handler runs on a loop: it is a
 * function of the request, takes microseconds, and never blocks or locks.
 *
 *     http_start()      accepting and answering on every thread
 *     http_drain()      the same, but every answer says "Connection: close", until a thread has
 *                       no connection left or the time is up: then its listener closes, and what
 *                       has arrived is answered; a second later a request that is still not
 *                       complete is given up
 *     http_done_fd()    readable when all threads are done
 *     http_destroy()
 *
 * Slow peers: a connection may be idle for idle_timeout_ms, but a request has stall_timeout_ms
 * from its first byte to the last byte of its answer.
 * Too many bytes: five times a second requests that are being received are added up, and over
 * max_buffered those on the newest connections are cut.
 * Too much work: over max_connections a request is answered 503 with Retry-After; far over it,
 * connections wait in the kernel's queue. 503 is also the answer when the loop is late by more
 * than half of the time that the client will wait (server/timeout.h).
 * Thread-safety: one thread starts, drains, quiesces and destroys a server.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "server/listen.h"

struct arena;
struct http_server;
struct ssl_ctx_st;

/* H2O puts larger buffers into files, and the root file system may be read-only. */
enum { HTTP_BODY_LIMIT = 31 * 1024 * 1024, HTTP_THREADS_MAX = 64 };

enum http_method {
    HTTP_GET,  /* and HEAD */
    HTTP_POST, /* with a body of application/json */
};

/* Borrowed for the call. */
struct http_request {
    const char *body; /* not NUL-terminated */
    size_t body_len;
    const char *query; /* what follows the first "?", not NUL-terminated; NULL: none */
    size_t query_len;
    void *context; /* the route's */
};

/* Preset to an empty 500. */
struct http_response {
    int status;
    const char *content_type; /* static */
    const char *body;         /* arena or static */
    size_t body_len;
};

typedef void (*http_handler)(const struct http_request *request, struct arena *arena,
                             struct http_response *out);

struct http_route {
    const char *path; /* the whole path, exactly */
    enum http_method method;
    http_handler handle;
    void *context; /* kept; handed to handle() */
};

struct http_config {
    const char *name; /* of its threads: "http", "admin" */
    struct address listen;
    struct ssl_ctx_st *tls;          /* kept; NULL: plain HTTP */
    const struct http_route *routes; /* kept */
    size_t route_count;
    size_t threads;         /* 1 to HTTP_THREADS_MAX */
    size_t max_body;        /* bytes, at most HTTP_BODY_LIMIT */
    size_t max_connections; /* of all threads */
    size_t max_buffered;    /* bytes of requests being received; room for one a thread is always */
    int64_t stall_timeout_ms;
    int64_t idle_timeout_ms;
    bool is_measured; /* counted in metrics, and sheds load */
};

/* @config is copied. Returns when every thread accepts. */
enum err_code http_start(const struct http_config *config, struct http_server **out, struct err *e);

/* Where it listens; borrowed. */
const struct address *http_address(const struct http_server *s);

/*
 * Calls @done(@arg) once every thread has been outside of handlers and TLS callbacks, on one of
 * them. Also works while draining and after, until http_destroy().
 */
void http_quiesce(struct http_server *s, void (*done)(void *arg), void *arg);

/* May be called again, with a shorter time. */
void http_drain(struct http_server *s, int64_t timeout_ms);

/* Readable when all threads are done draining. Owned by the server. */
int http_done_fd(const struct http_server *s);

/* Drains at once if need be, then ends the threads. NULL is allowed. */
void http_destroy(struct http_server *s);

#endif
