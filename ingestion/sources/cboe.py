"""Cboe index history: VIX and its relatives, one whole file per index.

Cboe rewrites past opens, highs and lows without notice and some rows break the order of prices, so only the close is
judged; readings are built from the close.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "cdn.cboe.com"
DATASET = "cboe_index_history"

COLUMNS = {
    "symbol": Column(pl.String(), "id", "Cboe index symbol, verbatim"),
    "session_date": Column(pl.Date(), "date", "Trading day"),
    "open": Column(pl.Float64(), "index", "First level of the day; null for indices published once a day"),
    "high": Column(pl.Float64(), "index", "Highest level of the day; null for indices published once a day"),
    "low": Column(pl.Float64(), "index", "Lowest level of the day; null for indices published once a day"),
    "close": Column(pl.Float64(), "index", "Last level of the day"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Index levels, oldest first. Two layouts: DATE,OPEN,HIGH,LOW,CLOSE, and DATE,<symbol> for one value a day."""
    symbol = body.request.series
    header = body.bare().split(b"\n", 1)[0].strip().split(b",")
    is_single = symbol.encode() in header and b"CLOSE" not in header
    table = body.csv(("DATE", symbol) if is_single else ("DATE", "OPEN", "HIGH", "LOW", "CLOSE"))
    days = body.dates(table["DATE"], "%m/%d/%Y", r"^\d{2}/\d{2}/\d{4}$").alias("session_date")
    close = number(table[symbol if is_single else "CLOSE"]).alias("close")
    levels = [
        pl.Series(name, [None] * len(days), dtype=pl.Float64) if is_single else number(table[name.upper()]).alias(name)
        for name in ("open", "high", "low")
    ]
    return (
        pl.DataFrame([days, *levels, close])
        .filter(pl.col("session_date") <= planning.finished_day(body.request.asked_at, on_exchange=True))
        .with_columns(pl.lit(symbol).alias("symbol"))
        .sort("session_date")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file of each volatility index of the seeds, once per session."""
    for row in planning.rows(state.seeds["instruments"], pl.col("asset_class") == "volatility"):
        symbol = row["symbol"]
        day = planning.whole_file(state, symbol, as_of)
        if day:
            url = f"https://{HOST}/api/global/us_indices/daily_prices/{quote(symbol, safe='')}_History.csv"
            yield Request(symbol, url, row["history_from"], day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """20:00 New York of the session."""
    return calendar.known_at_snapshot(frame["session_date"])


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="cboe",
        title="Volatility indices",
        columns=COLUMNS,
        key=("symbol", "session_date"),
        observed="session_date",
        cadence="session",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("session", "symbol"),
        seeds=("instruments",),
        tier="core",
        criticality="optional",
        licence="Cboe website terms: for own use; index values are Cboe's property and may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        series_column="symbol",
        rules=(
            RowRule(
                "close_not_positive",
                pl.col("close").is_null() | ~pl.col("close").is_finite() | (pl.col("close") <= 0),
                "the close must be a finite number above zero",
            ),
        ),
        plausible=Plausible("volatility", "close", "session_date", series="symbol"),
        input_id="symbol",
    ),
)
