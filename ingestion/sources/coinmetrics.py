"""Coin Metrics, community interface: active addresses and transactions of each coin per UTC day, one answer per coin; and
fees and what flows to and from exchanges, one answer per coin and metric.

Counts are texts, moments have nine decimals. A metric the vendor does not have for a coin is left out of the rows, one it has
no figure of is null. Whole histories fit into one page; a second one would be another interface. A question that names a metric
which is not free is refused as a whole, so fees and flows, which may be taken away, are asked one by one: what is refused is
then properly nothing, and asked for ever more seldom. Of these no answer is recorded; public code asks for them without a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Request, RowRule, Source

HOST = "community-api.coinmetrics.io"
DATASET = "coinmetrics_assets"
METRICS = {"active_addresses": "AdrActCnt", "transactions": "TxCnt"}
FLOWS_DATASET = "coinmetrics_flows"
FLOWS = ("FeeTotNtv", "FlowInExNtv", "FlowOutExNtv")  # in coins
PAGE = 10_000  # the vendor's largest
OVERLAP = timedelta(days=120)  # what the longest window looks back on, and a month more: addresses are labelled anew
MIDNIGHT = "T00:00:00.000000000Z"
UNSUPPORTED = "bad_parameter"  # the vendor's word for an asset it does not know
NOT_FREE = "forbidden"  # its word for a metric that takes a key

COLUMNS = {
    "asset": Column(pl.String(), "id", "Coin, as the vendor spells it"),
    "observed_on": Column(pl.Date(), "date", "UTC day"),
    "active_addresses": Column(pl.Int64(), "count", "Addresses that sent or received that day; null where not told"),
    "transactions": Column(pl.Int64(), "count", "Transactions of that day; null where not told"),
}
FLOW_COLUMNS = {
    "series": Column(pl.String(), "id", "Coin and metric, as the vendor spells them: btc/FeeTotNtv"),
    "observed_on": Column(pl.Date(), "date", "UTC day"),
    "coins": Column(pl.Float64(), "count", "Fees paid, or sent to or withdrawn from exchanges that day, in coins"),
}


def _told(body: Body, asset: str, metrics: Iterable[str]) -> list[Mapping[str, Any]]:
    """The days of an answer about one coin. Raises NoSuchSeries, EmptyAnswer or ShapeError for any other answer."""
    answer = body.mapping(body.json(("data", "error")), "the answer")
    problem = answer.get("error")
    if problem is not None:
        told = body.mapping(problem, "error")
        if body.dataset == FLOWS_DATASET and told.get("type") == NOT_FREE:
            raise body.nothing(str(told.get("message"))[:200])
        known = body.unknown if told.get("type") == UNSUPPORTED else body.wrong
        raise known(f"{told.get('type')}: {told.get('message')}"[:200])
    if answer.get("next_page_url"):
        raise body.wrong("one page must hold the whole answer", answer["next_page_url"], "Follow next_page_url.")
    if not isinstance(answer["data"], list):
        raise body.wrong("data must be a list of days", repr(answer["data"])[:120])
    rows = [body.mapping(row, "a day") for row in answer["data"]]
    if not rows:
        raise body.nothing("no days")
    if any(row.get("asset") != asset for row in rows):
        raise body.wrong(
            "every day must be of the coin that was asked for", sorted({str(r.get("asset")) for r in rows})
        )
    if not any(metric in row for row in rows for metric in metrics):
        raise body.wrong(f"one of {sorted(metrics)} must be told", sorted(rows[0]))
    return rows


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Finished UTC days of one coin, oldest first. Series: the coin."""
    rows = _told(body, body.request.series, METRICS.values())
    days = [_day(body, row.get("time")) for row in rows]
    counts = {name: [_count(body, row.get(metric)) for row in rows] for name, metric in METRICS.items()}
    today = body.request.asked_at.astimezone(UTC).date()
    return (
        pl.DataFrame({"observed_on": days, **counts}, schema={n: c.dtype for n, c in COLUMNS.items() if n != "asset"})
        .filter(pl.col("observed_on") < today, pl.any_horizontal(pl.col(*METRICS).is_not_null()))
        .with_columns(pl.lit(body.request.series).alias("asset"))
        .sort("observed_on")
    )


