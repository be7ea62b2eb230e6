"""The calendar: sessions close at the end of a whole hour, so that an hourly candle can end there; bonds rest on two more days."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import polars as pl
import pytest

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


# Days of the bond market's own calendar, from its published holiday schedules: Veterans Day on a weekday is kept on the
# day, on a Sunday on the Monday after, and on a Saturday not at all; Columbus Day is the second Monday of October.
@pytest.mark.parametrize(
    ("day", "rests"),
    [
        (date(2025, 11, 11), True),  # a Tuesday
        (date(2025, 11, 10), False),
        (date(2025, 11, 12), False),
        (date(2018, 11, 12), True),  # the Monday after a Sunday
        (date(2018, 11, 13), False),
        (date(2019, 11, 12), False),  # a Tuesday, the day after a Monday that was kept
        (date(2019, 11, 11), True),
        (date(2023, 11, 10), False),  # the Friday before a Saturday
        (date(2023, 11, 13), False),  # the Monday after it
        (date(2025, 10, 13), True),
        (date(2025, 10, 6), False),
        (date(2024, 10, 14), True),
        (date(2018, 10, 8), True),
        (date(2018, 10, 15), False),
        (date(1997, 1, 20), True),  # Martin Luther King's day, on which the exchange was open until 1997
        (date(1997, 1, 13), False),
    ],
)
def test_the_bond_market_rests_on_days_of_its_own(day: date, rests: bool) -> None:
    assert calendar.is_bond_holiday(day) is rests
    (listed,) = calendar.table().filter(pl.col("date") == day)["is_bond_day"]
    assert listed is not rests, "dbt_project/seeds/calendar.csv says otherwise: python -m ingestion.calendar"
