/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - the findings of a load while they are collected.
 *
 * They come in any order and leave sorted. They live in an arena of their own,
 * because they outlive everything else a failed load has made.
 * Thread-safety: a report belongs to one thread.
 */
#ifndef POLICIES_REPORT_H
#define POLICIES_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct findings;

struct report {
    struct arena *arena;
    struct report_entry *newest;
    size_t count;
    bool unreadable;    /* some path could not be read */
    bool out_of_memory; /* of any arena: the load has failed */
};

void report_init(struct report *r);

/* @file is copied, @fmt is a sentence without a full stop. */
void report_add(struct report *r, const char *file, size_t line, size_t column, const char *fmt,
                ...) __attribute__((format(printf, 5, 6)));

/* A path that cannot be read. */
void report_unreadable(struct report *r, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands all findings over to @out; the report is empty afterwards. */
void report_finish(struct report *r, struct findings *out);

#endif
