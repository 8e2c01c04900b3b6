/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/mutate.h"

#include "policies/match.h"
#include "webhook/pod.h"

static const struct {
    enum rule_kind kind;
    void (*apply)(struct spark_pod *pod, const struct rule *rule);
} mutations[] = {
    {RULE_OVERLAY, mutate_overlay},
    {RULE_LABEL, mutate_label},
    {RULE_ANNOTATION, mutate_annotation},
    {RULE_CAPACITY, mutate_capacity},
    {RULE_TOLERATION, mutate_toleration},
    {RULE_NODE_SELECTOR, mutate_node_selector},
    {RULE_SPREAD, mutate_spread},
    {RULE_TOPOLOGY, mutate_topology},
    {RULE_PROBE, mutate_probe},
    {RULE_LOCAL_DIRS, mutate_local_dirs},
    {RULE_VOLUME, mutate_volume},
    {RULE_ENV, mutate_env},
    {RULE_GRACE, mutate_grace},
    {RULE_PRIORITY_CLASS, mutate_priority_class},
    {RULE_SCHEDULER, mutate_scheduler},
    {RULE_PULL_SECRET, mutate_pull_secret},
    {RULE_PLACEMENT, mutate_placement},
    {RULE_RESOURCE_MEMORY, mutate_memory},
    {RULE_RESOURCE_MEMORY_LIMIT, mutate_memory_limit},
    {RULE_RESOURCE_CPU_LIMIT, mutate_cpu_limit},
    {RULE_RESOURCE_EPHEMERAL, mutate_ephemeral_storage},
    {RULE_SECURITY_CONTEXT, mutate_security},
};

static const struct {
    enum rule_kind kind;
    void (*apply)(struct spark_pod *pod, const struct rule *const *rules, size_t count);
} mutations_of_all[] = {
    {RULE_IMAGE_REWRITE, mutate_images},
};

enum { MUTATION_COUNT = sizeof(mutations) / sizeof(mutations[0]) };

bool mutate_init(void)
{
    return mutate_capacity_init();
}

void mutate(struct spark_pod *pod, const struct plan *plan)
{
    for (size_t i = 0; i < MUTATION_COUNT; i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, mutations[i].kind, &count);
        for (size_t r = 0; r < count; r++) {
            mutations[i].apply(pod, rules[r]);
        }
    }
    for (size_t i = 0; i < sizeof(mutations_of_all) / sizeof(mutations_of_all[0]); i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, mutations_of_all[i].kind, &count);
        if (count > 0) {
            mutations_of_all[i].apply(pod, rules, count);
        }
    }
}
