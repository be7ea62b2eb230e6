"""Landing → ``raw.<dataset>``: tables, parsing, schema, row rules and quarantine, and the log of what was asked.

Belongs here: what is loaded, once, all or nothing. Does not: how a fact becomes a version (``versions``), adjustments,
as-of reads (dbt), the formats of vendors.

All new packs are staged, then folded at once. When one holds an answer older than what is loaded, a loaded pack is gone,
or a person set an answer aside, the dataset is rebuilt from landing. So the result never depends on the order of arrival.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from ingestion import plausible
from ingestion.source import EmptyAnswer, Request, Source, VendorError
from warehouse import versions
from warehouse.database import quoted
from warehouse.landing import Landing, Pack
from warehouse.versions import SQL_TYPE, columns_of, count_rows, tables_of

SET_ASIDE = "set_aside"  # the rule of quarantined rows whose answer a person set aside
_REJECTED = {
    "rule": "VARCHAR",
    "because": "VARCHAR",
    "known_at": "TIMESTAMPTZ",  # when the row would have been public: what depends on it has to know from then on
    "fetched_at": "TIMESTAMPTZ",
    "landing_sha256": "VARCHAR",
}
_UTC = pl.Datetime("us", "UTC")
_ANSWERED = "_series VARCHAR, window_first DATE, window_last DATE, fetched_at TIMESTAMPTZ, landing_sha256 VARCHAR, source VARCHAR"
_LOG: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "pack": pl.String(),
    "series": pl.String(),
    "outcome": pl.String(),
    "note": pl.String(),
    "fetched_at": pl.Datetime("us", "UTC"),
    "first": pl.Date(),
    "last": pl.Date(),
    "required": pl.Boolean(),
    "sha256": pl.String(),
}


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
    newest: date | None = None  # the newest observation now held


def ensure(con: duckdb.DuckDBPyConnection, sources: tuple[Source, ...]) -> None:
    """Create schemas and tables that do not exist.

    A dataset whose declared columns changed starts anew: its tables are dropped, and the next load fills them.
    """
    for schema in ("raw", "quarantine"):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    con.execute(
        "CREATE TABLE IF NOT EXISTS raw.fetch_log (dataset VARCHAR, pack VARCHAR, series VARCHAR, outcome VARCHAR,"
        ' note VARCHAR, fetched_at TIMESTAMPTZ, "first" DATE, "last" DATE, required BOOLEAN, sha256 VARCHAR)'
    )
    con.execute("CREATE TABLE IF NOT EXISTS raw.loaded_packs (dataset VARCHAR, pack VARCHAR, newest TIMESTAMPTZ)")
    con.execute(
        "CREATE TABLE IF NOT EXISTS raw.unlisted (dataset VARCHAR, entity VARCHAR, observed DATE, fetched_at TIMESTAMPTZ,"
        " landing_sha256 VARCHAR)"
    )
    held_now = _held_columns(con)
    for source in sources:
        bad = {name: SQL_TYPE[column.dtype] for name, column in source.columns.items()} | _REJECTED
        wanted = dict(zip(tables_of(source), (columns_of(source), columns_of(source), bad), strict=True))
        held = {table: held_now.get(table.replace('"', "")) for table in wanted}
        if held == wanted:
            continue
        if any(columns is not None and columns != wanted[table] for table, columns in held.items()):
            for table in wanted:
                con.execute(f"DROP TABLE IF EXISTS {table}")
            _forget_log(con, source)
        for table, columns in wanted.items():
            ddl = ", ".join(f"{quoted(name)} {sql}" for name, sql in columns.items())
            con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({ddl})")


def _held_columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """By schema.table of raw facts: name and type of the columns that it has now."""
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name IN ('raw', 'quarantine') ORDER BY table_oid, column_index"
    ).fetchall():
        found.setdefault(table, {})[name] = kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
    return found


def behind(con: duckdb.DuckDBPyConnection, sources: Iterable[Source], landing: Landing) -> list[Source]:
    """The datasets of which ``load`` would change something: two queries for all of them, not several for each."""
    done: dict[str, set[str]] = {}
    for dataset, pack in con.execute("SELECT dataset, pack FROM raw.loaded_packs").fetchall():
        done.setdefault(dataset, set()).add(pack)
    decided = {
        dataset
        for (dataset,) in con.execute(
            "SELECT DISTINCT dataset FROM raw.fetch_log WHERE outcome = 'set_aside'"
        ).fetchall()
    }
    found = []
    for source in sources:
        read = source.reads or source.dataset
        if {pack.name for pack in landing.packs(read)} != done.get(source.dataset, set()):
            found.append(source)
        elif source.dataset in decided or landing.set_aside(read):
            found.append(source)  # ``load`` tells whether a decision is newer than what it loaded
    return found


def load(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    landing: Landing,
    parsed: Mapping[tuple[str, Request], pl.DataFrame] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LoadReport:
    """Load every pack of the dataset's landing that is not loaded yet, all or nothing (one transaction).

    ``parsed`` spares a second parse: frames by body sha256 and the request without URL and headers.
    """
    report = LoadReport(source.dataset)
    current, old, quarantine = tables_of(source)
    packs = landing.packs(source.reads or source.dataset)
    done = dict(con.execute("SELECT pack, newest FROM raw.loaded_packs WHERE dataset = ?", [source.dataset]).fetchall())
    todo = [pack for pack in packs if pack.name not in done]
    gone = done.keys() - {pack.name for pack in packs}
    decided = _decided_otherwise(con, source, landing)
    if not todo and not gone and not decided:
        report.newest = _newest(con, source)
        return report
    con.execute("BEGIN")
    try:
        if gone or decided or (done and min(landing.oldest(pack) for pack in todo) <= max(done.values())):
            for table in (current, old, quarantine):
                con.execute(f"DELETE FROM {table}")
            _forget_log(con, source)
            todo, report.rebuilt = packs, True
        ddl = ", ".join(f"{quoted(n)} {kind}" for n, kind in {**columns_of(source), "_series": "VARCHAR"}.items())
        con.execute(f"CREATE OR REPLACE TEMP TABLE staged ({ddl})")
        con.execute(f"CREATE OR REPLACE TEMP TABLE answered ({_ANSWERED})")
        for position, pack in enumerate(todo):
            _stage(con, source, landing, pack, parsed or {}, report)
            progress(position + 1, len(todo))
        report.packs = len(todo)
        new, revised = versions.fold(con, source)
        report.rows_new, report.rows_revised = new, revised
        con.execute("DROP TABLE staged")
        con.execute("DROP TABLE answered")
        held = count_rows(con, current)
        if new > 0.2 * held and (revised or new < held):  # a plain first load is already in order
            _reorder(con, source)
        con.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(
            duckdb.Error
        ):  # a failed COMMIT has ended the transaction; its error is the one to tell
            con.execute("ROLLBACK")
        raise
    report.newest = _newest(con, source)
    return report


def _decided_otherwise(con: duckdb.DuckDBPyConnection, source: Source, landing: Landing) -> bool:
    """Whether an answer was loaded that is set aside now, or set aside when it was loaded and is not now."""
    aside = list(landing.set_aside(source.reads or source.dataset))
    found = con.execute(
        "SELECT count(*) FROM raw.fetch_log WHERE dataset = ? AND outcome IN ('data', 'set_aside')"
        " AND (outcome = 'set_aside') <> list_contains(CAST(? AS VARCHAR[]), sha256)",
        [source.dataset, aside],
    ).fetchone()
    return bool(found and found[0])


def _newest(con: duckdb.DuckDBPyConnection, source: Source) -> date | None:
    found = con.execute(
        f"SELECT CAST(max({quoted(source.observed)}) AS DATE) FROM raw.{quoted(source.dataset)}"
    ).fetchone()
    return found[0] if found else None


def _forget_log(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    for log in ("raw.loaded_packs", "raw.fetch_log", "raw.unlisted"):
        con.execute(f"DELETE FROM {log} WHERE dataset = ?", [source.dataset])


def _reorder(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Date-ordered storage: later sessions lie together, so reads of the last months touch few row groups."""
    order = ", ".join(quoted(name) for name in (source.observed, *[k for k in source.key if k != source.observed]))
    table = f"raw.{quoted(source.dataset)}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE reordered AS SELECT * FROM {table} ORDER BY {order}")
    con.execute(f"DELETE FROM {table}")
    con.execute(f"INSERT INTO {table} SELECT * FROM reordered ORDER BY {order}")
    con.execute("DROP TABLE reordered")


