# SPDX-License-Identifier: Apache-2.0
"""What stands around pods: the driver's ConfigMap and Service, claims, applications of operators."""

import copy
import json
import random
import subprocess

import pytest
import yaml
from conftest import POLICIES
from reviews import RECORDED, SAMPLES, applied, as_created, ask, check_answer, dumps, load, mutate, patch_of, review
from server import BINARY

VERSIONS = sorted(p.name for p in RECORDED.iterdir())
PROPERTIES = "spark.properties"
# What the policy puts there, by java.util.Properties' own way to write it.
GREETING = "spark.app.greeting=süß\\: a\\=b \\#c \\\\ \\n\\td\n"
ENFORCED = "spark.ui.killEnabled=false\nspark.executor.cores=4\n"


@pytest.fixture(scope="module")
def around(serve_session):
    return serve_session(POLICIES / "around.yaml")


@pytest.fixture
def connection(around):
    with around.connect() as one:
        yield one


def sample(name):
    return as_created(json.loads((SAMPLES / name).read_text()))


def recorded(version, name):
    return load(RECORDED / version / f"{name}.json")["request"]["object"]


def conf_map(text, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "immutable": True,
            "metadata": {"name": "spark-drv-8d1f0a9c22ff9488-conf-map", "namespace": "spark-jobs"},
            "data": {PROPERTIES: text, **data}}


def untouched(connection, obj, **fields):
    for path in ("/mutate", "/validate"):
        response = ask(connection, review(obj, **fields), path)
        assert response["allowed"] and "patch" not in response and "warnings" not in response, response


# ConfigMaps


@pytest.mark.parametrize("version", VERSIONS)
def test_the_conf_of_a_recorded_driver(connection, version):
    before = recorded(version, "cluster-driver-configmap")
    after, response = mutate(connection, before)
    text = before["data"][PROPERTIES]
    assert after["data"][PROPERTIES] == "spark.decommission.enabled=true\n" + GREETING + text + ENFORCED
    assert [o["path"] for o in patch_of(response)] == ["/data/spark.properties"]
    del before["data"][PROPERTIES], after["data"][PROPERTIES]
    assert after == before
    assert response["auditAnnotations"] == {"sparkConf": (
        "around: sparkConf.spark.decommission.enabled, sparkConf.spark.app.greeting, "
        "sparkConf.spark.ui.killEnabled, sparkConf.spark.executor.cores")}


def test_the_users_conf_wins_over_defaults_and_loses_to_what_is_enforced(connection):
    text = "spark.executor.memory : 1g\nspark.ui.killEnabled=true\nspark.decommission.enabled\nspark.executor.cores=4\n"
    after, _ = mutate(connection, conf_map(text))
    assert after["data"][PROPERTIES] == GREETING + text + "spark.ui.killEnabled=false\n"


def test_each_key_is_decided_for_itself(connection):
    after, response = mutate(connection, conf_map(""), namespace="etl-7")
    assert "spark.executor.memory=8g\n" in after["data"][PROPERTIES]
    assert "spark.decommission.enabled=true\n" in after["data"][PROPERTIES]
    assert "etl: sparkConf.spark.executor.memory" in response["auditAnnotations"]["sparkConf"]


def test_a_conf_twice(connection):
    after, _ = mutate(connection, conf_map("a=b\\"))
    again, response = mutate(connection, after)
    assert "patch" not in response and again == after


def test_a_conf_that_java_cannot_load(connection):
    response = ask(connection, review(conf_map("a=\\u12")))
    assert response["allowed"] and "patch" not in response
    [warning] = response["warnings"]
    assert "nothing that Java can load" in warning and "around" in warning


def test_a_conf_map_that_is_nearly_full(connection):
    room = 1024 * 1024 - len((GREETING + ENFORCED + "spark.decommission.enabled=true\n"
                              "spark.executor.memory=2g\n").encode())
    after, response = mutate(connection, conf_map("", filler="x" * room))
    assert "warnings" not in response
    assert sum(len(v.encode()) for v in after["data"].values()) == 1024 * 1024
    response = ask(connection, review(conf_map("", filler="x" * (room + 1))))
    assert response["allowed"] and "patch" not in response
    [warning] = response["warnings"]
    assert "1 MiB" in warning


