# SPDX-License-Identifier: Apache-2.0
"""What the webhook port does with good, bad, slow and hostile HTTP."""

import os
import random
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import Connection, ConnectionEnded, request_bytes
from conftest import POLICIES
from reviews import ask, check_answer, dumps, review, sample_pod, told
from wait import poll

STALL_SECONDS = 1.0


@pytest.fixture(scope="module")
def small(serve_session):
    """A server with tight limits, so that reaching them takes no time."""
    return serve_session(
        POLICIES / "labels.yaml", "--threads", "2", "--max-body", "64Ki", "--max-connections", "64",
        "--stall-timeout", "1s", "--idle-timeout", "120s")


@pytest.fixture(scope="module")
def sent():
    return review(sample_pod("executor-pod.json"))


@pytest.fixture(scope="module")
def body(sent):
    return dumps(sent).encode()


def padded(sent, size):
    """The review as exactly `size` bytes, by white space behind it."""
    text = dumps(sent).encode()
    assert len(text) <= size
    return text.ljust(size)


def refused(server, request, status):
    """Sends raw bytes; the answer must have that status and say so in a sentence. Returns the answer."""
    with server.connect() as connection:
        connection.send(request)
        answer = connection.read_response()
    assert answer.status == status, (answer.status, answer.text)
    return answer


# Connections


def test_a_thousand_requests_on_one_connection(small, sent, body):
    with small.connect() as connection:
        for _ in range(1000):
            answer = connection.post("/mutate", body)
            assert answer.status == 200
            assert not answer.closes
        check_answer(sent, answer)


def test_pipelined_requests_are_answered_in_order(small):
    reviews = [review(sample_pod("executor-pod.json")) for _ in range(30)]
    requests = b"".join(request_bytes("POST", "/mutate", body=dumps(r).encode()) for r in reviews)
    with small.connect() as connection:
        connection.send(requests)
        for sent in reviews:
            check_answer(sent, connection.read_response())


def test_pipelined_requests_of_every_fate(small, body):
    wanted = [("POST", "/mutate", body, 200), ("POST", "/nowhere", body, 404), ("POST", "/validate", body, 200),
              ("POST", "/mutate", b"{", 400), ("POST", "/mutate", body, 200)]
    with small.connect() as connection:
        connection.send(b"".join(request_bytes(m, p, body=b) for m, p, b, _ in wanted))
        for _, _, _, status in wanted:
            assert connection.read_response().status == status


def test_a_request_in_single_bytes(small, body):
    request = request_bytes("POST", "/mutate", body=body)
    with small.connect() as connection:
        for i in range(300):
            connection.send(request[i:i + 1])
        connection.send(request[300:])
        assert connection.read_response().status == 200


@pytest.mark.slow
def test_idle_longer_than_the_api_servers_client(serve, sent):
    """Go's HTTP client keeps idle connections for 90 s; ours must live longer, or its next request dies."""
    server = serve(POLICIES / "labels.yaml")
    with server.connect(timeout=200) as connection:
        ask(connection, sent)
        assert not connection.readable(95), "the server ended an idle connection before the client would"
        ask(connection, sent)


def test_idle_connections_end_after_the_idle_timeout(serve, sent):
    server = serve(POLICIES / "labels.yaml", "--idle-timeout", "1s")
    with server.connect() as connection:
        ask(connection, sent)
        assert connection.wait_for_end(10) == b""


def test_http_1_0_and_connection_close(small, body):
    head = f"POST /mutate HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with small.connect() as connection:
        connection.send(head.encode() + body)
        assert connection.read_response().status == 200
        connection.wait_for_end(5)
    with small.connect() as connection:
        answer = connection.post("/mutate", body, {"Connection": "close"})
        assert answer.status == 200 and answer.closes
        connection.wait_for_end(5)


def test_expect_100_continue(small, sent, body):
    request = request_bytes("POST", "/mutate", {"Expect": "100-continue"}, body)
    head = request[:-len(body)]
    with small.connect() as connection:
        connection.send(head)
        assert connection.read_head().status == 100
        connection.send(body)
        check_answer(sent, connection.read_response())


