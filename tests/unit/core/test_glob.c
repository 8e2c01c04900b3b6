/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "core/glob.h"
#include "table.h"

TestSuite(glob, .timeout = 20);

static const struct {
    const char *pattern, *text;
    bool want;
} match_cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"*", "", true},
    {"**", "", true},
    {"*", "anything", true},
    {"?", "", false},
    {"?", "a", true},
    {"?", "ab", false},
    {"??", "ab", true},
    {"spark", "spark", true},
    {"spark", "Spark", false},
    {"spark", "spar", false},
    {"spark", "sparks", false},
    {"etl-*", "etl-", true},
    {"etl-*", "etl-nightly", true},
    {"etl-*", "etl", false},
    {"etl-*", "my-etl-nightly", false},
    {"*-etl", "my-etl", true},
    {"*-etl", "my-etl-x", false},
    {"*a*b*", "xxaxxbxx", true},
    {"*a*b*", "xxbxxaxx", false},
    {"a*b", "ab", true},
    {"a*b", "acbcb", true},
    {"a*b", "acbc", false},
    {"*ab", "aab", true},
    {"*aab", "aaaab", true},
    {"a?c*", "abcd", true},
    {"a?c*", "acd", false},
    {"*?", "", false},
    {"*?", "a", true},
    {"?*?", "a", false},
    {"?*?", "ab", true},
    {"a*?b", "ab", false},
    {"a*?b", "axb", true},
    {"registry.example.com/spark/*", "registry.example.com/spark/a/b:1", true},
    {"registry.example.com/spark/*", "registry-example.com/spark/a", false},
    /* No other character is special, and wildcards in the text are plain. */
    {"[ab]", "a", false},
    {"[ab]", "[ab]", true},
    {"\\*", "*", false},
    {"\\*", "\\x", true},
    {"a", "?", false},
    {"a", "*", false},
    {"?", "*", true},
    {"a*", "*", false},
    {"a.c", "abc", false},
};

static void match_row(size_t i)
{
    cr_expect_eq(glob_matches(match_cases[i].pattern, match_cases[i].text), match_cases[i].want,
                 "\"%s\" on \"%s\"", match_cases[i].pattern, match_cases[i].text);
}

Test(glob, match)
{
    table_run(COUNT(match_cases), match_row);
}

static const struct {
    const char *x, *y;
    bool want;
} intersect_cases[] = {
    {"", "", true},
    {"", "*", true},
    {"", "?", false},
    {"", "?*", false},
    {"a", "a", true},
    {"a", "b", false},
    {"a", "?", true},
    {"?", "?", true},
    {"?", "??", false},
    {"*", "*", true},
    {"etl-*", "etl-nightly", true},
    {"etl-*", "ml-*", false},
    {"etl-*", "*-nightly", true},
    {"etl-*", "etl", false},
    {"a*", "*a", true},
    {"a*b", "a*c", false},
    {"a*b", "ac*b", true},
    {"ab*", "a?c*", true},
    {"ab*", "a?", true},
    {"ab*", "?c*", false},
    {"a*bc", "?bc", true},
    {"a*bc", "ab?", true},
    {"a*bc", "ac?", false},
    {"a*bc", "abb?", true},
    {"*ab*", "a?", true},
    {"*ab*", "?a?", true},
    {"*ab*", "b?a", false},
    {"a*z", "ab", false},
    {"a*a", "a", false},
    {"a*a", "?", false},
    {"a*a", "??", true},
    {"*x*", "*y*", true},
    {"a*x*c", "a*y*c", true},
    {"a*x*c", "b*y*c", false},
    {"a*x*c", "a*y*d", false},
};

static void intersect_row(size_t i)
{
    const char *x = intersect_cases[i].x;
    const char *y = intersect_cases[i].y;
    cr_expect_eq(glob_intersects(x, y), intersect_cases[i].want, "\"%s\" and \"%s\"", x, y);
    cr_expect_eq(glob_intersects(y, x), intersect_cases[i].want, "\"%s\" and \"%s\"", y, x);
}

Test(glob, intersect)
{
    table_run(COUNT(intersect_cases), intersect_row);
}

/* The @n-th word of at most @max letters of @alphabet; "" is the first, NULL after the last. */
static const char *word(size_t n, const char *alphabet, size_t max, char *out)
{
    size_t letters = strlen(alphabet);
    size_t of_this_length = 1;
    for (size_t length = 0; length <= max; length++) {
        if (n < of_this_length) {
            for (size_t i = 0; i < length; i++) {
                out[i] = alphabet[n % letters];
                n /= letters;
            }
            out[length] = '\0';
            return out;
        }
        n -= of_this_length;
        of_this_length *= letters;
    }
    return NULL;
}

static bool share_a_text(const char *x, const char *y)
{
    char text[8];
    for (size_t n = 0; word(n, "ab", 6, text) != NULL; n++) {
        if (glob_matches(x, text) && glob_matches(y, text)) {
            return true;
        }
    }
    return false;
}

/* Two patterns of three characters that share a text share one of six at most. */
Test(glob, intersects_exactly_when_a_text_matches_both)
{
    char x[4];
    char y[4];
    for (size_t i = 0; word(i, "ab?*", 3, x) != NULL; i++) {
        for (size_t j = 0; word(j, "ab?*", 3, y) != NULL; j++) {
            cr_assert_eq(glob_intersects(x, y), share_a_text(x, y), "\"%s\" and \"%s\"", x, y);
        }
    }
}

Test(glob, many_stars_take_no_exponential_time)
{
    char text[2001];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert_not(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
    cr_assert(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a", text));
}