def test_a_long_conf(connection):
    text = "".join(f"spark.hadoop.key{i}=\\u00fc=value\n" for i in range(30_000))
    assert 900_000 < len(text) < 1024 * 1024 - 1000
    after, _ = mutate(connection, conf_map(text))
    assert text in after["data"][PROPERTIES] and after["data"][PROPERTIES].endswith(ENFORCED)


@pytest.mark.parametrize("name", ["spark-exec-1a-conf-map", "spark-drv-conf-map", "my-conf", "x-spark-drv-1a-conf-map"])
def test_other_config_maps(connection, name):
    other = conf_map("a=b")
    other["metadata"]["name"] = name
    untouched(connection, other)


def test_a_changed_conf_map_is_not_looked_at(connection):
    untouched(connection, conf_map("a=b"), operation="UPDATE", old=conf_map("a=c"))


@pytest.mark.parametrize("which", ["server", "default_server", "strict_server"])
def test_no_policy_refuses_a_conf_map(request, which):
    with request.getfixturevalue(which).connect() as connection:
        for obj in (conf_map("a=b"), conf_map("a=\\u1"), conf_map("", filler="x" * 1024 * 1024), conf_map(None)):
            for path in ("/mutate", "/validate"):
                assert ask(connection, review(obj), path)["allowed"]


# Services


@pytest.mark.parametrize("version", VERSIONS)
def test_the_service_of_a_recorded_driver(connection, version):
    before = recorded(version, "cluster-driver-service")
    after, response = mutate(connection, before)
    assert after["spec"].pop("publishNotReadyAddresses") is True
    assert after == before
    assert response["auditAnnotations"] == {"probes": "around: probes.driver.startup"}


def test_a_service_of_a_driver_without_a_startup_probe(default_server):
    with default_server.connect() as connection:
        untouched(connection, sample("service-driver.json"))


@pytest.mark.parametrize("change", [
    lambda s: s["metadata"].update(name="nightly-ui-svc"), lambda s: s["spec"].update(clusterIP="10.0.0.7"),
    lambda s: s["spec"]["selector"].update({"spark-role": "executor"}), lambda s: s["spec"].pop("selector")])
def test_other_services(connection, change):
    service = sample("service-driver.json")
    change(service)
    untouched(connection, service)


# Claims


@pytest.mark.parametrize("version", VERSIONS)
def test_recorded_claims(connection, version):
    before = recorded(version, "client-pvc-executor-persistentvolumeclaim")
    after, response = mutate(connection, before)
    assert after["metadata"]["labels"].pop("cost-centre") == "4711"
    assert after == before
    assert response["auditAnnotations"] == {"claims": "around: claims.labels.cost-centre"}
    assert ask(connection, review(before), "/validate")["allowed"]


def claim(size="10Gi", storage_class="gp3", name="x-exec-1-pvc-0"):
    one = sample("pvc-ondemand.json")
    one["metadata"]["name"] = name
    one["spec"]["resources"]["requests"]["storage"] = size
    one["spec"]["storageClassName"] = storage_class
    return one


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
@pytest.mark.parametrize("wrong, says", [
    (claim("101Gi"), 'spec.resources.requests.storage: found "101Gi", allowed: at least 1Gi, at most 100Gi'),
    (claim("1"), 'spec.resources.requests.storage: found "1"'),
    (claim(storage_class="slow"), 'spec.storageClassName: found "slow", allowed: gp3, fast-*')])
def test_claims_that_are_refused(connection, wrong, says, path):
    response = ask(connection, review(wrong), path)
    assert not response["allowed"] and says in response["status"]["message"]


def test_a_claim_that_grows(connection):
    grown = review(claim("200Gi"), operation="UPDATE", old=claim("50Gi"))
    assert not ask(connection, grown, "/validate")["allowed"]
    bound = review(claim("200Gi"), operation="UPDATE", old=claim("200Gi"))
    assert ask(connection, bound, "/validate")["allowed"], "it was too large before"
    assert "patch" not in ask(connection, bound, "/mutate")


def test_other_claims(connection):
    untouched(connection, claim("500Gi", "slow", name="data"))
    other = claim("500Gi", "slow")
    del other["metadata"]["labels"]["spark-app-selector"]
    untouched(connection, other)


# Applications


