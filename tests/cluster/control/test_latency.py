# SPDX-License-Identifier: Apache-2.0
"""What Sparkward adds to the creation of an executor, beside what a policy inside the API server adds.

Namespaces side by side: nobody is asked; the API server's own MutatingAdmissionPolicy sets a
label, an annotation and an anti-affinity, once as one patch and once as a patch each; Sparkward's
whole default policy changes the pod; Sparkward changes and judges it. Dry-run creations of one
recorded executor, one after the other, go round them in turns, so that what else the machine does
hits all alike.
"""

import json
import statistics
import time
from dataclasses import dataclass, field

import pytest
from bed.metrics import total
from bed.pods import spark_pod
from bed.stream import is_mutated
from client import Connection, request_bytes, tls_context
from server import ROOT
from wait import poll

ROUNDS = 20
EACH = 50
SEEN = 30.0
RELEASE = ROOT / "build" / "release" / "sparkward"
MUTATING = ("MutatingWebhookConfiguration",)
DURATION = "apiserver_admission_webhook_admission_duration_seconds"
IN_TREE = "bed.sparkward.dev/in-tree-policy"
LABEL, ANNOTATION = "cost-centre", "cluster-autoscaler.kubernetes.io/safe-to-evict"
# No question whether the pod has annotations or an affinity: as cheap as they can be.
AVOIDED = "Object.spec.affinity.podAntiAffinity"
PREFERRED = f"{AVOIDED}.preferredDuringSchedulingIgnoredDuringExecution"
PATCHES = [
    f'JSONPatch{{op: "add", path: "/metadata/labels/{LABEL}", value: "4711"}}',
    f'JSONPatch{{op: "add", path: "/metadata/annotations", value: {{"{ANNOTATION}": "false"}}}}',
    f"""JSONPatch{{op: "add", path: "/spec/affinity", value: Object.spec.affinity{{podAntiAffinity: {AVOIDED}{{
      preferredDuringSchedulingIgnoredDuringExecution: [{PREFERRED}{{
        weight: 50,
        podAffinityTerm: {PREFERRED}.podAffinityTerm{{
          topologyKey: "kubernetes.io/hostname",
          labelSelector: {PREFERRED}.podAffinityTerm.labelSelector{{
            matchLabels: {{"spark-app-selector": object.metadata.labels["spark-app-selector"]}}}}}}}}]}}}}}}""",
]


