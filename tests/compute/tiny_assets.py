"""Indices, a future, a yield and crypto beside the stocks of ``tiny_market``, so that assets can be correlated.

Belongs here: facts with ``known_at``, written straight into ``raw``, with a bond holiday, a missing hour and a bad day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from tiny_market import SEEN_LATER, SHA, sessions

from ingestion import calendar

BOND_HOLIDAYS = (date(2024, 10, 14), date(2024, 11, 11))
HOURLY_FROM = date(2024, 6, 3)
MISSING_HOUR = date(2024, 9, 16)
CLOSES: dict[date, datetime] = dict(calendar.table().filter("is_session").select("date", "close_at").iter_rows())


def write(path: Path) -> None:
    """Add the assets to the ``raw`` that ``tiny_market.write`` made. Deterministic."""
    draw = np.random.default_rng(20240102)
    days = sessions()
    common = draw.normal(0, 0.008, len(days))
    bars = [
        frame
        for symbol, level, weight, noise in (("^SMT", 900.0, 1.3, 0.005), ("CL=F", 75.0, 0.2, 0.02))
        for frame in [
            _bars(symbol, days, level * np.exp(np.cumsum(weight * common + draw.normal(0, noise, len(days)))))
        ]
    ]
    yields = 4.0 + np.cumsum(draw.normal(0, 0.05, len(days)) - 1.5 * common)
    observed = [(day, value) for day, value in zip(days, yields.round(2), strict=True) if day not in BOND_HOLIDAYS]
    fred = pl.DataFrame(observed, schema=["observation_date", "value"], orient="row").with_columns(
        series_id=pl.lit("DGS10"),
        known_at=pl.Series([calendar.at_new_york(pl.Series([_business_day_after(d)]), 17)[0] for d, _ in observed]),
    )
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        _insert(con, "yahoo_bars", pl.concat(bars))
        _insert(con, "fred_observations", fred)
        for product, level in (("BTC-USD", 40_000.0), ("ETH-USD", 2_500.0)):
            _insert(con, "coinbase_candles", _candles(product, level, days, common, draw))


def _bars(symbol: str, days: list[date], close: np.ndarray) -> pl.DataFrame:
    price = pl.Series(close).round(2)
    return pl.DataFrame(
        {"session_date": days, "open": price, "high": price, "low": price, "close": price}
    ).with_columns(
        symbol=pl.lit(symbol),
        volume=pl.lit(1000, pl.Int64),
        instrument_type=pl.lit("INDEX"),
        currency=pl.lit("USD"),
        known_at=calendar.known_at_snapshot(pl.Series(days)),
    )


def _business_day_after(day: date) -> date:
    """The next session that is no bond holiday."""
    return next(d for d in calendar.sessions() if d > day and d not in BOND_HOLIDAYS)


def _candles(
    product: str, level: float, days: list[date], common: np.ndarray, draw: np.random.Generator
) -> pl.DataFrame:
    """One candle per UTC day, and from ``HOURLY_FROM`` the hour that ends at the equity close."""
    moves, rows = dict(zip(days, common, strict=True)), []
    day, price = days[0], level
    while day <= days[-1]:
        price *= float(np.exp(2 * moves.get(day, 0.0) + draw.normal(0, 0.02)))
        rows.append((86_400, datetime.combine(day, time(), UTC), round(price, 2)))
        if day in moves and day >= HOURLY_FROM and day != MISSING_HOUR:
            ends = CLOSES[day]
            rows.append((3_600, ends - timedelta(hours=1), round(price * float(np.exp(draw.normal(0, 0.004))), 2)))
        day += timedelta(days=1)
    frame = pl.DataFrame(rows, schema=["granularity_s", "start_at", "close"], orient="row")
    return frame.with_columns(
        pl.col("granularity_s").cast(pl.Int32),
        product=pl.lit(product),
        low="close",
        high="close",
        open="close",
        volume=pl.lit(1.0),
        known_at=pl.col("start_at") + pl.duration(seconds="granularity_s"),
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    stamp = pl.lit(SEEN_LATER).dt.cast_time_unit("us")
    rest = {"known_at_kind": pl.lit("lag_rule"), "source": pl.lit("x"), "landing_sha256": pl.lit(SHA)}
    con.register("incoming", frame.with_columns(first_seen_at=stamp, fetched_at=stamp, **rest).to_arrow())
    con.execute(f"INSERT INTO raw.{table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")