@guarded(FLOWS_DATASET, FLOW_COLUMNS)
def parse_flows(body: Body) -> pl.DataFrame:
    """Finished UTC days of one metric of one coin, oldest first, those without a figure left out. Series: coin/metric."""
    asset, metric = body.request.series.split("/")
    rows = [row for row in _told(body, asset, (metric,)) if row.get(metric) is not None]
    odd = next((row[metric] for row in rows if not isinstance(row[metric], str)), None)
    if odd is not None:
        raise body.wrong(f"{metric} must be a text", repr(odd)[:60])
    days = pl.Series("observed_on", [_day(body, row.get("time")) for row in rows], dtype=pl.Date)
    coins = number(pl.Series("coins", [row[metric] for row in rows], dtype=pl.String)).alias("coins")
    today = body.request.asked_at.astimezone(UTC).date()
    return (
        pl.DataFrame([days, coins])
        .filter(pl.col("observed_on") < today)
        .with_columns(pl.lit(body.request.series).alias("series"))
        .sort("observed_on")
    )


def _day(body: Body, told: object) -> date:
    if not isinstance(told, str) or not told.endswith(MIDNIGHT):
        raise body.wrong("time must be a midnight with nine decimals", repr(told)[:60])
    return date.fromisoformat(told.removesuffix(MIDNIGHT))


def _count(body: Body, told: object) -> int | None:
    if told is None:
        return None
    if not isinstance(told, str) or not told.lstrip("-").isdigit():
        raise body.wrong("a count must be a text of digits", repr(told)[:60])
    return int(told)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """Each coin of the seed since its first day, then an overlap, once per session."""
    yield from _asked(state, as_of, [("", ",".join(METRICS.values()))])


def flow_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """Each metric of each coin of the seed since its first day, then an overlap, once per session."""
    yield from _asked(state, as_of, [(f"/{metric}", metric) for metric in FLOWS])


def _asked(state: FetchState, as_of: datetime, wanted: Iterable[tuple[str, str]]) -> Iterator[Request]:
    """``wanted``: what follows the coin in the name of a series, and the metrics asked."""
    last, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    for row in planning.rows(state.seeds["instruments"], pl.col("asset_class") == "crypto"):
        asset = row["symbol"].split("-")[0].lower()
        for suffix, metrics in wanted:
            mark = state.covered.get(asset + suffix)
            if planning.is_answered(mark, last, since) or planning.waits(mark, as_of):
                continue
            first, whole = planning.first_wanted(mark, row["history_from"], OVERLAP)
            url = (
                f"https://{HOST}/v4/timeseries/asset-metrics?assets={asset}&metrics={metrics}"
                f"&frequency=1d&start_time={first}&page_size={PAGE}&paging_from=start"
            )
            yield Request(asset + suffix, url, first, last, as_of, whole=whole)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The oldest UTC day missing between the first and the last."""
    held = frame["observed_on"]
    return planning.oldest_missing(held, pl.date_range(held[0], held[-1], eager=True))


def known_at(frame: pl.DataFrame) -> pl.Series:
    """12:00 UTC of the day after: the vendor finishes a day within hours."""
    return frame["observed_on"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC").dt.offset_by("1d12h")


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="coinmetrics",
        title="Active addresses and transactions of coins per UTC day",
        columns=COLUMNS,
        key=("asset", "observed_on"),
        observed="observed_on",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=4,
        grid=Grid("day", "asset"),
        versions="all",
        seeds=("instruments",),
        tier="core",
        criticality="optional",
        licence="Coin Metrics community data: CC BY-NC 4.0, with attribution, not for commercial use.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.7,
        series_column="asset",
        hole=hole,
        rules=(
            RowRule(
                "count_not_positive",
                pl.any_horizontal((pl.col(name) <= 0).fill_null(value=False) for name in METRICS),
                "counts of a day must be above zero",
            ),
        ),
        input_id="'usage:' || asset",
        domain="crypto",
    ),
    Source(
        dataset=FLOWS_DATASET,
        vendor="coinmetrics",
        title="Fees and exchange flows of coins per UTC day",
        columns=FLOW_COLUMNS,
        key=("series", "observed_on"),
        observed="observed_on",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=4,
        grid=Grid("day", "series"),
        versions="all",
        seeds=("instruments",),
        tier="core",
        criticality="optional",
        licence="Coin Metrics community data: CC BY-NC 4.0, with attribution, not for commercial use.",
        known_at=known_at,
        parse=parse_flows,
        requests=flow_requests,
        hosts=(HOST,),
        pace_seconds=0.7,
        series_column="series",
        absent=(403, b'"forbidden"'),
        hole=hole,
        rules=(
            RowRule(
                "coins_not_positive",
                ~pl.col("coins").is_finite() | (pl.col("coins") <= 0),
                "what is paid or sent in a day must be above zero",
            ),
        ),
        input_id="'usage:' || series",
        domain="crypto",
    ),
)
