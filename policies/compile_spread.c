/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/compile.h"

struct spread {
    unsigned roles;
    unsigned over;
    unsigned required;
    int64_t weight;
    unsigned when;
};

static const struct word over_words[] = {{"host", SPREAD_HOST}, {"zone", SPREAD_ZONE}, {NULL, 0}};
static const struct word strength_words[] = {{"preferred", false}, {"required", true}, {NULL, 0}};
static const struct limits weight_limits = {1, 100};
enum { WEIGHT_DEFAULT = 50, OVER_NOTHING = 99 };

const struct field spread_fields[] = {
    {.name = "role",
     .type = "driver or executor",
     .summary = "the pods that are spread; executor by default",
     .read = field_word,
     .offset = offsetof(struct spread, roles),
     .detail = role_words},
    {.name = "over",
     .type = "host or zone",
     .summary = "what pods of one application should not share",
     .read = field_word,
     .offset = offsetof(struct spread, over),
     .detail = over_words,
     .flags = FIELD_REQUIRED},
    {.name = "strength",
     .type = "preferred or required",
     .summary = "required: a pod waits rather than break the rule; preferred by default",
     .read = field_word,
     .offset = offsetof(struct spread, required),
     .detail = strength_words},
    {.name = "weight",
     .type = "integer from 1 to 100",
     .summary = "of a preferred spread over hosts; 50 by default",
     .read = field_integer,
     .offset = offsetof(struct spread, weight),
     .detail = &weight_limits},
    FIELD_WHEN(struct spread),
    {.name = NULL},
};

static void read_spread(struct reader *r, const struct yaml_node *item, const struct field *fields,
                        struct draft *d)
{
    struct spread x = {
        .roles = ROLE_EXECUTOR, .over = OVER_NOTHING, .weight = WEIGHT_DEFAULT, .when = d->when};
    if (!fields_read(r, item, fields, &x) || x.over == OVER_NOTHING) {
        return;
    }
    const struct yaml_node *weight = yaml_get(item, "weight");
    if (weight != NULL && (x.over != SPREAD_HOST || x.required)) {
        reader_find_key(r, weight, "\"weight\" is only for a preferred spread over hosts");
        return;
    }
    const char *over = over_words[x.over].text;
    draft_add(r, d, item, reader_format(r, "spread/%s", over),
              (struct rule){.kind = RULE_SPREAD,
                            .roles = x.roles,
                            .when = (enum when)x.when,
                            .name = reader_format(r, "spread.%s", over),
                            .spread = {.over = (enum spread_over)x.over,
                                       .required = x.required != 0,
                                       .weight = (unsigned)x.weight}});
}

void compile_spread(struct reader *r, const struct yaml_node *node, const struct field *field,
                    void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_spread(r, item, field->members, out);
    }
}
