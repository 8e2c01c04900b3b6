# SPDX-License-Identifier: Apache-2.0
"""What a real API server sends to a webhook, and that Sparkward takes all of it.

A webhook of the bed and Sparkward are registered for everything that can be done to pods, without
Sparkward's own selectors and with failurePolicy Fail: what is done succeeds only when both answer well.
"""

import urllib.parse

import pytest
from bed.api import Refused
from bed.pods import spark_pod
from bed.service import SYSTEM
from bed.sidecar_webhook import SidecarWebhook, change_nothing
from reviews import FIXTURES

EVERYTHING = FIXTURES.parent / "integration" / "policies" / "everything.yaml"
ALL_OF_PODS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods", "pods/*"], "operations": ["*"]}


def for_all_of_pods(webhook):
    webhook |= {"rules": [ALL_OF_PODS], "failurePolicy": "Fail", "objectSelector": {}}


@pytest.fixture(scope="module")
def one(install_shared):
    return install_shared(EVERYTHING, change=for_all_of_pods)


@pytest.fixture(scope="module")
def recorder(one, control, tmp_path_factory):
    with SidecarWebhook(control, "recorder", tmp_path_factory.mktemp("recorder") / "webhook", change_nothing) as webhook:
        yield webhook.register("aa", one.namespace, ALL_OF_PODS, failurePolicy="Fail", timeoutSeconds=3)


@pytest.fixture
def pods(one, control):
    return control.api.pods(one.namespace)


def test_http_and_tls(recorder, pods):
    recorder.forget()
    pods.create(spark_pod("executor"))
    [call] = recorder.received
    assert (call.method, call.path, call.version) == ("POST", "/asked", "HTTP/1.1")
    assert not call.offers_h2, "a Service is called by HTTP/1.1 only"
    assert call.server_name == recorder.service.host == f"{recorder.service.name}.{SYSTEM}.svc"
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Accept"] == "application/json, */*"
    assert call.query == {"timeout": ["3s"]}


def test_the_timeout_is_what_is_left_of_the_request(recorder, pods):
    recorder.forget()
    pods.api.request("POST", f"{pods.path}?timeout=2s", spark_pod("executor"))
    assert recorder.received[0].query == {"timeout": ["2s"]}, "in whole seconds, rounded up"


def test_a_pod_without_a_name_is_created(recorder, one, pods):
    recorder.forget()
    stored = pods.create(spark_pod("executor"))
    [call] = recorder.received
    assert (call.review["apiVersion"], call.review["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert set(call.review) == {"apiVersion", "kind", "request"}
    request = call.request
    assert request["operation"] == "CREATE" and request["namespace"] == one.namespace
    assert request["kind"] == request["requestKind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert request["resource"] == request["requestResource"] == {"group": "", "version": "v1", "resource": "pods"}
    assert "subResource" not in request
    # The name is made after the webhooks that may change the pod.
    assert not request.get("name") and "name" not in request["object"]["metadata"]
    assert stored["metadata"]["name"].startswith("executor-")
    assert request["oldObject"] is None and request["dryRun"] is False
    assert request["options"]["kind"] == "CreateOptions"
    assert request["userInfo"]["username"] == "admin" and "system:masters" in request["userInfo"]["groups"]


def test_every_call_has_a_uid_of_its_own(recorder, pods):
    recorder.forget()
    for _ in range(3):
        pods.create(spark_pod("executor"), dryRun="All")
    assert len({r["uid"] for r in recorder.requests()}) == 3
    assert all(r["dryRun"] is True for r in recorder.requests())


# Sparkward's two endpoints are asked about everything that is done, and let it happen.

class Asked:
    """What the webhooks are asked from now on."""

    def __init__(self, one, recorder):
        self.one = one
        self.recorder = recorder.forget()
        self.before = self._counts()

    def _counts(self):
        return [self.one.reviews(endpoint) for endpoint in ("mutate", "validate")]

    def request(self):
        """The last request; Sparkward has answered as many, for changing and for judging."""
        calls = self.recorder.received
        assert calls and self._counts() == [n + len(calls) for n in self.before]
        return calls[-1].request


def test_update(recorder, one, pods):
    pods.create(spark_pod("executor", "updated"))
    asked = Asked(one, recorder)
    stored = pods.merge("updated", {"metadata": {"labels": {"tier": "gold"}}})
    request = asked.request()
    assert request["operation"] == "UPDATE" and request["name"] == "updated"
    assert "tier" not in request["oldObject"]["metadata"]["labels"]
    assert request["object"]["metadata"]["labels"]["tier"] == stored["metadata"]["labels"]["tier"] == "gold"


def test_delete_has_no_object(recorder, one, pods):
    pods.create(spark_pod("driver", "deleted"))
    asked = Asked(one, recorder)
    pods.delete("deleted")
    request = asked.request()
    assert request["operation"] == "DELETE" and request["object"] is None
    assert request["oldObject"]["metadata"]["name"] == "deleted"
    assert pods.find("deleted") is None


@pytest.mark.parametrize("subresource, kind, query", [
    ("exec", "PodExecOptions", {"command": "id", "stdout": "true"}), ("attach", "PodAttachOptions", {"stdout": "true"}),
    ("portforward", "PodPortForwardOptions", {"ports": "4040"})])
def test_connect(recorder, one, pods, subresource, kind, query):
    name = f"connected-{subresource}"
    pods.create(spark_pod("driver", name))
    asked = Asked(one, recorder)
    # Nobody has scheduled the pod, and what comes after admission says so.
    with pytest.raises(Refused, match="does not have a host assigned"):
        pods.api.request("POST", f"{pods.path}/{name}/{subresource}?{urllib.parse.urlencode(query)}")
    request = asked.request()
    assert (request["operation"], request["subResource"]) == ("CONNECT", subresource)
    assert request["object"]["kind"] == kind and request["oldObject"] is None


def test_a_container_for_debugging(recorder, one, pods):
    pods.create(spark_pod("driver", "debugged"))
    asked = Asked(one, recorder)
    helper = {"name": "helper", "image": "helper:1"}
    stored = pods.merge("debugged", {"spec": {"ephemeralContainers": [helper]}}, "ephemeralcontainers")
    request = asked.request()
    assert (request["operation"], request["subResource"]) == ("UPDATE", "ephemeralcontainers")
    assert request["kind"]["kind"] == "Pod" and "ephemeralContainers" not in request["oldObject"]["spec"]
    assert stored["spec"]["ephemeralContainers"][0]["image"] == "helper:1"


def test_resize(recorder, one, pods):
    created = pods.create(spark_pod("driver", "resized"))
    asked = Asked(one, recorder)
    container = created["spec"]["containers"][0]
    container["resources"]["requests"]["cpu"] = "3"
    stored = pods.merge("resized", {"spec": {"containers": [container]}}, "resize")
    request = asked.request()
    assert (request["operation"], request["subResource"]) == ("UPDATE", "resize")
    assert stored["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "3"


def test_binding(recorder, one, pods):
    pods.create(spark_pod("executor", "bound"))
    asked = Asked(one, recorder)
    pods.api.request("POST", f"{pods.path}/bound/binding", {
        "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "bound"},
        "target": {"kind": "Node", "name": "node-1"}})
    request = asked.recorder.requests(subresource="binding")[0]
    assert (request["operation"], request["kind"]["kind"]) == ("CREATE", "Binding")
    assert request["name"] == "bound" and request["oldObject"] is None
    # What the kubelet does next is asked about as well, as an update of the status.
    pods.wait("bound", lambda pod: pod["status"]["phase"] == "Running")
    assert recorder.requests("UPDATE", "status")
