# SPDX-License-Identifier: Apache-2.0
"""Pods as Spark makes them: what it sent to an API server once, fit to be sent again."""

from reviews import RECORDED, load

SPARK = "4.1.4"
_SENT = {"driver": "cluster-driver-pod.json", "executor": "client-executor-pod.json"}
# What the API server's own plugins had added when the review was recorded.
_ADDED = ("serviceAccount", "serviceAccountName", "tolerations", "priority", "preemptionPolicy")


def spark_pod(role, name=None, spark=SPARK):
    """A driver or an executor. Nobody schedules it, so that it stays as the API server stored it."""
    pod = load(RECORDED / f"spark-{spark}" / _SENT[role])["request"]["object"]
    labels = pod["metadata"]["labels"]
    pod["metadata"] = ({"name": name} if name else {"generateName": f"{role}-"}) | {"labels": labels}
    spec = pod["spec"]
    for field in _ADDED:
        spec.pop(field, None)
    token = {v["name"] for v in spec["volumes"] if v["name"].startswith("kube-api-access-")}
    spec["volumes"] = [v for v in spec["volumes"] if v["name"] not in token]
    for container in spec["containers"]:
        container["volumeMounts"] = [m for m in container["volumeMounts"] if m["name"] not in token]
    spec["schedulerName"] = "nobody"
    return pod


def spark_container(pod):
    """Spark's own container."""
    role = pod["metadata"]["labels"]["spark-role"]
    return next(c for c in pod["spec"]["containers"] if c["name"] == f"spark-kubernetes-{role}")
