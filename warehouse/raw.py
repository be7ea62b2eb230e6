"""Parsed frames → ``raw.<dataset>``: schema, row rules and quarantine, versions, and the log of what was asked.

Belongs here: how a fact becomes a version with ``known_at``. Does not: adjustments, as-of reads (dbt), vendors' formats.

Versions of a key are ordered by (fetched_at, landing sha256). The first is known when its source or lag rule says
(``late_arrival``: when an earlier answer that covered the day did not have it); later ones when they were seen. Packs
are folded in time order; a pack older than what is loaded makes the dataset be rebuilt from landing, so the result
never depends on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import polars as pl

from ingestion.source import EmptyAnswer, Request, Source, VendorError
from warehouse.landing import Landing, Pack
from warehouse.store import quoted

SYSTEM: dict[str, pl.DataType] = {
    "known_at": pl.Datetime("us", "UTC"),
    "known_at_kind": pl.String(),
    "first_seen_at": pl.Datetime("us", "UTC"),
    "fetched_at": pl.Datetime("us", "UTC"),
    "source": pl.String(),
    "landing_sha256": pl.String(),
}
_SQL_TYPE = {
    pl.String(): "VARCHAR",
    pl.Float64(): "DOUBLE",
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}
BATCH_ROWS = 400_000


@dataclass
class LoadReport:
    """What one load did, per dataset."""

    dataset: str
    packs: int = 0
    rows_new: int = 0
    rows_revised: int = 0
    rows_quarantined: int = 0
    rejected: list[str] = field(default_factory=list)
    rebuilt: bool = False


def ensure(con: duckdb.DuckDBPyConnection, sources: tuple[Source, ...]) -> None:
    """Create schemas and tables that do not exist. A declared column that changed type is an error that says so."""
    for schema in ("raw", "quarantine"):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    con.execute(
        "CREATE TABLE IF NOT EXISTS raw.fetch_log (dataset VARCHAR, pack VARCHAR, series VARCHAR, outcome VARCHAR, note VARCHAR,"
        ' fetched_at TIMESTAMPTZ, "first" DATE, "last" DATE, required BOOLEAN, sha256 VARCHAR)'
    )
    con.execute("CREATE TABLE IF NOT EXISTS raw.loaded_packs (dataset VARCHAR, pack VARCHAR, newest TIMESTAMPTZ)")
    for source in sources:
        ddl = ", ".join(f"{quoted(name)} {sql}" for name, sql in _columns(source).items())
        con.execute(f"CREATE TABLE IF NOT EXISTS raw.{quoted(source.dataset)} ({ddl})")
        con.execute(f"CREATE TABLE IF NOT EXISTS raw.{quoted(source.dataset + '_superseded')} ({ddl})")
        bad = ", ".join(f"{quoted(name)} {_SQL_TYPE[column.dtype]}" for name, column in source.columns.items())
        con.execute(
            f"CREATE TABLE IF NOT EXISTS quarantine.{quoted(source.dataset)} ({bad}, rule VARCHAR, because VARCHAR,"
            " fetched_at TIMESTAMPTZ, landing_sha256 VARCHAR)"
        )


def _columns(source: Source) -> dict[str, str]:
    present = {"is_present": "BOOLEAN"} if source.snapshot else {}
    return (
        {n: _SQL_TYPE[c.dtype] for n, c in source.columns.items()}
        | present
        | {n: _SQL_TYPE[t] for n, t in SYSTEM.items()}
    )


def load(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    landing: Landing,
    parsed: Mapping[str, pl.DataFrame] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LoadReport:
    """Load every pack of the dataset's landing that is not loaded yet, all or nothing (one transaction)."""
    report = LoadReport(source.dataset)
    packs = landing.packs(source.reads or source.dataset)
    done = dict(con.execute("SELECT pack, newest FROM raw.loaded_packs WHERE dataset = ?", [source.dataset]).fetchall())
    todo = [pack for pack in packs if pack.name not in done]
    if not todo:
        return report
    con.execute("BEGIN")
    try:
        # A pack's name begins with the time of its newest answer, so names sort by time.
        if done and min(pack.time for pack in todo) <= max(name.split("-")[0] for name in done):
            _forget(con, source)
            todo, report.rebuilt = packs, True
        for frames, batch in _batches(source, landing, todo, parsed or {}, con, report):
            if frames:
                _fold(con, source, pl.concat(frames), report)
            report.packs += len(batch)
            progress(report.packs, len(todo))
        if report.rows_new > 0.2 * _count(con, source):
            _reorder(con, source)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    return report


