# SPDX-License-Identifier: Apache-2.0
"""Refusing: all reasons at once, each with field, what was found, what is allowed and which policy says so."""

import unicodedata

import pytest
from reviews import applied, ask, check_answer, dumps, review, sample_pod

IMAGE = "docker.io/apache/spark:3.5.3"


@pytest.fixture
def connection(strict_server):
    with strict_server.connect() as one:
        yield one


def pod_with(sample="executor-pod.json", **changes):
    """A good pod whose Spark container differs; None takes a field away."""
    pod = sample_pod(sample)
    spark = pod["spec"]["containers"][0]
    spark["image"] = IMAGE
    for field, value in changes.items():
        if value is None:
            spark.pop(field, None)
        else:
            spark[field] = value
    return pod


def refusal(connection, pod, path="/validate", **fields):
    """The message of a refusal."""
    response = ask(connection, review(pod, **fields), path)
    assert not response["allowed"]
    assert response["status"]["code"] == 403
    return response["status"]["message"]


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
@pytest.mark.parametrize("sample", ["driver-pod.json", "executor-pod.json", "executor-pod-3.1.json", "driver-pod-4.1.json"])
def test_good_pods_are_allowed(connection, sample, path):
    pod = pod_with(sample)
    response = ask(connection, review(pod), path)
    assert response["allowed"], response
    assert "warnings" not in response


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_a_missing_memory_limit(connection, path):
    for resources in (None, {}, {"requests": {"memory": "1Gi"}}, {"limits": {}}, {"limits": {"cpu": "1"}}, {"limits": None}):
        message = refusal(connection, pod_with(resources=resources), path)
        assert "spec.containers[0].resources.limits.memory" in message
        assert "guard" in message


@pytest.mark.parametrize("image, good", [
    ("docker.io/apache/spark:3.5.3", True), ("registry.example.com/spark/app:1", True),
    ("registry.example.com/spark/team/app@sha256:" + "0" * 64, True),
    ("docker.io/apache/spark", False), ("registry.example.com/sparkle/app:1", False),
    ("evil.example.com/registry.example.com/spark/app:1", False), ("registry.example.com.evil.com/spark/x", False),
    ("apache/spark:3.5.3", False), ("Registry.example.com/spark/app:1", False), ("", False)])
def test_images(connection, image, good):
    pod = pod_with(image=image)
    if good:
        assert ask(connection, review(pod), "/validate")["allowed"]
        return
    message = refusal(connection, pod)
    assert "spec.containers[0].image" in message and "guard" in message
    assert image in message, "what was found"
    assert "registry.example.com/spark/*" in message and "docker.io/apache/spark:*" in message, "what is allowed"


@pytest.mark.parametrize("security, good", [
    ({"privileged": True}, False), ({"privileged": False}, True), ({}, True), (None, True),
    ({"runAsUser": 185}, True)])
def test_privileged_containers(connection, security, good):
    pod = pod_with(securityContext=security)
    if good:
        assert ask(connection, review(pod), "/validate")["allowed"]
        return
    message = refusal(connection, pod)
    assert "spec.containers[0].securityContext.privileged" in message and "guard" in message


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_every_container_is_looked_at(connection, kind):
    pod = pod_with()
    bad = {"name": "helper", "image": "evil.example.com/x:1", "securityContext": {"privileged": True},
           "resources": {"limits": {"memory": "1Gi"}}}
    pod["spec"].setdefault(kind, []).append(bad)
    index = len(pod["spec"][kind]) - 1
    message = refusal(connection, pod)
    assert f"spec.{kind}[{index}].image" in message
    assert f"spec.{kind}[{index}].securityContext.privileged" in message


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_all_violations_at_once(connection, path):
    pod = pod_with(resources=None, image="evil.example.com/x:1", securityContext={"privileged": True})
    pod["spec"]["initContainers"] = [{"name": "prepare", "image": "evil.example.com/y:2"}]
    message = refusal(connection, pod, path)
    for part in ("spec.containers[0].resources.limits.memory", "spec.containers[0].image", "evil.example.com/x:1",
                 "spec.containers[0].securityContext.privileged", "spec.initContainers[0].image", "evil.example.com/y:2"):
        assert part in message
    assert len(message) < 4096


def test_many_violations_do_not_make_an_endless_message(connection):
    pod = pod_with()
    pod["spec"]["containers"] += [
        {"name": f"c{i}", "image": f"evil.example.com/{'x' * 200}:{i}"} for i in range(500)]
    message = refusal(connection, pod)
    assert "spec.containers[1].image" in message
    assert len(message) < 500 * 1000, "each is cut, however long the image's name"


def test_control_characters_in_a_value_do_not_reach_the_message(connection):
    pod = pod_with(image="evil\n\x1b[31m\x7f\x00\u0085\u009f.example.com/x")
    message = refusal(connection, pod)
    assert not any(unicodedata.category(c) == "Cc" for c in message), repr(message)
    warnings = ask(connection, review(pod, namespace="lenient"), "/validate")["warnings"]
    assert "evil" in warnings[0]


def test_warnings_instead_of_refusals(connection):
    pod = pod_with(resources=None, image="evil.example.com/x:1", securityContext={"privileged": True})
    for path in ("/mutate", "/validate"):
        sent = review(pod, namespace="lenient")
        response = check_answer(sent, connection.post(path, dumps(sent).encode()), path)
        assert response["allowed"]
        warnings = "\n".join(response["warnings"])
        assert len(response["warnings"]) == 3
        for part in ("resources.limits.memory", "evil.example.com/x:1", "privileged", "advice"):
            assert part in warnings


