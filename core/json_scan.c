/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/arena.h"
#include "core/json.h"

/*
 * Functions that read take the place to read at and return the place behind
 * what they read, NULL after a failure: so the place stays in a register.
 */

enum {
    FIRST_KEY_SLOTS = 1024, /* a power of two; a real review has some 400 keys */
    PATHS_MAX = 32,
};

/*
 * A key of an object that is still open or was; object 0 marks a free slot.
 * The text is as it stands in the document unless that has escapes which
 * could also be written otherwise (\u0061 for a): then it is canonical().
 */
struct key {
    const char *text;
    uint32_t len;
    uint32_t hash;
    uint32_t object;
};

struct key_set {
    struct key *slots;
    size_t size; /* a power of two */
    size_t count;
};

struct frame {
    uint32_t object; /* number of the object in the document; 0: an array */
    uint32_t paths;  /* bit i: leave_out[i] leads through here */
    bool filled;     /* a value stands in it already */
};

struct scanner {
    struct arena *arena;
    const char *text;
    const char *end;
    struct err *e;
    enum err_code code;
    size_t depth;
    size_t values; /* read so far */
    size_t kept;   /* of them, in the tree */
    uint32_t objects;
    struct key_set keys;
    const char *const *leave_out;
    size_t left_out_depth; /* where the value being left out hangs; 0: none is */
    const char *left_out_start;
    struct json_span *spans;
    struct json_span **spans_end;
    struct frame stack[JSON_DEPTH_MAX];
};

static uint64_t hash_seed;

void json_scan_init(void)
{
    if (getrandom(&hash_seed, sizeof(hash_seed), GRND_NONBLOCK) != (ssize_t)sizeof(hash_seed)) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        hash_seed ^= (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15);
    }
}

/* Records where and what, in the words of an editor: line and column from 1. */
static const char *fail(struct scanner *s, const char *at, enum err_code code, const char *what)
{
    size_t line = 1;
    const char *line_start = s->text;
    for (const char *p = s->text; p < at; p++) {
        if (*p == '\n') {
            line++;
            line_start = p + 1;
        }
    }
    s->code = err_set(s->e, code, "not valid JSON at line %zu, column %zu: %s", line,
                      (size_t)(at - line_start) + 1, what);
    return NULL;
}

static const char *out_of_memory(struct scanner *s)
{
    s->code = err_set(s->e, ERR_MEMORY, "the document needs more memory than a request may have");
    return NULL;
}

static bool add_span(struct scanner *s, const char *start, const char *end)
{
    struct json_span *span = arena_alloc(s->arena, sizeof(*span));
    if (span == NULL) {
        (void)out_of_memory(s);
        return false;
    }
    *span = (struct json_span){.start = (size_t)(start - s->text), .end = (size_t)(end - s->text)};
    *s->spans_end = span;
    s->spans_end = &span->next;
    return true;
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
static const char *skip_plain(const char *p, const char *end)
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

static const char *scan_unicode_escape(struct scanner *s, const char *p)
{
    int unit = hex_unit(p, s->end);
    if (unit < 0) {
        return fail(s, p, ERR_INVALID, "\\u needs four hexadecimal digits");
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        return p + 6;
    }
    int low = hex_unit(p + 6, s->end);
    if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff) {
        return fail(s, p, ERR_INVALID, "half of a surrogate pair");
    }
    return p + 12;
}

/* @out_ambiguous becomes true for an escape of what could also be written otherwise. */
static const char *scan_escape(struct scanner *s, const char *p, bool *out_ambiguous)
{
    if (s->end - p < 2) {
        return fail(s, p, ERR_INVALID, "the string does not end");
    }
    switch (p[1]) {
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;
    case '/':
        *out_ambiguous = true;
        return p + 2;
    case 'u':
        *out_ambiguous = true;
        return scan_unicode_escape(s, p);
    default:
        return fail(s, p, ERR_INVALID, "no such escape in a string");
    }
}

