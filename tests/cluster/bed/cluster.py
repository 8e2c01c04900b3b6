# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes with three real nodes in a sandbox: control plane, DNS, kubelets."""

from server import ROOT

from bed import dns, images
from bed.control import ControlPlane
from bed.node import Node
from bed.sandbox import ADDRESS

# As clouds label them: one node that stays, two that may be taken away, each in a zone of its own.
LABELS = [
    {"topology.kubernetes.io/zone": zone, "karpenter.sh/capacity-type": capacity}
    for zone, capacity in (("zone-a", "on-demand"), ("zone-b", "spot"), ("zone-c", "spot"))]
READY_DEADLINE = 90.0
# What is shipped, without sanitizers.
RELEASE = ROOT / "build" / "release" / "sparkward"


class Cluster:
    """`control` is the control plane, `nodes` are its nodes. This thread has to be in the sandbox's network."""

    def __init__(self, run, sandbox):
        self.run = run
        self.nodes = [Node(run, sandbox, number) for number in range(1, len(LABELS) + 1)]
        self.control = ControlPlane(run, ADDRESS, ADDRESS, users={node.user: "system:nodes" for node in self.nodes})
        self.api = self.control.api

    def start(self):
        for node in self.nodes:
            node.start_containerd()
        self.control.start()
        for node, labels in zip(self.nodes, LABELS):
            node.start_kubelet(self.control.kubeconfig(node.user), labels)
        dns.start(self.run, ADDRESS, self.control.kubeconfig())
        archive = images.sparkward(RELEASE, self.run.folder)
        for node in self.nodes:
            node.containerd.load(archive)
        for node in self.nodes:
            node.kubelet.wait_until(lambda: self.is_ready(node.name), READY_DEADLINE, f"{node.name} to be ready")
        self.add_disks(each=6)
        return self

    def is_ready(self, name):
        node = self.api.core("nodes").find(name)
        return node and not node["spec"].get("taints") and any(
            c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))

    def add_disks(self, each):
        """Local disks on every node, of the storage class local-disk: volumes that claims are bound to, one each."""
        self.api.group("storage.k8s.io/v1", "storageclasses").create({
            "metadata": {"name": "local-disk"}, "provisioner": "kubernetes.io/no-provisioner",
            "volumeBindingMode": "WaitForFirstConsumer"})
        for node in self.nodes:
            for number in range(each):
                disk = node.folder / "disks" / str(number)
                disk.mkdir(parents=True)
                self.api.core("persistentvolumes").create(_local_volume(node.name, number, disk))

    def node(self, name):
        return next(node for node in self.nodes if node.name == name)


def _local_volume(node, number, path):
    on_node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    return {
        "metadata": {"name": f"{node}-disk-{number}"},
        "spec": {
            "storageClassName": "local-disk", "local": {"path": str(path)}, "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [on_node]}]}}}}
