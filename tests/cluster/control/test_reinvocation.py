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
    """A pod for which no plugin of the API server has to do anything when a container comes later."""
    pod = spark_pod(role, name)
    pod["spec"]["automountServiceAccountToken"] = False
    return pod


def in_common(pod):
    """What has to be the same of two pods in two namespaces."""
    pod = copy.deepcopy(pod)
    for field in ("uid", "creationTimestamp", "managedFields", "resourceVersion", "namespace"):
        del pod["metadata"][field]
    named_at_random = [*pod["spec"]["volumes"], *(m for c in pod["spec"]["containers"] for m in c.get("volumeMounts", []))]
    for volume in named_at_random:
        if volume["name"].startswith("kube-api-access-"):
            volume["name"] = "kube-api-access"
    return pod


def check_containers(pod, mounts):
    """Sparkward's changes of containers are in Spark's own, and the sidecar is as its webhook sent it."""
    [foreign] = (c for c in pod["spec"]["containers"] if c["name"] == SIDECAR["name"])
    assert not {"livenessProbe", "startupProbe"} & set(foreign)
    assert foreign["resources"]["limits"] == SIDECAR["resources"]["limits"]
    assert not _policy_mounts(foreign)
    spark = spark_container(pod)
    assert _policy_mounts(spark) == mounts
    if pod["metadata"]["labels"]["spark-role"] == "driver":
        assert spark["livenessProbe"]["httpGet"]["port"] == spark["startupProbe"]["httpGet"]["port"] == "spark-ui"


def _policy_mounts(container):
    return {m["mountPath"] for m in container.get("volumeMounts", [])} & {"/checkpoints", "/data"}


@pytest.mark.parametrize("policy, mounts", [
    ("everything.yaml", {"driver": {"/checkpoints"}, "executor": set()}),
    ("always.yaml", {"driver": {"/data"}, "executor": {"/checkpoints"}})])
def test_the_stored_pod_is_the_same_in_either_order(install, control, sidecar, policy, mounts):
    one = install(POLICIES / policy)
    after = control.namespace(f"{one.namespace}-after", {SELECTED_BY: one.name})
    sidecar.register(BEFORE, one.namespace)
    sidecar.register(AFTER, after)
    one.wait_asked(after)
    for make in (spark_pod, without_token):
        for role in ("driver", "executor"):
            name = f"{role}-{make.__name__.replace('_', '-')}"
            first, second = (control.api.pods(ns).create(make(role, name)) for ns in (one.namespace, after))
            assert [c["name"] for c in first["spec"]["containers"]][:2] == [
                SIDECAR["name"], f"spark-kubernetes-{role}"], "Spark's container is not the first"
            assert in_common(first) == in_common(second)
            check_containers(first, mounts[role])


# Who is asked how often for one pod: /mutate, /validate, the sidecar's webhook.
@pytest.mark.parametrize("order, policy, asked", [
    # What Sparkward changes is shown to the sidecar's webhook, and not again to Sparkward.
    (BEFORE, "IfNeeded", (1, 1, 2)),
    # What the sidecar's webhook changes is shown to Sparkward again.
    (AFTER, "IfNeeded", (2, 1, 1)),
    (AFTER, "Never", (1, 1, 1))])
def test_who_is_asked_again(install, control, sidecar, order, policy, asked):
    def change(webhook):
        if "reinvocationPolicy" in webhook:
            webhook["reinvocationPolicy"] = policy
    # The default policy changes nothing that would have a plugin of the API server do something, too.
    one = install(change=change)
    sidecar.register(order, one.namespace, reinvocationPolicy="IfNeeded").forget()
    before = [one.reviews(e) for e in ("mutate", "validate")]
    control.api.pods(one.namespace).create(without_token("driver", "driver"))
    now = [one.reviews(e) for e in ("mutate", "validate")]
    assert (now[0] - before[0], now[1] - before[1], len(sidecar.received)) == asked
    # Each call is a round trip with an identity of its own.
    assert len({r["uid"] for r in sidecar.requests()}) == len(sidecar.received)


def test_a_plugin_that_mounts_the_token_into_the_sidecar_is_a_reason_too(install, control, sidecar):
    """A real driver has a token: then both webhooks are asked again in the order that would not need it."""
    one = install(POLICIES / "everything.yaml")
    sidecar.register(BEFORE, one.namespace, reinvocationPolicy="IfNeeded").forget()
    before = one.reviews("mutate")
    stored = control.api.pods(one.namespace).create(spark_pod("driver", "driver"))
    assert all(any(m["name"].startswith("kube-api-access-") for m in c["volumeMounts"])
               for c in stored["spec"]["containers"])
    assert one.reviews("mutate") == before + 2
    assert len(sidecar.received) == 2
    check_containers(stored, {"/checkpoints"})


def test_what_a_later_webhook_adds_is_judged_all_the_same(install, control, tmp_path):
    """Nobody is sure to be asked to change a pod again; of who judges it the API server asks last."""
    def add_privileged(_request):
        helper = SIDECAR | {"securityContext": {"privileged": True}}
        return [{"op": "add", "path": "/spec/containers/-", "value": helper}]

    one = install(change=lambda webhook: webhook.pop("reinvocationPolicy", None))
    with SidecarWebhook(control, "privileged", tmp_path / "webhook", patch=add_privileged) as foreign:
        foreign.register(AFTER, one.namespace)
        with pytest.raises(Refused) as refused:
            control.api.pods(one.namespace).create(spark_pod("executor"))
    assert refused.value.code == 403
    assert refused.value.message.startswith(
        'admission webhook "validate.sparkward.dev" denied the request: spec.containers[1].securityContext.privileged')
