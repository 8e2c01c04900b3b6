/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/json_keys.h"
#include "table.h"

static struct arena *arena;
static struct json_keys keys;

static void setup(void)
{
    json_keys_init();
    arena = arena_create(64 * 1024, 64 * 1024 * 1024);
    keys = (struct json_keys){.arena = arena};
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(json_keys, .init = setup, .fini = teardown, .timeout = 20);

static enum json_keys_result add(struct json_keys_object *object, const char *key)
{
    return json_keys_add(&keys, object, key, strlen(key));
}

/* Keys that differ in one place only, of every length that is looked at differently. */
Test(json_keys, tells_apart_what_differs_anywhere)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "b",
                                        "aa",
                                        "ab",
                                        "ba",
                                        "abc",
                                        "abd",
                                        "acc",
                                        "bbc",
                                        "abcd",
                                        "abce",
                                        "abcdefg",
                                        "abcXefg",
                                        "abcdefgh",
                                        "abcdXfgh",
                                        "Xbcdefgh",
                                        "abcdefgX",
                                        "abcdefghi",
                                        "abcdefghX",
                                        "Xbcdefghi",
                                        "abcdefgh12345678",
                                        "abcdefgX12345678",
                                        "abcdefgh--12345678",
                                        "abcdefgh-+12345678"};
    struct json_keys_object object;
    json_keys_open(&keys, &object);
    for (size_t i = 0; i < COUNT(texts); i++) {
        cr_expect_eq(add(&object, texts[i]), JSON_KEYS_NEW, "\"%s\"", texts[i]);
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        cr_expect_eq(add(&object, texts[i]), JSON_KEYS_TWICE, "\"%s\"", texts[i]);
    }
}

Test(json_keys, every_object_has_its_own)
{
    struct json_keys_object outer;
    struct json_keys_object inner;
    json_keys_open(&keys, &outer);
    cr_assert_eq(add(&outer, "a"), JSON_KEYS_NEW);
    for (int i = 0; i < 3; i++) {
        json_keys_open(&keys, &inner);
        cr_assert_eq(add(&inner, "a"), JSON_KEYS_NEW);
        cr_assert_eq(add(&inner, "b"), JSON_KEYS_NEW);
        cr_assert_eq(add(&inner, "a"), JSON_KEYS_TWICE);
        json_keys_close(&keys, &inner);
    }
    cr_assert_eq(add(&outer, "b"), JSON_KEYS_NEW);
    cr_assert_eq(add(&outer, "a"), JSON_KEYS_TWICE);
}

/* Through the change to a table and several doublings of it, with another object inside. */
Test(json_keys, finds_each_of_many)
{
    enum { MANY = 5000, LEN = 16 };
    static char texts[MANY][LEN];
    struct json_keys_object object;
    struct json_keys_object inner;
    json_keys_open(&keys, &object);
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(texts[i], LEN, "k:%zu", i * 7919);
        cr_assert_eq(add(&object, texts[i]), JSON_KEYS_NEW, "%zu", i);
        cr_assert_eq(add(&object, texts[i / 2]), JSON_KEYS_TWICE, "%zu", i);
        if (i % 100 == 0) {
            json_keys_open(&keys, &inner);
            cr_assert_eq(add(&inner, texts[i]), JSON_KEYS_NEW);
            json_keys_close(&keys, &inner);
        }
    }
    for (size_t i = 0; i < MANY; i++) {
        cr_assert_eq(add(&object, texts[i]), JSON_KEYS_TWICE, "%zu", i);
    }
}
