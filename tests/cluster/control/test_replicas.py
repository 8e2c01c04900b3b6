# SPDX-License-Identifier: Apache-2.0
"""Two replicas that must answer, and one goes, by force or in peace, while 1,000 executors are created."""

import pathlib
import signal

from bed.sparkward import DEFAULT_POLICY, failure_policy, reviews_answered
from bed.stream import CREATIONS, Stream
from wait import poll

NOTICED = 30.0
END = 30.0


def waits_for(replica):
    """Whether a connection to this replica holds bytes that it has not read."""
    local = f"{replica.address[1]:04X}"
    rows = (line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(row[1].endswith(f":{local}") and row[3] == "01" and not row[4].endswith(":00000000") for row in rows)


def test_a_replica_killed_with_requests_under_way_costs_tries_and_no_pod(install, control, record_property):
    two = install(replicas=2, change=failure_policy("Fail"))
    with Stream(control.api, two.namespace) as stream:
        stream.reach(CREATIONS // 3)
        victim = max(two.replicas, key=reviews_answered)
        # A kill between two requests would show nothing: this one takes a request with it.
        victim.signal(signal.SIGSTOP)
        try:
            poll(lambda: waits_for(victim), NOTICED, what="a review that the stopped replica has not read")
        finally:
            victim.kill()
        # Somebody notices, as kubelet would at its next probe; until then new connections are refused.
        poll(lambda: stream.failures, NOTICED, what="a creation that needs another try")
        two.remove_endpoint(victim)
        stream.reach(CREATIONS)
    assert stream.spoilt() == {}
    assert all(".sparkward.dev" in text for text in stream.failures), stream.failures
    record_property("figure", f"replica of two killed under {len(stream.created)} pod creations: "
                    f"{len(stream.failures)} second tries, 0 lost, 0 left unmutated")


def end_in_peace(installation, replica):
    """What kubelet and the endpoint slice controller do with a pod that is deleted."""
    replica.signal(signal.SIGTERM)
    installation.remove_endpoint(replica)
    replica.wait(END)


def test_a_rolling_restart_needs_no_second_try(install, control, record_property):
    # Long enough for the API server to hear of the endpoint's end, and for connections to be told to go.
    peaceful = ("--drain-delay", "500ms", "--drain-timeout", "1s")
    two = install(DEFAULT_POLICY, *peaceful, replicas=2, change=failure_policy("Fail"))
    with Stream(control.api, two.namespace) as stream:
        for replica in two.replicas:
            stream.go_on(CREATIONS // 10)
            end_in_peace(two, replica)
            # The other one alone has to do it for a while.
            stream.go_on(CREATIONS // 10)
            # It is asked from when the API server needs another connection: when the next one goes.
            replica.start()
            two.add_endpoint(replica)
        stream.reach(CREATIONS)
        assert reviews_answered(two.replicas[0]) > 0, "who came back first had to take over"
    assert stream.failures == []
    assert stream.spoilt() == {}
    record_property("figure", f"rolling restart of two replicas under {len(stream.created)} pod creations: "
                    "0 second tries, 0 lost, 0 left unmutated")
