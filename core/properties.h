/* SPDX-License-Identifier: Apache-2.0 */
/*
 * properties.h - text of java.util.Properties, read and written as Java does.
 *
 * Reading: load(Reader) of JDK 9 and later: comments, blank and continued lines, the three
 * separators, every escape. Of a key that stands twice the last value counts; that is left to the
 * caller. Characters are UTF-8 here; a surrogate that stands alone keeps its three bytes, and
 * U+0000 is c0 80, as everywhere in core/json.
 * Writing: store(Writer), one line a property.
 * Thread-safety: a reader belongs to one caller.
 */
#ifndef CORE_PROPERTIES_H
#define CORE_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct property {
    const char *key;
    const char *value;
};

struct properties {
    const char *at;
    const char *end;
    char *room;
    bool is_open;      /* at the end: what is appended would continue the last line */
    bool is_malformed; /* an escape that Java does not load either */
};

/* @text: borrowed. @room: of @len + 1 bytes, borrowed; what is read stands in it. */
void properties_init(struct properties *p, const char *text, size_t len, char *room);

/* False at the end, and where it is malformed. @out lasts until the next call. */
bool properties_next(struct properties *p, struct property *out);

/* "key=value" and the end of the line. */
void properties_print(struct buf *b, const char *key, const char *value);

#endif
