# SPDX-License-Identifier: Apache-2.0
"""What Sparkward is asked about, registered as the README says, and what the API server keeps from it."""

import pytest
from bed.api import Refused
from bed.pods import spark_container, spark_pod
from bed.sidecar_webhook import SidecarWebhook, change_nothing
from bed.sparkward import KINDS, registration


@pytest.fixture(scope="module")
def one(install_shared):
    return install_shared()


@pytest.fixture
def pods(one, control):
    return control.api.pods(one.namespace)


class Asked:
    """How often Sparkward is asked from now on."""

    def __init__(self, one):
        self.one = one
        self.before = self._counts()

    def _counts(self):
        return [self.one.reviews(endpoint) for endpoint in ("mutate", "validate")]

    def times(self, mutate, validate):
        return self._counts() == [self.before[0] + mutate, self.before[1] + validate]


def test_a_container_for_debugging_is_judged(one, pods, control):
    pods.create(spark_pod("driver", "debugged"))

    def debug(profile):
        return control.kubectl("debug", "-n", one.namespace, "debugged", "--image=tools:1", f"--profile={profile}",
                               f"--container={profile}", check=False)

    asked = Asked(one)
    assert debug("general").returncode == 0
    assert asked.times(mutate=0, validate=1), "a pod that is there is judged only"
    refused = debug("sysadmin")
    assert refused.returncode == 1
    assert 'admission webhook "validate.sparkward.dev" denied the request: ' in refused.stderr
    assert "spec.ephemeralContainers[1].securityContext.privileged" in refused.stderr
    assert [c["name"] for c in pods.get("debugged")["spec"]["ephemeralContainers"]] == ["general"]


def test_other_subresources_are_not_sent(one, pods):
    created = pods.create(spark_pod("executor", "left-alone"))
    asked = Asked(one)
    container = spark_container(created)
    container["resources"]["requests"]["cpu"] = "3"
    pods.merge("left-alone", {"spec": {"containers": [container]}}, "resize")
    pods.merge("left-alone", {"status": {"message": "seen"}}, "status")
    with pytest.raises(Refused, match="does not have a host assigned"):
        pods.api.request("POST", f"{pods.path}/left-alone/exec?command=id&stdout=true")
    pods.api.request("POST", f"{pods.path}/left-alone/binding", {
        "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "left-alone"},
        "target": {"kind": "Node", "name": "node-1"}})
    pods.delete("left-alone", gracePeriodSeconds=0)
    assert asked.times(0, 0)


def test_a_pod_cannot_lose_its_labels_unseen(one, pods):
    """The selector looks at the old object and at the new one, so whoever takes Spark's labels away is asked about."""
    pods.create(spark_pod("executor", "relabelled"))
    no_longer = {"metadata": {"labels": {"spark-role": None, "spark-app-selector": None}}}
    asked = Asked(one)
    pods.merge("relabelled", no_longer)
    assert asked.times(mutate=0, validate=1)
    pods.merge("relabelled", {"metadata": {"labels": {"app": "web"}}})
    assert asked.times(mutate=0, validate=1), "it is no pod of Spark's any more"


def test_match_conditions_exclude(install, control):
    def change(webhook):
        webhook["matchConditions"] = [
            {"name": "not-exempt", "expression": "!('exempt' in object.metadata.labels)"}]

    one = install(change=change)
    exempt = spark_pod("executor")
    exempt["metadata"]["labels"]["exempt"] = "yes"
    asked = Asked(one)
    control.api.pods(one.namespace).create(exempt)
    assert asked.times(0, 0)
    stored = control.api.pods(one.namespace).create(spark_pod("executor"))
    assert asked.times(1, 1) and "affinity" in stored["spec"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change, problem", [
    # With these a dry run would be refused without asking. Of v1 they cannot even be registered.
    ({"sideEffects": "Some"}, "sideEffects"), ({"sideEffects": "Unknown"}, "sideEffects"),
    ({"admissionReviewVersions": ["v99"]}, "admissionReviewVersions")])
def test_registrations_that_the_api_server_refuses(control, kind, change, problem):
    [document] = (d for d in registration() if d["kind"] == kind)
    document["metadata"]["name"] = "never-registered"
    collection = control.api.group(document["apiVersion"], KINDS[kind])
    assert collection.create(document, dryRun="All")["webhooks"][0]["sideEffects"] == "None"
    document["webhooks"][0] |= change
    with pytest.raises(Refused, match=problem) as refused:
        collection.create(document, dryRun="All")
    assert refused.value.code == 422


def test_webhooks_are_never_asked_about_webhooks(control, tmp_path):
    """Sparkward cannot lock anybody out of its own configurations, whatever it is registered for."""
    cluster = {"apiVersions": ["*"], "resources": ["*"], "operations": ["*"], "scope": "Cluster"}
    rules = [cluster | {"apiGroups": ["admissionregistration.k8s.io"]}, cluster | {"apiGroups": ["scheduling.k8s.io"]}]
    namespace = control.namespace("asked-about-webhooks")
    with SidecarWebhook(control, "everything", tmp_path / "webhook", change_nothing) as webhook:
        webhook.register("aa", namespace, *rules).forget()
        priorities = control.api.group("scheduling.k8s.io/v1", "priorityclasses")
        priorities.create({"metadata": {"name": "asked-about"}, "value": 1})
        for document in registration():
            document["metadata"]["name"] = "unasked"
            configurations = control.api.group(document["apiVersion"], KINDS[document["kind"]])
            configurations.create(document, dryRun="All")
        priorities.delete("asked-about")
        assert {r["kind"]["kind"] for r in webhook.requests()} == {"PriorityClass"}
        assert [r["operation"] for r in webhook.requests()] == ["CREATE", "DELETE"]
