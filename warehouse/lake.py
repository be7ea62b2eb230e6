"""Commit a published generation to the shared lake: all marts and ``meta`` in one transaction, read back before it counts.

Belongs here: what is exchanged, the proof that it arrived, retention, the check of a whole snapshot. Does not: addresses,
extensions, lock (``lake_catalog``). Schema NAME of the lake holds a pipeline's marts, NAME_meta its ``meta``.
Imported only where a lake is asked for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import content, crash_points, generations
from warehouse.candidate import text
from warehouse.content import Columns, Months
from warehouse.database import attach, quoted
from warehouse.errors import HomeError, LakeError
from warehouse.files import atomic_write
from warehouse.generations import KEEP, Generation
from warehouse.home import Home
from warehouse.lake_catalog import MESSAGE, Lake, Lock, Snapshot, committing, enter, reach, session, snapshots
from warehouse.lease import writing
from warehouse.twin import ALL, PARQUET, Piece, pieces

TOLD = ("generation", "receipt_sha256", "as_of", "built_at", "code_version", "vendors", "world", "tier", "duckdb")
AGAIN = "Run: updraft publish-lake"
GRACE_HOURS = 24  # how long files that no snapshot needs stay: a reader that began before may still read them


@dataclass(frozen=True)
class Committed:
    """What became of a commit. ``is_new`` is False where the lake already had this generation."""

    snapshot: Snapshot
    is_new: bool
    exchanged: tuple[str, ...] = ()
    kept: int = 0
    rows: int = 0
    files: int = 0
    size: int = 0
    expired: int = 0


@dataclass(frozen=True)
class Exchange:
    """What becomes of a table: the rows that are taken out, as conditions, and the pieces that are written."""

    out: tuple[str, ...] = ()
    new: tuple[Piece, ...] = ()


def to_exchange(held: Months | None, wanted: Months) -> Exchange:
    """What differs between the rows that the lake holds (None: nobody can tell) and those of a generation.

    It is cut as in the Parquet twin, and of a large one only years in which a month differs are exchanged.
    """
    if held == wanted:
        return Exchange()
    then, now = ({piece.only: piece for piece in pieces(months) if months} for months in (held or {}, wanted))
    if held is None or len(now) == 1 or len(then) == 1:  # one file for all, now or then
        return Exchange(("true",) if held != {} else (), tuple(now.values()))
    differing = [only for only in {**then, **now} if only not in then or only not in now or then[only] != now[only]]
    return Exchange(
        tuple(only for only in differing if only in then), tuple(now[only] for only in differing if only in now)
    )


def commit(home: Home, lake: Lake, pipeline: str, *, take_over: bool = False, rewrite: bool = False) -> Committed:
    """Bring the published generation of a home into the lake; nothing where the newest commit of the pipeline is it.

    ``take_over``: also where another home wrote that pipeline. ``rewrite``: every row anew, also where nothing differs.
    The lease is held, so that nobody removes the folder that is read. Raises HomeError where nothing sound is published,
    LakeError where the lake refuses: then it holds what it held.
    """
    with writing(home, "publish-lake"):
        generation = _published(home)
        with session(home, lake) as con:
            reach(con, lake)
            with committing(con, lake) as lock:
                enter(con, lake)
                held = snapshots(con, pipeline)
                newest = held[-1] if held else None
                is_there = newest and newest.told["receipt_sha256"] == generation.receipt.get("receipt_sha256")
                if newest and is_there and not rewrite:
                    return Committed(newest, False, kept=len(generation.receipt["content"]))
                _is_sound(generation)
                told = _told(home, generation)
                if newest:
                    _may_follow(newest, told, take_over)
                attach(con, generation.path / "updraft.duckdb", "generation")
                con.execute("BEGIN")
                try:
                    crash_points.reach("lake.begun")
                    writer = _Writer(con, lake, pipeline, newest, rewrite)
                    _exchange(con, writer, told, lock)
                except BaseException:
                    con.execute("ROLLBACK")
                    raise
                con.execute("COMMIT")
                crash_points.reach("lake.committed")
                held = snapshots(con, pipeline)
                expired = prune(con, held)
                crash_points.reach("lake.pruned")
                return Committed(
                    held[-1],
                    True,
                    tuple(writer.exchanged),
                    writer.kept,
                    writer.rows,
                    writer.files,
                    writer.size(),
                    expired,
                )


def _exchange(con: duckdb.DuckDBPyConnection, writer: _Writer, told: dict[str, Any], lock: Lock) -> None:
    """Write, prove and describe, within the transaction under way. Raises LakeError where nothing may be committed."""
    writer.write_all()
    crash_points.reach("lake.written")
    writer.prove()
    con.execute(
        "CALL lake.set_commit_message(?, ?, extra_info => ?)",
        [writer.pipeline, f"{MESSAGE} {told['generation']}", json.dumps(told | writer.figures(), sort_keys=True)],
    )
    crash_points.reach("lake.checked")
    if not lock.is_held():
        raise LakeError(f"the lock of the lake was lost; nothing was committed. {AGAIN}")


def _published(home: Home) -> Generation:
    generation = generations.published(home)
    if generation is None:
        raise HomeError(f"nothing is published in {home.root}. Run: updraft run")
    return generation


def _is_sound(generation: Generation) -> None:
    """Raises HomeError where its files are not what was published, or their rows cannot be hashed again."""
    if problems := generations.check(generation.path, twin=False):
        raise HomeError(
            f"{generation.name} is not what was published, so it does not go to the lake: {problems[0]}. See: updraft verify"
        )
    if generation.receipt["duckdb"] != duckdb.__version__:
        raise HomeError(
            f"{generation.name} was hashed by DuckDB {generation.receipt['duckdb']}, which {duckdb.__version__} cannot"
            " check. Run: updraft run, then updraft publish-lake"
        )


def _told(home: Home, generation: Generation) -> dict[str, Any]:
    """What the commit says of its generation."""
    receipt = generation.receipt
    return {name: receipt[name] for name in TOLD} | {
        "home": _home_id(home),
        "content": content.combined(receipt["content"]),
        "committed_by": f"updraft, DuckDB {duckdb.__version__}",
    }


def _home_id(home: Home) -> str:
    """What tells this home from another whose pipeline has the same name; made at its first commit."""
    note = home.root / "lake.json"
    if not note.exists():
        atomic_write(note, json.dumps({"home": uuid.uuid4().hex}).encode())
    try:
        return str(json.loads(note.read_text())["home"])
    except (ValueError, LookupError, TypeError) as error:
        raise HomeError(
            f"{note} is unreadable ({error!r}). Delete it, then: updraft publish-lake --take-over"
        ) from error


def _may_follow(newest: Snapshot, told: Mapping[str, Any], take_over: bool) -> None:
    """Raises LakeError where this generation would replace one of another home, or one as of a later moment."""
    if newest.told["home"] != told["home"] and not take_over:
        raise LakeError(
            f"pipeline {newest.pipeline} of the lake was written by another home ({newest.told['generation']}, vendors"
            f" {newest.told['vendors']}, as of {newest.told['as_of']}). For a lake of both, name this one with --pipeline or"
            " UPDRAFT_LAKE_PIPELINE; to go on from here instead: updraft publish-lake --take-over"
        )
    if newest.as_of > datetime.fromisoformat(told["as_of"]):
        raise LakeError(
            f"the lake holds {newest.told['generation']} of pipeline {newest.pipeline}, as of {newest.told['as_of']};"
            f" {told['generation']} is as of {told['as_of']}, which is earlier. A lake is not turned back: readers of an"
            " earlier evening name its snapshot (updraft lake)"
        )


Table = tuple[str, str]  # schema and name, as in the published file


class _Writer:
    """Writes the attached generation over what the lake holds of a pipeline, within the transaction under way."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, lake: Lake, pipeline: str, newest: Snapshot | None, rewrite: bool
    ) -> None:
        self.pipeline = pipeline
        self.exchanged: list[str] = []
        self.kept = self.rows = self.files = 0
        self._con, self._lake = con, lake
        self._schemas = {"marts": pipeline, "meta": f"{pipeline}_meta"}
        self._written: list[tuple[Table, Piece]] = []
        self._paths: list[str] = []
        self._wanted = content.told(con, "generation")
        # what another DuckDB hashed cannot be compared: everything is exchanged then
        self._comparable = not rewrite and newest is not None and newest.told["duckdb"] == duckdb.__version__

    def write_all(self) -> None:
        """Schemas, then every table of the generation; what the generation does not have is dropped."""
        for schema in self._schemas.values():
            self._con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{quoted(schema)}")
        own, names = {s: s for s in self._schemas}, {told: s for s, told in self._schemas.items()}
        wanted, self._columns = self._tables("generation"), _columns(self._con, "generation", own)
        there = _columns(self._con, "lake", names)
        held = self._held(there)
        remarks, said = _remarks(self._con, "generation", own), _remarks(self._con, "lake", names)
        for table in there.keys() - set(wanted):
            self._con.execute(f"DROP TABLE {self._name(table)}")
        for table in wanted:
            is_as_it_was = there.get(table) == self._columns[table]
            if not is_as_it_was:
                self._make(table, table in there)
            self._remark(table, remarks, said if is_as_it_was else {})
            if table[0] == "marts":
                before: Months | None = {}  # of a table that was just made
                if is_as_it_was:
                    before = held.get(table[1], {}) if held is not None else None
                exchange = to_exchange(before, self._wanted.get(table[1], {}))
                if is_as_it_was and exchange == Exchange():
                    self.kept += 1
                    continue
                self.exchanged.append(table[1])
                self._write(table, exchange)
            elif not is_as_it_was or not self._comparable or self._differs(table):
                has_rows = self._con.execute(f"SELECT 1 FROM generation.meta.{quoted(table[1])} LIMIT 1").fetchone()
                new = (Piece(ALL, "true"),) if has_rows else ()
                self._write(table, Exchange(("true",) if is_as_it_was else (), new))

    def _tables(self, catalog: str) -> list[Table]:
        return self._con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name IN ('marts', 'meta')"
            " ORDER BY ALL",
            [catalog],
        ).fetchall()

    def _held(self, there: Mapping[Table, Columns]) -> dict[str, Months] | None:
        """The months of every mart as the lake's own ``meta`` tells them; None where that is not to be relied on."""
        if not self._comparable or ("meta", "content_months") not in there:
            return None
        return content.told(self._con, "lake", self._schemas["meta"])

    def _name(self, table: Table) -> str:
        return f"lake.{quoted(self._schemas[table[0]])}.{quoted(table[1])}"

    def _make(self, table: Table, exists: bool) -> None:
        if exists:
            self._con.execute(f"DROP TABLE {self._name(table)}")
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in self._columns[table])
        self._con.execute(f"CREATE TABLE {self._name(table)} ({columns})")

    def _remark(self, table: Table, wanted: Mapping[tuple[str, ...], str], held: Mapping[tuple[str, ...], str]) -> None:
        """Comments on the table and its columns, where they differ."""
        for place in [table, *((*table, name) for name, _ in self._columns[table])]:
            if wanted.get(place) != held.get(place):
                what = "TABLE" if len(place) == len(table) else "COLUMN"
                column = "" if what == "TABLE" else f".{quoted(place[-1])}"
                said = text(wanted[place]) if place in wanted else "NULL"
                self._con.execute(f"COMMENT ON {what} {self._name(table)}{column} IS {said}")

    def _differs(self, table: Table) -> bool:
        """Whether a table of ``meta`` holds other rows than the lake does."""
        columns = self._columns[table]
        return content.months_of(self._con, f"generation.meta.{quoted(table[1])}", columns) != content.months_of(
            self._con, self._name(table), columns
        )

    def _write(self, table: Table, exchange: Exchange) -> None:
        for only in exchange.out:
            self._con.execute(f"DELETE FROM {self._name(table)} WHERE {only}")
        for piece in exchange.new:
            self._put(table, piece)

    def _put(self, table: Table, piece: Piece) -> None:
        """One file of rows, registered with the lake.

        Not by INSERT: only COPY can be told how to write, so that no value changes (``twin.PARQUET``). The lake owns a
        registered file as if it had written it.
        """
        schema = self._schemas[table[0]]
        folder = f"{self._lake.files}/{schema}/{table[1]}"
        if not self._lake.is_on_s3:
            try:
                Path(folder).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LakeError(f"{folder} of UPDRAFT_LAKE_FILES cannot be written: {error.strerror}") from None
        path = f"{folder}/{piece.name}-{uuid.uuid4()}.parquet"
        row = self._con.execute(
            f"COPY (SELECT * FROM generation.{quoted(table[0])}.{quoted(table[1])} WHERE {piece.only}) TO {text(path)}"
            f" ({PARQUET})"
        ).fetchone()
        assert row is not None
        self._con.execute(
            f"CALL ducklake_add_data_files('lake', {text(table[1])}, {text(path)}, schema => {text(schema)})"
        )
        self.rows += row[0]
        self.files += 1
        self._paths.append(path)
        self._written.append((table, piece))

    def prove(self) -> None:
        """Read back what was written, by the same hashes as everywhere. Raises LakeError naming what differs."""
        wrong: list[str] = []
        for table, piece in self._written:
            columns, only = self._columns[table], f"WHERE {piece.only}"
            seen = content.months_of(self._con, self._name(table), columns, only)
            wanted = piece.months or content.months_of(self._con, f"generation.meta.{quoted(table[1])}", columns, only)
            wrong += content.differing(table[1], wanted, seen)
        for mart in self.exchanged:
            row = self._con.execute(f"SELECT count(*) FROM {self._name(('marts', mart))}").fetchone()
            if row != (sum(sums.rows for sums in self._wanted.get(mart, {}).values()),):
                wrong.append(f"{mart}: another number of rows than was published")
        if wrong:
            more = f" … and {len(wrong) - 5} more" if len(wrong) > 5 else ""
            raise LakeError(
                f"what arrived in the lake is not what was published: {'; '.join(wrong[:5])}{more}. {AGAIN}"
            )

    def size(self) -> int:
        """Bytes of the files that were written."""
        found = 0
        for table, _ in dict.fromkeys((table, None) for table, _ in self._written):
            found += sum(
                size for path, size in self._con.execute(
                    f"SELECT data_file, data_file_size_bytes FROM ducklake_list_files('lake', {text(table[1])},"
                    f" schema => {text(self._schemas[table[0]])})"
                ).fetchall() if path in self._paths
            )  # fmt: skip
        return found

    def figures(self) -> dict[str, int]:
        """What was written, for the commit's own words."""
        return {"marts_exchanged": len(self.exchanged), "marts_kept": self.kept, "rows": self.rows, "files": self.files}


