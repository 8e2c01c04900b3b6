# SPDX-License-Identifier: Apache-2.0
"""A stream of pod creations: executors as Spark made them, created without pause by several threads.

A creation that the API server fails to make (5xx) is tried again, as every controller does, and
every failure is kept: tests count them. The pods name a scheduler that nobody runs, so that
neither the scheduler nor a node has work with them.
"""

import itertools
import threading

from wait import poll

from bed.api import Refused
from bed.pods import spark_pod

CREATIONS = 1000  # of a whole test
THREADS = 4
# For one creation, tries and all; and for the stream to get somewhere.
CREATION_DEADLINE = 30.0
STREAM_DEADLINE = 60.0


def is_mutated(pod):
    """Whether an executor has what the default policy gives it: an annotation, a place and neighbours it avoids."""
    affinity = pod["spec"].get("affinity", {})
    return ("cluster-autoscaler.kubernetes.io/safe-to-evict" in pod["metadata"].get("annotations", {})
            and "nodeAffinity" in affinity and "podAntiAffinity" in affinity)


class Stream:
    """Use as a context manager: it ends, every creation with it, when the block does."""

    def __init__(self, api, namespace, threads=THREADS):
        self.pods = api.pods(namespace)
        self.created = []  # names, in the order in which the creations ended
        self.failures = []  # what the API server said each time that it failed
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._turns = [0] * threads
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, thread):
        while not self._stop.is_set():
            self._create(f"stream-{next(self._numbers)}")
            self._turns[thread] += 1

    def _create(self, name):
        pod = spark_pod("executor", name)

        def is_created():
            try:
                return self.pods.create(pod)
            except Refused as e:
                if e.code < 500:
                    raise
                self.failures.append(e.message)
                return None
        poll(is_created, CREATION_DEADLINE, what=f"pod {name} to be created")
        self.created.append(name)

    def reach(self, count):
        """Waits until so many creations have ended."""
        self._wait(lambda: len(self.created) >= count, f"{count} creations")

    def go_on(self, more):
        """Waits until so many creations more have ended."""
        self.reach(len(self.created) + more)

    def turn_over(self):
        """Waits until every creation that is under way now has ended."""
        before = list(self._turns)
        self._wait(lambda: all(now > was for now, was in zip(self._turns, before)), "a creation of every thread")

    def _wait(self, condition, what):
        def check():
            assert all(t.is_alive() for t in self._threads), f"a creation failed for good: {self.failures[-1:]}"
            return condition()
        poll(check, STREAM_DEADLINE, what=what)

    def spoilt(self):
        """{name: "lost"} of what was created and is not stored, {name: "not mutated"} of what is as it was sent."""
        stored = {pod["metadata"]["name"]: pod for pod in self.pods.list()}
        return ({name: "lost" for name in self.created if name not in stored}
                | {name: "not mutated" for name, pod in stored.items() if not is_mutated(pod)})