def policy(name, expressions):
    """A MutatingAdmissionPolicy for the executors of the namespaces that have its name."""
    matched = {
        "namespaceSelector": {"matchLabels": {IN_TREE: name}},
        "objectSelector": {"matchExpressions": [
            {"key": key, "operator": "Exists"} for key in ("spark-role", "spark-app-selector")]},
        "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]}
    return {"metadata": {"name": name}, "spec": {
        "failurePolicy": "Fail", "reinvocationPolicy": "Never", "matchConstraints": matched,
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": e}} for e in expressions]}}


class Creator:
    """A client with one connection and nothing between it and the API server that takes time of its own."""

    def __init__(self, control):
        self.connection = Connection((control.address, control.port), tls_context(control.ca), name=control.address)
        self.token = control.tokens["admin"]
        self.body = json.dumps(spark_pod("executor")).encode()

    def request(self, namespace):
        return request_bytes("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All",
                             {"Authorization": f"Bearer {self.token}"}, self.body)

    def create(self, request):
        """How long it took, in milliseconds, and the answer."""
        begin = time.perf_counter()
        self.connection.send(request)
        response = self.connection.read_response()
        return (time.perf_counter() - begin) * 1000, response


@dataclass
class Way:
    """A way to create a pod, and what was measured of it."""

    namespace: str
    is_as_it_should_be: object
    rounds: list = field(default_factory=list)

    def run(self, creator):
        request = creator.request(self.namespace)
        measured = [creator.create(request) for _ in range(EACH)]
        self.rounds.append([took for took, _ in measured])
        for _, response in measured:
            assert response.status == 201, response.text
            assert self.is_as_it_should_be(json.loads(response.body)), response.text

    def p99(self):
        return statistics.quantiles([took for one in self.rounds for took in one], n=100)[98]

    def p50(self):
        return statistics.median(map(statistics.median, self.rounds))


def is_untouched(pod):
    return "annotations" not in pod["metadata"] and "affinity" not in pod["spec"]


def is_mutated_in_tree(pod):
    return (pod["metadata"]["labels"].get(LABEL) == "4711"
            and pod["metadata"].get("annotations") == {ANNOTATION: "false"}
            and list(pod["spec"].get("affinity", {})) == ["podAntiAffinity"])


@pytest.fixture
def in_tree(control):
    """in_tree(name, expressions) → a namespace whose executors a policy of the API server itself changes."""
    group = "admissionregistration.k8s.io/v1"
    policies = control.api.group(group, "mutatingadmissionpolicies")
    bindings = control.api.group(group, "mutatingadmissionpolicybindings")
    names = []

    def new(name, expressions):
        namespace = control.namespace(name, {IN_TREE: name})
        policies.create(policy(name, expressions))
        names.append(name)
        bindings.create({"metadata": {"name": name}, "spec": {"policyName": name}})
        poll(lambda: is_mutated_in_tree(control.api.pods(namespace).create(spark_pod("executor"), dryRun="All")), SEEN,
             what=f"policy {name} to be in force")
        return Way(namespace, is_mutated_in_tree)

    yield new
    for name in names:
        bindings.delete(name)
        policies.delete(name)


class Counters:
    """What has been counted since this was made: by the API server, and by Sparkward."""

    def __init__(self, control, *installations):
        self.control = control
        self.installations = installations
        self.first = self._read()

    def _read(self):
        text = self.control.metrics()
        return {f"{webhook} {what}": total(text, f"{DURATION}_{what}", name=f"{webhook}.sparkward.dev")
                for webhook in ("mutate", "validate") for what in ("count", "sum")} | {
            (one.name, endpoint): one.reviews(endpoint)
            for one in self.installations for endpoint in ("mutate", "validate")}

    def since(self):
        return {key: value - self.first[key] for key, value in self._read().items()}


def figure(none, one_patch, three_patches, mutate, both, counted):
    def more(way):
        added = statistics.median(statistics.median(with_) - statistics.median(without)
                                  for with_, without in zip(way.rounds, none.rounds))
        return f"{added:+.2f}/{way.p99() - none.p99():+.2f}"

    def mean(webhook):
        return counted[f"{webhook} sum"] / counted[f"{webhook} count"] * 1000
    return (f"pod creation (dry run) p50/p99: none {none.p50():.2f}/{none.p99():.2f} ms, "
            f"in-tree policy {more(one_patch)} (as three patches {more(three_patches)}), "
            f"Sparkward mutate {more(mutate)}, mutate and validate {more(both)}; API server's own mean for Sparkward: "
            f"mutate {mean('mutate'):.2f} ms over {counted['mutate count']:.0f} calls, "
            f"validate {mean('validate'):.2f} ms over {counted['validate count']:.0f}")


def test_what_a_creation_costs(install, control, in_tree, record_property):
    mutate = install(binary=RELEASE, kinds=MUTATING)
    both = install(binary=RELEASE)
    ways = [Way(control.namespace("nobody-is-asked"), is_untouched),
            in_tree("in-tree-one-patch", [f"[{', '.join(PATCHES)}]"]),
            in_tree("in-tree-three-patches", [f"[{patch}]" for patch in PATCHES]),
            Way(mutate.namespace, is_mutated), Way(both.namespace, is_mutated)]
    creator = Creator(control)
    counters = Counters(control, mutate, both)
    for _ in range(ROUNDS):
        for way in ways:
            way.run(creator)
    counted, creations = counters.since(), ROUNDS * EACH
    assert (counted["mutate count"], counted["validate count"]) == (2 * creations, creations)
    assert [counted[one.name, endpoint] for one in (mutate, both) for endpoint in ("mutate", "validate")] == [
        creations, 0, creations, creations]
    record_property("figure", figure(*ways, counted))
