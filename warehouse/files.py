"""Files that are whole or not there: writing, hashing, and saying that a disk is full.

Belongs here: what any file of a home needs. Does not: which file lies where (``home``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from pathlib import Path

import duckdb

from warehouse.errors import NoRoom

UNFINISHED = re.compile(r"\..+\.(\d+)\.\d+")  # the names that atomic_write gives: the process stands in them
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def atomic_write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write beside, fsync, rename, fsync the folder: after a crash the file is old or new, never partial.

    Raises NoRoom when the disk is full, OSError for anything else.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.rename(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if not is_no_room(error):
            raise
        raise NoRoom(no_room(f"{path}: {error.strerror}", path.parent)) from error
    fsync_folder(path.parent)


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_no_room(error: OSError | duckdb.Error) -> bool:
    """Whether a write failed for want of room. DuckDB has no exception just for that; it quotes the system's words."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return any(os.strerror(number) in str(error) for number in _NO_ROOM)


def no_room(what: str, place: Path) -> str:
    """The words for it."""
    return (
        f"no room to write: {what}. Make room on the disk of {place} and run again; what was landed is kept, and what "
        "was published is served as before."
    )
