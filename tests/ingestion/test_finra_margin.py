"""Margin statistics: what is read, which workbooks are refused, when a month counts and when it is asked for."""

from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import pytest
from payloads import finra_margin as margin

from ingestion.registry import source
from ingestion.source import Covered, FetchState, Request, ShapeError

FINRA = source("finra_margin")
R = p.request(margin.SERIES)
FIRST, *REST = margin.LINES


def asked(as_of: datetime, mark: Covered | None = None) -> list[Request]:
    assert FINRA.requests is not None
    return list(FINRA.requests(FetchState("core", {}, {margin.SERIES: mark} if mark else {}), as_of))


def line(month: str = "2010-03", debit: Any = 1, cash: Any = 1, credit: Any = 1) -> tuple[Any, ...]:
    return (month, debit, cash, credit)


def test_months_are_read_oldest_first_in_dollars() -> None:
    frame = FINRA.parse(margin.GOOD, R)
    assert frame.rows() == [
        (date(2009, 12, 1), 240_000e6, 268_500e6, None), (date(2010, 1, 1), 251_250e6, 270_000e6, None),
        (date(2010, 2, 1), 250_000e6, 103_000e6, 161_500e6), (date(2010, 3, 1), 260_500e6, 104_250e6, 160_000e6),
    ]  # fmt: skip
    assert [rule.name for rule in FINRA.rules if frame.filter(rule.bad.fill_null(False)).height] == []
    assert FINRA.parse(margin.BODIES[1], R).equals(frame)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (p.HTML, "must be a workbook"),
        (margin.workbook(sheet="Margin"), "must be present once"),
        (margin.workbook(header=("Year-Month", "Debit", *margin.HEADER[2:])), "must be present once"),
        (margin.workbook([line("March 2010"), *REST]), "must be of the form 2025-02"),
        (margin.workbook([line("2010-13"), *REST]), "declared shape"),
        (margin.workbook([line("2010-04"), *REST]), "without a gap, each once"),
        (margin.workbook([FIRST, *margin.LINES]), "without a gap, each once"),
        (margin.workbook([line(debit="n/a"), *REST]), "must be a number"),
        (margin.workbook([line(debit=None), *REST]), "must be a number"),
        (margin.workbook([FIRST, (), *REST]), "must follow one another without a gap"),
    ],
)
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        FINRA.parse(body, R)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (line(debit=-5), "debit_not_positive"),
        (line(cash=-5), "credit_negative"),
        (line(credit=None), "credit_not_told"),
    ],
)
def test_impossible_months_are_set_aside(row: tuple[Any, ...], rule: str) -> None:
    frame = FINRA.parse(margin.workbook([row, *REST]), R)
    assert [r.name for r in FINRA.rules if frame.filter(r.bad.fill_null(False)).height] == [rule]


def test_a_month_counts_from_the_25th_of_the_next() -> None:
    frame = FINRA.parse(margin.GOOD, R)
    assert FINRA.known_at(frame).to_list()[1:3] == [
        datetime(2010, 2, 25, 23, tzinfo=UTC), datetime(2010, 3, 25, 22, tzinfo=UTC),
    ]  # fmt: skip


def test_a_running_month_is_left_out() -> None:
    assert FINRA.parse(margin.workbook([line(f"{y}-{m:02}") for y in (2026, 2025) for m in range(12, 0, -1)]), R)[
        "month"
    ].max() == date(2025, 12, 1)


def test_a_month_is_asked_for_once_when_it_is_due() -> None:
    before, due = datetime(2025, 2, 25, 22, 59, tzinfo=UTC), datetime(2025, 2, 25, 23, tzinfo=UTC)
    assert [(r.whole, r.last) for r in asked(before)] == [(True, date(2024, 12, 1))]
    mark = Covered(date(1997, 1, 1), date(2024, 12, 1), datetime(2025, 1, 28, tzinfo=UTC))
    assert asked(before, mark) == []
    assert [r.last for r in asked(due, mark)] == [date(2025, 1, 1)]


def test_a_month_that_is_late_is_asked_for_again() -> None:
    assert FINRA.hole is not None
    frame = FINRA.parse(margin.GOOD, R)
    question = Request(margin.SERIES, "", date(1997, 1, 1), date(2010, 4, 1), datetime(2010, 5, 26, tzinfo=UTC))
    assert FINRA.hole(frame, question) == date(2010, 4, 1)
    then = datetime(2010, 5, 26, 1, tzinfo=UTC)
    mark = Covered(date(1997, 1, 1), date(2010, 4, 1), then, hole=date(2010, 4, 1), hole_since=then)
    assert asked(datetime(2010, 5, 26, 2, tzinfo=UTC), mark) == []
    assert len(asked(datetime(2010, 5, 28, 2, tzinfo=UTC), mark)) == 1
