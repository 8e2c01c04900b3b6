/* SPDX-License-Identifier: Apache-2.0 */
#include "server/rate.h"

#include <criterion/criterion.h>

#include "table.h"

TestSuite(rate, .timeout = 20);

Test(rate, so_many_a_second)
{
    static const struct {
        int64_t now;
        bool taken;
        uint64_t skipped;
    } steps[] = {
        {5, true, 0}, {5, true, 0}, {5, false, 0}, {5, false, 0}, {6, true, 2},
        {6, true, 0}, {9, true, 0}, {9, true, 0},  {9, false, 0}, {8, true, 1}, /* set back */
        {8, true, 0},
    };
    struct rate r = {.second = 0};
    for (size_t i = 0; i < COUNT(steps); i++) {
        uint64_t skipped = 0;
        cr_expect_eq(rate_take(&r, 2, steps[i].now, &skipped), steps[i].taken, "step %zu", i);
        cr_expect_eq(skipped, steps[i].skipped, "step %zu", i);
    }
}
