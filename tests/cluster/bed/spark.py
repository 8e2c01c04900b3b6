# SPDX-License-Identifier: Apache-2.0
"""Real Spark of several versions: spark-submit to a control plane, and drivers in client mode on this machine."""

import os
import sys

from bed import cache, programs

SERIES = tuple(cache.VERSIONS["spark"])
# Spark's own deadline for what it asks of the API server is 10 s; JVMs on a busy machine take as long to start.
SUBMIT_DEADLINE = 120.0
# What a JVM that lives for seconds does well without.
SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def start_submit(control, series, namespace, name, application, *, mode="cluster", conf=()):
    """Starts spark-submit as a Program. `application`: what follows the options, `conf`: a dict."""
    home = programs.pyspark(series) / "pyspark"
    authenticate = f"spark.kubernetes.authenticate{'.submission' if mode == 'cluster' else ''}"
    own = {
        "spark.kubernetes.namespace": namespace,
        "spark.kubernetes.container.image": f"registry.example.com/spark:{cache.VERSIONS['spark'][series]}",
        f"{authenticate}.oauthToken": control.tokens["admin"],
        f"{authenticate}.caCertFile": control.ca,
        # The pod is all that is wanted; nobody runs it.
        "spark.kubernetes.submission.waitAppCompletion": "false",
    }
    options = [word for key, value in (own | dict(conf)).items() for word in ("--conf", f"{key}={value}")]
    command = [home / "bin" / "spark-submit", "--master", f"k8s://{control.url}", "--deploy-mode", mode, "--name", name]
    return control.run.start(f"{name}-{series}-{namespace}", [*command, *options, *application],
                             env=_environment(control.run.folder, home))


def start_driver(control, series, namespace, name, application, conf=()):
    """Starts a driver in client mode: it runs here, its executors are pods."""
    return start_submit(control, series, namespace, name, application, mode="client", conf={
        "spark.driver.host": control.advertised, "spark.ui.enabled": "false", **dict(conf)})


def _environment(folder, home):
    """The caller's, without what would tell Spark of other clusters and other Sparks."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "KUBE", "PYSPARK_", "HADOOP_"))}
    configuration, scratch = folder / "spark-conf", folder / "spark-tmp"
    for path in (configuration, scratch):
        path.mkdir(exist_ok=True)
    return kept | {
        "SPARK_HOME": str(home), "SPARK_CONF_DIR": str(configuration), "PYSPARK_PYTHON": sys.executable,
        "SPARK_SUBMIT_OPTS": f"{SHORT_LIVED} -Djava.io.tmpdir={scratch}",
        # Its Kubernetes client reads ~/.kube/config as well.
        "KUBERNETES_AUTH_TRYKUBECONFIG": "false"}
