/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/selector.h"
#include "policies/compile.h"

/* An item of the list form: entries for some pods only. */
struct entries {
    unsigned roles;
    unsigned local_dirs;
    unsigned when;
    const struct yaml_node *set;
};

static const struct word local_dirs_words[] = {
    {"emptyDir", LOCAL_DIRS_EMPTY_DIR}, {"persistent", LOCAL_DIRS_PERSISTENT}, {NULL, 0}};

const struct field entry_fields[] = {
    {.name = "role",
     .type = "driver or executor",
     .summary = "the pods that get them; both by default",
     .read = field_word,
     .offset = offsetof(struct entries, roles),
     .detail = role_words},
    {.name = "localDirs",
     .type = "emptyDir or persistent",
     .summary = "only pods whose shuffle data dies with them, or only pods whose data does not",
     .read = field_word,
     .offset = offsetof(struct entries, local_dirs),
     .detail = local_dirs_words},
    FIELD_WHEN(struct entries),
    {.name = "set",
     .type = "map of strings",
     .summary = "keys and their values",
     .read = field_node,
     .offset = offsetof(struct entries, set),
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

/* Labels by which Spark finds its own pods, and some that it writes later. */
static bool is_owned_by_spark(const char *key)
{
    static const char *const owned[] = {"spark-role",         "spark-app-selector",
                                        "spark-exec-id",      "spark-exec-resourceprofile-id",
                                        "spark-app-name",     "spark-version",
                                        "spark-exec-inactive"};
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        if (strcmp(owned[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static void add_entry(struct reader *r, struct draft *d, const struct yaml_node *node,
                      enum rule_kind kind, const struct entries *for_pods)
{
    const char *problem = label_key_problem(node->key);
    const char *what = kind == RULE_LABEL ? "label" : "annotation";
    if (problem != NULL) {
        reader_find_key(r, node, "\"%.100s\" is no %s key: %s", node->key, what, problem);
        return;
    }
    if (kind == RULE_LABEL && is_owned_by_spark(node->key)) {
        reader_find_key(r, node, "the label \"%s\" belongs to Spark and must not be changed",
                        node->key);
        return;
    }
    const char *value = read_string(r, node);
    if (value == NULL) {
        return;
    }
    problem = kind == RULE_LABEL ? label_value_problem(value) : NULL;
    if (problem != NULL) {
        reader_find(r, node, "%s is no label value: %s", describe(r, node), problem);
        return;
    }
    draft_add(r, d, node, reader_format(r, "%s/%s", rule_kind_name(kind), node->key),
              (struct rule){.kind = kind,
                            .roles = for_pods->roles,
                            .local_dirs = for_pods->local_dirs,
                            .when = (enum when)for_pods->when,
                            .name = reader_format(r, "%s.%s", rule_kind_name(kind), node->key),
                            .entry = {.key = reader_text(r, node->key), .value = value}});
}

static void read_set(struct reader *r, struct draft *d, const struct yaml_node *map,
                     enum rule_kind kind, const struct entries *for_pods)
{
    if (!expect_map(r, map)) {
        return;
    }
    for (const struct yaml_node *m = map->first; m != NULL; m = m->next) {
        add_entry(r, d, m, kind, for_pods);
    }
}

void compile_entry_map(struct reader *r, struct draft *d, const struct yaml_node *map,
                       enum rule_kind kind, unsigned roles, unsigned when)
{
    const struct entries for_pods = {.roles = roles, .when = when};
    if (map != NULL) {
        read_set(r, d, map, kind, &for_pods);
    }
}

void compile_entries(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    struct draft *d = out;
    enum rule_kind kind = strcmp(field->name, "labels") == 0 ? RULE_LABEL : RULE_ANNOTATION;
    if (node->kind == YAML_MAP) {
        struct entries all = {.when = d->when};
        read_set(r, d, node, kind, &all);
        return;
    }
    if (node->kind != YAML_LIST) {
        reader_find(r, node, "%s must be a map of strings or a list, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct entries some = {.when = d->when};
        if (fields_read(r, item, field->members, &some) && some.set != NULL) {
            read_set(r, d, some.set, kind, &some);
        }
    }
}
