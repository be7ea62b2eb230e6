"""FRED's interface: which rows are vintages, what is asked again, and what ALFRED is still asked once it has answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import payloads as p
import polars as pl
import pytest
from payloads import fred_api_vintages as body

from ingestion import plausible, seeds
from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, ShapeError
from ingestion.sources import alfred, fred_api

R = p.request(body.SERIES)
SEEDS = {name: seeds.of_world(name, "real") for name in ("series", "release_dates")}
NEXT_DAY = p.ASKED + timedelta(days=1)


def test_a_row_is_a_figure_and_the_day_from_which_it_stood() -> None:
    frame = fred_api.parse(body.GOOD, R)
    assert frame.select("observation_date", "realtime_start", "value").rows() == [
        (date(2012, 12, 1), date(2013, 1, 4), 134021.0),
        (date(2012, 11, 1), date(2013, 2, 8), 134510.0),
        (date(2012, 12, 1), date(2013, 2, 8), 134706.0),
        (date(2013, 1, 1), date(2013, 3, 8), 134839.0),
    ]  # neither what is cut at the day asked, of which nobody can say when it began, nor the "."
    assert set(frame["series_id"]) == {"PAYEMS"}
    assert fred_api.known_at(frame)[0] == datetime(2013, 1, 4, 13, 30, tzinfo=UTC)
    same = frame.select(vintage_date="realtime_start")
    assert fred_api.known_at(frame).to_list() == alfred.known_at(same).to_list()


def test_a_vintage_after_the_moment_asked_is_not_known() -> None:
    early = replace(R, asked_at=datetime(2013, 3, 8, 1, tzinfo=UTC))  # still March 7 in New York
    assert fred_api.parse(body.GOOD, early)["realtime_start"].max() == date(2013, 2, 8)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (body.answer(*body.ROWS, count=100_001), "every row of the series .*6 of 100001 rows.*ALFRED"),
        (body.answer(*body.ROWS, realtime_start="2026-01-15"), "realtime_start must be 2013-01-01, as asked"),
        (body.answer(*body.ROWS, realtime_end="2026-01-15"), "realtime_end must be 9999-12-31"),
        (body.answer(*body.ROWS, units="pch"), "units must be lin"),
        (body.answer(body.row("2013-03-01", "2013-02-08", "1")), "must not hold a period that begins after its day"),
        (body.answer(body.row("2012-12-01", "2013-02-08", "1", "2013-02-07")), "must not end before it begins"),
        (body.answer(body.row("2012-12-01", "2013-02-08", "1O")), "declared shape"),
        (body.BODIES[3], "api_key is not registered"),
        (body.BODIES[4], "declared shape"),  # XML
    ],
)
def test_what_cannot_be_all_vintages_is_refused(told: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        fred_api.parse(told, R)


def test_nothing_new_is_no_error_and_an_unknown_series_is_told() -> None:
    with pytest.raises(EmptyAnswer):
        fred_api.parse(body.BODIES[1], R)
    with pytest.raises(NoSuchSeries):
        fred_api.parse(body.BODIES[2], R)


def test_one_question_gives_a_series_its_whole_history() -> None:
    asked = {r.series: r for r in fred_api.requests(FetchState("core", SEEDS), p.ASKED)}
    assert {"CPIAUCSL", "PAYEMS", "ICSA", "GDP"} <= set(asked)
    assert not {"CPIAUCNS", "DGS10", "THREEFYTP10", "NFCI", "STLFSI4"} & set(
        asked
    )  # not revised, not released, too much
    query = {name: one for name, (one,) in parse_qs(urlsplit(asked["PAYEMS"].url).query).items()}
    assert query == {
        "series_id": "PAYEMS", "realtime_start": "1776-07-04", "realtime_end": "9999-12-31", "file_type": "json",
        "observation_start": "2005-01-01", "limit": "100000",
    }  # fmt: skip
    assert all(r.whole for r in asked.values())


def test_the_next_session_asks_for_the_last_days_only() -> None:
    marks = {"PAYEMS": Covered(fred_api.FIRST_DAY, date(2026, 1, 15), p.ASKED)}
    (later,) = [r for r in fred_api.requests(FetchState("core", SEEDS, marks), NEXT_DAY) if r.series == "PAYEMS"]
    assert (later.first, later.whole) == (date(2026, 1, 8), False)
    assert "realtime_start=2026-01-08&" in later.url
    nothing = {"PAYEMS": Covered(fred_api.FIRST_DAY, date(2026, 1, 15), p.ASKED, "missing", nothings=3)}
    assert "PAYEMS" not in {r.series for r in fred_api.requests(FetchState("core", SEEDS, nothing), NEXT_DAY)}


def test_alfred_is_asked_only_for_vintages_after_the_interface_s_last_answer() -> None:
    def vintages(told: dict[str, Covered]) -> list[date]:
        state = FetchState("core", SEEDS, {}, {}, {fred_api.DATASET: told})
        asked = [r.series.split("/") for r in alfred.requests(state, p.ASKED)]
        return [date.fromisoformat(day) for name, days in asked if name == "PAYEMS" for day in days.split(",")]

    assert vintages({})[0] < date(2015, 1, 1)
    held = vintages({"PAYEMS": Covered(fred_api.FIRST_DAY, date(2025, 12, 1), p.ASKED)})
    assert held and held == [day for day in vintages({}) if day > date(2025, 12, 1)]
    assert vintages({"PAYEMS": Covered(fred_api.FIRST_DAY, date(2025, 12, 1), p.ASKED, "missing")}) == vintages({})


def test_a_sparse_vintage_is_judged_by_its_bounds() -> None:
    """Only two weeks changed, before and in the spring of 2020: no step; claims in thousands are another unit."""
    spec = fred_api.SOURCES[0].plausible
    assert spec is not None
    told = pl.DataFrame(
        {
            "series_id": ["ICSA"] * 2,
            "observation_date": [date(2020, 3, 7), date(2020, 4, 4)],
            "realtime_start": [date(2021, 4, 1)] * 2,
            "value": [211_000.0, 6_149_000.0],
            "_answer": [0, 0],
        }
    )
    assert plausible.judge(told, spec).to_list() == [None, None]
    assert plausible.judge(told.with_columns(pl.col("value") / 1000), spec).to_list() == [plausible.OUT_OF_BOUNDS] * 2
