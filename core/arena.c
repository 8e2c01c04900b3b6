/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* gcc has a macro for it, clang a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_POISONING
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) && __has_include(<sanitizer/asan_interface.h>)
#define IS_POISONING
#endif
#endif

#if defined(IS_POISONING)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { REDZONE = 16 };
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
enum { REDZONE = 0 };
#endif

enum { ALIGNMENT = 16 };

struct chunk {
    struct chunk *next; /* older */
    size_t size;        /* of bytes[] */
    size_t used;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct chunk *first;  /* kept over resets */
    struct chunk *newest; /* where allocations come from */
    size_t cap_bytes;
    size_t held_bytes;    /* the sum of all chunks' sizes */
    size_t retired_bytes; /* used in chunks older than the newest */
    void *last;           /* the newest allocation, NULL when it was taken back */
};

static struct chunk *chunk_create(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct chunk)) {
        return NULL;
    }
    struct chunk *c = malloc(sizeof(*c) + size);
    if (c == NULL) {
        return NULL;
    }
    *c = (struct chunk){.size = size};
    POISON(c->bytes, size);
    return c;
}

static void chunk_destroy(struct chunk *c)
{
    UNPOISON(c->bytes, c->size);
    free(c);
}

struct arena *arena_create(size_t first_bytes, size_t cap_bytes)
{
    struct arena *a = malloc(sizeof(*a));
    if (a == NULL) {
        return NULL;
    }
    if (first_bytes > cap_bytes) {
        first_bytes = cap_bytes;
    }
    struct chunk *first = chunk_create(first_bytes);
    if (first == NULL) {
        free(a);
        return NULL;
    }
    *a = (struct arena){
        .first = first, .newest = first, .cap_bytes = cap_bytes, .held_bytes = first_bytes};
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->newest != a->first) {
        struct chunk *c = a->newest;
        a->newest = c->next;
        a->held_bytes -= c->size;
        chunk_destroy(c);
    }
    a->first->used = 0;
    a->retired_bytes = 0;
    a->last = NULL;
    POISON(a->first->bytes, a->first->size);
}

void arena_destroy(struct arena *a)
{
    if (a == NULL) {
        return;
    }
    arena_reset(a);
    chunk_destroy(a->first);
    free(a);
}

/* A further chunk of at least @need bytes, doubling while the cap allows. */
static struct chunk *grow(struct arena *a, size_t need)
{
    size_t left = a->cap_bytes - a->held_bytes;
    if (need > left) {
        return NULL;
    }
    size_t size = a->newest->size * 2;
    if (size < need) {
        size = need;
    }
    if (size > left) {
        size = left;
    }
    struct chunk *c = chunk_create(size);
    if (c == NULL) {
        return NULL;
    }
    a->retired_bytes += a->newest->used;
    a->held_bytes += size;
    c->next = a->newest;
    a->newest = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX - ALIGNMENT - REDZONE) {
        return NULL;
    }
    size_t rounded = (bytes + REDZONE + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct chunk *c = a->newest;
    if (rounded > c->size - c->used) {
        c = grow(a, rounded);
        if (c == NULL) {
            return NULL;
        }
    }
    void *p = c->bytes + c->used;
    c->used += rounded;
    a->last = p;
    UNPOISON(p, bytes);
    return p;
}

void *arena_zalloc(struct arena *a, size_t bytes)
{
    void *p = arena_alloc(a, bytes);
    if (p != NULL) {
        memset(p, 0, bytes);
    }
    return p;
}

void arena_undo(struct arena *a, void *newest)
{
    if (newest == NULL || newest != a->last) {
        return;
    }
    struct chunk *c = a->newest;
    size_t kept = (size_t)((unsigned char *)newest - c->bytes);
    POISON(newest, c->used - kept);
    c->used = kept;
    a->last = NULL;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    if (len == SIZE_MAX) {
        return NULL;
    }
    char *copy = arena_alloc(a, len + 1);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0) {
        return NULL;
    }
    char *text = arena_alloc(a, (size_t)n + 1);
    if (text == NULL) {
        return NULL;
    }
    (void)vsnprintf(text, (size_t)n + 1, fmt, args);
    return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(a, fmt, args);
    va_end(args);
    return text;
}

size_t arena_used(const struct arena *a)
{
    return a->retired_bytes + a->newest->used;
}
