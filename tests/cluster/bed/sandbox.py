# SPDX-License-Identifier: Apache-2.0
"""A room of namespaces for a bed with real nodes, which the kernel takes down with the process that made it.

One process anchors a network, a mount and a process namespace, and is the first process of the
last. It ends with the tests, however these end; with it ends every process in the room, and with
those go interfaces, routes, mounts and network namespaces. Nothing of the machine's own network
is changed, and what containerd, the CNI plugins and `ip netns` keep at fixed paths lies in memory.

The only thing that a kernel does not take down with processes is a cgroup: see run.py.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil

from wait import poll

from bed import programs

ADDRESS = "10.77.0.1"  # of the bridge, on which the control plane listens
DEADLINE = 30.0
TOOLS = ("unshare", "nsenter", "setpriv", "tini", "ip", "containerd", "runc")
_CLONE_NEWNET = 0x40000000  # setns(2)

# Where programs write at paths that are built into them.
SCRATCH = ("/run", "/var/log")
SET_UP = f"""
set -e
for folder in {' '.join(SCRATCH)}; do mount -t tmpfs tmpfs "$folder"; done
mkdir /run/netns
ip link set lo up
ip link add bed type bridge
ip address add {ADDRESS}/24 dev bed
ip link set bed up
echo 1 >/proc/sys/net/ipv4/ip_forward
: >/run/is-set-up
exec tini -- sleep infinity
"""


class Sandbox:
    """Use as a context manager, inside that of its Run."""

    def __init__(self, run):
        self.run = run

    def __enter__(self):
        if os.geteuid() != 0:
            raise programs.Unavailable("real nodes need root: for namespaces, mounts and cgroups")
        if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise programs.Unavailable(f"real nodes need {', '.join(missing)}")
        self.anchor = self.run.start("sandbox", [
            "unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", SET_UP])
        self.anchor.wait_until(self._is_set_up, DEADLINE, "the namespaces of the bed")
        return self

    def __exit__(self, *_):
        self.anchor.kill()
        # Killing the anchor kills its child, the room's first process; the kernel ends the others first.
        poll(lambda: not pathlib.Path(f"/proc/{self.pid}").exists(), DEADLINE, what="the end of the sandbox")

    def _is_set_up(self):
        children = pathlib.Path(f"/proc/{self.anchor.pid}/task/{self.anchor.pid}/children").read_text().split()
        self.pid = int(children[0]) if children else None
        return bool(children) and self.path("/run/is-set-up").exists()

    def path(self, inside):
        """The path by which the machine sees a path of the sandbox."""
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def command(self, command, network=None):
        """The command that runs this one in the sandbox, or in one of its named network namespaces.

        nsenter stays outside of the process namespace and waits; what it started ends with it.
        """
        # Not `ip netns exec`, which mounts another /sys that has no cgroups.
        net = f"--net={self.path(f'/run/netns/{network}')}" if network else "--net"
        return ["nsenter", f"--target={self.pid}", "--mount", "--pid", net, "--",
                "setpriv", "--pdeathsig", "KILL", "--", *command]

    def start(self, name, command, network=None, **options):
        return self.run.start(name, self.command(command, network), **options)

    @contextlib.contextmanager
    def joined(self):
        """Meanwhile this thread, and what it starts, is in the sandbox's network."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        inside = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            _set_network(inside)
            yield self
        finally:
            _set_network(before)
            os.close(inside)
            os.close(before)


def _set_network(fd):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")
