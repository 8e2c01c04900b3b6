/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_parse.h"

#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/json_keys.h"
#include "core/json_string.h"

/*
 * The text is copied once and decoded in place: strings and keys of the tree lie in the copy.
 * Functions that read take the place to read at and return the place behind
 * what they read, NULL after a failure: so the place stays in a register.
 */

enum { PATHS_MAX = 32, NODES_MAX = 64 };

struct frame {
    cJSON *node; /* NULL: nothing is built here */
    cJSON *last; /* its newest child */
    bool is_object;
    bool filled;    /* a value stands in it already */
    uint32_t paths; /* bit i: leave_out[i] leads through here */
    struct json_keys_object keys;
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
    struct json_keys keys;
    const char *const *leave_out;
    size_t left_out_depth; /* where the value being left out hangs; 0: none is */
    struct frame stack[JSON_DEPTH_MAX];
};

/* Records where and what, in the words of an editor: line and column from 1. */
static char *fail_as(struct parser *s, const char *at, enum err_code code, const char *what)
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
    s->code = err_set(s->e, code, "%s at line %zu, column %zu: %s",
                      code == ERR_LIMIT ? "more than is allowed" : "not valid JSON", line,
                      (size_t)(stop - line_start) + 1, what);
    return NULL;
}

static char *fail(struct parser *s, const char *at, const char *what)
{
    return fail_as(s, at, ERR_INVALID, what);
}

static char *limit(struct parser *s, const char *at, const char *what)
{
    return fail_as(s, at, ERR_LIMIT, what);
}

static char *out_of_memory(struct parser *s)
{
    s->code = err_no_memory(s->e);
    return NULL;
}

static inline char *string(struct parser *s, char *p, char **out_end)
{
    struct json_mistake mistake;
    p = json_string_decode(p, s->end, out_end, &mistake);
    return p != NULL ? p : fail(s, mistake.at, mistake.what);
}

/*
 * Values.
 */

static bool is_leaving_out(const struct parser *s)
{
    return s->left_out_depth != 0;
}

/* The next child of the innermost container; NULL when memory runs out. @name: kept. */
static inline cJSON *add_node(struct parser *s, const char *name, int type)
{
    if (s->free_count == 0) {
        /* Half as many values as characters at most: a small text needs no large block. */
        size_t most = (size_t)(s->end - s->text) / 2 + 1;
        size_t count = most < NODES_MAX ? most : NODES_MAX;
        s->free_nodes = arena_alloc(s->arena, count * sizeof(*s->free_nodes));
        if (s->free_nodes == NULL) {
            (void)out_of_memory(s);
            return NULL;
        }
        s->free_count = count;
    }
    cJSON *n = s->free_nodes++;
    s->free_count--;
    *n = (cJSON){.type = name == NULL ? type : type | cJSON_StringIsConst,
                 .string = (char *)(uintptr_t)name};
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
    return behind != p ? behind : fail(s, p, "a number needs a digit here");
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
    return fail(s, p, "expected a value");
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
        return limit(s, p, "nested too deeply");
    }
    bool is_object = *p == '{';
    cJSON *n = NULL;
    if (s->builds && !is_leaving_out(s)) {
        n = add_node(s, name, is_object ? cJSON_Object : cJSON_Array);
        if (n == NULL) {
            return NULL;
        }
    }
    struct frame *top = &s->stack[s->depth++];
    top->node = n;
    top->last = NULL;
    top->is_object = is_object;
    top->filled = false;
    top->paths = paths;
    json_keys_open(&s->keys, &top->keys);
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
        return fail(s, p, "the document ends too early");
    }
    if (++s->values > JSON_VALUES_MAX) {
        return limit(s, p, "too many values");
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
        return fail(s, p, "expected a key in double quotes");
    }
    char *name = p + 1;
    char *name_end;
    p = string(s, name, &name_end);
    if (p == NULL) {
        return NULL;
    }
    switch (json_keys_add(&s->keys, &top->keys, name, (size_t)(name_end - name))) {
    case JSON_KEYS_NEW:
        break;
    case JSON_KEYS_TWICE:
        return fail(s, name - 1, "the key stands twice in its object");
    case JSON_KEYS_NO_MEMORY:
        return out_of_memory(s);
    }
    p = skip_space(p, s->end);
    if (!stands(s, p, ':')) {
        return fail(s, p, "expected a colon after the key");
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
        json_keys_close(&s->keys, &top->keys);
        s->depth--;
        end_value(s);
        return p + 1;
    }
    if (top->filled) {
        if (!stands(s, p, ',')) {
            return fail(s, p,
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
            (void)fail(s, p, "something follows the end of the document");
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
    s->keys.key_count = 0;
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
    s.keys = (struct json_keys){.arena = a};
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
