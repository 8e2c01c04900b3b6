# SPDX-License-Identifier: Apache-2.0
"""JSON is read as RFC 8259 has it: every case stands inside an otherwise real review."""

import json

import jsoncases
import pytest
from reviews import check_answer, dumps, review, sample_pod, told

PLACE = "the value under test"
# The value stands in request.object.metadata.unknown, so four objects are around it.
OUTER_LEVELS = 4


def _template(member=None):
    pod = sample_pod("executor-pod.json")
    if member is None:
        pod["metadata"]["unknown"] = PLACE
    sent = review(pod)
    if member is not None:
        pod["metadata"][member] = [PLACE]
    return sent, dumps(sent).encode().split(f'"{PLACE}"'.encode())


@pytest.fixture
def connection(server):
    with server.connect(timeout=30) as one:
        yield one


@pytest.fixture(scope="module")
def place():
    sent, (before, after) = _template()
    return sent, lambda value: before + value + after


def wrong_answers(connection, cases, status):
    """Names of the cases that were not answered with `status`; the same connection for all."""
    wrong = []
    for name, body in cases:
        answer = connection.post("/mutate", body)
        if answer.status != status:
            wrong.append(f"{answer.status} for {name}")
        # Without a body it is no review at all, and the answer is HTTP's.
        if answer.status == 400 and body:
            assert told(answer).isprintable()
        assert not answer.closes, f"the connection ended after {name}"
    return wrong


def test_the_cases_are_what_they_claim(place):
    """Python's own parser knows most of the grammar: a typing mistake in a case shows here."""
    _, put = place
    assert len(jsoncases.accepted()) >= 90
    assert len(jsoncases.rejected()) >= 180
    for name, value in jsoncases.accepted():
        try:
            json.loads(put(value))
        except ValueError as e:
            raise AssertionError(name) from e
    names = [name for name, _ in jsoncases.accepted() + jsoncases.rejected()]
    assert len(names) == len(set(names))
    # What Python takes and we do not, by intention: see the head of jsoncases.
    on_purpose = ("lone surrogate", "duplicate key", "object", "number", "invalid UTF-8")
    for name, value in jsoncases.rejected():
        try:
            json.loads(put(value))
        except ValueError:
            continue
        assert name.startswith(on_purpose), name


def test_what_the_rfc_allows_is_accepted(connection, place):
    sent, put = place
    assert wrong_answers(connection, [(n, put(v)) for n, v in jsoncases.accepted()], 200) == []
    check_answer(sent, connection.post("/mutate", put(b"1")))


def test_what_the_rfc_forbids_is_refused(connection, place):
    _, put = place
    assert wrong_answers(connection, [(n, put(v)) for n, v in jsoncases.rejected()], 400) == []


def test_the_same_where_the_tree_is_left_out(connection):
    """managedFields is skipped while reading, and still has to be JSON."""
    _, (before, after) = _template("managedFields")
    good = [(n, before + v + after) for n, v in jsoncases.accepted()]
    bad = [(n, before + v + after) for n, v in jsoncases.rejected() if v.strip(b" ")]
    assert wrong_answers(connection, good, 200) == []
    assert wrong_answers(connection, [c for c in bad if not c[0].startswith("nothing")], 400) == []


def test_whole_documents(connection):
    document = dumps(review(sample_pod("driver-pod.json"))).encode()
    assert wrong_answers(connection, jsoncases.documents_accepted(document), 200) == []
    assert wrong_answers(connection, jsoncases.documents_rejected(document), 400) == []


def test_every_prefix_of_a_review_is_refused(connection):
    document = dumps(review(sample_pod("executor-pod-3.1.json"))).encode()
    prefixes = [(f"the first {n} bytes", document[:n]) for n in range(0, len(document), 7)]
    assert wrong_answers(connection, prefixes, 400) == []


@pytest.mark.parametrize("kind", ["list", "object"])
def test_depth(connection, place, kind):
    _, put = place
    left = jsoncases.DEPTH_MAX - OUTER_LEVELS
    assert connection.post("/mutate", put(jsoncases.nested(left, kind))).status == 200
    assert connection.post("/mutate", put(jsoncases.nested(left + 1, kind))).status == 400
    assert connection.post("/mutate", put(jsoncases.nested(10_000, kind))).status == 400


def test_number_of_values(connection, place):
    _, put = place
    few = b"[" + b",".join([b"0"] * (jsoncases.VALUES_MAX - 2000)) + b"]"
    many = b"[" + b",".join([b"0"] * (jsoncases.VALUES_MAX + 1)) + b"]"
    assert connection.post("/mutate", put(few)).status == 200
    assert connection.post("/mutate", put(many)).status in (400, 413)
    keys = b"{" + b",".join(b'"%d":0' % i for i in range(jsoncases.VALUES_MAX + 1)) + b"}"
    assert connection.post("/mutate", put(keys)).status in (400, 413)


def test_many_keys_take_no_quadratic_time(connection, place):
    """Looking for duplicates among 60,000 keys must not take seconds."""
    _, put = place
    keys = b"{" + b",".join(b'"key-%d":0' % i for i in range(60_000)) + b"}"
    connection.socket.settimeout(5)
    assert connection.post("/mutate", put(keys)).status == 200
    connection.socket.settimeout(30)


def test_the_server_is_well_afterwards(server, place):
    sent, put = place
    check_answer(sent, server.post("/mutate", put(b"{}")))
    assert server.admin("/livez").status == 200
