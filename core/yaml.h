/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML documents as trees that know where they stood. The one door to libyaml.
 *
 * Every node carries line and column, so that a reader of policies can point
 * at the very character. Anchors and aliases are refused: in a file that people
 * review they hide what is meant, and they are how YAML bombs are made.
 * Trees live in the arena they were made in.
 * Thread-safety: a tree belongs to one thread, or is const and shared.
 */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct arena;
struct buf;
struct json;

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    bool plain;          /* a scalar written without quotes or block style */
    const char *scalar;  /* its text, NUL-terminated; NULL for lists and maps */
    size_t line, column; /* where it starts; both from 1 */
    const char *key;     /* in a map: the member's key as written, else NULL */
    bool key_plain;      /* a key without quotes */
    size_t key_line, key_column;
    struct yaml_node *first; /* children in document order */
    struct yaml_node *next;
    size_t count; /* of children */
};

/*
 * All documents of @text, linked by next; an empty document is left out.
 * Refused with `line:column: what` in @e: bad syntax, invalid UTF-8, NUL, anchors and aliases,
 * tags, merge keys, duplicate keys, keys that are not scalars, nesting over JSON_DEPTH_MAX,
 * more than JSON_VALUES_MAX nodes.
 */
enum err_code yaml_parse(struct arena *a, const char *text, size_t len,
                         struct yaml_node **out_documents, struct err *e);

/* Splits the text of such an error: returns what, with where; 0 where it has no place. */
const char *yaml_error_split(const struct err *e, size_t *out_line, size_t *out_column);

/* Member of a map; NULL when missing. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/*
 * What kubectl takes a scalar for: quoted and block scalars are strings, plain ones may be a
 * boolean (y, yes, on, true … in their cases), null (also nothing at all) or a number
 * (decimal, 0x, 0o, 0b, leading-zero octal, float, .inf, .nan).
 */
enum yaml_type { YAML_TYPE_STRING, YAML_TYPE_NUMBER, YAML_TYPE_BOOLEAN, YAML_TYPE_NULL };
enum yaml_type yaml_type_of(const struct yaml_node *scalar);

/* True when @node is a boolean. */
bool yaml_bool(const struct yaml_node *node, bool *out);

/*
 * What kubectl would make of the node: scalars by yaml_type_of(), numbers with the digits they
 * are written in, keys as written but for booleans ("on" becomes "true").
 * ERR_INVALID with `line:column: what` for .inf, .nan and null keys.
 */
enum err_code yaml_to_json(struct arena *a, const struct yaml_node *node, struct json **out,
                           struct err *e);

/*
 * @value in block style as kubectl prints it, members in their order, each line indented by
 * @indent spaces. Strings are quoted wherever a YAML 1.1 reader would take them for anything else.
 * ERR_LIMIT: over the maximum of @b, or deeper than JSON_DEPTH_MAX. ERR_INVALID: not UTF-8.
 */
enum err_code yaml_print(struct buf *b, const struct json *value, int indent);

#endif
