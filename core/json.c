/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_keys.h"
#include "core/json_parse.h"

enum { NUL_BYTE_1 = 0xc0 }; /* see json_parse.h */

/* cJSON keeps its flags in the second byte of type; this one is ours. */
enum { MARKED = 1 << 16 };

/* Nothing that is used of cJSON allocates, and nothing in a tree is freed alone. */
static void *hook_malloc(size_t bytes)
{
    assert(bytes == 0 && "cJSON must not allocate");
    return NULL;
}

static void hook_free(void *p)
{
    (void)p;
}

void json_init(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_malloc, .free_fn = hook_free};
    cJSON_InitHooks(&hooks);
    json_keys_init();
}

static cJSON *node(struct json *v)
{
    return (cJSON *)(void *)v;
}

static const cJSON *const_node(const struct json *v)
{
    return (const cJSON *)(const void *)v;
}

static struct json *value(cJSON *n)
{
    return (struct json *)(void *)n;
}

static int type_of(const struct json *v)
{
    return v == NULL ? cJSON_Invalid : const_node(v)->type & 0xff;
}

enum err_code json_parse(struct arena *a, const char *text, size_t len,
                         const char *const *leave_out, struct json **out_root, struct err *e)
{
    cJSON *root;
    enum err_code code = json_parse_tree(a, text, len, leave_out, &root, e);
    if (code == ERR_OK) {
        *out_root = value(root);
    }
    return code;
}

/*
 * Looking.
 */

bool json_is_object(const struct json *v)
{
    return type_of(v) == cJSON_Object;
}

bool json_is_array(const struct json *v)
{
    return type_of(v) == cJSON_Array;
}

bool json_is_string(const struct json *v)
{
    return type_of(v) == cJSON_String;
}

bool json_is_number(const struct json *v)
{
    return type_of(v) == cJSON_Raw;
}

bool json_is_true(const struct json *v)
{
    return type_of(v) == cJSON_True;
}

bool json_is_null(const struct json *v)
{
    return type_of(v) == cJSON_NULL;
}

const char *json_kind(const struct json *v)
{
    switch (type_of(v)) {
    case cJSON_Object:
        return "an object";
    case cJSON_Array:
        return "a list";
    case cJSON_String:
        return "a string";
    case cJSON_Raw:
        return "a number";
    case cJSON_True:
    case cJSON_False:
        return "a boolean";
    case cJSON_NULL:
        return "null";
    default:
        return "nothing";
    }
}

const char *json_string(const struct json *v)
{
    return json_is_string(v) ? const_node(v)->valuestring : NULL;
}

const char *json_number(const struct json *v)
{
    return json_is_number(v) ? const_node(v)->valuestring : NULL;
}

