# SPDX-License-Identifier: Apache-2.0
"""Every command and every policy in the documentation works as it stands there."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml
from reviews import ask, review, sample_pod
from server import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("policies/**/*.md")])


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.M | re.S)


def commands(path):
    """Whole commands, with what stands on continued lines."""
    for block in blocks(path, "sh"):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            command = line.split("#")[0].strip()
            if command:
                yield command


@pytest.fixture
def checkout(tmp_path):
    """What a reader stands in: the files that commands name, and sparkward on the PATH."""
    for name in ("policies", "tests/fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sparkward").symlink_to(BINARY)
    return tmp_path


def run_until_serving(command, cwd, env):
    """A server is started on free ports, and has to become ready."""
    for default in ("8443", "8080"):
        command = command.replace(f":{default}", ":0")
    process = subprocess.Popen(command.split(), cwd=cwd, env=env, stderr=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stderr.readline, "")
        assert any('"msg":"serving"' in line for line in lines), command
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_every_command_of_the_readme(checkout):
    env = dict(os.environ, PATH=f"{checkout}/bin:{os.environ['PATH']}")
    ran = 0
    for command in commands(ROOT / "README.md"):
        if command.startswith(("./", "bench/")):
            continue  # the project's own doors: what CI itself runs
        if command.startswith("sparkward serve"):
            run_until_serving(command, checkout, dict(env, SPARKWARD_DRAIN_DELAY="0s"))
        else:
            done = subprocess.run(command, shell=True, cwd=checkout, env=env, text=True,
                                  capture_output=True, timeout=60)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
        ran += 1
    assert ran >= 5


def test_every_door_in_the_readme_exists():
    doors = [c.split()[0] for c in commands(ROOT / "README.md") if c.startswith(("./", "bench/"))]
    assert {"./run", "./test", "bench/run"} <= set(doors)
    for door in doors:
        assert os.access(ROOT / door, os.X_OK), door


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_policy_in_the_documentation(path, tmp_path):
    for i, block in enumerate(blocks(path, "yaml")):
        if "apiVersion: sparkward.dev/v1\n" not in block:
            continue
        file = tmp_path / f"{i}.yaml"
        file.write_text(block)
        done = subprocess.run([BINARY, "check", file], text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stdout


def readme_documents():
    return [d for block in blocks(ROOT / "README.md", "yaml") for d in yaml.safe_load_all(block)]


def webhook_configurations():
    """Those of the README, by the path they ask."""
    documents = [d for d in readme_documents() if isinstance(d, dict)]
    wanted = [d for d in documents if d["apiVersion"] == "admissionregistration.k8s.io/v1"]
    assert [d["kind"] for d in wanted] == ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
    return {"/mutate": wanted[0], "/validate": wanted[1]}


def rules(webhook):
    """{"group/version/resource": operations}"""
    return {f"{group}/{version}/{resource}".removeprefix("/"): r["operations"] for r in webhook["rules"]
            for group in r["apiGroups"] for version in r["apiVersions"] for resource in r["resources"]}


def exist(*labels):
    return {"matchExpressions": [{"key": label, "operator": "Exists"} for label in labels]}


SPARK = "spark-role", "spark-app-selector"
APPLICATIONS = ("sparkoperator.k8s.io/v1beta2/sparkapplications", "sparkoperator.k8s.io/v1beta2/scheduledsparkapplications",
                "spark.apache.org/v1/sparkapplications")
# By path and name: the failure policy, the labels that must be there, the rules.
REGISTERED = {
    "/mutate": {
        "mutate": ("Ignore", SPARK, {"v1/pods": ["CREATE"]}),
        "around": ("Ignore", SPARK[1:], {"v1/services": ["CREATE"], "v1/persistentvolumeclaims": ["CREATE"]}),
        "conf": ("Ignore", None, {"v1/configmaps": ["CREATE"]}),
        "applications": ("Ignore", None, {resource: ["CREATE"] for resource in APPLICATIONS})},
    "/validate": {
        "validate": ("Fail", SPARK, {"v1/pods": ["CREATE", "UPDATE"], "v1/pods/ephemeralcontainers": ["UPDATE"]}),
        "claims": ("Fail", SPARK[1:], {"v1/persistentvolumeclaims": ["CREATE", "UPDATE"]}),
        "applications": ("Fail", None, {resource: ["CREATE", "UPDATE"] for resource in APPLICATIONS})}}


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_the_webhook_configurations_of_the_readme(path):
    configuration = webhook_configurations()[path]
    assert configuration["metadata"]["name"] > "spark-operator", "asked after the Spark operator's"
    webhooks = {w["name"].removesuffix(".sparkward.dev"): w for w in configuration["webhooks"]}
    assert list(webhooks) == list(REGISTERED[path])
    for name, webhook in webhooks.items():
        check_webhook(webhook, path, *REGISTERED[path][name])


def check_webhook(webhook, path, failure_policy, labels, wanted_rules):
    assert len(webhook["name"].split(".")) >= 3, "the API server wants a qualified name"
    assert webhook["admissionReviewVersions"] == ["v1"] and webhook["sideEffects"] == "None"
    assert webhook["timeoutSeconds"] == 5 and webhook["matchPolicy"] == "Equivalent"
    assert webhook["failurePolicy"] == failure_policy
    assert webhook.get("reinvocationPolicy") == {"/mutate": "IfNeeded", "/validate": None}[path]
    namespaces, modes = webhook["namespaceSelector"]["matchExpressions"]
    assert namespaces == {"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                          "values": ["kube-system", "sparkward-system"]}
    assert modes == {"key": "sparkward.dev/mode", "operator": "NotIn", "values": ["monitor", "off"]}, \
        "off must be quoted: it is a boolean otherwise"
    assert webhook.get("objectSelector") == (None if labels is None else exist(*labels))
    assert webhook["clientConfig"]["service"] == {
        "name": "sparkward", "namespace": "sparkward-system", "path": path, "port": 443}
    assert webhook["clientConfig"]["caBundle"]
    assert rules(webhook) == wanted_rules


def test_the_match_conditions_of_the_readme():
    """Nothing of the rest of a cluster waits for us: ConfigMaps by name, updates only of what is judged."""
    conditions = {path: {w["name"].split(".")[0]: w["matchConditions"] for w in c["webhooks"] if "matchConditions" in w}
                  for path, c in webhook_configurations().items()}
    assert set(conditions["/mutate"]) == {"conf"} and set(conditions["/validate"]) == {"claims", "applications"}
    [conf] = conditions["/mutate"]["conf"]
    [pattern] = re.findall(r"request\.name\.matches\('([^']*)'\)", conf["expression"])
    [suffix] = re.findall(r"request\.name\.endsWith\('([^']*)'\)", conf["expression"])
    for name, wanted in (("spark-drv-0a1b-conf-map", True), ("app-1-spark-drv-conf-map", True),
                         ("spark-exec-0a1b-conf-map", False), ("spark-drv--conf-map", False), ("mine", False)):
        assert bool(re.search(pattern, name) or name.endswith(suffix)) == wanted, name
    for [condition] in conditions["/validate"].values():
        assert condition["expression"].startswith("request.operation == 'CREATE' || object.spec")


def test_the_webhook_of_the_readme_for_monitored_namespaces(default_server):
    """What the README gives replaces members of the first webhook; both paths are answered and change nothing."""
    [[second]] = [d for d in readme_documents() if isinstance(d, list)]
    first = webhook_configurations()["/mutate"]["webhooks"][0]
    assert set(second) <= set(first) and second["name"] != first["name"]
    assert len(second["name"].split(".")) >= 3
    [modes] = second["namespaceSelector"]["matchExpressions"]
    assert modes == {"key": "sparkward.dev/mode", "operator": "In", "values": ["monitor"]}
    service = dict(first["clientConfig"]["service"])
    assert second["clientConfig"]["service"] == service | {"path": "/monitor/mutate"}
    assert second["clientConfig"]["caBundle"] == first["clientConfig"]["caBundle"]
    text = (ROOT / "README.md").read_text()
    for path in re.findall(r"/monitor/\w+", text):
        response = ask(default_server, review(sample_pod("executor-pod.json")), path)
        assert response["allowed"] and "patch" not in response
    assert "/monitor/validate" in text


def test_the_policies_readme_shows_every_field():
    """The whole language is documented: each name the loader offers stands in the example."""
    example = blocks(ROOT / "policies" / "README.md", "yaml")[0]
    source = "".join(p.read_text() for p in (ROOT / "policies").glob("compile*.c"))
    fields = re.findall(r'\{\.name = "(\w+)"(.*?)\}', source, re.S)
    names = {name for name, rest in fields if "FIELD_REFUSED" not in rest}
    assert len(names) > 30
    hidden = {n for n in names if not re.search(rf"\b{n}\b", example)}
    assert not hidden, hidden
