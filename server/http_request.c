/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <string.h>
#include <time.h>

#include "core/arena.h"
#include "server/framing.h"
#include "server/timeout.h"

/* A response and what only this file knows about it. */
struct reply {
    struct http_response response;
    const char *allow; /* of a 405 */
    bool is_shed;
    bool must_close;
};

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

static void shed(const struct http_config *config, struct reply *r, const char *sentence)
{
    refuse(r, 503, sentence);
    r->is_shed = true;
    if (config->is_measured) {
        metrics_add(METRIC_HTTP_SHED, 1);
    }
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
static int64_t lateness_ms(const struct loop *loop)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    int64_t wall_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    return wall_ms - (int64_t)h2o_now(loop->context.loop);
}

static size_t path_length(const h2o_req_t *req)
{
    return req->query_at == SIZE_MAX ? req->path.len : req->query_at;
}

/* What follows the first "?"; NULL and 0: nothing does. */
static h2o_iovec_t query_of(const h2o_req_t *req)
{
    size_t at = path_length(req);
    return at == req->path.len ? h2o_iovec_init(NULL, 0)
                               : h2o_iovec_init(req->path.base + at + 1, req->path.len - at - 1);
}

/*
 * How long it waited for the batch before its own cannot be told, but the same rule kept that
 * one short. So half of the client's time is for each.
 */
static bool is_too_late(const struct loop *loop, const h2o_req_t *req)
{
    h2o_iovec_t query = query_of(req);
    return lateness_ms(loop) > timeout_of_query(query.base, query.len) / 2;
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
    h2o_iovec_t query = query_of(req);
    const struct http_request request = {
        .body = req->entity.base,
        .body_len = req->entity.len,
        .query = query.base,
        .query_len = query.len,
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
        shed(config, r, "Too many connections.\n");
        r->must_close = true;
        return;
    }
    if (config->is_measured && is_too_late(loop, req)) {
        shed(config, r, "Too much work.\n");
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

/* Answers that H2O gives before a request is complete, such as 413, end up here only. */
static void on_own_answer(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct loop *loop = OWNER_OF(struct loop, context, req->conn->ctx);
    if (req->res.status != 0) {
        count_answer(loop->server, req->res.status);
        linger_start(loop, req->conn->callbacks->get_socket(req->conn));
    }
}

void request_register(h2o_hostconf_t *host)
{
    h2o_pathconf_t *everything = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(everything, sizeof(h2o_handler_t))->on_req = on_request;
    h2o_create_logger(&host->fallback_path, sizeof(h2o_logger_t))->log_access = on_own_answer;
}
