# SPDX-License-Identifier: Apache-2.0
"""Real reviews in, answers that a real API server would take out."""

import copy
import json
import uuid

import jsonpatch
import pytest
from reviews import (
    RECORDED,
    SAMPLES,
    applied,
    as_created,
    ask,
    check_answer,
    dumps,
    exact,
    load,
    mutate,
    patch_of,
    review,
    sample_pod,
)

SAMPLE_FILES = sorted(SAMPLES.glob("*.json"))
RECORDED_FILES = sorted(RECORDED.glob("**/*.json"))
ALL_FILES = SAMPLE_FILES + RECORDED_FILES
SPARK_PODS = [f for f in ALL_FILES if "pod" in f.name and load(f)["request"]["kind"]["kind"] == "Pod"]
# What stands around pods: drivers' ConfigMaps and Services, claims of Spark, applications of operators.
AROUND = [f for f in ALL_FILES if f not in SPARK_PODS and any(
    part in f.name for part in ("driver-configmap", "configmap-driver", "service", "pvc-", "sparkapplication"))
    and "client-executor" not in f.name]
OTHERS = [f for f in ALL_FILES if f not in SPARK_PODS + AROUND]


def name(path):
    return f"{path.parent.name}-{path.stem}"


@pytest.fixture
def connection(server):
    with server.connect() as one:
        yield one


def test_the_fixtures_are_there():
    assert len(SAMPLE_FILES) >= 20 and len(RECORDED_FILES) >= 18
    assert len(SPARK_PODS) >= 20 and len(AROUND) == 14 and len(OTHERS) == 6


@pytest.mark.parametrize("path", ALL_FILES, ids=name)
@pytest.mark.parametrize("which", ["server", "default_server"])
def test_every_review_gets_a_right_answer(request, which, path):
    """On both endpoints, with every mutation and with the shipped default."""
    one = request.getfixturevalue(which)
    sent = load(path)
    with one.connect() as connection:
        response = ask(connection, sent, "/mutate")
        assert response["allowed"]
        assert ask(connection, sent, "/validate")["allowed"]
    after = applied(sent["request"]["object"], response)
    assert after["kind"] == sent["request"]["object"]["kind"]


@pytest.mark.parametrize("path", RECORDED_FILES, ids=name)
def test_recorded_reviews_byte_for_byte(connection, path):
    """As the API server sent them, not as Python would write them."""
    text = path.read_bytes()
    check_answer(json.loads(text), connection.post("/mutate", text))


@pytest.mark.parametrize("path", SPARK_PODS + AROUND, ids=name)
def test_spark_objects_are_patched_and_a_second_pass_changes_nothing(connection, path):
    sent = load(path)
    response = ask(connection, sent)
    assert "patch" in response, "a Spark object that no policy touched"
    again = copy.deepcopy(sent)
    again["request"]["object"] = applied(sent["request"]["object"], response)
    again["request"]["uid"] = str(uuid.uuid4())
    assert "patch" not in ask(connection, again)


@pytest.mark.parametrize("path", SPARK_PODS, ids=name)
def test_the_default_policy_is_idempotent_too(default_server, path):
    sent = load(path)
    with default_server.connect() as connection:
        response = ask(connection, sent)
        sent["request"]["object"] = applied(sent["request"]["object"], response)
        assert "patch" not in ask(connection, sent)


@pytest.mark.parametrize("path", ALL_FILES, ids=name)
def test_the_same_request_twice_gives_the_same_bytes(server, path):
    sent = load(path)
    uid = sent["request"]["uid"].encode()
    first = server.post("/mutate", dumps(sent).encode())
    sent["request"]["uid"] = str(uuid.uuid4())
    second = server.post("/mutate", dumps(sent).encode())
    assert second.body.replace(sent["request"]["uid"].encode(), uid) == first.body
    assert first.body.count(uid) == 1


@pytest.mark.parametrize("path", SPARK_PODS, ids=name)
def test_a_patch_touches_nothing_it_need_not(connection, path):
    """Every operation changes something, and what the pod had and no rule names is as before."""
    before = load(path)["request"]["object"]
    after, response = mutate(connection, before)
    document = exact(dumps(before))
    for operation in patch_of(response):
        changed = jsonpatch.apply_patch(document, [operation])
        assert changed != document, f"does nothing: {operation}"
        document = changed
    for field in ("restartPolicy", "serviceAccountName", "hostname", "dnsPolicy"):
        assert after["spec"].get(field) == before["spec"].get(field)
    for old, new in zip(before["spec"]["containers"], after["spec"]["containers"], strict=True):
        for field in ("name", "image", "args", "command", "ports", "lifecycle"):
            assert new.get(field) == old.get(field), field
        assert new["env"][:len(old["env"])] == old["env"]
        for part, quantities in old["resources"].items():
            assert new["resources"][part].items() >= quantities.items()
    assert after["metadata"].get("ownerReferences") == before["metadata"].get("ownerReferences")


