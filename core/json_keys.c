/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_keys.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/arena.h"

enum {
    FIRST_KEYS = 256, /* open at once; a real review has some 60 */
    FEW_KEYS = 64,    /* an object of up to so many is searched without a table */
};

struct json_key {
    const char *text;
    uint32_t len;
    uint32_t signature; /* differs for most keys that differ */
};

static uint64_t hash_seed;

void json_keys_init(void)
{
    if (getrandom(&hash_seed, sizeof(hash_seed), GRND_NONBLOCK) != (ssize_t)sizeof(hash_seed)) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        hash_seed ^= (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15);
    }
}

static uint64_t load64(const char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof(x));
    return x;
}

static uint64_t load32(const char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof(x));
    return x;
}

static uint64_t mix(uint64_t x, uint64_t y)
{
    __extension__ unsigned __int128 product = (unsigned __int128)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static const uint64_t odd = UINT64_C(0xd6e8feb86659fd93);

/* All of a short key, both ends of a longer one. */
static inline uint32_t signature_of(const char *p, size_t len)
{
    uint64_t head;
    uint64_t tail;
    if (len >= 8) {
        head = load64(p);
        tail = load64(p + len - 8);
    } else if (len >= 4) {
        head = load32(p);
        tail = load32(p + len - 4);
    } else if (len > 0) {
        head = (unsigned char)p[0];
        tail = (uint64_t)(unsigned char)p[len / 2] << 8 | (unsigned char)p[len - 1];
    } else {
        head = tail = 0;
    }
    return (uint32_t)(mix(head ^ odd, tail ^ len) >> 16);
}

/* All of any key, so that nobody who does not know the seed can make many collide. */
static uint64_t hash_of(const char *p, size_t len)
{
    uint64_t h = hash_seed ^ len;
    for (; len >= 8; p += 8, len -= 8) {
        h = mix(h ^ load64(p), odd);
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < len; i++) {
        rest = rest << 8 | (unsigned char)p[i];
    }
    return mix(mix(h ^ rest, odd), odd ^ hash_seed);
}

static bool same_key(const struct json_key *x, const struct json_key *y)
{
    return x->signature == y->signature && x->len == y->len &&
           memcmp(x->text, y->text, x->len) == 0;
}

/* Where @k is in the table of a large object, or the free slot where it would be. */
static uint32_t *find_slot(const struct json_keys *s, const struct json_keys_object *f,
                           const struct json_key *k)
{
    size_t i = hash_of(k->text, k->len);
    for (;; i++) {
        uint32_t *slot = &f->table[i & (f->table_size - 1)];
        if (*slot == 0 || same_key(&s->keys[*slot - 1], k)) {
            return slot;
        }
    }
}

/* Makes or doubles the table; false when memory runs out. */
static bool make_table(struct json_keys *s, struct json_keys_object *f)
{
    f->table_size = f->table == NULL ? (size_t)FEW_KEYS * 8 : f->table_size * 2;
    f->table = arena_zalloc(s->arena, f->table_size * sizeof(*f->table));
    if (f->table == NULL) {
        return false;
    }
    for (size_t i = f->first_key; i < s->key_count; i++) {
        *find_slot(s, f, &s->keys[i]) = (uint32_t)i + 1;
    }
    return true;
}

/* Looks among the keys of the object that may be the same. */
static bool has_key(const struct json_keys *s, const struct json_keys_object *f,
                    const struct json_key *k)
{
    if (f->table != NULL) {
        return *find_slot(s, f, k) != 0;
    }
    for (size_t i = f->first_key; i < s->key_count; i++) {
        if (same_key(&s->keys[i], k)) {
            return true;
        }
    }
    return false;
}

static bool grow_keys(struct json_keys *s)
{
    size_t size = s->key_size == 0 ? FIRST_KEYS : s->key_size * 2;
    struct json_key *keys = arena_alloc(s->arena, size * sizeof(*keys));
    if (keys == NULL) {
        return false;
    }
    if (s->key_count > 0) {
        memcpy(keys, s->keys, s->key_count * sizeof(*keys));
    }
    s->keys = keys;
    s->key_size = size;
    return true;
}

enum json_keys_result json_keys_add(struct json_keys *s, struct json_keys_object *f,
                                    const char *text, size_t len)
{
    const struct json_key k = {
        .text = text, .len = (uint32_t)len, .signature = signature_of(text, len)};
    uint64_t bit = UINT64_C(1) << (k.signature & 63);
    if ((f->signatures & bit) != 0 && has_key(s, f, &k)) {
        return JSON_KEYS_TWICE;
    }
    f->signatures |= bit;
    if (s->key_count == s->key_size && !grow_keys(s)) {
        return JSON_KEYS_NO_MEMORY;
    }
    s->keys[s->key_count++] = k;
    size_t count = s->key_count - f->first_key;
    if (count <= FEW_KEYS) {
        return JSON_KEYS_NEW;
    }
    if (f->table == NULL || count * 2 > f->table_size) {
        return make_table(s, f) ? JSON_KEYS_NEW : JSON_KEYS_NO_MEMORY;
    }
    *find_slot(s, f, &k) = (uint32_t)s->key_count;
    return JSON_KEYS_NEW;
}