bool json_int(const struct json *v, int64_t *out)
{
    if (type_of(v) != cJSON_Raw) {
        return false;
    }
    const char *p = const_node(v)->valuestring;
    bool negative = *p == '-';
    uint64_t n = 0;
    for (p += negative ? 1 : 0; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || __builtin_mul_overflow(n, UINT64_C(10), &n) ||
            __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n)) {
            return false;
        }
    }
    if (n > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *out = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

struct json *json_get(const struct json *object, const char *key)
{
    if (!json_is_object(object)) {
        return NULL;
    }
    cJSON *n = const_node(object)->child;
    while (n != NULL && (n->string[0] != key[0] || strcmp(n->string, key) != 0)) {
        n = n->next;
    }
    return value(n);
}

struct json *json_first(const struct json *v)
{
    return v == NULL ? NULL : value(const_node(v)->child);
}

struct json *json_next(const struct json *v)
{
    return value(const_node(v)->next);
}

const char *json_key(const struct json *v)
{
    return v == NULL ? NULL : const_node(v)->string;
}

size_t json_count(const struct json *v)
{
    size_t n = 0;
    for (const struct json *c = json_first(v); c != NULL; c = json_next(c)) {
        n++;
    }
    return n;
}

struct json *json_find(const struct json *list, const char *key, const char *text,
                       size_t *out_index)
{
    size_t i = 0;
    for (struct json *item = json_first(list); item != NULL; item = json_next(item), i++) {
        const char *found = json_string(json_get(item, key));
        if (found != NULL && strcmp(found, text) == 0) {
            if (out_index != NULL) {
                *out_index = i;
            }
            return item;
        }
    }
    return NULL;
}

typedef bool comparison(const struct json *x, const struct json *y);

/* Every member of @y is in @x; @out_count says how many that are. */
static bool members_match(const struct json *x, const struct json *y, comparison *match,
                          size_t *out_count)
{
    size_t count = 0;
    for (const struct json *m = json_first(y); m != NULL; m = json_next(m)) {
        const struct json *other = json_get(x, json_key(m));
        if (other == NULL || !match(other, m)) {
            return false;
        }
        count++;
    }
    *out_count = count;
    return true;
}

static bool items_match(const struct json *x, const struct json *y, comparison *match)
{
    const struct json *i = json_first(x);
    const struct json *j = json_first(y);
    while (i != NULL && j != NULL) {
        if (!match(i, j)) {
            return false;
        }
        i = json_next(i);
        j = json_next(j);
    }
    return i == j;
}

static bool scalars_equal(const struct json *x, const struct json *y)
{
    switch (type_of(x)) {
    case cJSON_String:
    case cJSON_Raw:
        return strcmp(const_node(x)->valuestring, const_node(y)->valuestring) == 0;
    default:
        return true;
    }
}

bool json_equal(const struct json *x, const struct json *y)
{
    size_t count;
    if (type_of(x) != type_of(y)) {
        return false;
    }
    if (json_is_object(x)) {
        return members_match(x, y, json_equal, &count) && count == json_count(x);
    }
    return json_is_array(x) ? items_match(x, y, json_equal) : scalars_equal(x, y);
}

bool json_covers(const struct json *x, const struct json *y)
{
    size_t count;
    if (type_of(x) != type_of(y)) {
        return false;
    }
    if (json_is_object(x)) {
        return members_match(x, y, json_covers, &count);
    }
    return json_is_array(x) ? items_match(x, y, json_covers) : scalars_equal(x, y);
}

/*
 * Making.
 */

static cJSON *new_node(struct arena *a, int type)
{
    cJSON *n = arena_zalloc(a, sizeof(*n));
    if (n != NULL) {
        n->type = type;
    }
    return n;
}

struct json *json_new_object(struct arena *a)
{
    return value(new_node(a, cJSON_Object));
}

struct json *json_new_array(struct arena *a)
{
    return value(new_node(a, cJSON_Array));
}

struct json *json_new_bool(struct arena *a, bool b)
{
    return value(new_node(a, b ? cJSON_True : cJSON_False));
}

static struct json *new_text(struct arena *a, int type, char *text)
{
    cJSON *n = text == NULL ? NULL : new_node(a, type);
    if (n != NULL) {
        n->valuestring = text;
    }
    return value(n);
}

struct json *json_new_string(struct arena *a, const char *text)
{
    return new_text(a, cJSON_String, arena_strdup(a, text));
}

struct json *json_new_string_ref(struct arena *a, const char *text)
{
    /* cJSON's field is not const, but nothing here writes through it. */
    return new_text(a, cJSON_String, (char *)(uintptr_t)text);
}

struct json *json_new_int(struct arena *a, int64_t n)
{
    char digits[24];
    char *p = digits + sizeof(digits) - 1;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    *p = '\0';
    do {
        *--p = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (n < 0) {
        *--p = '-';
    }
    return new_text(a, cJSON_Raw, arena_strdup(a, p));
}

struct json *json_new_number(struct arena *a, const char *text)
{
    struct json *parsed = NULL;
    if (text == NULL || json_parse(a, text, strlen(text), NULL, &parsed, NULL) != ERR_OK) {
        return NULL;
    }
    return json_is_number(parsed) ? parsed : NULL;
}

struct json *json_copy(struct arena *a, const struct json *v)
{
    cJSON *copy = new_node(a, type_of(v));
    if (copy == NULL) {
        return NULL;
    }
    copy->valuestring = const_node(v)->valuestring;
    for (const struct json *c = json_first(v); c != NULL; c = json_next(c)) {
        struct json *child = json_copy(a, c);
        bool added = json_is_object(v) ? json_add(value(copy), json_key(c), child)
                                       : json_append(value(copy), child);
        if (!added) {
            return NULL;
        }
    }
    return value(copy);
}

/*
 * Changing.
 */

bool json_add(struct json *object, const char *key, struct json *item)
{
    return object != NULL && item != NULL &&
           cJSON_AddItemToObjectCS(node(object), key, node(item)) != 0;
}

bool json_append(struct json *array, struct json *item)
{
    return array != NULL && item != NULL && cJSON_AddItemToArray(node(array), node(item)) != 0;
}

/*
 * Puts @item into the place of @old, which stays as it was: cJSON's own function would
 * delete it, and edits still show what was there before.
 */
static void relink(cJSON *parent, cJSON *old, cJSON *item)
{
    item->next = old->next;
    item->prev = old->prev;
    if (item->next != NULL) {
        item->next->prev = item;
    } else {
        parent->child->prev = item; /* the first knows the last */
    }
    if (parent->child == old) {
        parent->child = item;
        if (item->next == NULL) {
            item->prev = item;
        }
    } else {
        item->prev->next = item;
    }
    old->next = old->prev = NULL;
}

bool json_replace(struct json *object, const char *key, struct json *item)
{
    cJSON *old = node(json_get(object, key));
    if (old == NULL || item == NULL) {
        return json_add(object, key, item);
    }
    node(item)->string = old->string;
    node(item)->type |= cJSON_StringIsConst;
    relink(node(object), old, node(item));
    return true;
}

void json_replace_at(struct json *array, struct json *old, struct json *item)
{
    relink(node(array), node(old), node(item));
}

void json_remove(struct json *object, const char *key)
{
    cJSON *old = node(json_get(object, key));
    if (old != NULL) {
        (void)cJSON_DetachItemViaPointer(node(object), old);
    }
}

void json_mark(struct json *v)
{
    node(v)->type |= MARKED;
}

bool json_marked(const struct json *v)
{
    return (const_node(v)->type & MARKED) != 0;
}

/*
 * Printing.
 */

/* Writes \u0000 where c0 80 stands in the text from @start on. */
static void restore_nuls(struct buf *b, size_t start)
{
    size_t len = b->len - start;
    if (memchr(b->text + start, NUL_BYTE_1, len) == NULL) {
        return;
    }
    struct buf copy;
    if (b->arena != NULL) {
        buf_init_arena(&copy, b->arena, len);
    } else {
        buf_init(&copy, len);
    }
    buf_add(&copy, b->text + start, len);
    b->len = start;
    b->failed = b->failed || copy.failed;
    for (size_t i = 0; i < copy.len; i++) {
        if ((unsigned char)copy.text[i] == NUL_BYTE_1) {
            buf_adds(b, "\\u0000");
            i++;
        } else {
            buf_addc(b, copy.text[i]);
        }
    }
    buf_finish(&copy);
}

static void print_node(struct buf *b, cJSON *n)
{
    enum { FIRST_TRY = 2048 };
    size_t start = b->len;
    for (size_t room = FIRST_TRY; !b->failed; room *= 2) {
        if (room > b->max - b->len) {
            room = b->max - b->len;
        }
        char *to = room > INT_MAX ? NULL : buf_reserve(b, room);
        if (to == NULL) {
            b->failed = true;
            return;
        }
        if (cJSON_PrintPreallocated(n, to, (int)room, 0) != 0) {
            buf_commit(b, strlen(to));
            restore_nuls(b, start);
            return;
        }
        b->text[b->len] = '\0';
        if (room == b->max - b->len) {
            b->failed = true;
        }
    }
}

void json_print(struct buf *b, const struct json *v)
{
    /* Printing does not change the tree; cJSON only says so in its documentation. */
    print_node(b, (cJSON *)(uintptr_t)const_node(v));
}

void json_print_string(struct buf *b, const char *text)
{
    cJSON n = {.type = cJSON_String, .valuestring = (char *)(uintptr_t)text};
    print_node(b, &n);
}
