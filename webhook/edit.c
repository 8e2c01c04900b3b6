/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/edit.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/policy.h"

void edits_init(struct edits *e, struct arena *a)
{
    e->arena = a;
    e->first = NULL;
    e->end = &e->first;
    e->operations = 0;
    e->notices = NULL;
    e->notices_end = &e->notices;
    e->notice_count = 0;
    e->problem.code = ERR_OK;
}

enum err_code edits_problem(const struct edits *e)
{
    return e->problem.code;
}

struct place place_root(struct edits *e, struct json *object)
{
    return (struct place){.edits = e, .node = object};
}

struct place place_member(struct place *up, const char *key)
{
    struct place p = {.edits = up->edits, .up = up, .key = key};
    struct json *node = json_get(up->node, key);
    p.node = json_is_null(node) ? NULL : node;
    return p;
}

struct place place_element(struct place *list, struct json *element, size_t index)
{
    return (struct place){.edits = list->edits, .up = list, .index = index, .node = element};
}

/*
 * Pointers.
 */

static size_t decimal(char *to, size_t n)
{
    char digits[20];
    size_t len = 0;
    do {
        digits[len++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    for (size_t i = 0; i < len; i++) {
        to[i] = digits[len - 1 - i];
    }
    return len;
}

/* "/" and the segment with ~ and / escaped; returns the length, which is at most 2 × key + 1. */
static size_t put_segment(char *to, const struct place *p)
{
    size_t n = 0;
    to[n++] = '/';
    if (p->key == NULL) {
        return n + decimal(to + n, p->index);
    }
    for (const char *c = p->key; *c != '\0'; c++) {
        if (*c == '~' || *c == '/') {
            to[n++] = '~';
            to[n++] = *c == '~' ? '0' : '1';
        } else {
            to[n++] = *c;
        }
    }
    return n;
}

enum { PLACES_MAX = 32 };

/* The pointer of @p with @suffix behind it; NULL when out of memory. */
static const char *pointer_to(struct arena *a, const struct place *p, const char *suffix)
{
    const struct place *way[PLACES_MAX];
    size_t depth = 0;
    size_t size = strlen(suffix) + 1;
    for (; p->up != NULL && depth < PLACES_MAX; p = p->up) {
        way[depth++] = p;
        size += 1 + (p->key == NULL ? 20 : 2 * strlen(p->key));
    }
    char *pointer = arena_alloc(a, size);
    if (pointer == NULL) {
        return NULL;
    }
    size_t n = 0;
    while (depth > 0) {
        n += put_segment(pointer + n, way[--depth]);
    }
    memcpy(pointer + n, suffix, strlen(suffix) + 1);
    return pointer;
}

/*
 * Edits.
 */

/* Whether an earlier edit added what @p lies in. */
static bool inside_added(const struct place *p)
{
    for (p = p->up; p != NULL; p = p->up) {
        if (p->node != NULL && json_marked(p->node)) {
            return true;
        }
    }
    return false;
}

static void record(struct place *at, const char *suffix, struct edit edit)
{
    struct edits *e = at->edits;
    struct edit *kept = arena_alloc(e->arena, sizeof(*kept));
    edit.pointer = pointer_to(e->arena, at, suffix);
    if (kept == NULL || edit.pointer == NULL) {
        (void)err_no_memory(&e->problem);
        return;
    }
    /* An appended item lies in the list itself, anything else in what is above it. */
    edit.merged = inside_added(at) || (suffix[0] != '\0' && json_marked(at->node));
    e->operations += edit.merged ? 0 : 1;
    *kept = edit;
    *e->end = kept;
    e->end = &kept->next;
}

static bool wrong_shape(struct place *at, const char *wanted)
{
    const char *pointer = pointer_to(at->edits->arena, at, "");
    (void)err_set(&at->edits->problem, ERR_INVALID, "%s: expected %s, found %s",
                  pointer == NULL ? "object" : pointer, wanted, json_kind(at->node));
    return false;
}

/* Puts @value where @old was, in the parent of @at, which exists. */
static bool put(struct place *at, struct json *old, struct json *value)
{
    struct place *up = at->up;
    if (at->key == NULL) {
        json_replace_at(up->node, old, value);
        return true;
    }
    if (!json_is_object(up->node)) {
        return wrong_shape(up, "an object");
    }
    if (!json_replace(up->node, at->key, value)) {
        (void)err_no_memory(&at->edits->problem);
        return false;
    }
    return true;
}

/* {"key": value} */
static struct json *wrap(struct arena *a, const char *key, struct json *value)
{
    struct json *object = json_new_object(a);
    return json_add(object, key, value) ? object : NULL;
}

void edit_set(struct place *at, struct json *value, const struct rule *why)
{
    struct edits *e = at->edits;
    if (e->problem.code != ERR_OK) {
        return;
    }
    if (value == NULL) {
        (void)err_no_memory(&e->problem);
        return;
    }
    if (at->node != NULL && json_equal(at->node, value)) {
        return;
    }
    struct json *old = at->node;
    struct place *top = at;
    struct json *top_value = value;
    while (top->up->node == NULL) {
        top_value = wrap(e->arena, top->key, top_value);
        if (top_value == NULL) {
            (void)err_no_memory(&e->problem);
            return;
        }
        top = top->up;
        top->node = top_value;
        old = NULL;
    }
    bool exists = old != NULL || (top->key != NULL && json_get(top->up->node, top->key) != NULL);
    if (!put(top, old, top_value)) {
        return;
    }
    at->node = value;
    record(
        top, "",
        (struct edit){
            .op = exists ? EDIT_REPLACE : EDIT_ADD, .old = old, .value = top_value, .rule = why});
    json_mark(top_value);
}

void edit_append(struct place *list, struct json *item, const struct rule *why)
{
    struct edits *e = list->edits;
    if (e->problem.code != ERR_OK) {
        return;
    }
    if (list->node == NULL) {
        struct json *fresh = json_new_array(e->arena);
        edit_set(list, json_append(fresh, item) ? fresh : NULL, why);
        return;
    }
    if (!json_is_array(list->node)) {
        (void)wrong_shape(list, "a list");
        return;
    }
    if (!json_append(list->node, item)) {
        (void)err_no_memory(&e->problem);
        return;
    }
    record(list, "/-", (struct edit){.op = EDIT_ADD, .value = item, .rule = why});
    json_mark(item);
}

void edit_remove(struct place *at, const struct rule *why)
{
    struct edits *e = at->edits;
    if (e->problem.code != ERR_OK || at->node == NULL) {
        return;
    }
    struct json *old = at->node;
    json_remove(at->up->node, at->key);
    at->node = NULL;
    record(at, "", (struct edit){.op = EDIT_REMOVE, .old = old, .rule = why});
}

void edit_shared(struct place *at, const char *part, const struct rule *why)
{
    if (at->edits->problem.code == ERR_OK && at->node != NULL && json_marked(at->node)) {
        const char *suffix = arena_printf(at->edits->arena, "/%s", part);
        record(at, suffix == NULL ? "/" : suffix,
               (struct edit){.op = EDIT_ADD, .value = at->node, .rule = why});
    }
}

void edit_left_out(struct edits *e, const struct rule *rule, const char *why)
{
    struct notice *kept = arena_alloc(e->arena, sizeof(*kept));
    const char *text =
        arena_printf(e->arena, "%s left out: %s (policy %s)", rule->name, why, rule->policy->name);
    if (kept == NULL || text == NULL) {
        (void)err_no_memory(&e->problem);
        return;
    }
    *kept = (struct notice){.rule = rule, .text = text};
    *e->notices_end = kept;
    e->notices_end = &kept->next;
    e->notice_count++;
}

void edits_print(const struct edits *e, struct buf *b)
{
    static const char *const names[] = {
        [EDIT_ADD] = "add", [EDIT_REPLACE] = "replace", [EDIT_REMOVE] = "remove"};
    const char *separator = "";
    buf_addc(b, '[');
    for (const struct edit *edit = e->first; edit != NULL; edit = edit->next) {
        if (edit->merged) {
            continue;
        }
        buf_adds(b, separator);
        buf_adds(b, "{\"op\":\"");
        buf_adds(b, names[edit->op]);
        buf_adds(b, "\",\"path\":");
        json_print_string(b, edit->pointer);
        if (edit->value != NULL) {
            buf_adds(b, ",\"value\":");
            json_print(b, edit->value);
        }
        buf_addc(b, '}');
        separator = ",";
    }
    buf_addc(b, ']');
}
