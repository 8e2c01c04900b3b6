/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"
#include "policies/compile_require.h"

static void read_bound(struct reader *r, const struct yaml_node *node, const char **out_text,
                       struct quantity *out)
{
    static const struct quantity zero = {0};
    const char *text = read_scalar(r, node);
    if (text == NULL) {
        return;
    }
    if (!quantity_parse(text, out) || quantity_compare(*out, zero) <= 0) {
        reader_find(r, node, "%s must be an amount such as 2, 500m or 4Gi, not %s",
                    name_of(r, node), describe(r, node));
        return;
    }
    *out_text = reader_text(r, text);
}

static void read_min(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    (void)field;
    struct bound *b = out;
    read_bound(r, node, &b->min, &b->least);
}

static void read_max(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    (void)field;
    struct bound *b = out;
    read_bound(r, node, &b->max, &b->most);
}

const struct field bound_fields[] = {
    {.name = "min",
     .type = "quantity",
     .summary = "the least that Spark's container may ask for",
     .read = read_min},
    {.name = "max",
     .type = "quantity",
     .summary = "the most that any container may ask for or take",
     .read = read_max},
    {.name = NULL},
};

static void add_bound(struct reader *r, struct draft *d, const struct yaml_node *node,
                      const char *resource, struct rule rule)
{
    struct bound *b = node == NULL ? NULL : reader_alloc(r, sizeof(*b));
    if (b == NULL || !fields_read(r, node, bound_fields, b)) {
        return;
    }
    b->resource = resource;
    if (node->count == 0) {
        reader_find(r, node, "%s needs a min, a max or both", name_of(r, node));
    } else if (b->min != NULL && b->max != NULL && quantity_compare(b->most, b->least) < 0) {
        reader_find(r, yaml_get(node, "max"), "\"max\" must not be below \"min\", which is %s",
                    b->min);
    } else {
        rule.require.bound = b;
        require_rule(r, d, node, node->key, rule);
    }
}

void require_bounds(struct reader *r, struct draft *d, const struct yaml_node *item,
                    const struct requirement *q, struct rule rule)
{
    if (q->cpu == NULL && q->memory == NULL && q->ephemeral_storage == NULL) {
        reader_find(r, item, "the rule %s needs cpu, memory or ephemeralStorage",
                    rule_kind_name(rule.kind));
    }
    add_bound(r, d, q->cpu, "cpu", rule);
    add_bound(r, d, q->memory, "memory", rule);
    add_bound(r, d, q->ephemeral_storage, "ephemeral-storage", rule);
}
