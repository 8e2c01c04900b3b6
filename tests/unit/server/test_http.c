/* SPDX-License-Identifier: Apache-2.0 */
/* A real server on the loopback, plain HTTP; TLS and signals are the integration tests'. */
#include <linux/sockios.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/metrics.h"
#include "server/clock.h"
#include "server/http.h"
#include "table.h"

static struct http_server *server;

static void echo(const struct http_request *request, struct arena *arena, struct http_response *out)
{
    *out = (struct http_response){
        .status = 200,
        .content_type = request->context,
        .body = arena_strndup(arena, request->body, request->body_len),
        .body_len = request->body_len,
    };
}

static void query(const struct http_request *request, struct arena *arena,
                  struct http_response *out)
{
    char *text = request->query == NULL
                     ? arena_strdup(arena, "none")
                     : arena_printf(arena, "[%.*s]", (int)request->query_len, request->query);
    *out = (struct http_response){
        .status = 200, .content_type = "text/plain", .body = text, .body_len = strlen(text)};
}

static void silent(const struct http_request *request, struct arena *arena,
                   struct http_response *out)
{
    (void)request;
    (void)arena;
    (void)out;
}

static atomic_bool is_gate_shut;
static atomic_bool is_anyone_at_gate;

/* Keeps the loop until the test opens the gate. */
static void gate(const struct http_request *request, struct arena *arena, struct http_response *out)
{
    atomic_store(&is_anyone_at_gate, true);
    while (atomic_load(&is_gate_shut)) {
        (void)poll(NULL, 0, 1);
    }
    query(request, arena, out);
}

enum { BUSY_MS = 700 };
static atomic_bool is_next_slow;

/* Makes the loop late, once. */
static void slow(const struct http_request *request, struct arena *arena, struct http_response *out)
{
    int64_t until = now_ms() + BUSY_MS;
    while (atomic_load(&is_next_slow) && now_ms() < until) {
    }
    atomic_store(&is_next_slow, false);
    query(request, arena, out);
}

static char type[] = "text/echo";
static const struct http_route routes[] = {{"/echo", HTTP_POST, echo, type},
                                           {"/query", HTTP_GET, query, NULL},
                                           {"/silent", HTTP_GET, silent, NULL},
                                           {"/gate", HTTP_GET, gate, NULL},
                                           {"/slow", HTTP_GET, slow, NULL}};

static void start_config(struct http_config config)
{
    struct err e;
    config.name = "test";
    config.routes = routes;
    config.route_count = COUNT(routes);
    cr_assert(address_parse("127.0.0.1:0", &config.listen));
    cr_assert_eq(http_start(&config, &server, &e), ERR_OK, "%s", e.text);
}

static void start(size_t threads, size_t connections, int64_t stall_ms, int64_t idle_ms)
{
    start_config((struct http_config){
        .is_measured = true,
        .threads = threads,
        .max_body = 1000,
        .max_connections = connections,
        .stall_timeout_ms = stall_ms,
        .idle_timeout_ms = idle_ms,
    });
}

static int connect_server(void)
{
    const struct address *a = http_address(server);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&a->sockaddr, a->len), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    size_t len = strlen(text);
    cr_assert_eq(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Reads until the text ends in @end or the connection does. */
static const char *receive(int fd, const char *end)
{
    static char text[8192];
    size_t len = 0;
    text[0] = '\0';
    while (len < sizeof(text) - 1 &&
           (len < strlen(end) || strcmp(text + len - strlen(end), end) != 0)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        cr_assert_eq(poll(&p, 1, 10000), 1, "no answer; so far: %s", text);
        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        text[len] = '\0';
    }
    return text;
}

static bool is_ended(int fd)
{
    char c;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 10000) == 1 && recv(fd, &c, 1, 0) <= 0;
}

static const char *ask(const char *request, const char *end)
{
    int fd = connect_server();
    send_text(fd, request);
    const char *answer = receive(fd, end);
    (void)close(fd);
    return answer;
}

TestSuite(http, .timeout = 60);

#define JSON "Host: x\r\nContent-Type: application/json\r\n"