def _stage(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    landing: Landing,
    pack: Pack,
    parsed: Mapping[tuple[str, Request], pl.DataFrame],
    report: LoadReport,
) -> None:
    """Parse and check every answer of a pack; log them all."""
    log: list[tuple[object, ...]] = []
    answers: list[_Parsed] = []
    covered: list[tuple[object, ...]] = []
    aside = landing.set_aside(pack.dataset)
    for request, outcome, sha256, fetched_at, body in landing.answers(pack):
        asked = (request.first, request.last, request.required)
        log.append((source.dataset, pack.name, request.series, outcome, "", fetched_at, *asked, sha256))
        frame = _parse(source, request, sha256, body, parsed, report) if outcome in ("data", "set_aside") else None
        if frame is not None and not frame.is_empty():
            answers.append(_Parsed(frame, request.series, sha256, fetched_at))
        # an empty answer to the dataset's own question says that nothing is there; one to another's says nothing of this
        tells = frame is not None if outcome == "data" else outcome == "empty" and source.reads is None
        if source.complete_after is not None and tells:
            edge = request.first + source.complete_after
            covered.append((request.series, edge, request.last, fetched_at, sha256, source.vendor))
    if answers:
        put_away = {sha256: one.reason for sha256, one in aside.items()}
        fit, unfit = _checked(source, answers, put_away, _held_before(con, source, answers))
        _insert(con, "staged", fit)
        _insert(con, tables_of(source)[2], unfit)
        report.rows_quarantined += unfit.height
    if covered:
        con.executemany("INSERT INTO answered VALUES (?, ?, ?, ?, ?, ?)", covered)
    logged = pl.DataFrame(log, schema=_LOG, orient="row")
    _insert(con, "raw.fetch_log", logged)
    con.execute(
        "INSERT INTO raw.loaded_packs VALUES (?, ?, ?)", [source.dataset, pack.name, logged["fetched_at"].max()]
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("arriving", frame.to_arrow())
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM arriving")
    con.unregister("arriving")


def _parse(
    source: Source,
    request: Request,
    sha256: str,
    body: bytes,
    parsed: Mapping[tuple[str, Request], pl.DataFrame],
    report: LoadReport,
) -> pl.DataFrame | None:
    held = parsed.get((sha256, replace(request, url="", headers=()))) if source.reads is None else None
    if held is not None:
        return held
    try:
        frame = source.parse(body, request)
    except EmptyAnswer:
        # where absence tells something, an answer that holds nothing does so too
        return pl.DataFrame() if source.complete_after is not None else None
    except VendorError as error:
        # It parsed when it was landed, or it belongs to a sibling dataset: kept in landing, not loaded, reported.
        report.rejected.append(str(error))
        return None
    if frame.is_empty():
        report.rejected.append(f"{source.dataset}[{request.series}]: parse must never return an empty frame")
        return None
    return frame


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The rows of one answer and where they come from."""

    frame: pl.DataFrame
    series: str
    sha256: str
    fetched_at: datetime


def _held_before(con: duckdb.DuckDBPyConnection, source: Source, answers: Sequence[_Parsed]) -> pl.DataFrame | None:
    """What is known of the days these answers begin with, from all packs before: the newest version of each key.

    Packs are staged in the order of time, and a late one makes the dataset start anew, so the answer never depends on
    what happened to be loaded first.
    """
    spec = source.plausible
    if spec is None:
        return None
    firsts: list[Any] = [one.frame[spec.ordered].min() for one in answers]
    since, until = min(firsts), max(firsts)
    key = ", ".join(quoted(k) for k in source.key if k not in spec.apart)
    newest = ", ".join(f"{quoted(k)} DESC" for k in (*spec.apart, "fetched_at", "landing_sha256"))
    columns = ", ".join(quoted(name) for name in (*source.columns, "fetched_at", "landing_sha256"))
    current, old, _ = tables_of(source)
    ordered = quoted(spec.ordered)
    found = con.execute(
        f"""
        SELECT * FROM (
            SELECT {columns} FROM {current} UNION ALL SELECT {columns} FROM {old} UNION ALL SELECT {columns} FROM staged)
        WHERE {ordered} >= $since - to_days({plausible.REACH_DAYS}) AND {ordered} <= $until
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {newest}) = 1
        """,
        {"since": since, "until": until},
    ).pl()
    return plausible.shaped(found.select(pl.col(n).cast(c.dtype) for n, c in source.columns.items()), spec)


def _checked(
    source: Source, answers: Sequence[_Parsed], aside: Mapping[str, str], held: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows to keep with system columns, rows to quarantine with the rule). Of rows that repeat exactly one is kept.

    All answers at once (one by one costs ten times as much); a key is unique within its own answer. ``aside`` gives the
    reason by sha256 of the answers that a person set aside: all their rows are quarantined.
    """
    wanted = {name: column.dtype for name, column in source.columns.items()}
    for one in answers:
        if dict(one.frame.schema) != wanted:
            raise VendorError(
                source.dataset,
                one.series,
                "parse must return the declared columns",
                f"{dict(one.frame.schema)} instead of {wanted}",
            )
    heights = pl.Series([one.frame.height for one in answers], dtype=pl.Int64)
    number = pl.int_range(len(answers), dtype=pl.Int32, eager=True).repeat_by(heights).explode(empty_as_null=False)
    frame = pl.concat([one.frame for one in answers]).with_columns(number.alias("_answer"))
    same_key = pl.struct("_answer", *source.key).is_duplicated()
    again = pl.lit(value=False)
    if frame.select(same_key.any()).item():
        seen = frame.select(pl.struct(pl.all()).is_first_distinct()).to_series()
        # the one that is kept comes first, so what is left of a repeated row is told and harms nothing
        frame = pl.concat([frame.filter(seen), frame.filter(~seen)])
        again = pl.int_range(pl.len()) >= int(seen.sum())
        same_key = (~again) & pl.struct("_answer", *source.key).is_in(
            frame.head(int(seen.sum())).filter(same_key).select(pl.struct("_answer", *source.key)).to_series().implode()
        )
    rules = [("repeated_row", again, "the same row came twice; one of the two is kept")]
    rules += [("duplicate_key", same_key, "the same key came twice with different values; both are set aside")]
    rules += [(rule.name, rule.bad.fill_null(False), rule.doc) for rule in source.rules]
    rules += [("key_missing", pl.any_horizontal([pl.col(k).is_null() for k in source.key]), "a key column is empty")]
    if source.plausible is not None:
        broken = plausible.judge(frame, source.plausible, held)
        rules += [(name, pl.lit(broken == name).fill_null(False), doc) for name, doc in plausible.RULES.items()]
    verdict = pl.coalesce([pl.when(bad).then(pl.lit(i)) for i, (_, bad, _) in enumerate(rules)])
    origin = pl.DataFrame(
        {
            "_answer": pl.int_range(len(answers), dtype=pl.Int32, eager=True),
            "fetched_at": pl.Series([one.fetched_at for one in answers], dtype=pl.Datetime("us", "UTC")),
            "landing_sha256": [one.sha256 for one in answers],
            "_series": [one.series for one in answers],
        }
    )
    judged = (
        frame.with_columns(verdict.alias("_rule")).join(origin, on="_answer", maintain_order="left").drop("_answer")
    )
    names, reasons = [r[0] for r in rules], [r[2] for r in rules]
    rejected = judged.filter(pl.col("_rule").is_not_null()).with_columns(
        pl.col("_rule").replace_strict(range(len(rules)), names, return_dtype=pl.String).alias("rule"),
        pl.col("_rule").replace_strict(range(len(rules)), reasons, return_dtype=pl.String).alias("because"),
    )
    good = judged.filter(pl.col("_rule").is_null()).drop("_rule")
    if aside:
        put_away = good.filter(pl.col("landing_sha256").is_in(list(aside)))
        reason = pl.col("landing_sha256").replace_strict(aside, default=None, return_dtype=pl.String)
        rejected = pl.concat(
            [rejected, put_away.with_columns(_rule=None, rule=pl.lit(SET_ASIDE), because=reason)],
            how="diagonal_relaxed",
        )
        good = good.join(put_away.select("landing_sha256").unique(), on="landing_sha256", how="anti")
    dated = pl.all_horizontal([pl.col(k).is_not_null() for k in source.key])
    rejected = pl.concat(
        [
            (part := rejected.filter(dated)).with_columns(source.known_at(part).cast(_UTC).alias("known_at")),
            rejected.filter(~dated).with_columns(pl.lit(None, dtype=_UTC).alias("known_at")),
        ]
    )
    kept = good.with_columns(
        source.known_at(good).cast(pl.Datetime("us", "UTC")).alias("known_at"),
        pl.col("fetched_at").alias("first_seen_at"),
        pl.lit(source.vendor).alias("source"),
    )
    return kept, rejected.drop("_rule", "_series")
