# SPDX-License-Identifier: Apache-2.0
"""A real Spark job with every mutation on: it ends, with the right result, and finds all that policies promise."""

import re

import pytest
from bed import job

MAPS, REDUCES, MAP_SECONDS, REDUCE_SECONDS = 16, 8, 0.5, 0.5
SIZE = (MAPS, REDUCES, MAP_SECONDS, REDUCE_SECONDS)


@pytest.fixture(scope="module")
def namespace(cluster):
    name = job.namespace(cluster.control, "etl")
    cluster.api.core("configmaps", name).create({"metadata": {"name": "rules"}, "data": {"rules.csv": "a,b\n"}})
    return name


@pytest.fixture(scope="module")
def ended(cluster, sparkward, namespace):
    """A job that has ended, with what was seen while it ran."""
    with sparkward.registered():
        one = job.Job(cluster, namespace, "shuffle", SIZE).submit()
        one.seen_executors = one.wait_running_executors()
        one.wait(lambda: one.probes("Liveness")["successful"] >= 3, "three liveness probes")
        one.seen_probes = {kind: one.probes(kind) for kind in ("Startup", "Liveness")}
        one.seen_claims = cluster.api.core("persistentvolumeclaims", namespace).list()
        one.seen_result = one.result()
    return one


def test_its_result_is_right(ended):
    assert ended.seen_result["sums"] == job.expected_sums(MAPS)


def test_the_driver_is_on_the_node_that_stays_and_executors_are_apart_on_spot(ended):
    assert ended.driver()["spec"]["nodeName"] == "node1"
    assert {pod["spec"]["nodeName"] for pod in ended.seen_executors} == {"node2", "node3"}


def test_the_drivers_probes_pass_and_never_kill(ended):
    container, = ended.driver()["spec"]["containers"]
    assert container["livenessProbe"]["tcpSocket"] == {"port": "driver-rpc-port"}
    assert container["startupProbe"]["httpGet"]["port"] == "spark-ui"
    assert ended.seen_probes["Startup"]["successful"] == 1, "the kubelet does not ask again after the first success"
    assert ended.seen_probes["Liveness"]["failed"] == 0
    status, = ended.driver()["status"]["containerStatuses"]
    assert status["restartCount"] == 0 and status["state"]["terminated"]["reason"] == "Completed"
    killed = [e["message"] for e in ended.events(ended.driver_name) if e["reason"] == "Killing"]
    assert killed == []


def test_no_executor_was_lost_while_the_driver_was_hidden_by_its_startup_probe(ended):
    assert {pod["metadata"]["labels"]["spark-exec-id"] for pod in ended.seen_executors} == {"1", "2"}
    assert "UnknownHostException" not in ended.log()
    assert set(ended.seen_result["places"]) == {pod["metadata"]["name"] for pod in ended.seen_executors}


def test_shuffle_data_lies_on_the_claims_of_the_policy(ended, cluster):
    volumes = {volume["metadata"]["name"]: volume for volume in cluster.api.core("persistentvolumes").list()}
    for pod in ended.seen_executors:
        name = pod["metadata"]["name"]
        claim, = [c for c in ended.seen_claims if c["metadata"]["name"].startswith(name)]
        assert claim["metadata"]["ownerReferences"][0]["name"] == name, "it ends with its pod"
        place = ended.seen_result["places"][name]
        disk = volumes[claim["spec"]["volumeName"]]["spec"]["local"]["path"]
        # What the executor's container has mounted where Spark's block manager writes.
        assert disk.endswith(place["mountRoot"]) or place["mountRoot"].endswith(disk)
        assert re.match(r"/var/data/spark-", place["mountPoint"])
        assert place["shuffleFiles"] > 0


def test_labels_annotations_and_volumes_are_there(ended):
    for pod in (ended.driver(), *ended.seen_executors):
        assert pod["metadata"]["labels"]["cost-centre"] == "4711"
    for pod in ended.seen_executors:
        assert pod["metadata"]["annotations"]["example.com/shuffle-data"] == "ends-with-the-pod"
        assert ended.seen_result["places"][pod["metadata"]["name"]]["rules"] == "a,b\n"


def test_each_role_has_its_time_to_end(ended):
    assert ended.driver()["spec"]["terminationGracePeriodSeconds"] == 45
    for pod in ended.seen_executors:
        assert pod["spec"]["terminationGracePeriodSeconds"] == 120
