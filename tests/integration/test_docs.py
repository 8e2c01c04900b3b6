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
    """{resource: operations}"""
    assert all(r["apiGroups"] == [""] and r["apiVersions"] == ["v1"] for r in webhook["rules"])
    return {resource: r["operations"] for r in webhook["rules"] for resource in r["resources"]}


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_the_webhook_configurations_of_the_readme(path):
    configuration = webhook_configurations()[path]
    assert configuration["metadata"]["name"] > "spark-operator", "asked after the Spark operator's"
    [webhook] = configuration["webhooks"]
    assert len(webhook["name"].split(".")) >= 3, "the API server wants a qualified name"
    assert webhook["admissionReviewVersions"] == ["v1"] and webhook["sideEffects"] == "None"
    assert webhook["timeoutSeconds"] == 5 and webhook["matchPolicy"] == "Equivalent"
    assert webhook["failurePolicy"] == {"/mutate": "Ignore", "/validate": "Fail"}[path]
    assert webhook.get("reinvocationPolicy") == {"/mutate": "IfNeeded", "/validate": None}[path]
    namespaces, modes = webhook["namespaceSelector"]["matchExpressions"]
    assert namespaces == {"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                          "values": ["kube-system", "sparkward-system"]}
    assert modes == {"key": "sparkward.dev/mode", "operator": "NotIn", "values": ["monitor", "off"]}, \
        "off must be quoted: it is a boolean otherwise"
    labels = webhook["objectSelector"]["matchExpressions"]
    assert {(e["key"], e["operator"]) for e in labels} == {
        ("spark-role", "Exists"), ("spark-app-selector", "Exists")}
    assert webhook["clientConfig"]["service"] == {
        "name": "sparkward", "namespace": "sparkward-system", "path": path, "port": 443}
    assert webhook["clientConfig"]["caBundle"]
    assert rules(webhook) == {
        "/mutate": {"pods": ["CREATE"]},
        "/validate": {"pods": ["CREATE", "UPDATE"], "pods/ephemeralcontainers": ["UPDATE"]}}[path]


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
