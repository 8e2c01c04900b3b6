# SPDX-License-Identifier: Apache-2.0
"""Fields of a pod that a policy sets as they stand: what is added, what is replaced, what stays."""

import pytest
import scheduling
from reviews import mutate, sample_pod
from test_mutations import after, driver, executor, spark


@pytest.fixture
def connection(server):
    with server.connect() as one:
        yield one


@pytest.fixture
def policy(serve, tmp_path):
    """A connection to a server with one policy of this admission section."""
    connections = []

    def connect(admission):
        file = tmp_path / "policy.yaml"
        file.write_text("apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: p}\n"
                        f"spec: {{admission: {admission}}}\n")
        connections.append(serve(file).connect())
        return connections[-1]
    yield connect
    for one in connections:
        one.close()


def after_defaults(pod):
    """As the API server sends a pod the second time: members that are empty are left out."""
    if isinstance(pod, dict):
        return {k: after_defaults(v) for k, v in pod.items() if v is not None and v != ""}
    return [after_defaults(v) for v in pod] if isinstance(pod, list) else pod


def settled(connection, pod):
    """The pod afterwards; asked again, nobody wants anything more."""
    result = after(connection, pod)
    assert mutate(connection, after_defaults(result))[1].get("patch") is None
    return result


# Tolerations

