/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An overlay becomes one rule for each thing it says, so that several policies can each say
 * something, and two that say the same are found.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/nearest.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/node_labels.h"
#include "policies/overlay_fields.h"
#include "policies/report.h"
#include "policies/variables.h"

/* The name for Spark's own container, whatever it is called in the pod. */
static const char spark_container[] = "$spark";

enum { ITEM_MAX_BYTES = 64 << 10 };

struct overlay {
    unsigned when;
    unsigned roles;
    const struct yaml_node *metadata;
    const struct yaml_node *spec;
};

static const struct field metadata_fields[] = {
    {.name = "labels",
     .type = "map of strings",
     .summary = "as in spec.admission.labels",
     .read = field_node,
     .offset = 0},
    {.name = "annotations",
     .type = "map of strings",
     .summary = "as in spec.admission.annotations",
     .read = field_node,
     .offset = sizeof(const struct yaml_node *)},
    {.name = "name", .summary = "it belongs to Spark", .flags = FIELD_REFUSED},
    {.name = "namespace", .summary = "it belongs to Spark", .flags = FIELD_REFUSED},
    {.name = "ownerReferences", .summary = "they belong to Spark", .flags = FIELD_REFUSED},
    {.name = NULL},
};

const struct field overlay_fields[] = {
    {.name = "role",
     .type = "driver or executor",
     .summary = "the pods that get it; both by default",
     .read = field_word,
     .offset = offsetof(struct overlay, roles),
     .detail = role_words},
    FIELD_WHEN(struct overlay),
    {.name = "metadata",
     .type = "map",
     .summary = "labels and annotations",
     .read = field_node,
     .offset = offsetof(struct overlay, metadata),
     .members = metadata_fields},
    {.name = "spec",
     .type = "map",
     .summary = "a part of a PodSpec",
     .read = field_node,
     .offset = offsetof(struct overlay, spec)},
    {.name = "status", .summary = "it is what the kubelet reports", .flags = FIELD_REFUSED},
    {.name = NULL},
};

/* Where the reader is: what the overlay says in general, and the object it is in. */
struct walk {
    struct draft *draft;
    const struct overlay *overlay;
    bool is_spark;    /* in Spark's container, else in spec */
    const char *path; /* of the object: "spec", "spec.containers[$spark]" */
};

static bool is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

/* Nothing that is missing, and no directives of kubectl's: an overlay only says what is there. */
static bool check_tree(struct reader *r, const struct yaml_node *node)
{
    if (node->key != NULL && node->key[0] == '$') {
        reader_find_key(r, node, "\"%.60s\" is for kubectl; an overlay only adds and replaces",
                        node->key);
        return false;
    }
    if (node->kind == YAML_SCALAR && yaml_type_of(node) == YAML_TYPE_NULL) {
        reader_find(r, node, "%s is empty; an overlay only adds and replaces", name_of(r, node));
        return false;
    }
    bool ok = true;
    for (const struct yaml_node *x = node->first; x != NULL; x = x->next) {
        ok = check_tree(r, x) && ok;
    }
    return ok;
}

/* The node as JSON, kept; NULL after a finding. */
static struct json *read_json(struct reader *r, const struct yaml_node *node)
{
    struct json *value = NULL;
    struct err e = {.code = ERR_OK};
    if (!check_tree(r, node)) {
        return NULL;
    }
    enum err_code code = yaml_to_json(r->arena, node, &value, &e);
    if (code == ERR_INVALID) {
        size_t line = 0;
        size_t column = 0;
        const char *what = yaml_error_split(&e, &line, &column);
        report_add(r->report, r->file, line, column, "%s", what);
    } else if (code != ERR_OK) {
        r->report->out_of_memory = true;
    }
    return code == ERR_OK ? value : NULL;
}

/* What a section of spec.admission decides, too, has the slot that it has there. */
static const char *slot_of(struct reader *r, const struct overlay_leaf *leaf, const char *name)
{
    if (leaf->is_spark) {
        return is(leaf->field, "env") ? reader_format(r, "env/%s", leaf->id) : name;
    }
    if (is(leaf->field, "volumes") || is(leaf->field, "imagePullSecrets")) {
        return reader_format(r, "%s/%s", leaf->field, leaf->id);
    }
    if (is(leaf->field, "nodeSelector")) {
        return node_selector_slot(r, leaf->member);
    }
    return is(leaf->field, "schedulerName") ? leaf->field : name;
}

