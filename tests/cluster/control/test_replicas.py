# SPDX-License-Identifier: Apache-2.0
"""Two replicas, and one of them goes: by force, or in peace, while 1,000 executors are created."""

import pytest

from bed.stream import Stream

CREATIONS = 1000


def must_answer(webhook):
    webhook["failurePolicy"] = "Fail"


@pytest.fixture
def pair(install):
    # Long enough for the endpoint's end to be known; then clients are asked to go.
    return install("--drain-delay", "500ms", "--drain-timeout", "1s", replicas=2, change=must_answer)


def test_a_replica_that_is_killed_costs_tries_but_no_pod(install, control, record_property):
    two = install(replicas=2, change=must_answer)
    victim = two.replicas[0]
    with Stream(control.api, two.namespace) as stream:
        stream.reach(CREATIONS // 3)
        victim.kill()
        # kubelet's next probe fails, and the endpoint is gone.
        two.remove_endpoint(victim)
        stream.reach(CREATIONS)
    assert stream.lost() == set()
    assert stream.unmutated() == []
    assert all("mutate.sparkward.dev" in text or "validate.sparkward.dev" in text for text in stream.failures)
    record_property("figure", f"a replica of two killed under {len(stream.ended)} pod creations: "
                    f"{len(stream.failures)} second tries, 0 pods lost, 0 left unmutated")
