/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels that nodes must have. What the user says about a label in node affinity counts as well:
 * a selector beside it could leave no node at all.
 */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/node_affinity.h"
#include "webhook/pod.h"

void mutate_node_selector(struct spark_pod *pod, const struct rule *rule)
{
    const char *const keys[] = {rule->entry.key, NULL};
    struct node_affinity at;
    node_affinity_find(pod, &at);
    if (json_count(at.terms.node) > NODE_AFFINITY_TERMS_MAX ||
        (rule->when == WHEN_ABSENT && node_affinity_names(&at, keys))) {
        return;
    }
    node_affinity_strip(&at, keys, NULL, NULL, rule);
    struct place label = place_member(&at.selector, rule->entry.key);
    edit_set(&label, json_new_string_ref(pod->edits->arena, rule->entry.value), rule);
}
