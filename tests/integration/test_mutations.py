# SPDX-License-Identifier: Apache-2.0
"""Each mutation by itself: what a pod must be like afterwards, and what of the user's must stay.

The expectations are written down here from what the policy promises and from
Kubernetes' rules (scheduling.py), not from what the server happens to do.
"""

import copy
import decimal
import pathlib
import re

import pytest
import scheduling
from podgen import pods
from reviews import applied, mutate, sample_pod
from scheduling import HOST, ON_DEMAND_NODES, SPOT_NODES, ZONE

SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"


@pytest.fixture
def connection(server):
    with server.connect() as one:
        yield one


def driver():
    return sample_pod("driver-pod.json")


def executor(number=None):
    """An executor; every fifth number is one of the on-demand share."""
    pod = sample_pod("executor-pod.json")
    if number is not None:
        pod["metadata"]["labels"]["spark-exec-id"] = str(number)
    return pod


def after(connection, pod, **fields):
    return mutate(connection, pod, **fields)[0]


def labelled(connection, pod, **fields):
    return after(connection, pod, **fields)["metadata"]["labels"]


def annotated(connection, pod):
    return after(connection, pod)["metadata"].get("annotations") or {}


def spark(pod):
    return next(c for c in pod["spec"]["containers"] if c["name"].startswith("spark-kubernetes-"))


def volume(pod, name):
    return next(v for v in pod["spec"]["volumes"] if v["name"] == name)


# Labels and annotations


def test_labels_are_added_beside_the_users(connection):
    before = driver()["metadata"]["labels"]
    assert labelled(connection, driver()) == before | {"cost-centre": "4711"}


def test_when_absent_the_users_label_stays(connection):
    for own in ("mine", ""):
        pod = driver()
        pod["metadata"]["labels"]["cost-centre"] = own
        assert labelled(connection, pod)["cost-centre"] == own


def test_when_always_the_policys_label_wins(connection):
    pod = executor()
    pod["metadata"]["labels"]["team"] = "mine"
    assert labelled(connection, pod)["team"] == "platform"
    assert labelled(connection, executor())["team"] == "platform"


def test_a_label_of_one_role_only(connection):
    assert "team" not in labelled(connection, driver())


def test_annotations_of_drivers(connection):
    assert annotated(connection, driver()) == {
        SAFE_TO_EVICT: "false", DO_NOT_DISRUPT: "true", "example.com/owner": "platform"}


def test_annotations_absent_and_always(connection):
    pod = driver()
    pod["metadata"]["annotations"] = {SAFE_TO_EVICT: "true", "example.com/owner": "me", "example.com/other/with~": "é"}
    assert annotated(connection, pod) == {
        SAFE_TO_EVICT: "true", DO_NOT_DISRUPT: "true", "example.com/owner": "platform", "example.com/other/with~": "é"}


@pytest.mark.parametrize("annotations", [None, {}])
def test_annotations_where_there_were_none(connection, annotations):
    pod = driver()
    pod["metadata"]["annotations"] = annotations
    assert annotated(connection, pod)[DO_NOT_DISRUPT] == "true"


def test_executors_may_go_when_their_shuffle_data_may_stay(connection):
    """The same annotation, opposite values: what counts is where the local dirs lie."""
    assert annotated(connection, sample_pod("executor-pod-pvc-reused.json"))[SAFE_TO_EVICT] == "true"
    assert annotated(connection, sample_pod("executor-pod-pvc-ondemand.json"))[SAFE_TO_EVICT] == "true"
    assert annotated(connection, executor())[SAFE_TO_EVICT] == "false"


def test_one_local_dir_that_is_lost_is_enough(connection):
    pod = sample_pod("executor-pod-pvc-reused.json")
    pod["spec"]["volumes"].append({"name": "spark-local-dir-2", "emptyDir": {}})
    spark(pod)["volumeMounts"].append({"name": "spark-local-dir-2", "mountPath": "/data/spark-y/executor-y"})
    for variable in spark(pod)["env"]:
        if variable["name"] == "SPARK_LOCAL_DIRS":
            variable["value"] += ",/data/spark-y/executor-y"
    assert annotated(connection, pod)[SAFE_TO_EVICT] == "false"