def test_chunked_body(small, sent, body):
    request = request_bytes(
        "POST", "/mutate", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    half = len(body) // 2
    with small.connect() as connection:
        for part in (body[:half], body[half:]):
            request += b"%x\r\n%s\r\n" % (len(part), part)
        connection.send(request + b"0\r\n\r\n")
        check_answer(sent, connection.read_response())
        check_answer(sent, connection.post("/mutate", body))


# What is not a review


def test_unknown_paths(small, body):
    for path in ("/", "/mutate/", "/Mutate", "/metrics", "/livez", "/mutate/../validate", "/%6dutate/x", "//mutate"):
        answer = refused(small, request_bytes("POST", path, body=body), 404)
        assert answer.headers["content-type"].startswith("text/plain")


def test_the_query_is_not_part_of_the_path(small, sent, body):
    """The API server appends ?timeout=10s."""
    for path in ("/mutate?timeout=10s", "/validate?timeout=1s&x=%00"):
        check_answer(sent, small.post(path, body), path.split("?", maxsplit=1)[0])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods(small, method):
    with small.connect() as connection:
        answer = connection.request(method, "/mutate")
        assert answer.status == 405
        assert answer.headers["allow"] == "POST"


def test_content_types(small, sent, body):
    good = ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
    bad = ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", "application/yaml",
           "application/vnd.kubernetes.protobuf", "", None]
    for value in good:
        check_answer(sent, small.post("/mutate", body, {"Content-Type": value}))
    for value in bad:
        answer = refused(small, request_bytes("POST", "/mutate", {"Content-Type": value}, body), 415)
        assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("text", [
    b"null", b"[]", b"\"x\"", b"{}", b'{"kind":"AdmissionReview"}', b"{\"apiVersion\":",
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}',
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}',
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}',
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7}}',
    b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"x","allowed":true}}',
    b'{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"x"}}',
    b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}',
])
def test_bad_json_and_what_is_no_review(small, text):
    for path in ("/mutate", "/validate"):
        answer = small.post(path, text)
        assert answer.status == 400, "never 200 allowed:false for what was not understood"
        assert len(told(answer).split()) > 2, "a sentence that says what is wrong"


def test_an_empty_body(small):
    for path in ("/mutate", "/validate"):
        answer = small.post(path, b"")
        assert (answer.status, answer.text) == (400, "The request has no body.\n")


# Sizes


def test_a_body_of_exactly_the_cap(small, sent):
    check_answer(sent, small.post("/mutate", padded(sent, 64 * 1024)))


def test_a_body_over_the_cap(small, sent):
    answer = small.post("/mutate", padded(sent, 64 * 1024 + 1))
    assert answer.status == 413


def test_a_content_length_over_the_cap_is_refused_before_the_body(small):
    for length in ("131072", "99999999999", "9223372036854775807"):
        refused(small, request_bytes("POST", "/mutate", {
            "Content-Type": "application/json", "Content-Length": length}), 413)


