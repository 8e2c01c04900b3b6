/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

enum { FIRST_SIZE = 256 };

void buf_init(struct buf *b, size_t max)
{
    buf_init_arena(b, NULL, max);
}

void buf_init_arena(struct buf *b, struct arena *a, size_t max)
{
    /* One byte is left for the NUL. */
    *b = (struct buf){.text = NULL, .arena = a, .max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

void buf_finish(struct buf *b)
{
    if (b->arena == NULL) {
        free(b->text);
    }
    *b = (struct buf){.text = NULL};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->text != NULL) {
        b->text[0] = '\0';
    }
}

static char *grow(struct buf *b, size_t size)
{
    if (b->arena == NULL) {
        return realloc(b->text, size);
    }
    char *text = arena_alloc(b->arena, size);
    if (text != NULL && b->text != NULL) {
        memcpy(text, b->text, b->len + 1);
    }
    return text;
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (b->failed || len > b->max || b->len > b->max - len) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->len + len + 1;
    if (need > b->size) {
        size_t size = b->size == 0 ? FIRST_SIZE : b->size * 2;
        if (size > b->max + 1) {
            size = b->max + 1;
        }
        if (size < need) {
            size = need;
        }
        char *text = grow(b, size);
        if (text == NULL) {
            b->failed = true;
            return NULL;
        }
        text[b->len] = '\0';
        b->text = text;
        b->size = size;
    }
    return b->text + b->len;
}

void buf_commit(struct buf *b, size_t len)
{
    b->len += len;
    b->text[b->len] = '\0';
}

void buf_add(struct buf *b, const char *bytes, size_t len)
{
    char *to = buf_reserve(b, len);
    if (to == NULL) {
        return;
    }
    memcpy(to, bytes, len);
    buf_commit(b, len);
}

void buf_adds(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *to = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (to == NULL) {
        b->failed = true;
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(to, (size_t)n + 1, fmt, args);
    va_end(args);
    buf_commit(b, (size_t)n);
}