/* What skip_plain() stopped at inside a string: an escape or a character that is not ASCII. */
static const char *scan_special(struct scanner *s, const char *p, bool *out_ambiguous)
{
    if (p == s->end) {
        return fail(s, p, ERR_INVALID, "the string does not end");
    }
    if (*p == '\\') {
        return scan_escape(s, p, out_ambiguous);
    }
    if ((unsigned char)*p < 0x20) {
        return fail(s, p, ERR_INVALID, "a control character in a string must be escaped");
    }
    size_t n = utf8_sequence(p, s->end);
    return n != 0 ? p + n : fail(s, p, ERR_INVALID, "not valid UTF-8");
}

/* @p stands behind the opening quote; the place returned is that of the closing one. */
static inline const char *scan_string(struct scanner *s, const char *p, bool *out_ambiguous)
{
    for (;;) {
        p = skip_plain(p, s->end);
        if (p < s->end && *p == '"') {
            return p;
        }
        p = scan_special(s, p, out_ambiguous);
        if (p == NULL) {
            return NULL;
        }
    }
}

/*
 * Keys and their duplicates.
 */

static uint64_t mix(uint64_t x, uint64_t y)
{
    __extension__ unsigned __int128 product = (unsigned __int128)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t hash_key(const char *p, size_t len)
{
    static const uint64_t odd = UINT64_C(0xd6e8feb86659fd93);
    uint64_t h = hash_seed ^ len;
    for (; len > 16; p += 8, len -= 8) {
        h = mix(h ^ load64(p), odd);
    }
    uint64_t head;
    uint64_t tail;
    if (len >= 8) { /* overlapping loads cover what is left */
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
    h = mix(h ^ head, tail ^ odd);
    h = mix(h, odd ^ hash_seed);
    return (uint32_t)(h ^ h >> 32);
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

/* The code point of the valid escape at @p; moves @p behind it. */
static unsigned escape_value(const char **p)
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    char c = (*p)[1];
    if (c != 'u') {
        const char *known = strchr(from, c);
        *p += 2;
        return (unsigned char)(known != NULL ? to[known - from] : c);
    }
    unsigned unit = (unsigned)hex_unit(*p, *p + 6);
    *p += 6;
    if (unit < 0xd800 || unit > 0xdbff) {
        return unit;
    }
    unsigned low = (unsigned)hex_unit(*p, *p + 6);
    *p += 6;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

size_t json_unescape(char *to, const char **from)
{
    return put_utf8(to, escape_value(from));
}

/* A code point in the one form that canonical() has for it; at most 6 bytes. */
static size_t put_canonical(char *to, unsigned cp)
{
    static const char short_from[] = "\"\\\b\f\n\r\t";
    static const char short_to[] = "\"\\bfnrt";
    const char *known = cp < 0x80 && cp != 0 ? strchr(short_from, (int)cp) : NULL;
    if (known != NULL) {
        to[0] = '\\';
        to[1] = short_to[known - short_from];
        return 2;
    }
    if (cp < 0x20) {
        (void)snprintf(to, 7, "\\u%04x", cp);
        return 6;
    }
    return put_utf8(to, cp);
}

/* Rewrites @k's text so that keys that mean the same are the same: \u0061 becomes a. */
static bool canonical(struct scanner *s, struct key *k)
{
    char *to = arena_alloc(s->arena, k->len + 8);
    if (to == NULL) {
        (void)out_of_memory(s);
        return false;
    }
    const char *end = k->text + k->len;
    size_t n = 0;
    for (const char *p = k->text; p < end;) {
        if (*p != '\\') {
            to[n++] = *p++;
        } else if (p[1] == 'u' || p[1] == '/') {
            n += put_canonical(to + n, escape_value(&p));
        } else {
            to[n++] = *p++;
            to[n++] = *p++;
        }
    }
    k->text = to;
    k->len = (uint32_t)n;
    return true;
}

/* The slot where @k is or would be. */
static inline struct key *find_key(const struct key_set *set, const struct key *k)
{
    size_t i = k->hash ^ k->object * UINT32_C(0x9e3779b1);
    for (;; i++) {
        struct key *slot = &set->slots[i & (set->size - 1)];
        if (slot->object == 0 ||
            (slot->hash == k->hash && slot->object == k->object && slot->len == k->len &&
             memcmp(slot->text, k->text, k->len) == 0)) {
            return slot;
        }
    }
}

static bool grow_keys(struct scanner *s)
{
    struct key_set old = s->keys;
    struct key_set set = {.size = old.size == 0 ? FIRST_KEY_SLOTS : old.size * 2,
                          .count = old.count};
    set.slots = arena_zalloc(s->arena, set.size * sizeof(*set.slots));
    if (set.slots == NULL) {
        (void)out_of_memory(s);
        return false;
    }
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].object != 0) {
            *find_key(&set, &old.slots[i]) = old.slots[i];
        }
    }
    s->keys = set;
    return true;
}