Test(http, routes_and_refusals)
{
    static const struct {
        const char *request, *end, *status;
    } cases[] = {
        {"POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{}", "{}", "HTTP/1.1 200 OK"},
        {"GET /query?a=b&c HTTP/1.1\r\nHost: x\r\n\r\n", "[a=b&c]", "HTTP/1.1 200"},
        {"GET /query? HTTP/1.1\r\nHost: x\r\n\r\n", "[]", "HTTP/1.1 200"},
        {"GET /query HTTP/1.1\r\nHost: x\r\n\r\n", "none", "HTTP/1.1 200"},
        {"HEAD /query HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n", "HTTP/1.1 200"},
        {"GET /silent HTTP/1.1\r\nHost: x\r\n\r\n", "Internal error.\n", "HTTP/1.1 500"},
        {"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", "\n", "HTTP/1.1 405"},
        {"POST /query HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{}", ".\n", "HTTP/1.1 405"},
        {"GET /ech HTTP/1.1\r\nHost: x\r\n\r\n", ".\n", "HTTP/1.1 404"},
        {"GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\n", ".\n", "HTTP/1.1 404"},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", ".\n", "HTTP/1.1 415"},
        {"POST /echo HTTP/1.1\r\n" JSON "\r\n", ".\n", "HTTP/1.1 400"},
        {"POST /echo HTTP/1.1\r\n" JSON "Content-Length: 0\r\n\r\n", ".\n", "HTTP/1.1 400"},
        {"POST /echo HTTP/1.1\r\n" JSON "Content-Length: 5000\r\n\r\n", "large", "HTTP/1.1 413"},
        {"POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", ".\n",
         "HTTP/1.1 400"},
    };
    start(2, 64, 10000, 60000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *answer = ask(cases[i].request, cases[i].end);
        cr_expect_eq(strncmp(answer, cases[i].status, strlen(cases[i].status)), 0, "%s%s",
                     cases[i].request, answer);
    }
    http_destroy(server);
}

Test(http, a_body_over_the_limit_is_answered)
{
    char request[4096];
    start(1, 64, 10000, 60000);
    for (int len = 999; len <= 1003; len++) {
        (void)snprintf(request, sizeof(request),
                       "POST /echo HTTP/1.1\r\n" JSON "Content-Length: %d\r\n\r\n%*s", len, len,
                       "x");
        const char *answer = ask(request, len <= 1000 ? "x" : len == 1001 ? ".\n" : "large");
        const char *status = len <= 1000 ? "HTTP/1.1 200" : "HTTP/1.1 413";
        cr_expect_eq(strncmp(answer, status, strlen(status)), 0, "%d: %s", len, answer);
    }
    http_destroy(server);
}

