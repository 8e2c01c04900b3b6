/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "core/buf.h"
#include "server/status.h"

static struct status *status;
static struct buf text;

static void begin(void)
{
    status = status_create();
    cr_assert_not_null(status);
    buf_init(&text, 65536);
    status_set_policies(status, 3, 0, 2);
    status_set_certificate(status, INT64_C(4102444800)); /* 2100 */
}

static void end(void)
{
    status_destroy(status);
    buf_finish(&text);
}

TestSuite(status, .timeout = 20, .init = begin, .fini = end);

static const char *print(void)
{
    buf_reset(&text);
    status_print(status, &text);
    return text.text;
}

Test(status, all_is_well)
{
    cr_assert(status_is_ready(status));
    cr_assert_str_eq(print(), "[+]policies ok: 3 from 2 files\n"
                              "[+]certificate ok: expires 2100-01-01T00:00:00Z\n"
                              "[+]serving\n");
}

Test(status, a_refused_reload_is_seen_until_it_is_mended_and_no_reason_to_go)
{
    status_set_policies_error(status, "a.yaml:1:2: nonsense");
    status_set_certificate_error(status, "tls.key: does not match");
    cr_assert(status_is_ready(status));
    cr_assert_str_eq(print(),
                     "[-]policies: last reload refused: a.yaml:1:2: nonsense (last good still in "
                     "force)\n"
                     "[-]certificate: last reload refused: tls.key: does not match (last good "
                     "still served, expires 2100-01-01T00:00:00Z)\n"
                     "[+]serving\n");
    status_set_policies(status, 1, 0, 1);
    status_set_certificate(status, INT64_C(4102444801));
    cr_assert_str_eq(print(), "[+]policies ok: 1 from 1 file\n"
                              "[+]certificate ok: expires 2100-01-01T00:00:01Z\n"
                              "[+]serving\n");
}

Test(status, an_expired_certificate_is_seen)
{
    status_set_certificate(status, 0);
    cr_assert(status_is_ready(status));
    cr_assert_not_null(strstr(print(), "[-]certificate expired 1970-01-01T00:00:00Z\n"));
    status_set_certificate_error(status, "tls.key: nonsense");
    cr_assert_not_null(strstr(print(), "still served, expired 1970-01-01T00:00:00Z)\n"));
}

Test(status, a_certificate_near_its_end_is_seen)
{
    status_set_certificate(status, (int64_t)time(NULL) + 6 * 86400);
    cr_assert_not_null(strstr(print(), "[+]certificate ok: expires 2"));
    cr_assert_not_null(strstr(print(), "Z, within 7 days\n"));
}

Test(status, draining_is_not_ready)
{
    status_set_draining(status);
    cr_assert_not(status_is_ready(status));
    cr_assert_not_null(strstr(print(), "[-]draining\n"));
}

Test(status, a_long_error_is_cut)
{
    char error[4096];
    memset(error, 'x', sizeof(error) - 1);
    error[sizeof(error) - 1] = '\0';
    status_set_policies_error(status, error);
    cr_assert_lt(strlen(print()), sizeof(error));
}

Test(status, exceptions_are_shown_until_they_are_gone)
{
    static const struct {
        struct status_exceptions exceptions;
        const char *says;
    } cases[] = {
        {{.count = 2, .name = "a", .expires = INT64_C(4102444800)},
         "[+]exceptions ok: 2, the first to expire is a: 2100-01-01T00:00:00Z\n"},
        {{.count = 3, .expired = 1, .name = "nightly", .expires = 86400},
         "[-]exceptions: 1 of 3 expired, the first was nightly: 1970-01-02T00:00:00Z\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        status_set_exceptions(status, &cases[i].exceptions);
        cr_assert_not_null(strstr(print(), cases[i].says), "%s", text.text);
    }
    cr_assert(status_is_ready(status), "no reason to go");
    char name[200];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    status_set_exceptions(status, &(struct status_exceptions){
                                      .count = 1, .name = name, .expires = time(NULL) + 86400 * 3});
    cr_assert_not_null(strstr(print(), ", within 7 days\n"), "%s", text.text);
    status_set_exceptions(status, &(struct status_exceptions){.count = 0});
    cr_assert_null(strstr(print(), "exceptions"), "%s", text.text);
}

Test(status, monitored_policies_are_counted)
{
    status_set_policies(status, 3, 1, 2);
    cr_assert_not_null(strstr(print(), "[+]policies ok: 3 from 2 files, 1 monitored\n"));
}
