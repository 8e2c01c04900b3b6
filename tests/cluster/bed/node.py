# SPDX-License-Identifier: Apache-2.0
"""A real node: a network namespace of the sandbox with a containerd and a kubelet."""

import json
import subprocess

from bed import cgroups, images, programs
from bed.containerd import Containerd, root_with_images
from bed.sandbox import ADDRESS

DEADLINE = 60.0
# How a node comes to the bridge, and its pods to the rest. A name of an interface may have 15 bytes.
SET_UP = """
set -e
ip netns add {name}
ip link add {name} type veth peer name eth0 netns {name}
ip link set {name} master bed up
ip -n {name} address add {address}/24 dev eth0
ip -n {name} link set eth0 up
ip -n {name} link set lo up
ip -n {name} route add default via {gateway}
ip route add {subnet} via {address}
nsenter --net=/run/netns/{name} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
"""


class Node:
    """Node number 1, 2, …: its address, its pods' subnet and its name come from the number."""

    def __init__(self, run, sandbox, number):
        self.run = run
        self.sandbox = sandbox
        self.name = f"node{number}"
        self.user = f"system:node:{self.name}"
        self.address = f"10.77.0.{10 + number}"
        self.subnet = f"10.244.{number}.0/24"
        self.folder = run.folder / self.name
        self.folder.mkdir()

    def start_containerd(self):
        """Makes the node's network and starts its containerd, without waiting for it."""
        script = SET_UP.format(name=self.name, address=self.address, subnet=self.subnet, gateway=ADDRESS)
        subprocess.run(self.sandbox.command(["sh", "-c", script]), check=True)
        root = root_with_images(images.store(), self.folder / "images")
        self.containerd = Containerd(self.run, self.sandbox, self.name, root, images.PAUSE, self.name)
        self.containerd.start(self.subnet)

    def start_kubelet(self, kubeconfig=None, labels=None, manifests=None):
        """Without a kubeconfig the kubelet runs the pods of the folder `manifests`, and asks nobody."""
        self.containerd.wait()
        cgroups.make(f"{self.run.name}/{self.name}")
        config = self.folder / "kubelet.json"
        config.write_text(json.dumps(self._config(manifests)))
        command = [programs.path("kubelet"), f"--config={config}", f"--root-dir={self.folder}/kubelet",
                   f"--cert-dir={self.folder}/pki", f"--hostname-override={self.name}", f"--node-ip={self.address}"]
        if kubeconfig:
            command.append(f"--kubeconfig={kubeconfig}")
        if labels:
            command.append("--node-labels=" + ",".join(f"{key}={value}" for key, value in labels.items()))
        self.kubelet = self.sandbox.start(f"kubelet-{self.name}", command, self.name)

    def _config(self, manifests):
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {ADDRESS}\n")
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "staticPodPath": str(manifests or ""),
            # Who reaches a kubelet is in the sandbox: the API server, for logs.
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": f"unix://{self.containerd.socket}",
            "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{self.run.name}/{self.name}", "failCgroupV1": False,
            "failSwapOn": False, "resolvConf": str(resolver), "clusterDNS": [ADDRESS], "clusterDomain": "cluster.local",
            "podLogsDir": f"{self.folder}/pods", "volumePluginDir": f"{self.folder}/plugins",
            # The machine's disk is not the bed's: nothing is evicted or collected for its sake.
            "imageGCHighThresholdPercent": 100, "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%",
                                                                 "imagefs.available": "1%"},
            "localStorageCapacityIsolation": False, "makeIPTablesUtilChains": False,
            "nodeStatusUpdateFrequency": "4s", "nodeLeaseDurationSeconds": 16,
            "syncFrequency": "10s", "shutdownGracePeriod": "0s",
        }
