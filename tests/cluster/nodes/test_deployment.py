# SPDX-License-Identifier: Apache-2.0
"""Sparkward as pods behind its Service, asked by the API server."""

from bed.deployment import NAME
from bed.service import SYSTEM
from wait import poll


def test_two_replicas_run_on_two_nodes_and_nothing_restarts_them(sparkward):
    pods = sparkward.pods()
    assert len({pod["spec"]["nodeName"] for pod in pods}) == 2
    for pod in pods:
        status, = pod["status"]["containerStatuses"]
        assert status["ready"] and status["restartCount"] == 0
        assert [line["msg"] for line in sparkward.log(pod) if line["level"] in ("warn", "error")] == []


def test_every_pod_is_changed_while_the_deployment_is_rolled_out(sparkward, cluster):
    with sparkward.registered():
        old = {pod["metadata"]["name"] for pod in sparkward.pods()}
        cluster.control.kubectl("rollout", "restart", f"deployment/{NAME}", f"--namespace={SYSTEM}")

        def is_replaced():
            assert sparkward.is_asked(), "a pod went by unchanged"
            return old.isdisjoint(pod["metadata"]["name"] for pod in sparkward.pods())
        poll(is_replaced, 90, what="the end of the old pods")
        assert sum(map(sparkward.reviews, sparkward.pods())) > 0
