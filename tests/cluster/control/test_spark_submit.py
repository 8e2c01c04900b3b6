# SPDX-License-Identifier: Apache-2.0
"""spark-submit in cluster mode: the same submission with Sparkward and without differs by what the policies say.

Both are what the API server has stored. The policies: the one of this file, and the default beside it.
"""

import copy
import types

import pytest
import scheduling
from bed import changes, spark, sparkward
from bed.stored import comparable, volume
from bed.volumes import storage_class
from wait import poll

POLICY = """
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {name: everything}
spec:
  priority: 100
  admission:
    labels: {cost-centre: "4711", team: platform}
    annotations:
      - {role: driver, set: {example.com/contact: platform}}
      - {role: driver, when: always, set: {example.com/tier: gold}}
    capacity: {driver: on-demand}
    spread:
      - {role: driver, over: host, weight: 70}
      - {role: driver, over: zone}
    probes:
      driver: {liveness: {preset: driver-rpc, period: 20s}, startup: {preset: spark-ui, within: 15m}}
    localDirs:
      driver: {storageClass: submit, size: 1Gi}
    volumes:
      - {role: driver, name: rules, configMap: rules, mountPath: /etc/rules.csv, subPath: rules.csv, readOnly: true}
    terminationGracePeriod: {driver: 90s}
"""
# What the user asks for. The policy leaves the label and the contact, and replaces the tier.
CONF = {
    "spark.kubernetes.driver.label.team": "data",
    "spark.kubernetes.driver.annotation.example.com/contact": "data",
    "spark.kubernetes.driver.annotation.example.com/tier": "bronze",
}
APPLICATION = ["--class", "org.apache.spark.examples.SparkPi", "local:///opt/spark/examples/jars/spark-examples.jar"]


def as_the_policies_say(pod):
    """The pod of a submission without Sparkward, and every change that the policies describe."""
    pod = copy.deepcopy(pod)
    labels, spec, (container,) = pod["metadata"]["labels"], pod["spec"], pod["spec"]["containers"]
    labels["cost-centre"] = "4711"
    pod["metadata"]["annotations"] |= {
        "example.com/tier": "gold",
        # Of the default policy; all else that it says is decided by the policy of this file.
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "karpenter.sh/do-not-disrupt": "true"}
    spec["affinity"] = {"nodeAffinity": changes.on_demand_only(), "podAntiAffinity": changes.off_hosts(pod, weight=70)}
    spec["topologySpreadConstraints"] = [changes.over_zones(pod)]
    container["startupProbe"] = {
        "httpGet": {"path": "/api/v1/version", "port": "spark-ui", "scheme": "HTTP"},
        "periodSeconds": 1, "timeoutSeconds": 3, "failureThreshold": 900, "successThreshold": 1}
    container["livenessProbe"] = {
        "tcpSocket": {"port": "driver-rpc-port"},
        "periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 6, "successThreshold": 1}
    scratch = volume(pod, "spark-local-dir-1")
    assert scratch.pop("emptyDir") == {}
    scratch["ephemeral"] = {"volumeClaimTemplate": {"metadata": {}, "spec": {
        "accessModes": ["ReadWriteOnce"], "storageClassName": "submit", "volumeMode": "Filesystem",
        "resources": {"requests": {"storage": "1Gi"}}}}}
    spec["securityContext"] = {"fsGroup": 185, "fsGroupChangePolicy": "OnRootMismatch"}
    spec["volumes"].append({"name": "rules", "configMap": {"name": "rules", "defaultMode": 420}})
    container["volumeMounts"].append(
        {"name": "rules", "mountPath": "/etc/rules.csv", "subPath": "rules.csv", "readOnly": True})
    spec["terminationGracePeriodSeconds"] = 90
    return pod


@pytest.fixture(scope="module")
def submitted(control, install_shared, tmp_path_factory):
    """{series: (with Sparkward, without)}, each with the objects of one submission: pod, service, config_map."""
    policy = tmp_path_factory.mktemp("policy") / "everything.yaml"
    policy.write_text(POLICY)
    storage_class(control.api, "submit", volumes=len(spark.SERIES))
    namespaces = (install_shared([policy, sparkward.DEFAULT_POLICY]).namespace, control.namespace("submit-without"))
    # All at once: what a JVM waits for another can use.
    programs = [spark.start_submit(control, series, namespace, f"pi-{series.replace('.', '-')}", APPLICATION, conf=CONF)
                for series in spark.SERIES for namespace in namespaces]
    for program in programs:
        program.wait_end(spark.SUBMIT_DEADLINE)
    return {series: tuple(objects_of(control.api, series, namespace) for namespace in namespaces)
            for series in spark.SERIES}


def objects_of(api, series, namespace):
    (pod,) = api.pods(namespace).list(labelSelector=f"spark-app-name=pi-{series.replace('.', '-')}")
    app = pod["metadata"]["labels"]["spark-app-selector"]
    (service,) = api.core("services", namespace).list(labelSelector=f"spark-app-selector={app}")
    config_map = api.core("configmaps", namespace).get(volume(pod, "spark-conf-volume-driver")["configMap"]["name"])
    return types.SimpleNamespace(namespace=namespace, pod=pod, service=service, config_map=config_map)


@pytest.mark.parametrize("series", spark.SERIES)
def test_the_driver_pod_has_every_change_and_no_other(submitted, series):
    ours, plain = submitted[series]
    assert comparable(ours.pod) == as_the_policies_say(comparable(plain.pod))


@pytest.mark.parametrize("series", spark.SERIES)
def test_service_and_config_map_come_through_untouched(submitted, series):
    ours, plain = submitted[series]
    assert comparable(ours.service) == comparable(plain.service)
    assert comparable(ours.config_map) == comparable(plain.config_map)


@pytest.mark.parametrize("series", spark.SERIES)
def test_the_driver_runs_on_demand_with_its_claim_bound_and_its_service_finds_it(submitted, control, series):
    ours, _ = submitted[series]
    for cloud in scheduling.SPOT_NODES:
        assert not scheduling.may_run(ours.pod, scheduling.SPOT_NODES[cloud]), cloud
        assert scheduling.may_run(ours.pod, scheduling.ON_DEMAND_NODES[cloud]), cloud
    name = ours.pod["metadata"]["name"]
    pod = control.api.pods(ours.namespace).wait(
        name, lambda p: p["status"]["phase"] == "Running", watched=control.scheduler)
    node = control.api.core("nodes").get(pod["spec"]["nodeName"])
    assert node["metadata"]["labels"]["karpenter.sh/capacity-type"] == "on-demand"
    claim = control.api.core("persistentvolumeclaims", ours.namespace).get(f"{name}-spark-local-dir-1")
    assert claim["status"]["phase"] == "Bound"
    assert "labels" not in claim["metadata"], "the driver would take it for one of its executors'"
    poll(lambda: name in endpoints(control.api, ours.service), 30, what="the driver behind its Service")


def endpoints(api, service):
    """The names of the pods that a Service finds."""
    slices = api.group("discovery.k8s.io/v1", "endpointslices", service["metadata"]["namespace"]).list(
        labelSelector=f"kubernetes.io/service-name={service['metadata']['name']}")
    return [e["targetRef"]["name"] for one in slices for e in one["endpoints"] or []]
