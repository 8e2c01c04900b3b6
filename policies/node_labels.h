/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_labels.h - labels by which nodes say what they are.
 *
 * Sources: k8s.io/api/core/v1 well_known_labels.go; Karpenter "well-known labels"; EKS managed
 * node groups; GKE "Spot VMs" (and the older preemptible VMs); AKS "spot node pools".
 * Thread-safety: constants.
 */
#ifndef POLICIES_NODE_LABELS_H
#define POLICIES_NODE_LABELS_H

/* separator before it in a list, key, value on spot nodes */
#define CAPACITY_LABELS(X)                                                                         \
    X("", "karpenter.sh/capacity-type", "spot")                                                    \
    X(",", "eks.amazonaws.com/capacityType", "SPOT")                                               \
    X(",", "cloud.google.com/gke-spot", "true")                                                    \
    X(",", "cloud.google.com/gke-preemptible", "true")                                             \
    X(",", "kubernetes.azure.com/scalesetpriority", "spot")

#define HOST_LABEL "kubernetes.io/hostname"
#define ZONE_LABEL "topology.kubernetes.io/zone"
#define ZONE_LABEL_BEFORE_1_17 "failure-domain.beta.kubernetes.io/zone"

#endif
