"""The Cleveland Fed's chart: days without a year, lines that have no point, blanks after the release, units."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.clevelandfed_nowcast import DECEMBER, GOOD, JANUARY, LINE, NAMES, month

from ingestion.source import EmptyAnswer, ShapeError
from ingestion.sources import clevelandfed as cf


def read(*months: dict[str, Any], asked_at: datetime = p.ASKED) -> pl.DataFrame:
    return cf.parse(json.dumps(months).encode(), p.request("nowcast_month", asked_at))


def of(frame: pl.DataFrame, measure: str, target: date) -> dict[date, float]:
    rows = frame.filter(pl.col("measure") == measure, pl.col("target_month") == target)
    return dict(rows.select("vintage_date", "value").iter_rows())


def test_lines_have_no_point_and_days_run_over_the_end_of_the_year() -> None:
    frame = cf.parse(GOOD, p.request("nowcast_month"))
    assert of(frame, "cpi", date(2025, 12, 1)) == {
        date(2025, 12, 1): 0.135,
        date(2025, 12, 18): 0.4203,
        date(2025, 12, 31): 0.389,
        date(2026, 1, 12): 0.389,  # the 13th is the release: blank
    }
    assert max(of(frame, "pce", date(2025, 12, 1))) == date(2026, 1, 15)  # not released yet
    assert of(frame, "core_pce", date(2025, 12, 1))[date(2025, 12, 31)] == -0.01


def test_an_estimate_before_the_month_begins_belongs_to_the_year_before() -> None:
    frame = cf.parse(GOOD, p.request("nowcast_month"))
    assert of(frame, "cpi", date(2026, 1, 1)) == {date(2025, 12, 31): 0.21, date(2026, 1, 15): 0.22}


def test_days_after_the_question_are_dropped() -> None:
    later = read(DECEMBER, JANUARY, asked_at=datetime(2026, 1, 17, 1, tzinfo=UTC))
    assert later["vintage_date"].max() == date(2026, 1, 16)
    assert cf.parse(GOOD, p.request("nowcast_month"))["vintage_date"].max() == date(2026, 1, 15)


def test_published_figures_are_not_estimates() -> None:
    frame = cf.parse(GOOD, p.request("nowcast_month"))
    assert not frame.filter(pl.col("value") == 0.4705).height
    assert set(frame["measure"]) == {"cpi", "core_cpi", "pce", "core_pce"}


def every(values: list[str], labels: list[Any], target: str = "2026-1", **chart: Any) -> dict[str, Any]:
    return month(target, labels, dict.fromkeys(NAMES, values), **chart)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (every(["0.2"], ["08/15"]), "must have a place in time; found: '08/15'"),  # half a year off on either side
        (every(["0.2"], ["02/30"]), "must have a place in time"),
        (every(["0.2"], ["13/01"]), "must have a place in time"),
        (every(["0.2"], ["1/5"]), "must have a place in time"),
        (every(["0.2", "0.3"], ["01/05", "01/05"]), "must have a place in time"),
        (every(["0.2", "0.3"], ["01/06", "01/05"]), "must have a place in time"),
        (every(["0.2"], ["01/05", "01/06"]), "must have one point per day; found: 1, 2"),
        (every(["0.2", ""], ["01/05", LINE]), "must have one point per day; found: 2, 1"),
        (every(["n/a"], ["01/05"]), "must be a number"),
        (every(["nan"], ["01/05"]), "must be a number"),
        (every(["0.2"], ["01/05"], "January 2026"), "subcaption must be a month"),
        (every(["0.2"], ["01/05"], "2026-13"), "declared shape"),
        (every(["2.4"], ["01/05"], yaxisname="Quarterly annualized percent change"), "yaxisname must say"),
    ],
)
def test_what_cannot_be_placed_or_read_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        read(wrong)


def test_a_month_or_a_series_twice_is_refused_and_a_lost_series_is_named() -> None:
    with pytest.raises(ShapeError, match="each target month must be there once"):
        read(JANUARY, JANUARY)
    double = {**JANUARY, "dataset": JANUARY["dataset"] + JANUARY["dataset"][:1]}
    with pytest.raises(ShapeError, match="must have each series once"):
        read(double)
    lost = {**JANUARY, "dataset": JANUARY["dataset"][:-1]}
    with pytest.raises(ShapeError, match=r"the file must hold \['core_pce'\]"):
        read(lost)


def test_shares_under_the_name_of_percentages_are_refused() -> None:
    def year(scale: float) -> list[dict[str, Any]]:
        return [every([f"{scale * n / 10:.6f}"], [f"{n:02d}/05"], f"2025-{n}") for n in range(1, 13)]

    assert read(*year(1.0))["value"].max() == 1.2
    with pytest.raises(ShapeError, match="the values must be percentages"):
        read(*year(0.01))


def test_nothing_and_other_bodies() -> None:
    with pytest.raises(EmptyAnswer):
        read(every([""], ["01/05"]))
    with pytest.raises(EmptyAnswer):
        read()
    for body in (b"{}", b"[1]", b'[{"chart":{}}]', p.HTML, p.NOTE, GOOD[:-10]):
        with pytest.raises(ShapeError):
            cf.parse(body, p.request("nowcast_month"))


def test_an_estimate_is_known_at_ten_in_new_york() -> None:
    frame = cf.parse(GOOD, p.request("nowcast_month"))
    assert cf.known_at(frame)[-1] == datetime(2026, 1, 15, 15, tzinfo=UTC)
