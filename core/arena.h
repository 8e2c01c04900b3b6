/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is given piece by piece and taken back at once.
 *
 * Every request has one: what it hands out lives until arena_reset(). A hard
 * cap bounds what one request can cost; over it, allocation fails with NULL.
 * The first chunk is kept over resets, so a steady server never calls malloc.
 * Under AddressSanitizer the unused part of every chunk is poisoned.
 * Thread-safety: an arena belongs to one thread at a time.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/*
 * @first_bytes: size of the chunk that is kept; @cap_bytes: the most that all chunks may hold.
 * Returns NULL when out of memory. Destroy with arena_destroy().
 */
struct arena *arena_create(size_t first_bytes, size_t cap_bytes);
void arena_destroy(struct arena *a);

/* Takes back everything that was handed out. */
void arena_reset(struct arena *a);

/* 16-byte aligned memory, not cleared; NULL over the cap. Lives until the reset. */
void *arena_alloc(struct arena *a, size_t bytes);

/* The same, cleared. */
void *arena_zalloc(struct arena *a, size_t bytes);

/*
 * Gives back the newest allocation, once: what came before it is then no longer
 * known as the newest. Of any other (or NULL) the memory stays until the reset.
 */
void arena_undo(struct arena *a, void *newest);

/* Copies with a terminating NUL; NULL over the cap. */
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_strdup(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
