/* SPDX-License-Identifier: Apache-2.0 */
/* Sections that give each role one name: {when?, driver?, executor?}. */
#include "policies/checks.h"
#include "policies/compile.h"

static void read_text(struct reader *r, const struct yaml_node *node, const struct field *field,
                      enum rule_kind kind, const struct section *s)
{
    const char *text = NULL;
    const char *section = rule_kind_name(kind);
    field_string(r, node, field, &text);
    if (text == NULL) {
        return;
    }
    draft_add(r, s->draft, node, section,
              (struct rule){.kind = kind,
                            .roles = role_named(field->name),
                            .when = (enum when)s->when,
                            .name = reader_format(r, "%s.%s", section, field->name),
                            .text = text});
}

static void read_priority_class(struct reader *r, const struct yaml_node *node,
                                const struct field *field, void *out)
{
    read_text(r, node, field, RULE_PRIORITY_CLASS, out);
}

static void read_scheduler(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    read_text(r, node, field, RULE_SCHEDULER, out);
}

const struct field priority_class_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "name",
     .summary = "the PriorityClass of drivers",
     .read = read_priority_class,
     .detail = &check_dns_subdomain},
    {.name = "executor",
     .type = "name",
     .summary = "the PriorityClass of executors",
     .read = read_priority_class,
     .detail = &check_dns_subdomain},
    {.name = NULL},
};

const struct field scheduler_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "name",
     .summary = "the scheduler of drivers",
     .read = read_scheduler,
     .detail = &check_dns_subdomain},
    {.name = "executor",
     .type = "name",
     .summary = "the scheduler of executors",
     .read = read_scheduler,
     .detail = &check_dns_subdomain},
    {.name = NULL},
};
