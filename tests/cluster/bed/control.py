# SPDX-License-Identifier: Apache-2.0
"""The control plane: etcd, kube-apiserver, kube-scheduler, kube-controller-manager, and kwok for fake nodes."""

import json
import os
import secrets
import socket
import subprocess

import yaml

from bed import programs
from bed.api import Api, Refused

READY_DEADLINE = 60.0
USERS = {
    # user: groups. Tokens and not client certificates: Spark's client cannot read an EC key, and a
    # token needs no PKI beside the one that the API server makes for itself.
    "admin": "system:masters",
    "system:kube-scheduler": "",
    "system:kube-controller-manager": "",
}
# Who may be told apart in the audit log: the requests for what is in these namespaces, with patches.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
    "rules": [{"level": "Request", "verbs": ["create", "update", "patch"], "namespaces": ["audited"],
               "resources": [{"group": "", "resources": ["pods"]}]},
              {"level": "None"}],
}
FAKE_NODES = [
    # zone, instance type, capacity type as Karpenter and as EKS label it
    ("zone-a", "m6i.4xlarge", "on-demand"), ("zone-a", "m6i.4xlarge", "spot"), ("zone-a", "r6i.2xlarge", "spot"),
    ("zone-b", "m6i.4xlarge", "on-demand"), ("zone-b", "m6i.4xlarge", "spot"), ("zone-b", "c6i.8xlarge", "spot"),
    ("zone-c", "m6i.4xlarge", "on-demand"), ("zone-c", "r6i.2xlarge", "spot"), ("zone-c", "c6i.8xlarge", "spot"),
]


