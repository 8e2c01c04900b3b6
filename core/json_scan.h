/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h - one strict pass over a JSON text, before any value is made.
 *
 * Checks all of RFC 8259 and what core/json.h adds to it, and counts what the
 * tree will hold. Costs no memory per value but a slot per key, for finding
 * duplicates; the keys' hash is seeded per process, so that nobody can choose
 * keys that collide.
 * Private to core/json.c.
 * Thread-safety: pure functions after json_scan_init().
 */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include <stddef.h>

#include "core/err.h"

struct arena;

/* A value that the caller does not want. */
struct json_span {
    size_t start, end;
    struct json_span *next; /* in document order */
};

struct json_scan {
    size_t values;              /* in the tree: one that is left out counts as one */
    struct json_span *left_out; /* NULL: none; lives in the arena */
};

void json_scan_init(void);

enum err_code json_scan(struct arena *a, const char *text, size_t len, const char *const *leave_out,
                        struct json_scan *out, struct err *e);

/*
 * Decodes the valid escape at *@from, which is moved behind it, to @to: UTF-8, of U+0000
 * the two bytes c0 80. Returns their number, which is less than the escape's.
 */
size_t json_unescape(char *to, const char **from);

#endif