/* False when the key is there already, or when memory runs out. */
static inline bool add_key(struct scanner *s, struct key *k, bool ambiguous)
{
    if (ambiguous && !canonical(s, k)) {
        return false;
    }
    if (s->keys.count >= s->keys.size / 4 * 3 && !grow_keys(s)) {
        return false;
    }
    k->hash = hash_key(k->text, k->len);
    struct key *slot = find_key(&s->keys, k);
    if (slot->object != 0) {
        return false;
    }
    *slot = *k;
    s->keys.count++;
    return true;
}

/*
 * Numbers, literals, values.
 */

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

static bool stands(const struct scanner *s, const char *p, char c)
{
    return p < s->end && *p == c;
}

/* A fraction or an exponent: digits must follow @p. */
static const char *need_digits(struct scanner *s, const char *p)
{
    const char *behind = skip_digits(p, s->end);
    return behind != p ? behind : fail(s, p, ERR_INVALID, "a number needs a digit here");
}

static const char *scan_number(struct scanner *s, const char *p)
{
    p += *p == '-' ? 1 : 0;
    p = stands(s, p, '0') ? p + 1 : need_digits(s, p);
    if (p != NULL && stands(s, p, '.')) {
        p = need_digits(s, p + 1);
    }
    if (p != NULL && (stands(s, p, 'e') || stands(s, p, 'E'))) {
        p++;
        p = need_digits(s, stands(s, p, '+') || stands(s, p, '-') ? p + 1 : p);
    }
    return p;
}

static const char *scan_literal(struct scanner *s, const char *p, const char *word, size_t len)
{
    if ((size_t)(s->end - p) < len || memcmp(p, word, len) != 0) {
        return fail(s, p, ERR_INVALID, "expected a value");
    }
    return p + len;
}

static const char *scan_scalar(struct scanner *s, const char *p)
{
    bool ambiguous;
    switch (*p) {
    case '"':
        p = scan_string(s, p + 1, &ambiguous);
        return p == NULL ? NULL : p + 1;
    case 't':
        return scan_literal(s, p, "true", 4);
    case 'f':
        return scan_literal(s, p, "false", 5);
    case 'n':
        return scan_literal(s, p, "null", 4);
    default:
        if (*p == '-' || (*p >= '0' && *p <= '9')) {
            return scan_number(s, p);
        }
        return fail(s, p, ERR_INVALID, "expected a value");
    }
}

static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

static const char *push(struct scanner *s, const char *p, bool is_object, uint32_t paths)
{
    if (s->depth == JSON_DEPTH_MAX) {
        return fail(s, p, ERR_LIMIT, "nested too deeply");
    }
    s->stack[s->depth++] = (struct frame){.object = is_object ? ++s->objects : 0, .paths = paths};
    return p + 1;
}

/* A value at the current depth ends before @p. */
static inline const char *end_value(struct scanner *s, const char *p)
{
    if (s->depth > 0) {
        s->stack[s->depth - 1].filled = true;
    }
    if (s->left_out_depth == 0 || s->left_out_depth != s->depth) {
        return p;
    }
    s->left_out_depth = 0;
    s->kept++;
    return add_span(s, s->left_out_start, p) ? p : NULL;
}

/* A scalar is read whole, of a container only the bracket. */
static inline const char *begin_value(struct scanner *s, const char *p, uint32_t paths)
{
    p = skip_space(p, s->end);
    if (p == s->end) {
        return fail(s, p, ERR_INVALID, "the document ends too early");
    }
    if (++s->values > JSON_VALUES_MAX) {
        return fail(s, p, ERR_LIMIT, "too many values");
    }
    s->kept += s->left_out_depth == 0 ? 1 : 0;
    if (*p == '{' || *p == '[') {
        return push(s, p, *p == '{', paths);
    }
    p = scan_scalar(s, p);
    return p == NULL ? NULL : end_value(s, p);
}

