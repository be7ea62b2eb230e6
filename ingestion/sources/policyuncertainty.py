"""Economic policy uncertainty of the United States by day (Baker, Bloom and Davis, policyuncertainty.com).

One small file with every day since 1985, weekends among them, oldest first. It is made anew each morning, and the days
of the running month and of the one before are counted anew in it: every change of a day is a later version of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.policyuncertainty.com"
DATASET, SERIES = "epu_daily", "All_Daily_Policy_Data"
HISTORY_FROM = date(1985, 1, 1)

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "Day whose newspapers were counted"),
    "epu": Column(pl.Float64(), "index", "Daily economic policy uncertainty index, mean of 1985 to 2010 = 100"),
}
_FIELDS = ("day", "month", "year", "daily_policy_index")


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per day, oldest first, each day once and none left out, without days after the day asked."""
    table = body.csv(list(_FIELDS))
    parts = [table[name].str.strip_chars().str.zfill(size) for name, size in (("year", 4), ("month", 2), ("day", 2))]
    text = pl.select(pl.concat_str(parts, separator="-").alias("observed_on")).to_series()
    days = body.dates(text, "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    if (days.diff().drop_nulls() != timedelta(days=1)).any():
        raise body.wrong("each day must follow the one before it", f"{days[0]} to {days[-1]}, {len(days)} rows")
    values = number(table["daily_policy_index"].str.strip_chars()).alias("epu")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([days, values]).filter(pl.col("observed_on") <= today)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once per session, in the full tier."""
    day = planning.whole_file(state, SERIES, as_of) if state.tier == "full" else None
    if day:
        yield Request(SERIES, f"https://{HOST}/media/{SERIES}.csv", HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """10:00 New York of the day after."""
    return calendar.at_new_york(frame["observed_on"].dt.offset_by("1d"), 10)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="policyuncertainty",
        title="Economic policy uncertainty of the United States by day",
        columns=COLUMNS,
        key=("observed_on",),
        observed="observed_on",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=5,
        grid=Grid("day"),
        versions="all",
        tier="full",
        criticality="optional",
        licence="policyuncertainty.com (Baker, Bloom, Davis): free to use with attribution.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(
            RowRule(
                "index_not_positive",
                pl.col("epu").is_null() | ~pl.col("epu").is_finite() | (pl.col("epu") <= 0),
                "the index must be a finite number above zero",
            ),
        ),
        plausible=Plausible("uncertainty", "epu", "observed_on", name="EPU"),
        domain="macro",
    ),
)