/* Adds a rule for @leaf, which stands at @at and is called @path below the object. */
static void add_leaf(struct reader *r, const struct walk *w, const struct yaml_node *at,
                     const char *path, struct overlay_leaf leaf)
{
    leaf.is_spark = w->is_spark;
    const char *name = reader_format(r, "overlay.%s.%s", w->path, path);
    draft_add(r, w->draft, at, slot_of(r, &leaf, name),
              (struct rule){.kind = RULE_OVERLAY,
                            .roles = w->overlay->roles,
                            .when = (enum when)w->overlay->when,
                            .name = name,
                            .overlay = leaf});
}

static void add_value(struct reader *r, const struct walk *w, const struct yaml_node *node,
                      const struct overlay_field *field)
{
    struct json *value = read_json(r, node);
    struct json *standard = NULL;
    if (value != NULL && field->detail != NULL &&
        json_parse(r->arena, field->detail, strlen(field->detail), NULL, &standard, NULL) !=
            ERR_OK) {
        r->report->out_of_memory = true;
    }
    if (value != NULL) {
        add_leaf(r, w, node, field->name,
                 (struct overlay_leaf){.field = field->name, .value = value, .standard = standard});
    }
}

static void add_members(struct reader *r, const struct walk *w, const struct yaml_node *node,
                        const struct overlay_field *field)
{
    if (!expect_map(r, node)) {
        return;
    }
    if (field->detail != NULL && w->overlay->when == WHEN_ALWAYS) {
        reader_find_key(r, node, "\"%s\" is not possible with \"when: always\": %s", node->key,
                        field->detail);
        return;
    }
    for (const struct yaml_node *m = node->first; m != NULL; m = m->next) {
        if (is(field->name, "nodeSelector") && is_capacity_label(m->key)) {
            reader_find_key(r, m, "\"%s\" is not possible here: \"capacity\" is for that", m->key);
            continue;
        }
        struct json *value = read_json(r, m);
        if (value != NULL) {
            add_leaf(r, w, m, reader_format(r, "%s.%s", field->name, m->key),
                     (struct overlay_leaf){
                         .field = field->name, .member = reader_text(r, m->key), .value = value});
        }
    }
}

/* Items that other parts of Spark or of the language stand on. */
static const char *item_problem(const struct overlay_field *field, const char *id)
{
    if (is(field->name, "env")) {
        return variable_is_of_spark(id) ? "it belongs to Spark" : variable_name_problem(id);
    }
    if (is(field->name, "volumeMounts")) {
        return check_mount_path.problem(id);
    }
    if (is(field->name, "volumes")) {
        return check_volume_name.problem(id);
    }
    return NULL;
}

static void add_keyed_item(struct reader *r, const struct walk *w, const struct yaml_node *item,
                           const struct overlay_field *field)
{
    const char *key = field->detail != NULL ? field->detail : "name";
    if (!expect_map(r, item)) {
        return;
    }
    const struct yaml_node *at = yaml_get(item, key);
    const char *id = at == NULL ? NULL : read_string(r, at);
    const char *problem = id == NULL ? NULL : item_problem(field, id);
    if (at == NULL) {
        reader_find(r, item, "\"%s\" is missing: items of %s are told apart by it", key,
                    field->name);
    } else if (problem != NULL) {
        reader_find(r, at, "\"%.100s\" cannot be here: %s", id, problem);
    }
    struct json *value = id == NULL || problem != NULL ? NULL : read_json(r, item);
    if (value != NULL) {
        add_leaf(r, w, item, reader_format(r, "%s[%s]", field->name, id),
                 (struct overlay_leaf){.field = field->name, .key = key, .id = id, .value = value});
    }
}

static void add_set_item(struct reader *r, const struct walk *w, const struct yaml_node *item,
                         const struct overlay_field *field)
{
    struct json *value = expect_map(r, item) ? read_json(r, item) : NULL;
    struct buf text;
    buf_init_arena(&text, r->work, ITEM_MAX_BYTES);
    if (value != NULL) {
        json_print(&text, value);
        add_leaf(r, w, item, reader_format(r, "%s[%s]", field->name, text.failed ? "" : text.text),
                 (struct overlay_leaf){.field = field->name, .is_item = true, .value = value});
    }
}

