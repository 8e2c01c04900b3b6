# SPDX-License-Identifier: Apache-2.0
"""What the tests on a real Kubernetes share: the bed, and installations of Sparkward on it."""

import contextlib
import itertools
import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from bed import programs, sparkward  # noqa: E402
from bed.control import ControlPlane  # noqa: E402
from bed.run import Run  # noqa: E402


def pytest_configure():
    # Ended by a signal, a run still takes its bed down: as it does on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def run():
    with Run() as one:
        yield one
    if not os.environ.get("SPARKWARD_BED_KEEP"):
        assert one.remains() == []


@pytest.fixture(scope="session")
def control(run):
    """The control plane with fake nodes; one for all tests, which use namespaces of their own."""
    try:
        programs.prepare("cluster")
        plane = ControlPlane(run).start()
    except programs.Unavailable as e:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(e))
    plane.start_kwok()
    plane.api.core("namespaces").create({"metadata": {"name": sparkward.SYSTEM}})
    # Those that the policies of the tests name.
    for number, name in enumerate(("spark-driver", "spark-executor"), 1):
        plane.api.group("scheduling.k8s.io/v1", "priorityclasses").create(
            {"metadata": {"name": name}, "value": -number, "preemptionPolicy": "Never"})
    return plane


@pytest.fixture(scope="session")
def audited(control):
    """A namespace whose pods are in the audit log with everything; see AUDIT_POLICY."""
    return control.namespace("audited")


_numbers = itertools.count(1)


@contextlib.contextmanager
def _installer(control, folder):
    def new(policies=sparkward.DEFAULT_POLICY, *flags, replicas=1, binary=sparkward.BINARY, names=None,
            **registered):
        number = next(_numbers)
        mine = folder / f"sparkward-{number}"
        mine.mkdir()
        one = sparkward.Installation(control, str(number), mine, names)
        made.callback(one.stop)
        one.start(policies, *flags, replicas=replicas, binary=binary)
        return one.register(**registered).wait_asked()

    with contextlib.ExitStack() as made:
        yield new


@pytest.fixture
def install(control, tmp_path):
    """install(policies, *flags, replicas=1, change=…, url=False) → an Installation that is asked; gone after the test."""
    with _installer(control, tmp_path) as new:
        yield new


@pytest.fixture(scope="module")
def install_shared(control, tmp_path_factory):
    """The same for all tests of a file: what takes long to happen is looked at by several of them."""
    with _installer(control, tmp_path_factory.mktemp("shared")) as new:
        yield new
