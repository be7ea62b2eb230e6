"""Positions in futures: which answers are refused, when a report was out, when it is asked for and asked again."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import payloads as p
import polars as pl
import pytest
from payloads import cftc_tff as cot

from ingestion import calendar
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, Request, ShapeError

TFF = source("cftc_tff")
R = p.request(cot.SERIES)
# Report and day of publication after the shutdown of 2025, as the CFTC announced them on 2025-11-18.
MADE_UP = {
    "2025-09-30": "2025-11-19", "2025-10-07": "2025-11-21", "2025-10-14": "2025-11-25", "2025-10-21": "2025-12-02",
    "2025-10-28": "2025-12-05", "2025-11-04": "2025-12-09", "2025-11-10": "2025-12-12", "2025-11-18": "2025-12-16",
    "2025-11-25": "2025-12-19", "2025-12-02": "2025-12-23", "2025-12-09": "2025-12-30", "2025-12-16": "2026-01-06",
    "2025-12-23": "2026-01-09", "2025-12-30": "2026-01-13", "2026-01-06": "2026-01-16", "2026-01-13": "2026-01-20",
    "2026-01-20": "2026-01-23",
}  # fmt: skip


def out(*days: str) -> list[datetime]:
    frame = pl.DataFrame({"report_date": [date.fromisoformat(day) for day in days]})
    return [moment.astimezone(calendar.NEW_YORK) for moment in TFF.known_at(frame).to_list()]


def asked(as_of: datetime, **covered: Covered) -> list[Request]:
    marks = {name.removeprefix("c"): mark for name, mark in covered.items()}
    assert TFF.requests is not None
    return list(TFF.requests(FetchState("core", {}, marks), as_of))


def test_reports_are_read_oldest_first_and_numbers_are_texts() -> None:
    frame = TFF.parse(cot.GOOD, R)
    assert frame.rows() == [
        ("13874A", date(2025, 12, 16), 1400.0, 120.0, 500.0, 800.0, 200.0, 100.0, None),
        ("13874A", date(2025, 12, 23), 2300000.0, 150000.0, 900000.0, 950000.0, 250000.0, 160000.0, 530000.0),
        ("13874A", date(2025, 12, 30), 1500.0, 100.0, 600.0, 900.0, 250.0, 150.0, 480.0),
    ]
    bad = {rule.name: frame.filter(rule.bad.fill_null(False))["report_date"].to_list() for rule in TFF.rules}
    assert bad == {"count_not_positive": [date(2025, 12, 16)], "positions_exceed_open_interest": []}


def test_a_report_after_the_moment_asked_is_left_out() -> None:
    later = cot.told([*cot.ROWS, cot.row("2026-01-20", *["5"] * 7)])
    assert TFF.parse(later, R)["report_date"].max() == date(2025, 12, 30)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must not be empty"),
        (p.HTML, "must be JSON"),
        (b'{"code":"query.soql.type-mismatch","error":true,"message":"no"}', "must be a list of reports"),
        (cot.GOOD[:-20], "declared shape"),
        (cot.told([1]), "a report must be an object"),
        (cot.told([*cot.ROWS, cot.row("2025-12-09", *["5"] * 7, code="209742")]), "must be of contract 13874A"),
        (cot.told([{k: v for k, v in r.items() if k != "open_interest_all"} for r in cot.ROWS]), "must be present"),
        (cot.told([cot.row("2025-12-09", "5.5", *["5"] * 6)]), "must be a whole number"),
        (cot.told([cot.row("2025-12-09", *["5"] * 7, open_interest_all=5)]), "must be a text"),
        (cot.told([cot.row("2025-12-09", *["5"] * 7, report_date_as_yyyy_mm_dd="2025-12-09")]), "must be a date"),
        (cot.told([cot.row("2000-12-12", *["5"] * 7)]), "must not be older than"),
        (cot.told(cot.ROWS * 1700), "must hold fewer than 5000 reports"),
    ],
)
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        TFF.parse(body, R)


def test_no_reports_are_nothing() -> None:
    with pytest.raises(EmptyAnswer):
        TFF.parse(b"[]", R)


def test_positions_beyond_the_open_interest_are_set_aside() -> None:
    frame = TFF.parse(cot.told([cot.row("2025-12-30", "1500", "100", "600", "900", "250", "600", "480")]), R)
    assert [rule.name for rule in TFF.rules if frame.filter(rule.bad.fill_null(False)).height] == [
        "positions_exceed_open_interest"
    ]


@pytest.mark.parametrize(
    ("report", "public"),
    [
        ("2024-08-20", "2024-08-23"),  # an ordinary Tuesday
        ("2024-11-26", "2024-12-02"),  # Thanksgiving between
        ("2024-12-24", "2024-12-30"),
        ("2024-12-31", "2025-01-06"),
        ("2025-01-07", "2025-01-13"),  # federal mourning on the Thursday
        ("2025-04-15", "2025-04-18"),  # the exchange rests on Good Friday, the government does not
        ("2023-07-03", "2023-07-07"),  # of Monday, because the Tuesday was a holiday
        ("2018-12-24", "2019-02-01"), ("2019-03-05", "2019-03-08"), ("2023-01-31", "2023-02-24"),
        *MADE_UP.items(),
    ],
)  # fmt: skip
def test_a_report_is_out_on_its_day_at_half_past_three(report: str, public: str) -> None:
    assert out(report) == [datetime.fromisoformat(f"{public}T15:30").replace(tzinfo=calendar.NEW_YORK)]


@pytest.mark.parametrize(
    ("day", "newest"), [("2025-11-18", "2025-09-23"), ("2025-12-12", "2025-11-10"), ("2026-01-23", "2026-01-20")]
)
def test_the_newest_report_as_known_after_the_shutdown(day: str, newest: str) -> None:
    reports = ["2025-09-16", "2025-09-23", *MADE_UP]
    evening = calendar.snapshot_at(date.fromisoformat(day))
    assert max(r for r, moment in zip(reports, out(*reports), strict=True) if moment <= evening) == newest


def test_each_report_is_asked_for_once_when_it_is_due() -> None:
    friday = datetime(2024, 8, 23, 23, 59, tzinfo=UTC)
    first = asked(friday)
    assert [(r.series, r.whole, r.last) for r in first] == [
        (code, True, date(2024, 8, 13)) for code in ("13874A", "209742", "239742")
    ]
    query: dict[str, Any] = parse_qs(urlsplit(first[0].url).query)
    assert query["$limit"] == ["5000"]
    assert query["$where"] == [
        "cftc_contract_market_code='13874A' AND report_date_as_yyyy_mm_dd>='2006-06-13T00:00:00.000'"
    ]
    held = Covered(date(2006, 6, 13), date(2024, 8, 13), datetime(2024, 8, 17, tzinfo=UTC), data_to=date(2024, 8, 13))
    marks = {"c13874A": held, "c209742": held, "c239742": held}
    assert asked(friday, **marks) == []
    later = asked(datetime(2024, 8, 24, tzinfo=UTC), **marks)
    assert [(r.whole, r.first, r.last) for r in later] == [(False, date(2024, 6, 18), date(2024, 8, 20))] * 3


def test_a_report_that_is_late_is_asked_for_again() -> None:
    assert TFF.hole is not None
    answered = Request("13874A", "", date(2025, 11, 1), date(2026, 1, 6), datetime(2026, 1, 17, tzinfo=UTC))
    frame = TFF.parse(cot.GOOD, R)
    assert TFF.hole(frame, answered) == date(2026, 1, 6)
    assert TFF.hole(frame.with_columns(pl.lit(date(2026, 1, 5)).alias("report_date")), answered) is None
    then = datetime(2026, 1, 17, 1, tzinfo=UTC)
    mark = Covered(date(2006, 6, 13), date(2026, 1, 6), then, hole=date(2026, 1, 6), hole_since=then)
    marks = {"c13874A": mark, "c209742": mark, "c239742": mark}
    assert asked(datetime(2026, 1, 17, 2, tzinfo=UTC), **marks) == []
    assert len(asked(datetime(2026, 1, 21, 2, tzinfo=UTC), **marks)) == 3