@pytest.mark.parametrize("path", OTHERS, ids=name)
def test_others_are_left_alone(connection, path):
    sent = load(path)
    response = ask(connection, sent)
    assert response["allowed"] and "patch" not in response
    assert "patch" not in ask(connection, sent, "/validate")


def untouched(connection, obj, **fields):
    sent = review(obj, **fields)
    for path in ("/mutate", "/validate"):
        response = ask(connection, sent, path)
        assert response["allowed"] and "patch" not in response, response
        assert "warnings" not in response


def test_pods_that_are_not_sparks(connection):
    pod = sample_pod("executor-pod.json")
    pod["metadata"]["labels"] = {"app": "web"}
    untouched(connection, pod)
    for labels in (None, {}, {"spark-role": "driver"}, {"spark-app-selector": "spark-1"}):
        pod["metadata"]["labels"] = labels
        untouched(connection, pod)
    del pod["metadata"]["labels"]
    untouched(connection, pod)


@pytest.mark.parametrize("role", ["connect-server", "cluster", "master", "worker", "Driver", "", "executor "])
def test_other_spark_roles(connection, role):
    pod = sample_pod("executor-pod.json")
    pod["metadata"]["labels"]["spark-role"] = role
    untouched(connection, pod)


def test_mirror_pods(connection):
    pod = sample_pod("driver-pod.json")
    pod["metadata"].setdefault("annotations", {})["kubernetes.io/config.mirror"] = "b7dfba1f"
    untouched(connection, pod)


@pytest.mark.parametrize("subresource", ["ephemeralcontainers", "resize", "status", "binding", "eviction"])
def test_subresources(connection, subresource):
    pod = sample_pod("driver-pod.json")
    untouched(connection, pod, operation="UPDATE", old=pod, subResource=subresource, requestSubResource=subresource)


def test_exec_into_a_pod(connection):
    options = {"kind": "PodExecOptions", "apiVersion": "v1", "stdin": True, "command": ["sh"], "container": "x"}
    sent = review(sample_pod("driver-pod.json"), operation="CONNECT", subResource="exec")
    sent["request"]["object"] = options
    sent["request"]["kind"]["kind"] = "PodExecOptions"
    response = ask(connection, sent)
    assert response["allowed"] and "patch" not in response


def test_delete(connection):
    pod = sample_pod("driver-pod.json")
    untouched(connection, None, operation="DELETE", old=pod)
    sent = review(None, operation="DELETE", old=pod)
    del sent["request"]["object"]
    assert "patch" not in ask(connection, sent)


def test_update(connection):
    """Nearly everything in a pod is immutable: a patch on UPDATE would make the update fail."""
    pod = sample_pod("executor-pod.json")
    sent = review(pod, operation="UPDATE", old=pod)
    response = ask(connection, sent)
    assert response["allowed"] and "patch" not in response


def test_dry_run_gets_the_same_answer(connection):
    pod = sample_pod("executor-pod.json")
    for dry_run in (True, None):
        assert mutate(connection, pod, dryRun=dry_run)[0] == mutate(connection, pod, dryRun=False)[0]
    sent = review(pod)
    del sent["request"]["dryRun"]
    ask(connection, sent)


def test_the_namespace_of_the_request_counts(connection):
    """An object may come without one: the API server fills it in later."""
    pod = sample_pod("executor-pod.json")
    pod["metadata"]["labels"]["tier"] = "gold"
    del pod["metadata"]["namespace"]
    assert mutate(connection, pod, namespace="etl-7")[0]["metadata"]["labels"]["cost-centre"] == "0815"
    assert mutate(connection, pod, namespace="other")[0]["metadata"]["labels"]["cost-centre"] == "4711"
    after, _ = mutate(connection, pod, namespace="etl-7")
    assert "namespace" not in after["metadata"]


def test_a_pod_without_a_name(connection):
    pod = sample_pod("executor-pod.json")
    del pod["metadata"]["name"]
    pod["metadata"]["generateName"] = "spark-exec-"
    sent = review(pod)
    del sent["request"]["name"]
    assert "patch" in ask(connection, sent)


def test_unknown_fields_survive(connection):
    pod = sample_pod("driver-pod.json")
    plain, _ = mutate(connection, pod)
    extra = {"x-list": [1, {"y": None}], "x-text": "é \U0001f680 \" \\ / ~", "x-number": 9007199254740993}
    places = [
        lambda p: p, lambda p: p["metadata"], lambda p: p["spec"], lambda p: p["spec"]["containers"][0],
        lambda p: p["spec"]["volumes"][0], lambda p: p["spec"]["containers"][0]["volumeMounts"][0]]
    with_extra = copy.deepcopy(pod)
    for place in places:
        place(with_extra).update(copy.deepcopy(extra))
    after, _ = mutate(connection, with_extra)
    for place in places:
        for key, value in extra.items():
            assert place(after).pop(key) == value
    assert after == plain


