/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"
#include "policies/compile_require.h"

static const char amount_type[] = "an amount over 0 such as 2, 500m or 4Gi";

void require_min(struct reader *r, const struct yaml_node *node, const struct field *field,
                 void *out)
{
    (void)field;
    struct bound *b = out;
    (void)read_amount(r, node, amount_type, &b->min, &b->least);
}

void require_max(struct reader *r, const struct yaml_node *node, const struct field *field,
                 void *out)
{
    (void)field;
    struct bound *b = out;
    (void)read_amount(r, node, amount_type, &b->max, &b->most);
}

const struct field bound_fields[] = {
    {.name = "min",
     .type = "quantity",
     .summary = "the least that Spark's container may ask for",
     .read = require_min},
    {.name = "max",
     .type = "quantity",
     .summary = "the most that any container may ask for or take",
     .read = require_max},
    {.name = NULL},
};

/* Of @map, which has min, max or both: they must leave something between them. */
static bool check_bound(struct reader *r, const struct yaml_node *map, const struct bound *b)
{
    if (b->min == NULL || b->max == NULL || quantity_compare(b->most, b->least) >= 0) {
        return true;
    }
    reader_find(r, yaml_get(map, "max"), "\"max\" must not be below \"min\", which is %s", b->min);
    return false;
}

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
    } else if (check_bound(r, node, b)) {
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

/* "at least 1Gi, at most 2Ti" */
static const char *bound_text(struct reader *r, const struct bound *b)
{
    return reader_format(r, "%s%s%s%s%s", b->min == NULL ? "" : "at least ",
                         b->min == NULL ? "" : b->min, b->min == NULL || b->max == NULL ? "" : ", ",
                         b->max == NULL ? "" : "at most ", b->max == NULL ? "" : b->max);
}

void require_limits(struct reader *r, struct draft *d, const struct yaml_node *item,
                    const struct requirement *q, struct rule rule)
{
    if (yaml_get(item, "min") == NULL && yaml_get(item, "max") == NULL) {
        reader_find(r, item, "the rule %s needs \"min\", \"max\" or both",
                    rule_kind_name(rule.kind));
        return;
    }
    struct bound *b = reader_alloc(r, sizeof(*b));
    if (b == NULL || !check_bound(r, item, &q->limits)) {
        return;
    }
    *b = q->limits;
    rule.require.bound = b;
    rule.require.allowed = bound_text(r, b);
    require_rule(r, d, item, NULL, rule);
}
