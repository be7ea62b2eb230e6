"""The sample's FRED interface: keys, layouts, validity cut to the days asked; and the figures ALFRED's file has."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingestion.sample.world.releases import released

Get = Callable[..., Any]
KEY = "abcdefghijklmnopqrstuvwxyz123456"
API = "https://api.stlouisfed.org/fred/series/observations?series_id="
ALL = f"&realtime_start=1776-07-04&realtime_end=9999-12-31&file_type=json&api_key={KEY}"
ALFRED = "https://alfred.stlouisfed.org/graph/alfredgraph.csv?id="


def test_a_key_that_is_none_is_refused_in_the_layout_asked(ask: Get) -> None:
    for query, says in (("", "Variable api_key is not set."), ("&api_key=WRONG", "is not a 32 character")):
        answer = ask(f"{API}GDP&file_type=json{query}")
        assert answer.status_code == 400 and answer.json()["error_code"] == 400
        assert says in answer.json()["error_message"] and "WRONG" not in answer.text
        assert '<error code="400"' in ask(f"{API}GDP{query}").text
    assert "does not exist" in ask(f"{API}NOPE{ALL}").json()["error_message"]
    assert ask(f"{API}GDP{ALL}&limit=100001").status_code == 400


def test_the_default_is_xml_with_today_s_figures(ask: Get) -> None:
    told = ask(f"{API}GDP&api_key={KEY}").text
    assert told.startswith("<?xml") and '<observations realtime_start="2026-01-15" realtime_end="2026-01-15"' in told
    assert told.count("<observation ") == ask(f"{API}GDP&file_type=json&api_key={KEY}").json()["count"]


def test_validity_is_cut_to_the_days_asked(ask: Get) -> None:
    whole = ask(f"{API}PAYEMS{ALL}").json()
    assert whole["count"] == len(whole["observations"]) > 500
    assert all(isinstance(row["value"], str) for row in whole["observations"])
    since = ask(f"{API}PAYEMS{ALL}".replace("1776-07-04", "2025-06-01")).json()["observations"]
    assert min(row["realtime_start"] for row in since) == "2025-06-01"
    after = [row for row in whole["observations"] if row["realtime_start"] > "2025-06-01"]
    assert after and after == [row for row in since if row["realtime_start"] > "2025-06-01"]


def test_nothing_is_told_before_half_past_eight_of_its_day(ask: Get) -> None:
    day = released("jobs", date(2024, 3, 1))
    assert day is not None
    early = datetime(day.year, day.month, day.day, 12, 29, tzinfo=UTC)  # 08:29 New York
    assert '"2024-03-01"' not in ask(f"{API}PAYEMS{ALL}", early).text
    assert '"2024-03-01"' in ask(f"{API}PAYEMS{ALL}", early.replace(minute=30)).text


@pytest.mark.parametrize("series", ["CPIAUCSL", "PAYEMS", "ICSA", "UNRATE"])
def test_on_any_day_it_says_what_alfred_s_file_says(ask: Get, series: str) -> None:
    rows = ask(f"{API}{series}{ALL}").json()["observations"]
    for day in ("2015-03-20", "2020-02-07", "2024-02-14", "2026-01-15"):
        file = csv.DictReader(io.StringIO(ask(f"{ALFRED}{series}&vintage_date={day}").text))
        column = f"{series}_{day.replace('-', '')}"
        stood = {
            row["date"]: row["value"]
            for row in rows
            if row["realtime_start"] <= day <= row["realtime_end"] and row["value"] != "."
        }
        assert stood == {line["observation_date"]: line[column] for line in file if line[column]}
