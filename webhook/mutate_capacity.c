/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capacity: spot or on-demand nodes from one word, for every cloud's labels.
 *
 * Nodes carry the labels of one cloud only. "Not spot" is therefore one
 * requirement a label, all of them together: NotIn also holds where the label
 * is missing. "Spot" is one alternative a label.
 * The share of executors on on-demand nodes follows from spark-exec-id alone, so
 * that replicas agree without talking and a retry gives the same answer.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "policies/node_labels.h"
#include "webhook/mutate.h"
#include "webhook/node_affinity.h"
#include "webhook/pod.h"
#include "webhook/toleration.h"

enum { PREFERENCE_WEIGHT = 50 }; /* among other preferences; Kubernetes' weights go from 1 to 100 */

/* Node selector requirements and tolerations, ready to be copied. Made once, then const. */
static struct json *spot_requirements;
static struct json *not_spot_requirements;
static struct json *spot_tolerations;

static struct json *toleration(struct arena *a, const struct spot_nodes *nodes)
{
    struct json *t = json_new_object(a);
    bool ok = t != NULL && json_add(t, "key", json_new_string_ref(a, nodes->label)) &&
              json_add(t, "operator", json_new_string_ref(a, "Equal")) &&
              json_add(t, "value", json_new_string_ref(a, nodes->value)) &&
              json_add(t, "effect", json_new_string_ref(a, "NoSchedule"));
    return ok ? t : NULL;
}

bool mutate_capacity_init(void)
{
    enum { ROOM = 128 * 1024 };
    static struct arena *process_arena;
    if (process_arena != NULL) {
        return true;
    }
    struct arena *a = process_arena = arena_create(ROOM, ROOM);
    if (a == NULL) {
        return false;
    }
    spot_requirements = json_new_array(a);
    not_spot_requirements = json_new_array(a);
    spot_tolerations = json_new_array(a);
    bool ok =
        spot_requirements != NULL && not_spot_requirements != NULL && spot_tolerations != NULL;
    for (size_t i = 0; ok && i < SPOT_NODES_COUNT; i++) {
        const struct spot_nodes *n = &spot_nodes[i];
        ok = json_append(spot_requirements,
                         node_affinity_requirement(a, n->label, "In", n->value)) &&
             json_append(not_spot_requirements,
                         node_affinity_requirement(a, n->label, "NotIn", n->value));
    }
    for (size_t i = SPOT_NODES_COUNT; ok && i > 0; i--) {
        const struct spot_nodes *n = &spot_nodes[i - 1];
        ok = !n->tolerated || json_append(spot_tolerations, toleration(a, n));
    }
    return ok;
}

static void tolerate_spot(struct spark_pod *pod, const struct rule *rule)
{
    struct place list = place_member(&pod->spec, "tolerations");
    for (const struct json *ours = json_first(spot_tolerations); ours != NULL;
         ours = json_next(ours)) {
        if (toleration_cover(list.node, ours) == NULL) {
            edit_append(&list, json_copy(pod->edits->arena, ours), rule);
        }
    }
}

/*
 * Executors are numbered from 1 in the order of their creation. Of each hundred in a
 * row exactly @percent are chosen, evenly spaced, and the first is one of them, so that a
 * small application has one, too. An executor without a number is not chosen.
 */
static bool in_on_demand_share(int64_t executor_id, unsigned percent)
{
    if (executor_id < 1) {
        return percent == 100;
    }
    return (uint64_t)(executor_id - 1) * percent % 100 < percent;
}

/* The requirements that a rule puts in, by what it requires or prefers. */
static const struct json *requirements_of(enum capacity capacity)
{
    return capacity == CAPACITY_ON_DEMAND ? not_spot_requirements
           : capacity == CAPACITY_SPOT    ? spot_requirements
                                          : NULL;
}

/* One preference a label, because a node has the label of one cloud. */
static void prefer_spot(struct node_affinity *at, const struct rule *rule)
{
    struct arena *a = at->preferred.edits->arena;
    for (const struct json *r = json_first(spot_requirements); r != NULL; r = json_next(r)) {
        struct json *one = json_new_array(a);
        bool ok = json_append(one, json_copy(a, r));
        node_affinity_prefer(at, ok ? one : NULL, PREFERENCE_WEIGHT, rule);
    }
}

static void apply(struct node_affinity *at, enum capacity require, enum capacity preference,
                  const struct rule *rule)
{
    if (require == CAPACITY_ON_DEMAND) {
        node_affinity_require_all(at, not_spot_requirements, rule);
    } else if (require == CAPACITY_SPOT) {
        node_affinity_require_any(at, spot_requirements, rule);
    }
    if (preference == CAPACITY_SPOT) {
        prefer_spot(at, rule);
    } else if (preference == CAPACITY_ON_DEMAND) {
        node_affinity_prefer(at, not_spot_requirements, PREFERENCE_WEIGHT, rule);
    }
}

void mutate_capacity(struct spark_pod *pod, const struct rule *rule)
{
    struct node_affinity at;
    node_affinity_find(pod, &at);
    if (json_count(at.terms.node) > NODE_AFFINITY_TERMS_MAX ||
        (rule->when == WHEN_ABSENT && node_affinity_names(&at, capacity_labels))) {
        return;
    }
    enum capacity require = rule->capacity.require;
    enum capacity preference = rule->capacity.prefer;
    if (preference == CAPACITY_SPOT &&
        in_on_demand_share(pod->executor_id, rule->capacity.on_demand_percent)) {
        require = CAPACITY_ON_DEMAND;
        preference = CAPACITY_NONE;
    }
    if (rule->when == WHEN_ALWAYS) {
        node_affinity_strip_selector(&at, capacity_labels, rule);
        node_affinity_strip(&at, capacity_labels, requirements_of(require),
                            requirements_of(preference), rule);
    }
    apply(&at, require, preference, rule);
    if (require == CAPACITY_SPOT || preference != CAPACITY_NONE) {
        tolerate_spot(pod, rule);
    }
}
