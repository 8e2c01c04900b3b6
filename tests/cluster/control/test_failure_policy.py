# SPDX-License-Identifier: Apache-2.0
"""Nobody answers, or not yet, or no longer: failurePolicy decides, and afterwards all is as before."""

import signal

import pytest
from bed.api import Refused
from bed.pods import spark_pod
from bed.sparkward import DEFAULT_POLICY, failure_policy
from bed.stream import Stream, is_mutated
from wait import poll

MUTATE, VALIDATE = "mutate.sparkward.dev", "validate.sparkward.dev"
POLICIES = [
    # of the mutating webhook, of the validating one, and who refuses when nobody answers
    ("Ignore", "Ignore", None),
    ("Fail", "Ignore", MUTATE),
    ("Ignore", "Fail", VALIDATE),
]
END = 30.0


def hasty(webhook):
    webhook["timeoutSeconds"] = 1


def set_policies(one, mutating, validating):
    wanted = {MUTATE: mutating, VALIDATE: validating}
    one.reconfigure(lambda webhook: webhook.update(failurePolicy=wanted[webhook["name"]]))


def must_be_stored_untouched(pods, name):
    pods.create(spark_pod("executor", name))
    stored = pods.get(name)
    assert "annotations" not in stored["metadata"]
    assert "affinity" not in stored["spec"]


def must_be_refused(pods, name, webhook):
    with pytest.raises(Refused) as refused:
        pods.create(spark_pod("executor", name))
    assert refused.value.code == 500
    assert f'failed calling webhook "{webhook}"' in refused.value.message
    assert pods.find(name) is None


def must_go_by_failure_policy(one):
    """Creates an executor for every combination of policies while nobody answers."""
    pods = one.api.pods(one.namespace)
    for mutating, validating, refuser in POLICIES:
        set_policies(one, mutating, validating)
        name = f"{mutating}-{validating}".lower()
        if refuser:
            must_be_refused(pods, name, refuser)
        else:
            must_be_stored_untouched(pods, name)


def must_be_mutated(one, name):
    assert is_mutated(one.api.pods(one.namespace).create(spark_pod("executor", name)))


def test_the_server_is_down(install):
    one = install(change=hasty)
    one.replicas[0].kill()
    must_go_by_failure_policy(one)
    one.replicas[0].start()
    must_be_mutated(one, "afterwards")


def test_the_server_stands_still(install):
    one = install(change=hasty)
    one.replicas[0].signal(signal.SIGSTOP)
    try:
        must_go_by_failure_policy(one)
    finally:
        one.replicas[0].signal(signal.SIGCONT)
    must_be_mutated(one, "afterwards")


def test_the_server_is_drained_and_nobody_takes_over(install):
    one = install(DEFAULT_POLICY, "--drain-delay", "2s", "--drain-timeout", "0s", change=hasty)
    set_policies(one, "Fail", "Fail")
    replica = one.replicas[0]
    replica.signal(signal.SIGTERM)
    poll(lambda: replica.admin("/readyz").status == 503, what="a replica that says it will go")
    must_be_mutated(one, "on-the-way-out")
    one.remove_endpoint(replica)
    replica.wait(END)
    must_go_by_failure_policy(one)
    replica.start()
    one.add_endpoint(replica)
    one.wait_asked()
    must_be_mutated(one, "afterwards")


def test_with_fail_a_restart_lets_nothing_past(install):
    one = install(change=failure_policy("Fail"))
    with Stream(one.api, one.namespace) as stream:
        stream.go_on(20)
        one.replicas[0].stop()
        poll(lambda: stream.failures, what="a creation that is refused")
        one.replicas[0].start()
        stream.go_on(20)
    assert all(f'failed calling webhook "{MUTATE}"' in text or f'failed calling webhook "{VALIDATE}"' in text
               for text in stream.failures)
    assert stream.spoilt() == {}


def test_with_ignore_a_restart_stops_nothing(install):
    one = install(change=failure_policy("Ignore"))
    with Stream(one.api, one.namespace) as stream:
        stream.go_on(20)
        one.replicas[0].stop()
        stream.go_on(20)
        one.replicas[0].start()
        stream.turn_over()
        since_it_is_back = len(stream.created)
        stream.go_on(20)
    assert stream.failures == []
    spoilt = stream.spoilt()
    assert set(spoilt.values()) == {"not mutated"}
    assert not spoilt.keys() & set(stream.created[since_it_is_back:])
