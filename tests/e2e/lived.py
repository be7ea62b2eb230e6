"""A home that lived: asked at several clocks, with outages that healed and vendors that rewrote their past.

Belongs here: how such a home comes about, and what its raw facts would be in a world where no market bar was ever
corrected (``never_corrected``) or where today's figures had always been known (``hindsight``). Does not: comparing builds
(``point_in_time``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ingestion.registry import all_sources
from ingestion.sample.vendors.yahoo import CORRECTED as YAHOO_SYMBOL
from ingestion.source import Source
from orchestration import steps
from orchestration.settings import Settings, moment
from warehouse.database import build_session, quoted
from warehouse.home import Home

# What is wrong on one evening of the sample world is right on the next. Every correction of a market bar becomes known
# on CORRECTED: the bars dropped the time before, Yahoo's wrong bar and Cboe's new past (ingestion/sample/vendors).
CORRECTED = "2025-12-05"
EVENINGS = {
    "2025-03-14": "drop@fredgraph.csv?id=DGS10;n=2;skip=4|drop@fredgraph.csv?id=BAMLH0A0HYM2;n=1;skip=9"
    "|drop@fredgraph.csv?id=UNRATE;n=1;skip=2|drop@get-fund-document;n=2;skip=6|drop@navhist;n=3;skip=3"
    "|drop@stablecoincharts;n=2;skip=5",
    "2025-11-28": "drop@chart/;n=1;skip=3|drop@navhist;n=1;skip=2|drop@fredgraph.csv?id=DGS2;n=1;skip=2"
    "|drop@granularity=86400;n=1;skip=2",
    CORRECTED: "",
    "2026-01-15": "",
}
BARS = frozenset(("yahoo_bars", "yahoo_fed_funds", "cboe_index_history", "coinbase_candles"))


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """These UPDRAFT variables and no others, for the time of the block."""
    before = {name: value for name, value in os.environ.items() if name.startswith("UPDRAFT_")}
    for name in before:
        del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)
        os.environ.update(before)


def live(root: Path) -> Home:
    """Fetch and load at every evening; nothing is computed."""
    for evening, fault in EVENINGS.items():
        with environment(UPDRAFT_HOME=str(root), UPDRAFT_SAMPLE_FAULT=fault):
            settings = replace(Settings.from_env(), clock=moment("evening", evening))
            for source in all_sources():
                steps.load_dataset(settings, source, steps.fetch_dataset(settings, source))
    return Home(root)


def copy_of(home: Home, root: Path) -> Home:
    """The same raw facts in another home, without landing."""
    root.mkdir(parents=True)
    shutil.copyfile(home.build, root / home.build.name)
    return Home(root)


def thinned(home: Home) -> None:
    """A third of the companies, so that many builds cost less; funds, indices, coins and all statistics stay."""
    with build_session(home) as con:
        con.execute(
            "CREATE TEMP TABLE gone AS SELECT DISTINCT symbol FROM (SELECT symbol FROM raw.sp500_spells UNION ALL"
            " SELECT symbol FROM raw.sp500_constituents) WHERE ascii(md5(symbol)) % 3 > 0 AND symbol <> ?",
            [YAHOO_SYMBOL],
        )
        for table in ("yahoo_bars", "yahoo_actions", "sp500_spells", "sp500_constituents"):
            for one in (table, f"{table}_superseded"):
                con.execute(f"DELETE FROM raw.{one} WHERE symbol IN (SELECT symbol FROM gone)")
        con.execute("DROP TABLE gone")


def never_corrected(home: Home) -> None:
    """Market bars as they first came: corrected ones get their first version back, late ones vanish."""
    _rewrite(home, [s for s in all_sources() if s.dataset in BARS], "ASC", late=False)


def hindsight(home: Home) -> None:
    """What no warehouse could know: today's version of every fact, dated as if it had been the first and in time."""
    _rewrite(home, [s for s in all_sources() if s.dataset not in BARS], "DESC", late=True)


def _rewrite(home: Home, sources: list[Source], order: str, *, late: bool) -> None:
    with build_session(home) as con:
        for source in sources:
            table, key = quoted(source.dataset), ", ".join(quoted(k) for k in source.key)
            old = quoted(source.dataset + "_superseded")
            con.execute(
                f"""
                CREATE TEMP TABLE rewritten AS
                SELECT * REPLACE (min(known_at) OVER (PARTITION BY {key}) AS known_at)
                FROM (SELECT * FROM raw.{table} UNION ALL BY NAME SELECT * FROM raw.{old})
                QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY fetched_at {order}, landing_sha256 {order}) = 1
                """
            )
            if late:
                observed = f"CAST({quoted(source.observed)} AS TIMESTAMP)"
                con.execute(
                    f"UPDATE rewritten SET known_at = least(known_at, timezone('America/New_York', {observed}"
                    " + INTERVAL 40 HOUR)) WHERE known_at_kind = 'late_arrival'"
                )
            else:
                con.execute("DELETE FROM rewritten WHERE known_at_kind = 'late_arrival'")
            con.execute(f"DELETE FROM raw.{table}")
            con.execute(f"DELETE FROM raw.{old}")
            con.execute(f"INSERT INTO raw.{table} BY NAME SELECT * FROM rewritten ORDER BY {key}")
            con.execute("DROP TABLE rewritten")
