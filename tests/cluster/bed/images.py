# SPDX-License-Identifier: Apache-2.0
"""The images of the nodes' pods, and a containerd root in which they are unpacked already.

    python -m bed.images     makes what is missing; needs root

Spark's image is Debian, pyspark and what lies in tests/cluster/image; Sparkward's is the
binary and the libraries that ldd names. Nothing is pulled: layers are tar files in the cache, and an
image is written as the archive that `docker save` writes.
"""

import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile

import children

from bed import cache, programs
from bed.containerd import Containerd
from bed.run import Run
from bed.sandbox import Sandbox

FILES = pathlib.Path(__file__).parents[1] / "image"
SERIES = "4.1"
VERSION = cache.VERSIONS["spark"][SERIES]
SUITE = cache.VERSIONS["debian"]["suite"]
PACKAGES = ("openjdk-17-jre-headless", "python3", "tini", "procps")
# Names of no registry: what is missing on a node is not looked for elsewhere.
PAUSE = "localhost/pause:bed"
SPARK = f"localhost/spark:{VERSION}"
SPARKWARD = "localhost/sparkward:bed"
SPARK_USER = 185  # as in Spark's own images
SPARKWARD_USER = 65532
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}


def store():
    """The cached containerd root with the images of pause and Spark, unpacked."""
    digest = hashlib.sha256()
    for file in sorted(FILES.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    digest.update(" ".join((SUITE, *PACKAGES, SPARK)).encode())
    return cache.made(f"containerd-{digest.hexdigest()[:12]}", _fill_store)


def _fill_store(unfinished):
    layers = _spark_layers()
    unfinished.mkdir()
    with Run() as run, Sandbox(run) as sandbox:
        containerd = Containerd(run, sandbox, "store", unfinished).start().wait()
        containerd.load(archive(run.folder / "pause.tar", PAUSE, [_pause_layer(run.folder)], Entrypoint=["/pause"]))
        containerd.load(archive(run.folder / "spark.tar", SPARK, [*layers, _scripts_layer(run.folder)],
                                Entrypoint=["/opt/entrypoint.sh"], User=f"{SPARK_USER}:{SPARK_USER}"))
        containerd.stop()


def sparkward(binary, folder):
    """The archive of an image with this build of Sparkward."""
    root = folder / "sparkward-root"
    root.mkdir()
    shutil.copy2(binary, root / "sparkward")
    for library in _libraries(binary):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    return archive(folder / "sparkward.tar", SPARKWARD, [_tar(root, folder / "sparkward-layer.tar")],
                   Entrypoint=["/sparkward"], User=f"{SPARKWARD_USER}:{SPARKWARD_USER}")


def _libraries(binary):
    """The shared libraries that a program loads, and the loader itself."""
    out = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
    assert "not found" not in out, out
    return re.findall(r"(/\S+) \(0x", out)


def archive(path, name, layers, **config):
    """Writes an image of these layers (uncompressed tar files) as `docker save` does; returns the path."""
    digests = [_sha256(layer) for layer in layers]
    described = json.dumps({
        "architecture": ARCHITECTURE[platform.machine()], "os": "linux", "config": {"Env": [PATH], **config},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created_by": "tests/cluster/bed/images.py"} for _ in digests]}).encode()
    config_name = f"{hashlib.sha256(described).hexdigest()}.json"
    names = [f"{digest}/layer.tar" for digest in digests]
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": names}]).encode()
    with tarfile.open(path, "w") as out:
        for member, data in ((config_name, described), ("manifest.json", manifest)):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
        for layer, member in zip(layers, names):
            out.add(layer, member)
    return path


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tar(folder, path, *options):
    """A layer: what is in a folder, owned by root."""
    subprocess.run(["tar", "-C", folder, "--numeric-owner", "--owner=0", "--group=0", *options, "-cf", path, "."],
                   check=True)
    return path


def _spark_layers():
    """Debian and pyspark, fetched side by side."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        chosen = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]
        debian = pool.submit(cache.made, f"debian-{SUITE}-{chosen}.tar", _debian_layer)
        home = pool.submit(programs.pyspark, SERIES)
        return [debian.result(),
                cache.made(f"spark-{VERSION}-layer.tar", lambda path: _pyspark_layer(home.result(), path))]


def _debian_layer(unfinished):
    root = unfinished.with_suffix(".root")
    cache.remove(root)
    # In namespaces of its own: what it mounts is gone with it.
    result = children.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "debootstrap", "--variant=minbase",
         f"--include={','.join(PACKAGES)}", SUITE, root])
    if result.returncode:
        raise programs.Unavailable(f"debootstrap failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    with open(root / "etc" / "passwd", "a", encoding="ascii") as passwd:
        # Hadoop's client wants to know its user's name.
        passwd.write(f"spark:x:{SPARK_USER}:{SPARK_USER}::/opt/spark:/usr/sbin/nologin\n")
    left_out = ("./proc/*", "./sys/*", "./dev/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./usr/share/doc/*",
                "./usr/share/man/*", "./usr/share/locale/*")
    subprocess.run(["tar", "-C", root, "--numeric-owner", *(f"--exclude={p}" for p in left_out), "-cf", unfinished,
                    "."], check=True)
    cache.remove(root)


def _pyspark_layer(home, unfinished):
    _tar(home / "pyspark", unfinished, "--exclude=__pycache__", "--transform=s,^\\.,./opt/spark,",
         *(f"--exclude=./{name}" for name in os.listdir(home / "pyspark") if name not in ("jars", "bin", "python")))


def _scripts_layer(folder):
    root = folder / "scripts"
    (root / "opt" / "jobs").mkdir(parents=True)
    for name, target in (("entrypoint.sh", "opt"), ("decom.sh", "opt"), ("shuffle.py", "opt/jobs")):
        shutil.copy2(FILES / name, root / target)
    return _tar(root, folder / "scripts.tar")


def _pause_layer(folder):
    root = folder / "pause"
    root.mkdir()
    subprocess.run(["cc", "-static", "-O2", "-o", root / "pause", FILES / "pause.c"], check=True)
    return _tar(root, folder / "pause-layer.tar")


def main():
    try:
        store()
    except programs.Unavailable as e:
        print(f"images: {e}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
