"""The two calendars that people keep by hand: meetings of the central bank, and days of release, each against its own rules."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import polars as pl

from ingestion import seeds


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
