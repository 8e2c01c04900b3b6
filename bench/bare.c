/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare.c - the least a webhook over H2O can do: what bench/run measures the server against.
 *
 * One thread, HTTP/1.1 over TLS 1.3. Every request gets the same small answer; its body is
 * received, as H2O does before it calls a handler, and never looked at. It lives as
 * long as the process and ends with it, so nothing is released.
 *
 * Usage: bare PORT CERTIFICATE KEY (PEM files), on 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <h2o.h>
#include <openssl/ssl.h>

/* Longer than a round with its pauses, so that no connection is closed for idling. */
enum { REQUEST_TIMEOUT_MS = 120000, BODY_MAX = 1 << 24, ACCEPTS_A_TURN = 16 };

static const char answer[] = "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                             "\"response\":{\"uid\":\"00000000-0000-0000-0000-000000000000\","
                             "\"allowed\":true}}\n";

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accept_context;

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    req->res.status = 200;
    req->res.reason = "OK";
    /* Without a length H2O would send the answer in chunks. */
    req->res.content_length = sizeof(answer) - 1;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_send_inline(req, answer, sizeof(answer) - 1);
    return 0;
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    if (error != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (sock == NULL) {
            return;
        }
        h2o_accept(&accept_context, sock);
    }
}

static SSL_CTX *tls_create(const char *certificate, const char *key)
{
    static char http1[] = "http/1.1";
    static const h2o_iovec_t protocols[] = {{http1, sizeof(http1) - 1}, {NULL, 0}};
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL) {
        return NULL;
    }
    bool ready = SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) == 1 &&
                 SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
                 SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1;
    if (!ready) {
        SSL_CTX_free(tls);
        return NULL;
    }
    h2o_ssl_register_alpn_protocols(tls, protocols);
    return tls;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        return -1;
    }
    return fd;
}

static void configure(void)
{
    h2o_config_init(&config);
    config.server_name = h2o_iovec_init(H2O_STRLIT("bare"));
    config.max_request_entity_size = BODY_MAX;
    config.http1.req_timeout = REQUEST_TIMEOUT_MS;
    config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), UINT16_MAX);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
    h2o_context_init(&context, h2o_evloop_create(), &config);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fputs("usage: bare PORT CERTIFICATE KEY\n", stderr);
        return 2;
    }
    char *end = NULL;
    unsigned long port = strtoul(argv[1], &end, 10);
    if (port == 0 || port > UINT16_MAX || *end != '\0') {
        (void)fprintf(stderr, "bare: no port: %s\n", argv[1]);
        return 2;
    }
    SSL_CTX *tls = tls_create(argv[2], argv[3]);
    if (tls == NULL) {
        (void)fprintf(stderr, "bare: cannot use %s with %s\n", argv[2], argv[3]);
        return 2;
    }
    int fd = listen_on((uint16_t)port);
    if (fd < 0) {
        perror("bare: cannot listen");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    /* A shell starts what runs in the background with this ignored. */
    (void)signal(SIGINT, SIG_DFL);
    configure();
    accept_context.ctx = &context;
    accept_context.hosts = config.hosts;
    accept_context.ssl_ctx = tls;
    h2o_socket_read_start(h2o_evloop_socket_create(context.loop, fd, H2O_SOCKET_FLAG_DONT_READ),
                          on_accept);
    while (h2o_evloop_run(context.loop, INT32_MAX) == 0 || errno == EINTR) {
    }
    perror("bare: event loop");
    return 1;
}
