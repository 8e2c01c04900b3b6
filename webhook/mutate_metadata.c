/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and annotations: cost attribution, safe-to-evict, do-not-disrupt. */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

static void set_entry(struct place *map, const struct rule *rule, bool may_replace)
{
    struct place at = place_member(map, rule->entry.key);
    if (at.node == NULL || may_replace) {
        edit_set(&at, json_new_string_ref(at.edits->arena, rule->entry.value), rule);
    }
}

/*
 * The driver's Service selects by every label that the driver was submitted with
 * (org.apache.spark.deploy.k8s.features.DriverServiceFeatureStep): to replace one
 * would hide the driver from its executors.
 */
void mutate_label(struct spark_pod *pod, const struct rule *rule)
{
    set_entry(&pod->labels, rule, rule->when == WHEN_ALWAYS && pod->role != ROLE_DRIVER);
}

void mutate_annotation(struct spark_pod *pod, const struct rule *rule)
{
    set_entry(&pod->annotations, rule, rule->when == WHEN_ALWAYS);
}
