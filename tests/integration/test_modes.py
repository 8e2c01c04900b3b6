# SPDX-License-Identifier: Apache-2.0
"""Trying policies out: what is monitored is told and does nothing. Exceptions: until their moment, not longer."""

import copy
import datetime
import json
import signal

import jsonpatch
import pytest
import yaml
from conftest import POLICIES
from podgen import pods
from reviews import SAMPLES, applied, as_created, ask, dumps, exact, patch_of, review, sample_pod
from server import run
from wait import poll

PRIVILEGED = {"privileged": True}


def policy(name, priority=0, **spec):
    return {"apiVersion": "sparkward.dev/v1", "kind": "SparkPolicy", "metadata": {"name": name},
            "spec": {"priority": priority, **spec}}


def exception(name, expires, **spec):
    spec = {"policy": "base", "rules": ["no-privileged"], "reason": "until the move", "expires": expires} | spec
    return {"apiVersion": "sparkward.dev/v1", "kind": "PolicyException", "metadata": {"name": name}, "spec": spec}


BASE = policy("base", 1, admission={"labels": {"team": "base"}}, require=[{"rule": "no-privileged"}])
TRIAL = policy("trial", 2, mode="monitor", admission={"labels": {"team": "trial"}},
               require=[{"rule": "memory-limit", "action": "warn"}, {"rule": "images", "from": ["nowhere/*"]}])


@pytest.fixture
def write(tmp_path):
    """write(document, …) → a policy file."""
    def one(*documents, name="policy.yaml"):
        path = tmp_path / name
        # As JSON, which is YAML in which every string is quoted.
        path.write_text("\n---\n".join(json.dumps(d, default=str) for d in documents))
        return path
    return one


def executor(**changes):
    pod = sample_pod("executor-pod.json")
    pod["spec"]["containers"][0].update(changes)
    return pod


def monitored(server):
    """The lines about reviews that would have been answered otherwise."""
    return [line for line in server.log() if line["msg"] == "monitored"]


def count(server, outcome, rule, endpoint="mutate"):
    return server.metric(f'sparkward_monitor_total{{endpoint="{endpoint}",outcome="{outcome}",rule="{rule}"}}')


# Monitored policies


def test_a_monitored_policy_is_told_and_does_nothing(serve, write):
    server = serve(write(BASE, TRIAL))
    pod = executor()
    response = ask(server, review(pod))
    assert response["allowed"] and "warnings" not in response
    assert applied(pod, response)["metadata"]["labels"]["team"] == "base"
    notes = response["auditAnnotations"]
    assert notes["labels"] == "base: labels.team"
    assert notes["monitor-rules"] == "trial: require.images"
    assert notes["monitor-verdict"].startswith("would deny: spec.containers[0].image: found ")
    assert notes["monitor-outranked"] == "base/labels.team by policy trial"
    assert "monitor-patch" not in notes, "a pod that is denied is not changed"
    [line] = monitored(server)
    assert line["level"] == "info" and line["endpoint"] == "mutate"
    assert (line["namespace"], line["name"]) == ("spark-jobs", pod["metadata"]["name"])
    assert line["rules"] == "trial: require.images" and "would deny" in line["verdict"]
    assert count(server, "would_deny", "images") == 1
    assert count(server, "would_change", "labels") == 0
    assert server.metric("sparkward_warnings_total") == 0
    assert server.metric('sparkward_reviews_total{endpoint="mutate",verdict="patched"}') == 1
    assert server.metric("sparkward_policies") == 2 and server.metric("sparkward_policies_monitored") == 1
    assert "2 from 1 file, 1 monitored" in server.admin("/readyz?verbose").text


def test_changes_and_warnings_that_would_be(serve, write):
    trial = policy("trial", 2, mode="monitor", admission={"labels": {"team": "trial", "tier": "x"}},
                   require=[{"rule": "memory-limit", "action": "warn"}])
    server = serve(write(BASE, trial))
    pod = executor(resources={})
    response = ask(server, review(pod, namespace="etl"))
    notes = response["auditAnnotations"]
    assert notes["monitor-rules"] == "trial: labels.team, labels.tier, require.memory-limit"
    assert notes["monitor-verdict"].startswith("would warn: spec.containers[0].resources.limits.memory")
    would_be = jsonpatch.apply_patch(exact(dumps(pod)), exact(notes["monitor-patch"]))
    assert would_be["metadata"]["labels"]["team"] == "trial"
    assert count(server, "would_change", "labels") == 1 and count(server, "would_warn", "memory-limit") == 1
    ask(server, review(pod, namespace="etl"), "/validate")
    assert count(server, "would_warn", "memory-limit", "validate") == 1
    assert [line["endpoint"] for line in monitored(server)] == ["mutate", "validate"]


