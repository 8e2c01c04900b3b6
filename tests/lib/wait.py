# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition with a deadline: the only way a test may let time pass."""

import time


def poll(condition, deadline=10.0, every=0.02, what=""):
    """Returns the first true value of condition(); fails the test after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what or condition}")
        time.sleep(every)
