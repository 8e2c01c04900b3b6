/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of the driver: only on ports that Spark's container declares. */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

void mutate_probe(struct spark_pod *pod, const struct rule *rule)
{
    static const char *const members[] = {
        [PROBE_LIVENESS] = "livenessProbe", [PROBE_STARTUP] = "startupProbe"};
    /* A probe of a port that nobody serves would kill the driver. */
    if (pod->container.node == NULL || !spark_pod_has_port(pod, rule->probe.port)) {
        return;
    }
    /* Without a startup probe, liveness must wait by itself: Spark may take minutes to start. */
    if (rule->probe.probe == PROBE_LIVENESS &&
        json_get(rule->probe.value, "initialDelaySeconds") == NULL &&
        !json_is_object(json_get(pod->container.node, "startupProbe"))) {
        return;
    }
    struct place at = place_member(&pod->container, members[rule->probe.probe]);
    if (at.node != NULL && (rule->when == WHEN_ABSENT || json_covers(at.node, rule->probe.value))) {
        return;
    }
    edit_set(&at, json_copy(at.edits->arena, rule->probe.value), rule);
}
