/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pods the scheduler asks its extender about.
 *
 * kube-scheduler asks an extender with managedResources only about pods that want one of these
 * (k8s.io/kubernetes/pkg/scheduler/extender.go IsInterested), and with ignoredByScheduler it does
 * not look for the resource on nodes. Kubelet does not miss what its node does not offer
 * (pkg/kubelet/lifecycle/predicate.go removeMissingExtendedResources). Of an extended resource
 * request and limit must be equal (pkg/apis/core/validation).
 */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* The name that managedResources of the KubeSchedulerConfiguration must have, too. */
static const char resource[] = "sparkward.dev/placement";

void mutate_placement(struct spark_pod *pod, const struct rule *rule)
{
    if (!rule->is_on || pod->container.node == NULL) {
        return;
    }
    struct arena *a = pod->edits->arena;
    struct place resources = place_member(&pod->container, "resources");
    struct place requests = place_member(&resources, "requests");
    struct place limits = place_member(&resources, "limits");
    struct place request = place_member(&requests, resource);
    struct place limit = place_member(&limits, resource);
    /* Half of a pair is not completed: its number is the user's, and the API server's to judge. */
    if (request.node == NULL && limit.node == NULL) {
        edit_set(&request, json_new_string_ref(a, "1"), rule);
        edit_set(&limit, json_new_string_ref(a, "1"), rule);
    }
}
