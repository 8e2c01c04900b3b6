/* SPDX-License-Identifier: Apache-2.0 */
#include "core/yaml.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/yaml_scalar.h"

/* A list or map whose end has not been seen. */
struct frame {
    struct yaml_node *node;
    struct yaml_node *last;
    struct yaml_node key; /* only its key fields; key is NULL until one was read */
};

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    struct err *err;
    struct frame stack[JSON_DEPTH_MAX];
    size_t depth;
    struct yaml_node *first_document;
    struct yaml_node *last_document;
    size_t nodes;
};

static enum err_code refuse(struct builder *b, const yaml_event_t *event, enum err_code code,
                            const char *what)
{
    return err_set(b->err, code, "%zu:%zu: %s", event->start_mark.line + 1,
                   event->start_mark.column + 1, what);
}

static enum err_code out_of_memory(struct builder *b)
{
    return err_set(b->err, ERR_MEMORY, "YAML needs too much memory");
}

/* Where the byte at @offset stands; columns count characters, as libyaml does. */
static enum err_code refuse_byte(struct err *e, const char *text, size_t offset, const char *what)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xC0U) != 0x80U) {
            column++;
        }
    }
    return err_set(e, ERR_INVALID, "%zu:%zu: %s", line, column, what);
}

static int compare_keys(const void *x, const void *y)
{
    const struct yaml_node *const *a = x;
    const struct yaml_node *const *b = y;
    int order = strcmp((*a)->key, (*b)->key);
    if (order != 0) {
        return order;
    }
    if ((*a)->key_line != (*b)->key_line) {
        return (*a)->key_line < (*b)->key_line ? -1 : 1;
    }
    return ((*a)->key_column > (*b)->key_column) - ((*a)->key_column < (*b)->key_column);
}

/* Sorting finds duplicates in a map of any size without quadratic time. */
static enum err_code check_duplicates(struct builder *b, const struct yaml_node *map)
{
    if (map->count < 2) {
        return ERR_OK;
    }
    const struct yaml_node **members =
        arena_alloc(b->arena, map->count * sizeof(const struct yaml_node *));
    if (members == NULL) {
        return out_of_memory(b);
    }
    size_t n = 0;
    for (const struct yaml_node *m = map->first; m != NULL; m = m->next) {
        members[n++] = m;
    }
    qsort(members, n, sizeof(const struct yaml_node *), compare_keys);
    enum err_code code = ERR_OK;
    for (size_t i = 1; i < n && code == ERR_OK; i++) {
        if (strcmp(members[i - 1]->key, members[i]->key) == 0) {
            code = err_set(b->err, ERR_INVALID, "%zu:%zu: key \"%s\" is already in line %zu",
                           members[i]->key_line, members[i]->key_column, members[i]->key,
                           members[i - 1]->key_line);
        }
    }
    arena_undo(b->arena, members);
    return code;
}

/* Puts @node where the parser stands: under the open list or map, or as a document. */
static void attach(struct builder *b, struct yaml_node *node)
{
    if (b->depth == 0) {
        struct yaml_node **place =
            b->last_document == NULL ? &b->first_document : &b->last_document->next;
        *place = node;
        b->last_document = node;
        return;
    }
    struct frame *f = &b->stack[b->depth - 1];
    if (f->node->kind == YAML_MAP) {
        node->key = f->key.key;
        node->key_plain = f->key.key_plain;
        node->key_line = f->key.key_line;
        node->key_column = f->key.key_column;
        f->key.key = NULL;
    }
    struct yaml_node **place = f->last == NULL ? &f->node->first : &f->last->next;
    *place = node;
    f->last = node;
    f->node->count++;
}

static enum err_code add_node(struct builder *b, const yaml_event_t *event, enum yaml_kind kind,
                              struct yaml_node **out)
{
    if (++b->nodes > JSON_VALUES_MAX) {
        return refuse(b, event, ERR_LIMIT, "too many values");
    }
    struct yaml_node *node = arena_zalloc(b->arena, sizeof(*node));
    if (node == NULL) {
        return out_of_memory(b);
    }
    node->kind = kind;
    node->line = event->start_mark.line + 1;
    node->column = event->start_mark.column + 1;
    attach(b, node);
    *out = node;
    return ERR_OK;
}

