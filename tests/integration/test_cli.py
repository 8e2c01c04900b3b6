# SPDX-License-Identifier: Apache-2.0
"""The command line: what a person or a script sees of it."""

import json
import os
import pty
import re
import select
import socket
import subprocess

import jsonpatch
import pytest
import yaml
from conftest import DEFAULT_POLICY, POLICIES
from reviews import RECORDED, SAMPLES, dumps, exact, review, sample_pod
from server import BINARY, ROOT, Certificates, environment, run

COMMANDS = ["serve", "check", "apply", "certs", "version"]
EVERYTHING = POLICIES / "everything.yaml"
DRIVER, EXECUTOR = SAMPLES / "driver-pod.json", SAMPLES / "executor-pod.json"
ESCAPE = "\x1b["


# Help and mistakes


def test_version():
    result = run("version")
    assert result.returncode == 0 and result.stderr == ""
    version = re.search(r"project\(sparkward VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert result.stdout.splitlines()[0] == f"sparkward {version}"


@pytest.mark.parametrize("arguments", [["--help"], ["help"], ["-h"]])
def test_help_names_every_command(arguments):
    result = run(*arguments)
    assert result.returncode == 0 and result.stderr == ""
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\b", result.stdout, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    result = run(command, "--help")
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.startswith(f"Usage: sparkward {command}")
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_no_command():
    result = run()
    assert result.returncode == 2 and result.stdout == ""
    assert "sparkward" in result.stderr


@pytest.mark.parametrize("arguments, told", [
    (["serv"], "serve"), (["cheque"], "check"), (["zzzzzzzz"], "zzzzzzzz"),
    (["serve", "--polices", "x"], "policies"), (["apply", "--nothing"], "nothing"),
    (["serve", "--threads", "many"], "threads"), (["serve", "--threads", "-1"], "threads"),
    (["serve", "--max-body", "1 Mi"], "max-body"), (["serve", "--max-body", "0"], "max-body"),
    (["serve", "--stall-timeout", "10"], "stall-timeout"), (["serve", "--stall-timeout", "-1s"], "stall-timeout"),
    (["serve", "--listen"], "listen"), (["serve", "extra"], "extra"), (["version", "extra"], "extra"),
    (["certs"], "dir"), (["certs", "--dir", "/dev/null/x", "--name", ""], "name"),
    (["apply", "x.json"], "policies"), (["apply", "-p", str(EVERYTHING)], "OBJECT"),
    (["apply", "-p", str(EVERYTHING), "-o", "xml", str(DRIVER)], "xml"),
    (["apply", "-p", str(EVERYTHING), "--color", "blue", str(DRIVER)], "blue"), (["check"], "FILE")])
def test_mistakes_are_named(arguments, told):
    result = run(*arguments)
    assert result.returncode == 2, result
    assert result.stdout == ""
    assert told.lower() in result.stderr.lower()
    assert len(result.stderr.splitlines()) <= 4, "one mistake, one message"


# check


def test_check_of_good_policies():
    for path in (*POLICIES.glob("*.yaml"), DEFAULT_POLICY, DEFAULT_POLICY.parent):
        result = run("check", path)
        assert result.returncode == 0, result
        assert result.stderr == ""


BAD_POLICIES = {  # text: [(line, column, words)]
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  priority: 1\n  admision: {}\n":
        [(6, 3, "admission")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  priority: high\n":
        [(5, 13, "high")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  mode: enforced\n":
        [(5, 9, "enforce")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  admission:\n    labels: {\"a b\": c}\n":
        [(6, 14, "a b")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  admission:\n"
    "    localDirs:\n      executor: {storageClass: gp3, size: 100GB, accessModes: [ReadWriteOnce]}\n":
        [(7, 43, "100GB")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  priority: 1\n  priority: 2\n":
        [(6, 3, "priority")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  require:\n    - {rule: memory-limits}\n":
        [(6, 14, "memory-limit")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec:\n  match: {roles: [drivers]}\n"
    "  admission:\n    capacity: {executor: {prefer: spot, onDemandShare: 120%}}\n    terminationGracePeriod: {executor: 2}\n":
        [(5, 19, "driver"), (7, 56, "120%"), (8, 40, "2")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec: {\n": [(5, 1, "")],
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a}\nspec: &x {}\n": [(4, 7, "anchor")],
}


@pytest.mark.parametrize("text", BAD_POLICIES, ids=range(len(BAD_POLICIES)))
def test_check_points_at_every_mistake(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    result = run("check", path)
    assert result.returncode == 1
    output = result.stdout + result.stderr
    for line, column, words in BAD_POLICIES[text]:
        found = [one for one in output.splitlines() if one.startswith(f"{path}:{line}:{column}: ")]
        assert found and words in found[0], output


def test_check_reports_all_files_at_once(tmp_path):
    for number, text in enumerate(BAD_POLICIES):
        (tmp_path / f"p{number:02}.yaml").write_text(text)
    result = run("check", tmp_path)
    assert result.returncode == 1
    output = result.stdout + result.stderr
    for number, places in enumerate(BAD_POLICIES.values()):
        for line, column, _ in places:
            assert f"p{number:02}.yaml:{line}:{column}: " in output


def test_check_of_what_is_not_there(tmp_path):
    result = run("check", tmp_path / "missing.yaml")
    assert result.returncode == 2
    assert "missing.yaml" in result.stderr + result.stdout
    result = run("check", tmp_path)
    assert result.returncode in (1, 2), "a folder without policies is no good folder of policies"


# apply


def test_apply_patch_and_object_agree():
    files = [DRIVER, EXECUTOR, *RECORDED.glob("*/*-pod.json")]
    patches = run("apply", "-p", EVERYTHING, "-o", "patch", *files)
    objects = run("apply", "-p", EVERYTHING, "-o", "object", *files)
    assert patches.returncode == objects.returncode == 0
    for path, patch, obj in zip(files, patches.stdout.splitlines(), objects.stdout.splitlines(), strict=True):
        original = exact(path.read_text())
        original = original["request"]["object"] if original["kind"] == "AdmissionReview" else original
        assert exact(patch), "a Spark pod is changed"
        assert jsonpatch.apply_patch(original, exact(patch)) == exact(obj)


def test_apply_reads_standard_input_and_yaml():
    pod = sample_pod("executor-pod.json")
    from_json = run("apply", "-p", EVERYTHING, "-o", "object", "-", stdin=dumps(pod))
    from_yaml = run("apply", "-p", EVERYTHING, "-o", "object", "-", stdin=yaml.safe_dump(pod))
    assert from_json.returncode == from_yaml.returncode == 0, from_yaml
    assert len(from_json.stdout.splitlines()) == 1
    assert yaml.safe_load(from_yaml.stdout) == json.loads(from_json.stdout)
    assert len(from_yaml.stdout.splitlines()) > 50, "YAML for YAML"


def test_apply_takes_several_documents():
    pods = [sample_pod("executor-pod.json"), sample_pod("driver-pod.json")]
    result = run("apply", "-p", EVERYTHING, "-o", "object", "-", stdin=yaml.safe_dump_all(pods))
    assert result.returncode == 0, result.stderr
    assert [d["metadata"]["name"] for d in yaml.safe_load_all(result.stdout)] == [p["metadata"]["name"] for p in pods]


def test_apply_takes_reviews():
    sent = review(sample_pod("executor-pod.json"), namespace="etl-7")
    sent["request"]["object"]["metadata"]["labels"]["tier"] = "gold"
    del sent["request"]["object"]["metadata"]["namespace"]
    result = run("apply", "-p", EVERYTHING, "-o", "object", "-", stdin=dumps(sent))
    assert json.loads(result.stdout)["metadata"]["labels"]["cost-centre"] == "0815"


def test_apply_leaves_others_alone():
    other = SAMPLES / "configmap-executor.json"
    result = run("apply", "-p", EVERYTHING, "-o", "patch", other)
    assert result.returncode == 0 and result.stdout == "[]\n"


def test_apply_diff_shows_the_change_and_the_rule():
    result = run("apply", "-p", EVERYTHING, DRIVER)
    assert result.returncode == 0
    added = [line for line in result.stdout.splitlines() if line.startswith("+ ")]
    assert any("4711" in line for line in added) and any("/checkpoints" in line for line in added)
    gone = {line.split()[-1] for line in result.stdout.splitlines() if line.startswith("- ")}
    filled_in = {"node.kubernetes.io/unreachable", "Exists", "NoExecute", "300", "0", "PreemptLowerPriority"}
    assert gone == filled_in, "only what the API server has filled in, and nothing of the user's"
    assert "restartPolicy" not in result.stdout, "what stays is not shown"
    assert ESCAPE not in result.stdout, "no colour into a pipe"
    assert "everything" in result.stdout + result.stderr, "which policy did it"


def test_apply_says_what_would_be_refused():
    pod = sample_pod("executor-pod.json")
    pod["spec"]["containers"][0]["image"] = "evil.example.com/x"
    result = run("apply", "-p", POLICIES / "validation.yaml", "-", stdin=dumps(pod))
    assert result.returncode == 1
    assert "spec.containers[0].image" in result.stdout + result.stderr
    assert "guard" in result.stdout + result.stderr


@pytest.mark.parametrize("text", ["{", "", "[1]", "kind: [", '{"kind":"Pod","kind":"Pod"}', "\0"])
def test_apply_to_what_is_no_object(text):
    result = run("apply", "-p", EVERYTHING, "-o", "patch", "-", stdin=text)
    assert result.returncode == 2, result
    assert result.stderr


def test_apply_with_missing_or_bad_files(tmp_path):
    result = run("apply", "-p", EVERYTHING, tmp_path / "missing.json")
    assert result.returncode == 2 and "missing.json" in result.stderr
    result = run("apply", "-p", tmp_path / "missing.yaml", DRIVER)
    assert result.returncode == 2 and "missing.yaml" in result.stderr
    bad = tmp_path / "bad.yaml"
    bad.write_text(next(iter(BAD_POLICIES)))
    result = run("apply", "-p", bad, DRIVER)
    assert result.returncode in (1, 2) and f"{bad}:6:3: " in result.stderr + result.stdout


def test_output_into_a_closed_pipe_is_an_error_and_no_crash():
    process = subprocess.Popen(
        [str(BINARY), "apply", "-p", str(EVERYTHING), "-o", "object", *[str(EXECUTOR)] * 200],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(20) in (2, -13), errors
    assert "Sanitizer" not in errors


def test_a_full_disk_is_an_error():
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run(
            [str(BINARY), "apply", "-p", str(EVERYTHING), "-o", "object", str(EXECUTOR)],
            stdout=full, stderr=subprocess.PIPE, env=environment(), check=False, timeout=20)
    assert result.returncode == 2, "output that was lost must not look like success"


# Colour


def on_a_terminal(*arguments, **env):
    """What the binary writes when standard output is a terminal."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [str(BINARY), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
        env=environment(**({"TERM": "xterm"} | env)))
    os.close(terminal)
    output = b""
    while select.select([main], [], [], 20)[0]:
        try:
            data = os.read(main, 65536)
        except OSError:  # the last one has closed the terminal
            break
        if not data:
            break
        output += data
    os.close(main)
    assert process.wait(20) == 0
    return output.decode()


def test_colour_only_on_a_terminal():
    assert ESCAPE in on_a_terminal("apply", "-p", EVERYTHING, DRIVER)
    assert ESCAPE not in on_a_terminal("apply", "-p", EVERYTHING, DRIVER, NO_COLOR="1")
    assert ESCAPE not in on_a_terminal("apply", "-p", EVERYTHING, "--color", "never", DRIVER)
    assert ESCAPE not in on_a_terminal("apply", "-p", EVERYTHING, "-o", "patch", DRIVER)
    assert ESCAPE in run("apply", "-p", EVERYTHING, "--color", "always", DRIVER).stdout
    assert ESCAPE not in run("apply", "-p", EVERYTHING, "--color", "auto", DRIVER).stdout


# certs


def test_certs_makes_what_tls_wants(tmp_path):
    made = Certificates(tmp_path / "new")
    assert (made.key.stat().st_mode & 0o077) == 0, "a private key is for its owner"
    text = subprocess.run(["openssl", "x509", "-in", made.crt, "-noout", "-text"], capture_output=True, text=True, check=True).stdout
    assert "DNS:localhost" in text and "IP Address:127.0.0.1" in text
    assert "TLS Web Server Authentication" in text and "CA:TRUE" not in text
    assert "id-ecPublicKey" in text and "sha1" not in text.lower()
    for argument in (["-CAfile", made.ca, made.crt], ["-CAfile", made.ca, "-verify_hostname", "localhost", made.crt]):
        subprocess.run(["openssl", "verify", *argument], check=True, capture_output=True)


def test_certs_into_a_place_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("certs", "--dir", tmp_path / "file" / "x", "--name", "localhost")
    assert result.returncode == 2 and "file" in result.stderr
    assert "--help" not in result.stderr, "the command line was right"


# serve


def serve_and_fail(certificates, *flags, env=None, **changed):
    arguments = {
        "--policies": EVERYTHING, "--listen": "127.0.0.1:0", "--admin-listen": "127.0.0.1:0",
        "--tls-cert": certificates.crt, "--tls-key": certificates.key}
    for name, value in changed.items():
        arguments["--" + name.replace("_", "-")] = value
    words = [w for name, value in arguments.items() if value is not None for w in (name, value)]
    result = run("serve", *words, *flags, env=env)
    assert result.returncode == 2, result
    return result.stderr


def test_serve_with_a_port_in_use(certificates):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for which in ("listen", "admin_listen"):
            message = serve_and_fail(certificates, **{which: address})
            assert address in message and "in use" in message


def test_serve_with_missing_files(certificates, tmp_path):
    for which in ("policies", "tls_cert", "tls_key"):
        message = serve_and_fail(certificates, **{which: tmp_path / "missing"})
        assert str(tmp_path / "missing") in message and "No such file" in message


def test_serve_with_the_wrong_key(certificates, tmp_path):
    other = Certificates(tmp_path / "other")
    message = serve_and_fail(certificates, tls_key=other.key)
    assert str(other.key) in message and "match" in message
    message = serve_and_fail(certificates, tls_key=certificates.crt)
    assert str(certificates.crt) in message


def test_serve_with_bad_policies(certificates, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(next(iter(BAD_POLICIES)))
    message = serve_and_fail(certificates, policies=bad)
    assert f"{bad}:6:3" in message


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "300.0.0.1:1", ":::1"])
def test_serve_with_addresses_that_are_none(certificates, address):
    message = serve_and_fail(certificates, listen=address)
    assert "listen" in message or address in message


def test_flags_from_the_environment(serve, certificates):
    message = serve_and_fail(certificates, env={"SPARKWARD_THREADS": "many"})
    assert "SPARKWARD_THREADS" in message and "many" in message
    result = run("serve", env={"SPARKWARD_POLICIES": f"{EVERYTHING}:"})
    assert result.returncode == 2 and "empty item" in result.stderr
    body = dumps(review(sample_pod("executor-pod.json"))).encode().ljust(70_000)
    small = serve(EVERYTHING, env={"SPARKWARD_MAX_BODY": "64Ki"})
    assert small.post("/mutate", body).status == 413
    large = serve(EVERYTHING, "--max-body", "1Mi", env={"SPARKWARD_MAX_BODY": "64Ki"})
    assert large.post("/mutate", body).status == 200, "a flag beats the environment"


def test_the_first_log_lines(serve):
    line = next(line for line in serve(EVERYTHING).log() if line["msg"] == "serving")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["level"] == "info"
