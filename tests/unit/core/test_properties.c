/* SPDX-License-Identifier: Apache-2.0 */
#include "core/properties.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "table.h"

TestSuite(properties, .timeout = 10);

/* Each property as <key|value>; what Java 17 makes of the text. */
static const struct {
    const char *text;
    const char *pairs;
    bool is_open, is_malformed;
} reads[] = {
    {"", ""},
    {"a=b", "<a|b>"},
    {"a=b\nc=d\n", "<a|b><c|d>"},
    {"a=b\r\nc=d\re=f", "<a|b><c|d><e|f>"},
    {"a=1\na=2\n", "<a|1><a|2>"},
    /* separators */
    {"a:b\nc d\ne\tf\ng\fh", "<a|b><c|d><e|f><g|h>"},
    {"a = b\nc : d\ne   f", "<a|b><c|d><e|f>"},
    {"a==b\nc:=d\ne =:f\ng= =h", "<a|=b><c|=d><e|:f><g|=h>"},
    {"a\nb=\nc:\nd ", "<a|><b|><c|><d|>"},
    {"=a\n:b\n = c", "<|a><|b><|c>"},
    {"a=b = c:d", "<a|b = c:d>"},
    {"a= b \t", "<a|b \t>"},
    /* white space, blank lines and comments */
    {"  \t\f a=b\n\n \n\t\nc=d", "<a|b><c|d>"},
    {"#a=b\n!c=d\n  # e=f\ng=h#i!j", "<g|h#i!j>"},
    {"#a=b", ""},
    {"#a\\\nb=c", "<b|c>"},
    {"#a\r\nb=c\r#d\re=f", "<b|c><e|f>"},
    /* lines that go on */
    {"a=b\\\nc", "<a|bc>"},
    {"a=b\\\r\n   c\\\r\td\\\n\fe", "<a|bcde>"},
    {"a=b\\\n\nc=d", "<a|b><c|d>"},
    {"a=b\\\n#c\nd=e", "<a|b#c><d|e>"},
    {"a\\\nb=c", "<ab|c>"},
    {"a=b\\\\\nc=d", "<a|b\\><c|d>"},
    {"a=b\\\\\\\nc=d", "<a|b\\c=d>"},
    {"\\\n#a\nb=c", "<b|c>"},
    {"\\\n\na=b", "<a|b>"},
    {"\\\na=b", "<a|b>"},
    /* the end in the midst of it */
    {"a=b\\", "<a|b>", .is_open = true},
    {"a=b\\\n", "<a|b>", .is_open = true},
    {"a=b\\\r", "<a|b>", .is_open = true},
    {"a=b\\\n  ", "<a|b>", .is_open = true},
    {"a=b\\\\", "<a|b\\>"},
    {"\\", "<|>", .is_open = true},
    {"\\\n", "<|>", .is_open = true},
    {"\\\n ", "", .is_open = true},
    {"a=b\n ", "<a|b>"},
    /* escapes */
    {"a\\ b=c\\ d", "<a b|c d>"},
    {"a\\=b\\:c=d\\=e\\:f", "<a=b:c|d=e:f>"},
    {"\\#a=\\#b\n\\!c=\\!d", "<#a|#b><!c|!d>"},
    {"a=\\t\\n\\r\\f|\\q\\\"\\\\", "<a|\t\n\r\f|q\"\\>"},
    {"a\\\\=b", "<a\\|b>"},
    {"a\\\\ b", "<a\\|b>"},
    {"a=\\u0041\\u00e9\\u20AC", "<a|A\u00e9\u20ac>"},
    {"\\u0061\\u003db=c", "<a=b|c>"},
    {"a=\\uD83D\\uDE00", "<a|\U0001F600>"},
    {"a=\\uD83Dx\\uDE00", "<a|\xed\xa0\xbdx\xed\xb8\x80>"},
    {"a=\\uDE00\\uD83D", "<a|\xed\xb8\x80\xed\xa0\xbd>"},
    {"a=\\u0000b", "<a|\xc0\x80"
                   "b>"},
    {"a=\\uu0041", "", .is_malformed = true},
    {"a=b\nc=\\u12\nd=e", "<a|b>", .is_malformed = true},
    {"c=\\u12g4", "", .is_malformed = true},
    {"c\\u12=d", "", .is_malformed = true},
    {"a=\\\\u12", "<a|\\u12>"},
    /* beyond ASCII, and what is no text to others */
    {"gr\u00fc\u00df=\u65e5\u672c \U0001F600", "<gr\u00fc\u00df|\u65e5\u672c \U0001F600>"},
    {"a\u00a0b=c", "<a\u00a0b|c>"},
    {"a=\x01\x7f", "<a|\x01\x7f>"},
    /* as Spark writes it */
    {"#Java properties built from Kubernetes config map with name: x\n#Fri Nov 20 17:42:44 UTC "
     "2026\nspark.master=k8s\\://https\\://10.96.0.1\\:443\nspark.jars=\n",
     "<spark.master|k8s://https://10.96.0.1:443><spark.jars|>"},
};

