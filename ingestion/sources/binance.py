"""Binance's public mirror of market data: daily candles of coins in Tether dollars (USDT), in pages of at most 1000.

A second opinion on Coinbase's closes of UTC days, never a price of its own: the quote is a stablecoin, not the US dollar.
Each candle is an array of twelve, prices are texts, moments milliseconds (the vendor's archives write microseconds since
2025; those are refused). The last candle is still running. Pages lie on a fixed grid with one series name each, so homes
that begin on different days hold the same history, and a page that failed is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.price_rules import BAR_RULES, CLOSE_IN_RANGE
from ingestion.source import Column, FetchState, Grid, Plausible, Request, Source

HOST = "data-api.binance.vision"
DATASET = "binance_klines"
HISTORY_FROM = date(2017, 8, 17)  # the pairs' first day
PAGE = 1000  # candles, the vendor's largest
OVERLAP = timedelta(days=5)
DAY_MS = 86_400_000
UNSUPPORTED = -1121  # the vendor's number for: there is no such pair
_PRICES = ("open", "high", "low", "close", "volume")  # fields 1 to 5; 0 is the start, 6 the last millisecond
_SIZE = 12

COLUMNS = {
    "symbol": Column(pl.String(), "id", "Pair as the vendor spells it; the quote is Tether (USDT), not the US dollar"),
    "observed_on": Column(pl.Date(), "date", "UTC day"),
    "open": Column(pl.Float64(), "varies", "First price, USDT"),
    "high": Column(pl.Float64(), "varies", "Highest price, USDT"),
    "low": Column(pl.Float64(), "varies", "Lowest price, USDT"),
    "close": Column(pl.Float64(), "varies", "Last price, USDT"),
    "volume": Column(pl.Float64(), "count", "Units of the base currency traded"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Finished UTC days of one pair, oldest first. Series: ``PAIR/FIRST DAY OF THE PAGE``."""
    answer = body.json(("code",))
    if isinstance(answer, dict):
        if answer.get("code") == UNSUPPORTED:
            raise body.nothing(answer.get("msg"))
        raise body.wrong("the answer must be a list of candles", answer.get("msg", sorted(answer)[:8]))
    if not answer:
        raise body.nothing("an empty list")
    odd = next((row for row in answer if not isinstance(row, list) or len(row) != _SIZE), None)
    if odd is not None:
        raise body.wrong(f"a candle must be an array of {_SIZE}", repr(odd)[:120])
    starts, ends = ([row[at] for row in answer] for at in (0, 6))
    if not all(isinstance(at, int) and 10**12 <= at < 10**13 and at % DAY_MS == 0 for at in starts):
        raise body.wrong("candles must start at midnights in milliseconds", starts[:3])
    if ends != [at + DAY_MS - 1 for at in starts]:
        raise body.wrong("a candle must end with its day", f"{starts[0]} to {ends[0]}")
    told = {name: [row[at] for row in answer] for at, name in enumerate(_PRICES, 1)}
    untold = next((name for name, cells in told.items() if not all(isinstance(cell, str) for cell in cells)), None)
    if untold is not None:
        raise body.wrong("prices and volume must be texts", f"{untold} {told[untold][:3]}")
    today = body.request.asked_at.astimezone(UTC).date()
    days = pl.Series("observed_on", [at // DAY_MS for at in starts], dtype=pl.Int32).cast(pl.Date)
    values = [number(pl.Series(name, cells, dtype=pl.String)).alias(name) for name, cells in told.items()]
    return (
        pl.DataFrame([days, *values])
        .filter(pl.col("observed_on") < today)
        .with_columns(pl.lit(body.request.series.split("/")[0]).alias("symbol"))
        .sort("observed_on")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The pages of each pair of seed instrument_ids.csv that are not covered to the last finished UTC day, oldest first; of
    a page that is held, an overlap.
    """
    last = as_of.astimezone(UTC).date() - timedelta(days=1)
    wanted, since = min(last, planning.last_session(as_of)), calendar.last_snapshot(as_of)
    for row in planning.identified(state, "binance"):
        first = HISTORY_FROM
        while first <= last:
            end = first + timedelta(days=PAGE - 1)
            series = f"{row['id']}/{first}"
            mark = state.covered.get(series)
            ended = datetime.combine(end + timedelta(days=1), time(), UTC)
            answered = planning.is_answered(mark, min(end, wanted), min(since, ended))
            if not planning.waits(mark, as_of) and (not answered or planning.hole_is_due(mark, as_of)):
                begin = first if answered else planning.first_wanted(mark, first, OVERLAP)[0]
                start = int(datetime.combine(begin, time(), UTC).timestamp()) * 1000
                stop = int(ended.timestamp()) * 1000 - 1
                url = (
                    f"https://{HOST}/api/v3/klines?symbol={row['id']}&interval=1d&startTime={start}&endTime={stop}"
                    f"&limit={PAGE}"
                )
                yield Request(series, url, begin, min(end, last), as_of)
            first = end + timedelta(days=1)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The oldest UTC day missing between the first and the last."""
    held = frame["observed_on"]
    return planning.oldest_missing(held, pl.date_range(held[0], held[-1], eager=True))


def known_at(frame: pl.DataFrame) -> pl.Series:
    """The end of the day."""
    return frame["observed_on"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC").dt.offset_by("1d")


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="binance",
        title="Crypto candles per UTC day in Tether dollars (reconciliation only)",
        columns=COLUMNS,
        key=("symbol", "observed_on"),
        observed="observed_on",
        cadence="daily",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("day", "symbol"),
        seeds=("instruments", "instrument_ids"),
        tier="core",
        criticality="optional",
        licence="Binance terms of use: market data for own use; values may not be passed on or sold.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.2,
        absent=(400, b'"code":-1121'),
        hole=hole,
        rules=(*BAR_RULES, CLOSE_IN_RANGE),
        plausible=Plausible("tether", "close", "observed_on", series="symbol"),
        domain="crypto",
    ),
)
