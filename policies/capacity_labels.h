/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capacity_labels.h - what clouds put on spot nodes: labels and taints.
 *
 * Sources: Karpenter "well-known labels"; EKS managed node groups; GKE "Spot VMs" (and the
 * older preemptible VMs); AKS "spot node pools", whose taint AKS puts on by itself; GKE's
 * taint is the one of node auto-provisioning.
 * Thread-safety: const.
 */
#ifndef POLICIES_CAPACITY_LABELS_H
#define POLICIES_CAPACITY_LABELS_H

#include <stdbool.h>
#include <stddef.h>

/* A kind of spot nodes: each carries the labels of one cloud only. */
struct spot_nodes {
    const char *label;
    const char *value;
    bool tolerated; /* such nodes may have a NoSchedule taint of the same key and value ... */
    bool tainted;   /* ... and always do */
};

enum { SPOT_NODES_COUNT = 5 };

extern const struct spot_nodes spot_nodes[SPOT_NODES_COUNT];

bool is_capacity_label(const char *key); /* false for NULL */

#endif
