# SPDX-License-Identifier: Apache-2.0
"""What the person at the terminal sees of an answer: refusals, warnings, dry runs, an apply that changes nothing."""

import json
import pathlib

import pytest
from bed.api import Refused
from bed.pods import spark_container, spark_pod
from reviews import FIXTURES

POLICIES = pathlib.Path(__file__).parent / "policies"
EVERY_MUTATION = FIXTURES.parent / "integration" / "policies" / "everything.yaml"
VIOLATIONS = ("spec.containers[0].resources.limits.memory", "spec.containers[0].image",
              "spec.containers[0].securityContext.privileged")


@pytest.fixture(scope="module")
def guarded(install_shared, control):
    one = install_shared(POLICIES / "verdicts.yaml")
    one.select(control.namespace("lenient"))
    return one


def bad_pod(name):
    """An executor that breaks every requirement."""
    pod = spark_pod("executor", name)
    spark = spark_container(pod)
    del spark["resources"]["limits"]
    spark["image"] = "docker.io/apache/spark:4.1.4"
    spark["securityContext"] = {"privileged": True}
    return pod


def manifest(tmp_path, pod):
    """A file as people write one for kubectl."""
    path = tmp_path / "pod.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Pod"} | pod))
    return path


@pytest.mark.parametrize("verb", ["create", "apply"])
def test_kubectl_shows_every_violation_of_a_refused_pod(guarded, control, tmp_path, verb):
    path = manifest(tmp_path, bad_pod(f"refused-{verb}"))
    result = control.kubectl(verb, "-n", guarded.namespace, "-f", path, check=False)
    assert result.returncode == 1 and result.stdout == ""
    assert 'admission webhook "mutate.sparkward.dev" denied the request: 3 violations' in result.stderr
    assert all(field in result.stderr for field in VIOLATIONS)
    assert "docker.io/apache/spark:4.1.4" in result.stderr, "what was found"
    assert "registry.example.com/spark/*" in result.stderr, "what is allowed"
    assert result.stderr.count("(policy guard, rule ") == 3, "and who says so"
    assert control.api.pods(guarded.namespace).find(f"refused-{verb}") is None


def test_a_refusal_is_forbidden_to_the_api(guarded, control):
    with pytest.raises(Refused) as refused:
        control.api.pods(guarded.namespace).create(bad_pod("refused"))
    status = refused.value.status
    assert (refused.value.code, status["code"], status["status"], status["reason"]) == (
        403, 403, "Failure", "Forbidden")
    assert status["message"].startswith('admission webhook "mutate.sparkward.dev" denied the request: ')


def test_kubectl_shows_every_warning_and_creates_the_pod(guarded, control, tmp_path):
    result = control.kubectl("create", "-n", "lenient", "-f", manifest(tmp_path, bad_pod("warned")))
    assert result.stdout == "pod/warned created\n"
    warnings = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(warnings) == 3, "both endpoints say them, and the API server says each once"
    for warning, field in zip(warnings, VIOLATIONS, strict=True):
        assert warning.startswith(f"Warning: {field}: found ") and "(policy advice, rule " in warning


def test_warnings_reach_the_api(guarded, control):
    created = control.api.pods("lenient").create(bad_pod("warned-by-api"))
    assert [w.split(": ")[0] for w in created.warnings] == list(VIOLATIONS)
    assert created["metadata"]["labels"]["cost-centre"] == "4711"
    changed = control.api.pods("lenient").merge("warned-by-api", {"metadata": {"labels": {"tier": "test"}}})
    assert changed.warnings == [], "of an update only what is new is told"


def test_a_dry_run_shows_the_changed_pod_and_leaves_no_trace(guarded, control, tmp_path):
    pods = control.api.pods(guarded.namespace)
    good = spark_pod("executor", "not-stored")
    spark_container(good)["image"] = "registry.example.com/spark/app:1"
    reviews, logged, warned = guarded.reviews(), guarded.replicas[0].log(), _warnings(guarded)

    shown = pods.create(good, dryRun="All")
    assert shown["metadata"]["labels"]["cost-centre"] == "4711"
    printed = control.kubectl("apply", "--dry-run=server", "-o", "json", "-n", guarded.namespace, "-f",
                              manifest(tmp_path, good)).stdout
    assert json.loads(printed)["metadata"]["labels"]["cost-centre"] == "4711"
    with pytest.raises(Refused, match="3 violations"):
        pods.create(bad_pod("not-stored"), dryRun="All")

    assert pods.find("not-stored") is None
    # Two good pods were judged at both endpoints and a bad one at the first: what was asked is counted, ...
    assert guarded.reviews() == reviews + 5
    # ... and that is all that is left of it.
    assert _warnings(guarded) == warned
    assert guarded.replicas[0].log() == logged


def _warnings(one):
    return one.replicas[0].metric("sparkward_warnings_total")


def left_open(role, name):
    """A pod as people write one by hand: without what Kubernetes and Spark write when nobody says anything."""
    pod = spark_pod(role, name)
    del pod["spec"]["terminationGracePeriodSeconds"]
    return without_local_dirs(pod)


def without_local_dirs(pod):
    is_other = lambda v: not v["name"].startswith("spark-local-dir-")  # noqa: E731
    pod["spec"]["volumes"] = list(filter(is_other, pod["spec"]["volumes"]))
    spark = spark_container(pod)
    spark["volumeMounts"] = list(filter(is_other, spark["volumeMounts"]))
    return pod


@pytest.fixture(scope="module")
def every_mutation(install_shared):
    return install_shared(EVERY_MUTATION)


@pytest.mark.parametrize("role", ["driver", "executor"])
def test_server_side_apply_twice_changes_nothing(every_mutation, control, tmp_path, role):
    path = manifest(tmp_path, left_open(role, f"applied-{role}"))

    def apply():
        return json.loads(control.kubectl(
            "apply", "--server-side", "-o", "json", "-n", every_mutation.namespace, "-f", path).stdout)

    first = apply()
    assert first["metadata"]["labels"]["cost-centre"] == "4711"
    assert "affinity" in first["spec"]
    assert first["spec"]["terminationGracePeriodSeconds"] == {"driver": 30, "executor": 120}[role]
    second = apply()
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert second == first


def test_what_a_policy_replaced_cannot_be_applied_again(every_mutation, control):
    """Kubernetes changes no spec of a pod: a file that says 30 s is not that of the pod that has 120 s."""
    pods = control.api.pods(every_mutation.namespace)
    pod = {"apiVersion": "v1", "kind": "Pod"} | without_local_dirs(spark_pod("executor", "applied-as-spark-does"))
    assert pod["spec"]["terminationGracePeriodSeconds"] == 30
    stored = pods.apply(pod)
    with pytest.raises(Refused, match="pod updates may not change fields") as refused:
        pods.apply(pod)
    assert refused.value.code == 422
    assert pods.get("applied-as-spark-does")["metadata"]["resourceVersion"] == stored["metadata"]["resourceVersion"]
