# SPDX-License-Identifier: Apache-2.0
"""Pods by the thousand from a seed: what Spark and its operators make, and what nobody should.

Only the shape of a pod is random; that it is a driver's or an executor's is mostly given,
because other pods go the short way. Numbers are Number where a float would change them.
"""

import random

from reviews import Number

TEXTS = ["", "x", "on-demand", "spot", "true", "é\u4e2d\U0001f680", 'quote " \\ / ~', "line\nbreak\ttab", "\u007f", "nul\0inside", "\0", "0", "null", "a" * 300]
KEYS = ["a", "example.com/a", "example.com/a~b", "~", "~1", "~01", "/", "a/b/c~d", "", " ", "é", "%2F", "-", "0", "a.b", "\"", "\\"]
NUMBERS = ["0", "-0", "1", "-1", "1.0", "1E5", "0.10", "9007199254740993", "-9223372036854775808", "18446744073709551615",
           "123456789012345678901234567890", "1e400", "-1e400", "1e-400", "0.1000000000000000055511151231257827", "3.0e0"]
QUANTITIES = ["1", "500m", "2432Mi", "20480Mi", "20Gi", "1.5e3", "0", "4505Mi", "0.5", "1000000Ki", "100Gi"]
MEMORY = ["1024m", "4096m", "1g", "0", "", "lots", "99999999999999999999g", "4503599627370495m"]
JAVA_OPTIONS = ["-Dspark.executor.memoryOverhead=1g", "-Dspark.memory.offHeap.enabled=true", "-Dspark.driver.port=7078", "-D", "=", ""]
ARGUMENTS = ["--class", "org.example.Main", "org.apache.spark.deploy.PythonRunner", "--driver-memory", "--driver-memory=2g", "2g", "--conf",
             "spark.driver.memory=3g", "--verbose", "--", "", "=", "local:///a.jar"]
TAINT_KEYS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "cloud.google.com/gke-spot",
              "kubernetes.azure.com/scalesetpriority", "example.com/team", "example.com/disks", "sparkward.dev/x"]
NODE_KEYS = ["karpenter.sh/capacity-type", "eks.amazonaws.com/capacityType", "cloud.google.com/gke-spot", "kubernetes.io/arch",
             "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type", "example.com/pool"]


