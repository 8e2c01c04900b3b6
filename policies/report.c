/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/printable.h"
#include "policies/load.h"

enum { FIRST_BYTES = 4096, CAP_BYTES = 64 << 20 };

struct report_entry {
    struct report_entry *older;
    struct finding finding;
};

void report_init(struct report *r)
{
    *r = (struct report){.arena = arena_create(FIRST_BYTES, CAP_BYTES)};
    r->out_of_memory = r->arena == NULL;
}

__attribute__((format(printf, 3, 0))) static void add(struct report *r, struct finding place,
                                                      const char *fmt, va_list args)
{
    if (r->arena == NULL) {
        return;
    }
    struct report_entry *entry = arena_alloc(r->arena, sizeof(*entry));
    place.file = arena_strdup(r->arena, place.file);
    place.text = printable(arena_vprintf(r->arena, fmt, args)); /* it quotes what was found */
    if (entry == NULL || place.file == NULL || place.text == NULL) {
        r->out_of_memory = true;
        return;
    }
    *entry = (struct report_entry){.older = r->newest, .finding = place};
    r->newest = entry;
    r->count++;
}

void report_add(struct report *r, const char *file, size_t line, size_t column, const char *fmt,
                ...)
{
    va_list args;
    va_start(args, fmt);
    add(r, (struct finding){.file = file, .line = line, .column = column}, fmt, args);
    va_end(args);
}

void report_unreadable(struct report *r, const char *path, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(r, (struct finding){.file = path}, fmt, args);
    va_end(args);
    r->unreadable = true;
}

static int compare(const void *x, const void *y)
{
    const struct finding *a = x;
    const struct finding *b = y;
    int order = strcmp(a->file, b->file);
    if (order != 0) {
        return order;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    if (a->column != b->column) {
        return a->column < b->column ? -1 : 1;
    }
    return strcmp(a->text, b->text);
}

void report_finish(struct report *r, struct findings *out)
{
    *out = (struct findings){.arena = r->arena};
    struct finding *list =
        r->count == 0 ? NULL : arena_alloc(r->arena, r->count * sizeof(struct finding));
    if (list != NULL) {
        size_t n = 0;
        for (const struct report_entry *e = r->newest; e != NULL; e = e->older) {
            list[n++] = e->finding;
        }
        qsort(list, n, sizeof(*list), compare);
        out->list = list;
        out->count = n;
    } else if (r->count > 0) {
        r->out_of_memory = true;
    }
    r->arena = NULL;
    r->newest = NULL;
    r->count = 0;
}

void findings_finish(struct findings *f)
{
    arena_destroy(f->arena);
    *f = (struct findings){.list = NULL};
}
