# SPDX-License-Identifier: Apache-2.0
"""Another webhook that puts its container first: the pod is the same whoever is asked first."""

import copy

import pytest

from bed.api import Refused
from bed.pods import spark_container, spark_pod
from bed.sidecar_webhook import SIDECAR, SidecarWebhook
from bed.sparkward import SELECTED_BY
from reviews import FIXTURES

POLICIES = FIXTURES.parent / "integration" / "policies"
# In the order of names Sparkward's zz-sparkward-… lies between them.
BEFORE, AFTER = "aa", "zzz"


@pytest.fixture
def sidecar(control, tmp_path):
    with SidecarWebhook(control, "sidecar", tmp_path / "sidecar") as one:
        yield one


def without_token(role, name):
    """A pod for which no plugin of the API server has to do anything for a container that comes later."""
    pod = spark_pod(role, name)
    pod["spec"]["automountServiceAccountToken"] = False
    return pod


def in_common(pod):
    """What has to be the same of two pods in two namespaces."""
    pod = copy.deepcopy(pod)
    for field in ("uid", "creationTimestamp", "managedFields", "resourceVersion", "namespace"):
        del pod["metadata"][field]
    # The token's volume is named at random.
    for volume in [*pod["spec"]["volumes"], *(m for c in pod["spec"]["containers"] for m in c["volumeMounts"])]:
        if volume["name"].startswith("kube-api-access-"):
            volume["name"] = "kube-api-access"
    pod["spec"]["volumes"].sort(key=lambda v: v["name"])
    return pod


@pytest.mark.parametrize("policy", ["everything.yaml", "always.yaml"])
@pytest.mark.parametrize("make", [spark_pod, without_token])
def test_the_stored_pod_is_the_same_in_either_order(install, control, sidecar, policy, make):
    one = install(POLICIES / policy)
    after = control.namespace(f"{one.namespace}-after", {SELECTED_BY: one.name})
    sidecar.register(BEFORE, one.namespace)
    sidecar.register(AFTER, after)
    one.wait_asked(after)
    for role in ("driver", "executor"):
        first, second = (control.api.pods(ns).create(make(role, f"{role}-1")) for ns in (one.namespace, after))
        assert [c["name"] for c in first["spec"]["containers"]] == [
            SIDECAR["name"], f"spark-kubernetes-{role}"], "Spark's container is not the first"
        assert in_common(first) == in_common(second)
        check_the_right_container(first)
