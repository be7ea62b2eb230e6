"""DefiLlama stablecoin supply: dollar-pegged coins in circulation and their worth per UTC day, one whole file.

The last row is the running day and changes until midnight; it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from ingestion import planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "stablecoins.llama.fi"
DATASET = "defillama_stablecoins"
SERIES = "stablecoins/all"

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "UTC day"),
    "circulating_usd": Column(pl.Float64(), "usd", "Dollar value of all dollar-pegged coins in circulation"),
    "circulating_coins": Column(pl.Float64(), "count", "Dollar-pegged coins in circulation, each meant to be a dollar"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Finished UTC days, oldest first. ``date`` is a text of epoch seconds at midnight."""
    answer = body.json()
    if not isinstance(answer, list):
        raise body.wrong("the answer must be a list of days", repr(answer)[:120])
    days = [body.mapping(row, "a day") for row in answer]
    odd = next((row for row in days if not isinstance(row.get("date"), str) or not row["date"].isdigit()), None)
    if odd is not None:
        raise body.wrong("date must be a text of epoch seconds", repr(odd)[:120])
    stamps = pl.Series("observed_on", [int(row["date"]) for row in days], dtype=pl.Int64)
    if (stamps % 86_400 != 0).any() or not stamps.is_between(10**9, 10**10).all():
        raise body.wrong("days must be midnights in epoch seconds", stamps.to_list()[:3])
    told = [stamps]
    for column, name in (("circulating_usd", "totalCirculatingUSD"), ("circulating_coins", "totalCirculating")):
        totals = [body.mapping(row.get(name), name) for row in days]
        if any("peggedUSD" not in total for total in totals):
            raise body.wrong(f"{name} must hold peggedUSD", hint="Update the connector.")
        told.append(pl.Series(column, [total["peggedUSD"] for total in totals], dtype=pl.Float64, strict=True))
    running = int(body.request.asked_at.timestamp()) // 86_400 * 86_400
    return (
        pl.DataFrame(told)
        .filter(pl.col("observed_on") < running, pl.col("circulating_usd").is_not_null())
        .with_columns((pl.col("observed_on") // 86_400).cast(pl.Int32).cast(pl.Date))
        .sort("observed_on")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once per session."""
    day = planning.whole_file(state, SERIES, as_of)
    if day:
        first = datetime(2017, 11, 29, tzinfo=UTC).date()
        yield Request(SERIES, f"https://{HOST}/stablecoincharts/all", first, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """00:00 UTC of the day after."""
    return (frame["observed_on"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC")).dt.offset_by("1d")


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="defillama",
        title="Supply of dollar-pegged stablecoins",
        columns=COLUMNS,
        key=("observed_on",),
        observed="observed_on",
        cadence="daily",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("day"),
        versions="all",
        tier="core",
        criticality="optional",
        licence="DefiLlama API terms: free use with attribution; values may not be passed on as a data product.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        rules=(
            RowRule(
                "supply_not_positive",
                pl.any_horizontal(
                    ~pl.col(name).is_finite() | (pl.col(name) <= 0) for name in ("circulating_usd", "circulating_coins")
                ),
                "both supplies must be finite numbers above zero",
            ),
        ),
        plausible=Plausible("supply", "circulating_usd", "observed_on", name="stablecoins"),
        domain="crypto",
    ),
)
