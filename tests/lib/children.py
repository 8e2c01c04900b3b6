# SPDX-License-Identifier: Apache-2.0
"""Programs that end with the process that started them, however that one ends."""

import ctypes
import os
import signal
import subprocess

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


def _end_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, **options):
    """subprocess.Popen, but the kernel kills the program when the thread that called this has ended."""
    return subprocess.Popen(
        [os.fspath(word) for word in command], stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent, **options)
