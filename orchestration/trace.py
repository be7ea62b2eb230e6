"""Where a published cell comes from, down to the vendor's bytes, and the proof: computing it again from those rows alone.

Belongs here: following a reading, or a column of a mart, through the models to raw rows and landing answers. Does not:
layout (``show_trace``). What narrows the rows is declared in yml (``narrowing``); a dataset that nobody narrows counts
whole, one with ``FALSE`` not at all. Narrowing is proven, not believed: ``recompute`` deletes every other row first.
"""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.registry import all_sources
from ingestion.source import Source
from orchestration import dbt
from orchestration.lineage import CLOSURES, UNUSED, ancestry, meta, narrowing, node_of
from orchestration.manifest import marts, model_of, parsed_manifest, readings
from orchestration.settings import Settings
from warehouse import raw
from warehouse.candidate import MartSpec
from warehouse.database import build_session, quoted, reader
from warehouse.home import Home
from warehouse.landing import Landing

NO_STATUS = "'OK'"  # of a column that is never withheld


class TraceError(Exception):
    """A cell cannot be traced. Says what was asked, what is there, and what to do."""


@dataclass(frozen=True)
class Input:
    """The rows of one dataset behind a cell. ``rows`` are newest first; ``answers`` are (sha256, fetched_at).

    ``scope`` and ``values`` select all of them, told or not: SQL from FROM on, with its parameters.
    """

    dataset: str
    vendor: str
    title: str
    narrowed_by: str
    columns: tuple[str, ...]
    count: int
    first: date | None
    last: date | None
    rows: tuple[tuple[Any, ...], ...]
    answers: frozenset[tuple[str, datetime]]
    scope: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """One cell with all that it was made from. ``name`` is a reading's id or ``mart.column``; ``key`` are its other keys.

    ``place`` is (schema, table, column, its status column or none) of the model that makes it.
    """

    name: str
    key: Mapping[str, Any]
    session_date: date
    value: Any
    status: str
    unit: str
    title: str
    formula: str
    known_at: datetime
    place: tuple[str, str, str, str | None]
    generation: str
    as_of: datetime
    world: str
    code_version: str
    inputs: tuple[Input, ...]
    models: tuple[str, ...]


def trace(
    settings: Settings,
    name: str,
    day: date | None = None,
    entity: str | None = None,
    rows: int | None = None,
    key: Mapping[str, str] | None = None,
) -> Trace:
    """Follow one published cell: a reading such as ``BR07_50``, or a column of a mart such as ``breadth_daily.members``.

    ``day`` (default: the newest), ``entity`` (any value of its key) and ``key`` (column to value) choose the row. ``rows``
    limits the rows told per dataset, not what is counted. Raises TraceError for what is not there, HomeError for no home.
    """
    con = reader(settings.home.door)
    try:
        receipt = _one(con, "SELECT * FROM meta.receipt")
        mart, _, column = name.partition(".")
        cell = (
            _cell_of_mart(con, mart, column, day, entity, key or {}) if column
            else _cell_of_reading(con, name, day, entity)
        )  # fmt: skip
    finally:
        con.close()
    model = cell["place"][1]
    con = reader(settings.home.build)
    try:
        closures = con.execute("SELECT count(*) FROM intermediate.int_suspected_closures").fetchall()[0][0]
        ancestors, datasets = ancestry(model, is_as_told=closures == 0)
        narrowed = narrowing(model)
        if closures:
            for dataset, sql in meta(node_of(CLOSURES))["inputs"].items():
                narrowed[dataset] = f"({narrowed.get(dataset, UNUSED)}) OR ({sql})"
        as_of = datetime.fromisoformat(str(receipt["as_of"]))
        values = {
            **{name: value for name, value in cell["key"].items() if name not in ("reading_id", "session_date")},
            **_moments(con, name, model, cell["session_date"]),
            "column": cell["place"][2], "as_of": as_of, "universe": _universe(con, cell["key"]), "inputs": _inputs(con, cell["key"]),
        }  # fmt: skip
        found = tuple(
            _input(con, source, narrowed[source.dataset], values, rows)
            for source in all_sources() if source.dataset in datasets and narrowed[source.dataset] != UNUSED
        )  # fmt: skip
    finally:
        con.close()
    return Trace(
        **cell, generation=receipt["generation"], as_of=as_of, world=receipt["world"],
        code_version=receipt["code_version"], inputs=found, models=ancestors,
    )  # fmt: skip