/*
 * Of the paths that lead to the object on top (bits in @paths), those that go on through @k.
 * A path that ends here makes the member's value one to be left out.
 */
static uint32_t follow_paths(struct scanner *s, uint32_t paths, const struct key *k)
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
        size_t len = strcspn(segment, ".");
        if (len != k->len || memcmp(segment, k->text, len) != 0) {
            continue;
        }
        if (segment[len] == '.') {
            on |= UINT32_C(1) << i;
        } else if (s->left_out_depth == 0) {
            s->left_out_depth = s->depth;
        }
    }
    return on;
}

static const char *scan_member(struct scanner *s, const char *p)
{
    const struct frame *top = &s->stack[s->depth - 1];
    if (!stands(s, p, '"')) {
        return fail(s, p, ERR_INVALID, "expected a key in double quotes");
    }
    bool ambiguous = false;
    const char *start = p + 1;
    p = scan_string(s, start, &ambiguous);
    if (p == NULL) {
        return NULL;
    }
    struct key k = {.text = start, .len = (uint32_t)(p - start), .object = top->object};
    if (!add_key(s, &k, ambiguous)) {
        return s->code != ERR_OK
                   ? NULL
                   : fail(s, start - 1, ERR_INVALID, "the key stands twice in its object");
    }
    p = skip_space(p + 1, s->end);
    if (!stands(s, p, ':')) {
        return fail(s, p, ERR_INVALID, "expected a colon after the key");
    }
    p++;
    uint32_t paths = 0;
    if (top->paths != 0) {
        paths = follow_paths(s, top->paths, &k);
        if (s->left_out_depth == s->depth) {
            p = skip_space(p, s->end);
            s->left_out_start = p;
        }
    }
    return begin_value(s, p, paths);
}

/* What may stand in an open container: its end, or a comma and the next value. */
static inline const char *scan_inside(struct scanner *s, const char *p)
{
    const struct frame *top = &s->stack[s->depth - 1];
    bool is_object = top->object != 0;
    p = skip_space(p, s->end);
    if (stands(s, p, is_object ? '}' : ']')) {
        s->depth--;
        return end_value(s, p + 1);
    }
    if (top->filled) {
        if (!stands(s, p, ',')) {
            return fail(s, p, ERR_INVALID,
                        p == s->end ? "the document ends too early"
                                    : "expected a comma or the end of the list or object");
        }
        p = skip_space(p + 1, s->end);
    }
    return is_object ? scan_member(s, p) : begin_value(s, p, 0);
}

static const char *scan_document(struct scanner *s, uint32_t paths)
{
    const char *p = begin_value(s, s->text, paths);
    while (p != NULL && s->depth > 0) {
        p = scan_inside(s, p);
    }
    if (p == NULL) {
        return NULL;
    }
    p = skip_space(p, s->end);
    return p == s->end ? p : fail(s, p, ERR_INVALID, "something follows the end of the document");
}

enum err_code json_scan(struct arena *a, const char *text, size_t len, const char *const *leave_out,
                        struct json_scan *out, struct err *e)
{
    if (len > UINT32_MAX) {
        return err_set(e, ERR_LIMIT, "the document is too large");
    }
    struct scanner s; /* the stack stays unset: a frame is written before it is read */
    s.arena = a;
    s.text = text;
    s.end = text + len;
    s.e = e;
    s.code = ERR_OK;
    s.depth = s.values = s.kept = 0;
    s.objects = 0;
    s.keys = (struct key_set){.slots = NULL};
    s.leave_out = leave_out;
    s.left_out_depth = 0;
    s.spans = NULL;
    s.spans_end = &s.spans;

    size_t count = 0;
    while (leave_out != NULL && count < PATHS_MAX && leave_out[count] != NULL) {
        count++;
    }
    uint32_t paths = count == PATHS_MAX ? UINT32_MAX : (UINT32_C(1) << count) - 1;
    if (scan_document(&s, paths) == NULL) {
        return s.code;
    }
    *out = (struct json_scan){.values = s.kept, .left_out = s.spans};
    return ERR_OK;
}
