# SPDX-License-Identifier: Apache-2.0
"""YAML in, YAML out: whatever a string looks like, it stays that string, for us and for other readers."""

import json
import random

import pytest
import yaml
from conftest import POLICIES
from podgen import pods
from reviews import dumps, sample_pod
from server import run
from test_patch_random import apply_all, write_all

# Texts that some YAML reader takes for something else when they are not quoted.
TRICKY = [
    "on", "off", "yes", "No", "y", "n", "true", "FALSE", "null", "Null", "~", "", " ", "  two", "two  ", "1", "-1", "+1", "0x1F", "017",
    "0o17", "0b11", "1_000", "1.5", "1.", ".5", "1e3", "1E+3", "-.5e-3", ".inf", "-.Inf", ".nan", "1:30", "190:20:30", "2001-01-01",
    "2001-12-14t21:59:43.10-05:00", "=", "<<", "-", "- a", "--- a", "---", "...", "?", "? a", ":", ": a", "a: b", "a:", "a #b", "#b",
    "&a", "*a", "!a", "!!str a", "|", ">", "%a", "@a", "`a", "'a'", '"a"', "it's", 'say "hi"', "{a", "[a", "]", "}", ",", "a, b", "{}", "[]",
    "\t", "a\tb", "\ta", "line\nline", "line\n", "\nline", "\n", "\n\n", "a\n\n\nb\n\n", "  a\nb", "a\n  b\n", "a \nb", "# a\n# b\n", "a\r\nb", "a\rb",
    "\u0085", "a\u0085b", "\u2028", "\u2029", "\ufeff", "\ufeffa", "\u00a0", "é", "\U0001f680", "\x01", "\x1b[31m", "\x7f", "\\", "\\n",
    "C:\\dir", "a\\", "a" * 500, "word " * 100, "--properties-file", "spark.master=k8s\\://https\\://10.96.0.1\\:443", "-Dx=y -Dz", "8.8.8.8", "1.2.3"]


class Quoting(yaml.SafeDumper):
    """Writes every string in double quotes: PyYAML's own choice of what needs them is not kubectl's ("n" is false)."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def apply_yaml(text, output="object"):
    result = run("apply", "-p", POLICIES / "everything.yaml", "-o", output, "-", stdin=text)
    assert result.returncode == 0, result.stderr
    return result.stdout


def plain(pod):
    """The pod without NUL, which we refuse in YAML, and without numbers that no YAML reader keeps."""
    return json.loads(dumps(pod).replace("\\u0000", ""), parse_int=lambda t: int(t) if abs(int(t)) < 2**63 else 1, parse_float=lambda t: 1.5)


def test_tricky_texts_survive(tmp_path):
    """As values and as keys, in block and in flow style, and from JSON as well as from YAML."""
    pod = sample_pod("executor-pod.json")
    pod["metadata"]["annotations"] = {f"k{i}": text for i, text in enumerate(TRICKY)}
    pod["spec"]["x-list"] = TRICKY + [[t] for t in TRICKY] + [{"a": t, "b": [t, [t]]} for t in TRICKY]
    pod["spec"]["x-keys"] = {text: text for text in TRICKY}
    wanted = json.loads(apply_all(write_all(tmp_path / "json", [dumps(pod)]), "object")[0])
    assert wanted["spec"]["x-list"] == pod["spec"]["x-list"]
    for flow in (False, True):
        # What begins with a brace would be read as JSON.
        text = apply_yaml("# YAML\n" + yaml.dump(pod, Dumper=Quoting, default_flow_style=flow))
        assert yaml.safe_load(text) == wanted
        assert apply_yaml(text) == text, "our own output, read again, printed again"


@pytest.mark.parametrize("seed", range(2))
def test_random_pods(tmp_path, seed):
    originals = [plain(p) for p in pods(2000 + seed, 200)]
    wanted = apply_all(write_all(tmp_path / "json", [dumps(p) for p in originals]), "object")
    text = apply_yaml(yaml.dump_all(originals, Dumper=Quoting))
    for i, (got, want) in enumerate(zip(yaml.safe_load_all(text), wanted, strict=True)):
        assert got == json.loads(want), f"pod {i} of seed {seed}"


@pytest.mark.parametrize("text", ["1", "0", "-1", "1.5", "true", "yes", "Off", "null", "~", "''", "9007199254740993", "'1'", '"true"', "plain text"])
def test_plain_scalars_are_what_kubectl_makes_of_them(text):
    pod = yaml.safe_dump(sample_pod("executor-pod.json")) + f"x: {text}\n"
    assert yaml.safe_load(apply_yaml(pod))["x"] == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x\n", "a: !!binary aGk=\n", "<<: {a: 1}\n", "a: 1\na: 2\n", "? [a]\n: 1\n", "a: [1\n", "\ta: 1\n"])
def test_yaml_that_hides_what_it_means_is_refused(text):
    result = run("apply", "-p", POLICIES / "everything.yaml", "-", stdin="kind: Pod\n" + text)
    assert result.returncode == 2
    assert result.stdout == "" and result.stderr


def test_random_shuffled_bytes_never_crash(tmp_path):
    """Damaged files, JSON and YAML: an error or an object, never a crash."""
    generator = random.Random(5)
    good = [dumps(sample_pod("driver-pod.json")).encode(), yaml.safe_dump(sample_pod("driver-pod.json")).encode()]
    files = []
    for i in range(300):
        text = bytearray(generator.choice(good))
        for _ in range(generator.randint(1, 5)):
            at = generator.randrange(len(text))
            text[at:at + generator.randint(0, 3)] = generator.randbytes(generator.randint(0, 3))
        files.append(tmp_path / str(i))
        files[-1].write_bytes(text)
    result = run("apply", "-p", POLICIES / "everything.yaml", "-o", "patch", *files)
    assert result.returncode == 2 and result.stdout
