# SPDX-License-Identifier: Apache-2.0
"""The rest of the README's registration, on a real API server: ConfigMaps, Services, claims, SparkApplications."""

import pytest
from bed.api import Refused
from server import ROOT
from wait import poll

POLICY = ROOT / "tests" / "integration" / "policies" / "around.yaml"


@pytest.fixture
def one(install):
    return install(POLICY, webhooks=None)


def conf_map(name):
    return {"metadata": {"name": name}, "immutable": True, "data": {"spark.properties": "spark.executor.memory=1g\n"}}


def service(name, **labels):
    selector = {"spark-role": "driver", "spark-app-selector": "spark-1"}
    return {"metadata": {"name": name, "labels": labels},
            "spec": {"clusterIP": "None", "selector": selector, "ports": [{"name": "spark-ui", "port": 4040}]}}


def claim(name, size="10Gi", **labels):
    return {"metadata": {"name": name, "labels": labels},
            "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3",
                     "resources": {"requests": {"storage": size}}}}


SPARK = {"spark-app-selector": "spark-1"}


@pytest.mark.parametrize("name", ["spark-drv-8d1f0a9c22ff9488-conf-map", "app-1-spark-drv-conf-map"])
def test_the_conf_of_a_driver(one, control, name):
    maps = control.api.core("configmaps", one.namespace)
    made = maps.apply({"apiVersion": "v1", "kind": "ConfigMap"} | conf_map(name))  # as Spark does
    text = made["data"]["spark.properties"]
    assert text.startswith("spark.decommission.enabled=true\n") and text.endswith("spark.executor.cores=4\n")
    assert "\nspark.executor.memory=1g\n" in text and "spark.executor.memory=2g" not in text


def test_config_maps_that_nobody_asks_us_about(one, control):
    before = one.reviews()
    for named in ({"name": "mine"}, {"name": "spark-exec-8d1f-conf-map"}, {"name": "spark-drv-conf-map"},
                  {"generateName": "spark-drv-1-conf-map"}):
        made = control.api.core("configmaps", one.namespace).create(conf_map("") | {"metadata": named})
        assert made["data"] == conf_map("")["data"]
    assert one.reviews() == before


def test_the_service_of_a_driver(one, control):
    services = control.api.core("services", one.namespace)
    assert services.create(service("pi-driver-svc", **SPARK))["spec"]["publishNotReadyAddresses"] is True
    before = one.reviews()
    assert "publishNotReadyAddresses" not in services.create(service("other-driver-svc"))["spec"]
    assert one.reviews() == before


def test_claims(one, control):
    claims = control.api.core("persistentvolumeclaims", one.namespace)
    made = claims.create(claim("pi-exec-1-pvc-0", **SPARK))
    assert made["metadata"]["labels"] == SPARK | {"cost-centre": "4711"}
    with pytest.raises(Refused, match="spec.resources.requests.storage.*at most 100Gi"):
        claims.create(claim("pi-exec-2-pvc-0", "200Gi", **SPARK))
    before = one.reviews()
    claims.merge("pi-exec-1-pvc-0", {"metadata": {"annotations": {"a": "b"}}})
    claims.create(claim("mine", "200Gi"))
    claims.delete("pi-exec-1-pvc-0")
    assert one.reviews() == before, "only sizes are judged, only of Spark's"


@pytest.fixture(scope="module")
def applications(control):
    """The kinds of both operators, without their schemas."""
    definitions = control.api.group("apiextensions.k8s.io/v1", "customresourcedefinitions")
    names = []
    for group, version, kind in (("sparkoperator.k8s.io", "v1beta2", "SparkApplication"),
                                 ("sparkoperator.k8s.io", "v1beta2", "ScheduledSparkApplication"),
                                 ("spark.apache.org", "v1", "SparkApplication")):
        names.append(f"{kind.lower()}s.{group}")
        approval = {"api-approved.kubernetes.io": "unapproved, for tests"}
        definitions.create({"metadata": {"name": names[-1], "annotations": approval}, "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": f"{kind.lower()}s", "kind": kind},
            "versions": [{"name": version, "served": True, "storage": True, "subresources": {"status": {}}, "schema": {
                "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}})
    for name in names:
        poll(lambda n=name: any(c["type"] == "Established" and c["status"] == "True"
                                for c in definitions.get(n).get("status", {}).get("conditions", [])),
             30.0, every=0.05, what=f"{name} to be served")
    yield
    for name in names:
        definitions.delete(name)


@pytest.mark.parametrize("group, kind", [
    ("sparkoperator.k8s.io/v1beta2", "SparkApplication"), ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication"),
    ("spark.apache.org/v1", "SparkApplication")])
def test_applications(one, control, applications, group, kind):
    collection = control.api.group(group, f"{kind.lower()}s", one.namespace)
    spec = {"sparkConf": {"spark.dynamicAllocation.enabled": "true"}}
    made = collection.create({"apiVersion": group, "kind": kind, "metadata": {"name": "nightly"},
                              "spec": {"template": spec} if kind.startswith("Scheduled") else spec})
    conf = (made["spec"].get("template") or made["spec"])["sparkConf"]
    assert conf["spark.decommission.enabled"] == "true" and conf["spark.dynamicAllocation.maxExecutors"] == "50"
    before = one.reviews()
    made = collection.merge("nightly", {"metadata": {"annotations": {"a": "b"}}})
    collection.merge("nightly", {"status": {"state": "RUNNING"}}, subresource="status")
    assert one.reviews() == before, "nothing of the spec has changed"
    too_many = {"sparkConf": {"spark.dynamicAllocation.maxExecutors": "5000"}}
    with pytest.raises(Refused, match="spark.dynamicAllocation.maxExecutors.*at most 100"):
        collection.merge("nightly", {"spec": {"template": too_many} if kind.startswith("Scheduled") else too_many})
    assert collection.get("nightly")["spec"] == made["spec"], "what was refused has left nothing"