def test_a_chunked_body_over_the_cap(small):
    request = request_bytes(
        "POST", "/mutate", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with small.connect() as connection:
        connection.send(request)
        try:
            for _ in range(64):
                connection.send(chunk)
            connection.send(b"0\r\n\r\n")
        except (OSError, ssl.SSLError):
            pass
        assert connection.read_response().status == 413


def test_a_chunked_body_of_exactly_the_cap(small, sent):
    text = padded(sent, 64 * 1024)
    request = request_bytes(
        "POST", "/mutate", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    with small.connect() as connection:
        connection.send(request + b"10000\r\n" + text + b"\r\n0\r\n\r\n")
        check_answer(sent, connection.read_response())


def test_a_huge_header_is_refused(small):
    with small.connect() as connection:
        try:
            connection.send(request_bytes("POST", "/mutate", {"X-Big": "x" * 1_000_000}, b"{}"))
        except (OSError, ssl.SSLError):
            return
        try:
            assert 400 <= connection.read_response().status < 500
        except ConnectionEnded:
            pass


# Smuggling


def test_content_length_and_transfer_encoding(small):
    refused(small, b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"
                   b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)


@pytest.mark.parametrize("second", ["2", "3", "02", "2, 2"])
def test_two_content_lengths(small, second):
    refused(small, f"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                   f"Content-Length: {second}\r\n\r\n{{}}".encode(), 400)


@pytest.mark.parametrize("length", ["-1", "+2", "0x2", "2 2", "2,2", "two", "", "18446744073709551615",
                                    "18446744073709551616", "99999999999999999999999"])
def test_content_lengths_that_are_no_number(small, length):
    with small.connect() as connection:
        connection.send(f"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {length}\r\n\r\n{{}}".encode())
        assert connection.read_response().status in (400, 413)


@pytest.mark.parametrize("coding", ["gzip, chunked", "chunked, gzip", "xchunked", "identity, chunked"])
def test_other_transfer_encodings_are_refused(small, coding):
    with small.connect() as connection:
        connection.send(f"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        f"Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n".encode())
        assert connection.read_response().status in (400, 501)


@pytest.mark.parametrize("size", [b"-1", b"zz", b"", b"0x4", b"fffffffffffffffffff"])
def test_chunk_sizes_that_are_no_number(small, size):
    with small.connect() as connection:
        connection.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabcd\r\n0\r\n\r\n")
        try:
            assert connection.read_response().status in (400, 413)
        except ConnectionEnded:
            pass


@pytest.mark.parametrize("head", [
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length : 2",
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n folded: 1",
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX: 1\r\n\tContent-Length: 2\r\nContent-Length: 2",
    "POST /mutate HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 2\n",
    "POST /mutate HTTP/1.1\r\nHost: x\nContent-Type: application/json\r\nContent-Length: 2",
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nno colon here\r\nContent-Length: 2",
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n: no name\r\nContent-Length: 2",
    "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX\0Y: 1\r\nContent-Length: 2",
    "POST  /mutate  HTTP/1.1\r\nHost: x\r\nContent-Length: 2", "POST /mutate\r\nHost: x\r\nContent-Length: 2",
    "POST /mutate HTTP/1.1 \r\nHost: x\r\nContent-Length: 2", "POST /mutate HTTP/2.0\r\nHost: x\r\nContent-Length: 2",
    "POST /mutate http/1.1\r\nHost: x\r\nContent-Length: 2", " POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 2",
    "\0POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 2"])
def test_heads_that_readers_could_disagree_about(small, sent, head):
    """A 400 or the end of the connection, and never an answer to what is smuggled behind."""
    smuggled = request_bytes("POST", "/smuggled", body=b"{}")
    with small.connect() as connection:
        connection.send(head.encode() + b"\r\n\r\n{}" + smuggled)
        try:
            assert 400 <= connection.read_response().status < 500
            second = connection.read_response().status
            assert second != 404, "two requests where another reader sees one"
        except ConnectionEnded:
            pass
    ask(small, sent)


def test_bytes_behind_a_body_are_no_part_of_it(small, sent, body):
    with small.connect() as connection:
        connection.send(request_bytes("POST", "/mutate", body=body) + b"garbage\r\n\r\n")
        check_answer(sent, connection.read_response())
        try:
            assert connection.read_response().status == 400
        except ConnectionEnded:
            pass


# Clients that misbehave


def drip(connection, data, seconds):
    """Sends a byte every tenth of a second until the server ends the connection; returns how long that took."""
    start = time.monotonic()
    for i in range(len(data)):
        if connection.readable(0.1):
            connection.wait_for_end(5)
            return time.monotonic() - start
        if time.monotonic() - start > seconds:
            break
        try:
            connection.send(data[i:i + 1])
        except (OSError, ssl.SSLError):
            return time.monotonic() - start
    raise AssertionError(f"the connection lived for {seconds} s")


@pytest.mark.parametrize("part", ["one byte", "header", "dripping header", "body", "dripping body", "chunk"])
def test_slow_clients_are_cut_while_others_are_served(small, sent, body, part):
    request = request_bytes("POST", "/mutate", body=body)
    head_length = len(request) - len(body)
    chunked = request_bytes("POST", "/mutate", {
        "Content-Type": "application/json", "Transfer-Encoding": "chunked"}) + b"1000\r\n{"
    with small.connect() as slow, small.connect() as other:
        start = time.monotonic()
        slow.send({"one byte": request[:1], "header": request[:20], "dripping header": request[:20],
                   "body": request[:head_length + 10], "dripping body": request[:head_length + 10],
                   "chunk": chunked}[part])
        ask(other, sent)
        if part.startswith("dripping"):
            rest = request[20:] if "header" in part else request[head_length + 10:]
            took = drip(slow, rest, 10)
        else:
            slow.wait_for_end(10)
            took = time.monotonic() - start
        assert took >= STALL_SECONDS * 0.9, "cut too early"
        ask(other, sent)


@pytest.mark.slow
def test_an_unfinished_handshake_is_cut(small, sent):
    with Connection(small.address) as slow:
        slow.send(b"\x16\x03\x01\x02\x00\x01")
        slow.wait_for_end(15)
    ask(small, sent)


def test_a_reader_that_does_not_read_is_cut_while_others_are_served(serve, sent):
    """Answers nobody takes must not be kept for ever. The request asks for answers larger than its own text."""
    server = serve(POLICIES / "everything.yaml", "--stall-timeout", "1s")
    stalled = "sparkward_connections_stalled_total"
    pod = sample_pod("executor-pod.json")
    spark = pod["spec"]["containers"][0]
    for i in range(2, 200):
        pod["spec"]["volumes"].append({"name": f"spark-local-dir-{i}", "emptyDir": {}})
        spark["volumeMounts"].append({"name": f"spark-local-dir-{i}", "mountPath": f"/var/data/spark-{i}"})
    request = request_bytes("POST", "/mutate", body=dumps(review(pod)).encode())
    with server.connect(receive_buffer=4096) as slow, server.connect() as other:
        slow.socket.settimeout(0.5)
        try:
            for _ in range(1000):
                slow.send(request)
        except (TimeoutError, OSError, ssl.SSLError):
            pass
        ask(other, sent)
        poll(lambda: server.metric(stalled) >= 1, 20, what="the server cutting the connection")
        ask(other, sent)


def test_half_a_body_and_gone(small, sent, body):
    request = request_bytes("POST", "/mutate", body=body)
    for _ in range(20):
        with small.connect() as connection:
            connection.send(request[:-len(body) // 2])
    ask(small, sent)


def test_resets_at_every_point(small, sent, body):
    request = request_bytes("POST", "/mutate", body=body)
    random.seed(7)
    for _ in range(40):
        connection = small.connect()
        connection.send(request * 3)
        if random.random() < 0.5:
            connection.read_response()
        connection.reset()
    for length in range(0, len(request), len(request) // 20):
        connection = small.connect()
        connection.send(request[:length] or b"P")
        connection.reset()
    ask(small, sent)


@pytest.mark.parametrize("seed", range(10))
def test_garbage_instead_of_http(small, sent, seed):
    garbage = random.Random(seed).randbytes(2000)
    with small.connect() as connection:
        connection.send(garbage + b"\r\n\r\n")
        try:
            assert connection.read_response().status == 400
        except (ConnectionEnded, AssertionError, ValueError):
            connection.close()
    ask(small, sent)


@pytest.mark.parametrize("seed", range(10))
def test_garbage_instead_of_tls(small, sent, seed):
    garbage = random.Random(seed).randbytes(2000)
    with Connection(small.address) as connection:
        connection.send(garbage)
        connection.wait_for_end(15)
    ask(small, sent)


def test_plain_http_on_the_tls_port(small, sent, body):
    with Connection(small.address) as connection:
        connection.send(request_bytes("POST", "/mutate", body=body))
        connection.wait_for_end(15)
    ask(small, sent)


# TLS


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(small, version):
    context = small.certificates.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, OSError)):
        Connection(small.address, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_new_tls_is_served(small, sent, version):
    context = small.certificates.context()
    context.minimum_version = context.maximum_version = version
    with Connection(small.address, context) as connection:
        ask(connection, sent)


def test_only_modern_ciphers(small, sent):
    for ciphers, good in (("ECDHE+AESGCM", True), ("ECDHE+CHACHA20", True), ("AES128-SHA", False), ("kRSA", False),
                          ("ECDHE-ECDSA-AES128-SHA", False), ("DHE", False)):
        context = small.certificates.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        try:
            with Connection(small.address, context) as connection:
                ask(connection, sent)
                assert good, connection.socket.cipher()
        except (OSError, ConnectionEnded):
            assert not good, ciphers


def test_http2_is_not_offered(small, sent):
    context = small.certificates.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Connection(small.address, context) as connection:
        assert connection.socket.selected_alpn_protocol() in ("http/1.1", None)
        ask(connection, sent)


def test_the_http2_preface_is_an_ordinary_bad_request(small, sent):
    with small.connect() as connection:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        try:
            assert connection.read_response().status >= 400
        except (ConnectionEnded, AssertionError):
            connection.close()
    ask(small, sent)


def test_sessions_are_resumed(small, sent):
    context = small.certificates.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Connection(small.address, context) as first:
        ask(first, sent)
        session = first.socket.session
    raw = socket.create_connection(small.address, timeout=10)
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as second:
        assert second.session_reused


# Load


def test_over_the_connection_limit_and_back(serve, sent, body):
    server = serve(POLICIES / "labels.yaml", "--threads", "1", "--max-connections", "4")
    held = [server.connect() for _ in range(4)]
    for connection in held:
        ask(connection, sent)
    for _ in range(10):
        answer = server.post("/mutate", body)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.closes, "a connection over the limit must not stay"
    for connection in held:
        ask(connection, sent)
    assert server.metric("sparkward_http_shed_total") >= 10
    held.pop().close()
    poll(lambda: server.post("/mutate", body).status == 200, 5, what="service after a connection went")
    for connection in held:
        ask(connection, sent)
        connection.close()


def send_or_be_cut(connection, data):
    try:
        connection.send(data)
    except (OSError, ssl.SSLError):
        pass  # the test looks for the end of the connection itself


def test_over_the_budget_the_newest_bodies_are_cut(serve, sent):
    """Three of eight bodies fit into what may be buffered; those who came first are answered."""
    server = serve(POLICIES / "labels.yaml", "--threads", "1", "--max-body", "320Ki",
                   "--max-buffered", "1Mi", "--stall-timeout", "60s")
    request = request_bytes("POST", "/mutate", body=padded(sent, 320 * 1024))
    senders = [server.connect() for _ in range(8)]
    for connection in senders:
        send_or_be_cut(connection, request[:-1])
    for connection in senders[3:]:
        assert connection.wait_for_end(10) == b""
        connection.close()
    for connection in senders[:3]:
        connection.send(request[-1:])
        check_answer(sent, connection.read_response())
        connection.close()
    assert server.metric("sparkward_connections_over_budget_total") == 5
    assert server.metric("sparkward_connections_stalled_total") == 0
    check_answer(sent, server.post("/mutate", padded(sent, 320 * 1024)))


def test_more_clients_than_descriptors_and_back(serve, sent):
    """Out of descriptors the server must neither end nor spin, and serve again when some are free."""
    server = serve(POLICIES / "labels.yaml", "--threads", "1", open_files=40)
    with server.connect() as early:
        ask(early, sent)
        crowd = []
        for _ in range(100):
            raw = socket.socket()
            raw.setblocking(False)
            raw.connect_ex(server.address)
            crowd.append(raw)
        for _ in range(20):
            ask(early, sent)
        cpu = cpu_seconds(server)
        assert not early.readable(1)
        assert cpu_seconds(server) - cpu < 0.5, "busy with nothing"
        for raw in crowd:
            raw.close()
    poll(lambda: serves(server, sent), 10, what="service after the crowd went")


def serves(server, sent):
    """Whether a new connection is served within two seconds."""
    try:
        with server.connect(timeout=2) as connection:
            ask(connection, sent)
            return True
    except (OSError, ConnectionEnded):
        return False


def cpu_seconds(server):
    with open(f"/proc/{server.pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_hostile_bodies_do_not_keep_others_waiting(serve, body):
    """Bodies that are cheap to send and dear to read, on many connections; 503 is an answer when it is too much."""
    server = serve(POLICIES / "everything.yaml", "--threads", "2", "--max-body", "1Mi")
    head = body[:-3]
    bodies = [b"[" + b"0," * 500_000 + b"0]", b"[" * 1_000_000, head + b',"x":[' + b"[]," * 300_000 + b"0]}}",
              b"{" + b",".join(b'"%d":0' % i for i in range(90_000)) + b"}", b'"' + b"\\u0041" * 170_000 + b'"']
    failures, done = [], threading.Event()

    def attack(number):
        try:
            with server.connect(timeout=60) as connection:
                while not done.is_set():
                    assert connection.post("/mutate", bodies[number % len(bodies)]).status in (400, 503)
        except (AssertionError, OSError, ConnectionEnded) as e:
            failures.append(repr(e))

    attackers = [threading.Thread(target=attack, args=(n,)) for n in range(8)]
    for attacker in attackers:
        attacker.start()
    try:
        statuses = []
        for _ in range(20):
            start = time.monotonic()
            statuses.append(server.post("/mutate", body).status)
            assert server.admin("/livez").status == 200
            assert time.monotonic() - start < 5
    finally:
        done.set()
        for attacker in attackers:
            attacker.join()
    assert failures == []
    assert set(statuses) <= {200, 503} and 200 in statuses
    assert server.post("/mutate", body).status == 200


def test_many_clients_at_once(small):
    pods = [sample_pod(n) for n in ("executor-pod.json", "driver-pod.json", "executor-pod-3.1.json")]
    failures = []

    def client(number):
        try:
            with small.connect() as connection:
                for i in range(50):
                    sent = review(pods[(number + i) % 3])
                    ask(connection, sent, ("/mutate", "/validate")[i % 2])
        except Exception as e:  # what went wrong in a thread is told by the test
            failures.append(repr(e))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(client, range(16)))
    assert not failures


def test_new_connections_in_quick_succession(small, sent, body):
    for _ in range(100):
        check_answer(sent, small.post("/mutate", body, {"Connection": "close"}))


# The admin port


def test_admin_port(small):
    for path in ("/livez", "/readyz", "/readyz?verbose"):
        answer = small.admin(path)
        assert answer.status == 200 and answer.body
    metrics = small.admin("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\nsparkward_reviews_total{" in metrics.text
    assert small.admin("/mutate").status == 404
    assert small.admin("/livez", "POST").status == 405


def test_every_metric_is_described_once(small):
    lines = small.admin("/metrics").text.splitlines()
    described = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(described) == len(set(described))
    series = [line.rpartition(" ")[0] for line in lines if not line.startswith("#")]
    assert len(series) == len(set(series))
    for one in series:
        name = one.split("{")[0]
        assert any(name in (d, d + "_bucket", d + "_sum", d + "_count") for d in described), one


def test_answers_are_counted(serve, body):
    server = serve(POLICIES / "labels.yaml")
    with server.connect() as connection:
        for _ in range(3):
            connection.post("/mutate", body)
        connection.post("/validate", body)
        connection.post("/mutate", b"{")
        connection.post("/nowhere", b"")
    assert server.metric('sparkward_reviews_total{endpoint="mutate",verdict="patched"}') == 3
    assert server.metric('sparkward_reviews_total{endpoint="validate",verdict="allowed"}') == 1
    assert server.metric('sparkward_http_responses_total{code="2xx"}') == 4
    assert server.metric('sparkward_http_responses_total{code="400"}') == 1
    assert server.metric('sparkward_http_responses_total{code="404"}') == 1
    assert server.metric("sparkward_connections_total") == 1
    assert server.metric('sparkward_review_duration_seconds_count{endpoint="mutate"}') == 4
    poll(lambda: server.metric("sparkward_connections_closed_total") == 1, 5)


def test_threads_share_the_connections(serve, sent):
    """With several loops every connection is served, whichever loop gets it."""
    server = serve(POLICIES / "labels.yaml", "--threads", "4")
    connections = [server.connect() for _ in range(32)]
    for connection in connections:
        ask(connection, sent)
        connection.close()
