/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/json.h"
#include "core/selector.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/node_labels.h"
#include "policies/report.h"

struct constraint {
    unsigned roles;
    unsigned when;
    int64_t max_skew;
    const char *topology_key;
    unsigned unsatisfiable;
    int64_t min_domains; /* 0: not said */
    unsigned affinity_policy;
    unsigned taints_policy;
    const struct yaml_node *selector;
};

enum { POLICY_UNSAID, POLICY_HONOR, POLICY_IGNORE };
enum { SCHEDULE_ANYWAY, DO_NOT_SCHEDULE };

static const struct word unsatisfiable_words[] = {
    {"ScheduleAnyway", SCHEDULE_ANYWAY}, {"DoNotSchedule", DO_NOT_SCHEDULE}, {NULL, 0}};
static const struct word policy_words[] = {
    {"Honor", POLICY_HONOR}, {"Ignore", POLICY_IGNORE}, {NULL, 0}};
static const struct limits count_limits = {1, INT32_MAX};
static const struct check check_label_key = {label_key_problem};

const struct field topology_fields[] = {
    FIELD_ROLE(struct constraint, roles, "the pods that are spread; executor by default"),
    FIELD_WHEN(struct constraint),
    {.name = "maxSkew",
     .type = "integer",
     .summary = "how many pods more one domain may have than another; 1 by default",
     .read = field_integer,
     .offset = offsetof(struct constraint, max_skew),
     .detail = &count_limits},
    {.name = "topologyKey",
     .type = "label key",
     .summary = "of nodes: those with the same value are one domain",
     .read = field_string,
     .offset = offsetof(struct constraint, topology_key),
     .detail = &check_label_key,
     .flags = FIELD_REQUIRED},
    {.name = "whenUnsatisfiable",
     .type = "ScheduleAnyway or DoNotSchedule",
     .summary = "what happens to a pod that would break it",
     .read = field_word,
     .offset = offsetof(struct constraint, unsatisfiable),
     .detail = unsatisfiable_words,
     .flags = FIELD_REQUIRED},
    {.name = "minDomains",
     .type = "integer",
     .summary = "of DoNotSchedule: as long as there are fewer domains, each missing one counts",
     .read = field_integer,
     .offset = offsetof(struct constraint, min_domains),
     .detail = &count_limits},
    {.name = "nodeAffinityPolicy",
     .type = "Honor or Ignore",
     .summary = "whether nodes that the pod's affinity excludes count",
     .read = field_word,
     .offset = offsetof(struct constraint, affinity_policy),
     .detail = policy_words},
    {.name = "nodeTaintsPolicy",
     .type = "Honor or Ignore",
     .summary = "whether nodes whose taints the pod does not tolerate count",
     .read = field_word,
     .offset = offsetof(struct constraint, taints_policy),
     .detail = policy_words},
    {.name = "labelSelector",
     .type = "label selector",
     .summary = "the pods that are counted; by default those of the same application and role",
     .read = field_node,
     .offset = offsetof(struct constraint, selector)},
    {.name = NULL},
};

/* {"key": key, "operator": operator, "values": [...]} */
static struct json *requirement_json(struct arena *a, const struct selector_requirement *q)
{
    static const char *const operators[] = {[SELECTOR_IN] = "In",
                                            [SELECTOR_NOT_IN] = "NotIn",
                                            [SELECTOR_EXISTS] = "Exists",
                                            [SELECTOR_NOT_EXISTS] = "DoesNotExist"};
    struct json *requirement = json_new_object(a);
    bool ok = requirement != NULL &&
              json_add(requirement, "key", json_new_string_ref(a, q->key)) &&
              json_add(requirement, "operator", json_new_string_ref(a, operators[q->operator]));
    struct json *values = json_new_array(a);
    for (size_t i = 0; i < q->value_count; i++) {
        ok = ok && json_append(values, json_new_string_ref(a, q->values[i]));
    }
    if (q->value_count > 0) {
        ok = ok && json_add(requirement, "values", values);
    }
    return ok ? requirement : NULL;
}

/* One form for both: matchLabels are requirements of one value. */
static struct json *selector_json(struct arena *a, const struct selector *s)
{
    struct json *selector = json_new_object(a);
    struct json *requirements = json_new_array(a);
    bool ok = selector != NULL && requirements != NULL;
    for (size_t i = 0; i < s->requirement_count; i++) {
        ok = ok && json_append(requirements, requirement_json(a, &s->requirements[i]));
    }
    if (s->requirement_count > 0) {
        ok = ok && json_add(selector, "matchExpressions", requirements);
    }
    return ok ? selector : NULL;
}

static bool add_word(struct arena *a, struct json *object, const char *key,
                     const struct word *words, unsigned value)
{
    return json_add(object, key, json_new_string_ref(a, words[value].text));
}

static struct json *constraint_json(struct arena *a, const struct constraint *c,
                                    const struct selector *selector)
{
    struct json *object = json_new_object(a);
    bool ok = object != NULL && json_add(object, "maxSkew", json_new_int(a, c->max_skew)) &&
              json_add(object, "topologyKey", json_new_string_ref(a, c->topology_key)) &&
              add_word(a, object, "whenUnsatisfiable", unsatisfiable_words, c->unsatisfiable);
    if (c->min_domains > 0) {
        ok = ok && json_add(object, "minDomains", json_new_int(a, c->min_domains));
    }
    if (c->affinity_policy != POLICY_UNSAID) {
        ok = ok && add_word(a, object, "nodeAffinityPolicy", policy_words, c->affinity_policy - 1);
    }
    if (c->taints_policy != POLICY_UNSAID) {
        ok = ok && add_word(a, object, "nodeTaintsPolicy", policy_words, c->taints_policy - 1);
    }
    if (selector != NULL) {
        ok = ok && json_add(object, "labelSelector", selector_json(a, selector));
    }
    return ok ? object : NULL;
}

/* Who decides about zones: "spread" over zones writes the same list. */
static const char *slot_of(struct reader *r, const struct constraint *c)
{
    return strcmp(c->topology_key, ZONE_LABEL) == 0
               ? ZONE_SLOT
               : reader_format(r, "topologySpreadConstraints/%s/%s", c->topology_key,
                               unsatisfiable_words[c->unsatisfiable].text);
}

static void read_constraint(struct reader *r, const struct yaml_node *item,
                            const struct field *fields, struct draft *d)
{
    struct constraint c = {.roles = ROLE_EXECUTOR, .when = d->when, .max_skew = 1};
    size_t before = r->report->count;
    if (!fields_read(r, item, fields, &c)) {
        return;
    }
    const struct selector *selector = c.selector == NULL ? NULL : compile_selector(r, c.selector);
    const struct yaml_node *min_domains = yaml_get(item, "minDomains");
    if (r->report->count != before) {
        return;
    }
    if (min_domains != NULL && c.unsatisfiable != DO_NOT_SCHEDULE) {
        reader_find_key(r, min_domains,
                        "\"minDomains\" is only possible with whenUnsatisfiable: DoNotSchedule");
        return;
    }
    const struct json *value = constraint_json(r->arena, &c, selector);
    if (value == NULL) {
        r->report->out_of_memory = true;
    }
    draft_add(
        r, d, item, slot_of(r, &c),
        (struct rule){.kind = RULE_TOPOLOGY,
                      .roles = c.roles,
                      .when = (enum when)c.when,
                      .name = reader_format(r, "topologySpreadConstraints.%s", c.topology_key),
                      .value = value});
}

void compile_topology(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_constraint(r, item, field->members, out);
    }
}