/* True when what comes next is the key of a member. */
static bool expects_key(const struct builder *b)
{
    const struct frame *f = b->depth == 0 ? NULL : &b->stack[b->depth - 1];
    return f != NULL && f->node->kind == YAML_MAP && f->key.key == NULL;
}

static enum err_code on_key(struct builder *b, const yaml_event_t *event, const char *text,
                            bool plain)
{
    if (plain && strcmp(text, "<<") == 0) {
        return refuse(b, event, ERR_INVALID, "merge keys are not supported; write the fields out");
    }
    struct frame *f = &b->stack[b->depth - 1];
    f->key = (struct yaml_node){.key = text,
                                .key_plain = plain,
                                .key_line = event->start_mark.line + 1,
                                .key_column = event->start_mark.column + 1};
    return ERR_OK;
}

static enum err_code check_properties(struct builder *b, const yaml_event_t *event,
                                      const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return refuse(b, event, ERR_INVALID,
                      "anchors are not supported; write the value where it is needed");
    }
    if (tag != NULL) {
        return refuse(b, event, ERR_INVALID, "tags are not supported");
    }
    return ERR_OK;
}

static enum err_code on_scalar(struct builder *b, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(value, '\0', len) != NULL) {
        return refuse(b, event, ERR_INVALID, "NUL character in a string");
    }
    if (b->depth == 0 && plain && len == 0) {
        return ERR_OK; /* an empty document */
    }
    const char *text = arena_strndup(b->arena, value, len);
    if (text == NULL) {
        return out_of_memory(b);
    }
    if (expects_key(b)) {
        return on_key(b, event, text, plain);
    }
    struct yaml_node *node = NULL;
    enum err_code code = add_node(b, event, YAML_SCALAR, &node);
    if (node != NULL) {
        node->plain = plain;
        node->scalar = text;
    }
    return code;
}

static enum err_code on_start(struct builder *b, const yaml_event_t *event, enum yaml_kind kind)
{
    if (expects_key(b)) {
        return refuse(b, event, ERR_INVALID, "a key must be a string, not a list or map");
    }
    if (b->depth == JSON_DEPTH_MAX) {
        return refuse(b, event, ERR_LIMIT, "nested too deep");
    }
    struct yaml_node *node = NULL;
    enum err_code code = add_node(b, event, kind, &node);
    if (node != NULL) {
        b->stack[b->depth++] = (struct frame){.node = node};
    }
    return code;
}

static enum err_code on_end(struct builder *b)
{
    const struct yaml_node *node = b->stack[--b->depth].node;
    return node->kind == YAML_MAP ? check_duplicates(b, node) : ERR_OK;
}

