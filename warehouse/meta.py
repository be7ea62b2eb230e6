"""Schema ``meta`` of a generation: receipt, verdicts, freshness, quarantine, revisions, columns, lineage, inputs.

Belongs here: what a reader can ask about where the numbers come from. Does not: the numbers.
``revisions`` and ``inputs`` are written before the gate (it reads them), the rest after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.source import Source
from warehouse.candidate import MartSpec
from warehouse.gate import Verdict
from warehouse.store import attach, quoted

REVISION_KIND = {"session": "restated_bar", "event": "corporate_action", "snapshot": "vendor_rewrite"}


def write_before_gate(
    con: duckdb.DuckDBPyConnection, build: Path, sources: Sequence[Source], previous: Path | None
) -> None:
    """``meta.inputs`` (packs behind this build) and ``meta.revisions`` (facts new or changed since ``previous``)."""
    attach(con, build, "build")
    con.execute("CREATE SCHEMA meta")
    con.execute("CREATE TABLE meta.inputs AS SELECT dataset, pack, newest FROM build.raw.loaded_packs ORDER BY ALL")
    con.execute(
        "CREATE TABLE meta.revisions (dataset VARCHAR, entity VARCHAR, observed DATE, kind VARCHAR, known_at TIMESTAMPTZ,"
        " fetched_at TIMESTAMPTZ, landing_sha256 VARCHAR)"
    )
    if previous is not None:
        attach(con, previous, "previous")
        for source in sources:
            _revisions(con, source)
        con.execute("DETACH previous")
    con.execute(
        "CREATE TABLE meta.quarantine (dataset VARCHAR, rule VARCHAR, because VARCHAR, rows BIGINT, last_fetched_at TIMESTAMPTZ)"
    )
    con.execute(
        "CREATE TABLE meta.freshness (dataset VARCHAR, vendor VARCHAR, criticality VARCHAR, rows BIGINT, last_observation DATE,"
        " last_known_at TIMESTAMPTZ, last_fetched_at TIMESTAMPTZ, last_outcome VARCHAR)"
    )
    for source in sources:
        _counts(con, source)
    con.execute("DETACH build")


def _revisions(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    entity = " || '|' || ".join(f"CAST({quoted(k)} AS VARCHAR)" for k in source.key if k != source.observed) or "''"
    changed = REVISION_KIND.get(source.cadence, "vintage")
    con.execute(
        f"""
        INSERT INTO meta.revisions
        SELECT ?, {entity}, CAST({quoted(source.observed)} AS DATE),
            CASE known_at_kind
                WHEN 'late_arrival' THEN CASE ? WHEN 'corporate_action' THEN 'corporate_action' ELSE 'late_arrival' END
                WHEN 'first_seen' THEN ?
                ELSE 'new' END,
            known_at, fetched_at, landing_sha256
        FROM build.raw.{quoted(source.dataset)}
        -- by answer, not by bytes alone: a vendor who says the same again has revised nothing
        WHERE (landing_sha256, fetched_at) NOT IN (
            SELECT (l.sha256, l.fetched_at) FROM build.raw.fetch_log l
            JOIN previous.meta.inputs i ON i.dataset = l.dataset AND i.pack = l.pack
            WHERE l.dataset = ? AND l.sha256 IS NOT NULL)
        ORDER BY ALL
        """,
        [source.dataset, changed, changed, source.dataset],
    )


def _counts(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    table, observed = quoted(source.dataset), quoted(source.observed)
    con.execute(
        f"INSERT INTO meta.quarantine SELECT ?, rule, because, count(*), max(fetched_at) FROM build.quarantine.{table}"
        " GROUP BY rule, because ORDER BY rule",
        [source.dataset],
    )
    con.execute(
        f"""
        INSERT INTO meta.freshness
        SELECT ?, ?, ?, count(*), max(CAST({observed} AS DATE)), max(known_at), max(fetched_at),
            (SELECT CASE WHEN count(*) FILTER (outcome = 'error') > 0 THEN 'error' ELSE max(outcome) END
             FROM build.raw.fetch_log l WHERE l.dataset = ?
               AND l.fetched_at = (SELECT max(fetched_at) FROM build.raw.fetch_log m WHERE m.dataset = ?))
        FROM build.raw.{table}
        """,
        [source.dataset, source.vendor, source.criticality, source.dataset, source.dataset],
    )


def write_after_gate(
    con: duckdb.DuckDBPyConnection,
    marts: Sequence[MartSpec],
    verdicts: Sequence[Verdict],
    receipt: Mapping[str, Any],
    hashes: Mapping[str, str],
) -> None:
    """``meta.receipt``, ``verdicts``, ``columns``, ``lineage``, ``content``."""
    fields = (
        "generation",
        "build_id",
        "as_of",
        "built_at",
        "vendors",
        "world",
        "tier",
        "clock",
        "code_version",
        "inputs_sha256",
    )
    con.register("one", pl.DataFrame({name: [str(receipt[name])] for name in fields}).to_arrow())
    con.execute("CREATE TABLE meta.receipt AS SELECT * FROM one")
    con.unregister("one")
    _table(
        con,
        "verdicts",
        {"rule_id": pl.String(), "mart": pl.String(), "severity": pl.String(), "outcome": pl.String(), "expectation": pl.String(),
         "observed": pl.String(), "because": pl.String(), "error": pl.String()},
        [(v.rule_id, v.mart, v.severity, v.outcome, v.expectation, v.observed, v.because, v.error) for v in verdicts],
    )  # fmt: skip
    _table(
        con,
        "columns",
        {"mart": pl.String(), "column": pl.String(), "position": pl.Int64(), "unit": pl.String(), "doc": pl.String()},
        [(m.name, c.name, i, *_unit(c.doc)) for m in marts for i, c in enumerate(m.columns)],
    )
    _table(
        con,
        "lineage",
        {"mart": pl.String(), "depends_on": pl.String()},
        [(m.name, parent) for m in marts for parent in m.depends_on],
    )
    _table(con, "content", {"mart": pl.String(), "sha256": pl.String()}, sorted(hashes.items()))


def _unit(doc: str) -> tuple[str, str]:
    unit, _, text = doc.partition("]")
    return unit.lstrip("["), text.strip()


def _table(
    con: duckdb.DuckDBPyConnection, name: str, schema: dict[str, pl.DataType], rows: Sequence[tuple[Any, ...]]
) -> None:
    con.register("rows", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    con.execute(f"CREATE TABLE meta.{quoted(name)} AS SELECT * FROM rows ORDER BY ALL")
    con.unregister("rows")