def test_many_monitored_reviews_do_not_flood_the_log(serve, write):
    server = serve(write(TRIAL), "--threads", "1")
    sent = dumps(review(executor())).encode()
    with server.connect() as connection:
        def one():
            assert connection.post("/mutate", sent).status == 200
            return monitored(server)[-1]["skipped"]
        for _ in range(300):
            assert connection.post("/mutate", sent).status == 200
        poll(lambda: one() > 0, 10, what="the line that says how many were skipped")
    lines = monitored(server)
    reviews = count(server, "would_deny", "images")
    assert reviews > 300 and len(lines) < reviews
    assert len(lines) + sum(line["skipped"] for line in lines) <= reviews


def test_pods_that_no_monitored_policy_would_change_are_not_told(serve, write):
    trial = policy("trial", 2, mode="monitor", match={"namespaces": ["trial"]}, admission={"labels": {"team": "base"}})
    server = serve(write(BASE, trial))
    for namespace in ("trial", "other"):
        response = ask(server, review(executor(), namespace=namespace))
        assert not any(key.startswith("monitor") for key in response["auditAnnotations"])
    assert monitored(server) == []


def test_a_patch_that_is_too_long_is_left_out_whole(serve, write):
    long = policy("trial", 2, mode="monitor", admission={"annotations": {f"a{i}": "x" * 100 for i in range(100)}})
    response = ask(serve(write(long)), review(executor()))
    assert "monitor-patch" not in response["auditAnnotations"]
    assert "10240 bytes" in response["auditAnnotations"]["monitor-patch-omitted"]


def test_what_is_enforced_does_not_depend_on_what_is_monitored(serve, write):
    """Random pods: the patch is that of the enforced policies alone, and the one told is that of all of them."""
    documents = [d for d in yaml.safe_load_all((POLICIES / "everything.yaml").read_text())]
    for document in documents:
        if document["metadata"]["name"] == "on-trial":
            del document["spec"]["match"], document["spec"]["require"]
    enforced = [d for d in documents if d["metadata"]["name"] != "on-trial"]
    everything = copy.deepcopy(documents)
    for document in everything:
        if document["spec"].get("mode") == "monitor":
            document["spec"]["mode"] = "enforce"
    alone, both, all_of_them = (
        serve(write(*d, name=f"{i}.yaml")).connect() for i, d in enumerate((enforced, documents, everything)))
    told = 0
    with alone, both, all_of_them:
        for pod in pods(77, 300):
            sent = review(pod)
            response = ask(both, sent)
            assert patch_of(response) == patch_of(ask(alone, sent))
            notes = response.get("auditAnnotations", {})
            would_be = patch_of(ask(all_of_them, sent))
            if "monitor-patch" in notes:
                assert exact(notes["monitor-patch"]) == would_be
                told += 1
            else:
                assert would_be == patch_of(response), "or there was something to tell"
    assert told > 100


# Namespaces that are monitored as a whole


def test_paths_where_every_policy_is_monitored(serve, write):
    server = serve(write(BASE))
    good, bad = executor(), executor(securityContext=PRIVILEGED)
    response = ask(server, review(good), "/monitor/mutate")
    assert response["allowed"] and "patch" not in response
    notes = response["auditAnnotations"]
    assert exact(notes["monitor-patch"]) == patch_of(ask(server, review(good)))
    assert set(notes) == {"monitor-rules", "monitor-patch"}
    for path in ("/monitor/mutate", "/monitor/validate"):
        response = ask(server, review(bad), path)
        assert response["allowed"] and "patch" not in response and "warnings" not in response
        assert "would deny" in response["auditAnnotations"]["monitor-verdict"]
    for path in ("/mutate", "/validate"):
        assert not ask(server, review(bad), path)["allowed"]
    assert count(server, "would_deny", "no-privileged") == 1
    assert count(server, "would_deny", "no-privileged", "validate") == 1