def application(kind="SparkApplication", version="sparkoperator.k8s.io/v1beta2", labels=None, **spec):
    inner = {"template": spec} if kind == "ScheduledSparkApplication" else spec
    return {"apiVersion": version, "kind": kind,
            "metadata": {"name": "nightly", "namespace": "spark-jobs", "labels": labels or {}}, "spec": inner}


APACHE = {"kind": {"group": "spark.apache.org", "version": "v1", "kind": "SparkApplication"},
          "resource": {"group": "spark.apache.org", "version": "v1", "resource": "sparkapplications"}}
KINDS = [
    pytest.param("SparkApplication", "sparkoperator.k8s.io/v1beta2", {}, id="kubeflow"),
    pytest.param("ScheduledSparkApplication", "sparkoperator.k8s.io/v1beta2", {}, id="scheduled"),
    pytest.param("SparkApplication", "spark.apache.org/v1", APACHE, id="apache")]


def spec_of(app):
    return app["spec"]["template"] if app["kind"] == "ScheduledSparkApplication" else app["spec"]


@pytest.mark.parametrize("kind, version, fields", KINDS)
def test_a_new_application(connection, kind, version, fields):
    before = application(kind, version, sparkConf={"spark.executor.memory": "1g", "spark.ui.killEnabled": "true"})
    after, response = mutate(connection, before, **fields)
    spec = spec_of(after)
    assert spec["sparkConf"] == {
        "spark.executor.memory": "1g", "spark.ui.killEnabled": "false", "spark.executor.cores": "4",
        "spark.decommission.enabled": "true", "spark.app.greeting": "süß: a=b #c \\ \n\td"}
    if fields:
        assert spec["applicationTolerations"]["restartConfig"] == {
            "restartPolicy": "OnFailure", "maxRestartAttempts": 3, "restartBackoffMillis": 30000}
    else:
        assert spec["restartPolicy"] == {"type": "OnFailure", "onFailureRetries": 3, "onFailureRetryInterval": 30}
    assert set(response["auditAnnotations"]) == {"sparkConf", "restartPolicy"}
    assert "patch" not in ask(connection, review(after, **fields)), "a second time"
    assert "warnings" not in response, "judged as it is after all changes"


@pytest.mark.parametrize("kind, version, fields", KINDS)
def test_an_application_is_never_changed_later(connection, kind, version, fields):
    old = application(kind, version, driver={})
    new = application(kind, version, driver={"cores": 2})
    assert "patch" not in ask(connection, review(new, operation="UPDATE", old=old, **fields))


def test_dynamic_allocation(connection):
    after, _ = mutate(connection, application(dynamicAllocation={"enabled": True}))
    assert after["spec"]["dynamicAllocation"] == {"enabled": True, "minExecutors": 1, "maxExecutors": 50}
    after, _ = mutate(connection, application(dynamicAllocation={"enabled": False}))
    assert after["spec"]["dynamicAllocation"] == {"enabled": False}


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_too_many_executors(connection, operation):
    app = application("ScheduledSparkApplication", dynamicAllocation={"enabled": True, "maxExecutors": 5000})
    old = application("ScheduledSparkApplication") if operation == "UPDATE" else None
    response = ask(connection, review(app, operation=operation, old=old), "/validate")
    assert not response["allowed"]
    assert ('spec.template.dynamicAllocation.maxExecutors: found "5000", allowed: at most 100 '
            "(policy around, rule dynamic-allocation)") in response["status"]["message"]
    if operation == "UPDATE":
        same = review(app, operation=operation, old=copy.deepcopy(app))
        assert ask(connection, same, "/validate")["allowed"]


def test_an_application_that_would_not_be_run_again(connection):
    app = application(restartPolicy={"type": "Never", "onFailureRetries": 0})
    [warning] = ask(connection, review(app))["warnings"]
    assert warning.startswith('spec.restartPolicy.type: found "Never", allowed: OnFailure or Always')
    assert not ask(connection, review(app, namespace="etl-1"))["allowed"]


def test_applications_are_matched_by_the_labels_of_their_driver(connection):
    for app in (application(labels={"tier": "gold"}), application(driver={"labels": {"tier": "gold"}})):
        after, _ = mutate(connection, app)
        assert after["spec"]["sparkConf"]["spark.executor.memory"] == "16g"


