/* SPDX-License-Identifier: Apache-2.0 */
#include "core/selector.h"
#include "policies/checks.h"
#include "policies/compile.h"

static const struct word operator_words[] = {{"In", SELECTOR_IN},
                                             {"NotIn", SELECTOR_NOT_IN},
                                             {"Exists", SELECTOR_EXISTS},
                                             {"DoesNotExist", SELECTOR_NOT_EXISTS},
                                             {NULL, 0}};

/* A selector as it stands in the file. */
struct parts {
    const struct yaml_node *labels;
    const struct yaml_node *expressions;
};

/* One of matchExpressions. */
struct expression {
    const char *key;
    unsigned operator;
    const struct yaml_node *values;
};

static const char *read_key(struct reader *r, const struct yaml_node *node, const char *key)
{
    const char *problem = label_key_problem(key);
    if (problem != NULL) {
        reader_find(r, node, "\"%.100s\" is no label key: %s", key, problem);
        return NULL;
    }
    return reader_text(r, key);
}

static const char *read_value(struct reader *r, const struct yaml_node *node)
{
    const char *value = read_string(r, node);
    const char *problem = value == NULL ? NULL : label_value_problem(value);
    if (problem != NULL) {
        reader_find(r, node, "%s is no label value: %s", describe(r, node), problem);
        return NULL;
    }
    return value;
}

static void field_label_key(struct reader *r, const struct yaml_node *node,
                            const struct field *field, void *out)
{
    (void)field;
    const char *key = read_string(r, node);
    *(const char **)out = key == NULL ? NULL : read_key(r, node, key);
}

static const struct field expression_fields[] = {
    {.name = "key",
     .type = "label key",
     .summary = "the label to look at",
     .read = field_label_key,
     .offset = offsetof(struct expression, key),
     .flags = FIELD_REQUIRED},
    {.name = "operator",
     .type = "In, NotIn, Exists or DoesNotExist",
     .summary = "what must be true of it",
     .read = field_word,
     .offset = offsetof(struct expression, operator),
     .detail = operator_words,
     .flags = FIELD_REQUIRED},
    {.name = "values",
     .type = "list of strings",
     .summary = "of In and NotIn",
     .read = field_node,
     .offset = offsetof(struct expression, values)},
    {.name = NULL},
};

static const struct field selector_fields[] = {
    {.name = "matchLabels",
     .type = "map of strings",
     .summary = "labels a pod must have",
     .read = field_node,
     .offset = offsetof(struct parts, labels)},
    {.name = "matchExpressions",
     .type = "list",
     .summary = "what else must be true of its labels",
     .read = field_node,
     .offset = offsetof(struct parts, expressions),
     .members = expression_fields},
    {.name = NULL},
};

static bool read_values(struct reader *r, const struct yaml_node *list,
                        struct selector_requirement *out)
{
    const char **values = reader_alloc(r, (list->count + 1) * sizeof(const char *));
    if (values == NULL) {
        return false;
    }
    size_t n = 0;
    for (const struct yaml_node *item = list->first; item != NULL; item = item->next) {
        values[n] = read_value(r, item);
        n += values[n] != NULL ? 1 : 0;
    }
    out->values = values;
    out->value_count = n;
    return true;
}

/* In and NotIn need values, the others must have none. */
static void read_expression(struct reader *r, const struct yaml_node *item,
                            struct selector_requirement *out)
{
    struct expression x = {.operator= SELECTOR_EXISTS };
    if (!fields_read(r, item, expression_fields, &x)) {
        return;
    }
    out->key = x.key;
    out->operator=(enum selector_operator) x.operator;
    const struct yaml_node *operator= yaml_get(item, "operator");
    if (operator== NULL || x.key == NULL) {
        return;
    }
    bool needs_values = x.operator== SELECTOR_IN || x.operator== SELECTOR_NOT_IN;
    if (x.values == NULL) {
        if (needs_values) {
            reader_find(r, operator, "%s needs \"values\"", describe(r, operator));
        }
        return;
    }
    if (!needs_values) {
        reader_find_key(r, x.values, "\"values\" is only for In and NotIn");
    } else if (expect_list(r, x.values)) {
        if (x.values->count == 0) {
            reader_find(r, x.values, "\"values\" is empty; name at least one");
        }
        (void)read_values(r, x.values, out);
    }
}