def host_address():
    """An address of this machine that is not loopback: endpoints of Services may not be."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            # Nothing is sent: connecting a UDP socket only looks the route up.
            s.connect(("192.0.2.1", 9))
        except OSError as e:
            raise programs.Unavailable(f"this machine has no address but loopback, which endpoints may not be: {e}")
        return s.getsockname()[0]


class ControlPlane:
    """A running control plane of a Run. `api` is its administrator."""

    def __init__(self, run, address="127.0.0.1", advertised=None, users=None):
        """`address`: where it listens. `advertised`: the endpoint of the Service kubernetes, which may not be loopback.

        `users`: others who may come, and their groups.
        """
        self.run = run
        self.address = address
        self.advertised = advertised or host_address()
        self.folder = run.folder / "control"
        self.folder.mkdir()
        self.users = USERS | (users or {})
        self.tokens = {user: secrets.token_hex(16) for user in self.users}
        self.port = run.port(address)
        self.url = f"https://{self.address}:{self.port}"
        self.ca = self.folder / "pki" / "apiserver.crt"
        self.api = Api(self.url, self.ca, self.tokens["admin"])

    def start(self):
        # Whatever these programs and tests call from here on is on this machine.
        os.environ.update(NO_PROXY="*", no_proxy="*")
        self._write_files()
        self._start_etcd()
        self.apiserver = self._start_apiserver()
        self.apiserver.wait_until(self._is_ready, READY_DEADLINE, "a ready API server")
        self.scheduler = self._start_scheduler()
        self.controllers = self._start_controllers()
        return self

    def _write_files(self):
        (self.folder / "tokens.csv").write_text("".join(
            f'{self.tokens[user]},{user},{user},"{groups}"\n' for user, groups in self.users.items()))
        (self.folder / "audit.json").write_text(json.dumps(AUDIT_POLICY))
        # In SEC1 form: of a key in PKCS 8 the API server does not find the public half.
        subprocess.run(["openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out",
                        self.folder / "sa.key"], check=True, capture_output=True)

    def _start_etcd(self):
        client, peer = (f"http://127.0.0.1:{self.run.port()}" for _ in range(2))
        self.etcd_url = client
        self.run.start("etcd", [
            programs.path("etcd"), "--data-dir", self.folder / "etcd", "--unsafe-no-fsync", "--log-level=warn",
            f"--listen-client-urls={client}", f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}"])

    def _start_apiserver(self):
        return self.run.start("kube-apiserver", [
            programs.path("kube-apiserver"), f"--etcd-servers={self.etcd_url}", f"--secure-port={self.port}",
            f"--bind-address={self.address}", f"--advertise-address={self.advertised}",
            f"--cert-dir={self.folder}/pki", f"--token-auth-file={self.folder}/tokens.csv",
            f"--service-account-key-file={self.folder}/sa.key",
            f"--service-account-signing-key-file={self.folder}/sa.key",
            "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
            # Services of webhooks are resolved to their endpoints: nothing here serves a cluster IP.
            "--enable-aggregator-routing=true", "--kubelet-preferred-address-types=InternalIP",
            f"--audit-policy-file={self.folder}/audit.json", f"--audit-log-path={self.audit_log}",
            "--audit-log-mode=blocking-strict", "--profiling=false"])

    def _start_scheduler(self):
        config = self.folder / "scheduler.json"
        config.write_text(json.dumps({
            "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
            "clientConnection": {"kubeconfig": str(self.kubeconfig("system:kube-scheduler"))},
            "leaderElection": {"leaderElect": False}}))
        own = self.kubeconfig("system:kube-scheduler")
        return self.run.start("kube-scheduler", [
            programs.path("kube-scheduler"), f"--config={config}", f"--secure-port={self.run.port()}",
            "--bind-address=127.0.0.1", f"--cert-dir={self.folder}/scheduler-pki",
            f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}"])

    def _start_controllers(self):
        own = self.kubeconfig("system:kube-controller-manager")
        return self.run.start("kube-controller-manager", [
            programs.path("kube-controller-manager"), f"--kubeconfig={own}", f"--secure-port={self.run.port()}",
            "--bind-address=127.0.0.1", f"--cert-dir={self.folder}/controllers-pki",
            f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}", "--leader-elect=false",
            f"--service-account-private-key-file={self.folder}/sa.key", f"--root-ca-file={self.ca}",
            "--use-service-account-credentials", "--node-monitor-grace-period=20s"])

    def _is_ready(self):
        if not self.ca.exists():
            return False
        try:
            return self.api.request("GET", "/readyz") == "ok"
        except (Refused, OSError):
            return False

    @property
    def audit_log(self):
        return self.folder / "audit.log"

    def audit_events(self):
        """What the API server has written to its audit log so far."""
        lines = self.audit_log.read_text().splitlines() if self.audit_log.exists() else []
        return [json.loads(line) for line in lines]

    def kubeconfig(self, user="admin"):
        """The path of a kubeconfig for this user."""
        return self.write_kubeconfig(user, self.tokens[user])

    def write_kubeconfig(self, user, token):
        path = self.folder / f"{user.replace(':', '-')}.kubeconfig"
        path.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "bed",
            "clusters": [{"name": "bed", "cluster": {"server": self.url, "certificate-authority": str(self.ca)}}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "bed", "context": {"cluster": "bed", "user": user}}]}))
        return path

    def kubectl(self, *arguments, stdin=None, check=True, timeout=60):
        """Runs kubectl as administrator; the result has returncode, stdout and stderr."""
        environment = {k: v for k, v in os.environ.items() if k != "KUBECONFIG"}
        result = subprocess.run(
            [programs.path("kubectl"), f"--kubeconfig={self.kubeconfig()}", *map(str, arguments)], input=stdin,
            capture_output=True, text=True, timeout=timeout, env=environment, check=False)
        assert not check or result.returncode == 0, f"kubectl {arguments}: {result.stderr}"
        return result

    def namespace(self, name, labels=None):
        """Makes a namespace in which pods can be created."""
        self.api.core("namespaces").create({"metadata": {"name": name, "labels": labels or {}}})
        self.api.core("serviceaccounts", name).wait("default", lambda _: True, watched=self.controllers)
        return name

    def start_kwok(self):
        """Fake nodes: pods bound to them run at once, and nothing runs."""
        kwok = self.run.start("kwok", [
            programs.path("kwok"), f"--kubeconfig={self.kubeconfig()}", f"--config={programs.kwok_stages()}",
            "--manage-all-nodes=true", f"--server-address=127.0.0.1:{self.run.port()}"])
        nodes = self.api.core("nodes")
        for number, (zone, instance, capacity) in enumerate(FAKE_NODES, 1):
            nodes.create(_fake_node(f"node-{number}", zone, instance, capacity))
        kwok.wait_until(lambda: all(map(_is_schedulable, nodes.list())), READY_DEADLINE, "ready fake nodes")

    def metrics(self):
        """The API server's metrics as text."""
        return self.api.request("GET", "/metrics")


def _fake_node(name, zone, instance, capacity):
    resources = {"cpu": "64", "memory": "256Gi", "pods": "500"}
    return {
        "metadata": {"name": name, "labels": {
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": zone,
            "node.kubernetes.io/instance-type": instance, "karpenter.sh/capacity-type": capacity,
            "eks.amazonaws.com/capacityType": capacity.replace("-", "_").upper()}},
        "status": {"allocatable": resources, "capacity": resources}}


def _is_schedulable(node):
    conditions = {c["type"]: c["status"] for c in node["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and not node["spec"].get("taints")
