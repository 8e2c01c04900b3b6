# SPDX-License-Identifier: Apache-2.0
"""Registered as the README says, or by URL; and what happens when certificate, name or version do not fit."""

import base64

import pytest
from bed.api import Refused
from bed.pods import spark_pod
from bed.service import SYSTEM, Service
from bed.sparkward import KINDS, SELECTED_BY, registration
from server import Certificates
from wait import poll

IN_FORCE = 30.0


def test_what_is_registered_is_the_readmes(install, control):
    """But for names, namespace selection and the CA, nothing is changed, and nothing defaulted otherwise."""
    one = install()
    for document in registration():
        [wanted] = document["webhooks"]
        name = f"{document['metadata']['name']}-{one.name}"
        [stored] = control.api.group(document["apiVersion"], KINDS[document["kind"]]).get(name)["webhooks"]
        del stored["clientConfig"]["caBundle"], wanted["clientConfig"]["caBundle"]
        stored["clientConfig"]["service"]["name"] = wanted["clientConfig"]["service"]["name"]
        stored["namespaceSelector"]["matchExpressions"] = [
            e for e in stored["namespaceSelector"]["matchExpressions"] if e["key"] != SELECTED_BY]
        for rule in stored["rules"]:
            assert rule.pop("scope") == "*"
        stored.setdefault("reinvocationPolicy", None)
        assert stored == {"reinvocationPolicy": None} | wanted
    stored = control.api.pods(one.namespace).create(spark_pod("driver"))
    assert stored["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] == "true"


def test_by_url(install, control):
    one = install(url=True)
    address = f"https://{one.address}:{one.replicas[0].address[1]}"
    for configuration, path in zip(one.configurations, ("/mutate", "/validate"), strict=True):
        client = configuration["webhooks"][0]["clientConfig"]
        assert client["url"] == address + path and "service" not in client
    before = one.reviews()
    stored = control.api.pods(one.namespace).create(spark_pod("driver"))
    assert stored["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] == "true"
    assert one.reviews() == before + 2
    with pytest.raises(Refused, match="denied the request: spec.containers.0..securityContext.privileged"):
        control.api.pods(one.namespace).create(privileged())


def privileged():
    pod = spark_pod("executor")
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    return pod


def test_the_name_of_the_service_is_all_a_certificate_needs(install, control):
    one = install(names=lambda host: (host,))
    before = one.reviews()
    control.api.pods(one.namespace).create(spark_pod("driver"))
    assert one.reviews() == before + 2


def under_another_name(one):
    """The same server behind a Service whose name its certificate does not have."""
    other = Service(one.api, f"{one.service.name}-other").create()
    other.add_endpoint(0, one.replicas[0].address[1])
    return {"service": {"name": other.name, "namespace": SYSTEM, "port": 443}}


def under_another_ca(one):
    """As after a certificate was made anew and caBundle forgotten."""
    stranger = Certificates(one.folder / "stranger", names=(one.host,))
    return {"caBundle": base64.b64encode(stranger.ca.read_bytes()).decode()}


@pytest.mark.parametrize("wrong, problem", [
    (under_another_name, "x509: certificate is valid for "),
    (under_another_ca, "x509: certificate signed by unknown authority")])
def test_whom_the_api_server_does_not_trust_it_does_not_ask(install, control, wrong, problem):
    one = install()
    pods = control.api.pods(one.namespace)
    change = wrong(one)

    def spoil(webhook):
        path = webhook["clientConfig"]["service"]["path"]
        webhook["clientConfig"] |= change
        webhook["clientConfig"]["service"]["path"] = path
        webhook["failurePolicy"] = "Fail"

    one.reconfigure(spoil)
    message = poll(lambda: refusal(pods, spark_pod("executor")), IN_FORCE, what="a certificate that is refused")
    assert 'failed calling webhook "mutate.sparkward.dev"' in message and problem in message
    before = one.reviews()

    def as_registered(webhook):
        webhook["failurePolicy"] = {"mutate.sparkward.dev": "Ignore", "validate.sparkward.dev": "Fail"}[webhook["name"]]

    one.reconfigure(as_registered)
    poll(lambda: 'failed calling webhook "validate.sparkward.dev"' in refusal(pods, spark_pod("executor")), IN_FORCE,
         what="only the judge to be missed")

    def open_to_all(webhook):
        webhook["failurePolicy"] = "Ignore"

    one.reconfigure(open_to_all)
    poll(lambda: not refusal(pods, privileged()), IN_FORCE, what="nobody to be missed")
    assert "affinity" not in pods.create(spark_pod("executor"))["spec"], "it starts unchanged"
    assert one.reviews() == before


def refusal(pods, pod):
    """What a dry run of its creation is refused with; "" when it is not."""
    try:
        pods.create(pod, dryRun="All")
    except Refused as e:
        return e.message
    return ""


def test_the_first_version_that_the_api_server_knows_is_sent(install, control):
    """Sparkward speaks v1. Whoever registers v1beta1 first is told by the API server's error what to do."""
    def versions(*names):
        def change(webhook):
            webhook |= {"admissionReviewVersions": list(names), "failurePolicy": "Fail"}
        return change

    one = install(change=versions("v99", "v1", "v1beta1"))
    pods = control.api.pods(one.namespace)
    assert "affinity" in pods.create(spark_pod("driver"))["spec"]
    one.reconfigure(versions("v99", "v1beta1", "v1"))
    message = poll(lambda: refusal(pods, spark_pod("driver")), IN_FORCE, what="a review of v1beta1")
    assert 'failed calling webhook "mutate.sparkward.dev"' in message
    assert "expected admission.k8s.io/v1; list it first in the webhook's admissionReviewVersions" in message
