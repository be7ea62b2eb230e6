"""Months of policy uncertainty and geopolitical risk: notes and blanks are no months, what is refused, when they are asked."""

from datetime import UTC, date, datetime

import payloads as p
import pytest
from payloads import epu_categories as epu
from payloads import gpr_monthly as gpr

from ingestion import calendar
from ingestion.registry import source
from ingestion.sample.workbooks import Cell
from ingestion.source import Covered, FetchState, Request, ShapeError

EPU, GPR = source("epu_categories"), source("gpr_monthly")
RE, RG = p.request(epu.SERIES), p.request(gpr.SERIES)


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=calendar.NEW_YORK).astimezone(UTC)


def test_a_row_per_kind_and_month_and_the_note_is_none() -> None:
    frame = EPU.parse(epu.GOOD, RE)
    assert frame.height == 36
    trade = frame.filter(category="trade")
    assert trade.select("month", "epu").rows() == [
        (date(2025, 10, 1), 110.0), (date(2025, 11, 1), 120.5), (date(2025, 12, 1), 10.0),
    ]  # fmt: skip
    assert frame.filter(category="overall", month=date(2025, 12, 1))["epu"].to_list() == [0.0], "no article is a count"
    assert not frame.filter(EPU.rules[0].bad).height
    assert EPU.parse(epu.BODIES[1], RE).equals(frame)


def test_months_without_a_count_are_left_out_and_the_others_are_first_days() -> None:
    frame = GPR.parse(gpr.GOOD, RG)
    assert frame.rows() == [
        (date(1985, 1, 1), 102.25, 89.75, 107.5),
        (date(1985, 2, 1), 117.0, 96.5, 126.5),
    ]
    assert GPR.parse(gpr.BODIES[1], RG).equals(frame)


def test_a_month_that_had_not_ended_is_left_out() -> None:
    early = p.request(epu.SERIES, datetime(2025, 12, 20, tzinfo=UTC))
    assert EPU.parse(epu.GOOD, early)["month"].max() == date(2025, 11, 1)


@pytest.mark.parametrize(
    ("lines", "header", "rule"),
    [
        ([epu.LINES[0], epu.LINES[2]], epu.HEADER, "each month must follow"),
        ([["25", 10.0, *epu.LINES[0][2:]]], epu.HEADER, "must be a date"),
        (epu.LINES, [*epu.HEADER[:-1], "11. Another kind"], "must be present once"),
        ([["2025", 10.0, "many", *epu.LINES[0][3:]]], epu.HEADER, "declared shape"),
    ],
)
def test_another_layout_of_kinds_is_refused(lines: list[list[Cell]], header: list[Cell], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        EPU.parse(epu.book(lines, header), RE)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([*gpr.LINES[:3], [31100.0, 1.0, 1.0, 1.0]], "each month must be told by its first day"),
        ([*gpr.LINES, [31138.0, 1.0, 1.0, 1.0]], "each month must be told by its first day"),
        ([["soon", 1.0, 1.0, 1.0]], "must be a date"),
        ([[31048.0, "many", 1.0, 1.0]], "declared shape"),
    ],
)
def test_another_layout_of_months_is_refused(lines: list[list[Cell]], rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        GPR.parse(gpr.book(lines), RG)


def test_a_file_is_asked_when_its_month_is_due_and_again_while_it_is_late() -> None:
    for one in (EPU, GPR):
        plan, hole = one.requests, one.hole
        assert plan is not None and hole is not None
        (first,) = plan(FetchState("full"), evening(date(2026, 1, 14)))
        assert first.last == date(2025, 11, 1), "December is due on the 15th"
        covered = {first.series: Covered(first.first, first.last, evening(date(2026, 1, 14)))}
        (second,) = plan(FetchState("full", covered=covered), evening(date(2026, 1, 15)))
        assert second.last == date(2025, 12, 1)
        assert list(plan(FetchState("core"), evening(date(2026, 1, 15)))) == []
        late = Covered(
            second.first, second.last, evening(date(2026, 1, 15)),
            hole=date(2025, 12, 1), hole_since=evening(date(2026, 1, 15)),
        )  # fmt: skip
        told = FetchState("full", covered={second.series: late})
        assert list(plan(told, evening(date(2026, 1, 15)))) == []
        assert [r.last for r in plan(told, evening(date(2026, 1, 16)))] == [date(2025, 12, 1)]
    frame = EPU.parse(epu.GOOD, RE)
    assert EPU.hole is not None
    assert EPU.hole(frame, Request("", "", date(1985, 1, 1), date(2026, 1, 1), p.ASKED)) == date(2026, 1, 1)
    assert EPU.hole(frame, Request("", "", date(1985, 1, 1), date(2025, 12, 1), p.ASKED)) is None
