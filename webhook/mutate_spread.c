/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application's pods away from each other: anti-affinity over hosts, a topology
 * spread over zones. Each application by its own spark-app-selector, so that
 * applications do not push each other away; merged with what the pod has.
 *
 * Or the opposite: all pods of an application in one zone, because traffic between zones is
 * slow and costs money. Which one follows from spark-app-selector alone, so that driver,
 * executors and all replicas of the server agree without talking.
 */
#include <string.h>

#include "core/json.h"
#include "core/rendezvous.h"
#include "policies/node_labels.h"
#include "webhook/mutate.h"
#include "webhook/node_affinity.h"
#include "webhook/pod.h"

static const char host_key[] = HOST_LABEL;
static const char zone_key[] = ZONE_LABEL;
static const char *const zone_labels[] = {ZONE_LABEL, ZONE_LABEL_BEFORE_1_17, NULL};

/* A PodAffinityTerm over hosts. */
static struct json *host_term(const struct spark_pod *pod)
{
    struct arena *a = pod->edits->arena;
    struct json *term = json_new_object(a);
    bool ok = json_add(term, "labelSelector", spark_pod_mates(pod)) &&
              json_add(term, "topologyKey", json_new_string_ref(a, host_key));
    return ok ? term : NULL;
}

static bool is_over(const struct json *term, const char *topology_key)
{
    const char *key = json_string(json_get(term, "topologyKey"));
    return key != NULL && strcmp(key, topology_key) == 0;
}

/* Whether a list of terms has one over hosts; @ours non-NULL: one that covers it. */
static bool has_term(const struct json *list, const char *inner, const struct json *ours)
{
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
        const struct json *term = inner == NULL ? item : json_get(item, inner);
        if (ours == NULL ? is_over(term, host_key) : json_covers(term, ours)) {
            return true;
        }
    }
    return false;
}

static void spread_over_hosts(struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    struct place affinity = place_member(&pod->spec, "affinity");
    struct place anti = place_member(&affinity, "podAntiAffinity");
    struct place required = place_member(&anti, "requiredDuringSchedulingIgnoredDuringExecution");
    struct place preferred = place_member(&anti, "preferredDuringSchedulingIgnoredDuringExecution");
    struct json *term = host_term(pod);
    const struct json *ours = rule->when == WHEN_ABSENT ? NULL : term;
    if (has_term(required.node, NULL, ours) ||
        (!(rule->when == WHEN_ALWAYS && rule->spread.required) &&
         has_term(preferred.node, "podAffinityTerm", ours))) {
        return;
    }
    if (rule->spread.required) {
        edit_append(&required, term, rule);
        return;
    }
    struct json *weighted = json_new_object(a);
    bool ok = json_add(weighted, "weight", json_new_int(a, rule->spread.weight)) &&
              json_add(weighted, "podAffinityTerm", term);
    edit_append(&preferred, ok ? weighted : NULL, rule);
}

/* A TopologySpreadConstraint over zones. */
static struct json *zone_constraint(const struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    const char *unsatisfiable = rule->spread.required ? "DoNotSchedule" : "ScheduleAnyway";
    struct json *constraint = json_new_object(a);
    bool ok = json_add(constraint, "maxSkew", json_new_int(a, 1)) &&
              json_add(constraint, "topologyKey", json_new_string_ref(a, zone_key)) &&
              json_add(constraint, "whenUnsatisfiable", json_new_string_ref(a, unsatisfiable)) &&
              json_add(constraint, "labelSelector", spark_pod_mates(pod));
    return ok ? constraint : NULL;
}

/*
 * Which constraint over zones ours takes the place of: one of its own whenUnsatisfiable before any
 * other, because the API server allows one of each.
 */
static struct json *find_zones(const struct json *list, const struct json *ours, size_t *out_index)
{
    const struct json *unsatisfiable = json_get(ours, "whenUnsatisfiable");
    struct json *found = NULL;
    size_t i = 0;
    for (struct json *c = json_first(list); c != NULL; c = json_next(c), i++) {
        bool is_same = json_equal(json_get(c, "whenUnsatisfiable"), unsatisfiable);
        if (is_over(c, zone_key) && (found == NULL || is_same)) {
            found = c;
            *out_index = i;
            if (is_same) {
                break;
            }
        }
    }
    return found;
}

static void spread_over_zones(struct spark_pod *pod, const struct rule *rule)
{
    struct place list = place_member(&pod->spec, "topologySpreadConstraints");
    struct json *ours = zone_constraint(pod, rule);
    size_t index = 0;
    struct json *found = find_zones(list.node, ours, &index);
    if (found == NULL) {
        edit_append(&list, ours, rule);
        return;
    }
    if (rule->when == WHEN_ALWAYS && ours != NULL && !json_covers(found, ours)) {
        struct place at = place_element(&list, found, index);
        edit_set(&at, ours, rule);
    }
}

static bool user_names_zones(const struct spark_pod *pod, const struct node_affinity *at)
{
    const struct json *constraints = json_get(pod->spec.node, "topologySpreadConstraints");
    for (const struct json *c = json_first(constraints); c != NULL; c = json_next(c)) {
        if (is_over(c, zone_key)) {
            return true;
        }
    }
    return node_affinity_names(at, zone_labels);
}

static void keep_in_one_zone(struct spark_pod *pod, const struct rule *rule)
{
    struct node_affinity at;
    node_affinity_find(pod, &at);
    if (json_count(at.terms.node) > NODE_AFFINITY_TERMS_MAX ||
        (rule->when == WHEN_ABSENT && user_names_zones(pod, &at))) {
        return;
    }
    bool required = rule->spread.required;
    struct arena *a = pod->edits->arena;
    const char *zone = rendezvous(pod->application, rule->spread.zones);
    struct json *ours = json_new_array(a);
    if (!json_append(ours, node_affinity_requirement(a, zone_key, "In", zone))) {
        ours = NULL;
    }
    if (rule->when == WHEN_ALWAYS) {
        node_affinity_strip_selector(&at, zone_labels, rule);
        node_affinity_strip(&at, zone_labels, required ? ours : NULL, required ? NULL : ours, rule);
    }
    if (required) {
        node_affinity_require_all(&at, ours, rule);
    } else {
        node_affinity_prefer(&at, ours, rule->spread.weight, rule);
    }
}

void mutate_spread(struct spark_pod *pod, const struct rule *rule)
{
    switch (rule->spread.over) {
    case SPREAD_HOST:
        spread_over_hosts(pod, rule);
        break;
    case SPREAD_ZONE:
        if (rule->spread.zones != NULL) {
            keep_in_one_zone(pod, rule);
        } else {
            spread_over_zones(pod, rule);
        }
        break;
    }
}
