# SPDX-License-Identifier: Apache-2.0
"""What Sparkward makes of a driver's conf, read by the java.util.Properties that drivers read it with."""

import json
import pathlib
import random
import subprocess

import yaml
from server import BINARY

JAVA = pathlib.Path(__file__).parents[1] / "bed" / "JavaProperties.java"
NAME = "spark.properties"
DEFAULTS = {"spark.a": "1", "spark.b:=#!\\": " x = y: #z! \\ \n\r\t\fü😀", "spark.c": ""}
ENFORCED = {"spark.d": "2", "spark.e": " ", "spark.f\\": "\n#no comment"}
NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
PIECES = ["\\", "\\\\", "\n", "\r", "\r\n", " ", "\t", "\f", "=", ":", "#", "!", "u", "\\u", "\\u00e", "\\u0041", "\\ud83d",
          "\\ude00", "\\n", "é", "😀", "\0", "\u0085", "\u2028", "a", "spark.d=2", "\\\n", "\\\r\n", "\\\r"]


def java(lines):
    done = subprocess.run(["java", JAVA], input="".join(f"{line}\n" for line in lines), text=True, capture_output=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(lines)
    return answers


def hexadecimal(text):
    return text.encode().hex()


def utf_16(text):
    return bytes.fromhex(text).decode("utf-16-be", "surrogatepass")


def load_all(texts):
    """A dict for each text, None for what Java does not load."""
    return [None if answer == "refused" else dict(map(utf_16, pair.split("=")) for pair in answer.split())
            for answer in java([f"load {hexadecimal(t)}" for t in texts])]


def spelled(rng, key):
    """One of the many ways to write a key."""
    out = []
    for c in key:
        way = rng.randrange(12)
        if c in NAMED:
            out.append(NAMED[c])
        elif way == 0 and ord(c) < 0x10000:
            out.append(f"\\u{ord(c):04{rng.choice('xX')}}")
        else:
            out.append("\\" + c if c in " :=#!\\" or (way == 1 and c not in "tnrfu") else c)
        if way == 2:
            out.append(rng.choice(["\\\n", "\\\r\n  ", "\\\r\t"]))
    return "".join(out)


def random_line(rng):
    kind = rng.randrange(5)
    if kind == 0:
        return "".join(rng.choices(PIECES, k=rng.randrange(12)))
    if kind == 1:
        return rng.choice("#!") + "".join(rng.choices(PIECES, k=4))
    key = rng.choice([*DEFAULTS, *ENFORCED, "spark.other", ""])
    value = rng.choice([ENFORCED.get(key, "1"), "x y", "", "\\u00fc"])
    return (rng.choice(["", " ", "\t\f"]) + spelled(rng, key) + rng.choice(["=", ":", " ", " = ", "\t:", "", "=="])
            + spelled(rng, value))


def complete_text(rng):
    """One with every key of the policy, and what is enforced as it is wanted."""
    pairs = rng.sample(list({**DEFAULTS, **ENFORCED}.items()), k=len(DEFAULTS) + len(ENFORCED))
    return "".join(f"{spelled(rng, key)}={spelled(rng, value)}\n" for key, value in pairs)


def random_text(rng):
    if rng.randrange(8) == 0:
        return complete_text(rng)
    text = "".join(random_line(rng) + rng.choice(["\n", "\n", "\r\n", "\r", "", "\\\n", "\n\n"]) for _ in range(rng.randrange(6)))
    return text + rng.choice(["", "", "\\", "\\\n", "\\\n ", "#", "a"])


def applied(tmp_path, texts):
    """The texts after `sparkward apply`."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(yaml.safe_dump({
        "apiVersion": "sparkward.dev/v1", "kind": "SparkPolicy", "metadata": {"name": "conf"},
        "spec": {"sparkConf": [{"set": DEFAULTS}, {"when": "always", "set": ENFORCED}]}}))
    maps = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "spark-drv-0a-conf-map"}, "data": {NAME: text}}
            for text in texts]
    done = subprocess.run([BINARY, "apply", "-p", policy, "-o", "object", "-"],
                          input=json.dumps({"apiVersion": "v1", "kind": "List", "items": maps}), text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["data"][NAME] for line in done.stdout.split("\n")[:-1]]


def test_a_conf_means_to_java_what_it_should(tmp_path):
    rng = random.Random(20261121)
    texts = [random_text(rng) for _ in range(3000)]
    after = applied(tmp_path, texts)
    seen = {"refused": 0, "kept": 0, "changed": 0}
    for text, changed, was, now in zip(texts, after, load_all(texts), load_all(after), strict=True):
        if was is None:
            assert changed == text, "what Java does not load is left alone"
            seen["refused"] += 1
            continue
        wanted = {**DEFAULTS, **was, **ENFORCED}
        # A backslash at the very end is a property without a name; more lines end that.
        assert {k: v for k, v in now.items() if k} == {k: v for k, v in wanted.items() if k}, (text, changed)
        assert text in changed
        if wanted == was:
            assert changed == text
        seen["kept" if changed == text else "changed"] += 1
    assert min(seen.values()) >= 20, seen
    assert applied(tmp_path, after) == after, "twice is as once"


def test_lines_are_written_as_java_writes_them(tmp_path):
    pairs = {**DEFAULTS, **ENFORCED}
    [after] = applied(tmp_path, [""])
    assert after == "".join(bytes.fromhex(t).decode() for t in java(
        [f"store {hexadecimal(k)} {hexadecimal(v)}" for k, v in pairs.items()]))
