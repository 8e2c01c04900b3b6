/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/amount.h"

#include "pods.h"

TestSuite(amount, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct {
    const char *container;
    const char *text;
    bool is_valid;
    long long mib;
} cases[] = {
    {"{}", NULL, false, 0},
    {"{\"resources\":null}", NULL, false, 0},
    {"{\"resources\":{\"limits\":{\"memory\":\"2Gi\"}}}", NULL, false, 0},
    {"{\"resources\":{\"requests\":{\"memory\":null}}}", NULL, false, 0},
    {"{\"resources\":{\"requests\":{\"memory\":\"2Gi\"}}}", "2Gi", true, 2048},
    {"{\"resources\":{\"requests\":{\"memory\":1048576}}}", "1048576", true, 1},
    {"{\"resources\":{\"requests\":{\"memory\":\"lots\"}}}", "lots", false, 0},
};

static void case_row(size_t i)
{
    struct json *container = pods_parse(cases[i].container);
    row_require(container != NULL, "%s", cases[i].container);
    struct amount a = amount_of(container, "requests", "memory");
    cr_expect_eq(a.text == NULL, cases[i].text == NULL, "%s", cases[i].container);
    cr_expect(a.text == NULL || strcmp(a.text, cases[i].text) == 0, "%s", cases[i].container);
    cr_expect_eq(a.is_valid, cases[i].is_valid, "%s", cases[i].container);
    cr_expect(!a.is_valid || quantity_compare(a.quantity, amount_of_mib(cases[i].mib)) == 0, "%s",
              cases[i].container);
}

Test(amount, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}
