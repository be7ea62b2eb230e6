"""FRED graph CSV: rates, spreads, prices, jobs and sales, one question per series, no key.

Values are the latest revision; vintages are another vendor's file (`alfred.py`). Blank rows are not observations.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning, releases, seeds
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "fred.stlouisfed.org"
DATASET = "fred_observations"
OVERLAP = timedelta(days=21)
REVISED_OVERLAP = timedelta(days=450)  # series with releases: yearly revisions reach back more than a year
REQUIRED = ("DGS2", "DGS10")
# Lag rules of the seed series.csv for what is not released: 16:00 of the day; 17:00 of the first bond day so many days later.
SAME_DAY, DAYS_LATER = "same_day_16", r"^days_(\d+)$"

COLUMNS = {
    "series_id": Column(pl.String(), "id", "FRED series id, verbatim"),
    "observation_date": Column(pl.Date(), "date", "Day or first day of the period the value describes"),
    "value": Column(pl.Float64(), "varies", "The observation, in the unit the seed series.csv declares for the series"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Observations, oldest first, up to the New York day of ``asked_at``. Accepts both header and both blank styles."""
    series = body.request.series
    dated = "DATE" if body.bare().startswith(b"DATE,") else "observation_date"
    table = body.csv((dated, series))
    days = body.dates(table[dated], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$").alias("observation_date")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame([days, number(table[series], ("", ".")).alias("value")])
        .filter(pl.col("value").is_not_null(), pl.col("observation_date") <= today)
        .with_columns(pl.lit(series).alias("series_id"))
        .sort("observation_date")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question per series of the seed: the whole history when new, else three weeks of overlap."""
    day, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    for row in planning.rows(state.seeds["series"], pl.col("source") == DATASET):
        series = row["series_id"]
        mark = state.covered.get(series)
        if planning.is_answered(mark, day, since) or planning.waits(mark, as_of):
            continue
        overlap = REVISED_OVERLAP if series in releases.release_of_series() else OVERLAP
        first, whole = planning.first_wanted(mark, row["history_from"], overlap)
        if mark is not None and mark.hole is not None and planning.hole_is_due(mark, as_of):
            first = min(first, mark.hole)
        url = f"https://{HOST}/graph/fredgraph.csv?id={quote(series, safe='')}&cosd={first}&coed={day}"
        yield Request(series, url, first, day, as_of, required=series in REQUIRED, whole=whole)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The oldest day (bond days) or period inside an answer without a figure; months that were never published are none."""
    held = frame["observation_date"]
    kind = releases.release_of_series().get(request.series)
    if kind is None:
        return planning.oldest_missing(held, calendar.table().filter("is_bond_day")["date"])
    listed = seeds.table("release_dates").filter(pl.col("release_id") == kind, pl.col("release_date").is_null())[
        "obs_period"
    ]
    periods = pl.Series(releases.periods(kind, request.first, request.last), dtype=pl.Date)
    return planning.oldest_missing(held, periods.filter(~periods.is_in(listed.implode())))


def known_at(frame: pl.DataFrame) -> pl.Series:
    """16:00 New York the same day for the target range; 08:30 of the lag rule's day for series that are released.

    All others: 17:00 of the next bond day (H.15), or of the first one after the days the lag rule names. Where a release date
    is held, dbt puts it in the lag rule's place.
    """
    days = frame["observation_date"]
    rules = seeds.table("series")
    same_day = rules.filter(pl.col("lag_rule") == SAME_DAY)["series_id"].to_list()
    same_day_at = calendar.at_new_york(days, 16).alias("same_day")
    later = rules.select(
        "series_id", pl.col("lag_rule").str.extract(DAYS_LATER).cast(pl.Int64).alias("days")
    ).drop_nulls()
    wait = frame["series_id"].replace_strict(dict(later.iter_rows()), default=1, return_dtype=pl.Int64)
    eve = (
        pl.DataFrame({"day": days, "wait": wait})
        .select(pl.col("day") + pl.duration(days=pl.col("wait") - 1))
        .to_series()
    )
    next_day = calendar.at_new_york(calendar.next_bond_day(eve), 17).alias("next_day")
    kinds = frame["series_id"].replace_strict(releases.release_of_series(), default=None, return_dtype=pl.String)
    moments = pl.DataFrame([frame["series_id"], kinds.alias("kind"), same_day_at, next_day])
    chosen = pl.when(pl.col("series_id").is_in(same_day)).then("same_day").otherwise("next_day")
    for kind in kinds.drop_nulls().unique(maintain_order=True):
        released = calendar.at_new_york(releases.lag_rule_days(kind, days), 8, 30)
        chosen = pl.when(pl.col("kind") == kind).then(released).otherwise(chosen)
    return moments.select(chosen.alias("known_at")).to_series()


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="fred",
        title="Interest rates, credit spreads and released statistics",
        columns=COLUMNS,
        key=("series_id", "observation_date"),
        observed="observation_date",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=3,
        versions="all",
        seeds=("series",),
        tier="core",
        criticality="required",
        licence="FRED terms; most series are US government works, ICE BofA spreads are for personal use only.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        series_column="series_id",
        hole=hole,
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),),
        plausible=Plausible("series", "value", "observation_date", series="series_id"),
        input_id="series_id",
        domain="macro",
    ),
)