def test_every_warning_says_what_matters_first(connection):
    """The API server cuts: 256 characters a warning once all of them have more than 4,096."""
    pod = pod_with(image="evil.example.com/" + "é" * 2000)
    pod["spec"]["containers"] += [{"name": f"c{i}", "image": f"evil/{i}"} for i in range(200)]
    response = ask(connection, review(pod, namespace="lenient"), "/validate")
    assert response["allowed"]
    images = [w for w in response["warnings"] if ".image" in w[:60]]
    assert images[0].startswith("spec.containers[0].image") and "evil.example.com/" in images[0][:80]


def test_pods_that_are_not_sparks_are_not_judged(connection):
    pod = pod_with(resources=None, image="evil.example.com/x:1")
    pod["metadata"]["labels"] = {"app": "web"}
    for path in ("/mutate", "/validate"):
        assert ask(connection, review(pod), path)["allowed"]


def test_mutate_judges_what_it_made_and_validate_what_was_sent(serve, tmp_path):
    """A refusal is about the object as it would be stored; a refused object gets no patch."""
    policy = tmp_path / "both.yaml"
    policy.write_text("""\
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {name: both}
spec:
  priority: 1
  admission:
    labels: {cost-centre: "1"}
  require:
    - {rule: no-privileged}
""")
    server = serve(policy)
    pod = pod_with()
    response = ask(server, review(pod))
    assert applied(pod, response)["metadata"]["labels"]["cost-centre"] == "1"
    pod = pod_with(securityContext={"privileged": True})
    for path in ("/mutate", "/validate"):
        response = ask(server, review(pod), path)
        assert not response["allowed"] and "patch" not in response
    assert server.metric('sparkward_reviews_total{endpoint="mutate",verdict="denied"}') == 1
    assert server.metric('sparkward_reviews_total{endpoint="validate",verdict="denied"}') == 1


def test_a_refusal_is_traceable(connection):
    response = ask(connection, review(pod_with(resources=None)), "/validate")
    notes = " ".join(f"{k}={v}" for k, v in response["auditAnnotations"].items())
    assert "guard" in notes and "memory-limit" in notes


def test_an_update_is_judged_by_what_it_adds(connection):
    """Pods from before a policy must stay usable: Spark itself labels its executors later."""
    old = pod_with(resources=None)
    new = pod_with(resources=None)
    new["metadata"]["labels"]["spark-exec-inactive"] = "true"
    response = ask(connection, review(new, operation="UPDATE", old=old), "/validate")
    assert response["allowed"], response
    new["spec"]["containers"][0]["image"] = "evil.example.com/x:1"
    message = refusal(connection, new, operation="UPDATE", old=old)
    assert "spec.containers[0].image" in message
    assert "memory" not in message, "that was so before"


# The rules of the policy "strict", in a namespace of that name.


def strict_pod(sample):
    """A pod that nothing is wrong with."""
    pod = pod_with(sample, securityContext={"allowPrivilegeEscalation": False})
    pod["metadata"]["labels"] |= {"cost-centre": "1", "team": "etl"}
    pod["spec"]["terminationGracePeriodSeconds"] = 120
    pod["spec"]["nodeSelector"] = {"karpenter.sh/capacity-type": "on-demand"}
    return pod


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
@pytest.mark.parametrize("sample", ["driver-pod.json", "executor-pod.json"])
def test_pods_that_are_strictly_good(connection, sample, path):
    response = ask(connection, review(strict_pod(sample), namespace="strict"), path)
    assert response["allowed"], response


def test_everything_that_can_be_wrong_with_an_executor(connection):
    pod = strict_pod("executor-pod.json")
    spark = pod["spec"]["containers"][0]
    spark["resources"] = {"requests": {"cpu": "9", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}
    spark["securityContext"] = {"allowPrivilegeEscalation": True, "capabilities": {"add": ["SYS_ADMIN"]}}
    del spark["lifecycle"]
    del pod["metadata"]["labels"]["cost-centre"]
    pod["metadata"]["labels"]["team"] = "science"
    pod["spec"] |= {"terminationGracePeriodSeconds": 30, "hostNetwork": True, "serviceAccountName": "admin"}
    pod["spec"]["volumes"].append({"name": "host", "hostPath": {"path": "/mnt/nvme/../../etc"}})
    message = refusal(connection, pod, namespace="strict")
    volume = len(pod["spec"]["volumes"]) - 1
    for part in (
            "spec.containers[0].resources.requests.memory: found \"1Gi\", allowed: at least 4505Mi = heap 4Gi + overhead 409Mi",
            "spec.containers[0].resources.limits.memory: found \"2Gi\"", "spec.containers[0].resources.requests.cpu",
            "spec.containers[0].securityContext.allowPrivilegeEscalation",
            "spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].lifecycle.preStop",
            "spec.terminationGracePeriodSeconds", "metadata.labels[cost-centre]", "metadata.labels[team]",
            "spec.hostNetwork", "spec.serviceAccountName", f"spec.volumes[{volume}].hostPath.path", "policy strict"):
        assert part in message, part
    assert "driver-not-on-spot" not in message


def test_a_driver_that_may_land_on_spot_nodes(connection):
    pod = strict_pod("driver-pod.json")
    del pod["spec"]["nodeSelector"]
    message = refusal(connection, pod, namespace="strict")
    assert "spec.affinity.nodeAffinity" in message and "karpenter.sh/capacity-type=spot" in message
    assert "azure" not in message, "AKS taints its spot nodes"