@pytest.mark.parametrize("path", ["/monitor", "/monitor/", "/monitor/mutate/", "/monitor/other", "/off/mutate"])
def test_there_are_no_other_paths(strict_server, path):
    assert strict_server.post(path, dumps(review(executor())).encode()).status == 404


# Requirements that are only noted


def test_audited_requirements(serve):
    server = serve(POLICIES / "validation.yaml")
    pod = executor(resources={}, image="elsewhere/x", securityContext=PRIVILEGED)
    response = ask(server, review(pod, namespace="noted"), "/validate")
    assert response["allowed"] and "warnings" not in response
    assert response["auditAnnotations"]["violations"].count("policy notes") == 3
    assert server.metric("sparkward_audited_violations_total") == 3
    assert server.metric("sparkward_warnings_total") == 0


# Exceptions


def from_now(**delta):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_exception_takes_rules_away_and_says_so(serve, write):
    server = serve(write(BASE, exception("nightly", from_now(days=30), match={"namespaces": ["nightly"]},
                                         rules=["no-privileged", "labels.team"])))
    pod = executor(securityContext=PRIVILEGED)
    response = ask(server, review(pod, namespace="nightly"))
    assert response["allowed"] and "patch" not in response
    assert response["auditAnnotations"]["exceptions"] == (
        "base/labels.team by exception nightly: until the move; "
        "base/require.no-privileged by exception nightly: until the move")
    assert not ask(server, review(pod, namespace="daily"))["allowed"]
    assert server.metric("sparkward_exceptions") == 1 and server.metric("sparkward_exceptions_expired") == 0
    assert "[+]exceptions ok: 1, the first to expire is nightly" in server.admin("/readyz?verbose").text
    assert not any("exception" in line["msg"] for line in server.log())


def test_an_exception_ends_at_its_moment_without_a_reload(serve, write):
    end = from_now(seconds=6)
    server = serve(write(BASE, exception("short", end)))
    sent = review(executor(securityContext=PRIVILEGED))
    assert ask(server, sent)["allowed"]
    soon = [line for line in server.log() if line["msg"] == "an exception expires soon"]
    assert len(soon) == 1 and soon[0]["exception"] == "short" and soon[0]["level"] == "warn"
    with server.connect() as connection:
        poll(lambda: not ask(connection, sent)["allowed"], 15, what="the end of the exception")
    assert from_now() >= end, "not before"
    assert server.metric('sparkward_policy_reloads_total{result="ok"}') == 0
    server.signal(signal.SIGHUP)  # or within ten seconds
    poll(lambda: server.metric("sparkward_exceptions_expired") == 1, 20, what="the metric")
    assert "[-]exceptions: 1 of 1 expired, the first was short: " + end in server.admin("/readyz?verbose").text
    assert server.admin("/readyz").status == 200
    assert sum(line["msg"] == "an exception has expired" for line in server.log()) == 1


def test_an_expired_exception_is_logged_with_every_new_set_of_policies(serve, write):
    server = serve(write(BASE, exception("old", "2020-01-01")))
    expired = [line for line in server.log() if line["msg"] == "an exception has expired"]
    assert len(expired) == 1 and expired[0]["reason"] == "until the move"
    write(BASE, exception("older", "2019-01-01"))
    server.signal(signal.SIGHUP)
    poll(lambda: "older" in [line.get("exception") for line in server.log()], 10, what="the new one in the log")


def test_check_hints_at_exceptions_that_end(write):
    path = write(BASE, exception("old", "2020-01-01"), exception("soon", from_now(days=2)),
                 exception("far", "2099-01-01"))
    result = run("check", path)
    assert result.returncode == 0, result.stdout
    hints = result.stdout.splitlines()
    assert len(hints) == 3 and hints[-1] == "ok: 1 policy and 3 exceptions in 1 file"
    assert hints[0].startswith(f"{path}:") and "hint: exception \"old\" from policy \"base\" has expired" in hints[0]
    assert "\"soon\"" in hints[1] and "within 7 days" in hints[1]


