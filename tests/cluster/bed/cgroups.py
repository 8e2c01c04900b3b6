# SPDX-License-Identifier: Apache-2.0
"""Cgroups of the bed: the one thing that the kernel does not take down with the processes in it."""

import os
import pathlib

from wait import poll

ROOT = pathlib.Path("/sys/fs/cgroup")
EMPTY_DEADLINE = 20.0


def is_unified():
    """True on a machine with cgroup v2 alone."""
    return (ROOT / "cgroup.controllers").exists()


def make(name):
    """Makes the cgroup a/b/… that a kubelet takes for its root: in every hierarchy, or with every controller."""
    if is_unified():
        _make_unified(name)
        return
    for hierarchy in ROOT.iterdir():
        if hierarchy.is_dir() and not hierarchy.is_symlink():
            (hierarchy / name).mkdir(parents=True, exist_ok=True)


def _make_unified(name):
    cgroup = ROOT
    for part in pathlib.PurePath(name).parts:
        # Children have the controllers that their parent hands down.
        for controller in (cgroup / "cgroup.controllers").read_text().split():
            (cgroup / "cgroup.subtree_control").write_text(f"+{controller}")
        cgroup /= part
        cgroup.mkdir(exist_ok=True)


def tops(name):
    """The folders of the cgroup of this name, one a hierarchy."""
    return [top for top in (ROOT / name, *ROOT.glob(f"*/{name}")) if top.is_dir()]


def remove(name):
    """Removes the cgroups of this name with all that are in them, from the innermost outwards."""
    for top in tops(name):
        for directory, _, _ in os.walk(top, topdown=False):
            # A process that was killed leaves its cgroup a moment later.
            poll(lambda: _rmdir(directory), EMPTY_DEADLINE, what=f"an empty cgroup {directory}")


def _rmdir(directory):
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
