/* SPDX-License-Identifier: Apache-2.0 */
#include "server/listen.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 4096, PORT_MAX = 65535 };

static bool parse_port(const char *text, in_port_t *out)
{
    unsigned port = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text)) {
            return false;
        }
        port = port * 10 + (unsigned)(*text - '0');
        if (port > PORT_MAX) {
            return false;
        }
    }
    *out = htons((in_port_t)port);
    return true;
}

static bool fill_ipv4(const char *host, in_port_t port, struct address *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
    if (inet_pton(AF_INET, host[0] == '\0' ? "0.0.0.0" : host, &in.sin_addr) != 1) {
        return false;
    }
    memcpy(&out->sockaddr, &in, sizeof(in));
    out->len = sizeof(in);
    return true;
}

static bool fill_ipv6(const char *host, in_port_t port, struct address *out)
{
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = port};
    if (inet_pton(AF_INET6, host, &in.sin6_addr) != 1) {
        return false;
    }
    memcpy(&out->sockaddr, &in, sizeof(in));
    out->len = sizeof(in);
    return true;
}

bool address_parse(const char *text, struct address *out)
{
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    in_port_t port;
    if (colon == NULL || (size_t)(colon - text) >= sizeof(host) || !parse_port(colon + 1, &port)) {
        return false;
    }
    size_t len = (size_t)(colon - text);
    memcpy(host, text, len);
    host[len] = '\0';
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        return fill_ipv6(host + 1, port, out);
    }
    return fill_ipv4(host, port, out);
}

void address_print(const struct address *a, char out[static ADDRESS_TEXT_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (a->sockaddr.ss_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, &a->sockaddr, sizeof(in));
        (void)inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof(host));
        (void)snprintf(out, ADDRESS_TEXT_MAX, "[%s]:%u", host, ntohs(in.sin6_port));
        return;
    }
    struct sockaddr_in in;
    memcpy(&in, &a->sockaddr, sizeof(in));
    (void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
    (void)snprintf(out, ADDRESS_TEXT_MAX, "%s:%u", host, ntohs(in.sin_port));
}

static bool set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/*
 * The first socket shares its port only after it has bound it, so that a second server
 * on the same port is an error and not half of the traffic gone.
 */
static bool bind_one(int fd, struct address *a, bool is_first, unsigned user_timeout_ms)
{
    if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)user_timeout_ms) ||
        (!is_first && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
        bind(fd, (const struct sockaddr *)&a->sockaddr, a->len) != 0 ||
        (is_first && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))) {
        return false;
    }
    a->len = sizeof(a->sockaddr);
    return listen(fd, BACKLOG) == 0 &&
           getsockname(fd, (struct sockaddr *)&a->sockaddr, &a->len) == 0;
}

enum err_code listen_open(const struct address *a, size_t count, unsigned user_timeout_ms,
                          int *out_fds, struct address *out_bound, struct err *e)
{
    struct address bound = *a;
    for (size_t i = 0; i < count; i++) {
        int fd = socket(a->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && bind_one(fd, &bound, i == 0, user_timeout_ms)) {
            out_fds[i] = fd;
            continue;
        }
        char text[ADDRESS_TEXT_MAX];
        address_print(a, text);
        (void)err_set(e, ERR_IO, "cannot listen on %s: %s", text, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        while (i > 0) {
            (void)close(out_fds[--i]);
        }
        return ERR_IO;
    }
    *out_bound = bound;
    return ERR_OK;
}