static void read_label(struct reader *r, const struct yaml_node *label,
                       struct selector_requirement *out)
{
    const char *problem = label_key_problem(label->key);
    if (problem != NULL) {
        reader_find_key(r, label, "\"%.100s\" is no label key: %s", label->key, problem);
        return;
    }
    const char **value = reader_alloc(r, sizeof(const char *));
    if (value == NULL) {
        return;
    }
    *value = read_value(r, label);
    if (*value != NULL) {
        *out = (struct selector_requirement){.key = reader_text(r, label->key),
                                             .operator= SELECTOR_IN,
                                             .values = value,
                                             .value_count = 1};
    }
}

/* Room for the next requirement: one that was wrong has no key, and leaves its place. */
static struct selector_requirement *after(struct selector_requirement *x)
{
    return x->key != NULL ? x + 1 : x;
}

const struct selector *compile_selector(struct reader *r, const struct yaml_node *node)
{
    struct parts parts = {.labels = NULL};
    if (!fields_read(r, node, selector_fields, &parts)) {
        return NULL;
    }
    bool has_labels = parts.labels != NULL && expect_map(r, parts.labels);
    bool has_expressions = parts.expressions != NULL && expect_list(r, parts.expressions);
    size_t count =
        (has_labels ? parts.labels->count : 0) + (has_expressions ? parts.expressions->count : 0);
    struct selector_requirement *requirements =
        reader_alloc(r, (count + 1) * sizeof(struct selector_requirement));
    struct selector *selector = reader_alloc(r, sizeof(*selector));
    if (requirements == NULL || selector == NULL) {
        return NULL;
    }
    struct selector_requirement *next = requirements;
    for (const struct yaml_node *m = has_labels ? parts.labels->first : NULL; m != NULL;
         m = m->next) {
        read_label(r, m, next);
        next = after(next);
    }
    for (const struct yaml_node *m = has_expressions ? parts.expressions->first : NULL; m != NULL;
         m = m->next) {
        read_expression(r, m, next);
        next = after(next);
    }
    *selector = (struct selector){.requirements = requirements,
                                  .requirement_count = (size_t)(next - requirements)};
    return selector;
}

static void read_selector(struct reader *r, const struct yaml_node *node, const struct field *field,
                          void *out)
{
    (void)field;
    const struct selector *selector = compile_selector(r, node);
    struct match *m = out;
    if (selector != NULL) {
        m->selector = selector;
        m->selector_line = node->key_line;
    }
}

static const struct field exclude_fields[] = {
    {.name = "namespaces",
     .type = "list of globs",
     .summary = "namespaces that are left out",
     .read = field_globs,
     .offset = offsetof(struct match, exclude_namespaces),
     .detail = &check_namespace_glob},
    {.name = NULL},
};

const struct field match_fields[] = {
    {.name = "namespaces",
     .type = "list of globs",
     .summary = "namespaces of the pods; all by default",
     .read = field_globs,
     .offset = offsetof(struct match, namespaces),
     .detail = &check_namespace_glob},
    {.name = "exclude",
     .type = "map",
     .summary = "what is left out of that",
     .read = field_map,
     .members = exclude_fields},
    {.name = "roles",
     .type = "list of driver, executor",
     .summary = "roles of the pods; both by default",
     .read = field_words,
     .offset = offsetof(struct match, roles),
     .detail = role_words},
    {.name = "selector",
     .type = "label selector",
     .summary = "labels of the pods, as in Kubernetes: matchLabels, matchExpressions",
     .read = read_selector,
     .members = selector_fields},
    {.name = NULL},
};
