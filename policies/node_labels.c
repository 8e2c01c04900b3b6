/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/node_labels.h"

#include <string.h>

/* label, value, tolerated, tainted */
#define SPOT_NODES(X)                                                                              \
    X("karpenter.sh/capacity-type", "spot", false, false)                                          \
    X("eks.amazonaws.com/capacityType", "SPOT", false, false)                                      \
    X("cloud.google.com/gke-spot", "true", true, false)                                            \
    X("cloud.google.com/gke-preemptible", "true", false, false)                                    \
    X("kubernetes.azure.com/scalesetpriority", "spot", true, true)

#define NODES(label, value, tolerated, tainted) {label, value, tolerated, tainted},
const struct spot_nodes spot_nodes[SPOT_NODES_COUNT] = {SPOT_NODES(NODES)};

#define LABEL(label, value, tolerated, tainted) label,
const char *const capacity_labels[SPOT_NODES_COUNT + 1] = {SPOT_NODES(LABEL) NULL};

bool is_capacity_label(const char *key)
{
    for (size_t i = 0; key != NULL && i < SPOT_NODES_COUNT; i++) {
        if (strcmp(spot_nodes[i].label, key) == 0) {
            return true;
        }
    }
    return false;
}
