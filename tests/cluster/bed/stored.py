# SPDX-License-Identifier: Apache-2.0
"""Objects that the API server has stored: what two of them can be compared by, and sending one again."""

import copy
import re

# What differs between two submissions of the same application.
_IDS = (
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"), (r"\bspark-[0-9a-f]{32}\b", "APPLICATION"),
    (r"-[0-9a-f]{16}-", "-ID-"), (r"^kube-api-access-\w{5}$", "TOKEN"),
    (r"^spark\.app\.submitTime=\d+$", "SUBMITTED"),
)
# A binding names the node and copies its labels of topology to the pod.
_LABELS_OF_NODES = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")
_OF_THE_SERVER = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")
# What admission plugins of the API server add to every pod.
_OF_PLUGINS = ("tolerations", "priority", "preemptionPolicy")


def comparable(obj):
    """An object without what no two submissions share, and without what was written to it after its creation."""
    obj = copy.deepcopy(obj)
    for field in _OF_THE_SERVER:
        obj["metadata"].pop(field, None)
    for owner in obj["metadata"].get("ownerReferences", []):
        owner.pop("uid")
    obj.pop("status", None)
    obj.get("spec", {}).pop("nodeName", None)
    for key in _LABELS_OF_NODES:
        obj["metadata"].get("labels", {}).pop(key, None)
    if "spark.properties" in obj.get("data", {}):
        # java.util.Properties has no order, and its second comment is the time.
        lines = obj["data"]["spark.properties"].splitlines()
        obj["data"]["spark.properties"] = sorted(line for line in lines if not re.match("#[A-Z][a-z]{2} ", line))
    namespace = re.escape(obj["metadata"]["namespace"])
    return _replaced(obj, (*_IDS, (rf"(?<![\w-]){namespace}(?![\w-])", "NAMESPACE")))


def _replaced(value, patterns):
    if isinstance(value, dict):
        return {key: _replaced(v, patterns) for key, v in value.items()}
    if isinstance(value, list):
        return [_replaced(v, patterns) for v in value]
    if isinstance(value, str):
        for pattern, one in patterns:
            value = re.sub(pattern, one, value)
    return value


def as_sent(pod):
    """A stored or recorded pod as its client sent it: without what the API server and its plugins added."""
    pod = copy.deepcopy(pod)
    for field in (*_OF_THE_SERVER, "namespace"):
        pod["metadata"].pop(field, None)
    pod.pop("status", None)
    spec = pod["spec"]
    for field in (*_OF_PLUGINS, "nodeName"):
        spec.pop(field, None)
    spec["volumes"] = [v for v in spec["volumes"] if not v["name"].startswith("kube-api-access-")]
    for container in spec["containers"]:
        container["volumeMounts"] = [
            m for m in container["volumeMounts"] if not m["name"].startswith("kube-api-access-")]
    return pod


def volume(pod, name):
    """The volume of this name; there is one."""
    (one,) = (v for v in pod["spec"]["volumes"] if v["name"] == name)
    return one
