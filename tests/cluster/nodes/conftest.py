# SPDX-License-Identifier: Apache-2.0
"""What the tests on real nodes share: the cluster, and Sparkward on it."""

import contextlib
import os
import pathlib

import pytest
from bed import images, programs
from bed.cluster import Cluster
from bed.deployment import Deployment
from bed.sandbox import Sandbox
from bed.sparkward import DEFAULT_POLICY

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session")
def cluster(run):
    """Three nodes. This process is in their network, so that it reaches pods by their addresses."""
    with contextlib.ExitStack() as stack:
        try:
            programs.prepare("nodes")
            images.store()
            sandbox = stack.enter_context(Sandbox(run))
        except programs.Unavailable as e:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(e))
        stack.enter_context(sandbox.joined())
        yield Cluster(run, sandbox).start()


@pytest.fixture(scope="session")
def sparkward(cluster, tmp_path_factory):
    """Sparkward's pods, with the policies that are shipped and those of these tests; nobody asks them yet."""
    deployment = Deployment(cluster, tmp_path_factory.mktemp("sparkward"))
    return deployment.start(HERE / "sparkward.yaml", [DEFAULT_POLICY, HERE / "policy.yaml"])
