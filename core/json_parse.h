/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_parse.h - a strict JSON parser that makes trees of cJSON.
 *
 * cJSON's own parser takes what is not JSON, cuts strings at U+0000, rounds numbers, finds no
 * duplicate keys, and asks for memory three times a member. This one goes once over a
 * copy of the text, checks all of RFC 8259 and what core/json.h adds to it, and leaves
 * strings where they are. A document that may have too many values is first read without
 * making any.
 * What cJSON cannot hold is kept so: numbers as cJSON_Raw, which prints as it stands; U+0000 in a
 * string as c0 80, which no UTF-8 has.
 * Private to core/json.c, with which it is the one door to cJSON.
 * Thread-safety: pure, after json_keys_init().
 */
#ifndef CORE_JSON_PARSE_H
#define CORE_JSON_PARSE_H

#include <stddef.h>

#include "core/err.h"

struct arena;
struct cJSON;

/* As json_parse(). */
enum err_code json_parse_tree(struct arena *a, const char *text, size_t len,
                              const char *const *leave_out, struct cJSON **out, struct err *e);

#endif
