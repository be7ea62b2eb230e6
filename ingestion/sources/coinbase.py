"""Coinbase Exchange candles: crypto prices per UTC day and per hour, in pages of at most 300.

Pages lie on a fixed grid from the start of a product's history, and each has its own series name, so a page that failed
is asked again however far the others got. Hours are asked from the seed's ``hourly_from``; without one, not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.price_rules import BAR_RULES, CLOSE_IN_RANGE
from ingestion.source import Column, FetchState, Grid, Plausible, Request, Source

HOST = "api.exchange.coinbase.com"
DATASET = "coinbase_candles"
DAY_S, HOUR_S = 86_400, 3_600
PAGE_DAYS = {DAY_S: 300, HOUR_S: 12}
UNSUPPORTED = ("NotFound", "Unsupported granularity")  # the vendor's words for: there is no such series
SETTLED_AFTER = timedelta(days=3)  # a finished page is asked again until its last candle is this old
_FIELDS = ("start_at", "low", "high", "open", "close", "volume")  # the vendor's order: low first

COLUMNS = {
    "product": Column(pl.String(), "id", "Coinbase product, verbatim"),
    "granularity_s": Column(pl.Int32(), "count", "Length of the candle in seconds"),
    "start_at": Column(pl.Datetime("us", "UTC"), "ts", "Start of the candle"),
    "low": Column(pl.Float64(), "usd", "Lowest price"),
    "high": Column(pl.Float64(), "usd", "Highest price"),
    "open": Column(pl.Float64(), "usd", "First price"),
    "close": Column(pl.Float64(), "usd", "Last price"),
    "volume": Column(pl.Float64(), "count", "Units of the base currency traded"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Candles, oldest first; a candle still running at ``asked_at`` is dropped. Series: ``PRODUCT/SECONDS[/PAGE]``."""
    product, granularity = body.request.series.split("/")[:2]
    answer = body.json(("message",))
    if isinstance(answer, dict):
        raise (
            body.unknown(answer["message"])
            if answer.get("message") in UNSUPPORTED
            else body.wrong("the answer must be a list of candles", answer.get("message", sorted(answer)[:8]))
        )
    if not answer:
        raise body.nothing("an empty list")
    odd = next((row for row in answer if not isinstance(row, list) or len(row) != len(_FIELDS)), None)
    if odd is not None:
        raise body.wrong("a candle must be [time, low, high, open, close, volume]", odd)
    columns = dict(zip(_FIELDS, zip(*answer, strict=True), strict=True))
    starts = pl.Series("start_at", columns.pop("start_at"), dtype=pl.Int64, strict=True)
    if starts.null_count() or not starts.is_between(10**9, 10**10).all():
        raise body.wrong("candle times must be epoch seconds", starts.to_list()[:3])
    if (starts % int(granularity) != 0).any():
        raise body.wrong(f"candles must start at multiples of {granularity} seconds", starts.to_list()[:3])
    values = [pl.Series(name, column, dtype=pl.Float64, strict=True) for name, column in columns.items()]
    finished = int(body.request.asked_at.timestamp()) - int(granularity)
    return (
        pl.DataFrame([starts, *values])
        .filter(pl.col("start_at") <= finished)
        .with_columns(
            (pl.col("start_at") * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            pl.lit(product).alias("product"),
            pl.lit(int(granularity), dtype=pl.Int32).alias("granularity_s"),
        )
        .sort("start_at")
    )


def _pages(history_from: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    first = history_from
    while first <= last:
        yield first, first + timedelta(days - 1)
        first += timedelta(days)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The pages of each crypto product that are not covered to the last finished UTC day (hours: to now), oldest first."""
    today = as_of.astimezone(UTC).date()
    last = (as_of.astimezone(UTC) - timedelta(days=1)).date()
    since = calendar.last_snapshot(as_of)
    for row in planning.rows(state.seeds["instruments"], pl.col("asset_class") == "crypto"):
        yield from _product(state, row["symbol"], DAY_S, row["history_from"], last, since, as_of)
        if row["hourly_from"] is not None:
            yield from _product(state, row["symbol"], HOUR_S, row["hourly_from"], today, since, as_of)


def _product(
    state: FetchState, product: str, granularity: int, start: date, last: date, since: datetime, as_of: datetime
) -> Iterator[Request]:
    for first, end in _pages(start, last, PAGE_DAYS[granularity]):
        series = f"{product}/{granularity}/{first}"
        settled = datetime.combine(end + timedelta(1), time(), UTC) + SETTLED_AFTER
        mark = state.covered.get(series)
        answered = planning.is_answered(mark, min(end, last), min(since, settled))
        # A page of nothing, or one with a hole, was told so on its day; it is asked again, ever more seldom.
        is_bare = mark is not None and mark.outcome != "data" and not planning.waits(mark, as_of)
        if answered and not (mark and mark.fetched_at < since and (is_bare or planning.hole_is_due(mark, as_of))):
            continue
        newest = f"{end}T00:00:00Z" if granularity == DAY_S else f"{end}T23:00:00Z"
        url = (
            f"https://{HOST}/products/{quote(product, safe='')}/candles"
            f"?granularity={granularity}&start={first}T00:00:00Z&end={newest}"
        )
        yield Request(series, url, first, min(end, last), as_of)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The UTC day of the oldest candle missing between the first and the last of a page."""
    seconds = int(request.series.split("/")[1])
    starts = frame["start_at"]
    wanted = pl.datetime_range(starts[0], starts[-1], f"{seconds}s", time_unit="us", eager=True)
    missing = wanted.filter(~wanted.is_in(starts.implode()))
    found = missing[0] if len(missing) else None
    return found.date() if isinstance(found, datetime) else None


def known_at(frame: pl.DataFrame) -> pl.Series:
    """The end of the candle."""
    return frame.select(pl.col("start_at") + pl.duration(seconds=pl.col("granularity_s"))).to_series()


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="coinbase",
        title="Crypto candles per UTC day and per hour",
        columns=COLUMNS,
        key=("product", "granularity_s", "start_at"),
        observed="start_at",
        cadence="daily",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("day", "product", "granularity_s = 86400"),
        seeds=("instruments",),
        tier="core",
        criticality="optional",
        licence="Coinbase market data terms: for own use; values may not be passed on or sold.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.15,
        hole=hole,
        rules=(*BAR_RULES, CLOSE_IN_RANGE),
        plausible=Plausible("crypto", "close", "start_at", series="product", within=("granularity_s",), paged=True),
        input_id="'CR:' || split_part(product, '-', 1)",
        domain="crypto",
    ),
)
