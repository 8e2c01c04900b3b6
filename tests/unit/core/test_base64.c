/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "core/base64.h"
#include "core/buf.h"
#include "table.h"

/* RFC 4648 section 10, and bytes that need the last digits. */
static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} cases[] = {
    {"", 0, ""},
    {"f", 1, "Zg=="},
    {"fo", 2, "Zm8="},
    {"foo", 3, "Zm9v"},
    {"foob", 4, "Zm9vYg=="},
    {"fooba", 5, "Zm9vYmE="},
    {"foobar", 6, "Zm9vYmFy"},
    {"\xff\xfe\xfb\xf0", 4, "//778A=="},
};

static void encodes_row(size_t i)
{
    struct buf b;
    buf_init(&b, 64);
    buf_adds(&b, "");
    base64_encode(&b, cases[i].bytes, cases[i].len);
    cr_expect_str_eq(b.text, cases[i].text, "%s, not %s", b.text, cases[i].text);
    buf_finish(&b);
}

Test(base64, encodes)
{
    table_run(COUNT(cases), encodes_row);
}

Test(base64, respects_the_maximum)
{
    struct buf b;
    buf_init(&b, 7);
    base64_encode(&b, "abcdef", 6);
    cr_assert(b.failed);
    buf_finish(&b);
}