def test_the_highest_priority_decides_a_label(connection):
    pod = driver()
    pod["metadata"]["labels"]["tier"] = "gold"
    for namespace, expected in (("etl-7", "0815"), ("etl-legacy", "4711"), ("web", "4711"), ("xetl-7", "4711")):
        pod["metadata"]["namespace"] = namespace
        assert labelled(connection, pod, namespace=namespace)["cost-centre"] == expected
    pod["metadata"]["namespace"] = "etl-7"
    pod["metadata"]["labels"]["tier"] = "silver"
    assert labelled(connection, pod)["cost-centre"] == "4711"


def test_excluded_namespaces(connection):
    pod = executor()
    pod["metadata"]["namespace"] = "kube-system"
    result, response = mutate(connection, pod)
    assert result == pod and "patch" not in response


# Capacity


@pytest.mark.parametrize("cloud", SPOT_NODES)
def test_drivers_run_on_demand_in_every_cloud(connection, cloud):
    pod = after(connection, driver())
    assert not scheduling.may_run(pod, SPOT_NODES[cloud])
    assert scheduling.may_run(pod, ON_DEMAND_NODES[cloud])


def on_demand_executors(connection, numbers):
    """Which of them prefer on-demand to spot in every cloud; the others must prefer spot in every cloud."""
    found = []
    for number in numbers:
        pod = after(connection, executor(number))
        votes = set()
        for cloud, node in SPOT_NODES.items():
            spot_ok = scheduling.may_run(pod, node)
            spot = scheduling.preference(pod, node) if spot_ok else -1
            on_demand = scheduling.preference(pod, ON_DEMAND_NODES[cloud])
            assert scheduling.may_run(pod, ON_DEMAND_NODES[cloud])
            assert spot != on_demand, f"executor {number} has no preference in {cloud}"
            votes.add(spot < on_demand)
        assert len(votes) == 1, f"executor {number} is spot in one cloud and on-demand in another"
        if votes.pop():
            found.append(number)
    return found


def test_consecutive_executors_give_the_share_exactly(connection):
    assert len(on_demand_executors(connection, range(1, 101))) == 20
    for start in range(1, 21, 5):
        assert len(on_demand_executors(connection, range(start, start + 5))) == 1, "also of any five in a row"


def test_the_share_depends_on_the_number_only(connection):
    """Replicas agree without talking, retries change nothing."""
    share = set(on_demand_executors(connection, range(1, 11)))
    pod = executor(min(share))
    pod["metadata"]["labels"]["spark-app-selector"] = "spark-another"
    pod["metadata"]["name"] = "another"
    other = executor(min(set(range(1, 11)) - share))
    for cloud in SPOT_NODES:
        prefers = after(connection, pod), after(connection, other)
        spot, on_demand = SPOT_NODES[cloud], ON_DEMAND_NODES[cloud]
        assert scheduling.preference(prefers[1], spot) > scheduling.preference(prefers[1], on_demand)
        assert not (scheduling.may_run(prefers[0], spot)
                    and scheduling.preference(prefers[0], spot) > scheduling.preference(prefers[0], on_demand))


@pytest.mark.parametrize("share, expected", [("0%", 0), ("1%", 1), ("33%", 33), ("50%", 50), ("99%", 99), ("100%", 100)])
def test_other_shares(serve, tmp_path, share, expected):
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"""\
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {{name: share}}
spec:
  priority: 1
  admission:
    capacity: {{executor: {{prefer: spot, onDemandShare: {share}}}}}
""")
    with serve(policy).connect() as connection:
        assert len(on_demand_executors(connection, range(1, 101))) == expected


@pytest.mark.parametrize("cloud", SPOT_NODES)
def test_spot_executors_tolerate_what_spot_nodes_are_tainted_with(connection, cloud):
    numbers = range(1, 6)
    able = [n for n in numbers if scheduling.may_run(after(connection, executor(n)), SPOT_NODES[cloud])]
    assert len(able) >= 4


