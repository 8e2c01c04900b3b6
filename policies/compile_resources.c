/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policies/compile.h"

/* What stands in resources itself or for one role. */
struct part {
    struct draft *draft;
    unsigned when;
    unsigned roles; /* 0: both */
    const char *name;
};

static void add(struct reader *r, const struct part *p, const struct yaml_node *node,
                struct rule rule)
{
    rule.roles = p->roles;
    rule.when = (enum when)p->when;
    rule.name = reader_format(r, "%s.%s", p->name, node->key);
    draft_add(r, p->draft, node, reader_format(r, "resources/%s", node->key), rule);
}

static void read_memory(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    static const struct word words[] = {{"cover", LIMIT_REQUEST}, {"keep", LIMIT_KEEP}, {NULL, 0}};
    (void)field;
    unsigned kind = LIMIT_KEEP;
    if (read_word(r, node, words, &kind)) {
        add(r, out, node,
            (struct rule){.kind = RULE_RESOURCE_MEMORY, .limit = {.kind = (enum limit_kind)kind}});
    }
}

/* One of the field's words, or a quantity. */
static bool read_limit(struct reader *r, const struct yaml_node *node, const struct field *field,
                       struct rule *rule)
{
    const char *text = node->kind == YAML_SCALAR ? node->scalar : "";
    for (const struct word *w = field->detail; w->text != NULL; w++) {
        if (strcmp(text, w->text) == 0) {
            rule->limit.kind = (enum limit_kind)w->value;
            return true;
        }
    }
    rule->limit.kind = LIMIT_QUANTITY;
    return read_amount(r, node, field->type, &rule->limit.text, &rule->limit.quantity);
}

static void read_memory_limit(struct reader *r, const struct yaml_node *node,
                              const struct field *field, void *out)
{
    struct rule rule = {.kind = RULE_RESOURCE_MEMORY_LIMIT};
    if (read_limit(r, node, field, &rule)) {
        add(r, out, node, rule);
    }
}

static void read_cpu_limit(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    struct rule rule = {.kind = RULE_RESOURCE_CPU_LIMIT};
    if (read_limit(r, node, field, &rule)) {
        add(r, out, node, rule);
    }
}

static void read_request(struct reader *r, const struct yaml_node *node, const struct field *field,
                         void *out)
{
    struct rule *rule = out;
    (void)read_amount(r, node, field->type, &rule->ephemeral.request,
                      &rule->ephemeral.request_quantity);
}

static void read_storage_limit(struct reader *r, const struct yaml_node *node,
                               const struct field *field, void *out)
{
    struct rule *rule = out;
    (void)read_amount(r, node, field->type, &rule->ephemeral.limit,
                      &rule->ephemeral.limit_quantity);
}

static const char storage_type[] = "an amount of storage such as 10Gi";

static const struct field storage_fields[] = {
    {.name = "request",
     .type = storage_type,
     .summary = "what the node must have free",
     .read = read_request},
    {.name = "limit",
     .type = storage_type,
     .summary = "with more than that the pod is evicted",
     .read = read_storage_limit},
    {.name = NULL},
};

static void read_storage(struct reader *r, const struct yaml_node *node, const struct field *field,
                         void *out)
{
    struct rule rule = {.kind = RULE_RESOURCE_EPHEMERAL};
    if (!fields_read(r, node, field->members, &rule)) {
        return;
    }
    if (node->count == 0) {
        reader_find(r, node, "\"ephemeralStorage\" needs a request, a limit or both");
    } else if (rule.ephemeral.request != NULL && rule.ephemeral.limit != NULL &&
               quantity_compare(rule.ephemeral.limit_quantity, rule.ephemeral.request_quantity) <
                   0) {
        reader_find(r, yaml_get(node, "limit"), "the limit must not be below the request of %s",
                    rule.ephemeral.request);
    } else if (rule.ephemeral.request != NULL || rule.ephemeral.limit != NULL) {
        add(r, out, node, rule);
    }
}

static const struct word memory_limit_words[] = {
    {"request", LIMIT_REQUEST}, {"keep", LIMIT_KEEP}, {NULL, 0}};
static const struct word cpu_limit_words[] = {
    {"remove", LIMIT_REMOVE}, {"keep", LIMIT_KEEP}, {NULL, 0}};

#define PART_FIELDS                                                                                \
    FIELD_WHEN(struct part),                                                                       \
        {.name = "memory",                                                                         \
         .type = "cover or keep",                                                                  \
         .summary = "cover: request and limit are raised to what Spark's conf adds up to",         \
         .read = read_memory},                                                                     \
        {.name = "memoryLimit",                                                                    \
         .type = "request, keep or an amount of memory such as 4Gi",                               \
         .summary = "the limit; request: as much as is requested",                                 \
         .read = read_memory_limit,                                                                \
         .detail = memory_limit_words},                                                            \
        {.name = "cpuLimit",                                                                       \
         .type = "remove, keep or a number of processors such as 2 or 500m",                       \
         .summary = "the limit; remove, whatever when says: as much as the node has free",         \
         .read = read_cpu_limit,                                                                   \
         .detail = cpu_limit_words},                                                               \
    {                                                                                              \
        .name = "ephemeralStorage", .type = "map",                                                 \
        .summary = "request and limit of what is written to the node's own disk",                  \
        .read = read_storage, .members = storage_fields                                            \
    }

static const struct field part_fields[] = {PART_FIELDS, {.name = NULL}};

static void read_part(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    const struct part *both = out;
    struct part p = *both;
    p.when = when_in(node, both->when);
    p.roles = role_named(field->name);
    p.name = reader_format(r, "resources.%s", field->name);
    (void)fields_read(r, node, field->members, &p);
}

const struct field resource_fields[] = {
    PART_FIELDS,
    {.name = "driver",
     .type = "map",
     .summary = "the same for drivers only",
     .read = read_part,
     .members = part_fields},
    {.name = "executor",
     .type = "map",
     .summary = "the same for executors only",
     .read = read_part,
     .members = part_fields},
    {.name = NULL},
};

void compile_resources(struct reader *r, const struct yaml_node *node, const struct field *field,
                       void *out)
{
    struct draft *d = out;
    struct part p = {.draft = d, .when = when_in(node, d->when), .name = "resources"};
    (void)fields_read(r, node, field->members, &p);
}
