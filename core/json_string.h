/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_string.h - JSON strings, checked and decoded where they stand.
 *
 * Strict as RFC 8259: escapes, no bare control characters; beyond it well-formed UTF-8 and
 * whole surrogate pairs only. U+0000 becomes c0 80, which no UTF-8 has, so that the text
 * can be a C string.
 * Private to core/json_parse.c.
 * Thread-safety: pure functions.
 */
#ifndef CORE_JSON_STRING_H
#define CORE_JSON_STRING_H

struct json_mistake {
    const char *at;
    const char *what; /* static */
};

/*
 * Decodes in place the string whose opening quote stands before @p, and ends it with a NUL,
 * whose place is *@out_end. Returns the place behind the closing quote; NULL, with
 * @out_mistake, when it is no string or does not end before @end.
 */
char *json_string_decode(char *p, const char *end, char **out_end,
                         struct json_mistake *out_mistake);

#endif
