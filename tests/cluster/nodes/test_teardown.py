# SPDX-License-Identifier: Apache-2.0
"""However a bed ends, nothing of it stays: no process, mount, namespace, interface, and after a sweep no cgroup."""

import pathlib
import signal
import subprocess
import sys

import children
import pytest
from bed.run import Run
from wait import poll

HERE = pathlib.Path(__file__).parent


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_bed_that_is_ended_by_a_signal_leaves_nothing(cluster, number):
    before = outside()
    bed = children.start([sys.executable, HERE / "one_node.py"], stdout=subprocess.PIPE, text=True)
    words = bed.stdout.readline().split()
    assert words, "the bed did not start"
    run, anchor = Run.numbered(int(words[0])), int(words[1])
    # All that must go is there: else its absence would say nothing.
    assert run.folder.is_dir()
    everything = descendants(bed.pid)
    assert anchor in everything and len(everything) > 6
    assert any("kubelet/pods" in mount for mount in mounts(anchor))
    assert any("pause" in line for line in run.remains()), "the pod's process"
    assert any(line.startswith("cgroup") for line in run.remains())
    assert outside() == before, "while it runs, everything is inside"

    bed.send_signal(number)
    bed.wait(60)
    bed.stdout.close()
    poll(lambda: not any(map(is_alive, everything.items())), 30, what="the end of all processes")
    Run.sweep_ended()
    assert run.remains() == []
    assert not run.folder.exists()
    assert outside() == before


def outside():
    """What everybody on this machine sees: mounts, named network namespaces, interfaces of this network."""
    links = subprocess.run(["ip", "-oneline", "link"], capture_output=True, text=True, check=True).stdout
    named = pathlib.Path("/run/netns")
    return {"mounts": mounts("self"), "namespaces": sorted(p.name for p in named.glob("*")),
            "interfaces": sorted(line.split(":")[1] for line in links.splitlines())}


def mounts(process):
    """The mount points that a process sees."""
    return sorted(line.split()[4] for line in pathlib.Path(f"/proc/{process}/mountinfo").read_text().splitlines())


def descendants(pid):
    """{process: when it was started} of a process, its children, and theirs."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        fields = stat_fields(stat)
        if fields:
            parents[int(stat.parent.name)] = (int(fields[1]), fields[19])
    found = {pid: parents[pid][1]}
    while more := {p: started for p, (parent, started) in parents.items() if parent in found and p not in found}:
        found |= more
    return found


def is_alive(process):
    pid, started = process
    fields = stat_fields(pathlib.Path(f"/proc/{pid}/stat"))
    return fields is not None and fields[19] == started and fields[0] != "Z"


def stat_fields(path):
    """proc(5)'s fields from the third on; the second, the name, may hold anything."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return None
