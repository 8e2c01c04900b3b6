/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/printable.h"
#include "table.h"

static const struct {
    const char *text;
    const char *printable;
} texts[] = {
    {"", ""},
    {"plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80 ~",
     "plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80 ~"},
    {"a\nb\tc\rd\x1b[31me\x7f", "a?b?c?d?[31me?"},
    {"a\xc2\x85z\xc2\x9fz", "a??z??z"},
    {"a\xc2\xa0z", "a\xc2\xa0z"}, /* a space that does not break is no control character */
    {"a\xc0\x80z", "a??z"},
    {"cut \xc0", "cut ?"},
};

static void text_row(size_t i)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%s", texts[i].text);
    cr_expect_eq(printable(text), text);
    cr_expect_str_eq(text, texts[i].printable, "row %zu: %s", i, text);
}

Test(printable, texts)
{
    table_run(COUNT(texts), text_row);
    cr_assert_null(printable(NULL));
}
