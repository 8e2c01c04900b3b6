/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "core/err.h"
#include "table.h"

TestSuite(err, .timeout = 20);

Test(err, every_code_has_a_text)
{
    static const enum err_code codes[] = {
#define X(code, text) code,
        ERR_CODES(X)
#undef X
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        cr_assert_gt(strlen(err_text(codes[i])), 0);
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(err_text(codes[i]), err_text(codes[j]));
        }
    }
    cr_assert_str_eq(err_text(ERR_LIMIT), "input over a limit");
    cr_assert_str_eq(err_text((enum err_code)999), "unknown error");
}

Test(err, set_fills_and_returns)
{
    struct err e = {.code = ERR_OK};
    cr_assert_eq(err_set(&e, ERR_INVALID, "line %d: %s", 3, "bad"), ERR_INVALID);
    cr_assert_eq(e.code, ERR_INVALID);
    cr_assert_str_eq(e.text, "line 3: bad");
    cr_assert_eq(err_set(NULL, ERR_IO, "%s", "nobody listens"), ERR_IO);
}

Test(err, wrap_puts_the_outer_context_first)
{
    struct err e;
    (void)err_set(&e, ERR_NOT_FOUND, "no member \"%s\"", "spec");
    cr_assert_eq(err_wrap(&e, "policy %d", 2), ERR_NOT_FOUND);
    cr_assert_eq(err_wrap(&e, "%s", "a.yaml"), ERR_NOT_FOUND);
    cr_assert_eq(e.code, ERR_NOT_FOUND);
    cr_assert_str_eq(e.text, "a.yaml: policy 2: no member \"spec\"");
    cr_assert_eq(err_wrap(NULL, "x"), ERR_INTERNAL);
}

static void fill(char *text, size_t len)
{
    memset(text, 'x', len);
    text[len] = '\0';
}

Test(err, wrap_cuts_at_every_length)
{
    for (size_t len = ERR_TEXT_MAX - 20; len < ERR_TEXT_MAX + 10; len++) {
        char context[ERR_TEXT_MAX + 16];
        fill(context, len);
        struct err e;
        (void)err_set(&e, ERR_IO, "reason");
        cr_assert_eq(err_wrap(&e, "%s", context), ERR_IO);
        size_t all = len + strlen(": reason");
        cr_assert_eq(strlen(e.text), all < ERR_TEXT_MAX ? all : ERR_TEXT_MAX - 1);
        size_t kept = len < ERR_TEXT_MAX ? len : ERR_TEXT_MAX - 1;
        cr_assert_eq(strncmp(e.text, context, kept), 0);
        cr_assert_eq(strncmp(e.text + kept, ": reason", strlen(e.text) - kept), 0);
    }
}

/* Characters of one to four bytes; a cut must not leave a part of one. */
static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

static void cut_row(size_t i)
{
    size_t bytes = strlen(characters[i]);
    for (size_t shift = 0; shift < bytes; shift++) {
        char text[2 * ERR_TEXT_MAX];
        fill(text, shift);
        for (size_t at = shift; at + bytes < sizeof(text); at += bytes) {
            memcpy(text + at, characters[i], bytes + 1);
        }
        size_t want = shift + (ERR_TEXT_MAX - 1 - shift) / bytes * bytes;
        struct err e;
        (void)err_set(&e, ERR_INVALID, "%s", text);
        row_require(strlen(e.text) == want, "\"%s\": %zu bytes, not %zu", characters[i],
                    strlen(e.text), want);
        row_require(strncmp(e.text, text, want) == 0, "\"%s\": %s", characters[i], e.text);
    }
}

Test(err, cut)
{
    table_run(COUNT(characters), cut_row);
}

/* What is no UTF-8 at all is cut by bytes and must not be read before its start. */
Test(err, cut_of_continuation_bytes_only)
{
    char text[ERR_TEXT_MAX + 10];
    memset(text, 0x80, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct err e;
    (void)err_set(&e, ERR_INVALID, "%s", text);
    cr_assert_eq(strlen(e.text), ERR_TEXT_MAX - 1);
}
