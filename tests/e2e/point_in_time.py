"""Two builds of the same raw facts, compared: as of a day, and as of later.

Belongs here: building as of a day on a copy, the rows two builds must share, what happened after the day. Does not: which
days and how much of it is enough (``test_as_of`` and tests/bench/as_of.py).
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from lived import BARS

from ingestion.calendar import sessions, snapshot_at
from ingestion.registry import all_sources
from orchestration.manifest import read_manifest
from warehouse.database import quoted

# Marts that say how things stand at the newest session of the build: they hold nothing later and are not compared.
RESTATED = {
    "episode_statistics": "how rallies were, as of the newest session; nothing in it is a session's own",
    "article_lines": "how each line stands at the newest session; readings and claims are compared",
    "article_links": "how each link stands at the newest session; readings and claims are compared",
    "dates_ahead": "what was to come at the newest session",
    "dim_calendar": "which day is the latest",
    "dim_asset": "not dated",
    "dim_driver": "not dated",
    "dim_indicator": "not dated",
    "dim_instrument": "names, sectors and last sessions as listed now",
    "dim_sector": "not dated",
    "dim_series": "not dated",
    "dim_symbol": "a symbol given up later has an end then",
    "dim_universe": "not dated",
    "rally_episodes": "a running rally gets older and ends; its daily twin rally_daily is compared",
    "universe_membership": "a stay ends when it ends",
}
# Columns whose documentation says that they move with the build.
NOW_COLUMNS = {
    "claims_audit": ("verdict_now", "found_text_now", "judged_until"),
    "claim_parts": ("share_now", "verdict_now", "found_now", "rows_now"),
    # what followed is filled in when it is known; durability_skill tells by session what was known of it
    "verdict_track_record": (
        *("settles_on", "is_sustained", "trough_holds", "is_higher", "squared_error", "status_outcome", "known_at"),
    ),
}
LAST_SESSIONS = {"source_health": 252}  # marts of a moving window
# Rows that a later build must hold unchanged, where a mart holds others too: a report that lay ahead has come since, and
# the session that answers one of the last evening had not been.
SETTLED = {"earnings_calendar": "NOT is_ahead AND (timing = 'unknown' OR effective_session <= DATE '{day}')"}


@dataclass(frozen=True)
class Difference:
    """Rows that only one of two builds has, of one mart, and the first session they are about."""

    mart: str
    only_then: int
    only_now: int
    first: date


@dataclass
class Compared:
    """The outcome of one comparison."""

    day: date
    rows: dict[str, int]
    differences: list[Difference]
    seconds: float = 0.0


def chosen(seed: int, count: int, last: date, recent: int) -> list[date]:
    """Random sessions from 2016 to ``last``: ``count`` over all years, ``recent`` of them in the last two months."""
    draw = random.Random(seed)
    days = [day for day in sessions() if date(2016, 1, 4) <= day < last]
    two_months = [day for day in days if day > last - timedelta(days=61)]
    earlier = [day for day in days if day <= last - timedelta(days=61)]
    part = len(earlier) // max(count - recent, 1)
    spread = [earlier[n * part + draw.randrange(part)] for n in range(count - recent)]
    return sorted(spread + draw.sample(two_months, recent))


@contextmanager
def both(then: Path, now: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads two builds as ``then_`` and ``now_``."""
    con = duckdb.connect()
    try:
        con.execute("SET TimeZone = 'UTC'")
        for name, path in (("then_", then), ("now_", now)):
            con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
        yield con
    finally:
        con.close()


def marts_of(con: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    """Names of the marts in a build."""
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'marts' ORDER BY 1"
    return [name for (name,) in con.execute(query, [catalog]).fetchall()]


def compare(then: Path, now: Path, day: date) -> Compared:
    """Rows for sessions up to ``day`` that must be the same in both builds, mart by mart.

    Raises AssertionError when a mart holds anything after ``day`` in the build as of ``day``, or known after it.
    """
    started = time.process_time()
    found = Compared(day, {}, [])
    with both(then, now) as con:
        names = marts_of(con, "now_")
        assert names == marts_of(con, "then_")
        for mart in names:
            table = f"marts.{quoted(mart)}"
            (known,) = con.execute(f"SELECT max(known_at) FROM then_.{table}").fetchone() or (None,)
            assert known is None or known <= snapshot_at(day), f"{mart} as of {day} holds a row known at {known}"
            if mart in RESTATED:
                continue
            (latest,) = con.execute(f"SELECT max(session_date) FROM then_.{table}").fetchone() or (None,)
            assert latest is None or latest <= day, f"{mart} as of {day} holds {latest}"
            rows, difference = _compare_mart(con, mart, table, day)
            found.rows[mart] = rows
            if difference:
                found.differences.append(difference)
    found.seconds = time.process_time() - started
    return found


def _compare_mart(con: duckdb.DuckDBPyConnection, mart: str, table: str, day: date) -> tuple[int, Difference | None]:
    columns = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'now_' AND schema_name = 'marts'"
        " AND table_name = ? ORDER BY column_index",
        [mart],
    ).fetchall()
    kept = [c for (c,) in columns if not c.endswith("_final") and c not in NOW_COLUMNS.get(mart, ())]
    shared = ", ".join(quoted(c) for c in kept)
    since = date(1900, 1, 1)
    if mart in LAST_SESSIONS:
        (since,) = con.execute(f"SELECT min(session_date) FROM now_.{table}").fetchone() or (since,)
    settled = SETTLED.get(mart, "true").format(day=day)
    sides = {
        name: f"SELECT {shared} FROM {name}.{table} WHERE session_date BETWEEN DATE '{since}' AND DATE '{day}' AND {settled}"
        for name in ("then_", "now_")
    }
    prints = [
        con.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM ({query}) AS t").fetchone()
        for query in sides.values()
    ]
    assert prints[0] is not None
    if prints[0] == prints[1]:
        return prints[0][0], None
    counts, dates = [], []
    for one, other in (("then_", "now_"), ("now_", "then_")):
        con.execute(f"CREATE OR REPLACE TABLE memory.only_{one} AS {sides[one]} EXCEPT ALL {sides[other]}")
        count, first = con.execute(f"SELECT count(*), min(session_date) FROM memory.only_{one}").fetchone() or (0, None)
        counts.append(count)
        dates += [first] if first else []
    return prints[0][0], Difference(mart, counts[0], counts[1], min(dates))