def _moments(con: duckdb.DuckDBPyConnection, name: str, model: str, session: date) -> dict[str, Any]:
    """``$session`` and its ``$snapshot``; ``$first_counted`` and ``$first_session``, the first session that is counted and
    the first that those look back on.

    ``config: meta: sessions`` of the model says how many of both, for all it makes or by name: ``{default: [1, 100],
    breadth_daily.members: [1, 2]}``. Without it both reach back to the first session.
    """
    sessions: dict[str, list[int]] = meta(node_of(model)).get("sessions", {})
    span = sessions.get(name, sessions.get("default"))
    days = con.execute(
        "SELECT session_date, snapshot_at FROM intermediate.int_calendar WHERE session_date <= ? ORDER BY session_date DESC",
        [session],
    ).fetchall()
    counted = days[min(span[0], len(days)) - 1][0] if span else days[-1][0]
    first = days[min(sum(span), len(days)) - 1][0] if span else days[-1][0]
    return {"session": session, "snapshot": days[0][1], "first_counted": counted, "first_session": first}


def _universe(con: duckdb.DuckDBPyConnection, key: Mapping[str, Any]) -> str:
    """``$universe``: the one of the cell, else the canonical one, which readings are made of."""
    default = con.execute("SELECT universe_id FROM intermediate.int_membership WHERE is_default LIMIT 1").fetchone()
    return str(key.get("universe_id", default[0] if default else ""))


def _inputs(con: duckdb.DuckDBPyConnection, key: Mapping[str, Any]) -> str | None:
    """``$inputs``: what the vocabulary says a reading is made of (names apart by a space), the series of a cell, or NULL."""
    if "reading_id" in key and "driver_id" not in key:
        found = con.execute(
            "SELECT coalesce(inputs, concat_ws(' ', subject, against)) FROM seeds.indicators WHERE reading_id = ?",
            [key["reading_id"]],
        ).fetchone()
        return str(found[0]) if found else None
    return key.get("series_id")


def recompute(settings: Settings, found: Trace) -> tuple[Any, str]:
    """(value, status) of the same cell from the traced rows alone, in a folder of its own. Raises DbtFailed, TraceError."""
    schema, table, column, status = found.place
    with tempfile.TemporaryDirectory(prefix="updraft-trace-") as folder:
        home = Home(Path(folder))
        home.prepare(str(settings.vendors))
        kept = Landing(settings.home.landing)
        for source in all_sources():
            wanted = {pair for i in found.inputs for pair in i.answers if _landing_of(i.dataset) == source.dataset}
            if wanted:
                kept.copy(source.dataset, Landing(home.landing), wanted)
        traced = _traced_rows(settings.home, found)
        with build_session(home) as con:
            raw.ensure(con, all_sources())
            for source in all_sources():
                raw.load(con, source, Landing(home.landing))
                _keep_only(con, source, traced.get(source.dataset))
        variables = dbt.variables(found.as_of, found.world, "trace")
        manifest = parsed_manifest()
        manifest.nodes[node_of(table)].config.materialized = "table"  # in a run an indicator stands in all_readings
        with dbt.environment(UPDRAFT_BUILD=str(home.build)):
            outcome = dbt.invoke(
                ["build", "--resource-type", "model", "--resource-type", "seed", "--select", f"+{table}",
                 "--vars", variables, "--target-path", str(home.temp / "dbt"),
                 "--log-path", str(home.temp / "dbt")],
                None,
                manifest,
            )  # fmt: skip
        if not outcome.success:
            raise dbt.DbtFailed(f"the models behind {found.name} could not be computed again: {outcome.exception}")
        con = reader(home.build)
        try:
            cells = f"{quoted(column)}, {quoted(status) if status else NO_STATUS}"
            rows = con.execute(
                f"SELECT {cells} FROM {schema}.{quoted(table)} WHERE {_matching(found.key)}", list(found.key.values())
            ).fetchall()
        finally:
            con.close()
    if not rows:
        raise TraceError(f"{found.name} has no row for {found.session_date} when computed from its inputs alone")
    return rows[0][0], rows[0][1]


def _traced_rows(home: Home, found: Trace) -> dict[str, pa.Table]:
    """Dataset to the identity of each traced row: its key, when it was known, and the answer it stands in."""
    con = reader(home.build)
    try:
        return {
            source.dataset: con.execute(
                f"SELECT {_identity(source)} {item.scope}", _used(item.scope, item.values)
            ).to_arrow_table()
            for item in found.inputs
            for source in all_sources()
            if source.dataset == item.dataset
        }
    finally:
        con.close()


