# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: the binary, certificates, running servers."""

import itertools
import pathlib

import pytest
import server as server_module
from server import ROOT, Certificates, Server

POLICIES = pathlib.Path(__file__).parent / "policies"
DEFAULT_POLICY = ROOT / "policies" / "library" / "default.yaml"


def pytest_collection_modifyitems(items):
    """Long tests first, so that two workers end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def binary():
    if not server_module.BINARY.exists():
        pytest.exit(f"{server_module.BINARY} is not built; set SPARKWARD_BINARY", returncode=2)
    return server_module.BINARY


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certs"))


@pytest.fixture(scope="session")
def serve_session(tmp_path_factory, certificates):
    """serve_session(policies, *flags, …) → a server that lives as long as the session."""
    yield from _servers(tmp_path_factory.mktemp("servers"), certificates)


@pytest.fixture
def serve(tmp_path, certificates):
    """serve(policies, *flags, certificates=…, env=…, open_files=…) → a running server, stopped and checked after the test."""
    yield from _servers(tmp_path, certificates)


def _servers(folder, default_certificates):
    numbers = itertools.count()
    started = []

    def start(policies=POLICIES / "everything.yaml", *flags, certificates=None, **options):
        stderr = folder / f"stderr-{next(numbers)}.txt"
        one = Server(policies, certificates or default_certificates, stderr, *flags, **options)
        started.append(one)
        return one.start()

    yield start
    problems = []
    for one in started:
        try:
            one.stop()
        except AssertionError as e:
            problems.append(str(e))
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def server(serve_session):
    """A server with a policy that uses every mutation, shared by the tests that leave it as it was."""
    return serve_session(POLICIES / "everything.yaml", "--threads", "2")


@pytest.fixture(scope="session")
def default_server(serve_session):
    """A server with the policy that is shipped as the default."""
    return serve_session(DEFAULT_POLICY, "--threads", "2")


@pytest.fixture(scope="session")
def strict_server(serve_session):
    """A server whose policy only validates."""
    return serve_session(POLICIES / "validation.yaml")
