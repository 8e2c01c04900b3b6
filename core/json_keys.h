/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_keys.h - the keys of the objects that are open, for finding one that stands twice.
 *
 * Objects are opened and closed like brackets, and their keys lie in one stack. A
 * word of signature bits a object answers nearly every question; a small object
 * is searched through, a large one by a table whose hash is seeded per process,
 * so that nobody can choose keys that collide.
 * Private to core/json_parse.c.
 * Thread-safety: json_keys_init() once, before threads; a struct belongs to one caller.
 */
#ifndef CORE_JSON_KEYS_H
#define CORE_JSON_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_key;

struct json_keys {
    struct arena *arena;
    struct json_key *keys; /* of all open objects, innermost last */
    size_t key_count;
    size_t key_size;
};

/* The keys of one object. */
struct json_keys_object {
    size_t first_key;    /* in json_keys.keys */
    uint64_t signatures; /* bit by the signature of each key */
    uint32_t *table;     /* of a large object: key index + 1 by hash; else NULL */
    size_t table_size;   /* a power of two, at least twice the keys */
};

enum json_keys_result { JSON_KEYS_NEW, JSON_KEYS_TWICE, JSON_KEYS_NO_MEMORY };

void json_keys_init(void);

static inline void json_keys_open(const struct json_keys *s, struct json_keys_object *f)
{
    *f = (struct json_keys_object){.first_key = s->key_count};
}

static inline void json_keys_close(struct json_keys *s, const struct json_keys_object *f)
{
    s->key_count = f->first_key;
}

/* @f: the innermost open object. @text is kept until it is closed; need not end with a NUL. */
enum json_keys_result json_keys_add(struct json_keys *s, struct json_keys_object *f,
                                    const char *text, size_t len);

#endif
