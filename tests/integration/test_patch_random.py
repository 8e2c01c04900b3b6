# SPDX-License-Identifier: Apache-2.0
"""Ten thousand random pods: our patch, applied by somebody else's library, must make our object.

Numbers are compared as texts: a quantity, a port or a big integer that nobody asked us
to touch has to come out as it went in.
"""

import jsonpatch
import pytest
from conftest import POLICIES
from podgen import pods
from reviews import check_answer, dumps, exact, patch_of, review
from server import run

BATCHES, BATCH = 20, 500


def write_all(folder, texts):
    """One file each, as they would be given to the command line."""
    folder.mkdir()
    files = [folder / f"{i}.json" for i in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return files


def apply_all(files, output, policy="everything"):
    """What `sparkward apply -o output` prints for each file."""
    result = run("apply", "-p", POLICIES / f"{policy}.yaml", "-o", output, *files, timeout=120)
    assert result.returncode == 0, result.stderr[-4000:]
    lines = result.stdout.split("\n")[:-1]
    assert len(lines) == len(files)
    return lines


def difference(wanted, got, path=""):
    """The first place where two values differ, for a message that can be read."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in wanted.keys() | got.keys():
            if key not in wanted or key not in got:
                return f"{path}/{key} only in {'the object' if key in got else 'the patched original'}"
            if found := difference(wanted[key], got[key], f"{path}/{key}"):
                return found
        return None
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        found = (difference(w, g, f"{path}/{i}") for i, (w, g) in enumerate(zip(wanted, got, strict=True)))
        return next((f for f in found if f), None)
    return None if wanted == got and type(wanted) is type(got) else f"{path}: {wanted!r} != {got!r}"


@pytest.mark.parametrize("seed", range(BATCHES))
def test_patch_makes_the_object_and_a_second_pass_changes_nothing(tmp_path, seed):
    texts = [dumps(p) for p in pods(seed, BATCH)]
    policy = "always" if seed % 4 == 3 else "everything"
    files = write_all(tmp_path / "first", texts)
    objects, patches = apply_all(files, "object", policy), apply_all(files, "patch", policy)
    for i, (text, patch, obj) in enumerate(zip(texts, patches, objects, strict=True)):
        patched, wanted = jsonpatch.apply_patch(exact(text), exact(patch), in_place=True), exact(obj)
        assert patched == wanted, f"pod {i} of seed {seed}: {difference(patched, wanted)}\n{text}\n{patch}"
    for i, patch in enumerate(apply_all(write_all(tmp_path / "second", objects), "patch", policy)):
        assert patch == "[]", f"pod {i} of seed {seed}, second pass: {patch}\n{texts[i]}"


def test_most_pods_are_changed(tmp_path):
    """A generator whose pods no policy matches would prove nothing."""
    patches = [exact(p) for p in apply_all(write_all(tmp_path / "pods", [dumps(p) for p in pods(0, BATCH)]), "patch")]
    assert sum(bool(p) for p in patches) > BATCH * 0.7
    paths = {operation["path"].split("/")[2] for patch in patches for operation in patch}
    assert paths >= {"labels", "annotations", "affinity", "tolerations", "volumes", "containers", "topologySpreadConstraints",
                     "terminationGracePeriodSeconds", "nodeSelector", "priorityClassName", "schedulerName", "imagePullSecrets"}


def test_the_server_gives_the_same_patches(server, tmp_path):
    originals = pods(1000, BATCH)
    for pod in originals:
        # The command line knows no request whose namespace could stand in.
        pod["metadata"]["namespace"] = pod["metadata"].get("namespace") or "spark-jobs"
    patches = apply_all(write_all(tmp_path / "pods", [dumps(p) for p in originals]), "patch")
    with server.connect() as connection:
        for pod, patch in zip(originals, patches, strict=True):
            sent = review(pod)
            response = check_answer(sent, connection.post("/mutate", dumps(sent).encode()))
            assert response["allowed"]
            assert patch_of(response) == exact(patch)
