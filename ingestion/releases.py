"""When weekly, monthly and quarterly statistics come out: the seed's release dates, and the lag rule where none is listed.

Belongs here: periods, their ends, and the moment a first figure became public. Does not: values, vintages, URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from ingestion import calendar, seeds

# lag rule of a released series: so many days after the period's end (negative: a survey that asks about a running period)
_LAG = re.compile(r"release_(-?\d+)")
WEEK_ENDS = {"W": 5, "WF": 4}  # frequency of seed series.csv: weekday (Monday 0) that ends its weeks and names them


@lru_cache(1)
def lag_days() -> dict[str, int]:
    """Calendar days after a period's end on which the lag rule holds the figures of each release for public.

    From the lag rules ``release_<days>`` of seed series.csv. Raises ValueError where series of one release differ.
    """
    found: dict[str, int] = {}
    for release, rule in _released().select("release_id", "lag_rule").iter_rows():
        told = _LAG.fullmatch(rule)
        if told is None or found.setdefault(release, int(told[1])) != int(told[1]):
            raise ValueError(
                f"seed series.csv: each series of release {release!r} needs the same release_<days>: {rule!r}"
            )
    return found


@lru_cache(1)
def frequencies() -> dict[str, str]:
    """The frequency of each release: W and WF weeks (to Saturday, to Friday), M months, Q quarters, by their first day."""
    return dict(_released().select("release_id", "frequency").iter_rows())


def is_weekly(release_id: str) -> bool:
    """Whether the periods of a release are weeks, named by the day that ends them."""
    return frequencies()[release_id] in WEEK_ENDS


def _released() -> pl.DataFrame:
    return seeds.table("series").filter(pl.col("release_id").fill_null("") != "")


def period_end(release_id: str, periods: pl.Series) -> pl.Series:
    """The last day of each period: of a week the day that names it, else the end of the month or quarter."""
    if is_weekly(release_id):
        return periods
    return periods.dt.offset_by("2mo" if frequencies()[release_id] == "Q" else "0mo").dt.month_end()


def lag_rule_days(release_id: str, periods: pl.Series) -> pl.Series:
    """The day on which the lag rule holds a period's figure for public: so many days later, or the next open day."""
    due = period_end(release_id, periods).dt.offset_by(f"{lag_days()[release_id]}d")
    return calendar.next_session(due.dt.offset_by("-1d"))


def periods(release_id: str, first: date, last: date) -> Iterator[date]:
    """The periods of a release that begin (weeks: end) between two days, oldest first."""
    frequency = frequencies()[release_id]
    ends = WEEK_ENDS.get(frequency)
    day = first.replace(day=1) if ends is None else first + timedelta((ends - first.weekday()) % 7)
    while day <= last:
        if day >= first and (frequency != "Q" or day.month % 3 == 1):
            yield day
        day = (day + timedelta(32)).replace(day=1) if ends is None else day + timedelta(7)


@lru_cache(1)
def release_of_series() -> dict[str, str]:
    """The release a series belongs to, from the seed series.csv; series of other kinds are not in it."""
    return dict(_released().select("series_id", "release_id").iter_rows())
