/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/selector.h"
#include "policies/compile.h"
#include "policies/node_labels.h"
#include "policies/variables.h"

/* An item of the list form: entries for some pods only. */
struct entries {
    struct scope scope;
    const struct yaml_node *set;
};

const struct field entry_fields[] = {
    FIELDS_OF_SCOPE(struct entries),
    {.name = "set",
     .type = "map of strings",
     .summary = "keys and their values",
     .read = field_node,
     .offset = offsetof(struct entries, set),
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

/* Labels by which Spark finds its own pods, and some that it writes later. */
static bool is_label_of_spark(const char *key)
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

/* What the sections with entries differ in. */
struct kind {
    const char *section;
    enum rule_kind kind;
    unsigned targets; /* bits of enum target */
    const char *what;
    const char *key_is;
    const char *(*key_problem)(const char *key);
    const char *(*value_problem)(const char *value); /* NULL: any text */
    bool (*is_of_spark)(const char *key);            /* NULL: none is */
};

static const struct kind kinds[] = {
    {"labels", RULE_LABEL, TARGET_POD, "label", "label key", label_key_problem, label_value_problem,
     is_label_of_spark},
    {"annotations", RULE_ANNOTATION, TARGET_POD, "annotation", "annotation key", label_key_problem,
     NULL, NULL},
    {"nodeSelector", RULE_NODE_SELECTOR, TARGET_POD, "label", "label key", label_key_problem,
     label_value_problem, NULL},
    {"env", RULE_ENV, TARGET_POD, "variable", "name of a variable", variable_name_problem, NULL,
     variable_is_of_spark},
    {"claims.labels", RULE_CLAIM_LABEL, TARGET_CLAIM, "label", "label key", label_key_problem,
     label_value_problem, is_label_of_spark},
};

/*
 * A selector on a label of spot nodes and "capacity" decide the same, and so do one on zones and
 * "spread" over zones: each would undo what the other did.
 */
const char *node_selector_slot(struct reader *r, const char *key)
{
    if (is_capacity_label(key)) {
        return CAPACITY_SLOT;
    }
    bool is_zone = strcmp(key, ZONE_LABEL) == 0 || strcmp(key, ZONE_LABEL_BEFORE_1_17) == 0;
    return is_zone ? ZONE_SLOT : reader_format(r, "nodeSelector/%s", key);
}

static const struct kind *kind_named(const char *section)
{
    size_t i = 0;
    while (strcmp(kinds[i].section, section) != 0) {
        i++;
    }
    return &kinds[i];
}

static void add_entry(struct reader *r, struct draft *d, const struct yaml_node *node,
                      const struct kind *kind, const struct scope *for_pods)
{
    const char *problem = kind->key_problem(node->key);
    if (problem != NULL) {
        reader_find_key(r, node, "\"%.100s\" is no %s: %s", node->key, kind->key_is, problem);
        return;
    }
    if (kind->is_of_spark != NULL && kind->is_of_spark(node->key)) {
        reader_find_key(r, node, "the %s \"%s\" belongs to Spark and must not be changed",
                        kind->what, node->key);
        return;
    }
    const char *value = read_string(r, node);
    if (value == NULL) {
        return;
    }
    problem = kind->value_problem != NULL ? kind->value_problem(value) : NULL;
    if (problem != NULL) {
        reader_find(r, node, "%s is no %s value: %s", describe(r, node), kind->what, problem);
        return;
    }
    draft_add(r, d, node,
              kind->kind == RULE_NODE_SELECTOR
                  ? node_selector_slot(r, node->key)
                  : reader_format(r, "%s/%s", kind->section, node->key),
              (struct rule){.kind = kind->kind,
                            .targets = kind->targets,
                            .roles = for_pods->roles,
                            .local_dirs = for_pods->local_dirs,
                            .when = (enum when)for_pods->when,
                            .name = reader_format(r, "%s.%s", kind->section, node->key),
                            .entry = {.key = reader_text(r, node->key), .value = value}});
}

static void read_set(struct reader *r, struct draft *d, const struct yaml_node *map,
                     const struct kind *kind, const struct scope *for_pods)
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
    const struct scope for_pods = {.roles = roles, .when = when};
    if (map != NULL) {
        read_set(r, d, map, kind_named(rule_kind_name(kind)), &for_pods);
    }
}

void compile_entries(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    struct draft *d = out;
    const struct kind *kind = kind_named(field->name);
    if (node->kind == YAML_MAP) {
        struct scope all = {.when = d->when};
        read_set(r, d, node, kind, &all);
        return;
    }
    if (node->kind != YAML_LIST) {
        reader_find(r, node, "%s must be a map of strings or a list, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct entries some = {.scope = {.when = d->when}};
        if (fields_read(r, item, field->members, &some) && some.set != NULL) {
            read_set(r, d, some.set, kind, &some.scope);
        }
    }
}

static void read_claims_labels(struct reader *r, const struct yaml_node *node,
                               const struct field *field, void *out)
{
    const struct section *s = out;
    struct scope all = {.when = s->when};
    (void)field;
    read_set(r, s->draft, node, kind_named("claims.labels"), &all);
}

const struct field claims_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "labels",
     .type = "map of strings",
     .summary = "labels to set",
     .read = read_claims_labels},
    {.name = NULL},
};
