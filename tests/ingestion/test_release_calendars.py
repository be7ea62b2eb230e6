"""The two calendars that people keep by hand: meetings of the central bank, and days of release, each against its own rules."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from ingestion import calendar, releases, seeds


def _meetings(world: str = "real") -> list[dict[str, Any]]:
    return list(seeds.of_world("policy_meetings", world).iter_rows(named=True))


def test_the_target_moves_in_quarters_of_a_point() -> None:
    targets = [float(row["target_upper_after"]) for row in _meetings() if row["target_upper_after"]]
    steps = [after - before for before, after in pairwise(targets)]
    assert all(step % 0.25 == 0 for step in steps) and max(map(abs, steps)) <= 1
    assert {step for step in steps if step} >= {-1, -0.5, -0.25, 0.25, 0.5, 0.75}


def test_eight_meetings_a_year_are_scheduled_and_the_others_were_known_when_they_spoke() -> None:
    rows = _meetings()
    days = [row["meeting_date"] for row in rows]
    assert days == sorted(set(days))
    planned = Counter(row["meeting_date"].year for row in rows if row["is_scheduled"] == "true")
    assert planned == dict.fromkeys(range(2008, 2028), 8)
    for row in rows:
        if row["is_scheduled"] == "true":
            assert row["announced_on"] < row["meeting_date"] and row["meeting_date"].weekday() in (1, 2, 3), row
        else:
            assert row["announced_on"] == row["meeting_date"] and row["note"].startswith("unscheduled"), row


def test_a_meeting_without_a_target_lies_ahead_or_says_why() -> None:
    told = [row["meeting_date"] for row in _meetings() if row["target_upper_after"]]
    for row in _meetings():
        assert row["target_upper_after"] or row["note"] or row["meeting_date"] > max(told), row


def test_statements_came_at_the_hour_of_their_time() -> None:
    hours = pl.DataFrame(
        [
            {"year": r["meeting_date"].year, "at": r["statement_time"]}
            for r in _meetings()
            if r["is_scheduled"] == "true"
        ]
    )
    assert set(hours.filter(pl.col("year") < 2013)["at"]) == {"14:15", "12:30"}
    assert set(hours.filter(pl.col("year") > 2013)["at"]) == {"14:00"}
    assert hours.filter(pl.col("at") == "12:30").height == 8, (
        "days with a press conference, April 2011 to December 2012"
    )


def _releases(release_id: str, world: str = "real") -> list[dict[str, Any]]:
    rows = seeds.of_world("release_dates", world).filter(pl.col("release_id") == release_id)
    return list(rows.sort("obs_period").iter_rows(named=True))


@pytest.mark.parametrize("release_id", ["cpi", "jobs", "retail", "pce", "gdp", "claims", "claims_continued"])
def test_a_figure_comes_after_its_period_on_a_weekday_and_never_before_an_older_one(release_id: str) -> None:
    rows = [row for row in _releases(release_id) if row["release_date"]]
    ends = releases.period_end(release_id, pl.Series([row["obs_period"] for row in rows]))
    for row, end in zip(rows, ends, strict=True):
        assert end < row["release_date"] < end + timedelta(100) and row["release_date"].weekday() < 5, row
    days = [row["release_date"] for row in rows]
    assert days == sorted(days)


@pytest.mark.parametrize(("release_id", "since"), [("cpi", 2019), ("jobs", 2019), ("retail", 2020), ("pce", 2021)])
def test_every_month_is_listed(release_id: str, since: int) -> None:
    listed = {row["obs_period"] for row in _releases(release_id)}
    wanted = set(releases.periods(release_id, date(since, 1, 1), date(2026, 10, 1)))
    assert wanted <= listed, sorted(wanted - listed)
    assert {row["obs_period"] for row in _releases("gdp")} >= set(
        releases.periods("gdp", date(2019, 1, 1), date(2026, 7, 1))
    )


def test_jobs_come_on_a_friday_unless_something_kept_them() -> None:
    for row in _releases("jobs"):
        if row["obs_period"].year >= 2019 and row["release_date"].weekday() != 4:
            friday = row["release_date"] + timedelta(1)
            assert row["note"] or friday not in calendar.sessions(), row


def test_each_date_says_where_it_is_from() -> None:
    known = {"fred", "alfred", "bls", "bea", "census", "rule", "general"}
    real = seeds.of_world("release_dates", "real")
    assert set(real["source"]) == known
    assert set(seeds.of_world("release_dates", "sample")["source"]) == {"world"}


def test_claims_of_the_2025_shutdown_came_together() -> None:
    for release_id, weeks in (("claims", 7), ("claims_continued", 7)):
        late = [row["obs_period"] for row in _releases(release_id) if row["release_date"] == date(2025, 11, 20)]
        assert len(late) == weeks and late[-1] - late[0] == timedelta(7 * (weeks - 1))
    lags = releases.lag_rule_days("claims", pl.Series([date(2025, 11, 15)])).to_list()
    assert lags == [date(2025, 11, 20)], "the week after is on time again"
