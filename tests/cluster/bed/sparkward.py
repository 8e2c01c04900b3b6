# SPDX-License-Identifier: Apache-2.0
"""Sparkward as a cluster sees it: replicas behind a Service, and the webhook configurations of the README."""

import base64
import contextlib
import pathlib
import re

import yaml
from server import BINARY, ROOT, Certificates, Server
from wait import poll

from bed.api import Refused
from bed.metrics import total
from bed.pods import probe_pod
from bed.service import SYSTEM, Service

# The webhooks of an installation are asked about the namespaces that have this label with its name.
SELECTED_BY = "bed.sparkward.dev/installation"
# Pods with this label, and webhooks with this ending, tell which change of a configuration is in force.
REVISION = "bed.sparkward.dev/revision"
MARKER = ".marker.bed.sparkward.dev"
DEFAULT_POLICY = ROOT / "policies" / "library" / "default.yaml"
KINDS = {"MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
         "ValidatingWebhookConfiguration": "validatingwebhookconfigurations"}
# The README's webhooks for pods; it has others for what stands around them.
OF_PODS = ("mutate.sparkward.dev", "validate.sparkward.dev")
# A change of a webhook configuration or of endpoints reaches the API server by its watches.
SEEN_DEADLINE = 30.0


def registration(webhooks=OF_PODS):
    """The webhook configurations that the README tells people to apply, with these of their webhooks.

    None stands for all webhooks. Where the README has a place for the CA, there is none yet.
    """
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    documents = [d for block in blocks for d in yaml.safe_load_all(block)]
    wanted = [d for d in documents if isinstance(d, dict) and d["kind"] in KINDS]
    for document in wanted:
        document["webhooks"] = [w for w in document["webhooks"] if webhooks is None or w["name"] in webhooks]
        for webhook in document["webhooks"]:
            webhook["clientConfig"]["caBundle"] = ""
    return wanted


def failure_policy(policy):
    """A change for every webhook of an installation: what happens when nobody answers."""
    return lambda webhook: webhook.update(failurePolicy=policy)


