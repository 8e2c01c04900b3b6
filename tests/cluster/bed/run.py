# SPDX-License-Identifier: Apache-2.0
"""One run of a bed: a number that no other run on this machine has, and from it folder, ports and names.

The number is held by a lock that the kernel takes back with the process, so what an interrupted
run left (its folder, its cgroups: all else ends with it) is known for dead, and swept by the next.

    python -m bed.run     sweeps what interrupted runs have left
"""

import fcntl
import hashlib
import os
import pathlib
import socket
import subprocess

import children
from wait import poll

from bed import cache, cgroups

RUNS = 32
KEPT = "kept"  # a file in the folder of a run that is to be looked at
FIRST_PORT = 21000  # below the range from which the kernel takes the ports of outgoing connections
PORTS_EACH = 300


def _runs():
    folder = cache.folder() / "runs"
    folder.mkdir(exist_ok=True)
    return folder


class Run:
    """Use as a context manager. Programs that it starts end with it, or with the process."""

    def __init__(self):
        self.programs = {}
        self._lock = None

    def __enter__(self):
        for number in range(RUNS):
            if self._take(number):
                break
        else:
            raise RuntimeError(f"{RUNS} beds are running already: see {_runs()}")
        self._ports = iter(range(FIRST_PORT + self.number * PORTS_EACH, FIRST_PORT + (self.number + 1) * PORTS_EACH))
        self.sweep()
        self.folder.mkdir()
        return self

    def _take(self, number):
        """Makes this the run of a number; False when it is somebody else's."""
        try:
            self._lock = open(_runs() / f"{number}.lock", "w", encoding="ascii")
        except PermissionError:
            return False
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            return False
        self._name(number)
        return True

    def _name(self, number):
        self.number = number
        self.folder = _runs() / str(number)
        # Numbers are those of a cache; cgroups are the whole machine's.
        of_cache = hashlib.sha256(os.fsencode(_runs())).hexdigest()[:8]
        self.name = f"sparkward-bed-{of_cache}-{number}"

    def __exit__(self, *_):
        for program in reversed(list(self.programs.values())):
            program.kill()
        if os.environ.get("SPARKWARD_BED_KEEP"):
            (self.folder / KEPT).touch()
        else:
            self.sweep()
        self._lock.close()

    @classmethod
    def numbered(cls, number):
        """Somebody else's run, to look at."""
        one = cls()
        one._name(number)
        return one

    @classmethod
    def sweep_ended(cls):
        """Sweeps the runs whose process has ended, in whatever way."""
        for number in range(RUNS):
            one = cls()
            if one._take(number):
                if not (one.folder / KEPT).exists():
                    one.sweep()
                one._lock.close()

    def sweep(self):
        """Removes what is in the file system of a run that has ended."""
        cgroups.remove(self.name)
        cache.remove(self.folder)

    def remains(self):
        """What is there of this run on the machine, in words: nothing, when it has ended."""
        found = [f"cgroup {top}" for top in cgroups.tops(self.name)]
        found += [f"mount {line.split()[4]}" for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
                  if f"{self.folder}/" in line]
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"/{self.name}/" in (process / "cgroup").read_text() or (
                        f"{self.folder}/" in (process / "cmdline").read_text(errors="replace")):
                    found.append(f"process {process.name}: {(process / 'cmdline').read_text(errors='replace')[:80]!r}")
            except OSError:
                pass  # it has ended meanwhile
        return found

    def port(self, address="127.0.0.1"):
        """A port that nobody listens on; never the same twice in a run."""
        for port in self._ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError:
                    continue
            return port
        raise RuntimeError(f"no free port left in run {self.number}")

    def start(self, name, command, **options):
        """Starts a program whose output goes to its log; see Program."""
        assert name not in self.programs, f"{name} has been started already"
        program = Program(name, command, self.folder / f"{name}.log", **options)
        self.programs[name] = program
        return program


class Program:
    """A running program with a log of its own."""

    def __init__(self, name, command, log, **options):
        self.name = name
        self.log = log
        with open(log, "ab") as out:
            self.process = children.start(command, stdout=out, stderr=out, **options)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def wait_until(self, condition, deadline, what):
        """Polls; fails with the end of this program's log when it ends before, or does not get there in time."""
        def check():
            if not self.is_running():
                raise AssertionError(f"{self.name} ended with {self.process.returncode}\n{self.log_end()}")
            return condition()
        try:
            return poll(check, deadline, every=0.05, what=what)
        except AssertionError as e:
            if "ended with" in str(e):
                raise
            raise AssertionError(f"{e}\n{self.log_end()}") from None

    def wait_end(self, deadline):
        """Waits until it has ended, and fails with the end of its log when it ended badly or not in time."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            code = "no end"
        assert code == 0, f"{self.name}: {code} after at most {deadline} s\n{self.log_end()}"

    def log_end(self, lines=40):
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f"--- end of {self.name}'s log", *text])

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Ends it at once, stopped or not, and waits for its end."""
        self.process.kill()
        self.process.wait()


if __name__ == "__main__":
    Run.sweep_ended()
