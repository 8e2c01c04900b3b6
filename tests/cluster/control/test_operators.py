# SPDX-License-Identifier: Apache-2.0
"""Pods of applications that an operator submits: with the default policy, and without Sparkward.

There are recorded samples of Kubeflow's operator. Apache's builds its driver with Spark's own
code, so its pods are recorded pods of Spark with the names, labels and owner that it gives them.
"""

import copy

import pytest
from bed import changes
from bed.stored import as_sent, comparable
from reviews import RECORDED, load, sample_pod

APACHE_LABELS = {"spark.operator/name": "spark-kubernetes-operator", "spark.operator/spark-app-name": "pi"}


def kubeflow():
    """A driver and its first executor."""
    return [as_sent(sample_pod(f"{role}-pod-operator.json")) for role in ("driver", "executor")]


def apache():
    """A driver and its first executor."""
    driver, executor = (as_sent(load(RECORDED / "spark-4.1.4" / name)["request"]["object"])
                        for name in ("cluster-driver-pod.json", "client-executor-pod.json"))
    app = driver["metadata"]["labels"]["spark-app-selector"]
    for pod in (driver, executor):
        pod["metadata"]["labels"] |= APACHE_LABELS | {"spark-app-selector": app}
    driver["metadata"] |= {"name": f"{app}-driver", "ownerReferences": [
        {"apiVersion": "spark.apache.org/v1", "kind": "SparkApplication", "name": "pi",
         "uid": "9e8d7c6b-5a49-4382-9170-605f4e3d2c1b", "controller": True}]}
    for volume in driver["spec"]["volumes"]:
        if volume["name"] == "spark-conf-volume-driver":
            volume["configMap"]["name"] = f"{app}-spark-drv-conf-map"
    executor["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Pod", "name": f"{app}-driver", "uid": "", "controller": True}]
    return [driver, executor]


def as_the_default_policy_says(pod):
    """A pod that was stored without Sparkward, and every change that the default policy describes."""
    pod = copy.deepcopy(pod)
    role, spec = pod["metadata"]["labels"]["spark-role"], pod["spec"]
    pod["metadata"]["annotations"] = {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false", "karpenter.sh/do-not-disrupt": "true"}
    # The first executor is the one in five that is kept on-demand.
    spec["affinity"] = {"nodeAffinity": changes.on_demand_only()}
    if role == "executor":
        spec["affinity"]["podAntiAffinity"] = changes.off_hosts(pod, weight=50)
        spec["topologySpreadConstraints"] = [changes.over_zones(pod)]
    spec["terminationGracePeriodSeconds"] = {"driver": 60, "executor": 120}[role]
    return pod


@pytest.fixture(scope="module")
def sparkward(install_shared):
    return install_shared()


@pytest.fixture(scope="module")
def namespaces(control, sparkward):
    """One with Sparkward, one without, both with the service account that the pods name."""
    both = sparkward.namespace, control.namespace("operators-without")
    for namespace in both:
        control.api.core("serviceaccounts", namespace).create({"metadata": {"name": "spark"}})
    return both


def create(control, namespace, driver, executor):
    """Both as stored. The executor is owned by the very driver: the garbage collector takes what has no owner."""
    pods = control.api.pods(namespace)
    uid = pods.create(driver)["metadata"]["uid"]
    executor = copy.deepcopy(executor)
    for owner in executor["metadata"]["ownerReferences"]:
        if owner["kind"] == "Pod":
            owner["uid"] = uid
    pods.create(executor)
    return [comparable(pods.get(pod["metadata"]["name"])) for pod in (driver, executor)]


@pytest.mark.parametrize("operator", (kubeflow, apache))
def test_pods_of_an_operator_get_what_the_default_policy_says(control, namespaces, operator):
    ours, plain = (create(control, namespace, *operator()) for namespace in namespaces)
    assert ours == [as_the_default_policy_says(pod) for pod in plain]


@pytest.mark.parametrize("role", ("connect-server", "master", "worker"))
def test_what_else_an_operator_runs_stays_as_it_is(control, sparkward, namespaces, role):
    driver, _ = kubeflow()
    driver["metadata"] |= {"name": f"other-{role}", "labels": driver["metadata"]["labels"] | {"spark-role": role}}
    before = sparkward.reviews()
    ours, plain = (comparable(control.api.pods(namespace).create(driver)) for namespace in namespaces)
    assert sparkward.reviews() == before + 2, "it has Spark's labels, so there are questions: to change it, to judge it"
    assert ours == plain
