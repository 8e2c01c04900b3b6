# SPDX-License-Identifier: Apache-2.0
"""The programs of a cluster: found, or built from their Go modules. And Spark, from the package index.

    python -m bed.programs cluster|nodes     prints what is made; exit 3 and the reason when that cannot be done

Looked for in $KUBEBUILDER_ASSETS, then in PATH, each time in a version that fits versions.toml;
what is not found is built into the cache. Needs nothing but Python, so that it runs before
anything is installed.
"""

import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import children

from bed import cache

KUBERNETES = cache.VERSIONS["programs"]["kubernetes"]
MINOR = int(KUBERNETES.split(".")[1])
TOOLCHAIN = cache.VERSIONS["go"]["toolchain"]

# name: what tells its version. kwok and CoreDNS of any version do; of etcd an API server of this
# version needs 3.5 (RequestWatchProgress); Kubernetes' own have to be of one release, kubectl may be one off.
FITTING = {
    "kube-apiserver": ("--version", rf"v1\.{MINOR}\.\d+"),
    "kube-scheduler": ("--version", rf"v1\.{MINOR}\.\d+"),
    "kube-controller-manager": ("--version", rf"v1\.{MINOR}\.\d+"),
    "kubelet": ("--version", rf"v1\.{MINOR}\.\d+"),
    "kubectl": ("version --client", rf"v1\.({MINOR - 1}|{MINOR}|{MINOR + 1})\.\d+(?![.\d]*-dispatcher)"),
    "etcd": ("--version", r"Version: (3\.([5-9]|\d\d+)|[4-9])\."),
    "kwok": ("--version", r"\d"),
    "coredns": ("-version", r"CoreDNS-\d"),
}
# What each tier needs.
TIERS = {
    "cluster": ("etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "kubectl", "kwok"),
    "nodes": ("etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "kubectl", "kubelet", "coredns"),
}


class Unavailable(Exception):
    """Neither found nor possible to build; the text says what is missing."""


@functools.cache
def path(name):
    """The program of this name; built when it has to be."""
    for directory in _searched():
        candidate = pathlib.Path(directory) / name
        if candidate.is_file() and os.access(candidate, os.X_OK) and _fits(name, candidate):
            return candidate.resolve()
    return _build(name)


def _searched():
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    return ([assets] if assets else []) + [d for d in os.environ.get("PATH", "").split(os.pathsep) if d]


def _fits(name, candidate):
    arguments, wanted = FITTING[name]
    try:
        out = subprocess.run([candidate, *arguments.split()], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return out.returncode == 0 and re.search(wanted, out.stdout) is not None


def _build(name):
    if name == "etcd":
        return _install("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3")
    if name == "kwok":
        return _install("kwok", "sigs.k8s.io/kwok", "sigs.k8s.io/kwok/cmd/kwok")
    if name == "coredns":
        return _install("coredns", "github.com/coredns/coredns", "github.com/coredns/coredns")
    return cache.made(f"kubernetes-{KUBERNETES}", _build_kubernetes) / name


def kwok_stages():
    """How fake nodes and pods live: the Stage objects that are shipped in kwok's module, as one file."""
    version = cache.VERSIONS["programs"]["kwok"]

    def copy(unfinished):
        module = pathlib.Path(_download(f"sigs.k8s.io/kwok@v{version}"))
        stages = [p for kind in ("node/fast", "node/heartbeat-with-lease", "pod/fast")
                  for p in sorted((module / "kustomize" / "stage" / kind).glob("*.yaml"))
                  if p.name != "kustomization.yaml"]
        unfinished.write_text("\n---\n".join(p.read_text() for p in stages))

    return cache.made(f"kwok-{version}-stages.yaml", copy)


def _install(name, module, package):
    version = cache.VERSIONS["programs"][name]

    def build(unfinished):
        with _module_folder(f"module bed\n\ngo {TOOLCHAIN}\n") as folder:
            _go("get", f"{module}@v{version}", cwd=folder)
            _go("build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", unfinished, package, cwd=folder)

    return cache.made(f"{name}-{version}", build)


def _build_kubernetes(unfinished):
    """All of Kubernetes' programs at once: they share most of their packages.

    k8s.io/kubernetes names the modules of its own tree as v0.0.0, which nobody published; each of
    them exists as v0.MINOR.PATCH of the same release.
    """
    tree = pathlib.Path(_download(f"k8s.io/kubernetes@v{KUBERNETES}"))
    published = f"v0.{KUBERNETES.removeprefix('1.')}"
    staged = sorted(set(re.findall(r"^\t(k8s\.io/[a-z-]+) v0\.0\.0(?: .*)?$", (tree / "go.mod").read_text(), re.M)))
    text = f"module bed\n\ngo {TOOLCHAIN}\n\nrequire k8s.io/kubernetes v{KUBERNETES}\n"
    text += "".join(f"replace {module} => {module} {published}\n" for module in staged)
    stamp = "k8s.io/component-base/version"
    flags = f"-s -w -X {stamp}.gitVersion=v{KUBERNETES} -X {stamp}.gitMajor=1 -X {stamp}.gitMinor={MINOR}"
    names = ("kube-apiserver", "kube-scheduler", "kube-controller-manager", "kubectl", "kubelet")
    unfinished.mkdir()
    with _module_folder(text) as folder:
        _go("build", "-mod=mod", "-trimpath", f"-ldflags={flags}", "-o", f"{unfinished}/",
            *(f"k8s.io/kubernetes/cmd/{name}" for name in names), cwd=folder)


@functools.cache
def pyspark(series):
    """The folder that holds `pyspark/`, which is all of Spark, of a series such as "4.1"."""
    version = cache.VERSIONS["spark"][series]

    def install(unfinished):
        # A system's own Python may come without pip; every new virtual environment has one.
        with tempfile.TemporaryDirectory() as folder:
            _install_spark(sys.executable, "-m", "venv", folder)
            # Not into pip's own cache as well: a version is half a gigabyte.
            _install_spark(f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                           "--no-cache-dir", "--target", unfinished, f"pyspark=={version}")

    return cache.made(f"spark-{version}", install)


def _install_spark(*command):
    result = children.run(command)
    if result.returncode:
        raise Unavailable(f"cannot install Spark:\n{result.stdout[-1000:]}{result.stderr[-4000:]}")


@contextlib.contextmanager
def _module_folder(go_mod):
    """A folder with a go.mod, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="module-", dir=cache.folder()) as folder:
        (pathlib.Path(folder) / "go.mod").write_text(go_mod)
        yield folder


def _download(module):
    """The folder of a module in Go's own cache."""
    out = _go("mod", "download", "-json", module, cwd=cache.folder())
    return json.loads(out)["Dir"]


def _go(*arguments, cwd):
    return _run_go(_find_go(), *arguments, cwd=cwd)


def _run_go(go, *arguments, cwd=None):
    environment = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off", "GOTOOLCHAIN": f"go{TOOLCHAIN}+auto"}
    result = children.run([go, *map(str, arguments)], cwd=cwd, env=environment)
    if result.returncode:
        problem = "\n".join(line for line in result.stderr.splitlines() if not line.startswith("go: downloading"))
        raise Unavailable(f"go {' '.join(map(str, arguments))} failed:\n{problem[-4000:]}{result.stdout[-1000:]}")
    return result.stdout


@functools.cache
def _find_go():
    """A go that knows toolchains (1.21 and later), which then fetches the one it is told to use."""
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no go in PATH to build Kubernetes with, and no built programs in KUBEBUILDER_ASSETS or PATH")
    version = subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout
    if int(re.search(r"go1\.(\d+)", version)[1]) >= 21:
        return go
    return cache.made(f"go-{TOOLCHAIN}", functools.partial(_fetch_toolchain, go)) / "bin" / "go"


def _fetch_toolchain(go, unfinished):
    """Toolchains are modules too; an older go can fetch one, but leaves its programs not executable."""
    arch = subprocess.run([go, "env", "GOARCH"], capture_output=True, text=True, check=True).stdout.strip()
    module = f"golang.org/toolchain@v0.0.1-go{TOOLCHAIN}.linux-{arch}"
    shutil.copytree(json.loads(_run_go(go, "mod", "download", "-json", module))["Dir"], unfinished)
    for directory in [unfinished, *unfinished.rglob("*/")]:
        directory.chmod(0o755)
    for program in [*unfinished.glob("bin/*"), *unfinished.glob("pkg/tool/*/*")]:
        program.chmod(0o755)


def prepare(tier):
    """Makes all that a tier needs. Spark comes over the network while Go keeps the processors busy."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sparks = pool.submit(lambda: [pyspark(series) for series in cache.VERSIONS["spark"]])
        for name in TIERS[tier]:
            path(name)
        if "kwok" in TIERS[tier]:
            kwok_stages()
        sparks.result()


def main(tier):
    try:
        prepare(tier)
    except Unavailable as e:
        print(f"programs: {e}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
