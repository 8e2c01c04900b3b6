/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/compile.h"
#include "policies/report.h"

static void add_placement(struct reader *r, const struct yaml_node *node, unsigned roles,
                          const char *name, struct draft *d)
{
    bool is_on = false;
    size_t before = r->report->count;
    field_boolean(r, node, NULL, &is_on);
    if (r->report->count == before) {
        draft_add(
            r, d, node, "placement",
            (struct rule){.kind = RULE_PLACEMENT, .roles = roles, .name = name, .is_on = is_on});
    }
}

static void read_placement(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    add_placement(r, node, role_named(field->name), reader_format(r, "placement.%s", field->name),
                  out);
}

const struct field placement_fields[] = {
    {.name = "driver",
     .type = "boolean",
     .summary = "whether the extender is asked about drivers",
     .read = read_placement},
    {.name = "executor",
     .type = "boolean",
     .summary = "whether the extender is asked about executors",
     .read = read_placement},
    {.name = NULL},
};

void compile_placement(struct reader *r, const struct yaml_node *node, const struct field *field,
                       void *out)
{
    if (node->kind == YAML_MAP) {
        (void)fields_read(r, node, field->members, out);
    } else {
        add_placement(r, node, ROLES_ALL, "placement", out);
    }
}