def downstream(dataset: str) -> frozenset[str]:
    """The marts that read a dataset, through any number of models (the manifest's lineage)."""
    manifest = read_manifest()
    found, queue = set(), [n for n, s in manifest["sources"].items() if s["name"] in (dataset, f"{dataset}_superseded")]
    while queue:
        for child in manifest["child_map"][queue.pop()]:
            if child not in found:
                found.add(child)
                queue.append(child)
    return frozenset(n.rsplit(".", 1)[1] for n in found if manifest["nodes"].get(n, {}).get("schema") == "marts")


@contextmanager
def _facts(raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{str(raw).replace(chr(39), chr(39) * 2)}' AS facts (READ_ONLY)")
        con.execute("USE facts")
        yield con


def happened_after(raw: Path, day: date) -> dict[str, int]:
    """What became known after the snapshot of ``day`` about things that have rows up to it: how many facts of each kind.

    None of them may change a compared row, except that rewritten bars do when they are not taken out of the world.
    """
    found: dict[str, int] = {}
    with _facts(raw) as con:
        moment, told = snapshot_at(day), {"moment": snapshot_at(day), "day": day}

        def count(what: str, query: str, **named: object) -> None:
            (number,) = con.execute(f"SELECT count(*) FROM ({query})", named).fetchone() or (0,)
            found[what] = found.get(what, 0) + number

        count(
            "splits",
            "FROM raw.yahoo_actions AS a WHERE action = 'split' AND known_at > $moment AND EXISTS"
            " (FROM raw.yahoo_bars AS b WHERE b.symbol = a.symbol AND b.session_date <= $day)",
            **told,
        )
        for source in all_sources():
            table, old = f"raw.{quoted(source.dataset)}", f"raw.{quoted(source.dataset + '_superseded')}"
            observed = f"CAST({quoted(source.observed)} AS DATE)"
            late = f"FROM {table} WHERE known_at_kind = 'late_arrival' AND known_at > $moment AND {observed} <= $day"
            again = (
                f"FROM {table} AS a SEMI JOIN {old} AS b USING ({', '.join(quoted(k) for k in source.key)})"
                f" WHERE a.known_at > $moment AND {observed.replace('CAST(', 'CAST(a.')} <= $day"
            )
            if source.dataset in BARS:
                count("rewritten bars", late, **told)
                count("rewritten bars", again, **told)
            else:
                count("late arrivals", late, **told)
            if source.dataset == "sp500_spells":
                count("membership changes", again, **told)
            if source.dataset == "fred_observations":
                count("macro revisions", again, **told)
        # a stay that had begun and ended later, one that began later
        count(
            "membership changes",
            "FROM raw.sp500_spells WHERE start_date > $day OR (start_date <= $day AND end_date > $day AND end_date <="
            " (SELECT max(session_date) FROM raw.yahoo_bars))",
            day=day,
        )
        count(
            "macro revisions",
            "FROM raw.alfred_vintages AS a WHERE known_at > $moment AND EXISTS (FROM raw.alfred_vintages AS b WHERE"
            " b.series_id = a.series_id AND b.observation_date = a.observation_date AND b.known_at <= $moment AND"
            " b.value IS DISTINCT FROM a.value)",
            moment=moment,
        )
    return found


def first_corrected(raw: Path) -> dict[str, date]:
    """By dataset of market bars: the first session whose bar was corrected or came late."""
    found: dict[str, date] = {}
    with _facts(raw) as con:
        for source in all_sources():
            if source.dataset in BARS:
                (day,) = con.execute(
                    f"SELECT min(CAST({quoted(source.observed)} AS DATE)) FROM raw.{quoted(source.dataset)}"
                    " WHERE known_at_kind IN ('first_seen', 'late_arrival')"
                ).fetchone() or (None,)
                if day is not None:
                    found[source.dataset] = day
    return found
