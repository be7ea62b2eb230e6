"""The long history: months as numbers, zeros and marks for nothing, what the newest months may claim; when it is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest
from payloads import shiller_ie as s

from ingestion import calendar
from ingestion.sample.workbooks import Cell, xls
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import shiller


def read(lines: list[list[Cell]]) -> pl.DataFrame:
    return shiller.parse(s.book(lines), p.request(s.SERIES))


def test_months_since_1950_with_nothing_for_zeros() -> None:
    frame = shiller.parse(s.GOOD, p.request(s.SERIES))
    assert frame["month"].to_list() == [date(1950, n, 1) for n in range(1, 12)]
    assert frame.row(0) == (date(1950, 1, 1), 16.88, 1.15, 2.34, 23.5, 2.32, 10.75)
    assert frame.row(-2) == (date(1950, 10, 1), 19.5, None, None, 24.1, 2.3, 12.5)
    assert frame.row(-1) == (date(1950, 11, 1), 19.75, None, None, 24.1, 2.37, None)


def changed(row: int, column: int, value: Cell) -> list[list[Cell]]:
    return [
        [value if (n, k) == (row, column) else cell for k, cell in enumerate(line)] for n, line in enumerate(s.LINES)
    ]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (changed(2, 0, 1950.03), "each month must follow the one before it"),
        (changed(2, 0, 1950.13), "a month must be a number such as 1871.01"),
        (changed(2, 0, 1950.025), "a month must be a number such as 1871.01"),
        (changed(2, 0, "1950.02"), "a month must be a number such as 1871.01"),
        (changed(2, 0, None), "months must follow one another"),
        (changed(2, 3, "n/a yet"), "earnings must be a number"),
        (changed(2, 1, float("nan")), "price must be a number"),
    ],
)
def test_what_is_not_of_the_layout_is_refused(lines: list[list[Cell]], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        read(lines)


def test_another_sheet_another_header_and_no_months() -> None:
    with pytest.raises(ShapeError, match="sheet 'Data' must be present once"):
        shiller.parse(xls("Disclaimer", s.LINES), p.request(s.SERIES))
    with pytest.raises(ShapeError, match=r"columns \['CAPE'\] must be present once"):
        renamed: list[list[Cell]] = [["P/E10" if cell == "CAPE" else cell for cell in line] for line in s.HEADER]
        shiller.parse(s.book(header=renamed), p.request(s.SERIES))
    with pytest.raises(EmptyAnswer):
        read([])


def test_the_newest_months_are_known_when_seen_and_older_ones_by_the_lag_rule() -> None:
    known = shiller.known_at(shiller.parse(s.GOOD, p.request(s.SERIES))).to_list()
    assert known[-3:] == [None] * 3
    assert known[-4] == datetime(1950, 10, 1, 1, tzinfo=UTC)  # August: the evening of 30 September in New York


def test_it_is_asked_once_a_month() -> None:
    days = [day for day in calendar.sessions() if date(2025, 12, 15) <= day <= date(2026, 2, 5)]
    held: dict[str, Covered] = {}
    asked = []
    for day in days:
        moment = calendar.snapshot_at(day)
        for one in shiller.requests(FetchState("full", covered=held), moment):
            asked.append(day)
            held = {one.series: Covered(one.first, one.last, moment)}
    assert asked == [date(2025, 12, 15), date(2026, 1, 2), date(2026, 2, 2)]
    assert list(shiller.requests(FetchState("core"), p.ASKED)) == []
