/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_string.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* A string being read. */
struct string {
    const char *end; /* of the document */
    struct json_mistake *mistake;
};

static char *mistake(struct string *s, const char *at, const char *what)
{
    *s->mistake = (struct json_mistake){.at = at, .what = what};
    return NULL;
}

static bool is_plain(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x20 && u < 0x80 && u != '"' && u != '\\';
}

/* To the first byte that is a quote, a backslash, a control character or not ASCII. */
static char *skip_plain(char *p, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* Signed, so that bytes from 0x80 on count as less than a space, too. */
        __m128i found =
            _mm_or_si128(_mm_cmplt_epi8(x, space),
                         _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash)));
        int mask = _mm_movemask_epi8(found);
        if (mask != 0) {
            return p + __builtin_ctz((unsigned)mask);
        }
        p += 16;
    }
#endif
    while (p < end && is_plain(*p)) {
        p++;
    }
    return p;
}

/* Length of the well-formed UTF-8 sequence at @p (Unicode 15, table 3-7), 0 for none. */
static size_t utf8_sequence(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t left = (size_t)(end - p);
    size_t n = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (u[0] >= 0xc2 && u[0] <= 0xdf) {
        n = 2;
    } else if (u[0] >= 0xe0 && u[0] <= 0xef) {
        n = 3;
        low = u[0] == 0xe0 ? 0xa0 : 0x80;
        high = u[0] == 0xed ? 0x9f : 0xbf;
    } else if (u[0] >= 0xf0 && u[0] <= 0xf4) {
        n = 4;
        low = u[0] == 0xf0 ? 0x90 : 0x80;
        high = u[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (n == 0 || n > left || u[1] < low || u[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* The UTF-16 unit of the "\uXXXX" at @p, -1 when there is none. */
static int hex_unit(const char *p, const char *end)
{
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

/* UTF-8 of a code point (not a surrogate), of U+0000 c0 80; returns its length. */
static size_t put_utf8(char *to, unsigned cp)
{
    if (cp < 0x80 && cp != 0) {
        to[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        to[0] = (char)(0xc0 | cp >> 6);
        to[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        to[0] = (char)(0xe0 | cp >> 12);
        to[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        to[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | cp >> 18);
    to[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    to[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    to[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* The code point that the escape "\uXXXX" at @p, perhaps a pair of them, stands for. */
static char *unicode_escape(struct string *s, char *p, unsigned *out)
{
    int unit = hex_unit(p, s->end);
    if (unit < 0) {
        return mistake(s, p, "\\u needs four hexadecimal digits");
    }
    *out = (unsigned)unit;
    if (unit < 0xd800 || unit > 0xdfff) {
        return p + 6;
    }
    int low = hex_unit(p + 6, s->end);
    if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff) {
        return mistake(s, p, "half of a surrogate pair");
    }
    *out = 0x10000 + ((unsigned)(unit - 0xd800) << 10) + (unsigned)(low - 0xdc00);
    return p + 12;
}

/* The character that stands for another one behind a backslash; 0 for none. */
static unsigned short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return (unsigned char)c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

static char *escape(struct string *s, char *p, unsigned *out)
{
    if (s->end - p < 2) {
        return mistake(s, p, "the string does not end");
    }
    if (p[1] == 'u') {
        return unicode_escape(s, p, out);
    }
    *out = short_escape(p[1]);
    return *out != 0 ? p + 2 : mistake(s, p, "no such escape in a string");
}

/* What skip_plain() stopped at inside a string goes to *@to, which is moved behind it. */
static char *special(struct string *s, char *p, char **to)
{
    if (p == s->end) {
        return mistake(s, p, "the string does not end");
    }
    if (*p == '\\') {
        unsigned cp;
        p = escape(s, p, &cp);
        *to += p == NULL ? 0 : put_utf8(*to, cp);
        return p;
    }
    if ((unsigned char)*p < 0x20) {
        return mistake(s, p, "a control character in a string must be escaped");
    }
    size_t n = utf8_sequence(p, s->end);
    if (n == 0) {
        return mistake(s, p, "not valid UTF-8");
    }
    memmove(*to, p, n);
    *to += n;
    return p + n;
}

/* The rest of a string that has something special at @p; *@to is where it goes. */
static char *decode_rest(struct string *s, char *p, char **to)
{
    while (p == s->end || *p != '"') {
        p = special(s, p, to);
        if (p == NULL) {
            return NULL;
        }
        char *plain = p;
        p = skip_plain(p, s->end);
        memmove(*to, plain, (size_t)(p - plain));
        *to += p - plain;
    }
    return p;
}

char *json_string_decode(char *p, const char *end, char **out_end, struct json_mistake *out_mistake)
{
    char *to = skip_plain(p, end);
    p = to;
    if (p == end || *p != '"') {
        struct string s = {.end = end, .mistake = out_mistake};
        p = decode_rest(&s, p, &to);
        if (p == NULL) {
            return NULL;
        }
    }
    *to = '\0';
    *out_end = to;
    return p + 1;
}