def _keep_only(con: duckdb.DuckDBPyConnection, source: Source, traced: pa.Table | None) -> None:
    """Delete every row that was not traced."""
    tables = [f"raw.{quoted(source.dataset + suffix)}" for suffix in ("", "_superseded")]
    if traced is None:
        for table in tables:
            con.execute(f"DELETE FROM {table}")
        return
    con.register("traced", traced)
    for table in tables:
        con.execute(
            f"DELETE FROM {table} WHERE ({_identity(source)}) NOT IN (SELECT ({_identity(source)}) FROM traced)"
        )
    con.unregister("traced")


def _identity(source: Source) -> str:
    return ", ".join(quoted(name) for name in (*source.key, "known_at", "fetched_at", "landing_sha256"))


def _matching(key: Mapping[str, Any]) -> str:
    return " AND ".join(f"{quoted(column)} IS NOT DISTINCT FROM ?" for column in key)


def _one(con: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> dict[str, Any]:
    """The first row of ``sql`` by column name; empty where there is none."""
    cursor = con.execute(sql, list(values))
    names, row = [d[0] for d in cursor.description or ()], cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def _nearest(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The three known names that look most like ``name``."""
    known = con.execute(
        "SELECT reading_id FROM marts.dim_indicator UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name = 'marts'"
    ).fetchall()
    by_folded = {row[0].lower(): row[0] for row in known}
    near = difflib.get_close_matches(name.lower(), list(by_folded), 3, 0.0)
    return ", ".join(by_folded[one] for one in near)


def _cell_of_reading(
    con: duckdb.DuckDBPyConnection, reading_id: str, day: date | None, entity: str | None
) -> dict[str, Any]:
    about = _one(con, "SELECT name AS title, unit, formula FROM marts.dim_indicator WHERE reading_id = ?", [reading_id])
    if not about:
        raise TraceError(
            f"there is no reading {reading_id!r}; did you mean {_nearest(con, reading_id)}? A column of a mart is asked for"
            " as mart.column"
        )
    found = _one(
        con,
        "SELECT entity_id, session_date, value, status, known_at FROM marts.indicator_readings"
        " WHERE reading_id = $1 AND ($2 IS NULL OR session_date = $2) AND ($3 IS NULL OR entity_id = $3)"
        " ORDER BY session_date DESC, entity_id LIMIT 1",
        [reading_id, day, entity],
    )
    if not found:
        span = con.execute(
            "SELECT min(session_date), max(session_date), string_agg(DISTINCT entity_id, ', ' ORDER BY entity_id)"
            " FROM marts.indicator_readings WHERE reading_id = ?", [reading_id],
        ).fetchall()[0]  # fmt: skip
        raise TraceError(
            f"{reading_id} has no row for {day or 'any session'}{f' and {entity}' if entity else ''}; it has sessions"
            f" {span[0]} to {span[1]} for {span[2]}"
        )
    key = {"reading_id": reading_id, "entity_id": found.pop("entity_id"), "session_date": found["session_date"]}
    place = ("indicators", model_of(readings()[reading_id]), "value", "status")
    return {"name": reading_id, "key": key, "place": place, **about, **found}


def _cell_of_mart(
    con: duckdb.DuckDBPyConnection,
    mart: str,
    column: str,
    day: date | None,
    entity: str | None,
    given: Mapping[str, str],
) -> dict[str, Any]:
    """A row is chosen by day, by any value of its key, by named columns; canonical rows go first. One must be left."""
    columns = [row[0] for row in con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'marts'"
        " AND table_name = ? ORDER BY column_index", [mart]
    ).fetchall()]  # fmt: skip
    spec = next((one for one in marts() if one.name == mart), None)
    if spec is None or column not in columns:
        raise TraceError(f"there is no {mart}.{column}; did you mean {_nearest(con, f'{mart}.{column}')}?")
    if unknown := [name for name in given if name not in columns]:
        raise TraceError(f"{mart} has no column {unknown[0]!r}; its key is {', '.join(spec.key)}")
    dated = next((name for name in ("session_date", "built_for_session") if name in columns), None)
    names = [name for name in spec.key if name != dated]
    where, values = ["true"], list[Any](given.values())
    where += [f"CAST({quoted(name)} AS VARCHAR) = ?" for name in given]
    if entity is not None:
        where.append(f"? IN ({', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in names)})")
        values.append(entity)
    if day is not None and dated:
        where.append(f"{quoted(dated)} = ?")
        values.append(day)
    chosen = f"SELECT * FROM marts.{quoted(mart)} WHERE {' AND '.join(where)}"
    if dated:
        chosen += f" QUALIFY {quoted(dated)} = max({quoted(dated)}) OVER ()"
    if "is_default" in columns:
        chosen = f"SELECT * FROM ({chosen}) QUALIFY is_default = bool_or(is_default) OVER ()"
    order = ", ".join(quoted(name) for name in spec.key)
    cursor = con.execute(f"{chosen} ORDER BY {order} LIMIT 2", values)
    described, found = [d[0] for d in cursor.description or ()], cursor.fetchall()
    if not found:
        raise TraceError(
            f"{mart} has no row for {day or 'any session'}" + "".join(f", {v}" for v in (entity, *given.values()) if v)
        )
    row = dict(zip(described, found[0], strict=True))
    if len(found) > 1:
        example = " ".join(f"--key {name}={row[name]}" for name in names)
        raise TraceError(
            f"{mart}.{column} has several rows; say which, for example: --date {row.get(dated or '')} {example}"
        )
    about = _one(
        con, "SELECT unit, doc AS formula FROM meta.columns WHERE mart = ? AND column_name = ?", [mart, column]
    )
    session = row[dated] if dated else con.execute(
        "SELECT max(session_date) FROM marts.dim_calendar WHERE is_latest"
    ).fetchall()[0][0]  # fmt: skip
    status = _status_of(spec, column)
    return {
        "name": f"{mart}.{column}", "key": {name: row[name] for name in spec.key}, "session_date": session,
        "value": row[column], "status": row[status] if status else NO_STATUS.strip("'"), "title": about["formula"],
        "unit": about["unit"], "formula": "", "known_at": row["known_at"],
        "place": ("marts", mart, column, status),
    }  # fmt: skip


def _status_of(spec: MartSpec, column: str) -> str | None:
    """The column that says why ``column`` is missing: the one that is declared to speak for it, else ``status``, else none."""
    speaks = next((status for status, columns in spec.statuses.items() if column in columns), None)
    return speaks or ("status" if "status" in spec.statuses else None)


def _input(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    narrowing: str,
    moments: Mapping[str, Any],
    limit: int | None,
) -> Input:
    """The rows a model could see: all versions by as_of where the newest counts, else those known at the snapshot."""
    table, old = (f"raw.{quoted(source.dataset + suffix)}" for suffix in ("", "_superseded"))
    order = ", ".join(f"{quoted(k)} DESC" for k in (source.observed, *[k for k in source.key if k != source.observed]))
    kept = [*source.columns, "known_at", "known_at_kind", "fetched_at", "landing_sha256"]
    columns = ", ".join(quoted(name) for name in kept)
    # of newest versions the day of the observation says what was there; what was known may be about days to come
    observed_by = f"known_at <= $as_of AND CAST({quoted(source.observed)} AS DATE) <= $session"
    scope = (
        f"FROM (SELECT {columns} FROM {table} UNION ALL SELECT {columns} FROM {old})"
        f" WHERE {observed_by if source.versions == 'newest' else 'known_at <= $snapshot'} AND ({narrowing})"
    )
    values = _used(scope, moments)
    observed = f"CAST({quoted(source.observed)} AS DATE)"
    count, first, last = con.execute(f"SELECT count(*), min({observed}), max({observed}) {scope}", values).fetchall()[0]
    answers = con.execute(f"SELECT DISTINCT landing_sha256, fetched_at {scope}", values).fetchall()
    cut = "" if limit is None else f" LIMIT {int(limit)}"
    rows = con.execute(f"SELECT {columns} {scope} ORDER BY {order}, known_at DESC{cut}", values).fetchall()
    told = re.sub(r"\$(\w+)", lambda name: _literal(moments[name[1]]), narrowing)
    return Input(
        source.dataset, source.vendor, source.title, " ".join(told.split()), tuple(kept), count, first, last, tuple(rows),
        frozenset((sha256, fetched_at) for sha256, fetched_at in answers), scope, values,
    )  # fmt: skip


def _literal(value: Any) -> str:
    return f"DATE '{value}'" if isinstance(value, date) else f"'{value}'"


def _used(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that ``sql`` names: a statement takes no others."""
    return {name: value for name, value in values.items() if re.search(rf"\${name}\b", sql)}


def _landing_of(dataset: str) -> str:
    """The dataset whose landing holds the answers: some are parsed from another's."""
    source = next(s for s in all_sources() if s.dataset == dataset)
    return source.reads or source.dataset
