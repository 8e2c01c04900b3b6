/* SPDX-License-Identifier: Apache-2.0 */
/* How long a pod may take to end: decommissioning needs more than Kubernetes' 30 seconds. */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/*
 * The API server writes its default before webhooks run, and Spark 4.1 and later
 * write the same: so 30 says nothing about what the user wants.
 */
enum { DEFAULT_SECONDS = 30 };

void mutate_grace(struct spark_pod *pod, const struct rule *rule)
{
    struct place at = place_member(&pod->spec, "terminationGracePeriodSeconds");
    int64_t seconds = DEFAULT_SECONDS;
    bool is_users = at.node != NULL && (!json_int(at.node, &seconds) || seconds != DEFAULT_SECONDS);
    if (is_users && rule->when == WHEN_ABSENT) {
        return;
    }
    edit_set(&at, json_new_int(at.edits->arena, rule->grace.seconds), rule);
}
