/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_scan.h"

/*
 * cJSON gives the tree and its functions, and prints; it does not parse. Its parser
 * takes what is not JSON, cuts strings at U+0000, rounds numbers and asks
 * for memory three times a member. After json_scan() has checked the text,
 * building the tree is the smaller part, and done here in one allocation.
 *
 * What cJSON cannot hold is kept so:
 *   a number that a double would change: cJSON_Raw, which prints as it stands
 *   U+0000 in a string: c0 80, which no UTF-8 has; printed as \u0000 again
 */
enum {
    NUL_BYTE_1 = 0xc0,
    PLAIN_DIGITS_MAX = 15, /* integers up to here come out of a double as they went in */
    PADDING = 16,          /* behind the text, so that it can be read in vectors */
};

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

static void set_int(cJSON *n, int64_t i)
{
    n->type = cJSON_Number;
    n->valuedouble = (double)i;
    n->valueint = i > INT_MAX ? INT_MAX : i < INT_MIN ? INT_MIN : (int)i;
}

static int type_of(const struct json *v)
{
    return v == NULL ? cJSON_Invalid : const_node(v)->type & 0xff;
}

/*
 * Building the tree from a text that json_scan() found good. Strings are decoded
 * in place, in a copy of the text, and stay there.
 */

struct builder {
    struct arena *arena;
    char *at;
    cJSON *next_node;                 /* of as many as the scan counted */
    const struct json_span *left_out; /* the next one */
    const char *text;                 /* start of the copy */
    cJSON *open[JSON_DEPTH_MAX];      /* containers around here */
    size_t depth;
};

static char *skip_space(char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') {
        p++;
    }
    return p;
}

/* To the next quote or backslash; there is one. */
static char *skip_to_special(char *p)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    for (;; p += PADDING) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        int mask =
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash)));
        if (mask != 0) {
            return p + __builtin_ctz((unsigned)mask);
        }
    }
#else
    while (*p != '"' && *p != '\\') {
        p++;
    }
    return p;
#endif
}

/* Stands on the opening quote; leaves behind the closing one, which becomes the NUL. */
static char *build_string(struct builder *b)
{
    char *text = b->at + 1;
    char *from = skip_to_special(text);
    char *to = from;
    while (*from == '\\') {
        const char *behind = from;
        to += json_unescape(to, &behind);
        from = text + (behind - text);
        char *plain = from;
        from = skip_to_special(from);
        memmove(to, plain, (size_t)(from - plain));
        to += from - plain;
    }
    *to = '\0';
    b->at = from + 1;
    return text;
}

static bool build_number(struct builder *b, cJSON *n)
{
    const char *start = b->at;
    const char *p = start + (*start == '-' ? 1 : 0);
    const char *digits = p;
    int64_t integer = 0;
    for (; *p >= '0' && *p <= '9' && p - digits < PLAIN_DIGITS_MAX; p++) {
        integer = integer * 10 + (*p - '0');
    }
    size_t len = (size_t)(p - start) + strspn(p, "0123456789.eE+-");
    b->at += len;
    if (start + len == p && !(*start == '-' && *digits == '0')) {
        set_int(n, *start == '-' ? -integer : integer);
        return true;
    }
    n->type = cJSON_Raw;
    n->valuestring = arena_strndup(b->arena, start, len);
    return n->valuestring != NULL;
}

/* Every member and element is its container's newest child. */
static cJSON *add_node(struct builder *b, const char *key)
{
    cJSON *n = b->next_node++;
    *n = (cJSON){.string = (char *)(uintptr_t)key}; /* not const in cJSON, but never written */
    if (b->depth == 0) {
        return n;
    }
    cJSON *parent = b->open[b->depth - 1];
    if (parent->child == NULL) {
        parent->child = n;
    } else {
        cJSON *last = parent->child->prev;
        last->next = n;
        n->prev = last;
    }
    parent->child->prev = n;
    return n;
}

/* The value at the place, of which a container only begins. */
static bool build_value(struct builder *b, const char *key)
{
    cJSON *n = add_node(b, key);
    int constant = key == NULL ? 0 : cJSON_StringIsConst;
    if (b->left_out != NULL && b->text + b->left_out->start == b->at) {
        b->at += b->left_out->end - b->left_out->start;
        b->left_out = b->left_out->next;
        n->type = cJSON_NULL | constant;
        return true;
    }
    switch (*b->at) {
    case '{':
    case '[':
        n->type = *b->at == '{' ? cJSON_Object : cJSON_Array;
        b->open[b->depth++] = n;
        b->at++;
        break;
    case '"':
        n->type = cJSON_String;
        n->valuestring = build_string(b);
        break;
    case 't':
        n->type = cJSON_True;
        b->at += 4;
        break;
    case 'f':
        n->type = cJSON_False;
        b->at += 5;
        break;
    case 'n':
        n->type = cJSON_NULL;
        b->at += 4;
        break;
    default:
        if (!build_number(b, n)) {
            return false;
        }
        break;
    }
    n->type |= constant;
    return true;
}

static bool build(struct builder *b)
{
    b->at = skip_space(b->at);
    bool ok = build_value(b, NULL);
    while (ok && b->depth > 0) {
        b->at = skip_space(b->at);
        if (*b->at == '}' || *b->at == ']') {
            b->at++;
            b->depth--;
            continue;
        }
        if (*b->at == ',') {
            b->at = skip_space(b->at + 1);
        }
        const char *key = NULL;
        if ((b->open[b->depth - 1]->type & 0xff) == cJSON_Object) {
            key = build_string(b);
            b->at = skip_space(skip_space(b->at) + 1); /* the colon */
        }
        ok = build_value(b, key);
    }
    return ok;
}

enum err_code json_parse(struct arena *a, const char *text, size_t len,
                         const char *const *leave_out, struct json **out_root, struct err *e)
{
    struct json_scan scan;
    enum err_code code = json_scan(a, text, len, leave_out, &scan, e);
    if (code != ERR_OK) {
        return code;
    }
    char *copy = arena_alloc(a, len + PADDING);
    cJSON *nodes = arena_alloc(a, scan.values * sizeof(*nodes));
    if (copy != NULL && nodes != NULL) {
        memcpy(copy, text, len);
        memset(copy + len, '"', PADDING); /* what a vector may read beyond, and no number goes on */
        struct builder b = {
            .arena = a, .at = copy, .text = copy, .next_node = nodes, .left_out = scan.left_out};
        if (build(&b)) {
            *out_root = value(nodes);
            return ERR_OK;
        }
    }
    return err_set(e, ERR_MEMORY, "the document needs more memory than a request may have");
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
    case cJSON_Number: /* an integer of at most PLAIN_DIGITS_MAX digits */
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
    static const int64_t exact = INT64_C(1000000000000000); /* PLAIN_DIGITS_MAX digits and one */
    if (n <= -exact || n >= exact) {
        return json_new_number(a, arena_printf(a, "%lld", (long long)n));
    }
    cJSON *number = new_node(a, cJSON_Number);
    if (number != NULL) {
        set_int(number, n);
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

bool json_replace(struct json *object, const char *key, struct json *item)
{
    cJSON *old = node(json_get(object, key));
    if (old == NULL || item == NULL) {
        return json_add(object, key, item);
    }
    node(item)->string = old->string;
    node(item)->type |= cJSON_StringIsConst;
    return cJSON_ReplaceItemViaPointer(node(object), old, node(item)) != 0;
}

void json_replace_at(struct json *array, struct json *old, struct json *item)
{
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