class _Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, p):
        return self.random.random() < p

    def one(self, *choices):
        """One of the values, or what it returns when it is a function."""
        choice = self.random.choice(choices)
        return choice() if callable(choice) else choice

    def number(self):
        return Number(self.random.choice(NUMBERS))

    def text(self):
        return self.random.choice(TEXTS)

    def several(self, make, most):
        return [make() for _ in range(self.random.randint(0, most))]

    def field(self, target, name, make, missing=0.4, null=0.05):
        """Leaves a member out, makes it null, or sets it."""
        p = self.random.random()
        if p < missing:
            return
        target[name] = None if p < missing + null else make()

    def anything(self, depth=0):
        """Any JSON value; seldom a very deep one."""
        if depth == 0 and self.chance(0.03):
            value = self.text()
            for _ in range(40):
                value = [value] if self.chance(0.5) else {self.random.choice(KEYS): value}
            return value
        simple = (None, True, False, self.number, self.text)
        if depth > 3 or self.chance(0.5):
            return self.one(*simple)
        if self.chance(0.5):
            return self.several(lambda: self.anything(depth + 1), 3)
        return {self.random.choice(KEYS): self.anything(depth + 1) for _ in range(self.random.randint(0, 3))}

    def strangeness(self, target):
        """Fields no schema knows."""
        if self.chance(0.15):
            target["x-" + self.random.choice(KEYS)] = self.anything()

    def words(self):
        """A map of texts, as labels and annotations are."""
        entries = {self.random.choice(KEYS): self.text() for _ in range(self.random.randint(0, 4))}
        for key in ("cluster-autoscaler.kubernetes.io/safe-to-evict", "karpenter.sh/do-not-disrupt", "cost-centre", "team",
                    "example.com/owner"):
            if self.chance(0.2):
                entries[key] = self.text()
        return entries

    # Affinity

    def expression(self):
        expression = {"key": self.random.choice(NODE_KEYS), "operator": self.one("In", "NotIn", "Exists", "DoesNotExist", "Gt")}
        if expression["operator"] in ("In", "NotIn"):
            expression["values"] = [self.text() for _ in range(self.random.randint(1, 3))]
            if expression["key"] == "topology.kubernetes.io/zone":
                expression["values"] = self.one(["zone-a"], ["zone-b"], ["zone-c"], expression["values"])
        if expression["operator"] == "Gt":
            expression["values"] = ["3"]
        return expression

    def node_selector(self):
        selector = self.words()
        if self.chance(0.5):
            selector[self.random.choice(NODE_KEYS)] = self.one("spot", "zone-a", "amd64", self.text)
        return selector

    def node_term(self):
        term = {}
        self.field(term, "matchExpressions", lambda: self.several(self.expression, 3), 0.2)
        self.field(term, "matchFields", lambda: [
            {"key": "metadata.name", "operator": "In", "values": ["node-1"]}], 0.9)
        self.strangeness(term)
        return term

    def node_affinity(self):
        block = {}
        self.field(block, "requiredDuringSchedulingIgnoredDuringExecution", self.required_nodes, 0.5, 0.1)
        self.field(block, "preferredDuringSchedulingIgnoredDuringExecution", lambda: self.several(
            lambda: {"weight": self.random.randint(1, 100), "preference": self.node_term()}, 3), 0.5, 0.1)
        return block

    def required_nodes(self):
        block = {}
        self.field(block, "nodeSelectorTerms", lambda: self.several(self.node_term, 3), 0.05)
        return block

    def pod_term(self):
        term = {"topologyKey": self.one("kubernetes.io/hostname", "topology.kubernetes.io/zone", "example.com/rack")}
        self.field(term, "labelSelector", lambda: self.one(
            {}, {"matchLabels": {"spark-app-selector": "spark-1"}}, {"matchLabels": {"spark-role": "executor"}}), 0.2)
        return term

    def pod_affinity(self):
        block = {}
        self.field(block, "requiredDuringSchedulingIgnoredDuringExecution", lambda: self.several(self.pod_term, 2), 0.5, 0.1)
        self.field(block, "preferredDuringSchedulingIgnoredDuringExecution", lambda: self.several(
            lambda: {"weight": self.random.randint(1, 100), "podAffinityTerm": self.pod_term()}, 2), 0.5, 0.1)
        return block

    def affinity(self):
        block = {}
        self.field(block, "nodeAffinity", self.node_affinity, 0.3)
        self.field(block, "podAffinity", self.pod_affinity, 0.5)
        self.field(block, "podAntiAffinity", self.pod_affinity, 0.5)
        self.strangeness(block)
        return block

    def toleration(self):
        """Any, or one of those that the API server puts into every pod."""
        if self.chance(0.4):
            return {"key": self.one(*TAINT_KEYS[:2]), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        toleration = {}
        self.field(toleration, "key", lambda: self.random.choice(TAINT_KEYS), 0.1, 0.02)
        self.field(toleration, "operator", lambda: self.one("Exists", "Equal"), 0.3)
        self.field(toleration, "value", lambda: self.one("spot", "true", "etl", ""), 0.5)
        self.field(toleration, "effect", lambda: self.one("NoSchedule", "NoExecute", ""), 0.3)
        self.field(toleration, "tolerationSeconds", lambda: self.one(300, 60, 30), 0.8)
        return toleration

    def constraint(self):
        constraint = {"maxSkew": 1, "topologyKey": self.one("topology.kubernetes.io/zone", "example.com/rack"),
                      "whenUnsatisfiable": self.one("DoNotSchedule", "ScheduleAnyway")}
        self.field(constraint, "labelSelector", lambda: {"matchLabels": {"spark-role": "executor"}}, 0.3)
        return constraint

    # Volumes

    def source(self):
        """Every kind of volume, and none."""
        return self.one(
            {"emptyDir": {}}, {"emptyDir": {}}, {"emptyDir": {}}, {"emptyDir": None}, {"emptyDir": {"sizeLimit": "10Gi"}},
            {"emptyDir": {"medium": "Memory"}}, {"hostPath": {"path": "/mnt/nvme", "type": ""}},
            {"persistentVolumeClaim": {"claimName": "app-exec-1-pvc-0"}},
            {"persistentVolumeClaim": {"claimName": "checkpoints", "readOnly": True}},
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3",
                                                            "resources": {"requests": {"storage": "100Gi"}}}}}},
            {"configMap": {"name": "m", "defaultMode": 420}}, {"secret": {"secretName": "s"}}, {"nfs": {"server": "n", "path": "/"}},
            {"csi": {"driver": "d.example.com"}}, {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {"downwardAPI": {"items": []}}, {"image": {"reference": "r"}}, {})

    def volume(self, name):
        volume = {"name": name} | self.source()
        self.strangeness(volume)
        return volume

    def volume_names(self):
        names = [f"spark-local-dir-{i}" for i in range(1, 1 + self.one(0, 1, 1, 1, 2, 3))]
        names += [n for n in ("spark-conf-volume-exec", "checkpoints", "cache", "kube-api-access-x7k2p", "data") if self.chance(0.4)]
        self.random.shuffle(names)
        return names

    def mount(self, name):
        mount = {"name": name, "mountPath": self.one(
            f"/var/data/{name}", "/opt/spark/conf", "/checkpoints", "/checkpoints/", "/data/spark-x/executor-x", "/")}
        self.field(mount, "readOnly", lambda: self.one(True, False), 0.8)
        self.field(mount, "subPath", self.text, 0.9)
        return mount

    # Containers

    def probe(self):
        probe = self.one({"httpGet": {"path": "/", "port": "spark-ui"}}, {"tcpSocket": {"port": 7078}}, {"exec": {"command": ["true"]}}, {})
        self.field(probe, "periodSeconds", lambda: 10, 0.5)
        return dict(probe)

    def resources(self):
        resources = {}
        for part in ("requests", "limits"):
            self.field(resources, part, lambda: {
                k: self.random.choice(QUANTITIES) for k in ("cpu", "memory", "ephemeral-storage") if self.chance(0.6)}, 0.2)
        return resources

    def env(self):
        variable = {"name": self.one("SPARK_USER", "SPARK_LOCAL_DIRS", "SPARK_EXECUTOR_ID", "SPARK_CONF_DIR", "X", "TZ", "EXAMPLE_EMPTY",
                                     "SPARK_EXECUTOR_MEMORY", "SPARK_EXECUTOR_MEMORY", "SPARK_JAVA_OPT_1")}
        values = {"SPARK_EXECUTOR_MEMORY": MEMORY, "SPARK_JAVA_OPT_1": JAVA_OPTIONS}.get(variable["name"], TEXTS)
        self.field(variable, "value", lambda: self.random.choice(values), 0.3)
        self.field(variable, "valueFrom", lambda: {"fieldRef": {"fieldPath": "status.podIP"}}, 0.8)
        return variable

    def security(self):
        context = {}
        for name in ("privileged", "allowPrivilegeEscalation", "runAsNonRoot"):
            self.field(context, name, lambda: self.chance(0.5), 0.6)
        self.field(context, "runAsUser", lambda: self.one(0, 185, 1000), 0.6)
        self.field(context, "seccompProfile", lambda: {"type": self.one("Unconfined", "Localhost", "RuntimeDefault")}, 0.6)
        self.field(context, "capabilities", lambda: {
            part: self.several(lambda: self.one("ALL", "SYS_ADMIN", "CAP_SYS_ADMIN", "NET_BIND_SERVICE"), 3)
            for part in ("add", "drop") if self.chance(0.7)}, 0.4)
        return context

    def container(self, name, volumes):
        container = {"name": name, "image": self.one("docker.io/apache/spark:3.5.3", "registry.example.com/spark/app:1", "", "spark:4.1",
                                                    "apache/spark-py@sha256:ab", "docker.io/apache/spark-py", "localhost:5000/x")}
        self.field(container, "command", lambda: ["sh", "-c", "true"], 0.9)
        self.field(container, "env", lambda: self.several(self.env, 4))
        self.field(container, "resources", self.resources, 0.3)
        self.field(container, "volumeMounts", lambda: [self.mount(v) for v in volumes if self.chance(0.9)], 0.1)
        self.field(container, "livenessProbe", self.probe, 0.8)
        self.field(container, "startupProbe", self.probe, 0.8)
        self.field(container, "readinessProbe", self.probe, 0.9)
        self.field(container, "lifecycle", lambda: {"preStop": {"exec": {"command": ["/opt/decom.sh"]}}}, 0.7)
        self.field(container, "securityContext", self.security, 0.6)
        self.strangeness(container)
        return container

    def spark_container(self, role, volumes):
        container = self.container(self.one(f"spark-kubernetes-{role}", f"spark-kubernetes-{role}", "main"), volumes)
        self.field(container, "args", lambda: [role, *self.several(lambda: self.random.choice(ARGUMENTS), 5)], 0.05)
        self.field(container, "ports", lambda: self.several(self.port, 4), 0.1)
        return container

    def port(self):
        port = {"containerPort": self.one(4040, 7078, 7079, 15002)}
        self.field(port, "name", lambda: self.one("spark-ui", "driver-rpc-port", "blockmanager"), 0.1)
        self.field(port, "protocol", lambda: "TCP", 0.3)
        return port

    def containers(self, role, volumes):
        containers = [self.container(f"side-{i}", volumes) for i in range(self.one(0, 0, 0, 1, 2))]
        containers.insert(self.random.randint(0, len(containers)), self.spark_container(role, volumes))
        return containers

    # The pod

    def labels(self, role):
        labels = self.words()
        labels |= {"spark-role": role, "spark-app-selector": f"spark-{self.random.getrandbits(64):016x}"}
        if role == "executor":
            labels["spark-exec-id"] = self.one("1", "7", "42", "EXECID", "", "999999999999")
        if self.chance(0.7):
            labels |= {"spark-version": "3.5.3", "spark-app-name": "app"}
        if self.chance(0.2):
            labels["app"] = "reload"
        if self.chance(0.1):
            del labels[self.random.choice(list(labels))]
        return labels

    def metadata(self, role):
        metadata = {"name": f"app-{self.random.randint(1, 999)}"}
        metadata["labels"] = self.labels(role)
        self.field(metadata, "namespace", lambda: self.one("spark-jobs", "etl-7", "etl-legacy", "etl-nightly", "kube-system", "hardened"), 0.2)
        self.field(metadata, "annotations", self.words)
        self.field(metadata, "ownerReferences", lambda: [{"apiVersion": "v1", "kind": "Pod", "name": "d", "uid": "u"}], 0.5)
        self.field(metadata, "managedFields", lambda: [{"manager": "fabric8", "fieldsV1": self.anything()}], 0.8)
        self.strangeness(metadata)
        return metadata

    def spec(self, role):
        names = self.volume_names()
        spec = {"containers": self.containers(role, names)}
        self.field(spec, "volumes", lambda: [self.volume(n) for n in names], 0.1)
        self.field(spec, "initContainers", lambda: [self.container("prepare", names)], 0.8)
        self.field(spec, "affinity", self.affinity, 0.3)
        self.field(spec, "tolerations", lambda: self.several(self.toleration, 4), 0.3)
        self.field(spec, "nodeSelector", self.node_selector, 0.7)
        self.field(spec, "terminationGracePeriodSeconds", lambda: self.one(30, 0, 1, 600, self.number), 0.3)
        self.field(spec, "securityContext", lambda: self.one(
            {}, {"fsGroup": 185}, {"runAsUser": 185}, {"fsGroup": None}, {"runAsUser": 0}, {"runAsNonRoot": False}, self.security), 0.3)
        self.field(spec, "topologySpreadConstraints", lambda: self.several(self.constraint, 2), 0.7)
        self.field(spec, "restartPolicy", lambda: "Never", 0.2)
        self.field(spec, "imagePullSecrets", lambda: [{"name": n} for n in ("registry", "mine") if self.chance(0.5)], 0.5)
        self.field(spec, "priority", self.number, 0.5)
        self.field(spec, "preemptionPolicy", lambda: "PreemptLowerPriority", 0.5)
        self.field(spec, "priorityClassName", lambda: self.one("", "mine", "spark-executor", self.number), 0.7)
        self.field(spec, "schedulerName", lambda: self.one("default-scheduler", "", "volcano", "yunikorn"), 0.3)
        self.field(spec, "dnsPolicy", lambda: self.one("ClusterFirst", "Default"), 0.5)
        self.field(spec, "dnsConfig", lambda: self.one(
            {}, {"options": [{"name": "ndots", "value": "5"}]}, {"options": None, "searches": ["a"]}), 0.7)
        self.field(spec, "hostAliases", lambda: [{"ip": self.one("10.0.0.1", "10.0.0.2"), "hostnames": ["b"]}], 0.8)
        self.strangeness(spec)
        return spec

    def pod(self):
        role = self.one("driver", "executor", "executor", "executor")
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": self.metadata(role), "spec": self.spec(role)}
        if self.chance(0.1):
            pod["status"] = {}
        self.strangeness(pod)
        members = list(pod.items())
        if self.chance(0.2):
            self.random.shuffle(members)
        return dict(members)


def pods(seed, count):
    """`count` pods, the same ones for the same seed."""
    generator = _Generator(seed)
    return [generator.pod() for _ in range(count)]
