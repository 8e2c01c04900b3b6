/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/fields.h"

#include <stdarg.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/duration.h"
#include "core/nearest.h"
#include "core/quantity.h"
#include "policies/report.h"

enum { MESSAGE_MAX = 1024 };

/* Text of the current message; an arena that is full is noticed elsewhere too. */
static const char *work_text(struct reader *r, const char *text)
{
    if (text == NULL) {
        r->report->out_of_memory = true;
        return "";
    }
    return text;
}

void *reader_alloc(struct reader *r, size_t bytes)
{
    void *p = arena_zalloc(r->arena, bytes);
    if (p == NULL) {
        r->report->out_of_memory = true;
    }
    return p;
}

const char *reader_text(struct reader *r, const char *text)
{
    return reader_format(r, "%s", text);
}

const char *reader_format(struct reader *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(r->arena, fmt, args);
    va_end(args);
    if (text == NULL) {
        r->report->out_of_memory = true;
    }
    return text;
}

void reader_find(struct reader *r, const struct yaml_node *node, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = work_text(r, arena_vprintf(r->work, fmt, args));
    va_end(args);
    report_add(r->report, r->file, node->line, node->column, "%s", text);
}

void reader_find_key(struct reader *r, const struct yaml_node *node, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = work_text(r, arena_vprintf(r->work, fmt, args));
    va_end(args);
    report_add(r->report, r->file, node->key_line, node->key_column, "%s", text);
}

const char *describe(struct reader *r, const struct yaml_node *node)
{
    if (node->kind == YAML_MAP) {
        return "a map";
    }
    if (node->kind == YAML_LIST) {
        return "a list";
    }
    switch (yaml_type_of(node)) {
    case YAML_TYPE_NULL:
        return "empty";
    case YAML_TYPE_BOOLEAN:
        return work_text(r, arena_printf(r->work, "the boolean %.60s", node->scalar));
    case YAML_TYPE_NUMBER:
        return work_text(r, arena_printf(r->work, "the number %.60s", node->scalar));
    case YAML_TYPE_STRING:
        break;
    }
    return work_text(r, arena_printf(r->work, "\"%.60s\"", node->scalar));
}

const char *name_of(struct reader *r, const struct yaml_node *node)
{
    if (node->key == NULL) {
        return "this item";
    }
    return work_text(r, arena_printf(r->work, "\"%.100s\"", node->key));
}

bool expect_map(struct reader *r, const struct yaml_node *node)
{
    if (node->kind != YAML_MAP) {
        reader_find(r, node, "%s must be a map, not %s", name_of(r, node), describe(r, node));
    }
    return node->kind == YAML_MAP;
}

bool expect_list(struct reader *r, const struct yaml_node *node)
{
    if (node->kind != YAML_LIST) {
        reader_find(r, node, "%s must be a list, not %s", name_of(r, node), describe(r, node));
    }
    return node->kind == YAML_LIST;
}

const char *read_scalar(struct reader *r, const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR || yaml_type_of(node) == YAML_TYPE_NULL) {
        reader_find(r, node, "%s must be a single value, not %s", name_of(r, node),
                    describe(r, node));
        return NULL;
    }
    return node->scalar;
}

const char *read_string(struct reader *r, const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR) {
        reader_find(r, node, "%s must be a string, not %s", name_of(r, node), describe(r, node));
        return NULL;
    }
    if (yaml_type_of(node) != YAML_TYPE_STRING) {
        reader_find(r, node, "%s must be a string, but YAML takes this for %s; quote it: \"%.60s\"",
                    name_of(r, node),
                    yaml_type_of(node) == YAML_TYPE_NULL ? "null" : describe(r, node),
                    node->scalar);
        return NULL;
    }
    return reader_text(r, node->scalar);
}

/* "a, b or c" of the names that @next hands out. */
struct names {
    struct buf text;
    size_t count;
    const char *held; /* the newest, not written yet: it may need "or" */
};

static void names_add(struct names *n, const char *name)
{
    if (n->held != NULL) {
        buf_addf(&n->text, "%s%s", n->count > 1 ? ", " : "", n->held);
    }
    n->held = name;
    n->count++;
}

static const char *names_finish(struct reader *r, struct names *n)
{
    if (n->held != NULL) {
        buf_addf(&n->text, "%s%s", n->count > 1 ? " or " : "", n->held);
    }
    const char *text = n->text.failed || n->text.text == NULL ? "" : n->text.text;
    const char *kept = work_text(r, arena_strdup(r->work, text));
    buf_finish(&n->text);
    return kept;
}

bool read_word(struct reader *r, const struct yaml_node *node, const struct word *words,
               unsigned *out)
{
    const char *typed = node->kind == YAML_SCALAR ? node->scalar : "";
    struct nearest nearest = {.typed = typed};
    struct names names = {.held = NULL};
    buf_init(&names.text, MESSAGE_MAX);
    for (const struct word *w = words; w->text != NULL; w++) {
        if (strcmp(typed, w->text) == 0) {
            buf_finish(&names.text);
            *out = w->value;
            return true;
        }
        nearest_try(&nearest, w->text);
        names_add(&names, w->text);
    }
    const char *all = names_finish(r, &names);
    bool is_near = nearest.name != NULL;
    reader_find(r, node, "%s must be %s, not %s%s%s%s", name_of(r, node), all, describe(r, node),
                is_near ? "; did you mean \"" : "", is_near ? nearest.name : "",
                is_near ? "\"?" : "");
    return false;
}

