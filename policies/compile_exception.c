/* SPDX-License-Identifier: Apache-2.0 */
/* An exception: rules that a policy does not have for some pods, why, and until when. */
#include <string.h>

#include "core/arena.h"
#include "core/date.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

static void read_name(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    struct exception_draft *x = out;
    const char *name = NULL;
    field_string(r, node, field, &name);
    if (name != NULL) {
        x->exception.name = name;
        x->name = node;
    }
}

static void read_policy(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    struct exception_draft *x = out;
    const char *name = NULL;
    field_string(r, node, field, &name);
    x->policy = name == NULL ? NULL : node;
}

static void read_rules(struct reader *r, const struct yaml_node *node, const struct field *field,
                       void *out)
{
    (void)field;
    struct exception_draft *x = out;
    if (!expect_list(r, node)) {
        return;
    }
    if (node->count == 0) {
        reader_find(r, node, "\"rules\" is empty; name at least one");
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        (void)read_string(r, item);
    }
    x->rules = node;
}

/* It goes into audit annotations and log lines. */
static void read_reason(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    struct exception_draft *x = out;
    field_string(r, node, field, &x->exception.reason);
}

static void read_expires(struct reader *r, const struct yaml_node *node, const struct field *field,
                         void *out)
{
    (void)field;
    struct exception_draft *x = out;
    const char *text = read_scalar(r, node);
    if (text == NULL) {
        return;
    }
    if (!date_parse_end(text, &x->exception.expires)) {
        reader_find(r, node,
                    "\"expires\" must be a day such as 2027-01-31 or a time such as "
                    "2027-01-31T18:00:00Z, not %s",
                    describe(r, node));
        return;
    }
    x->exception.until = reader_text(r, text);
}

static const struct field metadata_fields[] = {
    {.name = "name",
     .type = "DNS label",
     .summary = "what messages and audit annotations call the exception; unique",
     .read = read_name,
     .detail = &check_dns_label,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

static const struct field spec_fields[] = {
    {.name = "policy",
     .type = "name of a policy",
     .summary = "the policy whose rules are taken away",
     .read = read_policy,
     .detail = &check_dns_label,
     .flags = FIELD_REQUIRED},
    {.name = "rules",
     .type = "list of kinds or names of rules",
     .summary = "the rules, such as images, capacity or labels.cost-centre",
     .read = read_rules,
     .flags = FIELD_REQUIRED},
    {.name = "match",
     .type = "map",
     .summary = "from which pods of the policy; from all by default",
     .read = field_map,
     .offset = offsetof(struct exception_draft, exception.match),
     .members = match_fields},
    {.name = "reason",
     .type = "one line of text",
     .summary = "why there is the exception",
     .read = read_reason,
     .detail = &check_one_line,
     .flags = FIELD_REQUIRED},
    {.name = "expires",
     .type = "day or time",
     .summary = "until when, in UTC; a day is the last one on which it holds",
     .read = read_expires,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

const struct field exception_fields[] = {
    FIELD_API_VERSION(struct exception_draft),
    FIELD_KIND(struct exception_draft),
    {.name = "metadata",
     .type = "map",
     .summary = "the name of the exception",
     .read = field_map,
     .members = metadata_fields,
     .flags = FIELD_REQUIRED},
    {.name = "spec",
     .type = "map",
     .summary = "which rules are taken away from which pods, why and until when",
     .read = field_map,
     .members = spec_fields,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

void compile_exception(struct reader *r, const struct yaml_node *document, struct drafts *to)
{
    struct exception_draft *x = arena_zalloc(r->work, sizeof(*x));
    if (x == NULL) {
        r->report->out_of_memory = true;
        return;
    }
    x->exception.name = "";
    x->exception.match.roles = ROLES_ALL;
    x->exception.file = r->file;
    x->exception.line = document->line;
    x->exception.column = document->column;
    (void)fields_read(r, document, exception_fields, x);
    struct exception_draft **place =
        to->last_exception == NULL ? &to->first_exception : &to->last_exception->next;
    *place = x;
    to->last_exception = x;
}
