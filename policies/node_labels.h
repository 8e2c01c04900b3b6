/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_labels.h - labels by which nodes say what they are, and what clouds put on spot nodes.
 *
 * Sources: k8s.io/api/core/v1 well_known_labels.go; Karpenter "well-known labels"; EKS managed
 * node groups; GKE "Spot VMs" (and the older preemptible VMs); AKS "spot node pools", whose taint
 * AKS puts on by itself; GKE's taint is the one of node auto-provisioning.
 * Thread-safety: const.
 */
#ifndef POLICIES_NODE_LABELS_H
#define POLICIES_NODE_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_LABEL "kubernetes.io/hostname"
#define ZONE_LABEL "topology.kubernetes.io/zone"
#define ZONE_LABEL_BEFORE_1_17 "failure-domain.beta.kubernetes.io/zone"

/* A kind of spot nodes: each carries the labels of one cloud only. */
struct spot_nodes {
    const char *label;
    const char *value;
    bool tolerated; /* such nodes may have a NoSchedule taint of the same key and value ... */
    bool tainted;   /* ... and always do */
};

enum { SPOT_NODES_COUNT = 5 };

extern const struct spot_nodes spot_nodes[SPOT_NODES_COUNT];
extern const char *const capacity_labels[SPOT_NODES_COUNT + 1]; /* theirs, and NULL */

bool is_capacity_label(const char *key); /* false for NULL */

#endif
