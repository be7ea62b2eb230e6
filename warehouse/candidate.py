"""Write the marts of the build file into a database that holds nothing else: a new one, or a copy of a former generation's.

Belongs here: DDL, DELETE, INSERT, COMMENT for schema ``marts``. Does not: hashing, judging, naming, flipping.
``COPY FROM DATABASE`` would take raw facts along and CTAS drops comments, hence the three statements.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from warehouse.content import WHOLE
from warehouse.database import STORAGE_PUBLISHED, attach, connect, quoted
from warehouse.home import Home

MOST_BLOAT = 1.3  # a file of more blocks than this times those in use is not taken over


class CandidateError(Exception):
    """The build does not hold what must be published. Says which marts."""


@dataclass(frozen=True)
class MartColumn:
    """A column as documented: ``[unit] text``."""

    name: str
    doc: str


@dataclass(frozen=True)
class MartSpec:
    """A mart as its dbt page declares it: what must exist, with the words readers see, and what the gate holds it to.

    ``key`` names a row and orders the published table. ``statuses``: status column → the columns it speaks for, NULL
    where it is not OK. ``values``: column → its vocabulary, with None where NULL is allowed. ``joins``: column → the
    dimension that has a row for it, ``<mart>`` or ``<mart>.<its key>`` where that is called otherwise.
    """

    name: str
    doc: str
    columns: tuple[MartColumn, ...]
    depends_on: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BuildFacts:
    """What is known about a build before it is judged; all of it ends in the receipt."""

    build_id: str
    as_of: datetime
    vendors: str
    world: str
    tier: str
    clock: str
    code_version: str
    inputs_sha256: str
    built_at: datetime


def open_candidate(home: Home, path: Path) -> duckdb.DuckDBPyConnection:
    """A new or existing candidate file for writing (catalog ``updraft``, storage any client from 1.0 can read)."""
    return connect(home, path, storage=STORAGE_PUBLISHED)


def write_marts(
    con: duckdb.DuckDBPyConnection,
    build: Path,
    marts: Sequence[MartSpec],
    build_id: str,
    changed_from: Mapping[str, date | None] | None = None,
) -> dict[str, date | None]:
    """Copy every mart, in key order, with its comments. Raises CandidateError unless all were rebuilt by ``build_id``.

    Where the candidate is a copy of a former generation, ``changed_from`` says by mart from which session on the build
    differs from it (None: nowhere; WHOLE: anywhere): only those rows are exchanged, in key order after those that stay.
    Returns the same for every mart as it was done: the first session that was touched.
    """
    attach(con, build, "build")
    try:
        built = dict(con.execute("SELECT mart, build_id FROM build.build_log.marts").fetchall())
        stale = sorted(spec.name for spec in marts if built.get(spec.name) != build_id)
        if stale or not marts:
            raise CandidateError(
                f"expected {len(marts)} marts rebuilt by {build_id}, got {len(marts) - len(stale)}; not rebuilt: {', '.join(stale) or 'all'}"
            )
        con.execute("CREATE SCHEMA IF NOT EXISTS marts")
        touched = _touched(con, marts, changed_from or {})
        side_by_side(con, marts, lambda own, spec: _write_mart(own, spec, touched[spec.name]))
        return touched
    finally:
        con.execute("DETACH build")


def begin_on(home: Home, path: Path, former: Path) -> duckdb.DuckDBPyConnection:
    """A candidate that holds the marts of a former generation and nothing else yet. Its storage format stays as it was."""
    shutil.copyfile(former, path)
    con = open_candidate(home, path)
    con.execute("SET checkpoint_threshold = '1TB'")  # once, at the end: not again and again while rows are exchanged
    con.execute("DROP SCHEMA IF EXISTS meta CASCADE")
    return con


def is_bloated(home: Home, path: Path) -> bool:
    """Whether so much of a published file is unused that the next one is better written whole."""
    with connect(home, path, read_only=True) as con:
        row = con.execute(
            "SELECT total_blocks, used_blocks FROM pragma_database_size() WHERE database_name = current_database()"
        ).fetchone()
    return row is None or row[0] > MOST_BLOAT * row[1]


def _touched(
    con: duckdb.DuckDBPyConnection, marts: Sequence[MartSpec], changed_from: Mapping[str, date | None]
) -> dict[str, date | None]:
    """``changed_from`` as far as it can be followed: a mart with other columns, or without sessions, is written whole."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for catalog, mart, *column in con.execute(
        "SELECT database_name, table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'marts' ORDER BY column_index"
    ).fetchall():
        columns.setdefault((catalog, mart), []).append((column[0], column[1]))
    here = con.execute("SELECT current_database()").fetchall()[0][0]
    touched: dict[str, date | None] = {}
    for spec in marts:
        since = changed_from.get(spec.name, WHOLE)
        held, built = columns.get((here, spec.name)), columns[("build", spec.name)]
        is_dated = ("session_date", "DATE") in built
        touched[spec.name] = since if held == built and (since is None or is_dated) else WHOLE
    return touched


def side_by_side(
    con: duckdb.DuckDBPyConnection,
    marts: Sequence[MartSpec],
    work: Callable[[duckdb.DuckDBPyConnection, MartSpec], object],
) -> None:
    """``work`` for each mart on a connection of its own, two at once: rows in order are written by one thread.

    The zone of ``con`` is not inherited. The first error is raised once the marts under way are done.
    """

    def one(spec: MartSpec) -> None:
        with con.cursor() as own:
            work(own, spec)

    with ThreadPoolExecutor(2, "marts") as pool:
        for done in [pool.submit(one, spec) for spec in marts]:
            done.result()


def _write_mart(con: duckdb.DuckDBPyConnection, spec: MartSpec, since: date | None) -> None:
    """Write a mart whole, or exchange its rows from a session on (None: leave it)."""
    if since is None:
        return
    table = f"marts.{quoted(spec.name)}"
    order = ", ".join(quoted(k) for k in spec.key) or "ALL"
    if since != WHOLE and _is_smaller_half(con, table, since):
        only = f"WHERE session_date >= DATE '{since}'"
        con.execute("BEGIN")
        con.execute(f"DELETE FROM {table} {only}")
        con.execute(f"INSERT INTO {table} SELECT * FROM build.{table} {only} ORDER BY {order}")
        con.execute("COMMIT")
        return
    columns = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'build' AND schema_name = 'marts'"
        " AND table_name = ? ORDER BY column_index",
        [spec.name],
    ).fetchall()
    con.execute(f"CREATE OR REPLACE TABLE {table} ({', '.join(f'{quoted(name)} {kind}' for name, kind in columns)})")
    con.execute(f"INSERT INTO {table} SELECT * FROM build.{table} ORDER BY {order}")
    con.execute(f"COMMENT ON TABLE {table} IS {_line(spec.doc)}")
    for column in spec.columns:
        con.execute(f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {_line(column.doc)}")


def _is_smaller_half(con: duckdb.DuckDBPyConnection, table: str, since: date) -> bool:
    """Whether fewer than half of the rows lie from ``since`` on: else writing all is as quick, and leaves them in order."""
    row = con.execute(f"SELECT 2 * count(*) FILTER (session_date >= ?) < count(*) FROM {table}", [since]).fetchone()
    return row is not None and bool(row[0])


def text(value: str) -> str:
    """A string literal: COMMENT and COPY take no parameters."""
    return "'" + value.replace("'", "''") + "'"


def _line(value: str) -> str:
    """The same, on one line."""
    return text(" ".join(value.split()))
