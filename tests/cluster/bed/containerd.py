# SPDX-License-Identifier: Apache-2.0
"""A containerd of a node's own, in the sandbox."""

import json
import os
import pathlib
import shutil
import subprocess

DEADLINE = 60.0
CNI_PLUGINS = pathlib.Path("/usr/lib/cni")
NAMESPACE = "k8s.io"  # where the kubelet's images are
# What a node of this bed does not use, and what would leave folders on the machine.
DISABLED = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
            "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]


class Containerd:
    """`root` is the folder of what it keeps: images, snapshots, and what is known of them."""

    def __init__(self, run, sandbox, name, root, pause="", network=None):
        self.run = run
        self.sandbox = sandbox
        self.name = f"containerd-{name}"
        self.folder = run.folder / self.name
        self.folder.mkdir()
        self.root = root
        self.pause = pause
        self.network = network
        # Short, because the path of a socket may have 107 bytes; /run is the sandbox's own.
        self.state = f"/run/{self.name}"
        self.socket = f"{self.state}/containerd.sock"

    def start(self, subnet=None):
        if subnet:
            self._write_network(subnet)
        config = self.folder / "config.toml"
        config.write_text(self._config())
        self.program = self.sandbox.start(self.name, ["containerd", "--config", config], self.network)
        return self

    def wait(self):
        self.program.wait_until(self._answers, DEADLINE, f"{self.name} to answer")
        return self

    def _config(self):
        return f"""
version = 2
root = "{self.root}"
state = "{self.state}"
disabled_plugins = {json.dumps(DISABLED)}
[grpc]
  address = "{self.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{self.pause}"
  # Without CAP_SYS_RESOURCE runc cannot make a process dearer to the kernel than it is, and gives up.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{CNI_PLUGINS}"
    conf_dir = "{self.folder}"
"""

    def _write_network(self, subnet):
        (self.folder / "10-bed.conflist").write_text(json.dumps({
            "cniVersion": "0.4.0", "name": "bed", "plugins": [{
                "type": "ptp", "ipam": {
                    "type": "host-local", "dataDir": f"/run/{self.name}-addresses",
                    "ranges": [[{"subnet": subnet}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}))

    def _answers(self):
        return self._ctr("version").returncode == 0

    def load(self, archive):
        """Imports the images of an archive and unpacks them."""
        result = self._ctr("images", "import", archive)
        assert result.returncode == 0, f"{result.stderr}\n{self.program.log_end()}"

    def running(self):
        """The containers that run, pods' own first processes among them."""
        lines = self._ctr("tasks", "list").stdout.splitlines()[1:]
        return [line.split()[0] for line in lines if line.split()[2] == "RUNNING"]

    def _ctr(self, *arguments):
        return subprocess.run(
            [os.fspath(word) for word in self.sandbox.command(
                ["ctr", f"--address={self.socket}", f"--namespace={NAMESPACE}", *arguments])],
            capture_output=True, text=True, check=False, timeout=DEADLINE)

    def stop(self):
        self.program.kill()


def root_with_images(store, root):
    """A containerd root with the images of `store`: what is known of them is copied, what they are is shared.

    Images are only ever read: a container's own files lie in a snapshot of its own.
    """
    metadata, content, snapshots = (f"io.containerd.{plugin}" for plugin in (
        "metadata.v1.bolt", "content.v1.content", "snapshotter.v1.overlayfs"))
    shutil.copytree(store / metadata, root / metadata)
    shutil.copytree(store / content, root / content, copy_function=os.link)
    (root / snapshots / "snapshots").mkdir(parents=True)
    shutil.copy2(store / snapshots / "metadata.db", root / snapshots)
    for snapshot in (store / snapshots / "snapshots").iterdir():
        (root / snapshots / "snapshots" / snapshot.name).symlink_to(snapshot)
    return root
