# SPDX-License-Identifier: Apache-2.0
"""A bed of one node with a running pod, until it is ended: one_node.py. For the test that ends it.

Prints a line with its run's number and its sandbox's process when the pod runs.
"""

import json
import pathlib
import signal
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "lib")]

from bed import images  # noqa: E402
from bed.node import Node  # noqa: E402
from bed.run import Run  # noqa: E402
from bed.sandbox import Sandbox  # noqa: E402

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "static"},
       "spec": {"containers": [{"name": "pause", "image": images.PAUSE, "imagePullPolicy": "Never",
                                "volumeMounts": [{"name": "memory", "mountPath": "/memory"}]}],
                "volumes": [{"name": "memory", "emptyDir": {"medium": "Memory"}}]}}

with Run() as run, Sandbox(run) as sandbox:
    node = Node(run, sandbox, 1)
    manifests = run.folder / "manifests"
    manifests.mkdir()
    (manifests / "pod.json").write_text(json.dumps(POD))
    node.start_containerd()
    node.start_kubelet(manifests=manifests)
    # The pod's own first process, and its container.
    node.kubelet.wait_until(lambda: len(node.containerd.running()) == 2, 60, "a running pod")
    print(run.number, sandbox.pid, flush=True)
    signal.pause()
