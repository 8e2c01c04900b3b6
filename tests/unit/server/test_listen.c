/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "server/listen.h"
#include "table.h"

TestSuite(listen, .timeout = 20);

/* NULL: no address. */
static const struct {
    const char *text, *printed;
} addresses[] = {
    {"127.0.0.1:8443", "127.0.0.1:8443"},
    {"0.0.0.0:0", "0.0.0.0:0"},
    {":8443", "0.0.0.0:8443"},
    {"[::]:8443", "[::]:8443"},
    {"[::1]:65535", "[::1]:65535"},
    {"[0:0:0:0:0:0:0:1]:1", "[::1]:1"},
    {"127.0.0.1:08443", "127.0.0.1:8443"},
    {"", NULL},
    {"localhost:1", NULL},
    {"localhost", NULL},
    {"127.0.0.1", NULL},
    {"127.0.0.1:", NULL},
    {"127.0.0.1:x", NULL},
    {"127.0.0.1:+1", NULL},
    {"127.0.0.1:65536", NULL},
    {"127.0.0.1:99999999999999999999", NULL},
    {"300.0.0.1:1", NULL},
    {":::1", NULL},
    {"::1:80", NULL},
    {"[::1]", NULL},
    {"[::1:80", NULL},
    {"[127.0.0.1]:80", NULL},
    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:80", NULL},
};

static void address_row(size_t i)
{
    struct address a;
    bool is_good = address_parse(addresses[i].text, &a);
    row_require(is_good == (addresses[i].printed != NULL), "%s", addresses[i].text);
    if (is_good) {
        char text[ADDRESS_TEXT_MAX];
        address_print(&a, text);
        cr_expect_str_eq(text, addresses[i].printed, "%s: %s", addresses[i].text, text);
    }
}

Test(listen, address)
{
    table_run(COUNT(addresses), address_row);
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
}

Test(listen, all_share_one_port_that_nobody_else_gets)
{
    struct address any, bound, again;
    struct err e;
    int fds[3];
    int more[3];
    char text[ADDRESS_TEXT_MAX];
    cr_assert(address_parse("127.0.0.1:0", &any));
    cr_assert_eq(listen_open(&any, COUNT(fds), 1000, fds, &bound, &e), ERR_OK, "%s", e.text);
    for (size_t i = 0; i < COUNT(fds); i++) {
        struct sockaddr_in in = {.sin_port = 0};
        socklen_t len = sizeof(in);
        cr_assert_eq(getsockname(fds[i], (struct sockaddr *)&in, &len), 0);
        cr_assert_eq(memcmp(&in, &bound.sockaddr, sizeof(in)), 0);
        cr_assert_neq(in.sin_port, 0);
    }
    cr_assert_eq(listen_open(&bound, COUNT(more), 1000, more, &again, &e), ERR_IO);
    address_print(&bound, text);
    cr_assert_not_null(strstr(e.text, text), "%s", e.text);
    close_all(fds, COUNT(fds));
    cr_assert_eq(listen_open(&bound, COUNT(more), 1000, more, &again, &e), ERR_OK, "%s", e.text);
    close_all(more, COUNT(more));
}
