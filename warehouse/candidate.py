"""Write the marts of the build file into a new database that holds nothing else, and hash what is in it.

Belongs here: DDL, INSERT, COMMENT for schema ``marts``; content hashes. Does not: judging, naming, flipping.
``COPY FROM DATABASE`` would take raw facts along and CTAS drops comments, hence the three statements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.database import STORAGE_PUBLISHED, attach, connect, quoted
from warehouse.home import Home


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
) -> None:
    """Copy every mart, in key order, with its comments. Raises CandidateError unless all were rebuilt by ``build_id``."""
    attach(con, build, "build")
    try:
        built = dict(con.execute("SELECT mart, build_id FROM build.build_log.marts").fetchall())
        stale = sorted(spec.name for spec in marts if built.get(spec.name) != build_id)
        if stale or not marts:
            raise CandidateError(
                f"expected {len(marts)} marts rebuilt by {build_id}, got {len(marts) - len(stale)}; not rebuilt: {', '.join(stale) or 'all'}"
            )
        con.execute("CREATE SCHEMA marts")
        side_by_side(con, marts, _write_mart)
    finally:
        con.execute("DETACH build")


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


def _write_mart(con: duckdb.DuckDBPyConnection, spec: MartSpec) -> None:
    columns = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'build' AND schema_name = 'marts'"
        " AND table_name = ? ORDER BY column_index",
        [spec.name],
    ).fetchall()
    table = f"marts.{quoted(spec.name)}"
    con.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} {kind}' for name, kind in columns)})")
    order = ", ".join(quoted(k) for k in spec.key) or "ALL"
    con.execute(f"INSERT INTO {table} SELECT * FROM build.{table} ORDER BY {order}")
    con.execute(f"COMMENT ON TABLE {table} IS {_line(spec.doc)}")
    for column in spec.columns:
        con.execute(f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {_line(column.doc)}")


def text(value: str) -> str:
    """A string literal: COMMENT and COPY take no parameters."""
    return "'" + value.replace("'", "''") + "'"


def _line(value: str) -> str:
    """The same, on one line."""
    return text(" ".join(value.split()))


def write_parquet(con: duckdb.DuckDBPyConnection, folder: Path, generation: str) -> None:
    """The Parquet twin: each mart in ``folder``, each table of ``meta`` in ``folder/meta``.

    Each file says in its key-value metadata which generation it is of: who opens several by way of a link that moves
    meanwhile can see that they do not belong together.
    """
    (folder / "meta").mkdir(parents=True)
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
        " AND schema_name IN ('marts', 'meta') ORDER BY ALL"
    ).fetchall()
    for schema, table in tables:
        target = (folder / "meta" if schema == "meta" else folder) / f"{table}.parquet"
        con.execute(
            f"COPY {quoted(schema)}.{quoted(table)} TO {text(str(target))} (FORMAT parquet, COMPRESSION zstd,"
            f" KV_METADATA {{generation: {text(generation)}}})"
        )


def content_hash(con: duckdb.DuckDBPyConnection, mart: str) -> str:
    """A hash of a mart's rows that depends on neither their order nor the number of threads.

    Two sums of 64-bit row hashes, with the row count and the column names and types. The second also looks at the sign of
    zero, which the database's own hash does not tell. Another version of DuckDB may hash otherwise: hashes are compared
    within one version of the code, which the receipt names.
    """
    columns = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'marts'"
        " AND table_name = ? ORDER BY column_index",
        [mart],
    ).fetchall()
    cells = ", ".join(quoted(name) for name, _ in columns)
    signs = "".join(f", signbit({quoted(name)})" for name, kind in columns if kind in ("DOUBLE", "FLOAT"))
    row = con.execute(
        f"SELECT count(*), sum(hash({cells})), sum(hash('again', {cells}{signs})) FROM marts.{quoted(mart)}"
    ).fetchone()
    return hashlib.sha256(repr((mart, columns, row)).encode()).hexdigest()


def content_hashes(con: duckdb.DuckDBPyConnection, marts: Sequence[str]) -> dict[str, str]:
    """Content hash by mart."""
    return {mart: content_hash(con, mart) for mart in sorted(marts)}


def combined(hashes: Mapping[str, str]) -> str:
    """One hash over all marts."""
    return hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()
