/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.h - the texts of policy files, found and read. For load.c.
 *
 * Sorted by name, so that nothing depends on the order of paths or folders.
 * Thread-safety: any thread; touches only what it is given and the files.
 */
#ifndef POLICIES_SOURCES_H
#define POLICIES_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct arena;
struct report;

enum { SOURCE_BYTES_MAX = 1 << 20, SOURCE_COUNT_MAX = 1000 };

struct source {
    const char *name;
    const char *text; /* NULL for twins and what could not be read */
    size_t len;
    size_t path;  /* index of the path it was found under */
    dev_t device; /* with inode: the real file */
    ino_t inode;
    struct source *twin; /* the same real file under an earlier name, or NULL */
    bool is_judged;      /* for the caller: it has policies or findings of its own */
};

struct sources {
    struct source *list;
    size_t count;
};

/* Everything lives in @work. What cannot be read is reported and left out. */
void sources_read(struct arena *work, struct report *r, const char *const *paths, size_t path_count,
                  struct sources *out);

#endif
