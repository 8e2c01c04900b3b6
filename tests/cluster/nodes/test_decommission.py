# SPDX-License-Identifier: Apache-2.0
"""An executor that is taken away gets the time that the policy gives it, and saves its shuffle data in it."""

import datetime

from bed import job

MAPS, REDUCES = 8, 4
# Longer than the grace period that the user asks for, many times shorter than the policy's.
REDUCE_SECONDS = 8
USERS_OWN_GRACE = 1
CONF = {
    "spark.decommission.enabled": "true",
    "spark.storage.decommission.enabled": "true",
    "spark.storage.decommission.replicationReattemptInterval": "1s",
    "spark.kubernetes.executor.label.example.com/decommission": "true",
    "spark.kubernetes.executor.terminationGracePeriodSeconds": f"{USERS_OWN_GRACE}s",
}


def test_a_deleted_executor_ends_by_itself_and_no_map_is_computed_again(cluster, sparkward):
    namespace = job.namespace(cluster.control, "decommission")
    cluster.api.core("configmaps", namespace).create({"metadata": {"name": "rules"}, "data": {"rules.csv": ""}})
    with sparkward.registered():
        one = job.Job(cluster, namespace, "decommission", (MAPS, REDUCES, 0.2, REDUCE_SECONDS), CONF).submit()
        victim = one.wait_running_executors()[0]["metadata"]["name"]
        one.wait_stage_complete(0)
        # Each executor has begun a reduce, which takes longer than the user's own grace period.
        one.wait(lambda: len(one.running_tasks(1)) == 2, "two running reduces")
        deleted = one.pods.delete(victim)
        last = one.pods.watch_until_gone(victim, since=deleted, deadline=100)
        result = one.result()
    assert deleted["metadata"]["deletionGracePeriodSeconds"] == 90
    status, = last["status"]["containerStatuses"]
    terminated = status["state"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (0, "Completed"), "it was not killed"
    asked = _time(deleted["metadata"]["deletionTimestamp"]) - datetime.timedelta(seconds=90)
    assert _time(terminated["finishedAt"]) - asked > datetime.timedelta(seconds=USERS_OWN_GRACE)
    assert result["sums"] == job.expected_sums(MAPS)
    assert "in stage 0.1" not in one.log(), "a map was computed again: its shuffle data was lost"


def _time(text):
    return datetime.datetime.fromisoformat(text)
