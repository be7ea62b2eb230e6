"""From which session on a build can differ from the one before it, by the facts visible now that were not visible then.

Belongs here: what the build file remembers of its last finished build (schema ``changes``), when that may not be relied on,
and what came to each dataset since. Does not: how a table takes over what has not changed (``orchestration.evening``), what
is published.

A table is due when something it is made of changed; each table notes from which session on it really differs from what it
was, so that a change that changes nothing is not handed on. ``changed_from`` is a session date, ``EVERYTHING`` where
no session bounds it, NULL where nothing changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from ingestion.source import Source
from warehouse.candidate import BuildFacts
from warehouse.database import quoted
from warehouse.decisions import Decision
from warehouse.versions import tables_of

EVERYTHING = date(1, 1, 1)
AS_OF = "as_of"  # what models read that ask for the moment of the build itself
SAME = {
    "code_version": "the code or a seed changed",
    "vendors": "other vendors",
    "world": "another world",
    "tier": "another tier",
    "decided": "a person decided something about answers",
    "storage": "another version of the database",
}


@dataclass(frozen=True)
class Reads:
    """What a table is made of directly, with views and inlined models seen through."""

    tables: tuple[str, ...]
    datasets: tuple[str, ...]
    as_of: bool


@dataclass(frozen=True)
class Plan:
    """How a build begins: on what the build before left (``since`` names it), or whole, and why."""

    since: str | None
    because: str

    @property
    def is_whole(self) -> bool:
        """Whether every table is made anew."""
        return self.since is None

    def __str__(self) -> str:
        """For people: how much was made, and why."""
        return (
            f"every table was made anew: {self.because}"
            if self.is_whole
            else f"begun on the last build, {self.because}"
        )


def _told(facts: BuildFacts, decided: Sequence[Decision]) -> dict[str, Any]:
    told = {name: getattr(facts, name) for name in ("build_id", "as_of", "code_version", "vendors", "world", "tier")}
    said = json.dumps([asdict(one) for one in decided], default=str)
    return told | {"decided": said, "storage": duckdb.__version__}


def begin(
    con: duckdb.DuckDBPyConnection,
    facts: BuildFacts,
    sources: Sequence[Source],
    reads: Mapping[str, Reads],
    decided: Sequence[Decision],
    rebuild: bool = False,
) -> Plan:
    """Decide how to build, note what came to each dataset, and forget the last build until this one is finished.

    A whole build that is killed half-way so leaves nothing to rely on. Of an evening nothing stays that did not finish: it
    is one session of the build file, without a checkpoint before its end.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS changes")
    before = _built(con)
    told = _told(facts, decided)
    why = "it was asked for" if rebuild else _why_whole(con, before, told, reads)
    con.execute("CREATE OR REPLACE TABLE changes.found (relation VARCHAR, changed_from DATE, reaches_from DATE)")
    if not why:
        assert before is not None
        for dataset, since in _changed_from(con, sources, before["as_of"], facts.as_of).items():
            con.execute("INSERT INTO changes.found VALUES (?, ?, ?)", [f"raw.{dataset}", since, since])
        for other in {d for made_of in reads.values() for d in made_of.datasets} - {s.dataset for s in sources}:
            con.execute("INSERT INTO changes.found VALUES (?, ?, ?)", [f"raw.{other}", EVERYTHING, EVERYTHING])
        moved = before["as_of"].date() - timedelta(1) if before["as_of"] != facts.as_of else None
        con.execute("INSERT INTO changes.found VALUES (?, ?, ?)", [AS_OF, moved, moved])
    con.execute("DROP TABLE IF EXISTS changes.built")
    plan = Plan(None, why)
    if before is not None and not why:
        plan = Plan(str(before["build_id"]), f"as of {before['as_of']:%Y-%m-%d %H:%M} UTC")
    con.execute("CREATE OR REPLACE TABLE changes.began (build_id VARCHAR, since VARCHAR)")
    con.execute("INSERT INTO changes.began VALUES (?, ?)", [facts.build_id, plan.since])
    return plan


def end(con: duckdb.DuckDBPyConnection, facts: BuildFacts, decided: Sequence[Decision]) -> None:
    """Every table is made: what the next build may rely on."""
    told = pl.DataFrame([_told(facts, decided)])
    con.register("told", told.to_arrow())
    con.execute("CREATE OR REPLACE TABLE changes.built AS SELECT * FROM told")
    con.unregister("told")
    con.execute("CREATE OR REPLACE TABLE changes.packs AS SELECT dataset, pack FROM raw.loaded_packs ORDER BY ALL")


@dataclass(frozen=True)
class Since:
    """Which build a finished one began on, and from which session on each mart differs from what that one made.

    None: nowhere. ``EVERYTHING``: no session bounds it. A mart that is not named differs anywhere.
    """

    build_id: str
    changed_from: Mapping[str, date | None]


