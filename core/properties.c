/* SPDX-License-Identifier: Apache-2.0 */
#include "core/properties.h"

#include <string.h>

#include "core/buf.h"

void properties_init(struct properties *p, const char *text, size_t len, char *room)
{
    *p = (struct properties){.at = text, .end = text + len};
    p->room = room;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static void skip_comment(struct properties *p)
{
    while (p->at < p->end && !is_line_end(*p->at)) {
        p->at++;
    }
}

/* A logical line on its way into the room. */
struct line {
    size_t len;
    bool begins;    /* white space is skipped ... */
    bool continues; /* ... because the line before goes on here, so that blank lines count */
    bool escapes;   /* an odd number of backslashes stands before */
};

/* True when @c, which is consumed, says nothing: white space at the beginning, or a comment. */
static bool skip(struct properties *p, struct line *line, char c)
{
    if (line->begins && (is_space(c) || (!line->continues && is_line_end(c)))) {
        return true;
    }
    line->begins = line->continues = false;
    if (line->len == 0 && (c == '#' || c == '!')) {
        skip_comment(p);
        line->begins = true;
        return true;
    }
    return false;
}

/* The end of a line on disk; true when it ends the logical line too. */
static bool end_line(struct properties *p, struct line *line, char c)
{
    if (line->len == 0) {
        line->begins = true;
        return false;
    }
    if (!line->escapes) {
        return true;
    }
    line->len--;
    if (p->at == p->end) {
        p->is_open = true;
        return true; /* even an empty one */
    }
    if (c == '\r' && *p->at == '\n') {
        p->at++;
    }
    line->begins = line->continues = true;
    line->escapes = false;
    return false;
}

/* The next logical line into the room, without what makes it go on over several. */
static bool read_line(struct properties *p, size_t *out_len)
{
    struct line line = {.begins = true};
    while (p->at < p->end) {
        char c = *p->at++;
        if (skip(p, &line, c)) {
            continue;
        }
        if (!is_line_end(c)) {
            p->room[line.len++] = c;
            line.escapes = c == '\\' && !line.escapes;
        } else if (end_line(p, &line, c)) {
            *out_len = line.len;
            return true;
        }
    }
    p->is_open = p->is_open || line.escapes || line.continues;
    *out_len = line.len - (line.escapes ? 1 : 0);
    return line.len > 0;
}

/* The four digits of \uXXXX; -1 when they are none. */
static int parse_unit(const char *digits, const char *end)
{
    int unit = 0;
    if (end - digits < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

/* The high surrogate that ends before @to; 0 when there is none. */
static unsigned high_before(const char *start, const char *to)
{
    const unsigned char *u = (const unsigned char *)to;
    bool is_one = to - start >= 3 && u[-3] == 0xed && (u[-2] & 0xf0) == 0xa0;
    return is_one ? 0xd000U | (u[-2] & 0x3fU) << 6 | (u[-1] & 0x3fU) : 0;
}

/* Appends a UTF-16 unit; never longer than its escape. */
static char *put_unit(const char *start, char *to, unsigned unit)
{
    unsigned high = unit >= 0xdc00 && unit <= 0xdfff ? high_before(start, to) : 0;
    if (high != 0) {
        unsigned cp = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        to -= 3;
        *to++ = (char)(0xf0 | cp >> 18);
        *to++ = (char)(0x80 | (cp >> 12 & 0x3f));
        *to++ = (char)(0x80 | (cp >> 6 & 0x3f));
    } else if (unit >= 0x800) {
        *to++ = (char)(0xe0 | unit >> 12);
        *to++ = (char)(0x80 | (unit >> 6 & 0x3f));
    } else if (unit >= 0x80 || unit == 0) {
        *to++ = (char)(0xc0 | unit >> 6);
    } else {
        *to++ = (char)unit;
        return to;
    }
    *to++ = (char)(0x80 | (unit & 0x3f));
    return to;
}

static char unescaped(char c)
{
    static const char names[] = "tnrf";
    static const char meanings[] = "\t\n\r\f";
    const char *name = c == '\0' ? NULL : strchr(names, c);
    if (name == NULL) {
        return c;
    }
    return meanings[name - names];
}

/* Undoes the escapes of a part of the room in place and ends it with a NUL. */
static bool decode(char *text, size_t len)
{
    const char *from = text;
    const char *end = text + len;
    char *to = text;
    while (from < end) {
        char c = *from++;
        if (c != '\\' || from == end) {
            *to++ = c;
        } else if (*from != 'u') {
            *to++ = unescaped(*from++);
        } else {
            int unit = parse_unit(from + 1, end);
            if (unit < 0) {
                return false;
            }
            to = put_unit(text, to, (unsigned)unit);
            from += 5;
        }
    }
    *to = '\0';
    return true;
}

/* Where the key of a line ends: at the first separator that is not escaped. */
static size_t key_length(const char *line, size_t len)
{
    bool escapes = false;
    for (size_t i = 0; i < len; i++) {
        char c = line[i];
        if (!escapes && (c == '=' || c == ':' || is_space(c))) {
            return i;
        }
        escapes = c == '\\' && !escapes;
    }
    return len;
}

/* White space around one '=' or ':', or white space alone. */
static size_t skip_separator(const char *line, size_t len, size_t at)
{
    bool seen = false;
    for (; at < len; at++) {
        bool separates = !seen && (line[at] == '=' || line[at] == ':');
        if (!separates && !is_space(line[at])) {
            break;
        }
        seen = seen || separates;
    }
    return at;
}

bool properties_next(struct properties *p, struct property *out)
{
    size_t len;
    if (p->is_malformed || !read_line(p, &len)) {
        return false;
    }
    size_t key = key_length(p->room, len);
    size_t value = skip_separator(p->room, len, key);
    if (!decode(p->room + value, len - value) || !decode(p->room, key)) {
        p->is_malformed = true;
        return false;
    }
    out->key = p->room;
    out->value = value == key ? "" : p->room + value;
    return true;
}

static void print_escaped(struct buf *b, const char *text, bool is_key)
{
    static const char special[] = "\t\n\r\f=:#!\\";
    static const char written[] = "tnrf=:#!\\";
    for (const char *c = text; *c != '\0'; c++) {
        const char *found = strchr(special, *c);
        if (found != NULL) {
            buf_addc(b, '\\');
            buf_addc(b, written[found - special]);
            continue;
        }
        buf_adds(b, *c == ' ' && (is_key || c == text) ? "\\" : "");
        buf_addc(b, *c);
    }
}

void properties_print(struct buf *b, const char *key, const char *value)
{
    print_escaped(b, key, true);
    buf_addc(b, '=');
    print_escaped(b, value, false);
    buf_addc(b, '\n');
}
