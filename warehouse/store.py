"""Paths of a home, the writer lease, and the only calls of ``duckdb.connect``.

Belongs here: where things lie and who may write. Does not: what is in the tables.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

STORAGE_PRIVATE = "v1.5.0"  # older formats silently replay a stale WAL left beside a replaced file
STORAGE_PUBLISHED = "v1.0.0"  # so that DuckDB clients from 1.0 to 2.0 open it
REPO = Path(__file__).resolve().parent.parent
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNFINISHED = re.compile(r"\..+\.(\d+)\.\d+")  # the names that atomic_write gives: the process stands in them


class HomeError(Exception):
    """The home cannot be used as asked: wrong mode, not writable, stray files. Says which and what to do."""


class LeaseHeld(HomeError):
    """Another process writes. Names it."""


class NoRoom(HomeError):
    """The disk (or a quota, or a limit of file size) has no room. Names the file; nothing published was touched."""


class BrokenBuild(HomeError):
    """The private build file cannot be opened. It was set aside; everything in it can be rebuilt from landing."""


@dataclass(frozen=True)
class Home:
    """One home per vendors mode. All paths of the warehouse, none outside ``root``."""

    root: Path

    @classmethod
    def default(cls, slug: str) -> Home:
        """``$UPDRAFT_HOME`` if set, else ``warehouse/data/<slug>`` of this checkout."""
        moved = os.environ.get("UPDRAFT_HOME")
        return cls((Path(moved) if moved else REPO / "warehouse" / "data" / slug).absolute())

    @property
    def landing(self) -> Path:
        """Immutable vendor bytes, one folder per dataset."""
        return self.root / "landing"

    @property
    def build(self) -> Path:
        """The private database: raw facts and the candidate marts. Can be deleted at any time."""
        return self.root / "build.duckdb"

    @property
    def seal(self) -> Path:
        """sha256 of the build file as the last finished compute left it; absent while anything may be writing it."""
        return self.root / "build.sha256"

    @property
    def generations(self) -> Path:
        """Published generations, one folder each."""
        return self.root / "generations"

    @property
    def current(self) -> Path:
        """The one symlink that decides what readers see."""
        return self.root / "current"

    @property
    def door(self) -> Path:
        """What readers open: always the catalog ``updraft``, whatever the generation."""
        return self.root / "updraft.duckdb"

    @property
    def refusals(self) -> Path:
        """Why candidates were refused, newest last."""
        return self.root / "refused"

    @property
    def temp(self) -> Path:
        """Spill of DuckDB and notes between steps; what a killed process left of the first is removed by the next writer."""
        return self.root / "tmp"

    @property
    def earlier(self) -> Path:
        """The last build as of an earlier moment than what is served: shown once, never served."""
        return self.temp / "earlier"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def lease(self) -> Path:
        """The writer lease."""
        return self.root / "lease.json"

    def prepare(self, vendors: str) -> None:
        """Create the folders; record the vendors mode at first use and refuse another later. Raises HomeError."""
        mode = self.root / "home.json"
        try:
            for folder in (self.landing, self.generations, self.refusals, self.temp, self.dagster):
                folder.mkdir(parents=True, exist_ok=True)
            if not mode.exists():
                atomic_write(mode, json.dumps({"vendors": vendors}).encode())
        except OSError as error:
            raise HomeError(
                f"cannot write to the home {self.root}: {error}. Choose another with UPDRAFT_HOME."
            ) from error
        try:
            recorded = json.loads(mode.read_text())["vendors"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise HomeError(
                f'{mode} is unreadable ({error!r}). It must hold {{"vendors": "<mode>"}}; write there the '
                "mode of this home's landing."
            ) from error
        if recorded != vendors:
            raise HomeError(
                f"the home {self.root} belongs to vendors {recorded!r}; this run wants {vendors!r}. "
                "Sample and real data never share a home: unset UPDRAFT_HOME or point it to another folder."
            )


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
        if not _is_no_room(error):
            raise
        raise NoRoom(_no_room(str(error), home.root)) from error
    finally:
        os.close(handle)


def _remove_leftovers(home: Home) -> None:
    """Remove what killed processes left: files of :func:`atomic_write` whose process is gone, and DuckDB's spill.

    A fetch lands its packs without the lease, so a file whose process lives is left alone.
    """
    for folder in (home.root, home.temp, home.refusals, home.dagster, *home.landing.glob("*/")):
        for path in folder.glob(".*"):
            unfinished = _UNFINISHED.fullmatch(path.name)
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


def quoted(identifier: str) -> str:
    """The one way an identifier gets into SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def limits(home: Home) -> dict[str, str | bool | int | float | list[str]]:
    """Settings that every connection gets."""
    return {
        "memory_limit": os.environ.get("UPDRAFT_MEMORY", "2GB"),
        "threads": os.environ.get("UPDRAFT_THREADS", str(min(4, os.cpu_count() or 2))),
        "temp_directory": str(home.temp),
        "max_temp_directory_size": os.environ.get("UPDRAFT_MAX_TEMP", "20GB"),
    }


