"""Alpha Vantage: texts and "None", notes with status 200 that are no data, four passes a year, nothing without a key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads import alphavantage_earnings as a

from ingestion import calendar
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, ShapeError
from ingestion.sources import alphavantage
from orchestration import steps
from orchestration.settings import Settings

EARNINGS = source("alphavantage_earnings")


def read(*quarters: dict[str, Any], **more: Any) -> pl.DataFrame:
    return alphavantage.parse(a.told(*quarters, **more), p.request(a.SERIES))


def broken(frame: pl.DataFrame, rule: str) -> list[date]:
    bad = next(one.bad for one in EARNINGS.rules if one.name == rule)
    return frame.filter(bad.fill_null(False))["fiscal_end"].to_list()


def test_quarters_as_texts() -> None:
    frame = alphavantage.parse(a.GOOD, p.request(a.SERIES))
    assert frame.rows() == [
        ("ABC-B", date(2025, 12, 31), date(2026, 1, 14), 3.87, 3.78, 0.09, 2.381, "amc"),
        ("ABC-B", date(1996, 3, 31), date(1996, 4, 17), -0.5, None, None, None, "unknown"),
    ]
    assert alphavantage.known_at(frame)[0] == datetime(2026, 1, 15, 1, tzinfo=UTC)


def test_a_report_to_come_is_left_out() -> None:
    with pytest.raises(EmptyAnswer):
        read(a.quarter(reportedDate="2026-01-16"))
    with pytest.raises(EmptyAnswer):
        read()


@pytest.mark.parametrize("body", [a.NOTE, a.INFORMATION, b'{"Error Message": "the parameter apikey is invalid"}'])
def test_a_note_is_not_data(body: bytes) -> None:
    with pytest.raises(ShapeError, match="not with a note"):
        alphavantage.parse(body, p.request(a.SERIES))


def test_an_unknown_symbol_is_an_empty_object() -> None:
    with pytest.raises(NoSuchSeries):
        alphavantage.parse(b"{}", p.request(a.SERIES))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"reportedEPS": "3,87"}, "reportedEPS must be a decimal number"),
        ({"reportedEPS": 3.87}, "reportedEPS must be a decimal number"),
        ({"surprise": "NaN"}, "surprise must be a decimal number"),
        ({"reportedDate": "None"}, "reportedDate must be a day"),
        ({"fiscalDateEnding": "2025-02-30"}, "declared shape"),
        ({"estimatedEPS": ...}, "declared shape"),
    ],
)
def test_what_is_not_of_the_layout_is_refused(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        read(a.quarter(**fields))


def test_the_answer_must_be_about_the_company_asked() -> None:
    with pytest.raises(ShapeError, match="symbol must be ABC-B, as asked"):
        read(a.quarter(), symbol="ABC")


def test_a_figure_in_cents_and_a_report_before_the_end_are_set_aside() -> None:
    odd = a.quarter(fiscalDateEnding="2025-09-30", reportedEPS="387")
    early = a.quarter(fiscalDateEnding="2025-06-30", reportedDate="2025-06-30")
    frame = read(a.quarter(), odd, early)
    assert broken(frame, "eps_contradicts_surprise") == [date(2025, 9, 30)]
    assert broken(frame, "reported_before_the_end") == [date(2025, 6, 30)]


def test_the_largest_are_asked_once_in_each_of_four_passes() -> None:
    members = {"sp500_constituents": pl.DataFrame({"symbol": [f"S{n}" for n in range(30)]})}
    days = [day for day in calendar.sessions() if date(2025, 1, 2) <= day <= date(2026, 2, 27)]
    held: dict[str, Covered] = {}
    asked: dict[date, int] = {}
    for day in days:
        moment = calendar.snapshot_at(day)
        for one in alphavantage.requests(FetchState("full", covered=held, frames=members), moment):
            asked[day] = asked.get(day, 0) + 1
            held[one.series] = Covered(one.first, one.last, moment)
    passes = [date(2025, 2, 18), date(2025, 5, 15), date(2025, 8, 15), date(2025, 11, 17), date(2026, 2, 17)]
    assert asked == dict.fromkeys([date(2025, 1, 2), *passes], 20)
    assert list(alphavantage.requests(FetchState("core", frames=members), p.ASKED)) == []


def test_nothing_is_asked_without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALPHAVANTAGE_API_KEY", raising=False)
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path))
    monkeypatch.setenv("UPDRAFT_TIER", "full")
    report = steps.fetch_dataset(Settings.from_env(), EARNINGS)
    assert (report.lacks, report.requested) == ("ALPHAVANTAGE_API_KEY", 0)
