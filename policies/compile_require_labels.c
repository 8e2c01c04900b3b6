/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/selector.h"
#include "policies/checks.h"
#include "policies/compile_require.h"

struct label {
    const char *key;
    const struct yaml_node *values;
    const char *pattern;
};

static const char *value_problem(const char *text)
{
    return label_value_problem(text);
}

/* Labels hold no wildcards, so a value without them is a pattern that matches only itself. */
static const char *pattern_problem(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        bool is_word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                       (*p >= '0' && *p <= '9') || strchr("-_.*?", *p) != NULL;
        if (!is_word) {
            return "no label has such a value; only letters, digits, '-', '_', '.', and the "
                   "patterns * and ?";
        }
    }
    return NULL;
}

static const struct check check_value = {value_problem};
static const struct check check_key = {label_key_problem};
static const struct check check_pattern = {pattern_problem};

const struct field required_label_fields[] = {
    {.name = "key",
     .type = "label key",
     .summary = "the label",
     .read = field_string,
     .offset = offsetof(struct label, key),
     .detail = &check_key,
     .flags = FIELD_REQUIRED},
    {.name = "values",
     .type = "list of strings",
     .summary = "what it may say; anything when there are neither values nor a pattern",
     .read = field_node,
     .offset = offsetof(struct label, values)},
    {.name = "pattern",
     .type = "glob",
     .summary = "what it may say",
     .read = field_string,
     .offset = offsetof(struct label, pattern),
     .detail = &check_pattern},
    {.name = NULL},
};

/* The values or the pattern as a list of patterns; NULL after a finding. */
static const char *const *patterns_of(struct reader *r, const struct yaml_node *item,
                                      const struct label *label)
{
    if (label->values != NULL && label->pattern != NULL) {
        reader_find_key(r, yaml_get(item, "pattern"),
                        "\"values\" and \"pattern\" say the same; leave one out");
        return NULL;
    }
    if (label->values != NULL) {
        return require_list(r, label->values, &check_value);
    }
    const char **one = reader_alloc(r, 2 * sizeof(const char *));
    if (one != NULL) {
        one[0] = label->pattern != NULL ? label->pattern : "*";
    }
    return one;
}

void require_labels(struct reader *r, struct draft *d, const struct yaml_node *item,
                    const struct requirement *q, struct rule rule)
{
    if (!expect_list(r, q->labels)) {
        return;
    }
    if (q->labels->count == 0) {
        reader_find(r, q->labels, "\"labels\" is empty; name at least one");
    }
    (void)item;
    for (const struct yaml_node *x = q->labels->first; x != NULL; x = x->next) {
        struct label label = {.key = NULL};
        if (!fields_read(r, x, required_label_fields, &label) || label.key == NULL) {
            continue;
        }
        rule.require.from = patterns_of(r, x, &label);
        if (rule.require.from == NULL) {
            continue;
        }
        bool is_any = label.values == NULL && label.pattern == NULL;
        rule.require.allowed = is_any ? "any value" : require_join(r, rule.require.from);
        rule.require.label = label.key;
        require_rule(r, d, x, label.key, rule);
    }
}
