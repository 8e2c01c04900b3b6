/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <criterion/criterion.h>

#include "core/quantity.h"
#include "table.h"

TestSuite(quantity, .timeout = 20);

/* The value is @units and @nano of the same sign. */
static const struct {
    const char *text;
    int64_t units, nano;
} good_cases[] = {
    {"0", 0, 0},
    {"-0", 0, 0},
    {"000", 0, 0},
    {"1", 1, 0},
    {"+1", 1, 0},
    {"-1", -1, 0},
    {"0012", 12, 0},
    {"5.", 5, 0},
    {".5", 0, 500000000},
    {"-.5", 0, -500000000},
    {"+.5", 0, 500000000},
    {"1.5", 1, 500000000},
    {"1.50000000000000000000000000000000000000000000", 1, 500000000},
    {"00000000000000000000000000000000000000000000001.5", 1, 500000000},
    {"-1.25", -1, -250000000},
    /* every suffix */
    {"1n", 0, 1},
    {"1u", 0, 1000},
    {"1m", 0, 1000000},
    {"500m", 0, 500000000},
    {"2500m", 2, 500000000},
    {"1k", 1000, 0},
    {"1M", 1000000, 0},
    {"1G", 1000000000, 0},
    {"1T", 1000000000000, 0},
    {"1P", 1000000000000000, 0},
    {"1E", 1000000000000000000, 0},
    {"1Ki", 1024, 0},
    {"1Mi", 1048576, 0},
    {"1Gi", 1073741824, 0},
    {"1Ti", 1099511627776, 0},
    {"1Pi", 1125899906842624, 0},
    {"1Ei", 1152921504606846976, 0},
    {"1.5Gi", 1610612736, 0},
    {"4505Mi", 4723834880, 0},
    {"-1.5Ki", -1536, 0},
    {".5Ki", 512, 0},
    {"1.Ki", 1024, 0},
    {"0.1Ki", 102, 400000000},
    /* exponents */
    {"1e3", 1000, 0},
    {"1E3", 1000, 0},
    {"1e+3", 1000, 0},
    {"1e0", 1, 0},
    {"1e00003", 1000, 0},
    {"1.5e3", 1500, 0},
    {"1.5e1", 15, 0},
    {"1.234e2", 123, 400000000},
    {"12e-1", 1, 200000000},
    {"12.5e-1", 1, 250000000},
    {"12e-3", 0, 12000000},
    {"0.001e3", 1, 0},
    {"5e-9", 0, 5},
    {"0e999999999999999999999999", 0, 0},
    {"0e-99999999999999999999999", 0, 0},
    /* finer than nano rounds away from zero, however little is left */
    {"0.1n", 0, 1},
    {"1.1n", 0, 2},
    {"-0.1n", 0, -1},
    {"-1.1n", 0, -2},
    {"0.9n", 0, 1},
    {"1.0n", 0, 1},
    {"0.0000000001", 0, 1},
    {"1.0000000001", 1, 1},
    {"1.9999999999", 2, 0},
    {"1e-10", 0, 1},
    {"1e-99999999999999999999999", 0, 1},
    {"-1e-99999999999999999999999", 0, -1},
    {"123456789e-18", 0, 1},
    {"0.000000000000000000000000000000000000000000000000000000000000001", 0, 1},
    {"1.00000000000000000000000000000000000000000000000000000000000001Ki", 1024, 1},
    {"0.0009765625Ki", 1, 0},
    {"0.00000000000000000000000000000000000000000000000000000000001Ei", 0, 1},
    /* the largest, and Kubernetes' cap of binary ones */
    {"9223372036854775807", INT64_MAX, 0},
    {"-9223372036854775807", -INT64_MAX, 0},
    {"9.223372036854775807E", INT64_MAX, 0},
    {"9223372036854775807000m", INT64_MAX, 0},
    {"9223372036854775.807e3", INT64_MAX, 0},
    {"9223372036854775807000000000n", INT64_MAX, 0},
    {"7Ei", 8070450532247928832, 0},
    {"8Ei", INT64_MAX, 0},
    {"-8Ei", -INT64_MAX, 0},
    {"7.99999999999999999999999999Ei", INT64_MAX, 0},
    {"99999999999999999999999999999999999999999999999999999Ki", INT64_MAX, 0},
};

