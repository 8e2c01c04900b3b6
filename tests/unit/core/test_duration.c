/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "core/duration.h"
#include "table.h"

enum { BAD = -1 };

TestSuite(duration, .timeout = 20);

static const struct {
    const char *text;
    int64_t want_ms; /* BAD: refused */
} cases[] = {
    {"0", 0},
    {"0s", 0},
    {"0h0m0s", 0},
    {"250ms", 250},
    {"1s", 1000},
    {"90s", 90000},
    {"007s", 7000},
    {"15m", 900000},
    {"5m30s", 330000},
    {"1h30m", 5400000},
    {"1h5ms", 3600005},
    {"1h2m3s4ms", 3723004},
    {"1m1ms", 60001},
    {"87600h", 315360000000},
    {"87599h59m59s1000ms", 315360000000},
    {"315360000000ms", 315360000000},
    {"87600h1ms", BAD},
    {"87601h", BAD},
    {"315360000001ms", BAD},
    {"99999999999999999999999999h", BAD},
    {"18446744073709551617s", BAD},
    {"", BAD},
    {"00", BAD},
    {"5", BAD},
    {"s", BAD},
    {"ms", BAD},
    {"1", BAD},
    {"1h1", BAD},
    {"1hm", BAD},
    {"1d", BAD},
    {"1us", BAD},
    {"1ns", BAD},
    {"1S", BAD},
    {"1sm", BAD},
    {"1s1m", BAD},
    {"1ms1s", BAD},
    {"1s1s", BAD},
    {"1m1h", BAD},
    {"1.5h", BAD},
    {"-1s", BAD},
    {"+1s", BAD},
    {" 1s", BAD},
    {"1s ", BAD},
    {"1 s", BAD},
    {"1h 1m", BAD},
};

static void parse_row(size_t i)
{
    int64_t ms = BAD;
    bool ok = duration_parse(cases[i].text, &ms);
    cr_expect_eq(ok, cases[i].want_ms != BAD, "\"%s\"", cases[i].text);
    cr_expect_eq(ms, cases[i].want_ms, "\"%s\" is %lld ms", cases[i].text, (long long)ms);
}

Test(duration, parse)
{
    table_run(COUNT(cases), parse_row);
}