Test(http, a_stalled_request_is_cut_and_an_idle_connection_is_not)
{
    start(1, 64, 300, 60000);
    int idle = connect_server();
    int half = connect_server();
    int header = connect_server();
    send_text(idle, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)receive(idle, "none");
    send_text(half, "POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{");
    send_text(header, "POST /ec");
    cr_assert(is_ended(half));
    cr_assert(is_ended(header));
    send_text(idle, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_assert_not_null(strstr(receive(idle, "none"), "200 OK"));
    (void)close(idle);
    (void)close(half);
    (void)close(header);
    http_destroy(server);
}

/* Sends a request's head and all of its body but the last byte, on a connection in use. */
static int connect_and_send_most(size_t body_len)
{
    static char body[1024 * 1024];
    char head[128];
    int fd = connect_server();
    send_text(fd, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)receive(fd, "none");
    (void)snprintf(head, sizeof(head),
                   "POST /query HTTP/1.1\r\n" JSON "Content-Length: %zu\r\n\r\n", body_len);
    send_text(fd, head);
    memset(body, ' ', body_len - 1);
    (void)send(fd, body, body_len - 1, MSG_NOSIGNAL); /* fails when the connection is cut */
    return fd;
}

Test(http, over_the_budget_the_newest_bodies_are_cut)
{
    enum { BODY = 1000000 };
    start_config((struct http_config){.is_measured = true,
                                      .threads = 1,
                                      .max_body = BODY,
                                      .max_connections = 64,
                                      .max_buffered = 2 * BODY + BODY / 2,
                                      .stall_timeout_ms = 60000,
                                      .idle_timeout_ms = 60000});
    int first = connect_and_send_most(BODY);
    int second = connect_and_send_most(BODY);
    int third = connect_and_send_most(BODY);
    int small = connect_and_send_most(1000);
    cr_assert(is_ended(third));
    cr_expect_eq(metrics_counter(METRIC_CONNECTIONS_OVER_BUDGET), 1);
    const int kept[] = {small, first, second};
    for (size_t i = 0; i < COUNT(kept); i++) {
        send_text(kept[i], " ");
        cr_expect_not_null(strstr(receive(kept[i], ".\n"), "HTTP/1.1 405"));
        (void)close(kept[i]);
    }
    (void)close(third);
    http_destroy(server);
}

Test(http, a_request_within_its_limits_fits_any_budget)
{
    enum { BODY = 1000000 };
    start_config((struct http_config){.is_measured = true,
                                      .threads = 1,
                                      .max_body = BODY,
                                      .max_connections = 64,
                                      .max_buffered = 1,
                                      .stall_timeout_ms = 600,
                                      .idle_timeout_ms = 60000});
    int fd = connect_and_send_most(BODY);
    cr_assert(is_ended(fd)); /* after several sweeps */
    cr_expect_eq(metrics_counter(METRIC_CONNECTIONS_OVER_BUDGET), 0);
    cr_expect_eq(metrics_counter(METRIC_CONNECTIONS_STALLED), 1);
    (void)close(fd);
    http_destroy(server);
}

Test(http, an_idle_connection_ends_after_its_time)
{
    start(1, 64, 10000, 200);
    int idle = connect_server();
    cr_assert(is_ended(idle));
    (void)close(idle);
    http_destroy(server);
}

Test(http, over_the_cap_some_are_told_and_the_rest_waits)
{
    int held[2 + 8 + 4];
    start(1, 2, 10000, 60000);
    for (size_t i = 0; i < COUNT(held); i++) {
        held[i] = connect_server();
    }
    send_text(held[0], "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_assert_not_null(strstr(receive(held[0], "none"), "200 OK"));
    send_text(held[2], "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    const char *answer = receive(held[2], ".\n");
    cr_assert_not_null(strstr(answer, "503 Service"));
    cr_assert_not_null(strstr(answer, "retry-after: 1"));
    cr_assert(is_ended(held[2]));
    for (size_t i = 1; i < 13; i++) {
        (void)close(held[i]);
    }
    /* The last one waited in the kernel's queue; it is taken now, and soon there is room for all.
     */
    send_text(held[13], "GET /query HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    cr_assert_not_null(strstr(receive(held[13], "\n\n\n"), "HTTP/1.1 "));
    bool is_served = false;
    for (int i = 0; i < 1000 && !is_served; i++) {
        is_served = strstr(ask("GET /query HTTP/1.1\r\nHost: x\r\n\r\n", "e"), "200 OK") != NULL;
    }
    cr_assert(is_served);
    (void)close(held[0]);
    (void)close(held[13]);
    http_destroy(server);
}

Test(http, what_the_admin_port_sheds_is_not_counted)
{
    start_config((struct http_config){.threads = 1,
                                      .max_body = 1000,
                                      .max_connections = 1,
                                      .stall_timeout_ms = 10000,
                                      .idle_timeout_ms = 60000});
    int held = connect_server();
    send_text(held, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_assert_not_null(strstr(receive(held, "none"), "200 OK"));
    cr_assert_not_null(strstr(ask("GET /query HTTP/1.1\r\nHost: x\r\n\r\n", ".\n"), "503 Service"));
    cr_expect_eq(metrics_counter(METRIC_HTTP_SHED), 0);
    (void)close(held);
    http_destroy(server);
}

/* Returns when the server's end of the connection has all of it. */
static void send_whole(int fd, const char *text)
{
    int left = 1;
    send_text(fd, text);
    for (int i = 0; i < 10000 && left != 0; i++) {
        cr_assert_eq(ioctl(fd, SIOCOUTQ, &left), 0);
        (void)poll(NULL, 0, left == 0 ? 0 : 1);
    }
    cr_assert_eq(left, 0);
}

/* Answers two requests for @path in one batch of events, the first slowly; 503s among them. */
static uint64_t shed_of_two(const char *path)
{
    uint64_t shed = 0;
    char request[128];
    int fds[3];
    (void)snprintf(request, sizeof(request),
                   "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    for (size_t i = 0; i < 3; i++) {
        fds[i] = connect_server();
        send_text(fds[i], "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
        (void)receive(fds[i], "none");
    }
    atomic_store(&is_gate_shut, true);
    atomic_store(&is_anyone_at_gate, false);
    atomic_store(&is_next_slow, true);
    send_text(fds[2], "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 10000 && !atomic_load(&is_anyone_at_gate); i++) {
        (void)poll(NULL, 0, 1);
    }
    cr_assert(atomic_load(&is_anyone_at_gate));
    send_whole(fds[0], request);
    send_whole(fds[1], request);
    atomic_store(&is_gate_shut, false);
    for (size_t i = 0; i < 3; i++) {
        const char *answer = receive(fds[i], i == 2 ? "none" : "\n\n\n");
        bool is_shed = strstr(answer, "HTTP/1.1 503 Service") != NULL;
        cr_expect_eq(is_shed, strstr(answer, "retry-after: 1") != NULL, "%s", answer);
        cr_expect(is_shed || strstr(answer, "HTTP/1.1 200") != NULL, "%s", answer);
        shed += is_shed;
        (void)close(fds[i]);
    }
    return shed;
}

Test(http, a_request_is_shed_when_half_of_its_time_is_over)
{
    start(1, 64, 10000, 60000);
    cr_expect_eq(shed_of_two("/slow?timeout=30s"), 0);
    cr_expect_eq(shed_of_two("/slow"), 0);
    cr_expect_eq(metrics_counter(METRIC_HTTP_SHED), 0);
    cr_expect_eq(shed_of_two("/slow?timeout=1s"), 1);
    cr_expect_eq(metrics_counter(METRIC_HTTP_SHED), 1);
    http_destroy(server);
}

static atomic_int passed;

static void on_quiet(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void wait_for(int wanted)
{
    for (int i = 0; i < 1000 && atomic_load(&passed) < wanted; i++) {
        (void)poll(NULL, 0, 10);
    }
    cr_assert_eq(atomic_load(&passed), wanted);
}

Test(http, every_thread_passes_before_done_is_called_once)
{
    start(3, 64, 10000, 60000);
    for (int i = 0; i < 100; i++) {
        http_quiesce(server, on_quiet, &passed);
    }
    wait_for(100);
    http_drain(server, 0);
    http_quiesce(server, on_quiet, &passed);
    wait_for(101);
    http_destroy(server);
    cr_assert_eq(atomic_load(&passed), 101);
}

static bool is_done(int timeout_ms)
{
    struct pollfd p = {.fd = http_done_fd(server), .events = POLLIN};
    return poll(&p, 1, timeout_ms) == 1;
}

Test(http, draining_answers_says_goodbye_and_waits_for_the_idle)
{
    start(1, 64, 10000, 60000);
    int idle = connect_server();
    send_text(idle, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_assert_not_null(strstr(receive(idle, "none"), "keep-alive"));
    http_drain(server, 60000);
    cr_assert_not(is_done(300));
    const char *answer = ask("GET /query HTTP/1.1\r\nHost: x\r\n\r\n", "none");
    cr_assert_not_null(strstr(answer, "Connection: close"), "new connections are still served");
    send_text(idle, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_assert_not_null(strstr(receive(idle, "none"), "Connection: close"));
    cr_assert(is_ended(idle));
    cr_assert(is_done(10000));
    (void)close(idle);
    http_destroy(server);
}

Test(http, the_end_of_draining_answers_what_has_begun)
{
    start(1, 64, 10000, 60000);
    int half = connect_server();
    int idle = connect_server();
    send_text(half, "POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{");
    send_text(idle, "GET /query HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)receive(idle, "none");
    http_drain(server, 0);
    send_text(half, "}");
    cr_assert_not_null(strstr(receive(half, "{}"), "200 OK"));
    cr_assert(is_ended(idle));
    cr_assert(is_done(10000));
    (void)close(half);
    (void)close(idle);
    http_destroy(server);
}

Test(http, the_end_does_not_wait_for_ever)
{
    start(1, 64, 60000, 60000);
    int half = connect_server();
    int silent_one = connect_server();
    send_text(half, "POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{");
    http_destroy(server);
    cr_assert(is_ended(half));
    cr_assert(is_ended(silent_one));
    (void)close(half);
    (void)close(silent_one);
}

Test(http, a_port_that_is_taken)
{
    struct http_server *second = NULL;
    struct err e;
    start(1, 64, 10000, 60000);
    struct http_config config = {.name = "test",
                                 .threads = 2,
                                 .max_connections = 1,
                                 .max_body = 1,
                                 .stall_timeout_ms = 1000,
                                 .idle_timeout_ms = 1000};
    config.listen = *http_address(server);
    cr_assert_eq(http_start(&config, &second, &e), ERR_IO);
    cr_assert_not_null(strstr(e.text, "in use"), "%s", e.text);
    cr_assert_null(second);
    http_destroy(server);
}