def test_unknown_fields_of_a_review_do_not_matter(connection):
    sent = review(sample_pod("driver-pod.json"))
    plain = ask(connection, sent)
    sent["later"] = {"a": 1}
    sent["request"]["later"] = [None]
    assert ask(connection, sent) == plain


def test_executors_of_a_statefulset_have_no_number_yet(connection):
    pod = sample_pod("executor-pod-statefulset.json")
    assert pod["metadata"]["labels"]["spark-exec-id"] == "EXECID"
    after, _ = mutate(connection, pod)
    assert after["metadata"]["labels"]["cost-centre"] == "4711"
    assert after == mutate(connection, pod)[0]


@pytest.mark.parametrize("number", [None, "", "-1", "0x1", "1.5", "99999999999999999999999", "٣", " 1"])
def test_odd_executor_numbers(connection, number):
    pod = sample_pod("executor-pod.json")
    if number is None:
        del pod["metadata"]["labels"]["spark-exec-id"]
    else:
        pod["metadata"]["labels"]["spark-exec-id"] = number
    assert mutate(connection, pod)[0]["metadata"]["labels"]["cost-centre"] == "4711"


@pytest.mark.parametrize("sample", ["driver-pod.json", "executor-pod.json"])
def test_the_spark_container_need_not_be_the_first(connection, sample):
    alone = sample_pod(sample)
    expected, _ = mutate(connection, alone)
    sidecar = {"name": "logs", "image": "registry.example.com/logs:1",
               "volumeMounts": [{"name": "spark-local-dir-1", "mountPath": "/watch"}]}
    together = copy.deepcopy(alone)
    together["spec"]["containers"].insert(0, copy.deepcopy(sidecar))
    after, _ = mutate(connection, together)
    assert after["spec"]["containers"][0] == sidecar
    assert after["spec"]["containers"][1] == expected["spec"]["containers"][0]


@pytest.mark.parametrize("sample", ["driver-pod.json", "executor-pod.json"])
def test_the_spark_container_may_have_another_name(connection, sample):
    """A pod template names it; then the arguments tell which it is."""
    alone = sample_pod(sample)
    expected, _ = mutate(connection, alone)
    renamed = copy.deepcopy(alone)
    renamed["spec"]["containers"][0]["name"] = "main"
    renamed["spec"]["containers"].insert(0, {"name": "logs", "image": "x", "args": ["tail"]})
    after, _ = mutate(connection, renamed)
    assert after["spec"]["containers"][1] == expected["spec"]["containers"][0] | {"name": "main"}


@pytest.mark.parametrize("sample", ["driver-pod-3.1.json", "executor-pod-3.1.json"])
def test_pods_of_old_spark_versions(connection, sample):
    """No spark-version and no spark-app-name before 3.3."""
    pod = sample_pod(sample)
    assert "spark-version" not in pod["metadata"]["labels"]
    after, _ = mutate(connection, pod)
    assert after["metadata"]["labels"]["cost-centre"] == "4711"


@pytest.mark.parametrize("field, value", [
    ("metadata", None), ("metadata", []), ("metadata", "x"), ("spec", None), ("spec", []), ("spec", 7)])
def test_objects_of_the_wrong_shape_never_get_refused_as_policy(server, field, value):
    """The API server would refuse them itself; ours is to stay calm and never to say allowed:false."""
    pod = sample_pod("executor-pod.json")
    if field == "spec":
        pod["spec"] = value
        sent = review(pod)
    else:
        sent = review(pod)
        sent["request"]["object"] = pod | {"metadata": value}
    for path in ("/mutate", "/validate"):
        answer = server.post(path, dumps(sent).encode())
        assert answer.status in (200, 400), answer.text
        if answer.status == 200:
            assert check_answer(sent, answer, path)["allowed"]


def _paths(value, path=()):
    if isinstance(value, dict):
        for key, child in value.items():
            yield path + (key,)
            yield from _paths(child, path + (key,))
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield path + (i,)
            yield from _paths(child, path + (i,))


@pytest.mark.parametrize("sample", ["driver-pod.json", "executor-pod.json"])
@pytest.mark.parametrize("value", [None, 7, "text", [], {}, [None], {"": None}, True])
def test_any_field_may_have_any_type(connection, sample, value):
    """Each field in turn is replaced by something else: an answer, never a crash, and a patch that applies."""
    pod = sample_pod(sample)
    for path in list(_paths(pod)):
        changed = copy.deepcopy(pod)
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        sent = review(pod)
        sent["request"]["object"] = changed
        answer = connection.post("/mutate", dumps(sent).encode())
        if answer.status == 400:
            continue
        response = check_answer(sent, answer)
        assert response["allowed"]
        applied(changed, response)


def test_a_stored_object_is_not_what_comes_in():
    """The samples carry status and times; the helper takes them out."""
    assert "status" not in as_created(json.loads((SAMPLES / "executor-pod-oomkilled.json").read_text()))
