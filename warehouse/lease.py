"""Who may write: one process at a time, by a kernel lock.

Belongs here: taking the lease, naming its owner, and clearing what a killed owner left. Does not: what is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb

from warehouse.errors import HomeError, LeaseHeld, NoRoom
from warehouse.files import UNFINISHED, is_no_room, no_room
from warehouse.home import Home


@contextlib.contextmanager
def writing(home: Home, purpose: str) -> Iterator[None]:
    """Hold the writer lease. Raises LeaseHeld in well under a second if another living process has it.

    The lock is the kernel's on the lease file, so a killed owner's lease is free by itself; the file's text (pid, host,
    start, purpose) only serves to name the owner.
    """
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(home.lease, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise HomeError(f"cannot write to the home {home.root}: {error}. Choose another with UPDRAFT_HOME.") from error
    try:
        if not _locked(handle):
            owner = os.pread(handle, 4096, 0).decode("utf-8", "replace").strip() or "an unnamed process"
            raise LeaseHeld(
                f"another writer holds {home.root}: {owner}. Wait for it, or end that process; nothing was changed."
            )
        text = json.dumps(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "start": datetime.now(UTC).isoformat(timespec="seconds"),
                "purpose": purpose,
            }
        )
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)
        _remove_leftovers(home)
        yield
        os.ftruncate(handle, 0)
    except (OSError, duckdb.Error) as error:
        if not is_no_room(error):
            raise
        raise NoRoom(no_room(str(error), home.root)) from error
    finally:
        os.close(handle)


def _remove_leftovers(home: Home) -> None:
    """Remove what killed processes left: files of :func:`atomic_write` whose process is gone, and DuckDB's spill.

    A fetch lands its packs without the lease, so a file whose process lives is left alone.
    """
    for folder in (home.root, home.temp, home.refusals, home.dagster, *home.landing.glob("*/")):
        for path in folder.glob(".*"):
            unfinished = UNFINISHED.fullmatch(path.name)
            if unfinished and not is_alive(int(unfinished[1])):
                path.unlink(missing_ok=True)
    for spill in home.temp.glob("duckdb_temp_*"):
        spill.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _locked(handle: int) -> bool:
    """Take the kernel's lock, or say that it is held. ``lease_owner`` holds it for an instant, hence the patience."""
    for pause in (0.05, 0.1, 0.0):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(pause)
    return False


def lease_owner(home: Home) -> str | None:
    """The text of the living owner of the lease, or None when it is free."""
    if not home.lease.exists():
        return None
    handle = os.open(home.lease, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 4096, 0).decode("utf-8", "replace")
    finally:
        os.close(handle)
    return None
