"""Nasdaq: money as text, days over and to come, what is not held; which days are asked when; when a figure counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads import nasdaq_forecast as f
from payloads.nasdaq_earnings_calendar import GOOD, NOBODY, NOT_HELD, OVER, TO_COME, over, told

from ingestion import calendar
from ingestion.fetch import ask
from ingestion.http import Client
from ingestion.registry import source
from ingestion.sample.transport import SampleTransport
from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, Request, ShapeError
from ingestion.sources import nasdaq
from ingestion.transport import Vendors
from warehouse import raw
from warehouse.database import build_session
from warehouse.home import Home
from warehouse.landing import Landing

CALENDAR, FORECAST = source("nasdaq_earnings_calendar"), source("nasdaq_forecast")
DAYS = calendar.sessions()
NOW = DAYS.index(date(2026, 1, 15))  # the session of p.ASKED


def evening(number: int) -> datetime:
    return calendar.snapshot_at(DAYS[number])


def read(
    *rows: dict[str, Any], day: date = date(2026, 1, 14), asked_at: datetime = p.ASKED, **data: Any
) -> pl.DataFrame:
    request = Request(str(day), "https://vendor.example/", day, day, asked_at)
    return nasdaq.parse_calendar(told(*rows, day=day, **data), request)


def broken(frame: pl.DataFrame, rule: str) -> list[str]:
    bad = next(one.bad for one in (*CALENDAR.rules, *FORECAST.rules) if one.name == rule)
    return frame.filter(bad.fill_null(False))["symbol"].to_list()


def test_a_day_that_is_over() -> None:
    frame = nasdaq.parse_calendar(GOOD, p.request("2026-01-14"))
    assert frame.drop("name", "last_year_eps", "last_year_report_date").rows() == [
        (date(2026, 1, 14), "ABC", "bmo", 1.05, 1.0, 5.0, 6, date(2025, 12, 31), 614938050.0),
        (date(2026, 1, 14), "DEF", "unknown", -0.7, -0.6, -16.67, 6, date(2025, 12, 31), 614938050.0),
        (date(2026, 1, 14), "GHI", "bmo", None, None, None, None, None, None),
        (date(2026, 1, 14), "BRK-B", "amc", 3466.0, None, None, 6, date(2025, 12, 31), 614938050.0),
    ]
    assert frame["name"][0] == "Alphabetical Industries"
    assert frame["last_year_eps"].null_count() == frame["last_year_report_date"].null_count() == 4


def test_a_day_to_come() -> None:
    row = read(TO_COME, day=date(2026, 1, 20)).row(0, named=True)
    assert (row["symbol"], row["timing"], row["eps"], row["eps_forecast"]) == ("MOG-A", "amc", None, -0.11)
    assert (row["last_year_eps"], row["last_year_report_date"]) == (-0.3, date(2025, 1, 9))
    assert (row["fiscal_end"], row["n_estimates"]) == (date(2025, 11, 30), 2)


def test_nobody_reports_and_not_held_are_two_things() -> None:
    with pytest.raises(EmptyAnswer, match="no company reports"):
        nasdaq.parse_calendar(NOBODY, p.request("2026-01-14"))
    with pytest.raises(NoSuchSeries, match=r"does not hold it: code 400.*Invalid date"):
        nasdaq.parse_calendar(NOT_HELD, p.request("2026-01-14"))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"time": "time-at-noon"}, "time must be one of"),
        ({"eps": "1.05 USD"}, "eps must be an amount"),
        ({"eps": "($1.05"}, "eps must be an amount"),
        ({"eps": True}, "eps must be an amount"),
        ({"noOfEsts": "2.5"}, "noOfEsts must be a whole number"),
        ({"fiscalQuarterEnding": "Q4/2025"}, "a fiscal end must be a month"),
        ({"fiscalQuarterEnding": "Abc/2025"}, "a fiscal end must be a month"),
        ({"lastYearRptDt": "2025-01-09"}, "lastYearRptDt must be a day"),
        ({"lastYearRptDt": "2/30/2025"}, "declared shape"),
        ({"epsForecast": None}, r"each row must hold \['epsForecast'\]"),
        ({"symbol": 5}, "symbol must be a text"),
    ],
)
def test_what_is_not_of_the_layout_is_refused(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        read(over(**fields))


def test_the_answer_must_be_about_the_day_asked() -> None:
    with pytest.raises(ShapeError, match="asOf must be the day asked, Wed, Jan 14, 2026"):
        read(OVER, asOf="Tue, Jan 13, 2026")
    with pytest.raises(ShapeError, match="asOf must be the day asked"):
        read(OVER, asOf=None)
    with pytest.raises(EmptyAnswer):
        read(asOf=None, rows=None)


def test_a_figure_is_not_told_before_its_day() -> None:
    day = date(2026, 1, 16)
    with pytest.raises(ShapeError, match="a figure must not be told before its day"):
        read(OVER, day=day)
    assert read(OVER, day=day, asked_at=datetime(2026, 1, 16, 15, tzinfo=UTC)).height == 1


def test_a_figure_in_cents_contradicts_its_surprise() -> None:
    rows = [
        OVER,
        over(symbol="B", eps="$105.00"),
        over(symbol="C", eps="$0.01", epsForecast="$0.00", surprise="N/A"),
        over(symbol="D", eps="($0.09)", epsForecast="($0.11)", surprise="18.18"),
        over(symbol="E", eps="$0.02", epsForecast="$0.01", surprise="57.14"),  # .0157 over .0100, before rounding
        over(symbol="F", eps="$2.05", epsForecast="$1.00", surprise="5"),
    ]
    assert broken(read(*rows), "eps_contradicts_surprise") == ["B", "F"]


def test_a_day_in_cents_is_refused_and_a_few_dear_companies_are_not() -> None:
    cents = [over(symbol=f"A{n}", eps="$105.00", epsForecast="$100.00") for n in range(3)]
    with pytest.raises(ShapeError, match="earnings per share must be dollars"):
        read(*cents)
    dear = [over(symbol=f"A{n}", eps="$120.00", epsForecast="$114.29") for n in range(2)]
    assert read(*dear, *(over(symbol=f"B{n}") for n in range(18))).height == 20


def test_a_size_below_zero_is_none() -> None:
    assert read(over(marketCap="$-742,350"))["market_cap"].to_list() == [None]


def test_a_figure_counts_from_the_evening_of_its_day_and_the_rest_from_when_it_was_seen() -> None:
    frame = read(OVER, over(symbol="B", eps="N/A", surprise="N/A"))
    assert nasdaq.calendar_known_at(frame).to_list() == [datetime(2026, 1, 15, 1, tzinfo=UTC), None]


def due(covered: dict[str, Covered] | None = None, number: int = NOW) -> list[int]:
    """The days asked with a session, as sessions after it."""
    asked = nasdaq.calendar_requests(FetchState("full", covered=covered or {}), evening(number))
    return [DAYS.index(request.first) - number for request in asked]


def mark(number: int, asked: int, **more: Any) -> dict[str, Covered]:
    """The mark of day ``number``, asked last with session ``asked``."""
    return {str(DAYS[number]): Covered(DAYS[number], DAYS[number], evening(asked), **more)}


def test_the_first_run_asks_what_comes_then_what_was() -> None:
    assert due() == [*range(21), *range(-1, -505, -1)]
    asked = next(iter(nasdaq.calendar_requests(FetchState("full"), p.ASKED)))
    assert asked.url == "https://api.nasdaq.com/api/calendar/earnings?date=2026-01-15"
    assert {"Accept", "Accept-Language", "Origin", "Referer"} <= dict(asked.headers).keys()
    assert list(nasdaq.calendar_requests(FetchState("core"), p.ASKED)) == []


def test_when_a_day_is_asked_again() -> None:
    """One day, from 20 sessions before it to ten after, each evening with what was asked before."""
    held: dict[str, Covered] = {}
    told = []
    for before in range(-20, 11):
        if -before in due(held, NOW + before):
            told.append(before)
            held |= mark(NOW, NOW + before)
    assert told == [-20, -15, -10, -5, -4, -3, -2, -1, 0, 1, 2, 7]


def test_an_evening_costs_twelve_questions() -> None:
    held: dict[str, Covered] = {}
    costs = []
    for number in range(NOW, NOW + 30):
        days = due(held, number)
        costs.append(len(days))
        for day in days:
            held |= mark(number + day, number)
    assert costs[0] == 525 and max(costs[1:]) <= 20 and sum(costs[-10:]) == 120


def test_a_past_day_asked_long_after_is_settled_at_once() -> None:
    assert 0 - 300 not in due(mark(NOW - 300, NOW - 1))
    assert -6 not in due(mark(NOW - 6, NOW - 1)) and -7 in due(mark(NOW - 7, NOW - 2))


def test_a_day_that_is_not_held_is_asked_more_and_more_rarely() -> None:
    for nothings, wait in ((1, 1), (3, 4), (7, 64)):
        lost: dict[str, Any] = {"outcome": "missing", "nothings": nothings}
        assert -100 in due(mark(NOW - 100, NOW - wait, **lost))
        assert wait == 1 or -100 not in due(mark(NOW - 100, NOW - wait + 1, **lost))


def test_a_day_that_lost_all_its_companies_is_asked_until_that_is_told_three_times() -> None:
    assert -100 in due(mark(NOW - 100, NOW - 1, nothings=1)) and -100 in due(mark(NOW - 100, NOW - 1, nothings=2))
    assert -100 not in due(mark(NOW - 100, NOW - 1, nothings=3))


SEASON = DAYS.index(date(2025, 10, 3))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Thirty evenings of a season, asked of the sample vendor and loaded: every version of every row since its start."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.prepare("sample")
    landing = Landing(home.landing)
    for number in range(SEASON, SEASON + 30):
        now = evening(number)
        with Client(Vendors("sample"), lambda now=now: now, transport=SampleTransport(now, ())) as client:
            plan = nasdaq.calendar_requests(FetchState("full", covered=landing.covered(CALENDAR.dataset)), now)
            questions = [question for question in plan if question.first >= DAYS[SEASON - 8]]
            landing.write(CALENDAR.dataset, [ask(client, CALENDAR, q, lambda now=now: now) for q in questions])
    with build_session(home) as con:
        raw.ensure(con, (CALENDAR,))
        report = raw.load(con, CALENDAR, landing)
        assert not report.rejected and not report.rows_quarantined
        table = f"raw.{CALENDAR.dataset}"
        return con.execute(f"SELECT * FROM {table} UNION ALL BY NAME SELECT * FROM {table}_superseded").pl()


def test_a_date_that_moved_is_told_by_the_day_it_left_and_the_day_it_came_to(lived: pl.DataFrame) -> None:
    gone = lived.filter(~pl.col("is_present")).select("symbol", left="report_date", since="known_at")
    assert gone.height >= 4 and gone["left"].n_unique() >= 2
    on_that_day = gone.join(lived, left_on=["symbol", "left"], right_on=["symbol", "report_date"])
    before = on_that_day.filter(pl.col("known_at") < pl.col("since"))
    assert set(before["symbol"]) == set(gone["symbol"])
    assert before["is_present"].all() and before["eps"].null_count() == before.height, "it never reported there"
    reported = lived.filter(pl.col("eps").is_not_null()).select("symbol", "report_date")
    after = gone.join(reported, on="symbol").filter(pl.col("since").dt.date() < pl.col("report_date"))
    assert after.height and (after["report_date"] != after["left"]).all()


def test_what_was_expected_is_kept_beside_what_came(lived: pl.DataFrame) -> None:
    first_seen = lived.filter(pl.col("eps").is_null() & pl.col("is_present"))
    assert set(first_seen["known_at_kind"]) == {"first_seen"}
    told = lived.filter(pl.col("eps").is_not_null())
    asked_before = told.join(first_seen, on=["report_date", "symbol"], how="semi")
    assert asked_before.height and set(asked_before["known_at_kind"]) == {"first_seen"}
    found_after = told.join(first_seen, on=["report_date", "symbol"], how="anti").filter(
        pl.col("known_at_kind") == "lag_rule"
    )
    assert found_after.height
    assert (found_after["known_at"] == calendar.known_at_snapshot(found_after["report_date"])).all()


def forecasts(*quarters: dict[str, Any], **data: Any) -> pl.DataFrame:
    return nasdaq.parse_forecast(f.told(list(quarters), **data), p.request("ABC-B"))


def test_forecasts_of_quarters_and_years_as_numbers_and_as_text() -> None:
    frame = nasdaq.parse_forecast(f.GOOD, p.request("ABC-B"))
    assert frame.rows() == [
        ("ABC-B", "quarter", date(2025, 12, 31), date(2026, 1, 15), 2.47, 2.6, 2.31, 12, 3, 0),
        ("ABC-B", "quarter", date(2026, 3, 31), date(2026, 1, 15), 2.72, 2.9, None, 11, None, 1),
        ("ABC-B", "year", date(2027, 1, 31), date(2026, 1, 15), -0.5, -0.25, -1.0, 12, 3, 0),
    ]
    assert nasdaq.forecast_known_at(frame).to_list() == [None] * 3


def test_no_forecast_and_an_unknown_symbol_are_two_things() -> None:
    for body in (f.told(None), f.told([]), f.told(None, [])):
        with pytest.raises(EmptyAnswer, match="no forecast"):
            nasdaq.parse_forecast(body, p.request("ABC-B"))
    with pytest.raises(NoSuchSeries, match="Symbol not exists"):
        nasdaq.parse_forecast(f.UNKNOWN, p.request("ABC-B"))


@pytest.mark.parametrize(
    ("row", "data", "rule"),
    [
        ({}, {"symbol": "xyz"}, "symbol must be ABC-B, as asked"),
        ({}, {"quarterlyForecast": []}, "quarterlyForecast must be an object"),
        ({"fiscalEnd": "Q4 2025"}, {}, "a fiscal end must be a month"),
        ({"fiscalEnd": ""}, {}, "must name the end of its period"),
        ({"up": -1}, {}, "up must be a whole number"),
        ({"noOfEstimates": [3]}, {}, "noOfEstimates must be an amount"),
        ({"consensusEPSForecast": "two"}, {}, "consensusEPSForecast must be an amount"),
    ],
)
def test_forecasts_of_another_layout_are_refused(row: dict[str, Any], data: dict[str, Any], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        forecasts(f.period(**row), **data)


def test_a_renamed_field_or_table_is_refused() -> None:
    row = {name: value for name, value in f.period().items() if name != "down"}
    with pytest.raises(ShapeError, match=r"each row must hold \['down'\]"):
        forecasts(row)
    with pytest.raises(ShapeError, match="data must hold yearlyForecast"):
        nasdaq.parse_forecast(f.GOOD.replace(b"yearlyForecast", b"annualForecast"), p.request("ABC-B"))


def test_a_mean_outside_its_range_is_set_aside() -> None:
    frame = forecasts(
        f.period(),
        f.period(consensusEPSForecast=247.0),
        f.period(consensusEPSForecast=2.3),  # below the lowest by a cent of rounding
        f.period(consensusEPSForecast=2.29),
        f.period(highEPSForecast=2.0, lowEPSForecast=2.5, consensusEPSForecast=None),
    )
    rule = next(one.bad for one in FORECAST.rules if one.name == "consensus_outside_range")
    assert frame.select(rule.fill_null(False)).to_series().to_list() == [False, True, False, True, True]


def asked(number: int, covered: dict[str, Covered] | None = None) -> list[Request]:
    members = pl.DataFrame({"symbol": ["NA", "BRK-B", *(f"S{n}" for n in range(200))]})
    held = FetchState("full", covered=covered or {}, frames={"sp500_constituents": members})
    return list(nasdaq.forecast_requests(held, evening(number)))


def test_the_largest_are_asked_once_a_week() -> None:
    monday = DAYS.index(date(2026, 1, 12))
    first = asked(monday)
    assert len(first) == 150 and [one.series for one in first[:2]] == ["NA", "BRK-B"]
    assert first[1].url == "https://api.nasdaq.com/api/analyst/BRK.B/earnings-forecast"
    assert (first[0].first, first[0].last) == (DAYS[monday], DAYS[monday])
    held = {one.series: Covered(one.first, one.last, evening(monday)) for one in first if one.series != "NA"}
    assert [one.series for one in asked(monday + 1, held)] == ["NA"]  # it did not answer on Monday
    assert (
        len(asked(monday + 4, held)) == 1 and len(asked(monday + 5, held)) == 150
    )  # the exchange rests on Monday, the 19th
    assert list(nasdaq.forecast_requests(FetchState("core"), p.ASKED)) == []


def test_a_symbol_the_vendor_does_not_know_is_asked_more_and_more_rarely() -> None:
    monday = DAYS.index(date(2026, 1, 12))
    lost = {"NA": Covered(DAYS[monday - 5], DAYS[monday - 5], evening(monday - 5), "missing", nothings=4)}
    assert "NA" not in [one.series for one in asked(monday, lost)]
    assert "NA" in [one.series for one in asked(monday + 5, lost)]
