/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h - one strict pass over a JSON text, before any value is made.
 *
 * Checks all of RFC 8259 and what core/json.h adds to it, and notes the places
 * that must be rewritten before cJSON may see the text. Costs no memory per
 * value but a slot per key, for finding duplicates; the keys' hash is seeded
 * per process, so that nobody can choose keys that collide.
 * Private to core/json.c.
 * Thread-safety: pure functions after json_scan_init().
 */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include <stddef.h>

#include "core/err.h"

struct arena;

/* Why a span of the text cannot be given to cJSON as it stands. */
enum json_span_kind {
    JSON_SPAN_LEFT_OUT, /* a value the caller does not want */
    JSON_SPAN_NUMBER,   /* a number that a double or cJSON's printing would change */
    JSON_SPAN_NUL,      /* \u0000, which would end a C string */
};

struct json_span {
    enum json_span_kind kind;
    size_t start, end;
    struct json_span *next; /* in document order */
};

void json_scan_init(void);

/* On success @out_spans is the list of spans, NULL for none; it lives in @a. */
enum err_code json_scan(struct arena *a, const char *text, size_t len, const char *const *leave_out,
                        struct json_span **out_spans, struct err *e);

#endif
