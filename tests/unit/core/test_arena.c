/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

TestSuite(arena, .timeout = 20);

enum { ALIGNMENT = 16 };

Test(arena, allocations_are_aligned_apart_and_writable)
{
    struct arena *a = arena_create(256, 1 << 20);
    unsigned char *all[200];
    for (size_t i = 0; i < 200; i++) {
        all[i] = arena_alloc(a, i);
        cr_assert_not_null(all[i]);
        cr_assert_eq((uintptr_t)all[i] % ALIGNMENT, 0);
        memset(all[i], (int)i, i);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_eq(all[i][j], (unsigned char)i);
        }
    }
    arena_destroy(a);
}

Test(arena, the_cap_is_hard_and_failing_breaks_nothing)
{
    enum { CAP = 4096 };
    struct arena *a = arena_create(256, CAP);
    cr_assert_null(arena_alloc(a, CAP + 1));
    size_t got = 0;
    while (arena_alloc(a, 64) != NULL) {
        got += 64;
    }
    cr_assert_gt(got, CAP / 2);
    cr_assert_leq(got, CAP);
    cr_assert_leq(arena_used(a), CAP);
    cr_assert_null(
        arena_strdup(a, "0123456789012345678901234567890123456789012345678901234567890"));
    cr_assert_null(arena_printf(a, "%0100d", 1));
    cr_assert_null(arena_zalloc(a, 64));
    arena_reset(a);
    cr_assert_eq(arena_used(a), 0);
    cr_assert_not_null(arena_alloc(a, 64));
    arena_destroy(a);
}

Test(arena, the_first_chunk_is_never_over_the_cap)
{
    struct arena *a = arena_create(4096, 128);
    cr_assert_not_null(arena_alloc(a, 64));
    cr_assert_null(arena_alloc(a, 128));
    arena_destroy(a);
    a = arena_create(0, 0);
    cr_assert_null(arena_alloc(a, 1));
    arena_destroy(a);
    a = arena_create(0, 4096);
    cr_assert_not_null(arena_alloc(a, 1));
    arena_destroy(a);
    arena_destroy(NULL);
}

Test(arena, absurd_sizes_fail_and_do_not_wrap_around)
{
    struct arena *a = arena_create(64, SIZE_MAX);
    for (size_t less = 0; less < 32; less++) { /* what the chunk's own header makes too much */
        cr_assert_null(arena_alloc(a, SIZE_MAX - less));
        cr_assert_null(arena_strndup(a, "", SIZE_MAX - less));
    }
    arena_destroy(a);
    cr_assert_null(arena_create(SIZE_MAX, SIZE_MAX));
}

Test(arena, a_reset_keeps_the_first_chunk)
{
    struct arena *a = arena_create(1024, 1 << 20);
    void *first = arena_alloc(a, 100);
    for (int i = 0; i < 100; i++) {
        cr_assert_not_null(arena_alloc(a, 1000));
    }
    cr_assert_geq(arena_used(a), 100 * 1000);
    arena_reset(a);
    cr_assert_eq(arena_used(a), 0);
    cr_assert_eq(arena_alloc(a, 100), first);
    arena_destroy(a);
}

Test(arena, zalloc_clears_what_was_used_before)
{
    struct arena *a = arena_create(1024, 1024);
    memset(arena_alloc(a, 100), 0xff, 100);
    arena_reset(a);
    const unsigned char *p = arena_zalloc(a, 100);
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(p[i], 0);
    }
    arena_destroy(a);
}

Test(arena, undo_gives_back_the_newest_only)
{
    struct arena *a = arena_create(1024, 1 << 20);
    char *x = arena_strdup(a, "x");
    size_t used_x = arena_used(a);
    char *y = arena_strdup(a, "y");
    size_t used_y = arena_used(a);
    arena_undo(a, x);
    cr_assert_eq(arena_used(a), used_y, "an older one stays, and what came after it too");
    cr_assert_str_eq(y, "y");
    arena_undo(a, NULL);
    arena_undo(a, y + 1);
    cr_assert_eq(arena_used(a), used_y);
    arena_undo(a, y);
    cr_assert_eq(arena_used(a), used_x);
    arena_undo(a, y);
    arena_undo(a, x);
    cr_assert_eq(arena_used(a), used_x);
    cr_assert_eq(arena_alloc(a, 2), (void *)y, "its place is used again");
    cr_assert_str_eq(x, "x");
    arena_destroy(a);
}

Test(arena, undo_in_a_later_chunk_and_after_a_reset)
{
    struct arena *a = arena_create(64, 1 << 20);
    (void)arena_alloc(a, 32);
    size_t used = arena_used(a);
    void *big = arena_alloc(a, 5000);
    arena_undo(a, big);
    cr_assert_eq(arena_used(a), used);
    cr_assert_eq(arena_alloc(a, 5000), big);
    arena_reset(a);
    void *p = arena_alloc(a, 16);
    arena_reset(a);
    arena_undo(a, p);
    cr_assert_eq(arena_used(a), 0);
    arena_destroy(a);
}

Test(arena, copies_and_prints)
{
    struct arena *a = arena_create(64, 1 << 20);
    cr_assert_str_eq(arena_strndup(a, "abcdef", 3), "abc");
    cr_assert_str_eq(arena_strndup(a, "", 0), "");
    cr_assert_str_eq(arena_strdup(a, "hello"), "hello");
    cr_assert_str_eq(arena_printf(a, "%s-%d", "n", 7), "n-7");
    cr_assert_str_eq(arena_printf(a, "%s", ""), "");
    const char *wide = arena_printf(a, "%0300d", 5);
    cr_assert_eq(strlen(wide), 300);
    cr_assert_eq(wide[299], '5');
    arena_destroy(a);
}

#if defined(__SANITIZE_ADDRESS__)
Test(arena, what_was_not_handed_out_is_poisoned)
{
    struct arena *a = arena_create(1024, 4096);
    char *p = arena_alloc(a, 24);
    cr_assert_not(__asan_address_is_poisoned(p));
    cr_assert_not(__asan_address_is_poisoned(p + 23));
    cr_assert(__asan_address_is_poisoned(p + 24));
    char *q = arena_alloc(a, 16);
    cr_assert(__asan_address_is_poisoned(q - 1), "a gap keeps neighbours apart");
    arena_undo(a, q);
    cr_assert(__asan_address_is_poisoned(q));
    arena_reset(a);
    cr_assert(__asan_address_is_poisoned(p));
    arena_destroy(a);
}
#endif
