/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/overlay_fields.h"

#include <stddef.h>

static const char is_sparks[] = "it belongs to Spark";
static const char is_conf[] = "Spark's conf says it, before the pod is made";
static const char has_probes[] = "\"probes\" is for that";
static const char has_priority[] =
    "Kubernetes has worked out the priority by now and would refuse the pod";
static const char has_overhead[] =
    "Kubernetes has worked out the overhead by now and would refuse the pod";
static const char is_placed[] = "it would go past the scheduler";

const struct overlay_field overlay_pod_fields[] = {
    {"activeDeadlineSeconds", OVERLAY_SHAPE_VALUE, NULL},
    {"affinity", OVERLAY_SHAPE_MEMBERS, "\"capacity\" and \"spread\" say a part of it"},
    {"automountServiceAccountToken", OVERLAY_SHAPE_VALUE, NULL},
    {"containers", OVERLAY_SHAPE_CONTAINERS, NULL},
    {"dnsConfig", OVERLAY_SHAPE_MEMBERS, NULL},
    {"dnsPolicy", OVERLAY_SHAPE_VALUE, "\"ClusterFirst\""},
    {"enableServiceLinks", OVERLAY_SHAPE_VALUE, "true"},
    {"hostAliases", OVERLAY_SHAPE_KEYED, "ip"},
    {"hostIPC", OVERLAY_SHAPE_VALUE, NULL},
    {"hostNetwork", OVERLAY_SHAPE_VALUE, NULL},
    {"hostPID", OVERLAY_SHAPE_VALUE, NULL},
    {"hostUsers", OVERLAY_SHAPE_VALUE, NULL},
    {"imagePullSecrets", OVERLAY_SHAPE_KEYED, "name"},
    {"initContainers", OVERLAY_SHAPE_KEYED, "name"},
    {"nodeSelector", OVERLAY_SHAPE_MEMBERS, NULL},
    {"os", OVERLAY_SHAPE_MEMBERS, NULL},
    {"readinessGates", OVERLAY_SHAPE_VALUE, NULL},
    {"resourceClaims", OVERLAY_SHAPE_KEYED, "name"},
    {"schedulerName", OVERLAY_SHAPE_VALUE, "\"default-scheduler\""},
    {"schedulingGates", OVERLAY_SHAPE_KEYED, "name"},
    {"securityContext", OVERLAY_SHAPE_MEMBERS, NULL},
    {"setHostnameAsFQDN", OVERLAY_SHAPE_VALUE, NULL},
    {"shareProcessNamespace", OVERLAY_SHAPE_VALUE, NULL},
    {"tolerations", OVERLAY_SHAPE_SET, NULL},
    {"topologySpreadConstraints", OVERLAY_SHAPE_KEYED, "topologyKey"},
    {"volumes", OVERLAY_SHAPE_KEYED, "name"},
    {"ephemeralContainers", OVERLAY_SHAPE_REFUSED, "a new pod cannot have any"},
    {"hostname", OVERLAY_SHAPE_REFUSED, is_sparks},
    {"nodeName", OVERLAY_SHAPE_REFUSED, is_placed},
    {"overhead", OVERLAY_SHAPE_REFUSED, has_overhead},
    {"preemptionPolicy", OVERLAY_SHAPE_REFUSED, has_priority},
    {"priority", OVERLAY_SHAPE_REFUSED, has_priority},
    {"priorityClassName", OVERLAY_SHAPE_REFUSED,
     "\"priorityClassName\" of spec.admission is for that"},
    {"restartPolicy", OVERLAY_SHAPE_REFUSED,
     "Spark replaces executors itself, and a driver that starts again finds its old executors"},
    {"runtimeClassName", OVERLAY_SHAPE_REFUSED, has_overhead},
    {"serviceAccount", OVERLAY_SHAPE_REFUSED, is_conf},
    {"serviceAccountName", OVERLAY_SHAPE_REFUSED, is_conf},
    {"subdomain", OVERLAY_SHAPE_REFUSED, is_sparks},
    {"terminationGracePeriodSeconds", OVERLAY_SHAPE_REFUSED,
     "\"terminationGracePeriod\" is for that"},
    {NULL, OVERLAY_SHAPE_VALUE, NULL},
};

const struct overlay_field overlay_container_fields[] = {
    {"env", OVERLAY_SHAPE_KEYED, "name"},
    {"envFrom", OVERLAY_SHAPE_SET, NULL},
    {"image", OVERLAY_SHAPE_VALUE, NULL},
    {"imagePullPolicy", OVERLAY_SHAPE_VALUE, NULL},
    {"lifecycle", OVERLAY_SHAPE_MEMBERS,
     "it would take away the hook by which Spark decommissions"},
    {"securityContext", OVERLAY_SHAPE_MEMBERS, NULL},
    {"stdin", OVERLAY_SHAPE_VALUE, NULL},
    {"terminationMessagePath", OVERLAY_SHAPE_VALUE, "\"/dev/termination-log\""},
    {"terminationMessagePolicy", OVERLAY_SHAPE_VALUE, "\"File\""},
    {"tty", OVERLAY_SHAPE_VALUE, NULL},
    {"volumeDevices", OVERLAY_SHAPE_KEYED, "devicePath"},
    {"volumeMounts", OVERLAY_SHAPE_KEYED, "mountPath"},
    {"workingDir", OVERLAY_SHAPE_VALUE, NULL},
    {"args", OVERLAY_SHAPE_REFUSED, is_sparks},
    {"command", OVERLAY_SHAPE_REFUSED, is_sparks},
    {"livenessProbe", OVERLAY_SHAPE_REFUSED, has_probes},
    {"ports", OVERLAY_SHAPE_REFUSED, is_sparks},
    {"readinessProbe", OVERLAY_SHAPE_REFUSED,
     "a driver that is not ready is missing from its own Service"},
    {"resources", OVERLAY_SHAPE_REFUSED, "\"resources\" of spec.admission is for that"},
    {"restartPolicy", OVERLAY_SHAPE_REFUSED, "Spark decides what becomes of its processes"},
    {"startupProbe", OVERLAY_SHAPE_REFUSED, has_probes},
    {NULL, OVERLAY_SHAPE_VALUE, NULL},
};
