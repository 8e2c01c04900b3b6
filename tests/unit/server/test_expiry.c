/* SPDX-License-Identifier: Apache-2.0 */
#include "server/expiry.h"
#include "table.h"

enum { DAY = 86400 };

static const struct {
    int64_t seconds_left;
    enum expiry expiry;
} cases[] = {
    {INT64_MAX, EXPIRY_FAR},  {30 * DAY + 1, EXPIRY_FAR},
    {30 * DAY, EXPIRY_MONTH}, {7 * DAY + 1, EXPIRY_MONTH},
    {7 * DAY, EXPIRY_WEEK},   {DAY + 1, EXPIRY_WEEK},
    {DAY, EXPIRY_DAY},        {1, EXPIRY_DAY},
    {0, EXPIRY_PAST},         {-1, EXPIRY_PAST},
    {INT64_MIN, EXPIRY_PAST},
};

static void row(size_t i)
{
    cr_expect_eq(expiry_of(cases[i].seconds_left), cases[i].expiry, "row %zu", i);
}

Test(expiry, thresholds)
{
    table_run(COUNT(cases), row);
}
