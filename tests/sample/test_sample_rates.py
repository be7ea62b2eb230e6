"""Sample answers of the Treasury, the New York and the Atlanta Fed: their layout, what agrees with the world, and what is public when."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import numpy as np
import polars as pl
import pytest

from ingestion.sample.transport import SAMPLE_NOW
from ingestion.sample.vendors import treasury
from ingestion.sample.world.market import world
from ingestion.source import Request
from ingestion.sources import atlantafed, nyfed
from ingestion.sources import treasury as connector

Get = Callable[..., Any]
CURVES = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/"
PAR, REAL = "daily_treasury_yield_curve", "daily_treasury_real_yield_curve"
EFFR = "https://markets.newyorkfed.org/api/rates/unsecured/effr/search.json?startDate=2014-01-02&endDate=2026-01-15"
ACM = "https://www.newyorkfed.org/medialibrary/media/research/data_indicators/ACMTermPremium.xls"
MPT = "https://www.atlantafed.org/-/media/Project/Atlanta/FRBA/Documents/cenfis/market-probability-tracker/mpt_histdata.xlsx"
EVENING = datetime(2026, 1, 15, 22, 30, tzinfo=UTC)  # 17:30 New York


def question(series: str, asked: datetime = SAMPLE_NOW, first: date = date(2014, 1, 2), whole: bool = True) -> Request:
    return Request(series, "https://vendor.example/", first, date(2026, 1, 15), asked, whole=whole)


def curve(text: str) -> dict[str, dict[str, str]]:
    return {row["Date"]: row for row in csv.DictReader(io.StringIO(text))}


def test_curves_agree_with_the_worlds_yields_to_the_digit(ask: Get) -> None:
    for kind, columns in (
        (PAR, {"3 Mo": "DGS3MO", "2 Yr": "DGS2", "10 Yr": "DGS10", "30 Yr": "DGS30"}),
        (REAL, {"10 YR": "DFII10"}),
    ):
        rows = curve(ask(f"{CURVES}all/all?type={kind}").text)
        for header, series in columns.items():
            held = world().observations[series]
            by_day = dict(zip(held.days, held.values.tolist(), strict=True))
            shown = {f"{day:%m/%d/%Y}": f"{value:.2f}" for day, value in by_day.items() if not np.isnan(value)}
            assert {day: row[header] for day, row in rows.items() if row[header]} == shown


def test_a_curve_is_public_at_half_past_five_and_newest_first(ask: Get) -> None:
    url = f"{CURVES}2026/all?type={PAR}"
    after, before = ask(url, EVENING).text, ask(url, EVENING.replace(minute=29)).text
    assert after.splitlines()[1].startswith("01/15/2026,")
    assert before.splitlines()[1].startswith("01/14/2026,")
    assert after.splitlines()[-1].startswith("01/02/2026,")
    assert not after.endswith("\n")


def test_tenors_between_those_of_the_world_lie_on_a_line(ask: Get) -> None:
    newest = curve(ask(f"{CURVES}2026/all?type={PAR}").text)["01/15/2026"]
    row = {name: float(cell) for name, cell in newest.items() if name != "Date"}
    five = world().observations["DGS5"]
    assert row["5 Yr"] == pytest.approx(five.values[five.days.index(date(2026, 1, 15))])
    assert row["1 Yr"] == pytest.approx(row["3 Mo"] + (row["2 Yr"] - row["3 Mo"]) * 9 / 21, abs=0.0051)
    assert row["6 Mo"] == pytest.approx(row["3 Mo"] + (row["2 Yr"] - row["3 Mo"]) * 3 / 21, abs=0.0051)


def test_columns_came_over_time_and_a_holiday_is_listed_blank(ask: Get) -> None:
    new = curve(ask(f"{CURVES}all/all?type={PAR}").text)
    assert new["02/14/2025"]["1.5 Month"] == new["10/15/2018"]["2 Mo"] == ""
    assert new["02/18/2025"]["1.5 Month"] and new["10/16/2018"]["2 Mo"]
    assert set(new["10/10/2016"].values()) == {"10/10/2016", ""}
    assert "10/13/2025" not in new  # the other bond holidays have no row
    old = ask(f"{CURVES}all/all?type={PAR}", datetime(2018, 6, 12, 1, tzinfo=UTC)).text
    assert '"2 Mo"' not in old and '"1.5 Month"' not in old
    assert ask(f"{CURVES}all/all?type=daily_treasury_bill_rates").status_code == 404


def test_a_series_the_world_gains_is_taken_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    market = world()
    flat = market.observations["DGS2"]
    monkeypatch.setitem(market.observations, "DGS5", type(flat)(flat.days, flat.values * 0 + 1.23))
    treasury._curve.cache_clear()
    try:
        assert treasury._curve(PAR)["5 Yr"][0] == 1.23
    finally:
        treasury._curve.cache_clear()


def test_the_effective_rate_is_the_worlds_and_out_at_nine(ask: Get) -> None:
    rates = ask(EFFR).json()["refRates"]
    assert rates[0]["effectiveDate"] == "2026-01-14"
    held = world().observations
    daily = dict(zip(held["DFF"].days, held["DFF"].values.tolist(), strict=True))
    upper = dict(zip(held["DFEDTARU"].days, held["DFEDTARU"].values.tolist(), strict=True))
    for row in rates:
        day = date.fromisoformat(row["effectiveDate"])
        assert (row["percentRate"], row["targetRateTo"]) == (daily[day], upper[day])
        assert ("percentPercentile1" in row) == (day >= date(2016, 3, 1)) == ("volumeInBillions" in row)
    assert ask(EFFR, datetime(2026, 1, 15, 13, 59, tzinfo=UTC)).json()["refRates"][0]["effectiveDate"] == "2026-01-13"
    assert "2025-10-13" not in {row["effectiveDate"] for row in rates}


def test_the_premium_is_estimated_anew_each_month_for_its_whole_history(ask: Get) -> None:
    frames = {}
    for month, day in ((11, 28), (12, 1), (12, 31)):
        asked = datetime(2025, month, day, 23, tzinfo=UTC)
        frames[month, day] = nyfed.parse_acm(ask(ACM, asked).content, question("ACMTermPremium", asked))
    old, new, later = frames.values()
    size = old.height
    assert new.head(size)["observation_date"].equals(old["observation_date"])
    moved = (new.head(size)["term_premium"] - old["term_premium"]).abs()
    assert moved.min() > 0 and moved.max() < 0.1
    assert later.head(new.height).equals(new)
    assert old["observation_date"].max() == date(2025, 11, 26)  # the 28th is out on Monday the 1st at 17:00


def test_answers_are_what_the_connectors_accept_without_a_line_end(ask: Get) -> None:
    body = ask(f"{CURVES}2025/all?type={REAL}").content
    frame = connector.parse_real(body, question(REAL, first=date(2025, 1, 1), whole=False))
    assert frame["value"].min() > 0 and frame["observation_date"].min() == date(2025, 1, 2)
    every = connector.parse_real(ask(f"{CURVES}all/all?type={REAL}").content, question(REAL))
    assert every["value"].min() < 0


def tracker(ask: Get, asked: datetime = SAMPLE_NOW) -> pl.DataFrame:
    return atlantafed.parse(ask(MPT, asked).content, question("mpt_histdata", asked))


def test_the_tracker_is_out_the_next_morning_and_begins_in_2025(ask: Get) -> None:
    nine = datetime(2026, 1, 15, 14, tzinfo=UTC)
    assert tracker(ask, nine)["observation_date"].max() == date(2026, 1, 14)
    assert tracker(ask, nine.replace(hour=13, minute=59))["observation_date"].max() == date(2026, 1, 13)
    assert tracker(ask)["observation_date"].min() == date(2025, 1, 2)
    assert ask(MPT, datetime(2025, 1, 2, 22, tzinfo=UTC)).status_code == 404


def chances(steps: list[float]) -> tuple[float, float]:
    """Chance that independent moves, of the two whole quarter points around each step, add up to a cut, and to a hike."""
    cut = hike = 0.0
    for moves in product(*([(math.floor(s), 1 - s % 1), (math.floor(s) + 1, s % 1)] for s in steps)):
        total, chance = sum(move for move, _ in moves), math.prod(share for _, share in moves)
        cut, hike = cut + chance * (total < 0), hike + chance * (total > 0)
    return cut, hike


def test_the_mean_of_a_window_is_that_of_its_days_and_chances_follow_the_range(ask: Get) -> None:
    frame, expected, days = tracker(ask), world().expectations, world().clock.days
    for day in (date(2025, 3, 3), date(2025, 9, 10), date(2026, 1, 14)):
        t = days.index(day)
        shown = frame.filter(pl.col("observation_date") == day)
        starts = shown["reference_start"].unique().sort().to_list()
        assert len(starts) == 6 and all(start.weekday() == 2 and 15 <= start.day <= 21 for start in starts)
        for start, end in pairwise(starts):
            path = []
            for n in range((end - start).days):
                one = start + timedelta(days=n)
                done = [k for k, meeting in enumerate(expected.meetings) if meeting <= one]
                path.append(expected.effective[t] + sum(expected.steps[t, k] for k in done))
            of_window = shown.filter(pl.col("reference_start") == start)
            values = dict(of_window.select("field", "value").iter_rows())
            assert values["Rate: mean"] == pytest.approx(100 * sum(path) / len(path), abs=0.0051)
            assert values["Rate: 25th percentile"] <= values["Rate: 75th percentile"]
            assert ("Prob: cut" in values) == (start in starts[:4]) == (not of_window["is_degenerate"].any())
            if "Prob: cut" in values:
                assert values["Prob: cut"] + values["Prob: hike"] <= 100.01
                middle = start + (end - start) / 2
                steps = [expected.steps[t, k] / 0.25 for k, m in enumerate(expected.meetings) if day < m <= middle]
                cut, hike = chances(steps)
                assert values["Prob: cut"] == pytest.approx(100 * cut, abs=0.0051)
                assert values["Prob: hike"] == pytest.approx(100 * hike, abs=0.0051)
    held = world().observations["DFEDTARU"]
    upper = dict(zip(held.days, held.values.tolist(), strict=True))
    near = frame.filter(~pl.col("is_degenerate"))
    assert (near["target_high_bp"] / 100 == pl.Series([upper[day] for day in near["observation_date"]])).all()