def test_apply_shows_exceptions_and_monitored_policies(write, tmp_path):
    policies = write(BASE, TRIAL, exception("x", "2099-01-01"))
    pod = tmp_path / "pod.json"
    pod.write_text(json.dumps(executor(securityContext=PRIVILEGED)))
    result = run("apply", "-p", policies, pod)
    assert result.returncode == 0, "what is monitored denies nobody"
    is_, would_be = result.stdout.split("with monitored policies enforced:\n")
    assert "excepted: policy base: require.no-privileged, by exception x until 2099-01-01: until the move" in is_
    assert "+ base" in is_ and "trial" not in is_
    assert "+ trial" in would_be and "denied: spec.containers[0].image" in would_be
    alone = run("apply", "-p", policies, "-o", "patch", pod).stdout
    assert "base" in alone and "trial" not in alone


# Every kind of object, and rules of every kind


KINDS = [
    ("configmap-driver.json", {"sparkConf": {"spark.a": "1"}}, "sparkConf", "sparkConf.spark.a", "would_change"),
    ("pvc-ondemand.json", {"claims": {"labels": {"a": "b"}}}, "claims", "claims.labels.a", "would_change"),
    ("pvc-ondemand.json", {"require": [{"rule": "claim-class", "from": ["nowhere"]}]},
     "claim-class", "require.claim-class", "would_deny"),
    ("sparkapplication.json", {"application": {"restartPolicy": {"type": "Always", "onFailureRetryInterval": "7m"}, "when": "always"}},
     "restartPolicy", "application.restartPolicy", "would_change"),
    ("service-driver.json", {"admission": {"probes": {"driver": {"startup": {"preset": "spark-ui"}}}}},
     "probes", "probes.driver.startup", "would_change"),
    ("executor-pod.json", {"admission": {"resources": {"memoryLimit": "64Gi", "when": "always"}}},
     "resources.memoryLimit", "resources.memoryLimit", "would_change"),
    ("executor-pod.json", {"admission": {"securityContext": "restricted"}}, "securityContext", "securityContext", "would_change"),
    ("executor-pod.json", {"admission": {"overlay": {"spec": {"dnsConfig": {"searches": ["a"]}}}}},
     "overlay", "overlay.spec.dnsConfig.searches", "would_change"),
    ("executor-pod.json", {"admission": {"imageRewrite": [{"from": "docker.io/", "to": "mirror.example.com/"}]}},
     "imageRewrite", "imageRewrite.docker.io/", "would_change"),
    ("executor-pod.json", {"require": [{"rule": "service-accounts", "allow": ["nobody"]}]},
     "service-accounts", "require.service-accounts", "would_deny"),
    ("executor-pod.json", {"require": [{"rule": "resource-bounds", "memory": {"max": "1Mi"}}]},
     "resource-bounds", "require.resource-bounds.memory", "would_deny")]


@pytest.mark.parametrize("sample, spec, kind, name, outcome", KINDS, ids=[f"{k[0].split('.')[0]}-{k[2]}" for k in KINDS])
def test_exceptions_and_trials_of_every_kind(serve, write, sample, spec, kind, name, outcome):
    """What is enforced does something; excepted by kind or by name it does not; monitored it would."""
    server = serve(write(
        policy("base", match={"exclude": {"namespaces": ["trial"]}}, **spec),
        policy("trial", match={"namespaces": ["trial"]}, mode="monitor", **spec),
        exception("one", "2099-01-01", rules=[kind], match={"namespaces": ["by-kind"]}),
        exception("two", "2099-01-01", rules=[name], match={"namespaces": ["by-name"]})))
    sent = as_created(json.loads((SAMPLES / sample).read_text()))

    def answer(namespace):
        return ask(server, review(copy.deepcopy(sent), namespace=namespace))
    enforced = answer("other")
    assert (outcome == "would_deny") == (not enforced["allowed"]) and (outcome == "would_change") == ("patch" in enforced)
    for namespace, by in (("by-kind", "one"), ("by-name", "two")):
        response = answer(namespace)
        assert response["allowed"] and "patch" not in response
        assert response["auditAnnotations"] == {"exceptions": f"base/{name} by exception {by}: until the move"}
    response = answer("trial")
    assert response["allowed"] and "patch" not in response
    assert response["auditAnnotations"]["monitor-rules"] == f"trial: {name}"
    assert ("monitor-patch" in response["auditAnnotations"]) == (outcome == "would_change")
    assert count(server, outcome, kind) == 1
    [line] = monitored(server)
    assert line["name"] == sent["metadata"]["name"]
