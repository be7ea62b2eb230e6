"""Every session of the calendar closes at the end of a whole hour, so that an hourly candle can end exactly there."""

from __future__ import annotations

from datetime import time
from itertools import pairwise

import polars as pl

from ingestion import calendar

CLOSES = calendar.table().filter("is_session").select("date", "is_half_day", "close_at")


def test_closes_are_ends_of_hours_at_16_or_13_new_york_in_summer_and_winter() -> None:
    local = CLOSES.with_columns(pl.col("close_at").dt.convert_time_zone("America/New_York").dt.time().alias("local"))
    recent = local.filter(pl.col("date").dt.year() >= 2010)
    assert set(recent.filter(~pl.col("is_half_day"))["local"]) == {time(16)}
    assert set(recent.filter("is_half_day")["local"]) == {time(13)}
    assert set(recent.filter(~pl.col("is_half_day"))["close_at"].dt.hour()) == {20, 21}
    assert set(recent.filter("is_half_day")["close_at"].dt.hour()) <= {17, 18}


def test_weeks_of_the_clock_change_have_gaps_of_23_and_25_hours() -> None:
    """Friday to Monday is 72 hours but for the two weekends a year on which New York changes its clocks."""
    full = CLOSES.filter(~pl.col("is_half_day"), pl.col("date").dt.year().is_between(2014, 2025)).rows()
    spans = [
        (b[2] - a[2]).total_seconds() / 3600
        for a, b in pairwise(full)
        if (b[0] - a[0]).days == 3 and b[0].weekday() == 0
    ]
    assert set(spans) == {71.0, 72.0, 73.0}
    assert spans.count(71.0) == spans.count(73.0) == 12
