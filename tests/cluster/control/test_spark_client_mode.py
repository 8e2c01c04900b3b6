# SPDX-License-Identifier: Apache-2.0
"""Executors of real drivers in client mode: dynamic allocation, scratch space of every kind, claims that Spark makes.

The drivers run on this machine. Their executors are pods on fake nodes and never call back, so a
driver goes on asking for as many as its job could use.
"""

import collections
import signal
import types

import pytest
import scheduling
from bed import spark, sparkward
from bed.stored import volume
from bed.volumes import storage_class

EXECUTORS_DEADLINE = 120.0
END_DEADLINE = 60.0
# A hundred tasks that wait for executors.
JOB = "from pyspark import SparkContext\nSparkContext().parallelize(range(100), 100).count()\n"
# Beside the default policy; for applications that carry the label.
POLICY = """
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {name: scratch-on-claims}
spec:
  priority: 100
  match: {selector: {matchLabels: {scratch: claims}}}
  admission:
    localDirs:
      executor: {storageClass: by-policy, size: 1Gi}
"""
SCRATCH_ON_CLAIMS = {"spark.kubernetes.executor.label.scratch": "claims"}
AT_FIRST, AT_MOST, STATIC = 2, 5, 2
DYNAMIC = {
    "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.initialExecutors": AT_FIRST, "spark.dynamicAllocation.maxExecutors": AT_MOST,
    "spark.dynamicAllocation.schedulerBacklogTimeout": "1s",
}
EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
DISRUPT = "karpenter.sh/do-not-disrupt"


def on_demand_claims(series):
    volume = "spark.kubernetes.executor.volumes.persistentVolumeClaim.spark-local-dir-1"
    return {
        f"{volume}.options.claimName": "OnDemand", f"{volume}.options.storageClass": f"by-spark-{series}",
        f"{volume}.options.sizeLimit": "1Gi", f"{volume}.mount.path": "/data/spark-x/executor-x",
        f"{volume}.mount.readOnly": "false", "spark.executor.instances": STATIC}


@pytest.fixture(scope="module")
def applications(control, install_shared, tmp_path_factory):
    """A namespace, and the executors of each application in it by number. Drivers run side by side, to the last test."""
    folder = tmp_path_factory.mktemp("client-mode")
    job, policy = folder / "job.py", folder / "policy.yaml"
    job.write_text(JOB)
    policy.write_text(POLICY)
    wanted = {
        "dynamic": ("4.1", AT_MOST, DYNAMIC),
        "dynamic-on-claims": ("3.5", AT_MOST, DYNAMIC | SCRATCH_ON_CLAIMS),
        "claims-of-3-5": ("3.5", STATIC, on_demand_claims("3.5") | SCRATCH_ON_CLAIMS),
        "claims-of-4-1": ("4.1", STATIC, on_demand_claims("4.1") | SCRATCH_ON_CLAIMS),
    }
    storage_class(control.api, "by-policy", volumes=AT_MOST)
    storage_class(control.api, "by-spark-3.5", volumes=STATIC)
    storage_class(control.api, "by-spark-4.1", volumes=STATIC, access_mode="ReadWriteOncePod")
    namespace = install_shared([policy, sparkward.DEFAULT_POLICY]).namespace
    drivers = {
        name: spark.start_driver(control, series, namespace, name, [job], conf={
            # Not half a minute for executors that never register.
            "spark.scheduler.minRegisteredResourcesRatio": "0", **conf})
        for name, (series, _, conf) in wanted.items()}
    yield types.SimpleNamespace(namespace=namespace, executors={
        name: wait_executors(control.api, namespace, name, count, drivers[name])
        for name, (_, count, _) in wanted.items()})
    for driver in drivers.values():
        driver.signal(signal.SIGTERM)
    for driver in drivers.values():
        driver.process.wait(END_DEADLINE)


def wait_executors(api, namespace, name, count, driver):
    return driver.wait_until(lambda: running_executors(api, namespace, name, count), EXECUTORS_DEADLINE,
                             f"{count} running executors of {name}")


def running_executors(api, namespace, name, count):
    """The pods by spark-exec-id once so many have a node and run; None before."""
    pods = [p for p in api.pods(namespace).list(labelSelector=f"spark-app-name={name},spark-role=executor")
            if p["status"]["phase"] == "Running"]
    return {int(p["metadata"]["labels"]["spark-exec-id"]): p for p in pods} if len(pods) >= count else None


