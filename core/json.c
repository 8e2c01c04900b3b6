/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_scan.h"

/*
 * How what cJSON cannot hold travels through it. Both first bytes never occur
 * in valid UTF-8, so no text of a user's can be mistaken for them.
 *   numbers to keep exactly: a string that starts with ff, made a cJSON_Raw after parsing
 *   U+0000 in a string:      c0 80, written as \u0000 again when printing
 */
enum { NUMBER_BYTE = 0xff, NUL_BYTE_1 = 0xc0, NUL_BYTE_2 = 0x80 };

/* cJSON keeps its flags in the second byte of type; this one is ours. */
enum { MARKED = 1 << 16 };

/* cJSON's hooks are process-wide and take no context: this is where they allocate. */
static _Thread_local struct arena *hook_arena;
static _Thread_local void *hook_newest;

static void *hook_malloc(size_t bytes)
{
    assert(hook_arena != NULL);
    hook_newest = arena_alloc(hook_arena, bytes);
    return hook_newest;
}

static void hook_free(void *p)
{
    if (p != NULL && p == hook_newest) {
        arena_undo(hook_arena, p);
        hook_newest = NULL;
    }
}

void json_init(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_malloc, .free_fn = hook_free};
    cJSON_InitHooks(&hooks);
    json_scan_init();
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

/*
 * Parsing.
 */

static char *put(char *to, const char *bytes, size_t len)
{
    memcpy(to, bytes, len);
    return to + len;
}

static char *put_span(char *to, const char *text, const struct json_span *span)
{
    static const char number_start[] = {'"', (char)NUMBER_BYTE};
    static const char nul[] = {(char)NUL_BYTE_1, (char)NUL_BYTE_2};
    switch (span->kind) {
    case JSON_SPAN_LEFT_OUT:
        return put(to, "null", 4);
    case JSON_SPAN_NUL:
        return put(to, nul, sizeof(nul));
    case JSON_SPAN_NUMBER:
        to = put(to, number_start, sizeof(number_start));
        to = put(to, text + span->start, span->end - span->start);
        return put(to, "\"", 1);
    }
    return to;
}

/* The text with every span in the form that cJSON can carry. */
static char *rewrite(struct arena *a, const char *text, size_t *len, const struct json_span *spans)
{
    size_t size = *len;
    for (const struct json_span *s = spans; s != NULL; s = s->next) {
        size += 4; /* more than any rewritten span grows */
    }
    char *copy = arena_alloc(a, size);
    if (copy == NULL) {
        return NULL;
    }
    char *to = copy;
    size_t done = 0;
    for (const struct json_span *s = spans; s != NULL; s = s->next) {
        to = put(to, text + done, s->start - done);
        to = put_span(to, text, s);
        done = s->end;
    }
    to = put(to, text + done, *len - done);
    *len = (size_t)(to - copy);
    return copy;
}

static bool has_numbers(const struct json_span *spans)
{
    for (; spans != NULL; spans = spans->next) {
        if (spans->kind == JSON_SPAN_NUMBER) {
            return true;
        }
    }
    return false;
}

/* Turns the strings that carry numbers into cJSON_Raw, which prints as it stands. */
static void restore_numbers(cJSON *root)
{
    cJSON *stack[JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    stack[depth++] = root;
    while (depth > 0) {
        cJSON *n = stack[--depth];
        if (n == NULL) {
            continue;
        }
        if (cJSON_IsString(n) && (unsigned char)n->valuestring[0] == NUMBER_BYTE) {
            n->type = cJSON_Raw | (n->type & ~0xff);
            n->valuestring++;
        }
        stack[depth++] = n == root ? NULL : n->next;
        if (n->child != NULL) {
            stack[depth++] = n->child;
        }
    }
}

enum err_code json_parse(struct arena *a, const char *text, size_t len,
                         const char *const *leave_out, struct json **out_root, struct err *e)
{
    struct json_span *spans = NULL;
    enum err_code code = json_scan(a, text, len, leave_out, &spans, e);
    if (code != ERR_OK) {
        return code;
    }
    if (spans != NULL) {
        text = rewrite(a, text, &len, spans);
    }
    cJSON *root = NULL;
    if (text != NULL) {
        hook_arena = a;
        root = cJSON_ParseWithLength(text, len);
        hook_newest = NULL; /* only the parser gives memory back */
    }
    if (root == NULL) { /* the scan left no other reason */
        return err_set(e, ERR_MEMORY, "the document needs more memory than a request may have");
    }
    if (has_numbers(spans)) {
        restore_numbers(root);
    }
    *out_root = value(root);
    return ERR_OK;
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
    return type_of(v) == cJSON_Number || type_of(v) == cJSON_Raw;
}

bool json_is_bool(const struct json *v)
{
    return type_of(v) == cJSON_True || type_of(v) == cJSON_False;
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
    case cJSON_Number:
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

bool json_int(const struct json *v, int64_t *out)
{
    if (type_of(v) == cJSON_Number) { /* at most 15 digits: exact in a double */
        *out = (int64_t)const_node(v)->valuedouble;
        return true;
    }
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
    return value(cJSON_GetObjectItemCaseSensitive(const_node(object), key));
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
    case cJSON_Number: /* integers of at most 15 digits, see json_scan.c */
        return (int64_t)const_node(x)->valuedouble == (int64_t)const_node(y)->valuedouble;
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
    static const int64_t exact = INT64_C(1000000000000000); /* as in json_scan.c */
    if (n <= -exact || n >= exact) {
        return json_new_number(a, arena_printf(a, "%lld", (long long)n));
    }
    cJSON *number = new_node(a, cJSON_Number);
    if (number != NULL) {
        number->valuedouble = (double)n;
        number->valueint = n > INT_MAX ? INT_MAX : n < INT_MIN ? INT_MIN : (int)n;
    }
    return value(number);
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
    copy->valuedouble = const_node(v)->valuedouble;
    copy->valueint = const_node(v)->valueint;
    for (const struct json *c = json_first(v); c != NULL; c = json_next(c)) {
        struct json *child = json_copy(a, c);
        bool added = json_is_object(v) ? json_add(a, value(copy), json_key(c), child)
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

bool json_add(struct arena *a, struct json *object, const char *key, struct json *item)
{
    hook_arena = a;
    return object != NULL && item != NULL &&
           cJSON_AddItemToObjectCS(node(object), key, node(item)) != 0;
}

bool json_append(struct json *array, struct json *item)
{
    return array != NULL && item != NULL && cJSON_AddItemToArray(node(array), node(item)) != 0;
}

bool json_replace(struct arena *a, struct json *object, const char *key, struct json *item)
{
    cJSON *old = node(json_get(object, key));
    if (old == NULL || item == NULL) {
        return json_add(a, object, key, item);
    }
    hook_arena = a;
    node(item)->string = old->string;
    node(item)->type |= cJSON_StringIsConst;
    return cJSON_ReplaceItemViaPointer(node(object), old, node(item)) != 0;
}

void json_replace_at(struct arena *a, struct json *array, struct json *old, struct json *item)
{
    hook_arena = a;
    (void)cJSON_ReplaceItemViaPointer(node(array), node(old), node(item));
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
