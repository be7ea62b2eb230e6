"""Combined fund flows: what is read, which workbooks are refused, when a week counts and when its file is asked for."""

from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest
from payloads import ici_flows as ici

from ingestion.registry import source
from ingestion.source import Covered, FetchState, Request, ShapeError

ICI = source("ici_flows")
R = p.request(ici.SERIES)


def asked(as_of: datetime, **covered: Covered) -> list[tuple[str, date]]:
    marks = {name.removeprefix("y"): mark for name, mark in covered.items()}
    assert ICI.requests is not None
    return [(one.series, one.last) for one in ICI.requests(FetchState("core", {}, marks), as_of)]


def broken(frame: pl.DataFrame) -> list[str]:
    return [rule.name for rule in ICI.rules if frame.filter(rule.bad).height]


def test_months_and_weeks_are_read_in_dollars() -> None:
    frame = ICI.parse(ici.GOOD, R)
    assert frame.select("period_kind", "period_end", "total_usd", "commodity_usd").rows() == [
        ("month", date(2025, 10, 31), 100e6, -5e6), ("month", date(2025, 11, 30), 101e6, -5e6),
        ("week", date(2025, 12, 17), -58e6, 1e6), ("week", date(2025, 12, 23), 10e6, 1e6),
        ("week", date(2025, 12, 30), 10e6, 1e6), ("week", date(2026, 1, 7), 10e6, 1e6),
    ]  # fmt: skip
    assert frame.row(2, named=True)["equity_world_usd"] == -30e6
    assert broken(frame) == []


def test_the_published_example_holds_its_identities() -> None:
    """Week ended 2024-05-01: -5717 - 3405 + 3198 + 115 = -5809 and -2744 - 2973 = -5717."""
    week = ici.line("05/01/2024", -5809, -5717, -2744, -2973, -3405, 3198, 2000, 1198, 115)
    frame = ICI.parse(ici.workbook([ici.line("03/31/2024 ", *[0] * 9)], [week]), R)
    assert broken(frame) == []
    assert ICI.known_at(frame).to_list()[1] == datetime(2024, 5, 8, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "by", "rule"),
    [
        (1, 3, ["total_contradicts"]), (1, 2, []), (17, -3, ["total_contradicts"]), (5, 3, ["equity_contradicts"]),
        (13, -3, ["bond_contradicts"]),
    ],
)  # fmt: skip
def test_sums_that_contradict_by_more_than_two_million_are_set_aside(at: int, by: int, rule: list[str]) -> None:
    week = list(ici.FOUR[0])
    value = week[at]
    assert isinstance(value, int)
    week[at] = value + by
    assert broken(ICI.parse(ici.workbook(weeks=[week, *ici.FOUR[1:]]), R)) == rule


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (p.HTML, "must be a workbook"),
        (ici.GOOD[:3000], "must be readable"),
        (ici.workbook(top=ici.TOP[:2]), "millions of dollars"),
        (ici.workbook(header=[ici.HEADER[0][::-1], ici.HEADER[1]]), "must begin with Date"),
        (
            ici.workbook(header=[ici.HEADER[0], [*ici.HEADER[1][:5], "Foreign", *ici.HEADER[1][6:]]]),
            "of the header must be",
        ),
        (ici.workbook(words=("Months", ici.WEEKS)), "must follow the words"),
        (ici.workbook(words=(ici.MONTHS, "Weeks")), "must hold months and weeks"),
        (ici.workbook(weeks=[]), "must hold months and weeks"),
        (ici.workbook(months=[ici.line("10/31/25 ", *[0] * 9)]), "must be a date"),
        (ici.workbook(months=[ici.line("10/30/2025 ", *[0] * 9)]), "must end on last days"),
        (ici.workbook(months=[ici.line("09/30/2025 ", *[0] * 9), ici.NOVEMBER]), "follow one another"),
        (ici.workbook(weeks=[ici.FOUR[0], ici.FOUR[2]]), "weeks must end"),
        (ici.workbook(weeks=[ici.line("12/18/2025", *[0] * 9)]), "weeks must end"),
        (ici.workbook(weeks=[ici.line("12/17/2025", "n/a", *[0] * 8)]), "must be a number"),
    ],
)
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        ICI.parse(body, R)


def test_weeks_count_from_the_wednesday_after_and_months_after_thirty_days() -> None:
    frame = ICI.parse(ici.GOOD, R)
    days = [moment.date() for moment in ICI.known_at(frame).to_list()]
    assert days == [
        date(2025, 12, 1),
        date(2025, 12, 30),
        date(2025, 12, 24),
        date(2025, 12, 31),
        date(2026, 1, 7),
        date(2026, 1, 14),
    ]


def test_the_file_of_the_year_is_asked_for_once_a_week_and_the_one_before_until_it_is_there() -> None:
    july = datetime(2025, 7, 16, 21, 59, tzinfo=UTC)
    assert asked(july) == [("2025", date(2025, 7, 2))]
    held = Covered(date(2007, 1, 1), date(2025, 7, 2), datetime(2025, 7, 10, tzinfo=UTC))
    assert asked(july, y2025=held) == []
    assert asked(datetime(2025, 7, 16, 22, tzinfo=UTC), y2025=held) == [("2025", date(2025, 7, 9))]
    january = datetime(2026, 1, 14, 23, tzinfo=UTC)
    assert asked(january) == [("2026", date(2026, 1, 7))]
    nothing = Covered(date(2007, 1, 1), date(2025, 12, 31), datetime(2026, 1, 8, tzinfo=UTC), outcome="empty")
    assert asked(january, y2026=nothing) == [("2025", date(2026, 1, 7)), ("2026", date(2026, 1, 7))]


def test_a_week_that_is_late_is_asked_for_again_and_a_year_without_a_file_is_nothing_in_january() -> None:
    assert ICI.hole is not None
    assert ICI.forgotten is not None
    frame, then = ICI.parse(ici.GOOD, R), datetime(2026, 1, 22, tzinfo=UTC)
    late = Request("2026", "", date(2007, 1, 1), date(2026, 1, 14), then, whole=True)
    assert ICI.hole(frame, late) == date(2026, 1, 14)
    assert ICI.hole(frame, Request("2026", "", date(2007, 1, 1), date(2026, 1, 7), then)) is None
    assert ICI.hole(frame, Request("2025", "", date(2007, 1, 1), date(2026, 1, 14), then)) is None
    assert ICI.forgotten(late)
    assert not ICI.forgotten(Request("2026", "", date(2007, 1, 1), date(2026, 1, 14), datetime(2026, 2, 2, tzinfo=UTC)))
