"""The monthly risk premium: shares become percent, notes are no months, months are first days; when it is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads import damodaran_erp as d

from ingestion import calendar
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import damodaran


def read(lines: list[tuple[Any, ...]], **more: Any) -> pl.DataFrame:
    return damodaran.parse(d.workbook(lines, **more), p.request(d.SERIES))


def test_months_in_percent_and_no_notes() -> None:
    frame = damodaran.parse(d.GOOD, p.request(d.SERIES))
    assert frame.rows() == [
        (date(2025, 11, 1), 4.01, None, 4.08, 6840.25),
        (date(2025, 12, 1), 4.23, 4.13, 4.02, 6849.5),
        (date(2026, 1, 1), 4.2, 3.98, 4.18, 6845.5),
    ]
    assert damodaran.parse(d.BODIES[1], p.request(d.SERIES)).equals(frame)
    early = p.request(d.SERIES, datetime(2025, 12, 20, tzinfo=UTC))
    assert damodaran.parse(d.GOOD, early).height == 2


def changed(row: int, column: int, value: Any) -> list[tuple[Any, ...]]:
    return [
        tuple(value if (n, k) == (row, column) else cell for k, cell in enumerate(line))
        for n, line in enumerate(d.LINES)
    ]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (changed(1, 0, date(2025, 12, 2)), "each month must begin on a first day"),
        (changed(0, 0, date(2004, 8, 1)), "from 2008-09-01 on"),
        (changed(1, 0, date(2025, 11, 1)), "months must ascend"),
        (changed(1, 0, None), "months must follow one another"),
        (changed(1, 5, "4.23%"), r"erp \(t12m\) must be a number"),
        (changed(1, 5, None), r"erp \(t12m\) must be a number"),
        (changed(1, 2, True), "t.bond rate must be a number"),
        ([(*line[:5], line[5] * 100, *line[6:]) for line in d.LINES], "premiums must be shares of one"),
    ],
)
def test_what_is_not_of_the_layout_is_refused(lines: list[tuple[Any, ...]], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        read(lines)


def test_another_sheet_another_header_and_no_months() -> None:
    with pytest.raises(ShapeError, match="sheet 'Historical ERP' must be present once"):
        read(d.LINES, sheet="Sheet1")
    with pytest.raises(ShapeError, match=r"columns \['erp \(t12m\)'\] must be present once"):
        read(d.LINES, header=[name.replace("ERP (T12m)", "ERP") if name == "ERP (T12m)" else name for name in d.HEADER])
    with pytest.raises(EmptyAnswer):
        read([])


def test_a_month_is_known_at_noon_of_the_first_session_from_its_second_day_on() -> None:
    frame = pl.DataFrame({"month": [date(2025, 11, 1), date(2026, 1, 1), date(2025, 12, 1)]})
    assert damodaran.known_at(frame).to_list() == [
        datetime(2025, 11, 3, 17, tzinfo=UTC), datetime(2026, 1, 2, 17, tzinfo=UTC), datetime(2025, 12, 2, 17, tzinfo=UTC),
    ]  # fmt: skip


def test_it_is_asked_often_in_the_first_days_of_a_month_and_weekly_after() -> None:
    days = [day for day in calendar.sessions() if date(2025, 12, 29) <= day <= date(2026, 1, 30)]
    held: dict[str, Covered] = {}
    asked = []
    for day in days:
        moment = calendar.snapshot_at(day)
        for one in damodaran.requests(FetchState("full", covered=held), moment):
            asked.append(day.day)
            held = {one.series: Covered(one.first, one.last, moment)}
    assert asked == [29, 2, 5, 6, 7, 8, 9, 12, 20, 26]
    assert list(damodaran.requests(FetchState("core"), p.ASKED)) == []
