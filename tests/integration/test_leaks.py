# SPDX-License-Identifier: Apache-2.0
"""A long life: memory that grows, files that stay open and leaks at the end."""

import os
import pathlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import request_bytes
from files import replace
from reviews import dumps, review, sample_pod
from test_reload import OK, POLICY, generation
from wait import poll

PIPELINED = 10
SAMPLES = ["executor-pod.json", "driver-pod.json", "executor-pod-pvc-ondemand.json", "service-driver.json"]


def resident_kib(server):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.pid}/status").read_text())[1])


def open_files(server):
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def ask_many(server, total):
    """`total` requests, some of them bad, pipelined on a new connection every 1,000."""
    good = [request_bytes("POST", "/mutate", body=dumps(review(sample_pod(s))).encode()) for s in SAMPLES]
    bad = [request_bytes("POST", "/mutate", body=b'{"a":'), request_bytes("POST", "/nowhere", body=b"x"), request_bytes("GET", "/mutate")]
    batch = [*bad, *(good * PIPELINED)[len(bad):PIPELINED]]
    text = b"".join(batch)
    statuses = None
    for _ in range(total // 1000):
        with server.connect(timeout=60) as connection:
            for _ in range(1000 // PIPELINED):
                connection.send(text)
                got = [connection.read_response().status for _ in batch]
                statuses = statuses or got
                assert got == statuses
    assert set(statuses) == {200, 400, 404, 405}


def live(serve, tmp_path, requests, reloads):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.format("g0"))
    # Freed memory that the sanitizer keeps back would look like growth.
    server = serve(policy, "--threads", "2", env={"ASAN_OPTIONS": "detect_leaks=1:exitcode=99:quarantine_size_mb=1"})

    def reload(number):
        replace(policy, POLICY.format(f"g{number}"))
        poll(lambda: generation(server) == f"g{number}", 10, what=f"reload {number}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: ask_many(server, requests // 8), range(2)))
        for number in range(1, 1 + reloads // 4):
            reload(number)
        memory, files = resident_kib(server), open_files(server)
        running = [pool.submit(ask_many, server, requests * 3 // 8) for _ in range(2)]
        for number in range(1 + reloads // 4, 1 + reloads):
            reload(number)
        for one in running:
            one.result()
    poll(lambda: open_files(server) <= files, 10, what="closed connections giving back their files")
    grown = resident_kib(server) - memory
    assert grown < max(memory * 0.1, 8192), f"{grown} KiB more than the {memory} KiB after warming up"
    assert server.metric(OK) >= reloads
    server.stop()  # LeakSanitizer speaks here


def test_a_short_life(serve, tmp_path):
    live(serve, tmp_path, 8_000, 8)


@pytest.mark.slow
def test_a_hundred_thousand_requests_and_a_hundred_reloads(serve, tmp_path):
    live(serve, tmp_path, 104_000, 100)
