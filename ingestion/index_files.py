"""Indices told as one file with their whole past, made anew every week or month: what such files share.

Belongs here: days that leave none out, when a row counts, when a file is asked for again. Does not: layouts, addresses.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body
from ingestion.source import FetchState, Request, RowRule

WEEK = 8  # days until a day is in a file that is made once a week
MONTH_DAY = 15  # of the next month: until then a month's file may still be missing
HOUR = 18  # New York


def require_every_day(body: Body, days: pl.Series) -> None:
    """Raises ShapeError where a day does not follow the one before it."""
    if (days.diff().drop_nulls() != timedelta(days=1)).any():
        raise body.wrong("each day must follow the one before it", f"{days[0]} to {days[-1]}, {len(days)} rows")


def count_rule(name: str, column: str) -> RowRule:
    """The rule ``name``: an index of counts in ``column`` is a count."""
    value = pl.col(column)
    return RowRule(
        name,
        value.is_null() | ~value.is_finite() | (value < 0),
        "an index of counts is a finite number, zero or above",
    )


def week_due(state: FetchState, series: str, as_of: datetime) -> date | None:
    """The day a weekly file will reach, in the full tier; None where an answer since this week's Tuesday is held."""
    day = planning.whole_file(state, series, as_of) if state.tier == "full" else None
    mark = state.covered.get(series)
    if day is None or (mark is not None and mark.last >= day - timedelta(days=(day.weekday() - 1) % 7)):
        return None
    return day


def week_known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York eight days later, because the file is made once a week; null (known when seen) for its newest week."""
    due = calendar.at_new_york(frame["observed_on"].dt.offset_by(f"{WEEK}d"), HOUR)
    is_settled = pl.col("observed_on") <= pl.col("observed_on").max().dt.offset_by(f"-{WEEK - 1}d")
    return frame.select(pl.when(is_settled).then(due)).to_series().alias("known_at")


def month_due(state: FetchState, series: str, as_of: datetime) -> date | None:
    """The month (its first day) a monthly file will reach, in the full tier; None where it was asked since that was due.

    A month that is late (:func:`month_hole`) is asked for again.
    """
    moment = calendar.last_snapshot(as_of)
    first = moment.astimezone(calendar.NEW_YORK).date().replace(day=1)
    months = [date(n // 12, n % 12 + 1, 1) for n in (first.year * 12 + first.month - 1 - k for k in range(1, 5))]
    public = month_known_at(pl.DataFrame({"month": months}))
    month, since = next((month, at) for month, at in zip(months, public, strict=True) if at <= moment)
    mark = state.covered.get(series)
    is_held = planning.is_answered(mark, month, since) and not planning.hole_is_due(mark, as_of)
    return None if state.tier != "full" or planning.waits(mark, as_of) or is_held else month


def month_known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York of the 15th of the next month."""
    return calendar.at_new_york(frame["month"].dt.offset_by("1mo").dt.offset_by(f"{MONTH_DAY - 1}d"), HOUR)


def month_hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The newest month that was due, where the file does not have it yet."""
    newest = frame["month"].max()
    return None if isinstance(newest, date) and newest >= request.last else request.last
