# SPDX-License-Identifier: Apache-2.0
"""A real Spark job on real nodes: spark-submit in cluster mode, and what became of it."""

import json
import os
import re
import time

import requests
from wait import poll

from bed import images, programs

SUBMIT_DEADLINE = 120.0
END_DEADLINE = 180.0
SERVICE_ACCOUNT = "spark"
SCRIPT = "local:///opt/jobs/shuffle.py"


def namespace(control, name):
    """A namespace in which drivers may make executors, as Spark's documentation has it."""
    control.namespace(name)
    control.api.core("serviceaccounts", name).create({"metadata": {"name": SERVICE_ACCOUNT}})
    control.api.group("rbac.authorization.k8s.io/v1", "rolebindings", name).create({
        "metadata": {"name": SERVICE_ACCOUNT},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": SERVICE_ACCOUNT, "namespace": name}]})
    return name


class Job:
    """One application in a namespace: shuffle.py with these arguments."""

    def __init__(self, cluster, namespace, name, arguments, conf=None):
        self.cluster = cluster
        self.api = cluster.api
        self.namespace = namespace
        self.name = name
        self.arguments = [str(a) for a in arguments]
        self.driver_name = f"{name}-driver"
        self.conf = self._conf() | (conf or {})
        self.pods = self.api.pods(namespace)

    def _conf(self):
        control = self.cluster.control
        return {
            "spark.kubernetes.namespace": self.namespace,
            "spark.kubernetes.authenticate.driver.serviceAccountName": SERVICE_ACCOUNT,
            "spark.kubernetes.authenticate.submission.caCertFile": control.ca,
            "spark.kubernetes.authenticate.submission.oauthToken": control.tokens["admin"],
            "spark.kubernetes.submission.waitAppCompletion": "false",
            # Nothing here serves the cluster IP of the Service kubernetes.
            "spark.kubernetes.driver.master": control.url,
            "spark.kubernetes.driver.pod.name": self.driver_name,
            "spark.kubernetes.container.image": images.SPARK,
            "spark.kubernetes.container.image.pullPolicy": "Never",
            # The test reads what becomes of executors.
            "spark.executor.instances": 2,
            "spark.driver.memory": "512m", "spark.executor.memory": "512m",
            "spark.kubernetes.driver.request.cores": "0.1", "spark.kubernetes.executor.request.cores": "0.1",
        }

    def submit(self):
        """Runs spark-submit; the driver's pod is there when it has ended."""
        self.begin = time.monotonic()
        home = programs.pyspark(images.SERIES) / "pyspark"
        # Spark's client would read a KUBECONFIG of the caller's.
        environment = {k: v for k, v in os.environ.items() if k != "KUBECONFIG"} | {"SPARK_HOME": str(home)}
        submit = self.cluster.run.start(f"spark-submit-{self.namespace}-{self.name}", [
            home / "bin" / "spark-submit", "--master", f"k8s://{self.cluster.control.url}", "--deploy-mode", "cluster",
            "--name", self.name, *(word for k, v in self.conf.items() for word in ("--conf", f"{k}={v}")),
            SCRIPT, *self.arguments], env=environment)
        status = submit.process.wait(SUBMIT_DEADLINE)
        assert status == 0, submit.log_end()
        return self

    def driver(self):
        return self.pods.get(self.driver_name)

    def executors(self):
        return self.pods.list(labelSelector="spark-role=executor")

    def wait_running_executors(self, count=2):
        """The executors, once so many run."""
        def running():
            found = [pod for pod in self.executors() if pod["status"]["phase"] == "Running"]
            return found if len(found) == count else None
        return self.wait(running, "running executors")

    def events(self, pod):
        """What Kubernetes has to say about a pod."""
        return self.api.core("events", self.namespace).list(fieldSelector=f"involvedObject.name={pod}")

    def probes(self, kind):
        """How often the kubelet has asked the driver, by result; kind: Liveness or Startup."""
        node = self.driver()["spec"]["nodeName"]
        text = self.api.request("GET", f"/api/v1/nodes/{node}/proxy/metrics/probes")
        counts = dict.fromkeys(("successful", "failed", "unknown"), 0)
        for line in text.splitlines():
            if line.startswith("prober_probe_total{") and f'pod="{self.driver_name}"' in line and (
                    f'probe_type="{kind}"' in line):
                counts[re.search(r'result="(\w+)"', line)[1]] += int(float(line.rpartition(" ")[2]))
        return counts

    def wait_stage_complete(self, number):
        """Waits until the driver's UI calls a stage complete."""
        self.wait(lambda: any(s["stageId"] == number and s["status"] == "COMPLETE" for s in self.ui("stages")),
                  f"the end of stage {number}")

    def running_tasks(self, stage):
        """The tasks of a stage that run now."""
        return self.ui(f"stages/{stage}/0/taskList", status="running")

    def ui(self, path, **query):
        """A list of the REST API of the driver's UI; empty as long as there is none."""
        url = f"http://{self.driver()['status']['podIP']}:4040/api/v1/applications"
        try:
            application = requests.get(url, timeout=5).json()[0]["id"]
            answer = requests.get(f"{url}/{application}/{path}", params=query, timeout=5)
            return answer.json() if answer.ok else []
        except (requests.RequestException, IndexError):
            # Not there yet, or not yet with an application.
            return []

    def wait(self, condition, what, deadline=END_DEADLINE):
        """Polls while the driver lives; when it does not get there, its log says why."""
        def check():
            end = self.end()
            value = condition()
            if not value and end:
                raise AssertionError(f"the driver ended before: {what}")
            return value
        try:
            return poll(check, deadline, every=0.1, what=what)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.log_end()}") from None

    def result(self):
        """Waits for the end of the driver; the last line of its log."""
        phase = self.wait(self.end, "the driver's end")
        self.seconds = time.monotonic() - self.begin
        assert phase == "Succeeded", self.log_end()
        return json.loads(next(line for line in reversed(self.log().splitlines()) if line.startswith("{")))

    def end(self):
        """The phase in which the driver has ended."""
        phase = self.driver()["status"]["phase"]
        return phase if phase in ("Succeeded", "Failed") else None

    def log(self):
        return self.api.request("GET", f"/api/v1/namespaces/{self.namespace}/pods/{self.driver_name}/log")

    def log_end(self, lines=40):
        """The end of the driver's log; of its node's kubelet, when it has none."""
        try:
            return "\n".join([f"--- end of {self.driver_name}'s log", *self.log().splitlines()[-lines:]])
        except Exception as e:  # noqa: BLE001 - whatever it is, the test fails with what it knows
            node = self.driver()["spec"].get("nodeName")
            about = self.cluster.node(node).kubelet.log_end() if node else json.dumps(self.driver()["status"], indent=1)
            return f"--- no log of {self.driver_name}: {e}\n{about}"


def expected_sums(maps, keys=97):
    """What the job has to find, counted without a shuffle."""
    sums = {str(key): 0 for key in range(keys)}
    for i in range(maps):
        for j in range(1000):
            sums[str(i * j % keys)] += i
    return sums