static void reads_row(size_t i)
{
    size_t len = strlen(reads[i].text);
    struct arena *a = arena_create(4096, 4096); /* it poisons what is behind a piece */
    row_require(a != NULL, "out of memory");
    char *text = arena_alloc(a, len + 1);
    char *room = arena_alloc(a, len + 1);
    memcpy(text, reads[i].text, len);
    struct buf b;
    buf_init(&b, 4096);
    buf_adds(&b, "");
    struct properties p;
    struct property one;
    properties_init(&p, text, len, room);
    while (properties_next(&p, &one)) {
        buf_addf(&b, "<%s|%s>", one.key, one.value);
    }
    cr_expect_str_eq(b.text, reads[i].pairs, "%s: %s", reads[i].text, b.text);
    cr_expect_eq(p.is_open, reads[i].is_open, "%s", reads[i].text);
    cr_expect_eq(p.is_malformed, reads[i].is_malformed, "%s", reads[i].text);
    buf_finish(&b);
    arena_destroy(a);
}

Test(properties, reads)
{
    table_run(COUNT(reads), reads_row);
}

static const struct {
    struct property pair;
    const char *line;
} writes[] = {
    {{"a", "b"}, "a=b\n"},
    {{"", ""}, "=\n"},
    {{"a b", "c d"}, "a\\ b=c d\n"},
    {{" a", "  b "}, "\\ a=\\  b \n"},
    {{"a=b:c#d!e", "f=g:h#i!j"}, "a\\=b\\:c\\#d\\!e=f\\=g\\:h\\#i\\!j\n"},
    {{"a\\b", "c\\d"}, "a\\\\b=c\\\\d\n"},
    {{"a\tb\nc", "\r\f"}, "a\\tb\\nc=\\r\\f\n"},
    {{"gr\u00fc\u00df", "\U0001F600"}, "gr\u00fc\u00df=\U0001F600\n"},
    {{"a", "\xc0\x80\x01"}, "a=\xc0\x80\x01\n"},
};

static void writes_row(size_t i)
{
    struct buf b;
    buf_init(&b, 4096);
    properties_print(&b, writes[i].pair.key, writes[i].pair.value);
    cr_expect_str_eq(b.text, writes[i].line, "%s", b.text);
    char room[256];
    struct properties p;
    struct property back = {NULL, NULL};
    properties_init(&p, b.text, b.len, room);
    row_require(properties_next(&p, &back), "%s", b.text);
    cr_expect_str_eq(back.key, writes[i].pair.key, "%s", b.text);
    cr_expect_str_eq(back.value, writes[i].pair.value, "%s", b.text);
    cr_expect_not(properties_next(&p, &back), "%s", b.text);
    buf_finish(&b);
}

Test(properties, writes_what_it_reads)
{
    table_run(COUNT(writes), writes_row);
}
