/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "core/date.h"
#include "table.h"

enum { BAD = -1 };

TestSuite(date, .timeout = 20);

static const struct {
    const char *text;
    int64_t want; /* BAD: refused */
} cases[] = {
    {"1970-01-01", 86400},
    {"1970-12-31", 365 * 86400},
    {"2000-02-29", 951868800},
    {"2027-01-31", 1801440000},
    {"2028-02-29", 1835481600},
    {"2100-02-28", 4107542400},
    {"9999-12-31", 253402300800},
    {"1970-01-01T00:00:00Z", 0},
    {"2027-01-31T18:00:00Z", 1801418400},
    {"2027-01-31t18:00:00z", 1801418400},
    {"2027-01-31 18:00:00Z", 1801418400},
    {"2027-01-31T18:00:00.123456789Z", 1801418400},
    {"2027-01-31T18:00:00+01:00", 1801414800},
    {"2027-01-31T18:00:00-00:30", 1801420200},
    {"2026-12-31T23:59:60Z", 1798761600},
    {"1970-01-01T00:00:00+01:00", -3600},
    {"", BAD},
    {"2027", BAD},
    {"2027-01", BAD},
    {"2027-1-31", BAD},
    {"27-01-31", BAD},
    {"2027-00-01", BAD},
    {"2027-13-01", BAD},
    {"2027-01-00", BAD},
    {"2027-01-32", BAD},
    {"2027-04-31", BAD},
    {"2027-02-29", BAD},
    {"2100-02-29", BAD},
    {"1969-12-31", BAD},
    {"20270131", BAD},
    {"2027/01/31", BAD},
    {"+027-01-31", BAD},
    {" 2027-01-31", BAD},
    {"2027-01-31 ", BAD},
    {"2027-01-31x", BAD},
    {"2027-01-31T", BAD},
    {"2027-01-31T18:00", BAD},
    {"2027-01-31T18:00Z", BAD},
    {"2027-01-31T18:00:00", BAD},
    {"2027-01-31T24:00:00Z", BAD},
    {"2027-01-31T18:60:00Z", BAD},
    {"2027-01-31T18:00:61Z", BAD},
    {"2027-01-31T18:00:00.Z", BAD},
    {"2027-01-31T18:00:00ZZ", BAD},
    {"2027-01-31T18:00:00+1:00", BAD},
    {"2027-01-31T18:00:00+0100", BAD},
    {"2027-01-31T18:00:00+24:00", BAD},
    {"2027-01-31T18:00:00+01:60", BAD},
    {"tomorrow", BAD},
};

static void parses_row(size_t i)
{
    int64_t got = BAD;
    bool ok = date_parse_end(cases[i].text, &got);
    cr_expect_eq(ok, cases[i].want != BAD, "\"%s\"", cases[i].text);
    cr_expect_eq(got, cases[i].want, "\"%s\": %lld", cases[i].text, (long long)got);
}

Test(date, parses)
{
    table_run(COUNT(cases), parses_row);
}

/* Every day for two hundred years, against the C library. */
Test(date, every_day_is_the_one_after_the_day_before)
{
    for (int64_t day = 0; day < 73000; day++) {
        char text[DATE_TEXT_MAX];
        date_print(day * DAY_SECONDS, text);
        text[strlen("2027-01-31")] = '\0';
        int64_t end = 0;
        cr_assert(date_parse_end(text, &end), "%s", text);
        cr_assert_eq(end, (day + 1) * DAY_SECONDS, "%s", text);
    }
}

Test(date, prints)
{
    char text[DATE_TEXT_MAX];
    date_print(1801418400, text);
    cr_expect_str_eq(text, "2027-01-31T18:00:00Z");
    date_print(INT64_MAX, text);
    cr_expect_str_eq(text, "");
    date_print(INT64_C(253402300800), text);
    cr_expect_str_eq(text, "", "the year 10000: %s", text);
}
