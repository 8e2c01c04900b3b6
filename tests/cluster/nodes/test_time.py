# SPDX-License-Identifier: Apache-2.0
"""What Sparkward costs a job: the same one with and without it, in turns. Results are judged, times are told."""

import contextlib

from bed import job

MAPS, REDUCES = 8, 4
TURNS = 2


def test_the_same_job_with_and_without(cluster, sparkward, record_property):
    seconds = {True: [], False: []}
    namespace = job.namespace(cluster.control, "turns")
    cluster.api.core("configmaps", namespace).create({"metadata": {"name": "rules"}, "data": {"rules.csv": ""}})
    for turn in range(TURNS):
        for with_it in (True, False):
            with sparkward.registered() if with_it else contextlib.nullcontext():
                one = job.Job(cluster, namespace, f"turn-{turn}-{str(with_it).lower()}", (MAPS, REDUCES, 0.5, 0.5))
                result = one.submit().result()
            assert result["sums"] == job.expected_sums(MAPS)
            assert ("cost-centre" in one.driver()["metadata"]["labels"]) == with_it
            seconds[with_it].append(one.seconds)
    record_property("figure", "a Spark job on real nodes, from spark-submit to the driver's end: "
                    f"{_all(seconds[True])} s with Sparkward, {_all(seconds[False])} s without")


def _all(values):
    return " and ".join(f"{v:.1f}" for v in values)