def test_what_the_schema_will_refuse_is_left_to_it(connection):
    for spec in ({"sparkConf": []}, {"restartPolicy": "x"}, {"dynamicAllocation": 5}, {"driver": []}):
        assert ask(connection, review(application(**spec)))["allowed"]
    untouched(connection, {"apiVersion": "sparkoperator.k8s.io/v1beta2", "kind": "SparkApplication",
                           "metadata": {"name": "x"}, "spec": None})


# All of them


@pytest.mark.parametrize("policies", ["around", "everything", "always"])
def test_twice_is_as_once(serve_session, policies):
    with serve_session(POLICIES / f"{policies}.yaml").connect() as connection:
        changed = 0
        for path in [*SAMPLES.glob("*.json"), *RECORDED.glob("*/*.json")]:
            sent = load(path)
            if sent["request"]["kind"]["kind"] == "Pod":
                continue
            response = ask(connection, sent)
            if response["allowed"] and "patch" in response:
                changed += 1
                sent["request"]["object"] = applied(sent["request"]["object"], response)
                assert "patch" not in ask(connection, sent), path
        assert changed == 14


STRANGE = [None, True, False, 0, -1, 1.5, "", "x", "true", "Never", "OnFailure", [], [{}], {}, {"enabled": True}, {"type": "Never"}]


def changed_somewhere(rng, value):
    """A copy of which one value, deep inside or not, is another or gone."""
    if not value or not isinstance(value, (dict, list)) or rng.random() < 0.15:
        return copy.deepcopy(rng.choice(STRANGE))
    result = copy.deepcopy(value)
    key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    if rng.random() < 0.2:
        del result[key]
    else:
        result[key] = changed_somewhere(rng, value[key])
    return result


@pytest.mark.parametrize("policies", ["around", "everything", "always"])
def test_objects_of_every_shape(serve_session, policies):
    """Custom resources come before their schema is checked, the others never so; neither may do harm."""
    rng = random.Random(f"around {policies}")
    answers = {200: 0, 400: 0}
    with serve_session(POLICIES / f"{policies}.yaml").connect() as connection:
        objects = [sample(f"{name}.json") for name in (
            "configmap-driver", "service-driver", "pvc-ondemand", "sparkapplication", "scheduledsparkapplication")]
        for _ in range(1500):
            before = rng.choice(objects)
            obj = changed_somewhere(rng, before)
            for _ in range(rng.randrange(3)):
                obj = changed_somewhere(rng, obj)
            if not isinstance(obj, dict):
                continue
            sent = review(obj | {"kind": before["kind"], "metadata": obj.get("metadata") or {}}
                          if isinstance(obj.get("metadata") or {}, dict) else before)
            answer = connection.post("/mutate", dumps(sent).encode())
            answers[answer.status] += 1
            response = check_answer(sent, answer) if answer.status == 200 else {}
            if "patch" in response:
                sent["request"]["object"] = applied(sent["request"]["object"], response)
                assert "patch" not in ask(connection, sent), sent["request"]["object"]
    assert answers[200] > 1000, answers


# The command


def apply(*arguments, stdin=None):
    return subprocess.run([BINARY, "apply", "-p", POLICIES / "around.yaml", *arguments], input=stdin, text=True,
                          capture_output=True, timeout=60)


@pytest.mark.parametrize("name", ["configmap-driver", "service-driver", "pvc-ondemand", "sparkapplication",
                                  "scheduledsparkapplication"])
def test_apply_does_the_same_as_the_server(connection, name):
    before = sample(f"{name}.json")
    after, response = mutate(connection, before)
    done = apply("-o", "object", "-", stdin=json.dumps(before))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == after
    done = apply("-o", "patch", "-", stdin=yaml.safe_dump(before))
    assert json.loads(done.stdout) == json.loads(json.dumps(patch_of(response), default=lambda n: int(n.text)))


def test_apply_shows_what_is_new_in_a_conf():
    done = apply(SAMPLES / "configmap-driver.json")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].endswith(": conf of a driver")
    assert lines[2:] == ["+ " + GREETING.rstrip("\n"), "  ...", "+ spark.ui.killEnabled=false", "+ spark.executor.cores=4"]


def test_apply_says_what_is_refused():
    done = apply("-", stdin=yaml.safe_dump(claim("1Ti")))
    assert done.returncode == 1
    assert "denied: spec.resources.requests.storage" in done.stdout