static enum err_code on_event(struct builder *b, const yaml_event_t *event)
{
    enum err_code code = ERR_OK;
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return ERR_OK;
    case YAML_ALIAS_EVENT:
        return refuse(
            b, event, ERR_INVALID,
            "aliases are not supported; write the value where it is needed, and a text that "
            "begins with * in quotes");
    case YAML_SCALAR_EVENT:
        code = check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
        return code != ERR_OK ? code : on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        code = check_properties(b, event, event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
        return code != ERR_OK ? code : on_start(b, event, YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        code = check_properties(b, event, event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
        return code != ERR_OK ? code : on_start(b, event, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(b);
    }
    return err_set(b->err, ERR_INTERNAL, "unknown YAML event");
}

/* What libyaml means where people stumble most. @is_tab: it stopped at one. */
static const char *explain(const char *problem, bool is_tab)
{
    if (problem == NULL) {
        return "not YAML";
    }
    if (is_tab) {
        return "a tab; YAML is indented with spaces";
    }
    if (strstr(problem, "alphabetic or numeric") != NULL) {
        return "no name behind * or &; put a text that begins with one in quotes";
    }
    return problem;
}

static enum err_code refuse_syntax(struct builder *b, const char *text, size_t len)
{
    const yaml_parser_t *p = &b->parser;
    size_t at = p->problem_mark.index; /* in characters; only looked at where these are bytes */
    const char *what = explain(p->problem, at < len && text[at] == '\t');
    switch (p->error) {
    case YAML_MEMORY_ERROR:
        return out_of_memory(b);
    case YAML_READER_ERROR:
        return refuse_byte(b->err, text, p->problem_offset, what);
    case YAML_NO_ERROR:
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
    case YAML_COMPOSER_ERROR:
    case YAML_WRITER_ERROR:
    case YAML_EMITTER_ERROR:
        break;
    }
    return err_set(b->err, ERR_INVALID, "%zu:%zu: %s", p->problem_mark.line + 1,
                   p->problem_mark.column + 1, what);
}

static enum err_code build(struct builder *b, const char *text, size_t len)
{
    bool ended = false;
    while (!ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&b->parser, &event) == 0) {
            return refuse_syntax(b, text, len);
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        enum err_code code = on_event(b, &event);
        yaml_event_delete(&event);
        if (code != ERR_OK) {
            return code;
        }
    }
    return ERR_OK;
}

enum err_code yaml_parse(struct arena *a, const char *text, size_t len,
                         struct yaml_node **out_documents, struct err *e)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (len >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        len -= 3;
    }
    const char *nul = len == 0 ? NULL : memchr(text, '\0', len);
    if (nul != NULL) {
        return refuse_byte(e, text, (size_t)(nul - text), "NUL character");
    }
    struct builder b = {.arena = a, .err = e};
    if (yaml_parser_initialize(&b.parser) == 0) {
        return out_of_memory(&b);
    }
    /* Without this, two bytes at the start would switch to UTF-16. */
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, len);
    enum err_code code = build(&b, text, len);
    yaml_parser_delete(&b.parser);
    if (code == ERR_OK) {
        *out_documents = b.first_document;
    }
    return code;
}

static const char *split_number(const char *text, size_t *out)
{
    size_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (size_t)(*p - '0');
    }
    if (p == text || *p != ':') {
        return NULL;
    }
    *out = n;
    return p + 1;
}

const char *yaml_error_split(const struct err *e, size_t *out_line, size_t *out_column)
{
    size_t line = 0;
    size_t column = 0;
    const char *rest = split_number(e->text, &line);
    rest = rest == NULL ? NULL : split_number(rest, &column);
    *out_line = rest == NULL ? 0 : line;
    *out_column = rest == NULL ? 0 : column;
    return rest == NULL ? e->text : rest + strspn(rest, " ");
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *m = map->kind == YAML_MAP ? map->first : NULL;
    while (m != NULL && strcmp(m->key, key) != 0) {
        m = m->next;
    }
    return m;
}

/* What is being printed, and how far. */
struct printer {
    yaml_emitter_t emitter;
    struct buf *out;
    size_t indent;
    bool in_line; /* the line has its indent */
    bool too_deep;
};

/* libyaml's output, with the indent before every line that is not empty. */
static int write_lines(void *data, unsigned char *bytes, size_t size)
{
    struct printer *p = data;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n' && !p->in_line) {
            for (size_t k = 0; k < p->indent; k++) {
                buf_addc(p->out, ' ');
            }
        }
        p->in_line = bytes[i] != '\n';
        buf_addc(p->out, (char)bytes[i]);
    }
    return p->out->failed ? 0 : 1;
}

/* Hands an event over. An event that could not be made leaves the emitter without one. */
static bool emit(struct printer *p, int made, yaml_event_t *event)
{
    return made != 0 && yaml_emitter_emit(&p->emitter, event) != 0;
}

static bool print_text(struct printer *p, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                            (int)strlen(text), 1, 1, style);
    return emit(p, made, &event);
}

/*
 * Carriage returns and Unicode's own line ends are line ends to YAML, which a
 * reader would turn into others; between double quotes they are escaped.
 */
static bool has_odd_line_end(const char *text)
{
    return strchr(text, '\r') != NULL || strstr(text, "\xC2\x85") != NULL ||
           strstr(text, "\xE2\x80\xA8") != NULL || strstr(text, "\xE2\x80\xA9") != NULL;
}

