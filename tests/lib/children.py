# SPDX-License-Identifier: Apache-2.0
"""Programs that end with the process that started them, however that one ends."""

import ctypes
import os
import signal
import subprocess

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


def _end_with(parent):
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before this
        os._exit(1)


def start(command, **options):
    """subprocess.Popen, but the kernel kills the program when the thread that called this has ended."""
    parent = os.getpid()
    return subprocess.Popen([os.fspath(word) for word in command], stdin=subprocess.DEVNULL,
                            preexec_fn=lambda: _end_with(parent), **options)


def run(command, **options):
    """Runs a program to its end; as start(). The result has returncode, stdout and stderr as text."""
    with start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as process:
        stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