def since(con: duckdb.DuckDBPyConnection, build_id: str) -> Since | None:
    """What build ``build_id`` tells of how it was made; None where it was made whole, or does not say."""
    if not (_has(con, "began") and _has(con, "built")):
        return None
    row = con.execute(
        "SELECT b.since FROM changes.began b JOIN changes.built USING (build_id) WHERE build_id = ?", [build_id]
    ).fetchone()
    if row is None or row[0] is None:
        return None
    found = con.execute(
        "SELECT relation[7:], min(changed_from) FROM changes.found WHERE starts_with(relation, 'marts.') GROUP BY ALL"
    ).fetchall()
    return Since(str(row[0]), dict(found))


def _built(con: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    if not _has(con, "built"):
        return None
    found = con.execute("SELECT * REPLACE (CAST(as_of AS TIMESTAMPTZ) AS as_of) FROM changes.built").pl().to_dicts()
    return found[0] if found else None


def _has(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    row = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'changes'"
        " AND table_name = ?",
        [table],
    ).fetchone()
    return bool(row and row[0])


def _why_whole(
    con: duckdb.DuckDBPyConnection,
    before: Mapping[str, Any] | None,
    told: Mapping[str, Any],
    reads: Mapping[str, Reads],
) -> str:
    """Why nothing of the last build may be relied on; empty where it may."""
    if before is None:
        return "no finished build is held"
    for name, because in SAME.items():
        if before[name] != told[name]:
            return because
    if before["as_of"] > told["as_of"]:
        return "as of an earlier moment than the last build"
    gone = con.execute(
        "SELECT dataset FROM (SELECT dataset, pack FROM changes.packs EXCEPT SELECT dataset, pack FROM raw.loaded_packs) LIMIT 1"
    ).fetchone()
    if gone:
        return f"answers of {gone[0]} that were loaded then are gone"
    late = con.execute(
        """
        SELECT n.dataset FROM raw.loaded_packs n ANTI JOIN changes.packs p ON p.dataset = n.dataset AND p.pack = n.pack
        JOIN (SELECT l.dataset, max(l.newest) AS newest FROM raw.loaded_packs l JOIN changes.packs p USING (dataset, pack) GROUP BY l.dataset) h
            ON h.dataset = n.dataset
        WHERE n.newest <= h.newest LIMIT 1
        """
    ).fetchone()
    if late:
        return f"an answer of {late[0]} that is older than what was loaded then"
    held = {f"{s}.{t}" for s, t in con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()}
    missing = sorted(set(reads) - held)
    return f"{missing[0]} is missing" if missing else ""


def _changed_from(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Source], before: datetime, now: datetime
) -> dict[str, date | None]:
    """By dataset the earliest day that facts speak of, or were known on, that are visible now and were not then.

    One query for all: to plan one for each takes longer than to run it.
    """
    if not sources:
        return {}
    new = "SELECT {} FROM raw.{} AS l ANTI JOIN changes.packs AS p ON p.dataset = l.dataset AND p.pack = l.pack"
    asked = {dataset for (dataset,) in con.execute(new.format("DISTINCT l.dataset", "loaded_packs")).fetchall()}
    # 20:00 New York is the next day in UTC: a day earlier is surely not after the session
    day = "least({observed}, CAST({known} - INTERVAL 1 DAY AS DATE))"
    parts = []
    for source in sources:
        of_it = f"dataset = '{source.dataset}'"
        tables = [(table, f"CAST({quoted(source.observed)} AS DATE)", "known_at", "") for table in tables_of(source)]
        answered = ""
        if source.dataset in asked:
            answered = f" OR fetched_at IN (SELECT fetched_at FROM answered WHERE {of_it})"
            tables.append(("raw.unlisted", "observed", "fetched_at", f" AND {of_it}"))
        for table, observed, known, only in tables:
            parts.append(
                f"SELECT '{source.dataset}' AS dataset, {day.format(observed=observed, known=known)} AS day FROM {table}"
                f" WHERE ({known} > $before AND {known} <= $now{answered}){only}"
            )
    found = con.execute(
        f"WITH answered AS MATERIALIZED ({new.format('DISTINCT l.dataset, l.fetched_at', 'fetch_log')})"
        f" SELECT dataset, min(day) FROM ({' UNION ALL '.join(parts)}) GROUP BY dataset",
        {"before": before, "now": now},
    ).fetchall()
    since: dict[str, date | None] = {dataset: day or EVERYTHING for dataset, day in found}
    for dataset in asked - since.keys():
        since[dataset] = now.date() - timedelta(1)  # whoever was asked when is a fact, too
    return {source.dataset: since.get(source.dataset) for source in sources}