@contextlib.contextmanager
def build_session(home: Home, path: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A short read-write session on the private build file. The caller holds the lease. Ends with CHECKPOINT and close.

    A damaged file is set aside under ``broken/`` and BrokenBuild is raised, whether opening or a later read finds it:
    the next run starts a new one and fills it from landing, so there is no crash loop. A WAL left by a killed session
    is dropped.
    """
    target = path or home.build
    seal, before = _break_seal(home), _stamp(target)
    con = _open_build(home, target)
    try:
        con.execute("SET TimeZone = 'UTC'")
        yield con
        con.execute("CHECKPOINT")
    except duckdb.Error as error:
        if not _is_damage(error):
            raise
        con.close()
        raise BrokenBuild(_set_aside(home, target, error)) from error
    finally:
        con.close()
    if seal and _stamp(target) == before:  # nothing was written
        atomic_write(home.seal, seal)


@contextlib.contextmanager
def sealing(home: Home) -> Iterator[None]:
    """Around whatever finishes the build file: afterwards its sha256 is kept, so that ``read_build`` finds any flipped bit.

    DuckDB's own checksums are looked at only when a block is read: in blocks that no table uses a third of all bits may lie.
    """
    if home.build.with_name(home.build.name + ".wal").exists():
        with build_session(home):
            pass  # drops the WAL
    _break_seal(home)
    yield
    atomic_write(home.seal, file_sha256(home.build).encode())


def _break_seal(home: Home) -> bytes | None:
    """Remove the seal before the build file is written; returns what it said."""
    said = home.seal.read_bytes() if home.seal.exists() else None
    home.seal.unlink(missing_ok=True)
    return said


def _stamp(path: Path) -> tuple[int, int] | None:
    """(size, time of the last write), or None without a file."""
    if not path.exists():
        return None
    now = path.stat()
    return now.st_size, now.st_mtime_ns


def _open_build(home: Home, target: Path) -> duckdb.DuckDBPyConnection:
    config = limits(home) | ({} if target.exists() else {"storage_compatibility_version": STORAGE_PRIVATE})
    try:
        duckdb.connect(":memory:", config=config).close()
    except duckdb.Error as error:
        raise HomeError(
            f"DuckDB refuses {config}: {error}. Correct UPDRAFT_MEMORY, UPDRAFT_THREADS or UPDRAFT_MAX_TEMP."
        ) from error
    if target.exists() and not os.access(target, os.R_OK | os.W_OK):
        raise HomeError(f"{target} may not be written by this user; the build file is private. Check its owner.")
    try:
        with _without_wal(target):
            return duckdb.connect(str(target), config=config)
    except duckdb.ConnectionException as error:
        raise LeaseHeld(f"{target} is open in this process with other settings: {error}") from error
    except duckdb.Error as error:
        if "Could not set lock on file" in str(error):
            raise LeaseHeld(
                f"{target} is open elsewhere: {error}. Close that program; the build file is private."
            ) from error
        if not target.parent.is_dir():
            raise HomeError(f"{target.parent} is not a folder: {error}") from error
        raise BrokenBuild(_set_aside(home, target, error)) from error


@contextlib.contextmanager
def _without_wal(target: Path) -> Iterator[None]:
    """Open the build file as its last checkpoint left it: what a killed session wrote to the WAL is not replayed.

    Landing has all of it, and DuckDB merges some WALs silently that are damaged or belong to another file. When opening
    fails, because the file is in use, its WAL is where it was.
    """
    wal = target.with_name(target.name + ".wal")
    unread = wal.with_name(wal.name + ".unread")
    if wal.exists():
        wal.rename(unread)
    try:
        yield
    except BaseException:
        if unread.exists():
            unread.rename(wal)
        raise
    unread.unlink(missing_ok=True)


def _is_no_room(error: OSError | duckdb.Error) -> bool:
    """Whether a write failed for want of room. DuckDB has no exception just for that; it quotes the system's words."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return any(os.strerror(number) in str(error) for number in _NO_ROOM)


def _no_room(what: str, place: Path) -> str:
    return (
        f"no room to write: {what}. Make room on the disk of {place} and run again; what was landed is kept, and what "
        "was published is served as before."
    )


def _is_damage(error: duckdb.Error) -> bool:
    """Whether a statement failed because of what the file holds. DuckDB has no exception just for a bad checksum.

    A full disk is no damage: the last checkpoint still stands in the file, and a copy under ``broken/`` would fill it up.
    """
    if _is_no_room(error):
        return False
    unusable = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
    return isinstance(error, unusable) or (
        isinstance(error, duckdb.IOException)
        and any(sign in str(error) for sign in ("Corrupt", "Could not read enough bytes"))
    )


def _set_aside(home: Home, target: Path, error: Exception) -> str:
    aside = home.root / "broken" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside.mkdir(parents=True)
    for file in (target, target.with_name(target.name + ".wal")):
        if file.exists():
            shutil.move(file, aside / file.name)
    return f"the build file could not be opened ({error}); set aside in {aside}. Run again: it is rebuilt from landing."


def reader(path: Path) -> duckdb.DuckDBPyConnection:
    """A hardened connection for readers: read-only, no file or network access, configuration locked.

    Raises HomeError when there is nothing to open or a WAL lies beside it (DuckDB would merge a stray WAL silently).
    """
    if not path.exists():
        raise HomeError(f"nothing is published at {path}. Run: updraft run")
    real = path.resolve()
    for wal in {path.with_name(path.name + ".wal"), real.with_name(real.name + ".wal")}:
        if wal.exists():
            raise HomeError(f"{wal} lies beside a published file; somebody opened it for writing. See: updraft doctor")
    con = duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    try:
        # Global, because connections of one process to one file share an instance: the first locks it for all.
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        con.execute("SET GLOBAL lock_configuration = true")
    except duckdb.InvalidInputException:
        locked = con.execute("SELECT current_setting('lock_configuration'), current_setting('TimeZone')").fetchone()
        if locked != (True, "UTC"):
            con.close()
            raise
    return con


def connect(
    home: Home, path: Path, *, read_only: bool = False, storage: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with this home's limits and UTC. ``storage`` is the format of a file that does not exist yet."""
    new = {"storage_compatibility_version": storage} if storage and not path.exists() else {}
    con = duckdb.connect(str(path), read_only=read_only, config=limits(home) | new)
    con.execute("SET TimeZone = 'UTC'")
    return con


def attach(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach another database read-only under ``name``. ATTACH takes no parameters, hence the literal."""
    literal = str(path).replace("'", "''")
    con.execute(f"ATTACH '{literal}' AS {quoted(name)} (READ_ONLY)")


def read_build(home: Home) -> list[str]:
    """Compare the build file with its seal and read every table once: DuckDB checks blocks as it reads them.

    One line per problem. Without a seal (the last run did not finish) only what tables use is checked.
    """
    if not home.build.exists():
        return []
    mend = "Delete it and run again: it is rebuilt from landing."
    if home.seal.exists() and home.seal.read_text() != file_sha256(home.build):
        return [f"{home.build}: its bytes are not those that the last run left. {mend}"]
    try:
        con = connect(home, home.build, read_only=True)
    except duckdb.Error as error:
        return [f"{home.build}: cannot be opened ({error}). {mend}"]
    try:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        for schema, table in tables:
            con.execute(
                f"SELECT count(t) FROM (SELECT hash(COLUMNS(*)) FROM {quoted(schema)}.{quoted(table)}) AS t"
            ).fetchall()
    except duckdb.Error as error:
        return [f"{home.build}: damaged ({error}). {mend}"]
    finally:
        con.close()
    return []


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
        if not _is_no_room(error):
            raise
        raise NoRoom(_no_room(f"{path}: {error.strerror}", path.parent)) from error
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
