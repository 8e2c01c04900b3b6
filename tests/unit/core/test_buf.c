/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"

TestSuite(buf, .timeout = 20);

Test(buf, appends_of_every_kind)
{
    struct buf b;
    buf_init(&b, 1000);
    cr_assert_null(b.text);
    buf_add(&b, "", 0);
    cr_assert_str_eq(b.text, "");
    buf_add(&b, "abcXX", 3);
    buf_adds(&b, "def");
    buf_addc(&b, '-');
    buf_addf(&b, "%s=%d", "n", 42);
    buf_addf(&b, "%s", "");
    cr_assert_str_eq(b.text, "abcdef-n=42");
    cr_assert_eq(b.len, strlen(b.text));
    cr_assert_not(b.failed);
    buf_finish(&b);
    cr_assert_null(b.text);
}

Test(buf, bytes_with_nul)
{
    struct buf b;
    buf_init(&b, 10);
    buf_add(&b, "a\0b", 3);
    cr_assert_eq(b.len, 3);
    cr_assert_eq(memcmp(b.text, "a\0b", 4), 0);
    buf_finish(&b);
}

Test(buf, grows_up_to_its_maximum_and_no_byte_further)
{
    enum { MAX = 5000 };
    struct buf b;
    buf_init(&b, MAX);
    for (size_t i = 0; i < MAX; i++) {
        buf_addc(&b, (char)('a' + i % 26));
        cr_assert_not(b.failed);
        cr_assert_eq(b.text[b.len], '\0');
    }
    cr_assert_leq(b.size, MAX + 1, "no memory beyond the maximum");
    for (size_t i = 0; i < MAX; i++) {
        cr_assert_eq(b.text[i], (char)('a' + i % 26));
    }
    buf_addc(&b, '!');
    cr_assert(b.failed);
    cr_assert_eq(b.len, MAX);
    cr_assert_eq(strlen(b.text), MAX);
    buf_finish(&b);
}

Test(buf, after_a_failure_appends_do_nothing_until_reset)
{
    struct buf b;
    buf_init(&b, 5);
    buf_adds(&b, "abc");
    buf_adds(&b, "def");
    cr_assert(b.failed);
    buf_addc(&b, 'd');
    buf_addf(&b, "%d", 1);
    buf_add(&b, "", 0);
    cr_assert_null(buf_reserve(&b, 0));
    cr_assert_str_eq(b.text, "abc", "nothing by half");
    buf_reset(&b);
    cr_assert_not(b.failed);
    cr_assert_str_eq(b.text, "");
    buf_addf(&b, "%d", 12345);
    cr_assert_str_eq(b.text, "12345");
    cr_assert_not(b.failed);
    buf_addf(&b, "%s", "x");
    cr_assert(b.failed);
    cr_assert_str_eq(b.text, "12345");
    buf_finish(&b);
}

Test(buf, nothing_may_be_the_maximum)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "");
    cr_assert_not(b.failed);
    cr_assert_str_eq(b.text, "");
    buf_addc(&b, 'x');
    cr_assert(b.failed);
    buf_finish(&b);
    buf_init(&b, 0);
    buf_reset(&b);
    buf_finish(&b);
}

Test(buf, reserve_and_commit)
{
    struct buf b;
    buf_init(&b, 2000);
    buf_adds(&b, "ab");
    char *to = buf_reserve(&b, 1000);
    cr_assert_not_null(to);
    cr_assert_str_eq(b.text, "ab", "reserving changes no text");
    cr_assert_eq(b.len, 2);
    memset(to, 'x', 1000);
    buf_commit(&b, 3);
    cr_assert_str_eq(b.text, "abxxx");
    cr_assert_eq(b.len, 5);
    cr_assert_null(buf_reserve(&b, 1996));
    cr_assert(b.failed);
    buf_finish(&b);
}

Test(buf, absurd_sizes_fail_and_do_not_wrap_around)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    cr_assert_null(buf_reserve(&b, SIZE_MAX));
    cr_assert(b.failed);
    buf_reset(&b);
    buf_adds(&b, "ab");
    cr_assert_null(buf_reserve(&b, SIZE_MAX - 2));
    cr_assert(b.failed);
    cr_assert_str_eq(b.text, "ab");
    buf_finish(&b);
}

Test(buf, memory_of_an_arena)
{
    struct arena *a = arena_create(64, 65536);
    struct buf b;
    buf_init_arena(&b, a, 3000);
    for (size_t i = 0; i < 3000; i++) {
        buf_addc(&b, (char)('a' + i % 26));
    }
    cr_assert_not(b.failed);
    for (size_t i = 0; i < 3000; i++) {
        cr_assert_eq(b.text[i], (char)('a' + i % 26));
    }
    cr_assert_geq(arena_used(a), 3001);
    buf_addc(&b, '!');
    cr_assert(b.failed);
    buf_finish(&b);
    arena_destroy(a);
}

Test(buf, the_cap_of_its_arena_is_a_failure_too)
{
    struct arena *a = arena_create(64, 1024);
    struct buf b;
    buf_init_arena(&b, a, 1 << 20);
    while (!b.failed) {
        buf_adds(&b, "0123456789");
    }
    cr_assert_lt(b.len, 1024);
    cr_assert_eq(b.len % 10, 0);
    cr_assert_eq(strlen(b.text), b.len);
    buf_finish(&b);
    arena_destroy(a);
}