static yaml_scalar_style_t style_of(const char *text)
{
    /* A block that starts with white space needs a hint that readers disagree about. */
    bool is_block = strchr(text, '\n') != NULL && strchr(" \t\n", text[0]) == NULL;
    if (is_block && !has_odd_line_end(text)) {
        return YAML_LITERAL_SCALAR_STYLE;
    }
    bool is_safe = yaml_plain_is_string(text) && strchr(text, '\n') == NULL;
    return is_safe && !has_odd_line_end(text) ? YAML_PLAIN_SCALAR_STYLE
                                              : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

static bool print_string(struct printer *p, const char *text)
{
    return print_text(p, text, style_of(text));
}

/* A number, boolean or null is written in YAML as in JSON. */
static bool print_bare(struct printer *p, const struct json *value)
{
    struct buf text;
    buf_init(&text, p->out->max);
    json_print(&text, value);
    bool ok = !text.failed && print_text(p, text.text, YAML_PLAIN_SCALAR_STYLE);
    buf_finish(&text);
    return ok;
}

static bool print_start(struct printer *p, const struct json *value)
{
    yaml_event_t event;
    int made =
        json_is_object(value)
            ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
            : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                                   YAML_BLOCK_SEQUENCE_STYLE);
    return emit(p, made, &event);
}

static bool print_end(struct printer *p, const struct json *value)
{
    yaml_event_t event;
    int made = json_is_object(value) ? yaml_mapping_end_event_initialize(&event)
                                     : yaml_sequence_end_event_initialize(&event);
    return emit(p, made, &event);
}

/* Prints @value, or only its start when it has children. */
static bool print_one(struct printer *p, const struct json *value)
{
    if (json_is_object(value) || json_is_array(value)) {
        return print_start(p, value);
    }
    const char *text = json_string(value);
    return text != NULL ? print_string(p, text) : print_bare(p, value);
}

static bool print_tree(struct printer *p, const struct json *root)
{
    struct {
        const struct json *value;
        const struct json *child; /* to be printed next */
    } stack[JSON_DEPTH_MAX];
    size_t depth = 0;
    const struct json *value = root;
    for (;;) {
        const char *key = depth > 0 ? json_key(value) : NULL;
        if ((key != NULL && !print_string(p, key)) || !print_one(p, value)) {
            return false;
        }
        if (json_is_object(value) || json_is_array(value)) {
            if (depth == JSON_DEPTH_MAX) {
                p->too_deep = true;
                return false;
            }
            stack[depth].value = value;
            stack[depth++].child = json_first(value);
        }
        while (depth > 0 && stack[depth - 1].child == NULL) {
            if (!print_end(p, stack[--depth].value)) {
                return false;
            }
        }
        if (depth == 0) {
            return true;
        }
        value = stack[depth - 1].child;
        stack[depth - 1].child = json_next(value);
    }
}

static bool print_document(struct printer *p, const struct json *root)
{
    yaml_event_t event;
    return emit(p, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event) &&
           emit(p, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event) &&
           print_tree(p, root) && emit(p, yaml_document_end_event_initialize(&event, 1), &event) &&
           emit(p, yaml_stream_end_event_initialize(&event), &event) &&
           yaml_emitter_flush(&p->emitter) != 0;
}

enum err_code yaml_print(struct buf *b, const struct json *value, int indent)
{
    struct printer p = {.out = b, .indent = indent > 0 ? (size_t)indent : 0};
    if (yaml_emitter_initialize(&p.emitter) == 0) {
        return ERR_MEMORY;
    }
    yaml_emitter_set_output(&p.emitter, write_lines, &p);
    yaml_emitter_set_indent(&p.emitter, 2);
    yaml_emitter_set_width(&p.emitter, -1);
    yaml_emitter_set_unicode(&p.emitter, 1);
    bool ok = print_document(&p, value);
    yaml_error_type_t error = p.emitter.error;
    yaml_emitter_delete(&p.emitter);
    if (ok) {
        return ERR_OK;
    }
    if (b->failed || p.too_deep) {
        return ERR_LIMIT;
    }
    return error == YAML_MEMORY_ERROR ? ERR_MEMORY : ERR_INVALID;
}
