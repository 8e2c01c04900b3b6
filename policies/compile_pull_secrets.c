/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/checks.h"
#include "policies/compile.h"

struct pull_secret {
    unsigned roles;
    const char *name;
};

const struct field pull_secret_fields[] = {
    FIELD_ROLE(struct pull_secret, roles, "the pods that get it; both by default"),
    {.name = "name",
     .type = "name",
     .summary = "a Secret in the pod's namespace",
     .read = field_string,
     .offset = offsetof(struct pull_secret, name),
     .detail = &check_dns_subdomain,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

/* A name alone is short for {name: ...}. */
static void read_pull_secret(struct reader *r, const struct yaml_node *item,
                             const struct field *fields, struct draft *d)
{
    static const struct field short_form = {.detail = &check_dns_subdomain};
    struct pull_secret x = {.name = NULL};
    if (item->kind == YAML_SCALAR) {
        field_string(r, item, &short_form, &x.name);
    } else {
        (void)fields_read(r, item, fields, &x);
    }
    if (x.name == NULL) {
        return;
    }
    draft_add(r, d, item, reader_format(r, "imagePullSecrets/%s", x.name),
              (struct rule){.kind = RULE_PULL_SECRET,
                            .roles = x.roles,
                            .name = reader_format(r, "imagePullSecrets.%s", x.name),
                            .text = x.name});
}

void compile_pull_secrets(struct reader *r, const struct yaml_node *node, const struct field *field,
                          void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_pull_secret(r, item, field->members, out);
    }
}
