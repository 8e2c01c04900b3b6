/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/compile.h"

static const struct word preset_words[] = {{"restricted", true}, {"keep", false}, {NULL, 0}};

static void add(struct reader *r, const struct section *s, const struct yaml_node *node,
                unsigned roles, const char *name)
{
    unsigned restricted = false;
    if (read_word(r, node, preset_words, &restricted)) {
        draft_add(r, s->draft, node, "securityContext",
                  (struct rule){.kind = RULE_SECURITY_CONTEXT,
                                .roles = roles,
                                .when = (enum when)s->when,
                                .name = name,
                                .security = {.restricted = restricted != 0}});
    }
}

static void read_preset(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    add(r, out, node, role_named(field->name), reader_format(r, "securityContext.%s", field->name));
}

const struct field security_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "restricted or keep",
     .summary = "restricted: what Pod Security calls so, for drivers",
     .read = read_preset},
    {.name = "executor",
     .type = "restricted or keep",
     .summary = "restricted: what Pod Security calls so, for executors",
     .read = read_preset},
    {.name = NULL},
};

void compile_security(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    struct draft *d = out;
    if (node->kind == YAML_MAP) {
        field_section(r, node, field, out);
        return;
    }
    struct section s = {.draft = d, .when = d->when};
    add(r, &s, node, ROLES_ALL, "securityContext");
}
