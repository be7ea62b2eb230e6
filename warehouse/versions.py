"""How a fact becomes versions: ``raw.<dataset>`` has the current one of each key, ``_superseded`` what it said before.

Belongs here: the two tables' columns, folding staged rows into them, ``known_at`` of each version. Does not: parsing,
checking and what is staged (``raw``), as-of reads (dbt).

Versions of a key are ordered by (fetched_at, landing sha256). The first is known when its source or lag rule says
(``late_arrival``: when an earlier answer that covered the day did not have it); later ones when they were seen.
"""

from __future__ import annotations

import duckdb
import polars as pl

from ingestion.source import IS_PRESENT, SYSTEM_COLUMNS, Source
from warehouse.database import quoted

SQL_TYPE = {
    pl.String(): "VARCHAR",
    pl.Float64(): "DOUBLE",
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}
FOLD_ROWS = 2_000_000  # keys are folded in groups of about so many rows, so memory stays bounded


def tables_of(source: Source) -> tuple[str, str, str]:
    """Quoted names: current versions, superseded versions, quarantine."""
    current, old = quoted(source.dataset), quoted(source.dataset + "_superseded")
    return f"raw.{current}", f"raw.{old}", f"quarantine.{current}"


def columns_of(source: Source) -> dict[str, str]:
    """Columns and SQL types of both tables: the declared ones, then the system's."""
    present = {"is_present": IS_PRESENT} if source.tells_absence else {}
    return {n: SQL_TYPE[c.dtype] for n, c in {**source.columns, **present, **SYSTEM_COLUMNS}.items()}


def count_rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows of a table whose name is already quoted."""
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def fold(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[int, int]:
    """Fold the rows of ``staged``: snapshots one by one in time order, other datasets in groups of keys.

    ``answered`` holds the answers they came from, also those that hold no row (for datasets that tell absence by window).
    Returns how many versions were the first of their key, and how many revise it.
    """
    if source.complete_after is not None:
        con.execute("UPDATE staged SET is_present = TRUE")
        _add_withdrawn(con, source)
    if not source.snapshot and _is_first_load(con, source):
        return _take_as_first(con, source), 0
    folded: list[tuple[int, int]] = []
    if source.snapshot:
        order = con.execute("SELECT DISTINCT fetched_at, landing_sha256 FROM staged ORDER BY ALL").fetchall()
        for fetched_at, sha256 in order:
            con.execute(
                "CREATE OR REPLACE TEMP TABLE incoming AS SELECT * REPLACE (TRUE AS is_present) FROM staged"
                " WHERE fetched_at = ? AND landing_sha256 = ?",
                [fetched_at, sha256],
            )
            _add_vanished(con, source)
            folded.append(_fold(con, source))
    else:
        groups = 1 + count_rows(con, "staged") // FOLD_ROWS
        key = ", ".join(quoted(k) for k in source.key)
        for group in range(groups):
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM staged WHERE hash({key}) % ? = ?",
                [groups, group],
            )
            folded.append(_fold(con, source))
        _note_unlisted(con, source)
    return sum(new for new, _ in folded), sum(revised for _, revised in folded)


def _note_unlisted(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Note in ``raw.unlisted`` the bars that an earlier answer gave and a later one that covers their day does not.

    The version held still counts: a vendor that loses a day is more frequent than one that takes a bar back. But it is
    told. Needs ``staged`` and the fetch log of its answers; the outcome does not depend on which answers came together.
    """
    if source.cadence != "session" or source.series_column is None:
        return
    current, old, quarantine = tables_of(source)
    observed, series = quoted(source.observed), quoted(source.series_column)
    con.execute(
        f"""
        INSERT INTO raw.unlisted
        WITH answers AS (
            SELECT s._series, s.fetched_at, s.landing_sha256, min(l."first") AS first, max(s.{observed}) AS last
            FROM staged s
            JOIN raw.fetch_log l ON l.dataset = ? AND l.series = s._series AND l.fetched_at = s.fetched_at
                AND l.sha256 = s.landing_sha256
            GROUP BY ALL
        )
        SELECT ?, {entity_of(source, "a")}, CAST(a.{observed} AS DATE), n.fetched_at, n.landing_sha256
        FROM {current} a JOIN answers n ON a.{series} = n._series AND a.{observed} BETWEEN n.first AND n.last
        WHERE NOT EXISTS (SELECT 1 FROM staged b WHERE {_same_key(source)}
                AND b.fetched_at = n.fetched_at AND b.landing_sha256 = n.landing_sha256)
            AND NOT EXISTS (SELECT 1 FROM {quarantine} b WHERE {_same_key(source)}
                AND b.fetched_at = n.fetched_at AND b.landing_sha256 = n.landing_sha256)
            AND (a.first_seen_at < n.fetched_at
                OR EXISTS (SELECT 1 FROM {old} b WHERE {_same_key(source)} AND b.first_seen_at < n.fetched_at))
        ORDER BY ALL
        """,
        [source.dataset, source.dataset],
    )


def entity_of(source: Source, alias: str = "") -> str:
    """SQL text: what a fact is about, as told in ``meta.revisions``: its key without the day, parts joined by ``|``."""
    dot = f"{alias}." if alias else ""
    parts = [f"CAST({dot}{quoted(k)} AS VARCHAR)" for k in source.key if k != source.observed]
    return " || '|' || ".join(parts) or "''"


