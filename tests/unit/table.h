/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - one test for all rows of a table.
 *
 * The rows share a process: one each, as a ParameterizedTest has it, takes far longer than the
 * rows themselves. A row function checks with cr_expect_*() or row_require() and names its row
 * in every message; cr_assert_*() would leave out the rows after it.
 */
#ifndef TESTS_UNIT_TABLE_H
#define TESTS_UNIT_TABLE_H

#include <stddef.h>

#include <criterion/criterion.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Checks, with a message, what the rest of the row needs: returns from it when it does not hold. */
#define row_require(condition, ...)                                                                \
    do {                                                                                           \
        bool row_holds = (condition);                                                              \
        cr_expect(row_holds, __VA_ARGS__);                                                         \
        if (!row_holds) {                                                                          \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* Runs @row for each index below @count, and before each @reset, which forgets what was. */
static inline void table_run_fresh(size_t count, void (*row)(size_t i), void (*reset)(void))
{
    for (size_t i = 0; i < count; i++) {
        reset();
        row(i);
    }
}

/* The same for rows that leave nothing behind. */
static inline void table_run(size_t count, void (*row)(size_t i))
{
    for (size_t i = 0; i < count; i++) {
        row(i);
    }
}

#endif