def test_the_users_required_node_affinity_still_holds(connection):
    for pod in (driver(), executor(1), executor(2), executor(3), executor(4), executor(5)):
        pod["spec"]["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["a"]}]},
            {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["b"]}]}]}}}
        own = copy.deepcopy(pod)
        result = after(connection, pod)
        for pool in ("a", "b", "c"):
            for nodes in (SPOT_NODES, ON_DEMAND_NODES):
                for labels, taints in nodes.values():
                    node = (labels | {"pool": pool}, taints)
                    untainted = (node[0], [])
                    if scheduling.may_run(result, node):
                        assert scheduling.may_run(own, untainted), "the policy let it go where the user did not"
        for labels, taints in ON_DEMAND_NODES.values():
            assert scheduling.may_run(result, (labels | {"pool": "a"}, taints))
            assert scheduling.may_run(result, (labels | {"pool": "b"}, taints))


def test_the_users_preferences_and_pod_affinity_stay(connection):
    pod = executor()
    own = {
        "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 7, "preference": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["nvme"]}]}}]},
        "podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 3, "podAffinityTerm": {"topologyKey": "rack", "labelSelector": {"matchLabels": {"a": "b"}}}}]},
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "rack", "labelSelector": {"matchLabels": {"c": "d"}}}]},
    }
    pod["spec"]["affinity"] = copy.deepcopy(own)
    result = after(connection, pod)["spec"]["affinity"]
    for kind, block in own.items():
        for when, terms in block.items():
            assert result[kind][when][:len(terms)] == terms, f"the user's {kind} comes first and unchanged"


def without_nothing(value):
    """Members that are null or empty left out: Kubernetes reads them as missing."""
    return {k: w for k, v in value.items() if (w := without_nothing(v) if isinstance(v, dict) else v)}


