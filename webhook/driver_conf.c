/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/driver_conf.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/properties.h"
#include "policies/match.h"

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/*
 * "spark-drv-<hex>-conf-map" (org.apache.spark.deploy.k8s.submit.KubernetesClientUtils); the Apache
 * operator puts the application in front: "<application>-spark-drv-conf-map".
 */
static bool is_conf_name(const char *name)
{
    static const char prefix[] = "spark-drv-";
    if (name == NULL) {
        return false;
    }
    if (strncmp(name, prefix, sizeof(prefix) - 1) == 0) {
        const char *id = name + sizeof(prefix) - 1;
        size_t len = strspn(id, "0123456789abcdef");
        return len > 0 && strcmp(id + len, "-conf-map") == 0;
    }
    return ends_with(name, "-spark-drv-conf-map");
}

bool driver_conf_read(struct edits *edits, struct json *object, struct driver_conf *out)
{
    out->edits = edits;
    out->object = place_root(edits, object);
    out->data = place_member(&out->object, "data");
    out->text = place_member(&out->data, "spark.properties");
    return is_conf_name(json_string(json_get(json_get(object, "metadata"), "name"))) &&
           json_is_string(out->text.node);
}

/* A rule, and what the text says about its key. */
struct wish {
    const struct rule *rule;
    bool is_set;      /* the key stands in the text ... */
    bool is_as_asked; /* ... and its last value is the rule's */
};

struct wishes {
    struct wish *list; /* in the order of the plan */
    struct wish **by_key;
    size_t count;
};

static int compare_wishes(const void *x, const void *y)
{
    const struct wish *const *a = x;
    const struct wish *const *b = y;
    return strcmp((*a)->rule->entry.key, (*b)->rule->entry.key);
}

static int compare_key(const void *key, const void *y)
{
    const struct wish *const *b = y;
    return strcmp(key, (*b)->rule->entry.key);
}

static bool make_wishes(struct arena *a, const struct plan *plan, struct wishes *out)
{
    size_t count;
    const struct rule *const *rules = plan_rules(plan, RULE_CONF, &count);
    out->count = count;
    out->list = arena_zalloc(a, (count + 1) * sizeof(*out->list));
    out->by_key = arena_alloc(a, (count + 1) * sizeof(struct wish *));
    if (out->list == NULL || out->by_key == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        out->list[i].rule = rules[i];
        out->by_key[i] = &out->list[i];
    }
    qsort(out->by_key, count, sizeof(struct wish *), compare_wishes);
    return true;
}

/* Reads the whole text once. False when Java would not load it. */
static bool look_up(struct wishes *wishes, struct properties *text)
{
    struct property one;
    while (properties_next(text, &one)) {
        struct wish **found =
            bsearch(one.key, wishes->by_key, wishes->count, sizeof(struct wish *), compare_key);
        if (found != NULL) {
            (*found)->is_set = true;
            (*found)->is_as_asked = strcmp(one.value, (*found)->rule->entry.value) == 0;
        }
    }
    return !text->is_malformed;
}

static bool is_default(const struct wish *w)
{
    return w->rule->when == WHEN_ABSENT && !w->is_set;
}

static bool is_enforced(const struct wish *w)
{
    return w->rule->when == WHEN_ALWAYS && !(w->is_set && w->is_as_asked);
}

/* The lines that are wanted; how many. */
static size_t print_lines(const struct wishes *wishes, bool (*wanted)(const struct wish *w),
                          struct buf *b)
{
    size_t count = 0;
    for (size_t i = 0; i < wishes->count; i++) {
        const struct rule *rule = wishes->list[i].rule;
        if (wanted(&wishes->list[i])) {
            properties_print(b, rule->entry.key, rule->entry.value);
            count++;
        }
    }
    return count;
}

/* What has to stand between the text and further lines. */
static const char *line_ends(const char *text, size_t len, bool is_open)
{
    bool is_ended = len == 0 || text[len - 1] == '\n';
    if (is_open) {
        return is_ended ? "\n" : "\n\n"; /* behind \r the first one would belong to it */
    }
    return is_ended || text[len - 1] == '\r' ? "" : "\n";
}

/* Bytes of all values in base64, as they count. */
static size_t binary_bytes(const struct json *map)
{
    size_t sum = 0;
    for (const struct json *m = json_first(map); m != NULL; m = json_next(m)) {
        const char *text = json_string(m);
        sum += text == NULL ? 0 : strlen(text) / 4 * 3;
    }
    return sum;
}

static size_t bytes_beside(const struct driver_conf *conf)
{
    size_t sum = binary_bytes(json_get(conf->object.node, "binaryData"));
    for (const struct json *m = json_first(conf->data.node); m != NULL; m = json_next(m)) {
        const char *text = json_string(m);
        sum += m == conf->text.node || text == NULL ? 0 : strlen(text);
    }
    return sum;
}

/* One edit of the whole text, for all rules that had a part in it. */
static void replace_text(struct driver_conf *conf, const struct wishes *wishes, const char *text)
{
    bool is_first = true;
    for (size_t i = 0; i < wishes->count; i++) {
        const struct wish *w = &wishes->list[i];
        if (!is_default(w) && !is_enforced(w)) {
            continue;
        }
        if (is_first) {
            edit_set(&conf->text, json_new_string_ref(conf->edits->arena, text), w->rule);
        } else {
            edit_shared(&conf->text, w->rule->entry.key, w->rule);
        }
        is_first = false;
    }
}

static void leave_out(struct driver_conf *conf, const struct wishes *wishes, const char *why)
{
    for (size_t i = 0; i < wishes->count; i++) {
        const struct wish *w = &wishes->list[i];
        if (is_default(w) || is_enforced(w)) {
            edit_left_out(conf->edits, w->rule, why);
            return; /* one warning for all */
        }
    }
}

static void put_lines(struct driver_conf *conf, const struct wishes *wishes, const char *text,
                      bool is_open)
{
    struct buf b;
    size_t len = strlen(text);
    buf_init_arena(&b, conf->edits->arena, (size_t)2 * CONFIG_MAP_MAX);
    size_t lines = print_lines(wishes, is_default, &b);
    buf_add(&b, text, len);
    size_t before = b.len;
    buf_adds(&b, line_ends(text, len, is_open));
    size_t enforced = print_lines(wishes, is_enforced, &b);
    if (lines + enforced == 0) {
        return;
    }
    if (enforced == 0 && !b.failed) {
        b.len = before;
        b.text[before] = '\0';
    }
    if (b.failed || b.len + bytes_beside(conf) > CONFIG_MAP_MAX) {
        leave_out(conf, wishes, "the ConfigMap would be larger than 1 MiB");
        return;
    }
    replace_text(conf, wishes, b.text);
}

void driver_conf_mutate(struct driver_conf *conf, const struct plan *plan)
{
    struct arena *a = conf->edits->arena;
    const char *text = json_string(conf->text.node);
    size_t len = strlen(text);
    struct wishes wishes;
    char *room = arena_alloc(a, len + 1);
    if (room == NULL || !make_wishes(a, plan, &wishes)) {
        (void)err_no_memory(&conf->edits->problem);
        return;
    }
    struct properties p;
    properties_init(&p, text, len, room);
    if (!look_up(&wishes, &p)) {
        leave_out(conf, &wishes, "spark.properties is nothing that Java can load");
        return;
    }
    put_lines(conf, &wishes, text, p.is_open);
}
