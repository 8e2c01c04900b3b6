# SPDX-License-Identifier: Apache-2.0
"""Where what is slow to make is kept between runs: $SPARKWARD_BED, by default ~/.cache/sparkward/bed.

Every entry is a file or folder whose name holds its version. It is made under another name and
renamed when it is whole, under a lock: runs side by side wait for one another, and an interrupted
run leaves nothing that is taken for finished. What nobody has used for a month goes when something is made.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import time
import tomllib

UNUSED_SECONDS = 30 * 24 * 3600
VERSIONS = tomllib.loads((pathlib.Path(__file__).parents[1] / "versions.toml").read_text())


def folder():
    """The cache's folder, made when it is missing."""
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sparkward" / "bed"
    path = pathlib.Path(os.environ.get("SPARKWARD_BED") or default)
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


@contextlib.contextmanager
def locked(path):
    """Holds the lock of a name; the kernel lets go of it when the process ends."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made(name, make):
    """The path of the entry `name`; when it is missing, make(path) has to create it at that path."""
    entry = folder() / name
    if entry.exists():
        with contextlib.suppress(PermissionError):
            os.utime(entry)
        return entry
    with locked(entry.with_name(f".{name}.lock")):
        if not entry.exists():
            begin = time.monotonic()
            print(f"making {name}", flush=True)
            unfinished = entry.with_name(f".{entry.name}.unfinished")
            remove(unfinished)
            make(unfinished)
            unfinished.rename(entry)
            _remove_unused()
            print(f"made {name} in {time.monotonic() - begin:.0f} s", flush=True)
    return entry


def _remove_unused():
    for entry in folder().iterdir():
        # Another run may be as far as this.
        with contextlib.suppress(FileNotFoundError):
            if entry.name != "runs" and entry.stat().st_mtime < time.time() - UNUSED_SECONDS:
                remove(entry)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