def _columns(
    con: duckdb.DuckDBPyConnection, catalog: str, schemas: Mapping[str, str]
) -> dict[Table, list[tuple[str, str]]]:
    """Columns of the tables in some schemas of a catalog, by the schema's name in the published file."""
    found: dict[Table, list[tuple[str, str]]] = {}
    for schema, table, name, kind in con.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ?"
        " AND list_contains(?, schema_name) ORDER BY schema_name, table_name, column_index",
        [catalog, list(schemas)],
    ).fetchall():
        found.setdefault((schemas[schema], table), []).append((name, kind))
    return found


def _remarks(con: duckdb.DuckDBPyConnection, catalog: str, schemas: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Comments on tables (schema, table) and columns (schema, table, column)."""
    found: dict[tuple[str, ...], str] = {}
    for what, of in (("table_name", "duckdb_tables()"), ("table_name, column_name", "duckdb_columns()")):
        for schema, *place, said in con.execute(
            f"SELECT schema_name, {what}, comment FROM {of} WHERE database_name = ? AND list_contains(?, schema_name)"
            " AND comment IS NOT NULL",
            [catalog, list(schemas)],
        ).fetchall():
            found[(schemas[schema], *place)] = said
    return found


def prune(con: duckdb.DuckDBPyConnection, held: Sequence[Snapshot], keep: int = KEEP, hours: int = GRACE_HOURS) -> int:
    """Expire this pipeline's snapshots but the newest ``keep``, then remove files that none needs and that are old enough.

    ``held``: its snapshots, oldest first. Those of others are never expired, and a file is never removed while a snapshot
    of anybody needs it.
    """
    old = [snapshot.number for snapshot in held[:-keep]]
    if old:
        con.execute(f"CALL ducklake_expire_snapshots('lake', versions => {old})")
    older = f"older_than => now() - INTERVAL '{hours} hours'"
    con.execute(f"CALL ducklake_cleanup_old_files('lake', {older})")
    con.execute(f"CALL ducklake_delete_orphaned_files('lake', {older})")  # of commits that were killed
    return len(old)


def listed(home: Home, lake: Lake) -> list[Snapshot]:
    """The commits of all pipelines that the lake holds, oldest first. Raises LakeError."""
    with session(home, lake) as con:
        reach(con, lake)
        enter(con, lake, read_only=True)
        return snapshots(con)


def verify(home: Home, lake: Lake, pipeline: str) -> tuple[Snapshot, list[str]]:
    """Hash every row of a pipeline's newest snapshot; one line for each mart and month that is not what was published.

    It is compared with what the lake's ``meta`` says, with the hash that its commit was given, and with the receipt of the
    generation where this home still has it.
    """
    with session(home, lake) as con:
        reach(con, lake)
        enter(con, lake, read_only=True)
        con.execute("BEGIN")  # one snapshot for all that is read
        held = snapshots(con, pipeline)
        if not held:
            raise LakeError(f"the lake at {lake.shown} holds nothing of pipeline {pipeline}. {AGAIN}")
        newest = held[-1]
        if newest.told["duckdb"] != duckdb.__version__:
            raise LakeError(
                f"{newest.told['generation']} was hashed by DuckDB {newest.told['duckdb']}: use that, or {AGAIN}"
            )
        return newest, _verified(con, pipeline, newest, _receipt(home, newest))


def _receipt(home: Home, snapshot: Snapshot) -> Mapping[str, str]:
    """Content hashes in the receipt of a snapshot's generation, if this home has it; else none."""
    path = home.generations / snapshot.told["generation"] / "receipt.json"
    receipt = json.loads(path.read_text()) if path.exists() else {}
    is_it = receipt.get("receipt_sha256") == snapshot.told["receipt_sha256"]
    return dict(receipt["content"]) if is_it else {}


def _verified(
    con: duckdb.DuckDBPyConnection, pipeline: str, snapshot: Snapshot, receipt: Mapping[str, str]
) -> list[str]:
    meta = f"{pipeline}_meta"
    columns = _columns(con, "lake", {pipeline: "marts"})
    by_month = content.told(con, "lake", meta)
    said = dict(con.execute(f"SELECT mart, sha256 FROM lake.{quoted(meta)}.content").fetchall())
    problems: list[str] = []
    if content.combined(said) != snapshot.told["content"] or (receipt and receipt != said):
        problems.append(f"{meta}.content is not what the receipt of {snapshot.told['generation']} says")
    for mart in sorted(said.keys() | {name for _, name in columns}):
        own: Columns = columns.get(("marts", mart), [])
        if not own:
            problems.append(f"{mart}: the lake does not have it")
            continue
        seen = content.months_of(con, f"lake.{quoted(pipeline)}.{quoted(mart)}", own)
        problems += content.differing(mart, by_month.get(mart, {}), seen)
        if content.hash_of(mart, own, seen) != said.get(mart):
            problems.append(f"{mart}: its rows are not those of its content hash")
    return problems
