# SPDX-License-Identifier: Apache-2.0
"""A mutating webhook of somebody else's, as meshes and log shippers bring one: it puts its container first.

It is asked by the API server just as Sparkward is, with a certificate made by the same command, and
keeps what it was sent: what an API server says to a webhook can be read here.
"""

import base64
import contextlib
import dataclasses
import http.server
import itertools
import json
import ssl
import threading
import urllib.parse

from server import Certificates
from wait import poll

from bed.api import Refused
from bed.pods import probe_pod
from bed.service import SYSTEM, Service
from bed.sparkward import KINDS, SEEN_DEADLINE

_numbers = itertools.count(1)

SIDECAR = {"name": "log-shipper", "image": "log-shipper:1", "resources": {"limits": {"memory": "64Mi"}}}
# A scope that leaves nothing out but what no webhook is asked about.
PODS_CREATED = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}


def add_sidecar(request):
    """The operations that put the sidecar before all other containers; none when it is there."""
    containers = request["object"]["spec"]["containers"]
    if any(c["name"] == SIDECAR["name"] for c in containers):
        return []
    return [{"op": "add", "path": "/spec/containers/0", "value": SIDECAR}]


def change_nothing(_request):
    return []


@dataclasses.dataclass
class Received:
    """One call, as TLS, HTTP and the review told it."""

    server_name: str
    offers_h2: bool
    version: str
    method: str
    path: str
    query: dict
    headers: dict
    review: dict

    @property
    def request(self):
        return self.review["request"]


class SidecarWebhook:
    """`patch`: makes the operations of the answer from the request. Use as a context manager."""

    def __init__(self, control, name, folder, patch=add_sidecar):
        self.control = control
        self.api = control.api
        self.name = f"{name}-{next(_numbers)}"
        self.patch = patch
        self.received = []
        self.configurations = []
        self.service = Service(self.api, f"webhook-{self.name}")
        folder.mkdir()
        self.certificates = Certificates(folder / "certs", names=(self.service.host, self.service.address))

    def __enter__(self):
        self._http = http.server.ThreadingHTTPServer((self.service.address, 0), _handler(self))
        self._http.daemon_threads = True
        # The handshake is the connection's thread's: nobody waits for another's.
        self._http.socket = self._tls().wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.port = self._http.server_address[1]
        self.service.create().add_endpoint(0, self.port)
        return self

    def __exit__(self, *_):
        for collection, name in self.configurations:
            collection.delete(name)
        self._http.shutdown()
        self._http.server_close()

    def _tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.crt, self.certificates.key)
        # What the API server would take if it could: its choice shows what it offered.
        context.set_alpn_protocols(["h2", "http/1.1"])

        def keep_name(connection, name, _context):
            connection.server_name = name
        context.sni_callback = keep_name
        return context

    def register(self, prefix, namespace, *rules, kind="MutatingWebhookConfiguration", **fields):
        """Asked about a namespace, for pods that are created and by further `rules`. Returns when it is.

        Mutating webhooks are asked in the order of the names of configurations, which begin with `prefix`.
        """
        webhook = {
            "name": f"{self.name}.bed.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "clientConfig": {"caBundle": base64.b64encode(self.certificates.ca.read_bytes()).decode(),
                             "service": {"name": self.service.name, "namespace": SYSTEM, "path": "/asked"}},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "rules": [PODS_CREATED, *rules]} | fields
        collection = self.api.group("admissionregistration.k8s.io/v1", KINDS[kind])
        name = f"{prefix}-{self.name}"
        collection.create({"metadata": {"name": name}, "webhooks": [webhook]})
        self.configurations.append((collection, name))
        poll(lambda: self._is_asked(namespace), SEEN_DEADLINE, every=0.05, what=f"webhook {self.name} to be asked")
        return self

    def _is_asked(self, namespace):
        before = len(self.received)
        # That somebody refuses the probe matters as little as that it is not stored.
        with contextlib.suppress(Refused):
            self.api.pods(namespace).create(probe_pod(), dryRun="All")
        return len(self.received) > before

    def forget(self):
        """Drops what was received so far."""
        self.received.clear()
        return self

    def requests(self, operation=None, subresource=None):
        """What the reviews asked: those of an operation, or of a subresource ("" for none)."""
        return [r.request for r in self.received
                if operation in (None, r.request["operation"])
                and subresource in (None, r.request.get("subResource", ""))]


def _handler(webhook):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            at = urllib.parse.urlsplit(self.path)
            webhook.received.append(Received(
                server_name=getattr(self.connection, "server_name", None),
                offers_h2=self.connection.selected_alpn_protocol() == "h2",
                version=self.request_version, method=self.command, path=at.path,
                query=urllib.parse.parse_qs(at.query, keep_blank_values=True), headers=dict(self.headers),
                review=review))
            self._answer(review)

        def _answer(self, review):
            response = {"uid": review["request"]["uid"], "allowed": True}
            if operations := webhook.patch(review["request"]):
                response |= {"patchType": "JSONPatch",
                             "patch": base64.b64encode(json.dumps(operations).encode()).decode()}
            body = json.dumps({"apiVersion": review["apiVersion"], "kind": "AdmissionReview",
                               "response": response}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """What was asked is in `received`."""

    return Handler
