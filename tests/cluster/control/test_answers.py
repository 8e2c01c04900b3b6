# SPDX-License-Identifier: Apache-2.0
"""What a real API server makes of Sparkward's answers: patches, warnings and audit annotations."""

import json
import unicodedata

import pytest
import yaml
from bed.api import Refused
from bed.metrics import total
from bed.pods import spark_container, spark_pod
from reviews import FIXTURES
from wait import poll

EVERYTHING = [FIXTURES.parent / "integration" / "policies" / name for name in ("everything.yaml", "always.yaml")]
# What is recorded of the first mutating webhook that was asked, in the first round.
MUTATION, PATCH = (f"{what}.webhook.admission.k8s.io/round_0_index_" for what in ("mutation", "patch"))
# The Priority plugin is asked again and writes these after the class that Sparkward has set.
OF_THE_CLASS = {"/spec/priority", "/spec/preemptionPolicy"}


@pytest.fixture
def audited_pods(control, audited):
    return control.api.pods(audited)


def audit_annotations(control, pod):
    """What the audit log says about the creation of a pod."""
    def find():
        for event in control.audit_events():
            if event["verb"] == "create" and event.get("responseStatus", {}).get("code") in (201, 403) \
                    and event["requestObject"]["metadata"].get("name") == pod["metadata"]["name"]:
                return event["annotations"]
        return None
    return poll(find, 10, what=f"the creation of {pod['metadata']['name']} in the audit log")


def patch_in(annotations):
    """The operations of Sparkward's patch."""
    [record] = (json.loads(v) for k, v in annotations.items() if k.startswith(PATCH))
    assert record["webhook"] == "mutate.sparkward.dev" and record["patchType"] == "JSONPatch"
    return record["patch"]


def holds(stored, sent):
    """Is everything of `sent` in `stored`, which may have defaults beside it, and does not keep empty texts?"""
    if isinstance(sent, dict):
        return isinstance(stored, dict) and all(
            holds(stored[k], v) if k in stored else v == "" for k, v in sent.items())
    if isinstance(sent, list):
        return isinstance(stored, list) and len(stored) == len(sent) and all(map(holds, stored, sent))
    return stored == sent


def at(document, pointer):
    """What is there, as a list: of "-", the end of a list, every element could be the one that was added."""
    found = [document]
    for word in pointer.split("/")[1:]:
        word = word.replace("~1", "/").replace("~0", "~")
        if word == "-":
            found = found[0]
            continue
        place = found[0]
        found = [place[int(word)]] if isinstance(place, list) else [place[word]] if word in place else []
    return found


@pytest.mark.parametrize("role", ["driver", "executor"])
@pytest.mark.parametrize("policy", EVERYTHING, ids=lambda p: p.stem)
def test_every_field_that_is_sent_is_stored(install, control, audited_pods, policy, role):
    """The API server drops what it does not know without a word: a misspelt field would be missed here."""
    install(policy).select("audited")
    stored = audited_pods.create(spark_pod(role, f"{role}-{policy.stem}"))
    annotations = audit_annotations(control, stored)
    operations = patch_in(annotations)
    for operation in operations:
        found = at(stored, operation["path"])
        if operation["op"] == "remove":
            assert found == [] or operation["path"] in OF_THE_CLASS, operation
        else:
            assert any(holds(value, operation["value"]) for value in found), operation
    [record] = (json.loads(v) for k, v in annotations.items() if k.startswith(MUTATION))
    assert record["mutated"] is True


def test_the_audit_log_names_policy_and_rule_of_every_change(install, control, audited_pods):
    install(EVERYTHING[1]).select("audited")
    admission = yaml.safe_load(EVERYTHING[1].read_text())["spec"]["admission"]
    traced = {}
    for role in ("driver", "executor"):
        pod = spark_pod(role, f"traced-{role}")
        spark_container(pod)["image"] = admission["imageRewrite"][0]["from"] + "spark:4.1.4"
        stored = audited_pods.create(pod)
        annotations = audit_annotations(control, stored)
        traced |= {k.split("/")[1]: v for k, v in annotations.items() if k.startswith("mutate.sparkward.dev/")}
    # A kind of rule that is a part of a section is called section.part.
    assert {kind.split(".")[0] for kind in traced} == admission.keys() - {"when"}
    assert all(value.startswith("always: ") for value in traced.values())


def test_a_refusal_is_in_the_audit_log(install, control, audited_pods):
    install().select("audited")
    pod = spark_pod("executor", "refused-and-traced")
    spark_container(pod)["securityContext"] = {"privileged": True}
    with pytest.raises(Refused):
        audited_pods.create(pod)
    annotations = audit_annotations(control, pod)
    assert "(policy default, rule no-privileged)" in annotations["mutate.sparkward.dev/violations"]
    assert not any(k.startswith(PATCH) for k in annotations)


def test_to_the_api_servers_metrics_a_refusal_is_no_error(install, control):
    """failurePolicy is about errors only: of a webhook with Ignore a refusal is one all the same."""
    one = install()

    def refusals():
        return total(control.metrics(), "apiserver_admission_webhook_rejection_count", error_type="no_error",
                     name="mutate.sparkward.dev", operation="CREATE", rejection_code="403", type="admit")
    before = refusals()
    pod = spark_pod("executor")
    spark_container(pod)["securityContext"] = {"privileged": True}
    with pytest.raises(Refused):
        control.api.pods(one.namespace).create(pod)
    assert refusals() == before + 1


