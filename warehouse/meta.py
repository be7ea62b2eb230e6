"""Schema ``meta`` of a generation: receipt, verdicts, freshness, quarantine, revisions, decisions, columns, lineage, inputs.

Belongs here: what a reader can ask about where the numbers come from. Does not: the numbers.
``revisions`` and ``inputs`` are written before the gate (it reads them), the rest after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.source import Source
from warehouse.candidate import BuildFacts, MartSpec, text
from warehouse.content import Months
from warehouse.database import attach, quoted
from warehouse.decisions import Decision
from warehouse.gate import Verdict
from warehouse.versions import entity_of, tables_of

REVISION_KIND = {"session": "restated_bar", "event": "corporate_action", "snapshot": "vendor_rewrite"}  # by cadence


MOMENTS = ("as_of", "built_at", "clock")
RECEIPT = (
    "generation VARCHAR, build_id VARCHAR, as_of TIMESTAMPTZ, built_at TIMESTAMPTZ, vendors VARCHAR, world VARCHAR, tier VARCHAR,"
    " clock TIMESTAMPTZ, code_version VARCHAR, inputs_sha256 VARCHAR"
)
COMMENTS = {
    "receipt": "One row: this generation, the moment it is as of, when and from what it was built. clock is NULL where the"
    " wall clock ran.",
    "verdicts": "Every rule of the gate and its verdict on this generation: passed, failed (a warning), accepted by a person,"
    " not_applicable.",
    "columns": "Every column of every mart with its unit and meaning.",
    "lineage": "What each mart is made of directly: schema.table.",
    "content": "A hash of the rows of each mart, independent of their order: equal hashes are equal tables.",
    "content_months": "The same by month of the session: rows, and the two sums of row hashes of which the hash is made. month is its first"
    " day, NULL for rows without a session.",
    "inputs": "The packs of vendor answers this generation was made from, and the newest answer in each.",
    "freshness": "Per dataset: rows held, the newest observation, and how the last question to the vendor ended.",
    "quarantine": "Rows set aside because they break a dataset's contract, counted by dataset and rule.",
    "revisions": "What changed since the generation before, and why: kind says new, vintage, restated_bar, late_arrival ...",
    "decisions": "What people decided: answers set aside or taken back, refusals accepted, series asked for anew; with reasons.",
}


REVISIONS = (
    "dataset VARCHAR, entity VARCHAR, observed DATE, kind VARCHAR, known_at TIMESTAMPTZ, fetched_at TIMESTAMPTZ,"
    " landing_sha256 VARCHAR, reason VARCHAR"
)


def write_before_gate(
    con: duckdb.DuckDBPyConnection,
    build: Path,
    sources: Sequence[Source],
    facts: BuildFacts,
    decided: Sequence[Decision],
    previous: Path | None,
) -> None:
    """``meta.inputs`` (packs behind this build), ``meta.decisions`` and ``meta.revisions`` (what is told since ``previous``)."""
    attach(con, build, "build")
    con.execute("CREATE SCHEMA meta")
    con.execute("CREATE TABLE meta.inputs AS SELECT dataset, pack, newest FROM build.raw.loaded_packs ORDER BY ALL")
    _table(
        con,
        "decisions",
        {"kind": pl.String(), "scope": pl.String(), "target": pl.String(), "reason": pl.String(),
         "decided_at": pl.Datetime("us", "UTC"), "decided_by": pl.String()},
        [(d.kind, d.scope, d.target, d.reason, d.decided_at, d.by) for d in decided],
    )  # fmt: skip
    con.execute(f"CREATE TABLE meta.revisions ({REVISIONS})")
    if previous is not None:
        attach(con, previous, "previous")
        receipt = con.execute("SELECT CAST(as_of AS TIMESTAMPTZ), code_version FROM previous.meta.receipt").fetchone()
        assert receipt is not None
        for source in sources:
            _revisions(con, source, facts.as_of, receipt[0])
        _decided(con, sources)
        if receipt[1] != facts.code_version:
            told = f"computed by another version of the code: {receipt[1]} before, {facts.code_version} now"
            con.execute("INSERT INTO meta.revisions (dataset, entity, kind, known_at, reason) VALUES ('code', ?, 'method', ?, ?)",
                        [facts.code_version, facts.as_of, told])  # fmt: skip
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


def _revisions(con: duckdb.DuckDBPyConnection, source: Source, as_of: datetime, before: datetime) -> None:
    """Versions of facts that are visible as of this build and were not in the published one, whichever run fetched them.

    Not visible then: known only after it, or held only since (an answer it had not loaded; told apart by the answer, not
    by its bytes alone: a vendor who says the same again has revised nothing). A fact that was already public then and is
    held only now has arrived late. A bar that its vendor no longer lists still counts and is told as a rewrite.
    """
    table, old, _ = tables_of(source)
    entity, observed = entity_of(source), f"CAST({quoted(source.observed)} AS DATE)"
    # a list of who belongs to what is rewritten, however often it comes
    changed = "vendor_rewrite" if source.domain == "reference" else REVISION_KIND.get(source.cadence, "vintage")
    visible = "known_at <= $as_of AND (known_at > $before OR fetched_at IN (SELECT fetched_at FROM new))"
    late = "corporate_action" if changed == "corporate_action" else "late_arrival"
    con.execute(
        f"""
        INSERT INTO meta.revisions
        WITH answered AS (
            SELECT DISTINCT l.sha256, l.fetched_at FROM build.raw.fetch_log l
            JOIN previous.meta.inputs i ON i.dataset = l.dataset AND i.pack = l.pack
            WHERE l.dataset = $dataset AND l.sha256 IS NOT NULL
        ),
        -- a moment is compared sooner than a hash: only what came at the moment of a new answer can be one
        new AS (
            SELECT DISTINCT l.fetched_at FROM build.raw.fetch_log l
            ANTI JOIN previous.meta.inputs i ON i.dataset = l.dataset AND i.pack = l.pack
            WHERE l.dataset = $dataset
        ),
        told AS (
            SELECT {entity} AS entity, {observed} AS observed, known_at_kind AS kind, known_at, fetched_at, landing_sha256
            FROM build.{table} WHERE {visible}
            UNION ALL
            SELECT {entity}, {observed}, known_at_kind, known_at, fetched_at, landing_sha256
            FROM build.{old} WHERE {visible}
            UNION ALL
            SELECT entity, observed, 'unlisted', fetched_at, fetched_at, landing_sha256
            FROM build.raw.unlisted WHERE dataset = $dataset AND fetched_at <= $as_of
        )
        SELECT $dataset, entity, observed,
            CASE
                WHEN kind = 'unlisted' THEN 'vendor_rewrite'
                WHEN kind = 'first_seen' THEN $changed
                WHEN kind = 'late_arrival' OR known_at <= $before THEN $late
                ELSE 'new' END,
            known_at, fetched_at, landing_sha256, NULL
        FROM told ANTI JOIN answered AS a
            ON a.sha256 = told.landing_sha256 AND a.fetched_at = told.fetched_at AND told.known_at <= $before
        ORDER BY ALL
        """,
        {"dataset": source.dataset, "as_of": as_of, "before": before, "changed": changed, "late": late},
    )


def _decided(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Facts of answers that a person set aside, or took back, since the published build."""
    known = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'previous' AND schema_name = 'meta' AND table_name = 'decisions'"
    ).fetchone()
    new = "SELECT * FROM meta.decisions WHERE kind IN ('set_aside', 'restored')"
    new += " EXCEPT SELECT * FROM previous.meta.decisions" if known and known[0] else ""
    if not con.execute(f"SELECT 1 FROM ({new}) LIMIT 1").fetchall():
        return
    for source in sources:
        table, old, quarantine = tables_of(source)
        entity, observed = entity_of(source, "f"), f"CAST(f.{quoted(source.observed)} AS DATE)"
        for held, kind in ((quarantine, "set_aside"), (table, "restored"), (old, "restored")):
            con.execute(
                f"""
                INSERT INTO meta.revisions
                SELECT ?, {entity}, {observed}, n.kind, n.decided_at, f.fetched_at, f.landing_sha256, n.reason
                FROM build.{held} f JOIN ({new}) n ON n.kind = ? AND n.scope = ? AND n.target = f.landing_sha256
                ORDER BY ALL
                """,
                [source.dataset, kind, source.reads or source.dataset],
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
    months: Mapping[str, Months],
) -> None:
    """``meta.receipt``, ``verdicts``, ``columns``, ``lineage``, ``content``, ``content_months``."""
    con.execute(f"CREATE TABLE meta.receipt ({RECEIPT})")
    fields = [field.split()[0] for field in RECEIPT.split(", ")]
    con.execute(
        f"INSERT INTO meta.receipt SELECT {', '.join(f'TRY_CAST(${name} AS TIMESTAMPTZ)' if name in MOMENTS else f'${name}' for name in fields)}",
        {name: receipt[name] for name in fields},
    )
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
        {
            "mart": pl.String(),
            "column_name": pl.String(),
            "position": pl.Int64(),
            "unit": pl.String(),
            "doc": pl.String(),
        },
        [(m.name, c.name, i, *_unit(c.doc)) for m in marts for i, c in enumerate(m.columns)],
    )
    _table(
        con,
        "lineage",
        {"mart": pl.String(), "depends_on": pl.String()},
        [(m.name, parent) for m in marts for parent in m.depends_on],
    )
    for v in verdicts:
        if v.outcome == "accepted":
            con.execute(
                "INSERT INTO meta.revisions (dataset, entity, kind, known_at, reason) VALUES (?, ?, 'accepted', ?, ?)",
                [v.mart, v.rule_id, receipt["as_of"], v.error],
            )
    _table(con, "content", {"mart": pl.String(), "sha256": pl.String()}, sorted(hashes.items()))
    sums = [(m, month, s.rows, s.first, s.second) for m, held in months.items() for month, s in held.items()]
    kind = pl.Decimal(38, 0)  # Parquet has no integer as wide as a sum of hashes
    _table(
        con,
        "content_months",
        {"mart": pl.String(), "month": pl.Date(), "rows": pl.Int64(), "sum_1": kind, "sum_2": kind},
        [(m, month, rows, Decimal(first), Decimal(second)) for m, month, rows, first, second in sums],
    )
    for table, said in COMMENTS.items():
        con.execute(f"COMMENT ON TABLE meta.{quoted(table)} IS {text(said)}")


def _unit(doc: str) -> tuple[str, str]:
    unit, _, text = doc.partition("]")
    return unit.lstrip("["), text.strip()


def _table(
    con: duckdb.DuckDBPyConnection, name: str, schema: dict[str, pl.DataType], rows: Sequence[tuple[Any, ...]]
) -> None:
    con.register("rows", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    con.execute(f"CREATE TABLE meta.{quoted(name)} AS SELECT * FROM rows ORDER BY ALL")
    con.unregister("rows")
