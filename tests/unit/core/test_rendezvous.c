/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rendezvous.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "table.h"

static const char *const cloud[] = {"eu-west-1a", "eu-west-1b", "eu-west-1c", NULL};
static const char *const short_names[] = {"a", "b", "c", NULL};

/* Computed by another program: a choice that changes moves what runs. */
static const struct {
    const char *key;
    const char *of_cloud;
    const char *of_short_names;
} golden[] = {
    {"spark-7c1e0a5b3d9f4e62a8b4c6d7e8f90123", "eu-west-1a", "c"},
    {"spark-1", "eu-west-1b", "c"},
    {"spark-2", "eu-west-1c", "a"},
    {"spark-3", "eu-west-1b", "c"},
    {"spark-application-1700000000000", "eu-west-1c", "c"},
    {"é", "eu-west-1b", "a"},
    {"", "eu-west-1b", "b"},
};

static void golden_row(size_t i)
{
    const char *key = golden[i].key;
    cr_expect_str_eq(rendezvous(key, cloud), golden[i].of_cloud, "%s", key);
    cr_expect_str_eq(rendezvous(key, short_names), golden[i].of_short_names, "%s", key);
}

Test(rendezvous, golden)
{
    table_run(COUNT(golden), golden_row);
}

Test(rendezvous, of_nothing_and_of_one)
{
    cr_assert_null(rendezvous("k", (const char *const[]){NULL}));
    cr_assert_str_eq(rendezvous("k", (const char *const[]){"z", NULL}), "z");
}

Test(rendezvous, the_order_of_names_does_not_matter)
{
    static const char *const turned[] = {"eu-west-1c", "eu-west-1a", "eu-west-1b", NULL};
    char key[32];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "spark-%d", i);
        cr_expect_str_eq(rendezvous(key, cloud), rendezvous(key, turned), "%s", key);
    }
}

Test(rendezvous, keys_move_only_from_a_name_that_goes)
{
    static const char *const left[] = {"eu-west-1a", "eu-west-1c", NULL};
    char key[32];
    int moved_to_first = 0;
    int moved = 0;
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(key, sizeof(key), "spark-%d", i);
        const char *before = rendezvous(key, cloud);
        const char *after = rendezvous(key, left);
        if (strcmp(before, "eu-west-1b") != 0) {
            cr_expect_str_eq(before, after, "%s", key);
        } else {
            moved++;
            moved_to_first += strcmp(after, "eu-west-1a") == 0;
        }
    }
    cr_assert(moved > 900 && moved < 1100, "a third each: %d", moved);
    cr_assert(moved_to_first > moved * 2 / 5 && moved_to_first < moved * 3 / 5,
              "half each: %d of %d", moved_to_first, moved);
}
