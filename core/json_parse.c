/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_parse.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cjson/cJSON.h>

#include "core/arena.h"
#include "core/json.h"

/*
 * The text is copied once and decoded in place: strings and keys of the tree lie in the copy.
 * Functions that read take the place to read at and return the place behind
 * what they read, NULL after a failure: so the place stays in a register.
 */

enum {
    FIRST_KEYS = 256, /* open at once; a real review has some 60 */
    FEW_KEYS = 64,    /* an object of up to so many is searched without a table */
    PATHS_MAX = 32,
    NODES_AT_ONCE = 64,
};

/* A key of an object that is still open, decoded. */
struct key {
    const char *text;
    uint32_t len;
    uint32_t signature; /* differs for most keys that differ */
};

struct frame {
    cJSON *node; /* NULL: nothing is built here */
    cJSON *last; /* its newest child */
    bool is_object;
    bool filled;         /* a value stands in it already */
    uint32_t paths;      /* bit i: leave_out[i] leads through here */
    size_t first_key;    /* of this object, in parser.keys */
    uint64_t signatures; /* bit by the signature of each key */
    uint32_t *table;     /* of a large object: key index + 1 by hash; else NULL */
    size_t table_size;   /* a power of two, at least twice the keys */
};

struct parser {
    struct arena *arena;
    const char *original;
    char *text; /* the copy */
    char *end;
    struct err *e;
    enum err_code code;
    bool builds;
    cJSON *root;
    cJSON *free_nodes;
    size_t free_count;
    size_t depth;
    size_t values;
    struct key *keys; /* of all open objects, innermost last */
    size_t key_count;
    size_t key_size;
    const char *const *leave_out;
    size_t left_out_depth; /* where the value being left out hangs; 0: none is */
    struct frame stack[JSON_DEPTH_MAX];
};

static uint64_t hash_seed;

void json_parse_init(void)
{
    if (getrandom(&hash_seed, sizeof(hash_seed), GRND_NONBLOCK) != (ssize_t)sizeof(hash_seed)) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        hash_seed ^= (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15);
    }
}

/* Records where and what, in the words of an editor: line and column from 1. */
static char *fail(struct parser *s, const char *at, enum err_code code, const char *what)
{
    size_t line = 1;
    const char *stop = s->original + (at - s->text);
    const char *line_start = s->original;
    for (const char *p = s->original; p < stop; p++) {
        if (*p == '\n') {
            line++;
            line_start = p + 1;
        }
    }
    s->code = err_set(s->e, code, "not valid JSON at line %zu, column %zu: %s", line,
                      (size_t)(stop - line_start) + 1, what);
    return NULL;
}

static char *out_of_memory(struct parser *s)
{
    s->code = err_set(s->e, ERR_MEMORY, "the document needs more memory than a request may have");
    return NULL;
}

/*
 * Strings.
 */

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

static bool is_plain(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x20 && u < 0x80 && u != '"' && u != '\\';
}

/* To the first byte that is a quote, a backslash, a control character or not ASCII. */
static char *skip_plain(char *p, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* Signed, so that bytes from 0x80 on count as less than a space, too. */
        __m128i found =
            _mm_or_si128(_mm_cmplt_epi8(x, space),
                         _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash)));
        int mask = _mm_movemask_epi8(found);
        if (mask != 0) {
            return p + __builtin_ctz((unsigned)mask);
        }
        p += 16;
    }
#endif
    while (p < end && is_plain(*p)) {
        p++;
    }
    return p;
}