def _forget(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    for table in (
        f"raw.{quoted(source.dataset)}",
        f"raw.{quoted(source.dataset + '_superseded')}",
        f"quarantine.{quoted(source.dataset)}",
    ):
        con.execute(f"DELETE FROM {table}")
    for log in ("raw.loaded_packs", "raw.fetch_log"):
        con.execute(f"DELETE FROM {log} WHERE dataset = ?", [source.dataset])


def _count(con: duckdb.DuckDBPyConnection, source: Source) -> int:
    row = con.execute(f"SELECT count(*) FROM raw.{quoted(source.dataset)}").fetchone()
    return int(row[0]) if row else 0


def _reorder(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Date-ordered storage: later sessions lie together, so reads of the last months touch few row groups."""
    order = ", ".join(quoted(name) for name in (source.observed, *[k for k in source.key if k != source.observed]))
    table = f"raw.{quoted(source.dataset)}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE reordered AS SELECT * FROM {table} ORDER BY {order}")
    con.execute(f"DELETE FROM {table}")
    con.execute(f"INSERT INTO {table} SELECT * FROM reordered ORDER BY {order}")
    con.execute("DROP TABLE reordered")


def _batches(
    source: Source,
    landing: Landing,
    todo: list[Pack],
    parsed: Mapping[str, pl.DataFrame],
    con: duckdb.DuckDBPyConnection,
    report: LoadReport,
) -> Iterator[tuple[list[pl.DataFrame], list[Pack]]]:
    """Checked frames in time order, cut into batches; each answer is one landing. Snapshots go one at a time."""
    frames: list[pl.DataFrame] = []
    batch: list[Pack] = []
    rows = 0
    for pack in todo:
        newest: datetime | None = None
        answers = sorted(landing.answers(pack), key=lambda a: (a[3], a[2] or ""))
        for request, outcome, sha256, fetched_at, body in answers:
            newest = max(newest, fetched_at) if newest else fetched_at
            frame: pl.DataFrame | None = None
            if outcome == "data":
                frame = _parse(source, request, sha256, body, parsed, report)
            _log(con, source, pack, request, outcome, sha256, fetched_at)
            if frame is None:
                continue
            good = _checked(con, source, frame, request, sha256, fetched_at, report)
            frames.append(good)
            rows += good.height
            if source.snapshot:
                yield frames, []
                frames = []
        con.execute("INSERT INTO raw.loaded_packs VALUES (?, ?, ?)", [source.dataset, pack.name, newest])
        batch.append(pack)
        if rows >= BATCH_ROWS:
            yield frames, batch
            frames, batch, rows = [], [], 0
    if frames or batch:
        yield frames, batch


def _parse(
    source: Source, request: Request, sha256: str, body: bytes, parsed: Mapping[str, pl.DataFrame], report: LoadReport
) -> pl.DataFrame | None:
    if source.reads is None and sha256 in parsed:
        return parsed[sha256]
    try:
        return source.parse(body, request)
    except EmptyAnswer:
        return None
    except VendorError as error:
        # It parsed when it was landed, or it belongs to a sibling dataset: kept in landing, not loaded, reported.
        report.rejected.append(str(error))
        return None


def _log(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    pack: Pack,
    request: Request,
    outcome: str,
    sha256: str | None,
    fetched_at: datetime,
) -> None:
    con.execute(
        "INSERT INTO raw.fetch_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            source.dataset,
            pack.name,
            request.series,
            outcome,
            "",
            fetched_at,
            request.first,
            request.last,
            request.required,
            sha256,
        ],
    )


def _checked(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    frame: pl.DataFrame,
    request: Request,
    sha256: str,
    fetched_at: datetime,
    report: LoadReport,
) -> pl.DataFrame:
    """Declared schema enforced, rule breakers quarantined, exact duplicates dropped, system columns added."""
    wanted = {name: column.dtype for name, column in source.columns.items()}
    if dict(frame.schema) != wanted:
        raise VendorError(
            source.dataset,
            request.series,
            "parse must return the declared columns",
            f"{dict(frame.schema)} instead of {wanted}",
        )
    frame = frame.unique(maintain_order=True)
    clash = pl.struct(source.key).is_duplicated()
    rules = [("duplicate_key", clash, "the same key came twice with different values; both are set aside")]
    rules += [(rule.name, rule.bad.fill_null(False), rule.doc) for rule in source.rules]
    rules += [("key_missing", pl.any_horizontal([pl.col(k).is_null() for k in source.key]), "a key column is empty")]
    verdict = pl.coalesce([pl.when(bad).then(pl.lit(i)) for i, (_, bad, _) in enumerate(rules)])
    judged = frame.with_columns(verdict.alias("_rule"))
    bad = judged.filter(pl.col("_rule").is_not_null())
    if bad.height:
        names, reasons = [r[0] for r in rules], [r[2] for r in rules]
        rejected = bad.with_columns(
            pl.col("_rule").replace_strict(range(len(rules)), names, return_dtype=pl.String).alias("rule"),
            pl.col("_rule").replace_strict(range(len(rules)), reasons, return_dtype=pl.String).alias("because"),
            pl.lit(fetched_at, dtype=pl.Datetime("us", "UTC")).alias("fetched_at"),
            pl.lit(sha256).alias("landing_sha256"),
        ).drop("_rule")
        con.register("rejected", rejected.to_arrow())
        con.execute(f"INSERT INTO quarantine.{quoted(source.dataset)} BY NAME SELECT * FROM rejected")
        con.unregister("rejected")
        report.rows_quarantined += bad.height
    good = judged.filter(pl.col("_rule").is_null()).drop("_rule")
    seen = pl.lit(fetched_at, dtype=pl.Datetime("us", "UTC"))
    return good.with_columns(
        source.known_at(good).cast(pl.Datetime("us", "UTC")).alias("known_at"),
        seen.alias("first_seen_at"),
        seen.alias("fetched_at"),
        pl.lit(source.vendor).alias("source"),
        pl.lit(sha256).alias("landing_sha256"),
        pl.lit(request.series).alias("_series"),
    )


def _fold(con: duckdb.DuckDBPyConnection, source: Source, frame: pl.DataFrame, report: LoadReport) -> None:
    """Fold one batch of landings into current and superseded versions."""
    table, old = f"raw.{quoted(source.dataset)}", f"raw.{quoted(source.dataset + '_superseded')}"
    key = ", ".join(quoted(k) for k in source.key)
    on_key = " AND ".join(f"a.{quoted(k)} = b.{quoted(k)}" for k in source.key)
    values = [name for name in source.columns if name not in source.key] + (["is_present"] if source.snapshot else [])
    columns = ", ".join(quoted(name) for name in _columns(source))
    if source.snapshot:
        frame = _with_vanished(con, source, frame)
    con.register("incoming", frame.to_arrow())
    content = f"row({', '.join(quoted(v) for v in values)})"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE versions AS
        WITH both_sides AS (
            SELECT {columns}, NULL::VARCHAR AS _series, TRUE AS is_loaded FROM {table} a
            WHERE EXISTS (SELECT 1 FROM incoming b WHERE {on_key})
            UNION ALL BY NAME
            SELECT *, FALSE AS is_loaded FROM incoming
        ),
        ordered AS (
            SELECT *, row_number() OVER w AS n,
                {content} IS DISTINCT FROM lag({content}) OVER w AS is_changed
            FROM both_sides WINDOW w AS (PARTITION BY {key} ORDER BY fetched_at, landing_sha256)
        ),
        kept AS (SELECT * FROM ordered WHERE n = 1 OR is_changed)
        SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY fetched_at DESC, landing_sha256 DESC) = 1 AS is_newest FROM kept
        """  # noqa: S608 - identifiers come from the declared contract and are quoted
    )
    _stamp(con, source)
    con.execute(
        f"""
        DELETE FROM {table} a WHERE EXISTS (
            SELECT 1 FROM versions b WHERE {on_key} AND NOT b.is_loaded AND b.n > 1)
        """
    )
    con.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT {columns} FROM versions a WHERE is_newest AND NOT is_loaded
        """
    )
    con.execute(f"INSERT INTO {old} BY NAME SELECT {columns} FROM versions WHERE NOT is_newest")
    counts = con.execute(
        "SELECT count(*) FILTER (n = 1), count(*) FILTER (n > 1) FROM versions WHERE NOT is_loaded"
    ).fetchone()
    assert counts is not None
    report.rows_new += counts[0]
    report.rows_revised += counts[1]
    con.unregister("incoming")
    con.execute("DROP TABLE versions")


def _with_vanished(con: duckdb.DuckDBPyConnection, source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """A snapshot is the complete list: keys present before and absent now get a version that says so."""
    con.register("incoming", frame.to_arrow())
    on_key = " AND ".join(f"a.{quoted(k)} = b.{quoted(k)}" for k in source.key)
    keys = ", ".join(f"a.{quoted(k)}" for k in source.key)
    gone = con.execute(
        f"SELECT {keys} FROM raw.{quoted(source.dataset)} a WHERE a.is_present"
        f" AND NOT EXISTS (SELECT 1 FROM incoming b WHERE {on_key}) ORDER BY ALL"
    ).pl()
    con.unregister("incoming")
    frame = frame.with_columns(pl.lit(True).alias("is_present"))
    if gone.is_empty():
        return frame
    like = frame.head(1).select("first_seen_at", "fetched_at", "source", "landing_sha256", "_series")
    vanished = gone.join(like, how="cross").with_columns(
        pl.lit(False).alias("is_present"), pl.col("fetched_at").alias("known_at")
    )
    return pl.concat([frame, vanished], how="diagonal_relaxed").select(frame.columns)


def _stamp(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """known_at of new versions: later ones when seen; first ones by their rule, unless they arrived late."""
    observed = quoted(source.observed)
    con.execute(
        f"""
        UPDATE versions SET
            known_at_kind = CASE
                WHEN is_loaded THEN known_at_kind
                WHEN n > 1 OR known_at IS NULL THEN 'first_seen'
                WHEN EXISTS (
                    SELECT 1 FROM raw.fetch_log l
                    WHERE l.dataset = ? AND l.series = versions._series AND l.outcome = 'data'
                      AND l.fetched_at < versions.fetched_at AND l.fetched_at >= versions.known_at
                      AND CAST(versions.{observed} AS DATE) BETWEEN l."first" AND l."last"
                ) THEN 'late_arrival'
                ELSE ? END
        """,
        [source.dataset, source.known_at_kind],
    )
    con.execute(
        "UPDATE versions SET known_at = greatest(fetched_at, coalesce(known_at, fetched_at))"
        " WHERE NOT is_loaded AND known_at_kind IN ('first_seen', 'late_arrival')"
    )
