"""A market small enough to read: seven stocks, one index, 300 sessions, written straight into ``raw``.

Belongs here: facts with ``known_at`` and the later versions that the as-of tests need. Does not: vendors' formats.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion import calendar, registry
from warehouse import raw

FIRST, LAST = date(2024, 1, 2), date(2025, 3, 14)
EARLIER = "2024-12-31"  # the day whose rows must not change
SEEN_LATER = calendar.snapshot_at(date(2025, 2, 3))
STOCKS = tuple("ABCDEFG")
SHA = "0" * 64


def sessions() -> list[date]:
    """The sessions of the tiny market."""
    return [day for day in calendar.sessions() if FIRST <= day <= LAST]


def _bars() -> pl.DataFrame:
    days, rows, seed = sessions(), [], 12345
    for number, symbol in enumerate(("^SMP", *STOCKS)):
        price = 10_000 + 500 * number
        for n, day in enumerate(days):
            seed = (seed * 1103515245 + 12345) % 2**31
            price = max(100, price + (seed >> 16) % 401 - 198 + (60 if (n // 40) % 2 else -55))
            if symbol == "G" and n == 280:
                continue  # a day without a bar
            traded = price / 200 if symbol == "A" and day >= date(2025, 2, 10) else price / 100
            volume = 0 if symbol == "F" and n == 150 else 1000 + seed % 1000
            rows.append((symbol, day, traded, traded * 1.01, traded * 0.99, traded, volume, "EQUITY", "USD"))
    names = ["symbol", "session_date", "open", "high", "low", "close", "volume", "instrument_type", "currency"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _stamped(frame: pl.DataFrame, known_at: pl.Series | datetime, source: str) -> pl.DataFrame:
    stamp = pl.lit(known_at).dt.cast_time_unit("us") if isinstance(known_at, datetime) else known_at
    fetched = pl.lit(SEEN_LATER).dt.cast_time_unit("us")
    return frame.with_columns(
        known_at=stamp,
        known_at_kind=pl.lit("lag_rule"),
        first_seen_at=fetched,
        fetched_at=fetched if not isinstance(known_at, datetime) else stamp,
        source=pl.lit(source),
        landing_sha256=pl.lit(SHA),
    )


def write(path: Path, revisions_known_at: datetime = SEEN_LATER) -> None:
    """Fill ``raw`` at ``path``.

    The revisions (a dividend, an end of membership, a sector, a dropped name) become known at ``revisions_known_at``;
    the split of A on 2025-02-10 is news of its own day.
    """
    bars = _bars()
    days = pl.Series([date(2024, 5, 6), date(2024, 8, 5), date(2025, 2, 10)])
    actions = pl.DataFrame(
        {
            "symbol": ["B", "C", "A"],
            "ex_date": days,
            "action": ["dividend", "dividend", "split"],
            "value": [0.5, 1.0, 2.0],
        }
    )
    starts = pl.Series([date(2023, 12, 1)] * len(STOCKS))
    spells = pl.DataFrame({"symbol": STOCKS, "start_date": starts}).with_columns(
        end_date=pl.when(pl.col("symbol") == "E").then(date(2024, 9, 3)),
        is_present=pl.lit(True),
    )
    members = pl.DataFrame({"symbol": STOCKS}).with_columns(
        name=pl.format("Company {}", "symbol"),
        sector=pl.when(pl.col("symbol") < "D").then(pl.lit("Energy")).otherwise(pl.lit("Health Care")),
        sub_industry=pl.lit("x"),
        headquarters=pl.lit("x"),
        date_added=pl.lit(date(2023, 12, 1)),
        cik=pl.lit(1, pl.Int64),
        founded=pl.lit("x"),
        is_present=pl.lit(True),
    )
    revised = {
        "yahoo_actions": actions.filter(pl.col("symbol") == "B").with_columns(value=pl.lit(5.0)),
        "sp500_spells": spells.filter(pl.col("symbol") == "D").with_columns(end_date=pl.lit(date(2024, 10, 1))),
        "sp500_constituents": pl.concat(
            [
                members.filter(pl.col("symbol") == "F").with_columns(is_present=pl.lit(False)),
                members.filter(pl.col("symbol") == "C").with_columns(sector=pl.lit("Health Care")),
            ]
        ),
    }
    first = {
        "yahoo_bars": _stamped(bars, calendar.known_at_snapshot(bars["session_date"]), "yahoo"),
        "yahoo_actions": _stamped(actions, calendar.at_new_york(days, 9, 30), "yahoo"),
        "sp500_spells": _stamped(spells, calendar.at_new_york(starts, 9, 30), "spells"),
        "sp500_constituents": _stamped(members, calendar.at_new_york(starts, 0), "constituents"),
    }
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        raw.ensure(con, registry.all_sources())
        for dataset, frame in first.items():
            key = list(registry.source(dataset).key)
            later = revised.get(dataset, frame.head(0))
            current = frame.join(later, on=key, how="anti")
            _insert(con, dataset, current)
            if not later.is_empty():
                _insert(con, f"{dataset}_superseded", frame.join(later, on=key, how="semi"))
                _insert(con, dataset, _stamped(later, revisions_known_at, dataset))


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO raw.{table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")
