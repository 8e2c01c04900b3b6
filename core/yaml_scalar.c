/* SPDX-License-Identifier: Apache-2.0 */
#include "core/yaml_scalar.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"

/* Words that are no strings. Longer text is never one of them. */
static const struct {
    const char *text;
    enum yaml_type type;
    bool truth;
} words[] = {
    {"", YAML_TYPE_NULL, false},         {"~", YAML_TYPE_NULL, false},
    {"null", YAML_TYPE_NULL, false},     {"Null", YAML_TYPE_NULL, false},
    {"NULL", YAML_TYPE_NULL, false},     {"y", YAML_TYPE_BOOLEAN, true},
    {"Y", YAML_TYPE_BOOLEAN, true},      {"yes", YAML_TYPE_BOOLEAN, true},
    {"Yes", YAML_TYPE_BOOLEAN, true},    {"YES", YAML_TYPE_BOOLEAN, true},
    {"true", YAML_TYPE_BOOLEAN, true},   {"True", YAML_TYPE_BOOLEAN, true},
    {"TRUE", YAML_TYPE_BOOLEAN, true},   {"on", YAML_TYPE_BOOLEAN, true},
    {"On", YAML_TYPE_BOOLEAN, true},     {"ON", YAML_TYPE_BOOLEAN, true},
    {"n", YAML_TYPE_BOOLEAN, false},     {"N", YAML_TYPE_BOOLEAN, false},
    {"no", YAML_TYPE_BOOLEAN, false},    {"No", YAML_TYPE_BOOLEAN, false},
    {"NO", YAML_TYPE_BOOLEAN, false},    {"false", YAML_TYPE_BOOLEAN, false},
    {"False", YAML_TYPE_BOOLEAN, false}, {"FALSE", YAML_TYPE_BOOLEAN, false},
    {"off", YAML_TYPE_BOOLEAN, false},   {"Off", YAML_TYPE_BOOLEAN, false},
    {"OFF", YAML_TYPE_BOOLEAN, false},
};
enum { WORD_COUNT = sizeof(words) / sizeof(words[0]) };

static size_t find_word(const char *text)
{
    size_t i = 0;
    while (i < WORD_COUNT && strcmp(words[i].text, text) != 0) {
        i++;
    }
    return i;
}

