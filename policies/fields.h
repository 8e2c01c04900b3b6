/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - strict reading of a policy file: tables say what a map may hold.
 *
 * A table lists the members of a map: name, what it holds, who reads it. Walking
 * a map by its table finds unknown and missing members; the readers find wrong
 * values. The tables are also what documentation can be generated from.
 * A mistake becomes a finding and reading goes on, so that all are reported;
 * a policy set is only made when there was none, so a target may be left half read.
 * Thread-safety: a reader belongs to one thread.
 */
#ifndef POLICIES_FIELDS_H
#define POLICIES_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/yaml.h"

struct arena;
struct quantity;
struct report;

struct reader {
    struct report *report;
    struct arena *arena; /* of the policy set: what is kept */
    struct arena *work;  /* lasts until the load is over */
    const char *file;    /* in arena */
};

/* A finding about the value of @node, or about its key. */
void reader_find(struct reader *r, const struct yaml_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void reader_find_key(struct reader *r, const struct yaml_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Kept memory, cleared, and kept text. NULL, and the load fails, when there is none left. */
void *reader_alloc(struct reader *r, size_t bytes);
const char *reader_text(struct reader *r, const char *text);
const char *reader_format(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct field;

/* Reads the value @node of @field into @out: the target of the table plus the field's offset. */
typedef void field_read(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out);

enum field_flags {
    FIELD_REQUIRED = 1,
    FIELD_REFUSED = 2, /* known only to say why it does not exist: summary */
};

/* A table ends with a field without a name. */
struct field {
    const char *name;
    const char *type;    /* for people: "duration", "list of globs" */
    const char *summary; /* for people: one line without a full stop */
    field_read *read;
    size_t offset;               /* of what is read, in the target */
    const void *detail;          /* what the reader needs: words, limits, a check */
    const struct field *members; /* of the map, or of every item of the list */
    unsigned flags;
};

/* Reads all members of @map into @out; false when @map is not a map. */
bool fields_read(struct reader *r, const struct yaml_node *map, const struct field *fields,
                 void *out);

/* A word and what it stands for. A list ends with one without text. */
struct word {
    const char *text;
    unsigned value;
};

struct limits {
    int64_t least, most;
};

/* What is wrong with a text, static; NULL when nothing is. */
struct check {
    const char *(*problem)(const char *text);
};

/* Readers for fields; the comment says what @out is. */
field_read field_map;     /* the target of field->members */
field_read field_string;  /* const char *: not empty; detail: NULL or a check */
field_read field_word;    /* unsigned: detail is the list of words */
field_read field_words;   /* unsigned: the bits of a list of words that is not empty */
field_read field_integer; /* int64_t: detail are limits */
field_read field_boolean; /* bool */
field_read field_seconds; /* int64_t: a duration of whole seconds, at least one */
field_read field_node;    /* const struct yaml_node *: as it is, for its owner to read */
field_read field_names;   /* the same as field_globs, and none of them stands there twice */
field_read field_globs;   /* const char *const *: NULL-terminated, not empty; detail: a check */

/* The helpers under them: they report what is wrong and return false or NULL then. */
bool expect_map(struct reader *r, const struct yaml_node *node);
bool expect_list(struct reader *r, const struct yaml_node *node);
bool read_word(struct reader *r, const struct yaml_node *node, const struct word *words,
               unsigned *out);

/* A scalar that YAML takes for a string, kept; what it would take for anything else must be quoted.
 */
const char *read_string(struct reader *r, const struct yaml_node *node);

/* A string that is not empty and that @check (may be NULL) allows; kept. */
const char *read_checked(struct reader *r, const struct yaml_node *node, const struct check *check);

/* The scalar's text, whatever YAML takes it for: for units and words. Lives as long as the node. */
const char *read_scalar(struct reader *r, const struct yaml_node *node);

/*
 * A quantity over zero, and its text as it stands there, kept. @type says in a message what it must
 * be. False after a finding.
 */
bool read_amount(struct reader *r, const struct yaml_node *node, const char *type,
                 const char **out_text, struct quantity *out);

/* What a node is, and what it is called, in a message. In work memory or static. */
const char *describe(struct reader *r, const struct yaml_node *node);
const char *name_of(struct reader *r, const struct yaml_node *node);

#endif