STAY = [{"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for taint in ("not-ready", "unreachable")]


def test_a_toleration_replaces_the_default_of_the_api_server(connection):
    assert driver()["spec"]["tolerations"] == STAY
    tolerations = settled(connection, driver())["spec"]["tolerations"]
    assert tolerations == [STAY[0], STAY[1] | {"tolerationSeconds": 30},
                           {"key": "example.com/team", "operator": "Equal", "value": "etl", "effect": "NoSchedule"}]


def test_the_users_own_time_stays(connection):
    pod = driver()
    pod["spec"]["tolerations"] = [STAY[1] | {"tolerationSeconds": 7}]
    assert settled(connection, pod)["spec"]["tolerations"][0] == STAY[1] | {"tolerationSeconds": 7}


def test_a_toleration_is_never_there_twice(connection):
    """Another webhook, or we ourselves, have added it: in another order of members, with others between."""
    own = {"effect": "NoSchedule", "value": "etl", "operator": "Equal", "key": "example.com/team"}
    for have in (own, {k: v for k, v in own.items() if k != "operator"}, {"key": "example.com/team", "operator": "Exists"}):
        pod = driver()
        pod["spec"]["tolerations"] = [STAY[0], have, STAY[1]]
        assert len(settled(connection, pod)["spec"]["tolerations"]) == 3, have


def test_tolerations_of_one_role(connection):
    assert all(t["key"] != "example.com/team" for t in settled(connection, executor())["spec"]["tolerations"])


# One zone


ONE_ZONE = """{spread: [
    {role: driver, over: zone, strategy: one-zone, zones: [%s], strength: required},
    {role: executor, over: zone, strategy: one-zone, zones: [%s], strength: required}]}"""
ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def zones_of(pod, zones=ZONES):
    return [z for z in zones if scheduling.may_run(pod, ({scheduling.ZONE: z}, []))]


def of_application(pod, number):
    pod["metadata"]["labels"]["spark-app-selector"] = f"spark-{number:032x}"
    return pod


def test_an_application_stays_in_one_zone(policy):
    connection = policy(ONE_ZONE % (", ".join(ZONES), ", ".join(reversed(ZONES))))
    found = []
    for n in range(30):
        [zone] = zones_of(settled(connection, of_application(driver(), n)))
        assert zones_of(settled(connection, of_application(executor(n + 1), n))) == [zone], "driver and executors agree"
        found.append(zone)
    assert set(found) == set(ZONES), "each zone gets some applications"


def test_only_the_applications_of_a_zone_that_goes_move(policy):
    def placed(zones):
        connection = policy(ONE_ZONE % ((", ".join(zones),) * 2))
        return [zones_of(after(connection, of_application(driver(), n)))[0] for n in range(30)]
    before, now = placed(ZONES), placed(ZONES[:2])
    assert any(z == ZONES[2] for z in before) and ZONES[2] not in now
    assert all(b == a for b, a in zip(before, now, strict=True) if b != ZONES[2])


def test_a_zone_of_the_users_own_stays(policy):
    connection = policy(ONE_ZONE % ((", ".join(ZONES),) * 2))
    for n in range(5):
        pod = of_application(driver(), n)
        pod["spec"]["nodeSelector"] = {scheduling.ZONE: ZONES[n % 3]}
        assert settled(connection, pod)["spec"] == pod["spec"]


# Priority class and scheduler


@pytest.mark.parametrize("make, name", [(driver, "spark-driver"), (executor, "spark-executor")])
def test_a_priority_class_without_the_numbers_of_another(connection, make, name):
    """The API server has filled them in, and would refuse a pod whose numbers are not those of its class."""
    assert make()["spec"]["priority"] == 0
    spec = settled(connection, make())["spec"]
    assert spec["priorityClassName"] == name
    assert "priority" not in spec and "preemptionPolicy" not in spec


def test_the_numbers_of_the_class_stay_when_we_are_asked_again(connection):
    pod = after(connection, driver())
    pod["spec"] |= {"priority": 1000, "preemptionPolicy": "Never"}
    assert settled(connection, pod) == pod


def test_the_users_priority_class_stays(connection):
    pod = driver()
    pod["spec"] |= {"priorityClassName": "mine", "priority": 7}
    spec = settled(connection, pod)["spec"]
    assert (spec["priorityClassName"], spec["priority"]) == ("mine", 7)


@pytest.mark.parametrize("own, expected", [
    ("default-scheduler", "volcano"), (None, "volcano"), ("", "volcano"), ("yunikorn", "yunikorn")])
def test_the_scheduler(connection, own, expected):
    pod = executor()
    pod["spec"]["schedulerName"] = own
    assert settled(connection, pod)["spec"]["schedulerName"] == expected
    assert settled(connection, driver())["spec"]["schedulerName"] == "default-scheduler"


# Variables


def env(pod):
    return {v["name"]: v.get("value") for v in spark(pod)["env"]}


def test_variables_are_added_behind_sparks_own(connection):
    before = spark(driver())["env"]
    assert spark(settled(connection, driver()))["env"] == before + [
        {"name": "TZ", "value": "UTC"}, {"name": "EXAMPLE_SITE", "value": "north"}]
    assert "TZ" not in env(settled(connection, executor()))


def test_the_users_variable_stays(connection):
    for own in ({"value": "CET"}, {}, {"valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}):
        pod = driver()
        spark(pod)["env"].insert(0, {"name": "TZ"} | own)
        assert spark(settled(connection, pod))["env"] == spark(pod)["env"] + [{"name": "EXAMPLE_SITE", "value": "north"}]


def test_of_variables_that_are_there_twice_the_last_counts(policy):
    connection = policy('{env: [{when: always, set: {TZ: UTC, EMPTY: ""}}]}')
    pod = driver()
    spark(pod)["env"] += [{"name": "TZ", "value": "UTC"}, {"name": "TZ", "value": "CET"}]
    assert env(settled(connection, pod))["TZ"] == "UTC"


def test_sidecars_get_no_variables(connection):
    pod = driver()
    pod["spec"]["containers"].insert(0, {"name": "logs", "image": "x"})
    assert settled(connection, pod)["spec"]["containers"][0] == {"name": "logs", "image": "x"}


# Node selector


def disks():
    return sample_pod("executor-pod-pvc-reused.json")


def test_a_node_selector(connection):
    assert settled(connection, disks())["spec"]["nodeSelector"] == {"example.com/pool": "disks"}
    assert "nodeSelector" not in settled(connection, executor())["spec"]


def test_what_the_user_says_about_a_node_label_stays(connection):
    pod = disks()
    pod["spec"]["nodeSelector"] = {"example.com/pool": "mine", "x": "y"}
    assert settled(connection, pod)["spec"]["nodeSelector"] == pod["spec"]["nodeSelector"]
    pod = disks()
    pod["spec"]["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "example.com/pool", "operator": "Exists"}]}]}}}
    assert "nodeSelector" not in settled(connection, pod)["spec"]


def test_always_leaves_a_node_to_run_on(policy):
    connection = policy("{nodeSelector: [{when: always, set: {example.com/pool: disks}}]}")
    pod = disks()
    pod["spec"]["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "example.com/pool", "operator": "In", "values": ["mine"]}]}]}}}
    assert scheduling.may_run(settled(connection, pod), ({"example.com/pool": "disks"}, []))


# Pull secrets


def test_pull_secrets_stand_beside_the_users(connection):
    pod = driver()
    pod["spec"]["imagePullSecrets"] = [{"name": "mine"}, {"name": "mirror"}]
    assert settled(connection, pod)["spec"]["imagePullSecrets"] == [{"name": n} for n in ("mine", "mirror", "registry")]
    assert settled(connection, executor())["spec"]["imagePullSecrets"] == [{"name": "registry"}]


# Placement


def test_placement_is_asked_for_by_a_resource(connection):
    before, resources = spark(driver())["resources"], spark(settled(connection, driver()))["resources"]
    for part in ("requests", "limits"):
        assert resources[part] == before[part] | {"sparkward.dev/placement": "1"}
    assert spark(settled(connection, executor()))["resources"] == spark(executor())["resources"]


# Images


def test_images_come_from_the_mirror(policy):
    connection = policy("""{imageRewrite: [
        {from: docker.io/, to: mirror.example.com/hub/}, {from: docker.io/apache/, to: mirror.example.com/apache/}]}""")
    pod = executor()
    pod["spec"]["initContainers"] = [{"name": "prepare", "image": "busybox"}]
    result = settled(connection, pod)
    assert spark(result)["image"] == "mirror.example.com/apache/spark:3.5.3"
    assert result["spec"]["initContainers"][0]["image"] == "mirror.example.com/hub/library/busybox"


def test_other_images_stay(connection):
    for pod in (driver(), executor()):
        assert spark(settled(connection, pod))["image"] == spark(pod)["image"]


# Topology spread constraints


def test_pods_of_an_application_are_spread_over_racks(connection):
    [constraint] = settled(connection, driver())["spec"]["topologySpreadConstraints"]
    assert (constraint["topologyKey"], constraint["maxSkew"]) == ("example.com/rack", 1)
    labels = driver()["metadata"]["labels"]
    assert scheduling.selects(constraint["labelSelector"], labels)
    assert not scheduling.selects(constraint["labelSelector"], labels | {"spark-app-selector": "spark-other"})
    assert not scheduling.selects(constraint["labelSelector"], labels | {"spark-role": "executor"})