/* .inf and .nan in their cases: numbers to YAML, nothing to JSON. */
static bool is_not_finite(const char *text)
{
    static const char *const names[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    bool is_signed = *text == '-' || *text == '+';
    for (size_t i = 0; i < (is_signed ? 3U : 6U); i++) {
        if (strcmp(names[i], is_signed ? text + 1 : text) == 0) {
            return true;
        }
    }
    return false;
}

/* Underscores may stand anywhere in a number but at its start. */
static const char *skip_underscores(const char *p)
{
    while (*p == '_') {
        p++;
    }
    return p;
}

static const char *skip_sign(const char *p)
{
    return *p == '-' || *p == '+' ? p + 1 : p;
}

/* Past the decimal digits at @p; how many they were. */
static const char *skip_digits(const char *p, size_t *out_count)
{
    *out_count = 0;
    for (p = skip_underscores(p); *p >= '0' && *p <= '9'; p = skip_underscores(p + 1)) {
        (*out_count)++;
    }
    return p;
}

static bool is_decimal(const char *text)
{
    size_t whole = 0;
    size_t fraction = 0;
    size_t exponent = 1;
    const char *p = *text == '_' ? "" : skip_digits(skip_sign(text), &whole);
    if (*p == '.') {
        p = skip_digits(p + 1, &fraction);
    }
    if (whole + fraction > 0 && (*p == 'e' || *p == 'E')) {
        p = skip_digits(skip_sign(skip_underscores(p + 1)), &exponent);
    }
    return *p == '\0' && whole + fraction > 0 && exponent > 0;
}

/* The base that a prefix (0x, 0o, 0b, or just 0) names, 0 without one; where its digits start. */
static unsigned radix_of(const char *text, const char **out_digits)
{
    const char *p = skip_sign(text);
    if (*p != '0') {
        return 0;
    }
    p = skip_underscores(p + 1);
    unsigned radix = 8;
    switch (*p) {
    case 'x':
    case 'X':
        radix = 16;
        break;
    case 'b':
    case 'B':
        radix = 2;
        break;
    case 'o':
    case 'O':
        break;
    default:
        *out_digits = p;
        return radix;
    }
    *out_digits = skip_underscores(p + 1);
    return radix;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    int lower = tolower((unsigned char)c);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

/* An integer with a prefix; false also when it does not fit 64 bits: then it is no integer. */
static bool parse_radix(const char *text, uint64_t *out_magnitude)
{
    const char *p = NULL;
    unsigned radix = radix_of(text, &p);
    if (radix == 0 || *p == '\0') {
        return false;
    }
    uint64_t n = 0;
    for (; *p != '\0'; p = skip_underscores(p + 1)) {
        unsigned digit = digit_value(*p);
        if (digit >= radix || __builtin_mul_overflow(n, (uint64_t)radix, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit, &n)) {
            return false;
        }
    }
    if (*text == '-' && n > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    *out_magnitude = n;
    return true;
}

enum yaml_type yaml_plain_type(const char *text)
{
    size_t word = find_word(text);
    if (word < WORD_COUNT) {
        return words[word].type;
    }
    uint64_t n = 0;
    if (is_not_finite(text) || is_decimal(text) || parse_radix(text, &n)) {
        return YAML_TYPE_NUMBER;
    }
    return YAML_TYPE_STRING;
}

/* 1:30:00, which YAML 1.1 reads in base 60. */
static bool is_base_60(const char *text)
{
    const char *p = skip_sign(text);
    return *p >= '0' && *p <= '9' && strchr(p, ':') != NULL &&
           p[strspn(p, "0123456789_:.")] == '\0';
}

/* 2027-01-31, with or without a time. */
static bool is_date(const char *text)
{
    static const size_t most[] = {4, 2, 2};
    const char *p = text;
    for (size_t part = 0; part < 3; part++) {
        size_t digits = strspn(p, "0123456789");
        if (digits == 0 || digits > most[part] || (part == 0 && digits < 4)) {
            return false;
        }
        p += digits;
        if (part < 2 && *p++ != '-') {
            return false;
        }
    }
    return *p == '\0' || strchr("Tt \t", *p) != NULL;
}

bool yaml_plain_is_string(const char *text)
{
    return yaml_plain_type(text) == YAML_TYPE_STRING && !is_base_60(text) && !is_date(text) &&
           strcmp(text, "=") != 0 && strcmp(text, "<<") != 0;
}

enum yaml_type yaml_type_of(const struct yaml_node *scalar)
{
    return scalar->plain ? yaml_plain_type(scalar->scalar) : YAML_TYPE_STRING;
}

bool yaml_bool(const struct yaml_node *node, bool *out)
{
    if (node->kind != YAML_SCALAR || yaml_type_of(node) != YAML_TYPE_BOOLEAN) {
        return false;
    }
    *out = words[find_word(node->scalar)].truth;
    return true;
}

/* Writes the digits at @p without underscores, and without leading zeros where @trim; past them. */
static const char *copy_digits(const char *p, bool trim, char **to)
{
    const char *start = *to;
    for (p = skip_underscores(p); *p >= '0' && *p <= '9'; p = skip_underscores(p + 1)) {
        if (trim && *to == start + 1 && start[0] == '0') {
            (*to)--;
        }
        *(*to)++ = *p;
    }
    return p;
}

/* A decimal number as JSON writes it: "+.5_0" is "0.50", "007." is "7". */
static char *json_decimal(struct arena *a, const char *text)
{
    char *number = arena_alloc(a, strlen(text) + 2);
    if (number == NULL) {
        return NULL;
    }
    char *to = number;
    if (*text == '-') {
        *to++ = '-';
    }
    const char *whole = to;
    const char *p = copy_digits(skip_sign(text), true, &to);
    if (to == whole) {
        *to++ = '0';
    }
    if (*p == '.') {
        char *point = to;
        *to++ = '.';
        p = copy_digits(p + 1, false, &to);
        if (to == point + 1) {
            to = point;
        }
    }
    if (*p != '\0') {
        *to++ = 'e';
        p = skip_underscores(p + 1);
        if (*p == '-') {
            *to++ = '-';
        }
        (void)copy_digits(skip_sign(p), false, &to);
    }
    *to = '\0';
    return number;
}

static struct json *number_to_json(struct arena *a, const char *text)
{
    uint64_t n = 0;
    if (parse_radix(text, &n)) {
        char digits[32];
        (void)snprintf(digits, sizeof(digits), "%s%" PRIu64, *text == '-' && n > 0 ? "-" : "", n);
        return json_new_number(a, digits);
    }
    char *number = json_decimal(a, text);
    if (number == NULL) {
        return NULL;
    }
    /* What no double can hold is not a number to Go either, but a string. */
    return isfinite(strtod(number, NULL)) ? json_new_number(a, number) : json_new_string(a, text);
}

static struct json *new_null(struct arena *a)
{
    struct json *value = NULL;
    return json_parse(a, "null", 4, NULL, &value, NULL) == ERR_OK ? value : NULL;
}

static enum err_code scalar_to_json(struct arena *a, const struct yaml_node *node,
                                    struct json **out, struct err *e)
{
    struct json *value = NULL;
    switch (yaml_type_of(node)) {
    case YAML_TYPE_NULL:
        value = new_null(a);
        break;
    case YAML_TYPE_BOOLEAN:
        value = json_new_bool(a, words[find_word(node->scalar)].truth);
        break;
    case YAML_TYPE_NUMBER:
        if (is_not_finite(node->scalar)) {
            return err_set(e, ERR_INVALID, "%zu:%zu: JSON has no %s", node->line, node->column,
                           node->scalar);
        }
        value = number_to_json(a, node->scalar);
        break;
    case YAML_TYPE_STRING:
        value = json_new_string(a, node->scalar);
        break;
    }
    if (value == NULL) {
        return err_set(e, ERR_MEMORY, "document too large");
    }
    *out = value;
    return ERR_OK;
}

static enum err_code node_to_json(struct arena *a, const struct yaml_node *node, struct json **out,
                                  struct err *e)
{
    if (node->kind == YAML_SCALAR) {
        return scalar_to_json(a, node, out, e);
    }
    struct json *value = node->kind == YAML_MAP ? json_new_object(a) : json_new_array(a);
    if (value == NULL) {
        return err_set(e, ERR_MEMORY, "document too large");
    }
    *out = value;
    return ERR_OK;
}

/* The text kubectl makes of a member's key; NULL for null. */
static const char *key_text(const struct yaml_node *member)
{
    size_t word = member->key_plain ? find_word(member->key) : WORD_COUNT;
    if (word == WORD_COUNT) {
        return member->key;
    }
    if (words[word].type == YAML_TYPE_NULL) {
        return NULL;
    }
    return words[word].truth ? "true" : "false";
}

static enum err_code insert(struct arena *a, struct json *parent, const struct yaml_node *node,
                            struct json *value, struct err *e)
{
    if (json_is_array(parent)) {
        return json_append(parent, value) ? ERR_OK : err_set(e, ERR_MEMORY, "document too large");
    }
    const char *key = key_text(node);
    if (key == NULL) {
        return err_set(e, ERR_INVALID, "%zu:%zu: a key cannot be null; quote it", node->key_line,
                       node->key_column);
    }
    /* Keys as written are unique; only by the change of words can two become the same. */
    bool is_word = strcmp(key, "true") == 0 || strcmp(key, "false") == 0;
    if (is_word && json_get(parent, key) != NULL) {
        return err_set(e, ERR_INVALID,
                       "%zu:%zu: \"%s\" means the key \"%s\", which is there already",
                       node->key_line, node->key_column, node->key, key);
    }
    const char *kept = arena_strdup(a, key);
    return kept != NULL && json_add(parent, kept, value)
               ? ERR_OK
               : err_set(e, ERR_MEMORY, "document too large");
}

enum err_code yaml_to_json(struct arena *a, const struct yaml_node *node, struct json **out,
                           struct err *e)
{
    struct {
        const struct yaml_node *child; /* to be added next */
        struct json *parent;
    } stack[JSON_DEPTH_MAX];
    size_t depth = 0;
    struct json *root = NULL;
    enum err_code code = node_to_json(a, node, &root, e);
    if (code == ERR_OK && node->kind != YAML_SCALAR) {
        stack[depth].child = node->first;
        stack[depth++].parent = root;
    }
    while (code == ERR_OK && depth > 0) {
        const struct yaml_node *child = stack[depth - 1].child;
        if (child == NULL) {
            depth--;
            continue;
        }
        stack[depth - 1].child = child->next;
        struct json *value = NULL;
        code = node_to_json(a, child, &value, e);
        if (code == ERR_OK) {
            code = insert(a, stack[depth - 1].parent, child, value, e);
        }
        if (code == ERR_OK && child->kind != YAML_SCALAR) {
            if (depth == JSON_DEPTH_MAX) {
                return err_set(e, ERR_LIMIT, "%zu:%zu: nested too deep", child->line,
                               child->column);
            }
            stack[depth].child = child->first;
            stack[depth++].parent = value;
        }
    }
    if (code == ERR_OK) {
        *out = root;
    }
    return code;
}