static void good_row(size_t i)
{
    struct quantity q = {.nano = 42};
    const int64_t per_unit = 1000000000;
    row_require(quantity_parse(good_cases[i].text, &q), "\"%s\"", good_cases[i].text);
    int64_t units = (int64_t)(q.nano / per_unit);
    int64_t nano = (int64_t)(q.nano % per_unit);
    cr_expect(units == good_cases[i].units && nano == good_cases[i].nano,
              "\"%s\" is %lld units and %lld nano", good_cases[i].text, (long long)units,
              (long long)nano);
}

Test(quantity, good)
{
    table_run(COUNT(good_cases), good_row);
}

static const char *const bad_cases[] = {
    "",
    "+",
    "-",
    ".",
    "-.",
    "Ki",
    "m",
    "e3",
    ".Mi",
    "--1",
    "+-1",
    "1-",
    "1+1",
    "1..5",
    "1.1.M",
    "1,5",
    " 1",
    "1 ",
    "1 Ki",
    "1\n",
    "0x10",
    "1_000",
    "aoeu",
    "infinity",
    "nan",
    /* suffixes that look like one */
    "1K",
    "1ki",
    "1mi",
    "1gi",
    "1g",
    "1i",
    "1ni",
    "1mm",
    "1KiB",
    "1Kib",
    "1GB",
    "1GiGi",
    "1kM",
    "1Mi3",
    "1m3",
    "1Z",
    "1Zi",
    /* exponents */
    "1e",
    "1e+",
    "1e-",
    "1E-",
    "-3.01e-",
    "1e+-3",
    "1e3.0",
    "1e3Ki",
    "1e3 ",
    "1Ee3",
    "1E3E",
    "1Ei3",
    /* over the maximum */
    "9223372036854775808",
    "-9223372036854775808",
    "9223372036854775807.0000000001",
    "9223372036854775807.000000001",
    "9223372036854775808000m",
    "10E",
    "1e19",
    "1e99999999999999999999999999999",
    "340282366920938463463374607431768211457",
    "680564733841876926926749214863536422913",
    "99999999999999999999999999999999999999999999999999999",
};

static void bad_row(size_t i)
{
    struct quantity q = {.nano = 42};
    cr_expect_not(quantity_parse(bad_cases[i], &q), "\"%s\"", bad_cases[i]);
    cr_expect(q.nano == 42, "untouched on failure: \"%s\"", bad_cases[i]);
}

Test(quantity, bad)
{
    table_run(COUNT(bad_cases), bad_row);
}

static const struct {
    const char *x, *y;
    int want;
} compare_cases[] = {
    {"1", "1", 0},          {"1", "1000m", 0},
    {"1", "1001m", -1},     {"0", "-0", 0},
    {"-1", "1", -1},        {"-2", "-1", -1},
    {"1k", "1Ki", -1},      {"1024", "1Ki", 0},
    {"1.5Gi", "1536Mi", 0}, {"1.5Gi", "1536M", 1},
    {"1E", "1E3", 1},       {"1E", "1Ei", -1},
    {"1E", "1e18", 0},      {"1E3", "1e3", 0},
    {"1E3", "1k", 0},       {"0.1n", "1n", 0},
    {"1.1n", "1n", 1},      {"9223372036854775807", "9223372036854775806.999999999", 1},
    {"8Ei", "9Ei", 0},
};

static void compare_row(size_t i)
{
    struct quantity x;
    struct quantity y;
    row_require(quantity_parse(compare_cases[i].x, &x), "\"%s\"", compare_cases[i].x);
    row_require(quantity_parse(compare_cases[i].y, &y), "\"%s\"", compare_cases[i].y);
    int want = compare_cases[i].want;
    int got = quantity_compare(x, y);
    int back = quantity_compare(y, x);
    cr_expect(want < 0   ? got < 0 && back > 0
              : want > 0 ? got > 0 && back < 0
                         : !got && !back,
              "%s and %s", compare_cases[i].x, compare_cases[i].y);
}

Test(quantity, compare)
{
    table_run(COUNT(compare_cases), compare_row);
}
