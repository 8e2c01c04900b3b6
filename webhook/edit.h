/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit.h - the one way to change an object: every edit is applied as it is recorded.
 *
 * A mutation walks to a place, which may be empty, and sets, appends or removes
 * there. The object in memory changes at once and a JSON Patch operation (RFC 6902)
 * is recorded, so the patch has been applied before it is sent. Setting an empty
 * place makes the objects above it, in one operation. What is set inside
 * something that an earlier edit added needs no operation of its own: values
 * are printed at the end. Setting what is there already records nothing.
 * After the first failure nothing is recorded any more; edits_problem() tells.
 * Ownership: everything lives in the request's arena; values given are taken.
 * Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_EDIT_H
#define WEBHOOK_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct arena;
struct buf;
struct json;
struct rule;

enum edit_op { EDIT_ADD, EDIT_REPLACE, EDIT_REMOVE };

struct edit {
    struct edit *next;
    enum edit_op op;
    bool merged;              /* inside what an earlier edit added: no operation of its own */
    const char *pointer;      /* JSON Pointer (RFC 6901) */
    const struct json *old;   /* what was there; NULL for an add */
    const struct json *value; /* NULL for a remove */
    const struct rule *rule;  /* why */
};

/* What a rule wanted and could not be done. */
struct notice {
    struct notice *next;
    const struct rule *rule;
    const char *text; /* a sentence that names policy and rule, without control characters */
};

struct edits {
    struct arena *arena;
    struct edit *first;
    struct edit **end;
    size_t operations; /* edits that are not merged */
    struct notice *notices;
    struct notice **notices_end;
    size_t notice_count;
    struct err problem;
};

/* A place in the object. Places above must outlive those below. */
struct place {
    struct edits *edits;
    struct place *up; /* NULL: the object itself */
    const char *key;  /* NULL: an element of a list */
    size_t index;
    struct json *node; /* what is there; NULL for nothing and for null */
};

void edits_init(struct edits *e, struct arena *a);

/* ERR_OK, ERR_MEMORY, or ERR_INVALID when the object has another shape than Kubernetes gives it. */
enum err_code edits_problem(const struct edits *e);

struct place place_root(struct edits *e, struct json *object);
struct place place_member(struct place *up, const char *key);
struct place place_element(struct place *list, struct json *element, size_t index);

/* @value: taken; NULL (out of memory) is a failure. Updates the places of the whole way. */
void edit_set(struct place *at, struct json *value, const struct rule *why);
void edit_append(struct place *list, struct json *item, const struct rule *why);
void edit_remove(struct place *at, const struct rule *why);

/* Notes that @why, too, had a part in what an edit has just put at @at: @part of it. */
void edit_shared(struct place *at, const char *part, const struct rule *why);

/* Notes that @rule was left out, and @why. */
void edit_left_out(struct edits *e, const struct rule *rule, const char *why);

/* The JSON Patch; "[]" when nothing changed. */
void edits_print(const struct edits *e, struct buf *b);

#endif
