"""When monthly and weekly statistics come out: the seed's release dates, and the lag rule where none is listed.

Belongs here: periods, their ends, and the moment a first figure became public. Does not: values, vintages, URLs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from ingestion import calendar
from ingestion.source import RELEASE_COLUMNS

SEED = calendar.SEED.parent / "release_dates.csv"
LAG_DAYS = {"cpi": 14, "pce": 31, "jobs": 7, "claims": 5, "retail": 16}  # calendar days after the period's end
WEEKLY = ("claims",)  # periods are weeks, named by the Saturday that ends them; all others are months


def table() -> pl.DataFrame:
    """The seed: world, release_id, obs_period, release_date (null: never published), note."""
    return pl.read_csv(SEED, schema=RELEASE_COLUMNS)


def period_end(release_id: str, periods: pl.Series) -> pl.Series:
    """The last day of each period: the Saturday itself, or the end of the month."""
    return periods if release_id in WEEKLY else periods.dt.month_end()


def lag_rule_days(release_id: str, periods: pl.Series) -> pl.Series:
    """The day on which the lag rule holds a period's figure for public: so many days later, or the next open day."""
    due = period_end(release_id, periods).dt.offset_by(f"{LAG_DAYS[release_id]}d")
    return calendar.next_session(due.dt.offset_by("-1d"))


def periods(release_id: str, first: date, last: date) -> Iterator[date]:
    """The periods of a release that begin (weeks: end) between two days, oldest first."""
    weekly = release_id in WEEKLY
    day = first + timedelta((5 - first.weekday()) % 7) if weekly else first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = day + timedelta(7) if weekly else (day + timedelta(32)).replace(day=1)


@lru_cache(1)
def release_of_series() -> dict[str, str]:
    """The release a series belongs to, from the seed series.csv; series of other kinds are not in it."""
    seed = pl.read_csv(calendar.SEED.parent / "series.csv", infer_schema=False)
    listed = seed.filter(pl.col("release_id").is_not_null() & (pl.col("release_id") != ""))
    return dict(zip(listed["series_id"].to_list(), listed["release_id"].to_list(), strict=True))
