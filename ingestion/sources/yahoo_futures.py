"""30-day federal funds futures, one chart a contract month: 100 less the price is the mean effective rate expected of it.

The vendor lists a contract while it trades and forgets it some time after its month, so what was asked is all there will
ever be: each contract is kept to the last session of its month and then never asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, Covered, FetchState, Grid, Plausible, Request, RowRule, Source
from ingestion.sources import yahoo

DATASET = "yahoo_fed_funds"
MONTH_CODES = "FGHJKMNQUVXZ"  # January … December
HISTORY_FROM = date(2008, 1, 1)
MONTHS_AHEAD, MONTHS_BEHIND = 36, 12  # contracts asked for beside this month's: those listed, those just expired
GIVES_UP = 3  # answers without data after which an expired contract counts as forgotten by the vendor

COLUMNS = {
    "symbol": Column(pl.String(), "id", "Yahoo symbol of the contract, verbatim"),
    "contract_month": Column(
        pl.Date(), "date", "First day of the month whose mean effective rate the contract settles to"
    ),
    "session_date": Column(pl.Date(), "date", "Trading day in the exchange's own time zone"),
    "settle": Column(
        pl.Float64(), "index", "Last price of the day: 100 less the expected mean rate of the month (percent)"
    ),
    "volume": Column(pl.Int64(), "count", "Contracts traded; null where not reported"),
}


def symbol_of(month: date) -> str:
    """Yahoo's symbol of the contract of a month."""
    return f"ZQ{MONTH_CODES[month.month - 1]}{month.year % 100:02d}.CBT"


def month_of(symbol: str) -> date:
    """The first day of a contract's month. Raises ValueError for what is no symbol of this future."""
    return date(2000 + int(symbol[3:5]), MONTH_CODES.index(symbol[2]) + 1, 1)


def months_from(month: date, count: int) -> date:
    """The first day of the month ``count`` months later (earlier where negative)."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    """The last session of a contract's month, the day it settles."""
    days = calendar.sessions()
    return next(day for day in reversed(days) if day < months_from(month, 1))


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Prices of one contract, oldest first, without bars still running."""
    symbol, asked_at = body.request.series, body.request.asked_at
    chart = yahoo.read_chart(body)
    values = [pl.Series(name, chart.quote[name], dtype=pl.Float64, strict=True) for name in ("close", "volume")]
    return (
        pl.DataFrame([chart.days, *values])
        .filter(
            pl.col("close").is_not_null(),
            pl.col("session_date") <= planning.finished_day(asked_at, on_exchange=False),
        )
        .with_columns(
            yahoo.as_quoted(pl.col("close")).alias("settle"),
            pl.col("volume").cast(pl.Int64),
            pl.lit(symbol).alias("symbol"),
            pl.lit(month_of(symbol)).alias("contract_month"),
        )
        # a day twice at one price differs in its volume at most: the larger count is the later one
        .with_columns(pl.col("volume").max().over("session_date", "settle"))
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question a contract that is not covered: all of it when new, else ten days of overlap."""
    session, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    this_month = session.replace(day=1)
    for ahead in range(-MONTHS_BEHIND, MONTHS_AHEAD + 1):
        month = months_from(this_month, ahead)
        symbol, last = symbol_of(month), min(session, last_day(month))
        mark = state.covered.get(symbol)
        if planning.is_answered(mark, last, since) or planning.waits(mark, as_of):
            continue
        if last < session and mark is not None and (_is_kept(mark, last) or mark.nothings >= GIVES_UP):
            continue
        first, whole = planning.first_wanted(mark, HISTORY_FROM, yahoo.OVERLAP)
        yield yahoo.question(symbol, first, last, as_of, required=False, whole=whole)


def is_over(request: Request) -> bool:
    """Whether the contract had expired when it was asked for: the vendor forgets those, and nothing is missing."""
    return last_day(month_of(request.series)) < request.asked_at.astimezone(calendar.NEW_YORK).date()


def _is_kept(mark: Covered, last: date) -> bool:
    """Whether an answer with data covered the contract's last session."""
    return mark.outcome == "data" and (mark.data_to or mark.last) >= last


def known_at(frame: pl.DataFrame) -> pl.Series:
    """20:00 New York of the session."""
    return calendar.known_at_snapshot(frame["session_date"])


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="yahoo",
        title="Federal funds futures by contract month",
        columns=COLUMNS,
        key=("contract_month", "session_date"),
        observed="session_date",
        cadence="session",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("session", "symbol"),
        tier="core",
        criticality="optional",
        licence=yahoo.LICENCE,
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(yahoo.HOST,),
        pace_seconds=0.6,
        series_column="symbol",
        forgotten=is_over,
        rules=(
            RowRule("settle_not_finite", ~pl.col("settle").is_finite(), "a price must be a finite number"),
            RowRule(
                "session_after_expiry",
                pl.col("session_date") > pl.col("contract_month").dt.month_end(),
                "a contract has no price after its month: the vendor carries the last one forward",
            ),
        ),
        plausible=Plausible("fed_funds", "settle", "session_date", name="ZQ", within=("contract_month",)),
        domain="macro",
    ),
)
