# SPDX-License-Identifier: Apache-2.0
"""AdmissionReviews: making them, and judging answers by the API server's own rules.

The rules are those of k8s.io/apiserver, pkg/admission/plugin/webhook/request/admissionreview.go,
and of the patch library it uses.
"""

import base64
import copy
import json
import pathlib
import re
import uuid

import jsonpatch

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
SAMPLES = FIXTURES / "samples"
RECORDED = FIXTURES / "reviews"

RESOURCES = {
    "Pod": ("", "v1", "pods"),
    "ConfigMap": ("", "v1", "configmaps"),
    "Service": ("", "v1", "services"),
    "PersistentVolumeClaim": ("", "v1", "persistentvolumeclaims"),
    "PersistentVolume": ("", "v1", "persistentvolumes"),
    "SparkApplication": ("sparkoperator.k8s.io", "v1beta2", "sparkapplications"),
    "ScheduledSparkApplication": ("sparkoperator.k8s.io", "v1beta2", "scheduledsparkapplications"),
}


class Number:
    """A JSON number as its text, so that no float can hide a change."""

    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self):
        return hash(self.text)

    def __deepcopy__(self, _):
        return self

    def __repr__(self):
        return f"Number({self.text})"


def exact(text):
    """Parses JSON and keeps every number as it was written."""
    def refuse(name):
        raise ValueError(f"{name} is not JSON")
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse)


def dumps(value):
    """Compact JSON; Number is written as its text."""
    def convert(v):
        if isinstance(v, Number):
            return "\ue000" + v.text + "\ue001"
        if isinstance(v, dict):
            return {k: convert(x) for k, x in v.items()}
        if isinstance(v, list):
            return [convert(x) for x in v]
        return v
    text = json.dumps(convert(value), ensure_ascii=False, separators=(",", ":"))
    return re.sub('"\ue000([^\ue001]*)\ue001"', r"\1", text)


def review(obj, *, operation="CREATE", namespace=None, uid=None, old=None, **fields):
    """An AdmissionReview of `obj` as the API server sends it; `fields` replace or add to the request's."""
    shown = obj or old or {}
    kind = shown.get("kind", "Pod")
    group, version, plural = RESOURCES[kind]
    metadata = shown.get("metadata") or {}
    request = {
        "uid": uid or str(uuid.uuid4()),
        "kind": {"group": group, "version": version, "kind": kind},
        "resource": {"group": group, "version": version, "resource": plural},
        "requestKind": {"group": group, "version": version, "kind": kind},
        "requestResource": {"group": group, "version": version, "resource": plural},
        "name": metadata.get("name", ""),
        "namespace": namespace or metadata.get("namespace") or "spark-jobs",
        "operation": operation,
        "userInfo": {"username": "system:serviceaccount:spark-jobs:spark", "groups": ["system:authenticated"]},
        "object": obj,
        "oldObject": old,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    request.update(fields)
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def load(path):
    """A fixture as an AdmissionReview, whether it is one or a bare object."""
    document = json.loads(pathlib.Path(path).read_text())
    return document if document["kind"] == "AdmissionReview" else review(as_created(document))


def as_created(obj):
    """A stored object as it was when it came in: without what only the cluster writes."""
    obj = copy.deepcopy(obj)
    obj.pop("status", None)
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "uid", "creationTimestamp"):
        obj["metadata"].pop(field, None)
    return obj


def sample_pod(name):
    """The pod in a sample, as it was created."""
    document = json.loads((SAMPLES / name).read_text())
    return as_created(document["request"]["object"] if document["kind"] == "AdmissionReview" else document)


def patch_of(response):
    """The operations of an answer's patch; [] when it has none."""
    return exact(base64.b64decode(response["patch"], validate=True)) if "patch" in response else []


def check_answer(sent, answer, path="/mutate"):
    """Fails unless the API server would take this answer to this review. Returns its `response`."""
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    document = json.loads(answer.body)
    assert set(document) == {"apiVersion", "kind", "response"}, "nothing else, the request least of all"
    assert (document["apiVersion"], document["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response = document["response"]
    assert set(response) <= {"uid", "allowed", "status", "patch", "patchType", "auditAnnotations", "warnings"}
    assert response["uid"] == sent["request"]["uid"]
    assert response["allowed"] is True or response["allowed"] is False
    assert ("patch" in response) == ("patchType" in response)
    if "patch" in response:
        assert path == "/mutate", "a validating webhook may send no patch"
        assert response["allowed"], "a patch on a refused object is for nobody"
        assert response["patchType"] == "JSONPatch"
        _check_operations(patch_of(response))
    if not response["allowed"]:
        assert response["status"]["message"], "a refusal must say why"
        assert 400 <= response["status"].get("code", 403) < 500
    _check_words(response)
    return response


def told(answer):
    """What is wrong with a review that was not understood: the message of a Status, which the API server passes on."""
    assert answer.headers["content-type"] == "application/json"
    status = json.loads(answer.body)
    assert (status.pop("kind"), status.pop("apiVersion"), status.pop("status")) == ("Status", "v1", "Failure")
    assert status.pop("code") == answer.status
    assert status.pop("reason") == {400: "BadRequest", 500: "InternalError"}[answer.status]
    message = status.pop("message")
    assert status == {} and message
    return message


def _check_operations(operations):
    assert isinstance(operations, list) and operations, "an empty patch is left out"
    for operation in operations:
        assert operation["op"] in ("add", "replace", "remove"), operation
        wanted = {"op", "path"} if operation["op"] == "remove" else {"op", "path", "value"}
        assert set(operation) == wanted, operation
        assert operation["path"].startswith("/")
        assert not re.search(r"~(?![01])", operation["path"]), operation["path"]


def _check_words(response):
    for warning in response.get("warnings", []):
        assert isinstance(warning, str) and warning
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", warning), repr(warning)
        assert len(warning) <= 256, "the API server would cut it"
    for key, value in response.get("auditAnnotations", {}).items():
        # The API server puts "<webhook name>/" in front, so the key itself must be a plain name.
        assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", key), key
        assert isinstance(value, str)


def applied(obj, response):
    """What the API server would store: the patch applied by a library that is not ours. Plain JSON values."""
    result = jsonpatch.apply_patch(exact(dumps(obj)), patch_of(response))
    return json.loads(dumps(result))


def ask(connection, sent, path="/mutate"):
    """Sends a review on a connection (or server) and returns the checked response."""
    return check_answer(sent, connection.post(path, dumps(sent).encode()), path)


def mutate(connection, obj, **fields):
    """The object after /mutate and after the API server, and the response."""
    sent = review(obj, **fields)
    response = ask(connection, sent)
    assert response["allowed"], response
    return applied(obj, response), response
