# SPDX-License-Identifier: Apache-2.0
"""Ending: nothing that was asked goes unanswered, and it does not take for ever."""

import signal
import threading
import time

import pytest
from client import Connection, ConnectionEnded, request_bytes
from conftest import POLICIES
from reviews import ask, dumps, review, sample_pod
from wait import poll

RATE, CLIENTS = 500, 10


@pytest.fixture(scope="module")
def body():
    return dumps(review(sample_pod("executor-pod.json"))).encode()


class SteadyClient(threading.Thread):
    """Asks at a steady pace, as the API server would; what it sent and got no answer for is lost."""

    def __init__(self, server, body, interval, wanted, keep=True):
        super().__init__()
        self.server, self.interval, self.wanted, self.keep = server, interval, wanted, keep
        self.request = request_bytes("POST", "/mutate", body=body)
        self.answered, self.lost, self.closes_seen = 0, [], 0
        self.pace = threading.Event()  # never set: a clock to wait on

    def run(self):
        connection = None
        due = time.monotonic()
        while self.answered < self.wanted and not self.lost:
            if connection is None:
                connection = self._connect()
                if connection is None:
                    return
            connection = self._ask(connection)
            due += self.interval
            self.pace.wait(max(0.0, due - time.monotonic()))

    def _connect(self):
        """None when the server takes no connections any more: the API server would go to another replica."""
        try:
            return Connection(self.server.address, self.server.context)
        except (OSError, ConnectionEnded):
            return None

    def _ask(self, connection):
        """The connection, or None when the server said that this was its last answer."""
        try:
            connection.send(self.request)
            answer = connection.read_response()
        except (OSError, ConnectionEnded) as e:
            self.lost.append(repr(e))
            return None
        # Whoever connects anew for every request can overload the server: 503 is an answer, too.
        if answer.status != 200 and (self.keep or answer.status != 503):
            self.lost.append(f"{answer.status} {answer.text}")
        self.answered += 1
        self.closes_seen += answer.closes
        if answer.closes or not self.keep:
            connection.close()
            return None
        return connection


def end_under_load(serve, body, seconds_before):
    server = serve(POLICIES / "everything.yaml", "--threads", "2", "--drain-delay", "1s", "--drain-timeout", "10s")
    clients = [SteadyClient(server, body, CLIENTS / RATE, 10_000) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    enough = RATE * seconds_before
    poll(lambda: sum(c.answered for c in clients) >= enough, 60, what="the load to run")
    start = time.monotonic()
    server.signal(signal.SIGTERM)
    server.wait(15)
    took = time.monotonic() - start
    for client in clients:
        client.join()
    assert [lost for c in clients for lost in c.lost] == []
    assert sum(c.closes_seen for c in clients) >= 1, "clients must be told to go"
    assert sum(c.answered for c in clients) > enough
    assert 0.9 <= took <= 11.5, "after the delay, within the timeout"


def test_sigterm_under_load_loses_nothing(serve, body):
    end_under_load(serve, body, 1)


def test_clients_that_always_come_back_lose_nothing_when_time_is_up(serve, body):
    """New connections without end: the server must stop taking them before it stops answering."""
    server = serve(POLICIES / "labels.yaml", "--threads", "2", "--drain-delay", "0s", "--drain-timeout", "2s")
    clients = [SteadyClient(server, body, 0, 100_000, keep=False) for _ in range(12)]
    for client in clients:
        client.start()
    poll(lambda: sum(c.answered for c in clients) >= 200, 60, what="the load to run")
    server.signal(signal.SIGTERM)
    server.wait(10)
    for client in clients:
        client.join()
    assert [lost for c in clients for lost in c.lost] == []


@pytest.mark.slow
def test_sigterm_under_load_loses_nothing_twenty_times(serve, body):
    for _ in range(20):
        end_under_load(serve, body, 2)


def test_readyz_says_so_at_once_and_requests_are_still_answered(serve):
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "2s", "--drain-timeout", "10s")
    sent = review(sample_pod("executor-pod.json"))
    assert server.admin("/readyz").status == 200
    with server.connect() as held:
        ask(held, sent)
        start = time.monotonic()
        server.signal(signal.SIGTERM)
        poll(lambda: server.admin("/readyz").status == 503, 1, what="readyz 503")
        assert server.admin("/livez").status == 200, "ending is no reason to be killed"
        ask(held, sent)
        if time.monotonic() - start < 1.5:
            ask(server, sent)  # a new connection, of a client that does not know yet
    server.wait(12)


def test_an_idle_connection_stays_until_the_drain_timeout(serve):
    """Closing it earlier would lose the request that is perhaps on its way."""
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "0s", "--drain-timeout", "3s")
    with server.connect() as idle:
        ask(idle, review(sample_pod("executor-pod.json")))
        server.signal(signal.SIGTERM)
        assert not idle.readable(2)
        server.wait(5)
        assert idle.wait_for_end(5) == b""


def test_half_a_body_and_sigterm(serve, body):
    """The rest of a request that has begun is waited for and answered."""
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "0s", "--drain-timeout", "10s")
    request = request_bytes("POST", "/mutate", body=body)
    with server.connect() as connection:
        connection.send(request[:-100])
        ask(server, review(sample_pod("executor-pod.json")))
        server.signal(signal.SIGTERM)
        poll(lambda: server.admin("/readyz").status == 503, 5)
        connection.send(request[-100:])
        answer = connection.read_response()
        assert answer.status == 200 and answer.closes
    server.wait(12)


def test_half_a_body_that_never_ends_does_not_hold_the_server(serve, body):
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "0s", "--drain-timeout", "2s", "--stall-timeout", "30s")
    with server.connect() as connection:
        connection.send(request_bytes("POST", "/mutate", body=body)[:-100])
        start = time.monotonic()
        server.signal(signal.SIGTERM)
        server.wait(10)
        assert time.monotonic() - start < 6, "the drain timeout, a second of grace, and a busy machine"


def test_sigint_ends_quickly(serve):
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "30s", "--drain-timeout", "30s")
    with server.connect() as idle:
        ask(idle, review(sample_pod("executor-pod.json")))
        server.signal(signal.SIGINT)
        server.wait(5)


def test_a_second_sigterm_ends_the_waiting(serve):
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "30s", "--drain-timeout", "60s")
    server.signal(signal.SIGTERM)
    poll(lambda: server.admin("/readyz").status == 503, 5)
    server.signal(signal.SIGINT)
    server.wait(5)


def test_signals_right_after_the_start(serve):
    for _ in range(5):
        server = serve(POLICIES / "labels.yaml", "--drain-delay", "0s", "--drain-timeout", "1s")
        server.signal(signal.SIGTERM)
        server.wait(5)


def test_the_end_is_in_the_log(serve):
    server = serve(POLICIES / "labels.yaml", "--drain-delay", "0s", "--drain-timeout", "1s")
    before = len(server.log())
    server.signal(signal.SIGTERM)
    server.wait(5)
    assert len(server.log()) > before