static void read_object(struct reader *r, const struct walk *w, const struct yaml_node *node,
                        const struct overlay_field *fields);

/* Spark's container by fields, any other one as a whole: part of a container is no container. */
static void add_container(struct reader *r, const struct walk *w, const struct yaml_node *item,
                          const struct overlay_field *field)
{
    const struct yaml_node *name = yaml_get(item, "name");
    if (item->kind == YAML_MAP && name != NULL && is(name->scalar, spark_container)) {
        struct walk in = *w;
        in.is_spark = true;
        in.path = "spec.containers[$spark]";
        read_object(r, &in, item, overlay_container_fields);
        return;
    }
    if (item->kind == YAML_MAP && name != NULL && yaml_get(item, "image") == NULL) {
        reader_find(r, item,
                    "\"image\" is missing: a container stands here as a whole; Spark's own is "
                    "called %s",
                    spark_container);
        return;
    }
    add_keyed_item(r, w, item, field);
}

static void add_items(struct reader *r, const struct walk *w, const struct yaml_node *node,
                      const struct overlay_field *field)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (field->shape == OVERLAY_SHAPE_CONTAINERS) {
            add_container(r, w, item, field);
        } else if (field->shape == OVERLAY_SHAPE_SET) {
            add_set_item(r, w, item, field);
        } else {
            add_keyed_item(r, w, item, field);
        }
    }
}

static void read_member(struct reader *r, const struct walk *w, const struct yaml_node *node,
                        const struct overlay_field *field)
{
    switch (field->shape) {
    case OVERLAY_SHAPE_REFUSED:
        reader_find_key(r, node, "\"%s\" is not possible here: %s", node->key, field->detail);
        break;
    case OVERLAY_SHAPE_VALUE:
        add_value(r, w, node, field);
        break;
    case OVERLAY_SHAPE_MEMBERS:
        add_members(r, w, node, field);
        break;
    case OVERLAY_SHAPE_KEYED:
    case OVERLAY_SHAPE_SET:
    case OVERLAY_SHAPE_CONTAINERS:
        add_items(r, w, node, field);
        break;
    }
}

static void read_object(struct reader *r, const struct walk *w, const struct yaml_node *node,
                        const struct overlay_field *fields)
{
    if (!expect_map(r, node)) {
        return;
    }
    for (const struct yaml_node *m = node->first; m != NULL; m = m->next) {
        struct nearest nearest = {.typed = m->key};
        const struct overlay_field *f = fields;
        for (; f->name != NULL && strcmp(f->name, m->key) != 0; f++) {
            nearest_try(&nearest, f->name);
        }
        if (f->name != NULL) {
            read_member(r, w, m, f);
        } else if (!w->is_spark || strcmp(m->key, "name") != 0) {
            bool is_near = nearest.name != NULL;
            reader_find_key(r, m, "unknown field \"%.100s\" in %s%s%s%s", m->key, w->path,
                            is_near ? "; did you mean \"" : "", is_near ? nearest.name : "",
                            is_near ? "\"?" : "");
        }
    }
}

static void read_overlay(struct reader *r, const struct yaml_node *node, const struct field *fields,
                         struct draft *d)
{
    struct overlay o = {.when = when_in(node, d->when)};
    const struct yaml_node *entries[2] = {NULL, NULL}; /* labels, annotations */
    if (!fields_read(r, node, fields, &o)) {
        return;
    }
    if (o.metadata != NULL && fields_read(r, o.metadata, metadata_fields, entries)) {
        compile_entry_map(r, d, entries[0], RULE_LABEL, o.roles, o.when);
        compile_entry_map(r, d, entries[1], RULE_ANNOTATION, o.roles, o.when);
    }
    if (o.spec != NULL) {
        read_object(r, &(struct walk){.draft = d, .overlay = &o, .path = "spec"}, o.spec,
                    overlay_pod_fields);
    }
}

void compile_overlay(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    if (node->kind != YAML_LIST) {
        read_overlay(r, node, field->members, out);
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_overlay(r, item, field->members, out);
    }
}
