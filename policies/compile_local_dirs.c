/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/json.h"
#include "core/quantity.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

/* The user that Spark's own images run as; claims are writable for it with this group. */
enum { SPARK_FS_GROUP = 185, FS_GROUP_NONE = -1 };

struct claim {
    const char *storage_class;
    const char *size;
    const struct yaml_node *access_modes;
    int64_t fs_group;
};

static const struct limits group_limits = {0, INT32_MAX};

/* Bits. */
enum { READ_WRITE_ONCE = 1, READ_WRITE_ONCE_POD = 2, READ_WRITE_MANY = 4 };

static const struct word mode_words[] = {{"ReadWriteOnce", READ_WRITE_ONCE},
                                         {"ReadWriteOncePod", READ_WRITE_ONCE_POD},
                                         {"ReadWriteMany", READ_WRITE_MANY},
                                         {NULL, 0}};

static void field_size(struct reader *r, const struct yaml_node *node, const struct field *field,
                       void *out)
{
    (void)field;
    static const struct quantity zero = {0};
    struct quantity size;
    const char *text = read_scalar(r, node);
    if (text == NULL) {
        return;
    }
    if (!quantity_parse(text, &size) || quantity_compare(size, zero) <= 0) {
        reader_find(r, node, "%s must be an amount of storage such as 100Gi, not %s",
                    name_of(r, node), describe(r, node));
        return;
    }
    *(const char **)out = reader_text(r, text);
}

static void field_fs_group(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    bool is_none = node->kind == YAML_SCALAR &&
                   (yaml_type_of(node) == YAML_TYPE_NULL || strcmp(node->scalar, "none") == 0);
    if (is_none) {
        *(int64_t *)out = FS_GROUP_NONE;
        return;
    }
    field_integer(r, node, field, out);
}

static const struct field claim_fields[] = {
    {.name = "storageClass",
     .type = "name",
     .summary = "of the claim; the cluster's default when left out",
     .read = field_string,
     .offset = offsetof(struct claim, storage_class),
     .detail = &check_dns_subdomain},
    {.name = "size",
     .type = "quantity",
     .summary = "of the claim, such as 100Gi",
     .read = field_size,
     .offset = offsetof(struct claim, size),
     .flags = FIELD_REQUIRED},
    {.name = "accessModes",
     .type = "list",
     .summary = "of the claim; ReadWriteOnce by default",
     .read = field_node,
     .offset = offsetof(struct claim, access_modes)},
    {.name = "fsGroup",
     .type = "integer or none",
     .summary = "group that may write, for pods without one; 185, that of Spark's images, by "
                "default",
     .read = field_fs_group,
     .offset = offsetof(struct claim, fs_group),
     .detail = &group_limits},
    {.name = NULL},
};

/* Adds the modes of @list to @modes; false after a finding. */
static bool read_modes(struct reader *r, const struct yaml_node *list, struct json *modes)
{
    if (!expect_list(r, list)) {
        return false;
    }
    if (list->count == 0) {
        reader_find(r, list, "\"accessModes\" is empty; leave it out to mean ReadWriteOnce");
        return false;
    }
    bool ok = true;
    unsigned seen = 0;
    for (const struct yaml_node *m = list->first; m != NULL; m = m->next) {
        unsigned one = 0;
        if (!read_word(r, m, mode_words, &one)) {
            ok = false;
            continue;
        }
        if ((seen & one) != 0) {
            reader_find(r, m, "%s is there already", m->scalar);
            ok = false;
        }
        seen |= one;
        if (!json_append(modes, json_new_string(r->arena, m->scalar))) {
            r->report->out_of_memory = true;
        }
    }
    if ((seen & READ_WRITE_ONCE_POD) != 0 && seen != READ_WRITE_ONCE_POD) {
        reader_find(r, list,
                    "ReadWriteOncePod can have no other mode beside it: Kubernetes refuses "
                    "such pods");
        return false;
    }
    return ok;
}

/* Access modes as JSON; NULL after a finding. */
static struct json *modes_json(struct reader *r, const struct yaml_node *list)
{
    struct json *modes = json_new_array(r->arena);
    bool has_memory = modes != NULL;
    if (has_memory && list == NULL) {
        has_memory = json_append(modes, json_new_string_ref(r->arena, "ReadWriteOnce"));
    }
    if (!has_memory) {
        r->report->out_of_memory = true;
        return NULL;
    }
    return list == NULL || read_modes(r, list, modes) ? modes : NULL;
}

/*
 * The claim gets no labels: by the label spark-app-selector the driver would take it
 * for one of the claims it made itself and hands on to new executors.
 */
static struct json *claim_json(struct reader *r, const struct claim *c, struct json *modes)
{
    struct arena *a = r->arena;
    struct json *volume = json_new_object(a);
    struct json *template = json_new_object(a);
    struct json *spec = json_new_object(a);
    struct json *resources = json_new_object(a);
    struct json *requests = json_new_object(a);
    bool ok = volume != NULL && template != NULL && spec != NULL && resources != NULL &&
              requests != NULL && json_add(spec, "accessModes", modes);
    if (c->storage_class != NULL) {
        ok = ok && json_add(spec, "storageClassName", json_new_string_ref(a, c->storage_class));
    }
    ok = ok && json_add(requests, "storage", json_new_string_ref(a, c->size)) &&
         json_add(resources, "requests", requests) && json_add(spec, "resources", resources) &&
         json_add(template, "spec", spec) && json_add(volume, "volumeClaimTemplate", template);
    if (!ok) {
        r->report->out_of_memory = true;
    }
    return ok ? volume : NULL;
}

static void read_local_dirs(struct reader *r, const struct yaml_node *node,
                            const struct field *field, void *out)
{
    const struct section *s = out;
    struct claim c = {.fs_group = SPARK_FS_GROUP};
    if (!fields_read(r, node, field->members, &c)) {
        return;
    }
    struct json *modes = modes_json(r, c.access_modes);
    if (modes == NULL || c.size == NULL) {
        return;
    }
    draft_add(r, s->draft, node, "localDirs",
              (struct rule){.kind = RULE_LOCAL_DIRS,
                            .roles = role_named(field->name),
                            .when = (enum when)s->when,
                            .name = reader_format(r, "localDirs.%s", field->name),
                            .local_dirs_claim = {.ephemeral = claim_json(r, &c, modes),
                                                 .fs_group = c.fs_group}});
}

const struct field local_dirs_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "executor",
     .type = "map",
     .summary = "the claim of every executor",
     .read = read_local_dirs,
     .members = claim_fields},
    {.name = "driver",
     .type = "map",
     .summary = "the claim of the driver",
     .read = read_local_dirs,
     .members = claim_fields},
    {.name = NULL},
};