/* Length of the well-formed UTF-8 sequence at @p (Unicode 15, table 3-7), 0 for none. */
static size_t utf8_sequence(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t left = (size_t)(end - p);
    size_t n = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (u[0] >= 0xc2 && u[0] <= 0xdf) {
        n = 2;
    } else if (u[0] >= 0xe0 && u[0] <= 0xef) {
        n = 3;
        low = u[0] == 0xe0 ? 0xa0 : 0x80;
        high = u[0] == 0xed ? 0x9f : 0xbf;
    } else if (u[0] >= 0xf0 && u[0] <= 0xf4) {
        n = 4;
        low = u[0] == 0xf0 ? 0x90 : 0x80;
        high = u[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (n == 0 || n > left || u[1] < low || u[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* The UTF-16 unit of the "\uXXXX" at @p, -1 when there is none. */
static int hex_unit(const char *p, const char *end)
{
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

/* UTF-8 of a code point (not a surrogate), of U+0000 c0 80; returns its length. */
static size_t put_utf8(char *to, unsigned cp)
{
    if (cp < 0x80 && cp != 0) {
        to[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        to[0] = (char)(0xc0 | cp >> 6);
        to[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        to[0] = (char)(0xe0 | cp >> 12);
        to[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        to[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | cp >> 18);
    to[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    to[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    to[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* The code point that the escape "\uXXXX" at @p, perhaps a pair of them, stands for. */
static char *unicode_escape(struct parser *s, char *p, unsigned *out)
{
    int unit = hex_unit(p, s->end);
    if (unit < 0) {
        return fail(s, p, ERR_INVALID, "\\u needs four hexadecimal digits");
    }
    *out = (unsigned)unit;
    if (unit < 0xd800 || unit > 0xdfff) {
        return p + 6;
    }
    int low = hex_unit(p + 6, s->end);
    if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff) {
        return fail(s, p, ERR_INVALID, "half of a surrogate pair");
    }
    *out = 0x10000 + ((unsigned)(unit - 0xd800) << 10) + (unsigned)(low - 0xdc00);
    return p + 12;
}

/* The character that stands for another one behind a backslash; 0 for none. */
static unsigned short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return (unsigned char)c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

static char *escape(struct parser *s, char *p, unsigned *out)
{
    if (s->end - p < 2) {
        return fail(s, p, ERR_INVALID, "the string does not end");
    }
    if (p[1] == 'u') {
        return unicode_escape(s, p, out);
    }
    *out = short_escape(p[1]);
    return *out != 0 ? p + 2 : fail(s, p, ERR_INVALID, "no such escape in a string");
}

/* What skip_plain() stopped at inside a string goes to *@to, which is moved behind it. */
static char *special(struct parser *s, char *p, char **to)
{
    if (p == s->end) {
        return fail(s, p, ERR_INVALID, "the string does not end");
    }
    if (*p == '\\') {
        unsigned cp;
        p = escape(s, p, &cp);
        *to += p == NULL ? 0 : put_utf8(*to, cp);
        return p;
    }
    if ((unsigned char)*p < 0x20) {
        return fail(s, p, ERR_INVALID, "a control character in a string must be escaped");
    }
    size_t n = utf8_sequence(p, s->end);
    if (n == 0) {
        return fail(s, p, ERR_INVALID, "not valid UTF-8");
    }
    memmove(*to, p, n);
    *to += n;
    return p + n;
}

/*
 * Decodes the string whose opening quote stands before @p, in place, and ends it with a NUL.
 * @out_end: that NUL.
 */
static inline char *string(struct parser *s, char *p, char **out_end)
{
    char *to = skip_plain(p, s->end);
    p = to;
    while (p == s->end || *p != '"') {
        p = special(s, p, &to);
        if (p == NULL) {
            return NULL;
        }
        char *plain = p;
        p = skip_plain(p, s->end);
        memmove(to, plain, (size_t)(p - plain));
        to += p - plain;
    }
    *to = '\0';
    *out_end = to;
    return p + 1;
}

/*
 * Keys and their duplicates.
 */

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

static bool same_key(const struct key *x, const struct key *y)
{
    return x->signature == y->signature && x->len == y->len &&
           memcmp(x->text, y->text, x->len) == 0;
}

/* Where @k is in the table of a large object, or the free slot where it would be. */
static uint32_t *find_slot(const struct parser *s, const struct frame *f, const struct key *k)
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
static bool make_table(struct parser *s, struct frame *f)
{
    f->table_size = f->table == NULL ? (size_t)FEW_KEYS * 8 : f->table_size * 2;
    f->table = arena_zalloc(s->arena, f->table_size * sizeof(*f->table));
    if (f->table == NULL) {
        (void)out_of_memory(s);
        return false;
    }
    for (size_t i = f->first_key; i < s->key_count; i++) {
        *find_slot(s, f, &s->keys[i]) = (uint32_t)i + 1;
    }
    return true;
}

/* Looks among the keys of the object that may be the same. */
static bool has_key(const struct parser *s, const struct frame *f, const struct key *k)
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

static bool grow_keys(struct parser *s)
{
    size_t size = s->key_size == 0 ? FIRST_KEYS : s->key_size * 2;
    struct key *keys = arena_alloc(s->arena, size * sizeof(*keys));
    if (keys == NULL) {
        (void)out_of_memory(s);
        return false;
    }
    if (s->key_count > 0) {
        memcpy(keys, s->keys, s->key_count * sizeof(*keys));
    }
    s->keys = keys;
    s->key_size = size;
    return true;
}

/* False when the key is there already, or when memory runs out. */
static inline bool add_key(struct parser *s, struct frame *f, const char *text, size_t len)
{
    const struct key k = {.text = text, .len = (uint32_t)len, .signature = signature_of(text, len)};
    uint64_t bit = UINT64_C(1) << (k.signature & 63);
    if ((f->signatures & bit) != 0 && has_key(s, f, &k)) {
        return false;
    }
    f->signatures |= bit;
    if (s->key_count == s->key_size && !grow_keys(s)) {
        return false;
    }
    s->keys[s->key_count++] = k;
    size_t count = s->key_count - f->first_key;
    if (count <= FEW_KEYS) {
        return true;
    }
    if (f->table == NULL || count * 2 > f->table_size) {
        return make_table(s, f);
    }
    *find_slot(s, f, &k) = (uint32_t)s->key_count;
    return true;
}

/*
 * Values.
 */

static bool is_leaving_out(const struct parser *s)
{
    return s->left_out_depth != 0;
}

/* The next child of the innermost container; NULL when memory runs out. */
static inline cJSON *add_node(struct parser *s, char *name, int type)
{
    if (s->free_count == 0) {
        s->free_count = NODES_AT_ONCE;
        s->free_nodes = arena_alloc(s->arena, NODES_AT_ONCE * sizeof(*s->free_nodes));
        if (s->free_nodes == NULL) {
            s->free_count = 0;
            (void)out_of_memory(s);
            return NULL;
        }
    }
    cJSON *n = s->free_nodes++;
    s->free_count--;
    *n = (cJSON){.type = name == NULL ? type : type | cJSON_StringIsConst, .string = name};
    if (s->depth == 0) {
        s->root = n;
        return n;
    }
    struct frame *top = &s->stack[s->depth - 1];
    if (top->last == NULL) {
        top->node->child = n;
    } else {
        top->last->next = n;
        n->prev = top->last;
    }
    top->node->child->prev = n; /* as cJSON wants it: the first knows the last */
    top->last = n;
    return n;
}

static char *skip_digits(char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

static bool stands(const struct parser *s, const char *p, char c)
{
    return p < s->end && *p == c;
}

/* A fraction or an exponent: digits must follow @p. */
static char *need_digits(struct parser *s, char *p)
{
    char *behind = skip_digits(p, s->end);
    return behind != p ? behind : fail(s, p, ERR_INVALID, "a number needs a digit here");
}

static char *number(struct parser *s, char *start, char *name)
{
    char *p = start + (*start == '-' ? 1 : 0);
    p = stands(s, p, '0') ? p + 1 : need_digits(s, p);
    if (p != NULL && stands(s, p, '.')) {
        p = need_digits(s, p + 1);
    }
    if (p != NULL && (stands(s, p, 'e') || stands(s, p, 'E'))) {
        p++;
        p = need_digits(s, stands(s, p, '+') || stands(s, p, '-') ? p + 1 : p);
    }
    if (p == NULL || !s->builds || is_leaving_out(s)) {
        return p;
    }
    cJSON *n = add_node(s, name, cJSON_Raw);
    if (n == NULL) {
        return NULL;
    }
    n->valuestring = arena_strndup(s->arena, start, (size_t)(p - start));
    return n->valuestring != NULL ? p : out_of_memory(s);
}

static char *literal(struct parser *s, char *p, char *name)
{
    static const struct {
        const char *word;
        size_t len;
        int type;
    } words[] = {{"true", 4, cJSON_True}, {"false", 5, cJSON_False}, {"null", 4, cJSON_NULL}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = words[i].len;
        if ((size_t)(s->end - p) >= len && memcmp(p, words[i].word, len) == 0) {
            bool ok = !s->builds || is_leaving_out(s) || add_node(s, name, words[i].type) != NULL;
            return ok ? p + len : NULL;
        }
    }
    return fail(s, p, ERR_INVALID, "expected a value");
}

static char *text_value(struct parser *s, char *p, char *name)
{
    char *end;
    char *text = p + 1;
    p = string(s, text, &end);
    if (p == NULL || !s->builds || is_leaving_out(s)) {
        return p;
    }
    cJSON *n = add_node(s, name, cJSON_String);
    if (n == NULL) {
        return NULL;
    }
    n->valuestring = text;
    return p;
}

static inline char *skip_space(char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

static char *push(struct parser *s, char *p, char *name, uint32_t paths)
{
    if (s->depth == JSON_DEPTH_MAX) {
        return fail(s, p, ERR_LIMIT, "nested too deeply");
    }
    bool is_object = *p == '{';
    cJSON *n = NULL;
    if (s->builds && !is_leaving_out(s)) {
        n = add_node(s, name, is_object ? cJSON_Object : cJSON_Array);
        if (n == NULL) {
            return NULL;
        }
    }
    s->stack[s->depth++] = (struct frame){
        .node = n, .is_object = is_object, .paths = paths, .first_key = s->key_count};
    return p + 1;
}

/* A value at the current depth is complete. */
static inline void end_value(struct parser *s)
{
    if (s->depth > 0) {
        s->stack[s->depth - 1].filled = true;
    }
    if (s->left_out_depth == s->depth) {
        s->left_out_depth = 0;
    }
}

/* A scalar is read whole, of a container only the bracket. @name: of a member, else NULL. */
static inline char *value(struct parser *s, char *p, char *name, uint32_t paths)
{
    p = skip_space(p, s->end);
    if (p == s->end) {
        return fail(s, p, ERR_INVALID, "the document ends too early");
    }
    if (++s->values > JSON_VALUES_MAX) {
        return fail(s, p, ERR_LIMIT, "too many values");
    }
    if (*p == '{' || *p == '[') {
        return push(s, p, name, *p == '{' ? paths : 0);
    }
    if (*p == '"') {
        p = text_value(s, p, name);
    } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
        p = number(s, p, name);
    } else {
        p = literal(s, p, name);
    }
    end_value(s);
    return p;
}

/*
 * Of the paths that lead to the object on top (bits in @paths), those that go on through the
 * key. A path that ends here makes the member's value one to be left out.
 */
static uint32_t follow_paths(struct parser *s, uint32_t paths, const char *key, bool *out_leave)
{
    uint32_t on = 0;
    for (size_t i = 0; i < PATHS_MAX && paths >> i != 0; i++) {
        if ((paths >> i & 1) == 0) {
            continue;
        }
        const char *segment = s->leave_out[i];
        for (size_t d = 1; d < s->depth; d++) {
            segment = strchr(segment, '.') + 1;
        }
        if (segment[0] != key[0]) {
            continue;
        }
        size_t len = strcspn(segment, ".");
        if (strncmp(segment, key, len) != 0 || key[len] != '\0') {
            continue;
        }
        if (segment[len] == '.') {
            on |= UINT32_C(1) << i;
        } else {
            *out_leave = true;
        }
    }
    return on;
}

/* Null stands in the tree for a value that is left out. */
static bool leave_out(struct parser *s, char *name)
{
    if (is_leaving_out(s)) {
        return true;
    }
    if (s->builds && add_node(s, name, cJSON_NULL) == NULL) {
        return false;
    }
    s->left_out_depth = s->depth;
    return true;
}

static inline char *member(struct parser *s, char *p)
{
    struct frame *top = &s->stack[s->depth - 1];
    if (!stands(s, p, '"')) {
        return fail(s, p, ERR_INVALID, "expected a key in double quotes");
    }
    char *name = p + 1;
    char *name_end;
    p = string(s, name, &name_end);
    if (p == NULL) {
        return NULL;
    }
    if (!add_key(s, top, name, (size_t)(name_end - name))) {
        return s->code != ERR_OK
                   ? NULL
                   : fail(s, name - 1, ERR_INVALID, "the key stands twice in its object");
    }
    p = skip_space(p, s->end);
    if (!stands(s, p, ':')) {
        return fail(s, p, ERR_INVALID, "expected a colon after the key");
    }
    uint32_t paths = 0;
    bool is_left_out = false;
    if (top->paths != 0) {
        paths = follow_paths(s, top->paths, name, &is_left_out);
    }
    if (is_left_out && !leave_out(s, name)) {
        return NULL;
    }
    return value(s, p + 1, name, paths);
}

/* What may stand in an open container: its end, or a comma and the next value. */
static inline char *inside(struct parser *s, char *p)
{
    const struct frame *top = &s->stack[s->depth - 1];
    p = skip_space(p, s->end);
    if (stands(s, p, top->is_object ? '}' : ']')) {
        s->key_count = top->first_key;
        s->depth--;
        end_value(s);
        return p + 1;
    }
    if (top->filled) {
        if (!stands(s, p, ',')) {
            return fail(s, p, ERR_INVALID,
                        p == s->end ? "the document ends too early"
                                    : "expected a comma or the end of the list or object");
        }
        p = skip_space(p + 1, s->end);
    }
    return top->is_object ? member(s, p) : value(s, p, NULL, 0);
}

static enum err_code document(struct parser *s, uint32_t paths)
{
    char *p = value(s, s->text, NULL, paths);
    while (p != NULL && s->depth > 0) {
        p = inside(s, p);
    }
    if (p != NULL) {
        p = skip_space(p, s->end);
        if (p != s->end) {
            (void)fail(s, p, ERR_INVALID, "something follows the end of the document");
        }
    }
    return s->code;
}

/* At least as many as there are values: each but the first follows one of these characters. */
static size_t count_separators(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += (size_t)((text[i] == ',') | (text[i] == ':') | (text[i] == '['));
    }
    return n;
}

static size_t count_paths(const char *const *leave_out)
{
    size_t count = 0;
    while (leave_out != NULL && count < PATHS_MAX && leave_out[count] != NULL) {
        count++;
    }
    return count;
}

static enum err_code run(struct parser *s, size_t len, bool builds)
{
    size_t count = count_paths(s->leave_out);
    s->code = ERR_OK;
    s->builds = builds;
    s->root = NULL;
    s->free_count = 0;
    s->depth = s->values = 0;
    s->key_count = 0;
    s->left_out_depth = 0;
    memcpy(s->text, s->original, len);
    return document(s, count == PATHS_MAX ? UINT32_MAX : (UINT32_C(1) << count) - 1);
}

enum err_code json_parse_tree(struct arena *a, const char *text, size_t len,
                              const char *const *leave_out, struct cJSON **out, struct err *e)
{
    if (len > UINT32_MAX) {
        return err_set(e, ERR_LIMIT, "the document is too large");
    }
    struct parser s; /* the stack stays unset: a frame is written before it is read */
    s.arena = a;
    s.original = text;
    s.e = e;
    s.keys = NULL;
    s.key_size = 0;
    s.leave_out = leave_out;
    s.text = arena_alloc(a, len);
    if (s.text == NULL) {
        (void)out_of_memory(&s);
        return s.code;
    }
    s.end = s.text + len;
    enum err_code code = ERR_OK;
    if (len / 2 >= JSON_VALUES_MAX && count_separators(text, len) >= JSON_VALUES_MAX) {
        code = run(&s, len, false); /* perhaps too many: look before it costs memory */
    }
    if (code == ERR_OK) {
        code = run(&s, len, true);
    }
    if (code == ERR_OK) {
        *out = s.root;
    }
    return code;
}
