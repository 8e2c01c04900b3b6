# SPDX-License-Identifier: Apache-2.0
"""What the scheduler would make of a pod: small readings of Kubernetes' own rules.

Tests ask "may this pod go to a spot node of this cloud, and would it rather?" instead of
comparing texts, so that they say what a policy promises and not how it is written.
"""

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"

# (labels, taints) of nodes as the clouds' own documentation names them.
SPOT_NODES = {
    "karpenter": ({"karpenter.sh/capacity-type": "spot"}, []),
    "eks": ({"eks.amazonaws.com/capacityType": "SPOT"}, []),
    "gke": ({"cloud.google.com/gke-spot": "true", "cloud.google.com/gke-provisioning": "spot"},
            [{"key": "cloud.google.com/gke-spot", "value": "true", "effect": "NoSchedule"}]),
    "aks": ({"kubernetes.azure.com/scalesetpriority": "spot"},
            [{"key": "kubernetes.azure.com/scalesetpriority", "value": "spot", "effect": "NoSchedule"}]),
}
ON_DEMAND_NODES = {
    "karpenter": ({"karpenter.sh/capacity-type": "on-demand"}, []),
    "eks": ({"eks.amazonaws.com/capacityType": "ON_DEMAND"}, []),
    "gke": ({"cloud.google.com/gke-provisioning": "standard"}, []),
    "aks": ({}, []),
}


def _expression_holds(expression, labels):
    key, operator = expression["key"], expression["operator"]
    values = expression.get("values") or []
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    if key not in labels:
        return False
    return {"Gt": int(labels[key]) > int(values[0]), "Lt": int(labels[key]) < int(values[0])}[operator]


def _term_holds(term, labels):
    """A node selector term; an empty one matches nothing."""
    expressions = term.get("matchExpressions") or []
    fields = term.get("matchFields") or []
    if not expressions and not fields:
        return False
    return all(_expression_holds(e, labels) for e in expressions) and all(
        _expression_holds(f, {"metadata.name": labels.get(HOST)}) for f in fields)


def _affinity(pod, kind):
    return ((pod["spec"].get("affinity") or {}).get(kind)) or {}


def tolerates(pod, taint):
    for t in pod["spec"].get("tolerations") or []:
        if t.get("effect") not in (None, "", taint["effect"]):
            continue
        if t.get("operator", "Equal") == "Exists":
            if t.get("key") in (None, "", taint["key"]):
                return True
        elif t.get("key") == taint["key"] and t.get("value", "") == taint.get("value", ""):
            return True
    return False


def may_run(pod, node):
    """Node selector, required node affinity and taints."""
    labels, taints = node
    if any(labels.get(k) != v for k, v in (pod["spec"].get("nodeSelector") or {}).items()):
        return False
    required = _affinity(pod, "nodeAffinity").get("requiredDuringSchedulingIgnoredDuringExecution")
    if required and not any(_term_holds(t, labels) for t in required["nodeSelectorTerms"]):
        return False
    return all(tolerates(pod, t) for t in taints if t["effect"] != "PreferNoSchedule")


def preference(pod, node):
    """The sum of the weights of the preferred terms that this node fulfils."""
    terms = _affinity(pod, "nodeAffinity").get("preferredDuringSchedulingIgnoredDuringExecution") or []
    return sum(t["weight"] for t in terms if _term_holds(t["preference"], node[0]))


def selects(selector, labels):
    """A label selector; null matches nothing, empty everything."""
    if selector is None:
        return False
    return all(labels.get(k) == v for k, v in (selector.get("matchLabels") or {}).items()) and all(
        _expression_holds(e, labels) for e in selector.get("matchExpressions") or [])


def pod_terms(pod, kind):
    """[(weight or None when required, term)] of podAffinity or podAntiAffinity."""
    block = _affinity(pod, kind)
    required = block.get("requiredDuringSchedulingIgnoredDuringExecution") or []
    preferred = block.get("preferredDuringSchedulingIgnoredDuringExecution") or []
    return [(None, t) for t in required] + [(p["weight"], p["podAffinityTerm"]) for p in preferred]


def pulls(pod, kind, topology, other_labels):
    """Weights of the terms of `kind` over `topology` that see a pod with these labels (None: required)."""
    return [weight for weight, term in pod_terms(pod, kind)
            if term["topologyKey"] == topology and selects(term.get("labelSelector"), other_labels)]
