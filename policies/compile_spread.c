/* SPDX-License-Identifier: Apache-2.0 */
#include "core/selector.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

struct spread {
    unsigned roles;
    unsigned over;
    unsigned required;
    int64_t weight;
    unsigned one_zone;
    const char *const *zones;
    unsigned when;
};

static const struct word over_words[] = {{"host", SPREAD_HOST}, {"zone", SPREAD_ZONE}, {NULL, 0}};
static const struct word strength_words[] = {{"preferred", false}, {"required", true}, {NULL, 0}};
static const struct word strategy_words[] = {{"spread", false}, {"one-zone", true}, {NULL, 0}};
static const struct check check_zone = {label_value_problem};
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
     .summary = "of a preferred spread over hosts, or of a preferred zone; 50 by default",
     .read = field_integer,
     .offset = offsetof(struct spread, weight),
     .detail = &weight_limits},
    {.name = "strategy",
     .type = "spread or one-zone",
     .summary = "over zones: apart, or all pods of an application in one; spread by default",
     .read = field_word,
     .offset = offsetof(struct spread, one_zone),
     .detail = strategy_words},
    {.name = "zones",
     .type = "list of zones",
     .summary = "of the strategy one-zone: each application gets one of them",
     .read = field_names,
     .offset = offsetof(struct spread, zones),
     .detail = &check_zone},
    FIELD_WHEN(struct spread),
    {.name = NULL},
};

/* What the table cannot say about the members together. */
static bool check_spread(struct reader *r, const struct yaml_node *item, const struct spread *x)
{
    const struct yaml_node *weight = yaml_get(item, "weight");
    const struct yaml_node *strategy = yaml_get(item, "strategy");
    const struct yaml_node *zones = yaml_get(item, "zones");
    if (x->one_zone && x->over != SPREAD_ZONE) {
        reader_find_key(r, strategy, "\"strategy: one-zone\" is only possible over zones");
        return false;
    }
    if (weight != NULL && (x->required || (x->over != SPREAD_HOST && !x->one_zone))) {
        reader_find_key(r, weight,
                        "\"weight\" is only for a preferred spread over hosts or a preferred zone");
        return false;
    }
    if (zones != NULL && !x->one_zone) {
        reader_find_key(r, zones, "\"zones\" is only for strategy: one-zone");
        return false;
    }
    if (zones == NULL && x->one_zone) {
        reader_find(r, item, "\"zones\" is missing: the zones to choose one of (list of zones)");
        return false;
    }
    return true;
}

static void read_spread(struct reader *r, const struct yaml_node *item, const struct field *fields,
                        struct draft *d)
{
    struct spread x = {
        .roles = ROLE_EXECUTOR, .over = OVER_NOTHING, .weight = WEIGHT_DEFAULT, .when = d->when};
    size_t before = r->report->count;
    if (!fields_read(r, item, fields, &x) || r->report->count != before ||
        !check_spread(r, item, &x)) {
        return;
    }
    const char *over = over_words[x.over].text;
    draft_add(r, d, item, x.over == SPREAD_ZONE ? ZONE_SLOT : "spread/host",
              (struct rule){.kind = RULE_SPREAD,
                            .roles = x.roles,
                            .when = (enum when)x.when,
                            .name = reader_format(r, "spread.%s", over),
                            .spread = {.over = (enum spread_over)x.over,
                                       .required = x.required != 0,
                                       .weight = (unsigned)x.weight,
                                       .zones = x.zones}});
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
