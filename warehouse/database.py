"""The only calls of ``duckdb.connect``: sessions that write the build file, and the hardened reader.

Belongs here: opening, sealing and checking database files. Does not: what is in their tables, who may write (``lease``).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.errors import BrokenBuild, HomeError, LeaseHeld
from warehouse.files import atomic_write, file_sha256, is_no_room
from warehouse.home import Home

STORAGE_PRIVATE = "v1.5.0"  # older formats silently replay a stale WAL left beside a replaced file
STORAGE_PUBLISHED = "v1.0.0"  # so that DuckDB clients from 1.0 to 2.0 open it


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
        _accepted(config)
        raise BrokenBuild(_set_aside(home, target, error)) from error


def _accepted(config: dict[str, str | bool | int | float | list[str]]) -> None:
    """Raises HomeError if DuckDB refuses the settings: then a file that does not open need not be damaged."""
    try:
        duckdb.connect(":memory:", config=config).close()
    except duckdb.Error as error:
        raise HomeError(
            f"DuckDB refuses {config}: {error}. Correct UPDRAFT_MEMORY, UPDRAFT_THREADS or UPDRAFT_MAX_TEMP."
        ) from error


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


def _is_damage(error: duckdb.Error) -> bool:
    """Whether a statement failed because of what the file holds. DuckDB has no exception just for a bad checksum.

    A full disk is no damage: the last checkpoint still stands in the file, and a copy under ``broken/`` would fill it up.
    """
    if is_no_room(error):
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


def reader(path: Path, *, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """A hardened connection for readers: read-only, no file or network access, configuration locked.

    With ``memory`` (such as ``512MB``) also bounded: one thread, no more memory than that, nothing spilled to disk.
    Raises HomeError when there is nothing to open or a WAL lies beside it (DuckDB would merge a stray WAL silently).
    """
    if not path.exists():
        raise HomeError(f"nothing is published at {path}. Run: updraft run")
    real = path.resolve()
    for wal in {path.with_name(path.name + ".wal"), real.with_name(real.name + ".wal")}:
        if wal.exists():
            raise HomeError(f"{wal} lies beside a published file; somebody opened it for writing. See: updraft doctor")
    config: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": "false"}
    if memory:
        config |= {"memory_limit": memory, "threads": 1, "temp_directory": ""}
    con = duckdb.connect(str(path), read_only=True, config=config)
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


def in_memory(home: Home, settings: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """A connection without a file of its own, to which others are attached; with this home's limits, UTC and ``settings``."""
    con = duckdb.connect(":memory:", config={**limits(home), **settings})
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
