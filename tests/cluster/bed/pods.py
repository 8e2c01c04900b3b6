# SPDX-License-Identifier: Apache-2.0
"""Pods as Spark makes them: what it sent to an API server once, fit to be sent again."""

from reviews import RECORDED, load

from bed.stored import as_sent

SPARK = "4.1.4"
_SENT = {"driver": "cluster-driver-pod.json", "executor": "client-executor-pod.json"}


def spark_pod(role, name=None, spark=SPARK):
    """A driver or an executor. Nobody schedules it, so that it stays as the API server stored it."""
    pod = as_sent(load(RECORDED / f"spark-{spark}" / _SENT[role])["request"]["object"])
    labels, spec = pod["metadata"]["labels"], pod["spec"]
    pod["metadata"] = ({"name": name} if name else {"generateName": f"{role}-"}) | {"labels": labels}
    for field in ("serviceAccount", "serviceAccountName"):
        spec.pop(field, None)
    spec["schedulerName"] = "nobody"
    return pod


def spark_container(pod):
    """Spark's own container."""
    role = pod["metadata"]["labels"]["spark-role"]
    return next(c for c in pod["spec"]["containers"] if c["name"] == f"spark-kubernetes-{role}")


def probe_pod():
    """The smallest pod that is Spark's to the selectors."""
    return {"metadata": {"generateName": "probe-", "labels": {"spark-role": "executor", "spark-app-selector": "probe"}},
            "spec": {"containers": [{"name": "spark-kubernetes-executor", "image": "probe", "args": ["executor"],
                                     "env": [{"name": "SPARK_EXECUTOR_ID", "value": "1"}],
                                     "resources": {"limits": {"memory": "1Gi"}}}]}}