@pytest.mark.parametrize("affinity", [
    None, {}, {"nodeAffinity": None}, {"nodeAffinity": {}},
    {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": None}},
    {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": None}},
    {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    {"podAffinity": None, "podAntiAffinity": {}},
    {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": None}}])
def test_empty_affinity_of_every_shape(connection, affinity):
    for make in (driver, executor, lambda: executor(2), lambda: executor(3)):
        expected = after(connection, make())["spec"]["affinity"]
        pod = make()
        pod["spec"]["affinity"] = affinity
        assert without_nothing(after(connection, pod)["spec"]["affinity"]) == expected


@pytest.fixture
def spot_executor(connection):
    """One that is not of the on-demand share, as it comes in."""
    number = (set(range(1, 6)) - set(on_demand_executors(connection, range(1, 6)))).pop()
    return executor(number)


def test_tolerations_are_not_added_twice(connection, spot_executor):
    own = copy.deepcopy(spot_executor["spec"]["tolerations"])
    tolerations = after(connection, spot_executor)["spec"]["tolerations"]
    assert tolerations[:len(own)] == own, "the user's come first and unchanged"
    added = tolerations[len(own):]
    assert added, "spot executors tolerate spot taints"
    assert len(added) == len({str(sorted(t.items())) for t in added})
    for have in ([added[0]], [added[-1]], added, [{"key": added[0]["key"], "operator": "Exists"}]):
        pod = copy.deepcopy(spot_executor)
        pod["spec"]["tolerations"] = copy.deepcopy(have)
        assert len(after(connection, pod)["spec"]["tolerations"]) == len(added), have


def test_tolerating_everything_needs_nothing_more(connection, spot_executor):
    spot_executor["spec"]["tolerations"] = [{"operator": "Exists"}]
    assert after(connection, spot_executor)["spec"]["tolerations"] == [{"operator": "Exists"}]


def test_drivers_on_demand_tolerate_no_spot(connection):
    pod = after(connection, driver())
    assert not [t for _, taints in SPOT_NODES.values() for t in taints if scheduling.tolerates(pod, t)]


# Spread


def mates(pod, number="77"):
    """Labels of another executor of the same application, and of one of another application."""
    labels = pod["metadata"]["labels"]
    return labels | {"spark-exec-id": number}, labels | {"spark-exec-id": number, "spark-app-selector": "spark-other"}


def test_executors_of_an_application_avoid_each_others_hosts(connection):
    pod = after(connection, executor())
    same, other = mates(pod)
    assert scheduling.pulls(pod, "podAntiAffinity", HOST, same) == [50]
    assert scheduling.pulls(pod, "podAntiAffinity", HOST, other) == []
    driver_labels = driver()["metadata"]["labels"] | {"spark-app-selector": pod["metadata"]["labels"]["spark-app-selector"]}
    assert scheduling.pulls(pod, "podAntiAffinity", HOST, driver_labels) == [], "the driver is no executor"


def test_executors_of_an_application_are_spread_over_zones(connection):
    pod = after(connection, executor())
    same, other = mates(pod)
    constraint, = pod["spec"]["topologySpreadConstraints"]
    assert (constraint["topologyKey"], constraint["maxSkew"]) == (ZONE, 1)
    assert constraint["whenUnsatisfiable"] == "ScheduleAnyway", "preferred: a full zone must not stop the job"
    assert scheduling.selects(constraint["labelSelector"], same)
    assert not scheduling.selects(constraint["labelSelector"], other)


def test_a_constraint_of_the_users_own_stays_alone(connection):
    pod = executor()
    own = [{"maxSkew": 5, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}]
    pod["spec"]["topologySpreadConstraints"] = copy.deepcopy(own)
    assert after(connection, pod)["spec"]["topologySpreadConstraints"] == own
    pod["spec"]["topologySpreadConstraints"] = [own[0] | {"topologyKey": "example.com/rack"}]
    result = after(connection, pod)["spec"]["topologySpreadConstraints"]
    assert result[0] == own[0] | {"topologyKey": "example.com/rack"} and len(result) == 2


def test_a_spread_of_the_users_own_is_enough(connection):
    pod = executor()
    selector = {"matchLabels": {"spark-app-selector": pod["metadata"]["labels"]["spark-app-selector"]}}
    pod["spec"]["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": HOST, "labelSelector": selector}]}}
    result = after(connection, pod)["spec"]["affinity"]["podAntiAffinity"]
    assert result == pod["spec"]["affinity"]["podAntiAffinity"]


def test_drivers_are_not_spread(connection):
    affinity = after(connection, driver())["spec"]["affinity"]
    assert "podAntiAffinity" not in affinity and "podAffinity" not in affinity
    constraints = after(connection, driver())["spec"]["topologySpreadConstraints"]
    assert not [c for c in constraints if c["topologyKey"] in (HOST, ZONE)]


# Probes


def test_probes_of_the_drivers_ui(connection):
    container = spark(after(connection, driver()))
    for name in ("livenessProbe", "startupProbe"):
        probe = container[name]["httpGet"]
        assert probe["path"] == "/api/v1/version", "there is no /health in Spark"
        assert probe["port"] == "spark-ui", "by name: the number may differ"
    startup = container["startupProbe"]
    assert startup["failureThreshold"] * startup.get("periodSeconds", 10) == 15 * 60
    liveness = container["livenessProbe"]
    assert liveness["timeoutSeconds"] >= 5 and liveness["failureThreshold"] >= 3
    assert "readinessProbe" not in container, "a driver that is not ready vanishes from its own Service"


def test_the_users_probes_stay(connection):
    pod = driver()
    own = {"exec": {"command": ["true"]}, "periodSeconds": 99}
    spark(pod)["livenessProbe"] = own
    container = spark(after(connection, pod))
    assert container["livenessProbe"] == own
    assert "startupProbe" in container


def test_no_probe_without_the_port_it_needs(connection):
    """spark.ui.enabled=false: the probe would kill a healthy driver."""
    pod = driver()
    spark(pod)["ports"] = [p for p in spark(pod)["ports"] if p["name"] != "spark-ui"]
    container = spark(after(connection, pod))
    assert "livenessProbe" not in container and "startupProbe" not in container


def test_executors_and_sidecars_get_no_probes(connection):
    pod = driver()
    pod["spec"]["containers"].insert(0, {"name": "logs", "image": "x"})
    assert after(connection, pod)["spec"]["containers"][0] == {"name": "logs", "image": "x"}
    container = spark(after(connection, executor()))
    assert not [k for k in container if k.endswith("Probe")]


# Local dirs


def test_scratch_space_on_a_claim_of_its_own(connection):
    pod = after(connection, executor())
    claim = volume(pod, "spark-local-dir-1")
    assert set(claim) == {"name", "ephemeral"}
    spec = claim["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert spec == {"storageClassName": "gp3", "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "100Gi"}}}
    assert spark(pod)["volumeMounts"] == spark(executor())["volumeMounts"], "the mount and SPARK_LOCAL_DIRS stay"


def test_every_local_dir_gets_its_claim_and_other_volumes_none(connection):
    pod = executor()
    pod["spec"]["volumes"] += [{"name": "spark-local-dir-2", "emptyDir": {}}, {"name": "cache", "emptyDir": {}}]
    spark(pod)["volumeMounts"] += [{"name": "spark-local-dir-2", "mountPath": "/var/data/spark-2"}, {"name": "cache", "mountPath": "/cache"}]
    result = after(connection, pod)
    assert "ephemeral" in volume(result, "spark-local-dir-2")
    assert volume(result, "cache") == {"name": "cache", "emptyDir": {}}
    assert [v["name"] for v in result["spec"]["volumes"]] == [v["name"] for v in pod["spec"]["volumes"]]


@pytest.mark.parametrize("sample", ["executor-pod-pvc-ondemand.json", "executor-pod-pvc-reused.json"])
def test_claims_are_left_alone(connection, sample):
    """Spark itself creates and reuses them by name."""
    before = sample_pod(sample)
    result = after(connection, before)
    assert result["spec"]["volumes"] == before["spec"]["volumes"]
    assert spark(result)["volumeMounts"] == spark(before)["volumeMounts"]


@pytest.mark.parametrize("source", [{"hostPath": {"path": "/mnt/nvme"}}, {"emptyDir": {"medium": "Memory"}}, {"csi": {"driver": "d"}}])
def test_scratch_space_the_user_chose_stays(connection, source):
    pod = executor()
    volume(pod, "spark-local-dir-1").pop("emptyDir")
    volume(pod, "spark-local-dir-1").update(source)
    assert volume(after(connection, pod), "spark-local-dir-1") == {"name": "spark-local-dir-1"} | source


def test_drivers_keep_their_scratch_space(connection):
    assert volume(after(connection, driver()), "spark-local-dir-1") == volume(driver(), "spark-local-dir-1")


# Volumes


def test_a_volume_and_its_mount(connection):
    pod = after(connection, driver())
    assert volume(pod, "checkpoints") == {"name": "checkpoints", "persistentVolumeClaim": {"claimName": "checkpoints"}}
    mounts = [m for m in spark(pod)["volumeMounts"] if m["name"] == "checkpoints"]
    assert mounts == [{"name": "checkpoints", "mountPath": "/checkpoints"}]
    assert pod["spec"]["volumes"][:-1] == driver()["spec"]["volumes"]
    assert spark(pod)["volumeMounts"][:-1] == spark(driver())["volumeMounts"]


def test_a_volume_of_that_name_is_the_users(connection):
    pod = driver()
    own = {"name": "checkpoints", "emptyDir": {}}
    pod["spec"]["volumes"].append(own)
    spark(pod)["volumeMounts"].append({"name": "checkpoints", "mountPath": "/mine"})
    result = after(connection, pod)
    assert [v for v in result["spec"]["volumes"] if v["name"] == "checkpoints"] == [own]
    assert {"name": "checkpoints", "mountPath": "/mine"} in spark(result)["volumeMounts"]


def test_a_path_that_is_taken_stays_taken(connection):
    pod = driver()
    pod["spec"]["volumes"].append({"name": "own", "emptyDir": {}})
    spark(pod)["volumeMounts"].append({"name": "own", "mountPath": "/checkpoints"})
    mounts = [m for m in spark(after(connection, pod))["volumeMounts"] if m["mountPath"].rstrip("/") == "/checkpoints"]
    assert mounts == [{"name": "own", "mountPath": "/checkpoints"}], "two mounts on one path make the pod invalid"


def test_executors_get_no_volume_of_drivers(connection):
    assert all(v["name"] != "checkpoints" for v in after(connection, executor())["spec"]["volumes"])


@pytest.mark.parametrize("value", [None, [], "missing"])
def test_volumes_where_there_were_none(connection, value):
    pod = driver()
    for place, field in ((pod["spec"], "volumes"), (spark(pod), "volumeMounts")):
        if value == "missing":
            del place[field]
        else:
            place[field] = value
    result = after(connection, pod)
    assert [v["name"] for v in result["spec"]["volumes"]] == ["checkpoints"]
    assert [m["name"] for m in spark(result)["volumeMounts"]] == ["checkpoints"]


# Grace period


@pytest.mark.parametrize("own, expected", [(30, 120), ("missing", 120), (None, 120), (60, 60), (600, 600), (0, 0), (29, 29)])
def test_grace_period(connection, own, expected):
    """30 is what the API server fills in: it cannot be told from a user's own."""
    pod = executor()
    if own == "missing":
        del pod["spec"]["terminationGracePeriodSeconds"]
    else:
        pod["spec"]["terminationGracePeriodSeconds"] = own
    assert after(connection, pod)["spec"]["terminationGracePeriodSeconds"] == expected


def test_drivers_keep_their_grace_period(connection):
    assert after(connection, driver())["spec"]["terminationGracePeriodSeconds"] == 30


# Resources


def quantity(text):
    """The units that the samples and the policies here use."""
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(text)).groups()
    factor = {"": 1, "m": decimal.Decimal("0.001"), "Mi": 2**20, "Gi": 2**30}[unit]
    return decimal.Decimal(number) * factor