def _is_first_load(con: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether nothing is held yet, no staged key repeats, and no series was asked for twice: then nothing can be a
    revision or late, and the fold has nothing to do (a first load of 1.7 million bars: 2 s instead of 24)."""
    if count_rows(con, tables_of(source)[0]):
        return False
    key = ", ".join(quoted(k) for k in source.key)
    found = con.execute(
        f"""
        SELECT count(*) = count(DISTINCT ({key})) AND NOT EXISTS (
            SELECT 1 FROM raw.fetch_log l
            JOIN (SELECT _series, max(fetched_at) AS newest FROM staged GROUP BY _series) s ON l.series = s._series
            WHERE l.dataset = ? AND l.outcome IN ('data', 'empty') AND l.fetched_at < s.newest)
        FROM staged
        """,
        [source.dataset],
    ).fetchone()
    return bool(found and found[0])


def _take_as_first(con: duckdb.DuckDBPyConnection, source: Source) -> int:
    """Every staged row is the first version of its key."""
    columns = ", ".join(quoted(name) for name in columns_of(source))
    order = ", ".join(quoted(name) for name in (source.observed, *[k for k in source.key if k != source.observed]))
    con.execute(
        f"""
        INSERT INTO {tables_of(source)[0]} BY NAME
        SELECT {columns} FROM (
            SELECT * REPLACE (
                CASE WHEN known_at IS NULL THEN 'first_seen' ELSE ? END AS known_at_kind,
                coalesce(known_at, fetched_at) AS known_at)
            FROM staged)
        ORDER BY {order}
        """,
        [source.known_at_kind],
    )
    return count_rows(con, tables_of(source)[0])


def _fold(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[int, int]:
    """Fold ``incoming`` into current and superseded versions: (first versions, revisions)."""
    table, old, _ = tables_of(source)
    key = ", ".join(quoted(k) for k in source.key)
    on_key = _same_key(source)
    values = [name for name in source.columns if name not in source.key] + (
        ["is_present"] if source.tells_absence else []
    )
    columns = ", ".join(quoted(name) for name in columns_of(source))
    content = f"row({', '.join(quoted(v) for v in values)})" if values else "TRUE"
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
        SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY fetched_at DESC, landing_sha256 DESC) = 1 AS is_newest
        FROM kept
        """
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
    con.execute("DROP TABLE versions")
    con.execute("DROP TABLE incoming")
    return int(counts[0]), int(counts[1])


def _same_key(source: Source) -> str:
    return " AND ".join(f"a.{quoted(k)} = b.{quoted(k)}" for k in source.key)


def _add_vanished(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """A snapshot is the complete list: keys present before and absent now get a version that says so.

    A key whose row was quarantined was listed all the same, so it has not vanished; where part of the key could not be
    read, that row may be about any key that agrees in the rest.
    """
    maybe = " AND ".join(f"coalesce(a.{quoted(k)} = b.{quoted(k)}, TRUE)" for k in source.key)
    current, _, quarantine = tables_of(source)
    keys = ", ".join(f"a.{quoted(k)}" for k in source.key)
    answer = "fetched_at, landing_sha256, source, _series"
    con.execute(
        f"""
        INSERT INTO incoming BY NAME
        SELECT {keys}, FALSE AS is_present, one.fetched_at AS known_at, one.fetched_at AS first_seen_at, one.*
        FROM {current} a, (SELECT DISTINCT {answer} FROM incoming) one
        WHERE a.is_present
            AND NOT EXISTS (SELECT 1 FROM incoming b WHERE {_same_key(source)})
            AND NOT EXISTS (
                SELECT 1 FROM {quarantine} b
                WHERE {maybe} AND b.fetched_at = one.fetched_at AND b.landing_sha256 = one.landing_sha256)
        """
    )


def _add_withdrawn(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Stage the absence of keys that an answer does not list although its window covers them and an earlier one did.

    A key whose row was quarantined was listed all the same.
    """
    current, _, quarantine = tables_of(source)
    assert source.complete_after is not None and source.series_column is not None
    series, observed = quoted(source.series_column), quoted(source.observed)
    keys = ", ".join(f"a.{quoted(k)}" for k in source.key)
    con.execute(
        f"""
        INSERT INTO staged BY NAME
        WITH listed AS (
            SELECT {", ".join(quoted(k) for k in source.key)}, min(fetched_at) AS since
            FROM (SELECT * FROM {current} UNION ALL BY NAME SELECT * EXCLUDE (_series) FROM staged)
            WHERE is_present GROUP BY ALL
        )
        SELECT {keys}, FALSE AS is_present, one.fetched_at AS known_at, one.fetched_at AS first_seen_at,
            one.fetched_at, one.landing_sha256, one.source, one._series
        FROM listed a JOIN answered one
            ON one._series = CAST(a.{series} AS VARCHAR) AND one.fetched_at > a.since
            AND CAST(a.{observed} AS DATE) BETWEEN one.window_first AND one.window_last
        WHERE NOT EXISTS (
                SELECT 1 FROM staged b
                WHERE {_same_key(source)} AND b.fetched_at = one.fetched_at AND b.landing_sha256 = one.landing_sha256)
            AND NOT EXISTS (
                SELECT 1 FROM {quarantine} b
                WHERE {_same_key(source)} AND b.fetched_at = one.fetched_at AND b.landing_sha256 = one.landing_sha256)
        """
    )


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
                    WHERE l.dataset = ? AND l.series = versions._series AND l.outcome IN ('data', 'empty')
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