class Installation:
    """Replicas, their Service and their webhook configurations. `namespace` is one whose pods they are asked about."""

    def __init__(self, control, name, folder, names=None):
        """`names`: those of the certificate, made from the name of the Service; by default all that fit."""
        self.control = control
        self.api = control.api
        self.name = name
        self.folder = pathlib.Path(folder)
        self.service = Service(control.api, f"sparkward-{name}")
        self.host = self.service.host
        self.address = self.service.address
        names = names or (lambda host: (host, "localhost", self.address))
        self.certificates = Certificates(self.folder / "certs", names=names(self.host))
        self.replicas = []
        self.configurations = []
        self.revision = 0  # how often they were changed

    def start(self, policies=DEFAULT_POLICY, *flags, replicas=1, binary=BINARY):
        """Starts servers and makes them the endpoints of the Service."""
        self.service.create()
        for number in range(replicas):
            listen = f"{self.address}:{self.control.run.port(self.address)}"
            self.replicas.append(Server(
                policies, self.certificates, self.folder / f"replica-{number}.log", *flags, listen=listen, binary=binary))
        for replica in self.replicas:
            replica.start()
            self.add_endpoint(replica)
        return self

    def add_endpoint(self, replica):
        self.service.add_endpoint(self.replicas.index(replica), replica.address[1])

    def remove_endpoint(self, replica):
        self.service.remove_endpoint(self.replicas.index(replica))

    def register(self, change=lambda webhook: None, *, url=False, kinds=tuple(KINDS), webhooks=OF_PODS):
        """Applies the README's configurations for this installation, each webhook after change(webhook).

        `webhooks`: the names of those that are wanted; None for all of them.
        """
        for mine in registration(webhooks):
            if mine["kind"] not in kinds:
                continue
            mine["metadata"]["name"] += f"-{self.name}"
            for webhook in mine["webhooks"]:
                self._refer(webhook, url)
                change(webhook)
            group = mine["apiVersion"]
            self.configurations.append(self.api.group(group, KINDS[mine["kind"]]).create(mine))
        self.namespace = self.control.namespace(f"spark-{self.name}", {SELECTED_BY: self.name})
        return self

    def _refer(self, webhook, url):
        service = webhook["clientConfig"]["service"]
        service |= {"name": self.service.name, "namespace": SYSTEM}
        webhook["clientConfig"]["caBundle"] = self.ca_bundle()
        if url:
            webhook["clientConfig"] = {
                "caBundle": self.ca_bundle(), "url": "https://%s:%d%s" % (*self.replicas[0].address, service["path"])}
        webhook["namespaceSelector"]["matchExpressions"].append(
            {"key": SELECTED_BY, "operator": "In", "values": [self.name]})

    def ca_bundle(self, *more):
        """base64 of our CA's certificate, and of others."""
        return base64.b64encode(b"".join(p.read_bytes() for p in (self.certificates.ca, *more))).decode()

    def reconfigure(self, change):
        """Applies change(webhook) to every webhook that is registered; returns when the API server goes by it.

        The API server says so itself: each configuration gets one webhook more, at an address where
        nobody listens, and a pod that has its label is refused in its name once it is known.
        """
        self.revision += 1
        for number, configuration in enumerate(self.configurations):
            collection = self.api.group(configuration["apiVersion"], KINDS[configuration["kind"]])
            current = collection.get(configuration["metadata"]["name"])
            ours = [webhook for webhook in current["webhooks"] if not webhook["name"].endswith(MARKER)]
            for webhook in ours:
                change(webhook)
            current["webhooks"] = [*ours, self._marker(configuration["kind"], ours[0]["namespaceSelector"])]
            self.configurations[number] = collection.replace(current)
        for configuration in self.configurations:
            poll(lambda: self._knows(self._revision(configuration["kind"])), SEEN_DEADLINE, every=0.02,
                 what=f"{configuration['metadata']['name']} as changed to be in force")

    def trust(self, *authorities):
        """Has the API server trust the CAs of these Certificates and no others; returns when it does."""
        bundle = base64.b64encode(b"".join(one.ca.read_bytes() for one in authorities)).decode()
        self.reconfigure(lambda webhook: webhook["clientConfig"].update(caBundle=bundle))

    def _revision(self, kind):
        return f"{kind.lower()}-{self.revision}"

    def _marker(self, kind, namespaces):
        return {"name": self._revision(kind) + MARKER, "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "timeoutSeconds": 1, "failurePolicy": "Fail", "namespaceSelector": namespaces,
                "objectSelector": {"matchLabels": {REVISION: self._revision(kind)}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
                "clientConfig": {"url": "https://127.0.0.1:1/"}}

    def _knows(self, revision):
        pod = probe_pod()
        pod["metadata"]["labels"] = {REVISION: revision}
        try:
            self.api.pods(self.namespace).create(pod, dryRun="All")
        except Refused as e:
            assert revision + MARKER in e.message, e
            return True
        return False

    def wait_asked(self, namespace=None):
        """Waits until the API server asks about pods of a namespace: what was registered has come into force."""
        def ask():
            before = self.reviews()
            # That its policies refuse the probe is an answer, too.
            with contextlib.suppress(Refused):
                self.api.pods(namespace or self.namespace).create(probe_pod(), dryRun="All")
            return self.reviews() > before
        poll(ask, SEEN_DEADLINE, every=0.05, what=f"{self.name} to be asked")
        return self

    def select(self, namespace):
        """This installation, and no other, is asked about the pods of that namespace too."""
        self.api.core("namespaces").merge(namespace, {"metadata": {"labels": {SELECTED_BY: self.name}}})
        return self.wait_asked(namespace)

    def reviews(self, endpoint=None):
        """How many reviews the running replicas have answered."""
        return sum(reviews_answered(replica, endpoint) for replica in self.replicas if replica.process.poll() is None)

    def connections(self):
        """How many connections the running replicas have accepted."""
        return sum(replica.metric("sparkward_connections_total") for replica in self.replicas)

    def stop(self):
        """Takes the webhooks away first: nothing may be asked of who has gone."""
        for configuration in self.configurations:
            self.api.group(configuration["apiVersion"], KINDS[configuration["kind"]]).delete(
                configuration["metadata"]["name"])
        problems = []
        for replica in self.replicas:
            try:
                replica.stop()
            except AssertionError as e:
                problems.append(str(e))
        assert not problems, "\n".join(problems)


def reviews_answered(replica, endpoint=None):
    """The sum of sparkward_reviews_total of one server, of one endpoint or of all."""
    labels = {"endpoint": endpoint} if endpoint else {}
    return total(replica.admin("/metrics").text, "sparkward_reviews_total", **labels)