def test_what_spark_asked_for_is_left_alone(connection):
    for pod in (driver(), executor()):
        before = spark(pod)["resources"]
        result = spark(after(connection, copy.deepcopy(pod)))["resources"]
        for part in ("requests", "limits"):
            assert result[part].items() >= before[part].items()


def test_resources_of_each_role(connection):
    resources = spark(after(connection, executor(), namespace="hardened"))["resources"]
    assert resources["requests"]["ephemeral-storage"] == "10Gi" and "cpu" not in resources["limits"]
    resources = spark(after(connection, driver(), namespace="hardened"))["resources"]
    assert resources["limits"]["cpu"] == "4" and "ephemeral-storage" not in resources["requests"]


def test_a_driver_whose_heap_is_known_gets_what_it_needs(connection):
    pod = driver()
    spark(pod)["args"][1:1] = ["--driver-memory", "4g"]
    resources = spark(after(connection, pod))["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"] == "4505Mi"


@pytest.mark.parametrize("requests, limits", [
    ({"memory": "1Gi"}, {"memory": "1Gi"}), ({"memory": "6Gi"}, {"memory": "7Gi"}), ({}, {}), (None, None),
    ({"cpu": "2"}, {"cpu": "1000m", "memory": "100Mi"}), ({"ephemeral-storage": "30Gi"}, {"ephemeral-storage": "40Gi"})])
