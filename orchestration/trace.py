"""Where a published reading comes from, down to the vendor's bytes, and the proof: computing it again from those alone.

Belongs here: following one reading from its mart through the models to raw rows and landing answers. Does not: layout
(``show``). A model may narrow its inputs in its yml (``config: meta: inputs: {<dataset>: <SQL over raw columns>}``), a
family with the columns of the reading's row of seeds/indicators.csv in braces (``series_id = '{subject}'``); a dataset
without an entry counts whole, one with ``FALSE`` not at all. Narrowing is proven, not believed: ``recompute`` uses nothing else.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.registry import all_sources
from ingestion.source import Source
from orchestration import dbt
from orchestration.manifest import model_of, read_manifest, readings
from orchestration.settings import Settings
from warehouse import raw
from warehouse.landing import Landing
from warehouse.store import Home, build_session, quoted, reader

UNUSED = "FALSE"  # a shared model reads the dataset, but nothing of it reaches this reading


class TraceError(Exception):
    """A reading cannot be traced. Says what was asked, what is there, and what to do."""


@dataclass(frozen=True)
class Input:
    """The rows of one dataset behind a reading. ``rows`` are newest first; ``answers`` are (sha256, fetched_at)."""

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


@dataclass(frozen=True)
class Trace:
    """One cell of ``marts.indicator_readings`` with all that it was made from."""

    reading_id: str
    entity_id: str
    session_date: date
    value: float | None
    status: str
    unit: str
    name: str
    formula: str
    model: str
    known_at: datetime
    generation: str
    as_of: datetime
    world: str
    code_version: str
    inputs: tuple[Input, ...]
    models: tuple[str, ...]


def trace(
    settings: Settings, reading_id: str, day: date | None = None, entity: str | None = None, rows: int | None = None
) -> Trace:
    """Follow one reading of the published generation; ``rows`` limits the rows told per dataset, not what is counted.

    Raises TraceError for what is not there, HomeError for no home.
    """
    con = reader(settings.home.door)
    try:
        cell, receipt = _cell(con, reading_id, day, entity), _receipt(con)
    finally:
        con.close()
    declared = readings()[reading_id]
    model = model_of(declared)
    con = reader(settings.home.build)
    try:
        closures = con.execute("SELECT count(*) FROM intermediate.int_suspected_closures").fetchall()[0][0]
        ancestors, datasets, inputs = _ancestry(model, is_as_told=closures == 0)
        inputs = {dataset: narrowing.format_map(declared) for dataset, narrowing in inputs.items()}
        snapshot = con.execute(
            "SELECT snapshot_at FROM intermediate.int_calendar WHERE session_date = ?", [cell["session_date"]]
        ).fetchall()[0][0]
        found = tuple(
            _input(con, source, datasets[source.dataset], inputs.get(source.dataset, ""), cell["session_date"],
                   snapshot, datetime.fromisoformat(receipt["as_of"]), rows)
            for source in all_sources() if source.dataset in datasets and inputs.get(source.dataset) != UNUSED
        )  # fmt: skip
    finally:
        con.close()
    return Trace(
        **cell, model=model, generation=receipt["generation"], as_of=datetime.fromisoformat(receipt["as_of"]),
        world=receipt["world"], code_version=receipt["code_version"], inputs=found, models=ancestors,
    )  # fmt: skip


def recompute(settings: Settings, found: Trace) -> tuple[float | None, str]:
    """(value, status) of the same cell from the traced answers alone, in a folder of its own. Raises DbtFailed."""
    with tempfile.TemporaryDirectory(prefix="updraft-trace-") as folder:
        home = Home(Path(folder))
        home.prepare(str(settings.vendors))
        kept = Landing(settings.home.landing)
        for source in all_sources():
            wanted = {pair for i in found.inputs for pair in i.answers if _landing_of(i.dataset) == source.dataset}
            if wanted:
                kept.copy(source.dataset, Landing(home.landing), wanted)
        with build_session(home) as con:
            raw.ensure(con, all_sources())
            for source in all_sources():
                raw.load(con, source, Landing(home.landing))
        variables = {"as_of": f"{found.as_of:%Y-%m-%dT%H:%M:%SZ}", "world": found.world, "build_id": "trace"}
        manifest = dbt.parsed_manifest()
        manifest.nodes[
            f"model.updraft.{found.model}"
        ].config.materialized = "table"  # in a run it stands in all_readings
        with dbt.environment(UPDRAFT_BUILD=str(home.build)):
            outcome = dbt.invoke(
                ["build", "--resource-type", "model", "--resource-type", "seed", "--select", f"+{found.model}",
                 "--vars", json.dumps(variables), "--target-path", str(home.temp / "dbt"),
                 "--log-path", str(home.temp / "dbt")],
                None,
                manifest,
            )  # fmt: skip
        if not outcome.success:
            raise dbt.DbtFailed(
                f"the models behind {found.reading_id} could not be computed again: {outcome.exception}"
            )
        con = reader(home.build)
        try:
            rows = con.execute(
                f"SELECT value, status FROM indicators.{quoted(found.model)}"
                " WHERE reading_id = ? AND entity_id = ? AND session_date = ?",
                [found.reading_id, found.entity_id, found.session_date],
            ).fetchall()
        finally:
            con.close()
    if not rows:
        raise TraceError(f"{found.reading_id} has no row for {found.session_date} when computed from its inputs alone")
    return rows[0][0], rows[0][1]


def _cell(con: duckdb.DuckDBPyConnection, reading_id: str, day: date | None, entity: str | None) -> dict[str, Any]:
    known = [row[0] for row in con.execute("SELECT reading_id FROM marts.dim_indicator ORDER BY 1").fetchall()]
    if reading_id not in known:
        raise TraceError(f"there is no reading {reading_id!r}. Readings: {', '.join(known)}")
    cursor = con.execute(
        "SELECT r.reading_id, r.entity_id, r.session_date, r.value, r.status, i.unit, i.name, i.formula, r.known_at"
        " FROM marts.indicator_readings r JOIN marts.dim_indicator i ON i.reading_id = r.reading_id"
        " WHERE r.reading_id = $1 AND ($2 IS NULL OR r.session_date = $2) AND ($3 IS NULL OR r.entity_id = $3)"
        " ORDER BY r.session_date DESC, r.entity_id LIMIT 1",
        [reading_id, day, entity],
    )
    names, row = [d[0] for d in cursor.description or ()], cursor.fetchone()
    if row is None:
        span = con.execute(
            "SELECT min(session_date), max(session_date), string_agg(DISTINCT entity_id, ', ' ORDER BY entity_id)"
            " FROM marts.indicator_readings WHERE reading_id = ?", [reading_id],
        ).fetchall()[0]  # fmt: skip
        raise TraceError(
            f"{reading_id} has no row for {day or 'any session'}{f' and {entity}' if entity else ''}; it has sessions"
            f" {span[0]} to {span[1]} for {span[2]}"
        )
    return dict(zip(names, row, strict=True))


def _receipt(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    cursor = con.execute("SELECT * FROM meta.receipt")
    names = [d[0] for d in cursor.description or ()]
    return {name: str(value) for name, value in zip(names, cursor.fetchall()[0], strict=True)}


def _ancestry(model: str, *, is_as_told: bool) -> tuple[tuple[str, ...], dict[str, bool], Mapping[str, str]]:
    """(models from staging up, dataset → whether it is read as market bars, what the model says narrows its inputs).

    ``is_as_told``: the sessions are those of the calendar seed; no closure is suspected.
    """
    nodes = read_manifest()["nodes"]
    start = next(key for key, node in nodes.items() if node["resource_type"] == "model" and node["name"] == model)
    order: list[str] = []
    datasets: dict[str, bool] = {}

    def visit(key: str) -> None:
        node = nodes.get(key)
        if node is None or node["name"] in order or node["resource_type"] != "model":
            return
        for parent in sorted(node["depends_on"]["nodes"]):
            if node["name"] == "int_calendar" and (".stg_" in parent or (is_as_told and parent.endswith("_closures"))):
                continue  # it looks at bars only where no as_of is given, and at all prices only to suspect a closure
            if parent.startswith("source.") and ".quarantine." in parent:
                continue  # what was set aside makes a reading abstain; no figure comes from it
            if parent.startswith("source."):
                name = parent.rpartition(".")[2].removesuffix("_superseded")
                datasets[name] = datasets.get(name, False) or "known_rows(" in node["raw_code"]
            else:
                visit(parent)
        order.append(node["name"])

    visit(start)
    return tuple(order), datasets, nodes[start]["config"].get("meta", {}).get("inputs", {})


def _input(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    is_bars: bool,
    narrowing: str,
    day: date,
    snapshot: datetime,
    as_of: datetime,
    limit: int | None,
) -> Input:
    """The rows a model could see: bars in their newest version by as_of, all else in versions known at the snapshot."""
    table, old = (f"raw.{quoted(source.dataset + suffix)}" for suffix in ("", "_superseded"))
    order = ", ".join(f"{quoted(k)} DESC" for k in (source.observed, *[k for k in source.key if k != source.observed]))
    kept = [*source.columns, "known_at", "known_at_kind", "fetched_at", "landing_sha256"]
    columns = ", ".join(quoted(name) for name in kept)
    scope = (
        f"FROM (SELECT {columns} FROM {table} UNION ALL SELECT {columns} FROM {old})"
        f" WHERE known_at <= $1 AND CAST({quoted(source.observed)} AS DATE) <= $2"
        + (f" AND ({narrowing})" if narrowing else "")
    )
    values = [as_of if is_bars else snapshot, day]
    count, first, last = con.execute(
        f"SELECT count(*), min(CAST({quoted(source.observed)} AS DATE)), max(CAST({quoted(source.observed)} AS DATE)) {scope}", values
    ).fetchall()[0]  # fmt: skip
    answers = con.execute(f"SELECT DISTINCT landing_sha256, fetched_at {scope}", values).fetchall()
    cut = "" if limit is None else f" LIMIT {int(limit)}"
    rows = con.execute(f"SELECT {columns} {scope} ORDER BY {order}, known_at DESC{cut}", values).fetchall()
    return Input(
        source.dataset, source.vendor, source.title, narrowing, tuple(kept), count, first, last, tuple(rows),
        frozenset((sha256, fetched_at) for sha256, fetched_at in answers),
    )  # fmt: skip


def _landing_of(dataset: str) -> str:
    """The dataset whose landing holds the answers: some are parsed from another's."""
    source = next(s for s in all_sources() if s.dataset == dataset)
    return source.reads or source.dataset
