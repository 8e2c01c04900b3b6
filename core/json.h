/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - strict JSON in, trees of values, exact JSON out. The one door to cJSON.
 *
 * json_parse() refuses what RFC 8259 does not allow, and also invalid UTF-8, duplicate keys, too
 * deep nesting and documents of too many values, before these cost memory. What the caller
 * does not need is checked but left out of the tree. Numbers keep the text they came with.
 * Trees live in the arena they were made in and are never freed one by one.
 * Thread-safety: a tree belongs to one thread, or is const and shared.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct arena;
struct buf;
struct json; /* a value; opaque */

enum {
    JSON_DEPTH_MAX = 64,     /* arrays and objects inside each other */
    JSON_VALUES_MAX = 65536, /* values in a document; the largest real pods have some thousand */
};

/* Call once, before any other function here and before threads. */
void json_init(void);

/*
 * @text: borrowed. @leave_out: NULL, or NULL-terminated paths
 * ("request.object.metadata.managedFields", at most 32) of members whose value is checked like all
 * else but becomes null in the tree. Fails with ERR_INVALID (what, at which line and column),
 * ERR_LIMIT or ERR_MEMORY (arena cap).
 */
enum err_code json_parse(struct arena *a, const char *text, size_t len,
                         const char *const *leave_out, struct json **out_root, struct err *e);

/* What a value is. All are false for NULL, so that lookups can be chained. */
bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_string(const struct json *v);
bool json_is_number(const struct json *v);
bool json_is_true(const struct json *v);
bool json_is_null(const struct json *v); /* a JSON null, not a missing value */

/* "an object", "a list", "a string", "a number", "a boolean", "null", "nothing". Static. */
const char *json_kind(const struct json *v);

/* The text of a string value, NULL for anything else. Lives as long as the tree. */
const char *json_string(const struct json *v);

/* The digits of a number as they were written; NULL for anything else. */
const char *json_number(const struct json *v);

/* True when @v is an integer that fits; @out is untouched otherwise. */
bool json_int(const struct json *v, int64_t *out);

/* Member of an object by exact name; NULL when missing or @object is not an object. */
struct json *json_get(const struct json *object, const char *key);

/* Children in document order. json_key() is NULL for what is not a member. */
struct json *json_first(const struct json *v);
struct json *json_next(const struct json *v);
const char *json_key(const struct json *v);
size_t json_count(const struct json *v);

/*
 * The element of a list of objects whose member @key is the string @text; NULL when there is none.
 * @out_index may be NULL.
 */
struct json *json_find(const struct json *list, const char *key, const char *text,
                       size_t *out_index);

/* Deep equality; objects regardless of order. */
bool json_equal(const struct json *x, const struct json *y);

/* True when @x says all that @y says: objects may have more members, all else is equal. */
bool json_covers(const struct json *x, const struct json *y);

/*
 * New values in @a; NULL over its cap. Strings and keys of the *_ref forms and
 * of json_add() are kept, not copied: they must outlive the tree.
 */
struct json *json_new_object(struct arena *a);
struct json *json_new_array(struct arena *a);
struct json *json_new_string(struct arena *a, const char *text);
struct json *json_new_string_ref(struct arena *a, const char *text);
struct json *json_new_int(struct arena *a, int64_t n);
struct json *json_new_bool(struct arena *a, bool b);
struct json *json_new_number(struct arena *a,
                             const char *text); /* exact text of a JSON number; copied */

/* A deep copy in @a that shares @v's strings: @v must outlive it. */
struct json *json_copy(struct arena *a, const struct json *v);

/*
 * @item must not be in a tree yet; NULL items (out of memory) return false, so
 * that json_add(o, "k", json_new_string(a, s)) can be checked once.
 */
bool json_add(struct json *object, const char *key, struct json *item);
bool json_append(struct json *array, struct json *item);
bool json_replace(struct json *object, const char *key, struct json *item);
void json_replace_at(struct json *array, struct json *old, struct json *item);
void json_remove(struct json *object, const char *key);

/* A mark of the caller's on a value; not printed, not copied, not compared. */
void json_mark(struct json *v);
bool json_marked(const struct json *v);

/* Compact text appended to @b. */
void json_print(struct buf *b, const struct json *v);

/* @text as a JSON string with its quotes. */
void json_print_string(struct buf *b, const char *text);

#endif
