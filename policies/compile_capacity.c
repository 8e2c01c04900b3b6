/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policies/compile.h"

static const struct word capacity_words[] = {
    {"on-demand", CAPACITY_ON_DEMAND}, {"spot", CAPACITY_SPOT}, {NULL, 0}};

/* The map form of a role's capacity. */
struct preference {
    unsigned require;
    unsigned prefer;
    unsigned on_demand_percent;
};

/* "20%", from 0% to 100%. */
static void field_percent(struct reader *r, const struct yaml_node *node, const struct field *field,
                          void *out)
{
    (void)field;
    const char *text = node->kind == YAML_SCALAR ? node->scalar : "";
    size_t digits = strspn(text, "0123456789");
    unsigned percent = 0;
    for (size_t i = 0; i < digits && percent <= 100; i++) {
        percent = percent * 10 + (unsigned)(text[i] - '0');
    }
    if (digits == 0 || strcmp(text + digits, "%") != 0 || percent > 100) {
        reader_find(r, node, "%s must be a share from 0%% to 100%%, such as 20%%, not %s",
                    name_of(r, node), describe(r, node));
        return;
    }
    *(unsigned *)out = percent;
}

static const struct field preference_fields[] = {
    {.name = "require",
     .type = "on-demand or spot",
     .summary = "nodes of any other kind will not do",
     .read = field_word,
     .offset = offsetof(struct preference, require),
     .detail = capacity_words},
    {.name = "prefer",
     .type = "spot or on-demand",
     .summary = "nodes of this kind when there are any",
     .read = field_word,
     .offset = offsetof(struct preference, prefer),
     .detail = capacity_words},
    {.name = "onDemandShare",
     .type = "percentage",
     .summary =
         "of executors that prefer spot: how many stay off spot nodes, chosen by spark-exec-id",
     .read = field_percent,
     .offset = offsetof(struct preference, on_demand_percent)},
    {.name = NULL},
};

/* What the table cannot say about the members together. */
static bool check_preference(struct reader *r, const struct yaml_node *node, unsigned role,
                             const struct preference *p)
{
    bool has_require = yaml_get(node, "require") != NULL;
    bool has_prefer = yaml_get(node, "prefer") != NULL;
    const struct yaml_node *share = yaml_get(node, "onDemandShare");
    if (has_require == has_prefer) {
        reader_find(r, node, "%s must have either require or prefer%s", name_of(r, node),
                    has_require ? ", not both" : "");
        return false;
    }
    if (share != NULL && role == ROLE_DRIVER) {
        reader_find_key(r, share, "\"onDemandShare\" is only for executors: a driver is one pod");
        return false;
    }
    if (share != NULL && (has_require || p->prefer == CAPACITY_ON_DEMAND)) {
        reader_find_key(r, share, "\"onDemandShare\" is only possible with prefer: spot");
        return false;
    }
    return true;
}

static void read_capacity(struct reader *r, const struct yaml_node *node, const struct field *field,
                          void *out)
{
    const struct section *s = out;
    struct preference p = {.require = CAPACITY_NONE};
    unsigned role = role_named(field->name);
    if (node->kind == YAML_SCALAR) {
        if (!read_word(r, node, capacity_words, &p.require)) {
            return;
        }
    } else if (!fields_read(r, node, field->members, &p) || !check_preference(r, node, role, &p)) {
        return;
    }
    draft_add(r, s->draft, node, CAPACITY_SLOT,
              (struct rule){.kind = RULE_CAPACITY,
                            .roles = role,
                            .when = (enum when)s->when,
                            .name = reader_format(r, "capacity.%s", field->name),
                            .capacity = {.require = (enum capacity)p.require,
                                         .prefer = (enum capacity)p.prefer,
                                         .on_demand_percent = p.on_demand_percent}});
}

const struct field capacity_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "on-demand, spot or map",
     .summary = "the kind of nodes drivers run on",
     .read = read_capacity,
     .members = preference_fields},
    {.name = "executor",
     .type = "on-demand, spot or map",
     .summary = "the kind of nodes executors run on",
     .read = read_capacity,
     .members = preference_fields},
    {.name = NULL},
};
