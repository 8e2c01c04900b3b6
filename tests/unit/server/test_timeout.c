/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "server/timeout.h"
#include "table.h"

TestSuite(timeout, .timeout = 20);

static const struct {
    const char *query;
    int64_t ms;
} queries[] = {
    {"timeout=10s", 10000},
    {"timeout=1s", 1000},
    {"timeout=30s", 30000},
    {"timeout=1m0s", 60000},
    {"timeout=250ms", 250},
    {"a=b&timeout=3s", 3000},
    {"timeout=3s&a=b", 3000},
    {"&&timeout=3s&", 3000},
    {"dryRun=All&timeout=3s&x", 3000},
    {"timeout=3s&timeout=4s", 3000},
    /* Other parameters. */
    {"xtimeout=3s", TIMEOUT_DEFAULT_MS},
    {"x-timeout=3s&timeouts=3s", TIMEOUT_DEFAULT_MS},
    {"Timeout=3s", TIMEOUT_DEFAULT_MS},
    {"a=timeout=3s", TIMEOUT_DEFAULT_MS},
    {"a?timeout=3s", TIMEOUT_DEFAULT_MS},
    {"", TIMEOUT_DEFAULT_MS},
    {"&", TIMEOUT_DEFAULT_MS},
    {"timeout", TIMEOUT_DEFAULT_MS},
    /* Bad values. */
    {"timeout=", TIMEOUT_DEFAULT_MS},
    {"timeout=&timeout=3s", TIMEOUT_DEFAULT_MS},
    {"timeout=3", TIMEOUT_DEFAULT_MS},
    {"timeout=-3s", TIMEOUT_DEFAULT_MS},
    {"timeout=0", TIMEOUT_DEFAULT_MS},
    {"timeout=0s", TIMEOUT_DEFAULT_MS},
    {"timeout=3s%20", TIMEOUT_DEFAULT_MS},
    {"timeout=3s;a=b", TIMEOUT_DEFAULT_MS},
    {"timeout=soon", TIMEOUT_DEFAULT_MS},
    {"timeout=0000000000000000000000000000003s", TIMEOUT_DEFAULT_MS},
    {"timeout=99999999999999999999s", TIMEOUT_DEFAULT_MS},
};

static void query_row(size_t i)
{
    int64_t ms = timeout_of_query(queries[i].query, strlen(queries[i].query));
    cr_expect_eq(ms, queries[i].ms, "\"%s\": %lld", queries[i].query, (long long)ms);
}

Test(timeout, queries)
{
    table_run(COUNT(queries), query_row);
}

Test(timeout, texts_end_where_their_length_says)
{
    static const char text[] = "timeout=3s0ms";
    static const char holed[] = "timeout=3s\0&timeout=4s";
    cr_assert_eq(timeout_of_query(NULL, 0), TIMEOUT_DEFAULT_MS);
    cr_assert_eq(timeout_of_query(text, strlen("timeout=3s")), 3000);
    cr_assert_eq(timeout_of_query(text, strlen("timeout=3")), TIMEOUT_DEFAULT_MS);
    cr_assert_eq(timeout_of_query(holed, sizeof(holed) - 1), TIMEOUT_DEFAULT_MS);
}