static void find_unknown(struct reader *r, const struct yaml_node *map,
                         const struct yaml_node *member, const struct field *fields)
{
    struct nearest nearest = {.typed = member->key};
    struct names names = {.held = NULL};
    buf_init(&names.text, MESSAGE_MAX);
    for (const struct field *f = fields; f->name != NULL; f++) {
        if ((f->flags & FIELD_REFUSED) == 0) {
            nearest_try(&nearest, f->name);
            names_add(&names, f->name);
        }
    }
    const char *all = names_finish(r, &names);
    const char *in = map->key == NULL ? "" : name_of(r, map);
    const char *between = map->key == NULL ? "" : " in ";
    if (nearest.name != NULL) {
        reader_find_key(r, member, "unknown field \"%.100s\"%s%s; did you mean \"%s\"?",
                        member->key, between, in, nearest.name);
    } else if (*all == '\0') {
        reader_find_key(r, member, "unknown field \"%.100s\"%s%s; it has no fields", member->key,
                        between, in);
    } else {
        reader_find_key(r, member, "unknown field \"%.100s\"%s%s; there can be %s", member->key,
                        between, in, all);
    }
}

static void find_missing(struct reader *r, const struct yaml_node *map, const struct field *fields)
{
    for (const struct field *f = fields; f->name != NULL; f++) {
        if ((f->flags & FIELD_REQUIRED) != 0 && yaml_get(map, f->name) == NULL) {
            reader_find(r, map, "\"%s\" is missing: %s (%s)", f->name, f->summary, f->type);
        }
    }
}

bool fields_read(struct reader *r, const struct yaml_node *map, const struct field *fields,
                 void *out)
{
    if (!expect_map(r, map)) {
        return false;
    }
    for (const struct yaml_node *m = map->first; m != NULL; m = m->next) {
        const struct field *f = fields;
        while (f->name != NULL && strcmp(f->name, m->key) != 0) {
            f++;
        }
        if (f->name == NULL) {
            find_unknown(r, map, m, fields);
        } else if ((f->flags & FIELD_REFUSED) != 0) {
            reader_find_key(r, m, "\"%s\" is not possible here: %s", f->name, f->summary);
        } else {
            f->read(r, m, f, (char *)out + f->offset);
        }
    }
    find_missing(r, map, fields);
    return true;
}

void field_map(struct reader *r, const struct yaml_node *node, const struct field *field, void *out)
{
    (void)fields_read(r, node, field->members, out);
}

void field_node(struct reader *r, const struct yaml_node *node, const struct field *field,
                void *out)
{
    (void)r;
    (void)field;
    *(const struct yaml_node **)out = node;
}

const char *read_checked(struct reader *r, const struct yaml_node *node, const struct check *check)
{
    const char *text = read_string(r, node);
    if (text == NULL) {
        return NULL;
    }
    if (*text == '\0') {
        reader_find(r, node, "%s must not be empty", name_of(r, node));
        return NULL;
    }
    const char *problem = check == NULL ? NULL : check->problem(text);
    if (problem != NULL) {
        reader_find(r, node, "%s is %s: %s", name_of(r, node), describe(r, node), problem);
        return NULL;
    }
    return text;
}

void field_string(struct reader *r, const struct yaml_node *node, const struct field *field,
                  void *out)
{
    *(const char **)out = read_checked(r, node, field->detail);
}

void field_word(struct reader *r, const struct yaml_node *node, const struct field *field,
                void *out)
{
    (void)read_word(r, node, field->detail, out);
}

/* A decimal integer; false when @text is none or does not fit. */
static bool parse_integer(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    const char *p = text + (negative || *text == '+' ? 1 : 0);
    int64_t n = 0;
    if (*p == '\0') {
        return false;
    }
    for (; *p != '\0'; p++) {
        int digit = *p - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, (int64_t)10, &n) ||
            __builtin_sub_overflow(n, (int64_t)digit, &n)) {
            return false;
        }
    }
    if (!negative && n == INT64_MIN) {
        return false;
    }
    *out = negative ? n : -n;
    return true;
}

void field_integer(struct reader *r, const struct yaml_node *node, const struct field *field,
                   void *out)
{
    const struct limits *limits = field->detail;
    int64_t n = 0;
    bool is_number = node->kind == YAML_SCALAR && node->plain && parse_integer(node->scalar, &n);
    if (!is_number || n < limits->least || n > limits->most) {
        reader_find(r, node, "%s must be a whole number from %lld to %lld, not %s",
                    name_of(r, node), (long long)limits->least, (long long)limits->most,
                    describe(r, node));
        return;
    }
    *(int64_t *)out = n;
}

void field_boolean(struct reader *r, const struct yaml_node *node, const struct field *field,
                   void *out)
{
    (void)field;
    if (!yaml_bool(node, out)) {
        reader_find(r, node, "%s must be true or false, not %s", name_of(r, node),
                    describe(r, node));
    }
}

void field_seconds(struct reader *r, const struct yaml_node *node, const struct field *field,
                   void *out)
{
    (void)field;
    const char *text = read_scalar(r, node);
    int64_t ms = 0;
    if (text == NULL) {
        return;
    }
    if (!duration_parse(text, &ms)) {
        reader_find(r, node, "%s must be a duration such as 90s or 5m, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    if (ms < 1000 || ms % 1000 != 0 || ms / 1000 > INT32_MAX) {
        reader_find(r, node, "%s must be whole seconds, at least 1s, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    *(int64_t *)out = ms / 1000;
}

bool read_amount(struct reader *r, const struct yaml_node *node, const char *type,
                 const char **out_text, struct quantity *out)
{
    static const struct quantity zero = {0};
    const char *text = read_scalar(r, node);
    if (text == NULL) {
        return false;
    }
    if (!quantity_parse(text, out) || quantity_compare(*out, zero) <= 0) {
        reader_find(r, node, "%s must be %s, not %s", name_of(r, node), type, describe(r, node));
        return false;
    }
    *out_text = reader_text(r, text);
    return true;
}
