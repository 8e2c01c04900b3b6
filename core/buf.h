/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - text that grows up to a stated maximum.
 *
 * After the first failure (over the maximum, out of memory) every further
 * append does nothing, so that a writer checks once, at the end.
 * The text is always NUL-terminated; it is NULL until there was an append.
 * Thread-safety: a buffer belongs to one caller.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct buf {
    char *text;          /* valid until the next append or buf_finish() */
    struct arena *arena; /* where text lives; NULL: on the heap */
    size_t len;
    size_t size;
    size_t max;
    bool failed;
};

/* @max: the most bytes the text may have. Allocates nothing yet. */
void buf_init(struct buf *b, size_t max);
void buf_finish(struct buf *b);

/* The same with memory of @a, for the request path; needs no buf_finish(). */
void buf_init_arena(struct buf *b, struct arena *a, size_t max);

/* Empties the text, keeps the memory, forgets a failure. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const char *bytes, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for @len more bytes and returns where to write them, NULL on failure. */
char *buf_reserve(struct buf *b, size_t len);

/* Takes over @len bytes that were written there. */
void buf_commit(struct buf *b, size_t len);

#endif