def test_no_limit_below_its_request(serve, requests, limits):
    server = serve(pathlib.Path(__file__).parent / "policies" / "always.yaml")
    for make in (driver, executor):
        pod = make()
        spark(pod)["resources"] = {"requests": requests, "limits": limits}
        with server.connect() as one:
            resources = spark(after(one, pod))["resources"]
        for name, limit in (resources.get("limits") or {}).items():
            request = (resources.get("requests") or {}).get(name)
            was_so = (limits or {}).get(name) == limit and (requests or {}).get(name) == request
            assert was_so or request is None or quantity(request) <= quantity(limit), resources


# Security contexts


def restricted_problems(pod):
    """What Pod Security "restricted" has against the security contexts of a pod, by its own documentation."""
    whole = pod["spec"].get("securityContext") or {}
    for container in [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or [])]:
        own = container.get("securityContext") or {}
        capabilities = own.get("capabilities") or {}
        effective = {k: own[k] if own.get(k) is not None else whole.get(k) for k in ("runAsNonRoot", "runAsUser", "seccompProfile")}
        yield from (f"{container['name']}: {problem}" for problem, is_one in {
            "privileged": own.get("privileged"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
            "drop": "ALL" not in (capabilities.get("drop") or []),
            "add": set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"},
            "runAsNonRoot": effective["runAsNonRoot"] is not True,
            "runAsUser": effective["runAsUser"] == 0,
            "seccompProfile": (effective["seccompProfile"] or {}).get("type") not in ("RuntimeDefault", "Localhost"),
        }.items() if is_one)


def test_restricted_as_pod_security_means_it(connection):
    for make in (driver, executor):
        pod = make()
        pod["spec"]["initContainers"] = [{"name": "prepare", "image": "x"}]
        assert list(restricted_problems(pod))
        result = after(connection, pod, namespace="hardened")
        assert not list(restricted_problems(result))
        assert result["spec"]["securityContext"]["runAsUser"] == result["spec"]["securityContext"]["fsGroup"] == 185


def test_restricted_always_whatever_the_user_says(serve):
    server = serve(pathlib.Path(__file__).parent / "policies" / "always.yaml")
    pods_with_contexts = [p for p in pods(4711, 300) if (p["metadata"].get("labels") or {}).get("spark-role") == "executor"]
    judged = 0
    with server.connect() as one:
        for pod in pods_with_contexts:
            _, response = mutate(one, pod)
            result = applied(pod, response)
            if "securityContext" in str(response.get("auditAnnotations")):
                assert not list(restricted_problems(result))
                judged += 1
    assert judged > 50


# Overlays


SITE = {"name": "EXAMPLE_SITE", "value": "north"}  # of the policy "everything"


def test_an_overlay_is_laid_over_a_driver(connection):
    before = driver()
    pod = after(connection, copy.deepcopy(before), namespace="hardened")
    assert pod["spec"]["dnsConfig"] == {"options": [{"name": "ndots", "value": "2"}]}
    assert pod["spec"]["schedulerName"] == "spark-scheduler", "the API server's default is nobody's"
    assert pod["metadata"]["annotations"]["example.com/reviewed"] == "true"
    keys = [t["key"] for t in before["spec"]["tolerations"]]
    assert [t["key"] for t in pod["spec"]["tolerations"]][:len(keys)] == keys, "what is there stays"
    assert {"key": "example.com/team", "operator": "Exists"} in pod["spec"]["tolerations"]
    names = [c["name"] for c in pod["spec"]["containers"]]
    assert names == ["spark-kubernetes-driver", "shipper"], "Spark's own is found by what it is, not by its name"
    assert spark(pod)["env"] == [*spark(before)["env"], {"name": "TZ", "value": "UTC"}, SITE]
    assert {"name": "logs", "mountPath": "/logs"} in spark(pod)["volumeMounts"]
    assert volume(pod, "logs") == {"name": "logs", "emptyDir": {}}


def test_an_overlay_leaves_the_users_own(connection):
    pod = executor()
    pod["spec"] |= {"dnsConfig": {"options": [{"name": "ndots", "value": "5"}]}, "schedulerName": "mine"}
    spark(pod)["env"].append({"name": "TZ", "value": "CET"})
    result = after(connection, copy.deepcopy(pod), namespace="hardened")
    assert (result["spec"]["dnsConfig"], result["spec"]["schedulerName"]) == (pod["spec"]["dnsConfig"], "mine")
    assert spark(result)["env"] == [*spark(pod)["env"], SITE]
    assert "shipper" not in str(result), "that is for drivers"


# Everything else


@pytest.mark.parametrize("text", ["20480Mi", "1.50Gi", "2432Mi", "0.5", "1e3", "1000m"])
def test_quantities_are_not_rewritten(connection, text):
    pod = executor()
    for part in ("requests", "limits"):
        spark(pod)["resources"][part]["memory"] = text
    # Without it nobody knows how much Spark wants, and nothing is raised.
    spark(pod)["env"] = [e for e in spark(pod)["env"] if e["name"] != "SPARK_EXECUTOR_MEMORY"]
    result = after(connection, pod)
    assert spark(result)["resources"] == spark(pod)["resources"]


def test_a_trace_of_every_rule(connection):
    """Who did this to my pod? The answer's audit annotations say which policy and which rules."""
    _, response = mutate(connection, executor())
    notes = " ".join(f"{k}={v}" for k, v in response["auditAnnotations"].items())
    for word in ("everything", "labels", "annotations", "capacity", "spread", "localDirs", "terminationGracePeriod"):
        assert word in notes, notes


def test_policies_that_are_off_do_nothing(connection):
    _, response = mutate(connection, executor())
    assert "not-yet" not in str(response)
