# SPDX-License-Identifier: Apache-2.0
"""Sparkward on a cluster of real nodes: its pods, and the README's webhook configurations, which come and go."""

import base64
import contextlib
import json
import pathlib
import subprocess

import requests
import yaml
from wait import poll

from bed.api import Refused
from bed.cluster import RELEASE
from bed.metrics import total
from bed.pods import probe_pod
from bed.service import SYSTEM
from bed.sparkward import KINDS, SEEN_DEADLINE, registration

READY_DEADLINE = 60.0
NAME = "sparkward"


class Deployment:
    """The objects of a manifest, with a certificate and policies of the test's own."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.api = cluster.api
        self.folder = pathlib.Path(folder)

    def start(self, manifest, policies):
        namespace, *others = yaml.safe_load_all(pathlib.Path(manifest).read_text())
        objects = [namespace, self._policies(policies), self._certificate(), *others]
        self.cluster.control.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))
        poll(self._is_available, READY_DEADLINE, every=0.1, what="Sparkward's pods to be ready")
        return self

    def _policies(self, files):
        return {"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "sparkward-policies", "namespace": SYSTEM},
                "data": {pathlib.Path(file).name: pathlib.Path(file).read_text() for file in files}}

    def _certificate(self):
        folder = self.folder / "certs"
        subprocess.run([RELEASE, "certs", "--dir", folder, "--name", f"{NAME}.{SYSTEM}.svc"], check=True,
                       capture_output=True)
        self.ca = folder / "ca.crt"
        return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                "metadata": {"name": "sparkward-tls", "namespace": SYSTEM},
                "data": {name: _base64(folder / name) for name in ("tls.crt", "tls.key")}}

    def _is_available(self):
        deployment = self.api.group("apps/v1", "deployments", SYSTEM).get(NAME)
        return deployment["status"].get("readyReplicas") == deployment["spec"]["replicas"]

    def pods(self):
        return self.api.pods(SYSTEM).list(labelSelector=f"app.kubernetes.io/name={NAME}")

    def log(self, pod):
        """What a pod has logged, one object a line."""
        text = self.api.request("GET", f"/api/v1/namespaces/{SYSTEM}/pods/{pod['metadata']['name']}/log")
        return [json.loads(line) for line in text.splitlines()]

    def reviews(self, pod):
        """How many reviews this pod has answered."""
        text = requests.get(f"http://{pod['status']['podIP']}:8080/metrics", timeout=10).text
        return total(text, "sparkward_reviews_total")

    @contextlib.contextmanager
    def registered(self):
        """Meanwhile the API server asks, as the README tells it to."""
        with contextlib.ExitStack() as made:
            for one in registration(webhooks=None):
                collection = self.api.group(one["apiVersion"], KINDS[one["kind"]])
                collection.create(self._with_ca(one))
                made.callback(collection.delete, one["metadata"]["name"])
            poll(self._is_asked_by_now, SEEN_DEADLINE, every=0.1, what="Sparkward to be asked")
            yield self
        poll(lambda: not self.is_asked(), SEEN_DEADLINE, every=0.1, what="Sparkward not to be asked any more")

    def _with_ca(self, document):
        for webhook in document["webhooks"]:
            webhook["clientConfig"]["caBundle"] = _base64(self.ca)
        return document

    def _is_asked_by_now(self):
        try:
            return self.is_asked()
        except Refused as e:
            # It may have to be asked before the API server knows where it is.
            if e.code != 500:
                raise
            return False

    def is_asked(self):
        """True when a pod that is created now is changed."""
        # Every policy here gives executors more time than Kubernetes does.
        pod = self.api.pods("default").create(probe_pod(), dryRun="All")
        return pod["spec"]["terminationGracePeriodSeconds"] != 30


def _base64(path):
    return base64.b64encode(path.read_bytes()).decode()