@pytest.mark.parametrize("name", ("dynamic", "dynamic-on-claims"))
def test_executors_that_dynamic_allocation_adds_are_like_the_first(applications, name):
    executors = applications.executors[name]
    assert set(executors) == set(range(1, AT_MOST + 1))
    for pod in executors.values():
        assert pod["spec"]["terminationGracePeriodSeconds"] == 120
        # Their data goes with the pod, on a claim that ends with it as well.
        assert pod["metadata"]["annotations"] == {EVICT: "false", DISRUPT: "true"}


@pytest.mark.parametrize("name", ("dynamic", "dynamic-on-claims"))
def test_one_in_five_is_kept_on_demand_and_the_others_prefer_spot(applications, control, name):
    kept = 0
    for pod in applications.executors[name].values():
        may_be_spot = {scheduling.may_run(pod, node) for node in scheduling.SPOT_NODES.values()}
        assert len(may_be_spot) == 1, "the same on every cloud"
        assert all(scheduling.may_run(pod, node) for node in scheduling.ON_DEMAND_NODES.values())
        spot = may_be_spot == {True}
        kept += not spot
        for cloud, node in scheduling.SPOT_NODES.items():
            assert (scheduling.preference(pod, node) > 0) == spot, cloud
        assert node_labels(control, pod)["karpenter.sh/capacity-type"] == ("spot" if spot else "on-demand")
    assert kept == 1


@pytest.mark.parametrize("name", ("dynamic", "dynamic-on-claims"))
def test_executors_of_one_application_share_neither_host_nor_zone_while_there_are_others(applications, control, name):
    executors = applications.executors[name]
    for pod in executors.values():
        labels = pod["metadata"]["labels"]
        assert scheduling.pulls(pod, "podAntiAffinity", scheduling.HOST, labels) == [50]
        assert scheduling.pulls(
            pod, "podAntiAffinity", scheduling.HOST, labels | {"spark-app-selector": "spark-other"}) == []
    nodes = [node_labels(control, pod) for pod in executors.values()]
    assert len({node[scheduling.HOST] for node in nodes}) == len(nodes)
    zones = collections.Counter(node[scheduling.ZONE] for node in nodes)
    assert sorted(zones.values()) == [1, 2, 2]


def test_scratch_space_goes_to_claims_of_the_policy(applications, control):
    claims = claims_of(control, applications)
    for pod in applications.executors["dynamic-on-claims"].values():
        scratch = volume(pod, "spark-local-dir-1")
        assert "emptyDir" not in scratch
        assert scratch["ephemeral"]["volumeClaimTemplate"]["spec"]["storageClassName"] == "by-policy"
        assert claims[f"{pod['metadata']['name']}-{scratch['name']}"]["status"]["phase"] == "Bound"
    for pod in applications.executors["dynamic"].values():
        assert volume(pod, "spark-local-dir-1")["emptyDir"] == {}, "an application that the policy does not match"


@pytest.mark.parametrize("name, access_mode", (
    ("claims-of-3-5", "ReadWriteOnce"), ("claims-of-4-1", "ReadWriteOncePod")))
def test_claims_that_spark_makes_stay_what_they_are(applications, control, name, access_mode):
    executors = applications.executors[name]
    claims = claims_of(control, applications)
    assert set(executors) == set(range(1, STATIC + 1))
    for pod in executors.values():
        scratch = volume(pod, "spark-local-dir-1")
        assert set(scratch) == {"name", "persistentVolumeClaim"}, "not replaced by the policy's"
        assert scratch["persistentVolumeClaim"] == {"claimName": f"{pod['metadata']['name']}-pvc-0"}
        claim = claims[scratch["persistentVolumeClaim"]["claimName"]]
        # Spark's own, by its label; made after the pod, and bound since.
        assert claim["metadata"]["labels"]["spark-app-selector"] == pod["metadata"]["labels"]["spark-app-selector"]
        assert claim["spec"]["accessModes"] == [access_mode]
        assert claim["spec"]["storageClassName"].startswith("by-spark-")
        assert claim["status"]["phase"] == "Bound"
        # What lies on them outlives the pod, so a node may be emptied.
        assert pod["metadata"]["annotations"] == {EVICT: "true"}
        assert pod["spec"]["terminationGracePeriodSeconds"] == 120


def claims_of(control, applications):
    claims = control.api.core("persistentvolumeclaims", applications.namespace).list()
    return {claim["metadata"]["name"]: claim for claim in claims}


def node_labels(control, pod):
    return control.api.core("nodes").get(pod["spec"]["nodeName"])["metadata"]["labels"]
