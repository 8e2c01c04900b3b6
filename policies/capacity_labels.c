/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/capacity_labels.h"

#include <string.h>

const struct spot_nodes spot_nodes[SPOT_NODES_COUNT] = {
    {"karpenter.sh/capacity-type", "spot", false, false},
    {"eks.amazonaws.com/capacityType", "SPOT", false, false},
    {"cloud.google.com/gke-spot", "true", true, false},
    {"cloud.google.com/gke-preemptible", "true", false, false},
    {"kubernetes.azure.com/scalesetpriority", "spot", true, true},
};

bool is_capacity_label(const char *key)
{
    for (size_t i = 0; key != NULL && i < SPOT_NODES_COUNT; i++) {
        if (strcmp(spot_nodes[i].label, key) == 0) {
            return true;
        }
    }
    return false;
}