def test_a_pod_that_got_past_a_missing_webhook_is_in_the_audit_log(install, control, audited_pods):
    one = install(change=lambda webhook: webhook.update(failurePolicy="Ignore")).select("audited")
    one.replicas[0].stop()
    stored = audited_pods.create(spark_pod("executor", "unseen"))
    assert "affinity" not in stored["spec"]
    annotations = audit_annotations(control, stored)
    opened = {k.partition("/")[0]: v for k, v in annotations.items() if k.startswith("failed-open.")}
    assert opened == {"failed-open.mutation.webhook.admission.k8s.io": "mutate.sparkward.dev",
                      "failed-open.validating.webhook.admission.k8s.io": "validate.sparkward.dev"}


KEYS_WITH_SLASHES = """\
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {name: slashes}
spec:
  priority: 1
  admission:
    when: always
    labels: {example.com/team: platform}
    annotations: {example.com/a.b_c: "1", example.com/replaced: new}
"""


def test_keys_with_slashes_are_added_and_replaced(install, control, audited_pods, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(KEYS_WITH_SLASHES)
    install(policy).select("audited")
    pod = spark_pod("executor", "slashes")
    pod["metadata"]["annotations"] = {"example.com/replaced": "old", "example.com/kept": "yes"}
    stored = audited_pods.create(pod)
    assert {o["path"] for o in patch_in(audit_annotations(control, stored))} == {
        "/metadata/labels/example.com~1team", "/metadata/annotations/example.com~1a.b_c",
        "/metadata/annotations/example.com~1replaced"}
    assert stored["metadata"]["labels"]["example.com/team"] == "platform"
    assert stored["metadata"]["annotations"] == {
        "example.com/a.b_c": "1", "example.com/replaced": "new", "example.com/kept": "yes"}


@pytest.mark.parametrize("policy", EVERYTHING, ids=lambda p: p.stem)
def test_what_has_no_lists_and_maps_yet_gets_them(install, control, audited_pods, policy):
    """A patch that adds to what is not there is an error whatever failurePolicy says."""
    install(policy, change=lambda webhook: webhook.update(failurePolicy="Fail")).select("audited")
    for role in ("driver", "executor"):
        pod = spark_pod(role, f"bare-{role}-{policy.stem}")
        pod["metadata"]["labels"] = {k: pod["metadata"]["labels"][k] for k in ("spark-role", "spark-app-selector")}
        spec = pod["spec"]
        pod["spec"] = {"automountServiceAccountToken": False, "schedulerName": "nobody", "containers": [
            {"name": c["name"], "image": c["image"], "args": c["args"], "ports": c["ports"]} for c in spec["containers"]]}
        stored = audited_pods.create(pod)
        assert {o["path"] for o in patch_in(audit_annotations(control, stored))} >= {
            "/metadata/annotations", "/spec/affinity"}
        assert "nodeAffinity" in stored["spec"]["affinity"]


def test_an_object_that_needs_no_change_gets_no_patch(install, control, audited_pods):
    install(EVERYTHING[0]).select("audited")
    changed = audited_pods.create(spark_pod("executor", "first-pass"))
    again = {"metadata": {"name": "second-pass", **{k: changed["metadata"][k] for k in ("labels", "annotations")}},
             "spec": changed["spec"]}
    annotations = audit_annotations(control, audited_pods.create(again))
    [record] = (json.loads(v) for k, v in annotations.items() if k.startswith(MUTATION))
    assert record["mutated"] is False and not any(k.startswith(PATCH) for k in annotations)


MANY_REGISTRIES = """\
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {name: registries}
spec:
  priority: 1
  require:
    - rule: images
      action: warn
      from: [%s]
""" % ", ".join(f'"registry-{n}.example.com/spark/*"' for n in range(12))


@pytest.fixture
def advised_pods(install, control, tmp_path):
    policy = tmp_path / "registries.yaml"
    policy.write_text(MANY_REGISTRIES)
    return control.api.pods(install(policy).namespace)


def test_more_warnings_than_the_api_server_passes_on(advised_pods):
    """It cuts each to 256 characters and drops those after 4,096: what is left must still say what is wrong."""
    pod = spark_pod("executor", "many-warnings")
    images = [spark_container(pod)["image"], *(f"docker.io/{'ü' * (n % 30)}/helper:{n}" for n in range(40))]
    pod["spec"]["containers"] += [{"name": f"helper-{n}", "image": image} for n, image in enumerate(images[1:])]
    warnings = advised_pods.create(pod).warnings
    assert {len(w) for w in warnings} == {256}
    assert len(warnings) == 4096 // 256
    for number, (warning, image) in enumerate(zip(warnings, images)):
        assert warning.startswith(f'spec.containers[{number}].image: found "{image}", allowed: registry-0.example.com')


def test_few_warnings_are_not_cut(advised_pods):
    [warning] = advised_pods.create(spark_pod("executor", "one-warning")).warnings
    assert len(warning) > 256 and warning.endswith("(policy registries, rule images)")


def test_what_a_header_cannot_hold_does_not_lose_the_warning(advised_pods):
    """Images may hold control characters, for all the API server cares; warnings may not, or they are dropped."""
    pod = spark_pod("executor", "odd-image")
    spark_container(pod)["image"] = 'evil\n\t\u001b[31m\u0085"\\\u2028é'
    [warning] = advised_pods.create(pod).warnings
    assert warning.startswith('spec.containers[0].image: found "evil') and "é" in warning
    assert not any(unicodedata.category(c) == "Cc" for c in warning)
