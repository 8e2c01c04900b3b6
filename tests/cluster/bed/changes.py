# SPDX-License-Identifier: Apache-2.0
"""What rules of a policy make of a pod, written down once: for tests that compare whole pods."""

# The label by which each cloud, and Karpenter, calls a node spot.
SPOT = {"karpenter.sh/capacity-type": "spot", "eks.amazonaws.com/capacityType": "SPOT",
        "cloud.google.com/gke-spot": "true", "cloud.google.com/gke-preemptible": "true",
        "kubernetes.azure.com/scalesetpriority": "spot"}


def on_demand_only():
    """Node affinity of what requires on-demand: no label of its node says spot."""
    none = [{"key": key, "operator": "NotIn", "values": [value]} for key, value in SPOT.items()]
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": none}]}}


def off_hosts(pod, weight):
    """Pod anti-affinity of a preferred spread over hosts."""
    return {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, "podAffinityTerm": {
        "topologyKey": "kubernetes.io/hostname", "labelSelector": _of_its_kind(pod)}}]}


def over_zones(pod):
    """The constraint of a preferred spread over zones."""
    return {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": _of_its_kind(pod)}


def _of_its_kind(pod):
    return {"matchLabels": {key: pod["metadata"]["labels"][key] for key in ("spark-app-selector", "spark-role")}}
