/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/json.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

struct volume {
    unsigned roles;
    unsigned when;
    const char *name;
    const char *claim;
    const char *config_map;
    const char *secret;
    const struct yaml_node *empty_dir;
    const char *mount_path;
    bool read_only;
    const char *sub_path;
};

const struct field volume_fields[] = {
    {.name = "role",
     .type = "driver or executor",
     .summary = "the pods that get it; both by default",
     .read = field_word,
     .offset = offsetof(struct volume, roles),
     .detail = role_words},
    {.name = "name",
     .type = "DNS label",
     .summary = "of the volume",
     .read = field_string,
     .offset = offsetof(struct volume, name),
     .detail = &check_dns_label,
     .flags = FIELD_REQUIRED},
    {.name = "claim",
     .type = "name",
     .summary = "a PersistentVolumeClaim in the pod's namespace",
     .read = field_string,
     .offset = offsetof(struct volume, claim),
     .detail = &check_dns_subdomain},
    {.name = "configMap",
     .type = "name",
     .summary = "a ConfigMap in the pod's namespace",
     .read = field_string,
     .offset = offsetof(struct volume, config_map),
     .detail = &check_dns_subdomain},
    {.name = "secret",
     .type = "name",
     .summary = "a Secret in the pod's namespace",
     .read = field_string,
     .offset = offsetof(struct volume, secret),
     .detail = &check_dns_subdomain},
    {.name = "emptyDir",
     .type = "empty map",
     .summary = "a folder that ends with the pod",
     .read = field_node,
     .offset = offsetof(struct volume, empty_dir)},
    {.name = "mountPath",
     .type = "path",
     .summary = "where Spark's container sees it",
     .read = field_string,
     .offset = offsetof(struct volume, mount_path),
     .detail = &check_mount_path,
     .flags = FIELD_REQUIRED},
    {.name = "readOnly",
     .type = "boolean",
     .summary = "false by default",
     .read = field_boolean,
     .offset = offsetof(struct volume, read_only)},
    {.name = "subPath",
     .type = "path",
     .summary = "the part of the volume that is mounted",
     .read = field_string,
     .offset = offsetof(struct volume, sub_path),
     .detail = &check_sub_path},
    FIELD_WHEN(struct volume),
    {.name = NULL},
};

static bool check_name(struct reader *r, const struct yaml_node *item, const char *name)
{
    const char *problem = name == NULL ? NULL : check_volume_name.problem(name);
    if (problem != NULL) {
        reader_find(r, yaml_get(item, "name"), "%s; choose another", problem);
    }
    return name != NULL && problem == NULL;
}

/* Exactly one source. */
static bool check_source(struct reader *r, const struct yaml_node *item, const struct volume *v)
{
    static const char *const sources[] = {"claim", "configMap", "secret", "emptyDir"};
    const struct yaml_node *found = NULL;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        const struct yaml_node *source = yaml_get(item, sources[i]);
        if (source != NULL && found != NULL) {
            reader_find_key(r, source, "a volume has one source; there is \"%s\" already",
                            found->key);
            return false;
        }
        found = source != NULL ? source : found;
    }
    if (found == NULL) {
        reader_find(r, item, "a volume needs one of claim, configMap, secret or emptyDir");
        return false;
    }
    static const struct field no_fields[] = {{.name = NULL}};
    if (v->empty_dir != NULL) {
        return fields_read(r, v->empty_dir, no_fields, NULL) && v->empty_dir->count == 0;
    }
    return v->claim != NULL || v->config_map != NULL || v->secret != NULL;
}

/* {"claimName": "x"} */
static struct json *reference(struct arena *a, const char *key, const char *name)
{
    struct json *object = json_new_object(a);
    return object != NULL && json_add(object, key, json_new_string_ref(a, name)) ? object : NULL;
}

static struct json *volume_json(struct arena *a, const struct volume *v)
{
    struct json *volume = reference(a, "name", v->name);
    bool ok = volume != NULL;
    if (v->claim != NULL) {
        ok = ok && json_add(volume, "persistentVolumeClaim", reference(a, "claimName", v->claim));
    } else if (v->config_map != NULL) {
        ok = ok && json_add(volume, "configMap", reference(a, "name", v->config_map));
    } else if (v->secret != NULL) {
        ok = ok && json_add(volume, "secret", reference(a, "secretName", v->secret));
    } else {
        ok = ok && json_add(volume, "emptyDir", json_new_object(a));
    }
    return ok ? volume : NULL;
}

static struct json *mount_json(struct arena *a, const struct volume *v)
{
    struct json *mount = reference(a, "name", v->name);
    bool ok = mount != NULL && json_add(mount, "mountPath", json_new_string_ref(a, v->mount_path));
    if (v->read_only) {
        ok = ok && json_add(mount, "readOnly", json_new_bool(a, true));
    }
    if (v->sub_path != NULL) {
        ok = ok && json_add(mount, "subPath", json_new_string_ref(a, v->sub_path));
    }
    return ok ? mount : NULL;
}

static void read_volume(struct reader *r, const struct yaml_node *item, const struct field *fields,
                        struct draft *d)
{
    struct volume v = {.when = d->when};
    if (!fields_read(r, item, fields, &v)) {
        return;
    }
    bool ok = check_source(r, item, &v);
    if (!check_name(r, item, v.name) || !ok || v.mount_path == NULL) {
        return;
    }
    const struct json *volume = volume_json(r->arena, &v);
    const struct json *mount = mount_json(r->arena, &v);
    if (volume == NULL || mount == NULL) {
        r->report->out_of_memory = true;
    }
    draft_add(r, d, item, reader_format(r, "volumes/%s", v.name),
              (struct rule){.kind = RULE_VOLUME,
                            .roles = v.roles,
                            .when = (enum when)v.when,
                            .name = reader_format(r, "volumes.%s", v.name),
                            .volume = {.name = v.name,
                                       .volume = volume,
                                       .mount_path = v.mount_path,
                                       .mount = mount}});
}

void compile_volumes(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_volume(r, item, field->members, out);
    }
}
