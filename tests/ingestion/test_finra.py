"""Short interest: what is unknown, what is left out, which files are refused, when a file is asked for and asked again."""

from datetime import UTC, date, datetime, timedelta

import payloads as p
import polars as pl
import pytest
from payloads import finra_short_interest as shorts

from ingestion import calendar
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError

FINRA = source("finra_short_interest")
R = p.request("2025-12-31")


def asked(as_of: datetime, **covered: Covered) -> list[str]:
    marks = {name.removeprefix("d").replace("_", "-"): mark for name, mark in covered.items()}
    assert FINRA.requests is not None
    return [one.series for one in FINRA.requests(FetchState("full", {}, marks), as_of)]


def test_listed_securities_are_read_and_what_is_unknown_is_null() -> None:
    frame = FINRA.parse(shorts.GOOD, R)
    day = date(2025, 12, 31)
    assert frame.rows() == [
        (day, "BRKB", "Berk & Sons Class B", "NYSE", 1300.0, 1250.0, 400.0, 3.25, 4.0, False, False),
        (day, "NA", 'Nation "Apples" Inc.', "NNM", 900.0, 1000.0, 4000.0, 1.0, -10.0, True, False),
        (day, "NEWQ", "New Acquisition Corp Class", "BZX", 75.0, 0.0, 300.0, 1.0, None, False, False),
        (day, "RARE", "Rarely Traded Preferred Series", "NYSE", 60.0, 40.0, 0.0, None, 50.0, False, False),
        (day, "SPLT", "Splitter", "ARCA", 2000.0, 1000.0, 1600.0, 1.25, 100.0, False, True),
    ]
    assert [rule.name for rule in FINRA.rules if frame.filter(rule.bad.fill_null(False)).height] == []


def test_a_file_is_known_on_the_eighth_bond_day_at_six() -> None:
    frame = FINRA.parse(shorts.GOOD, R)
    assert set(FINRA.known_at(frame)) == {datetime(2026, 1, 13, 23, tzinfo=UTC)}


def test_a_file_that_is_not_there_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        FINRA.parse(shorts.NOT_THERE, R)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must not be empty"),
        (p.HTML, "must be CSV, not markup"),
        (shorts.GOOD[:-3], "must end with a line end"),
        (shorts.told([]), "must hold rows"),
        (shorts.told([shorts.ROWS[3]]), "listed on an exchange"),
        (shorts.told([row.replace("2025-12-31", "2025-12-15") for row in shorts.ROWS]), "must be of settlement day 2025-12-31"),
        (shorts.told([*shorts.ROWS[:2], shorts.ROWS[2].replace("2025-12-31", "2025-12-15")]), "must be of settlement day"),
        (shorts.told([row + "|x" for row in shorts.ROWS]), "must have 14 fields"),
        (shorts.told(header=shorts.HEADER.replace("revisionFlag", "revised")), "must be present once"),
        (shorts.told([shorts.ROWS[1].replace("|R|-", "|Y|-")]), "is_revised must be 'R' or blank"),
        (shorts.told([shorts.ROWS[0].replace("|1300|", "|many|")]), "declared shape"),
        (shorts.GOOD.replace(b"|", b","), "must be present once"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        FINRA.parse(body, R)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("|1300|1250|", "|-1300|1250|", "count_not_positive"),
        ("|1300|1250|", "|nan|1250|", "count_not_positive"),
        ("|400|3.25|", "|400000|3.25|", "days_to_cover_contradict"),
        ("|400|3.25|", "|4000|0.33|", "days_to_cover_contradict"),
        ("|4.00|50|", "|-4.00|50|", "change_contradicts"),
    ],
)
def test_figures_that_contradict_are_set_aside(old: str, new: str, rule: str) -> None:
    frame = FINRA.parse(shorts.told([shorts.ROWS[0].replace(old, new)]), R)
    caught = [one.name for one in FINRA.rules if frame.filter(one.bad.fill_null(False)).height]
    assert caught and caught[0] == rule


def test_settlement_days_are_the_fifteenth_and_the_last_of_each_month_or_the_bond_day_before() -> None:
    """FINRA's own list of the first half of 2024; the 29th of March was Good Friday."""
    days = calendar.settlement_days(date(2024, 1, 1), date(2024, 7, 1))
    assert [f"{day:%m%d}" for day in days] == [
        "0112", "0131", "0215", "0229", "0315", "0328", "0415", "0430", "0515", "0531", "0614", "0628",
    ]  # fmt: skip
    assert calendar.settlement_days(date(2024, 1, 13), date(2024, 1, 30)) == []


def test_files_of_two_years_are_asked_newest_first_from_their_day_on() -> None:
    wanted = asked(p.ASKED)
    assert (wanted[0], wanted[-1], len(wanted)) == ("2025-12-31", "2024-01-31", 47)
    assert asked(datetime(2026, 1, 13, 22, 59, tzinfo=UTC))[0] == "2025-12-15"
    assert asked(datetime(2026, 1, 13, 23, 0, tzinfo=UTC))[0] == "2025-12-31"


def test_a_file_is_asked_once_and_once_more_ten_sessions_after_it_came() -> None:
    day = date(2025, 12, 31)
    first = calendar.snapshot_at(date(2026, 1, 13))
    later = [calendar.snapshot_at(one) for one in calendar.sessions() if date(2026, 1, 14) <= one <= date(2026, 3, 2)]
    mark, times = Covered(day, day, first), []
    for n, moment in enumerate(later, 1):
        if "2025-12-31" in asked(moment, d2025_12_31=mark):
            times.append(n)
            mark = Covered(day, day, moment)
    assert times == [9]  # the evening of the 13th counts as the first of the ten


def test_a_day_without_a_file_is_asked_less_and_less_often() -> None:
    day = date(2025, 12, 31)
    first = calendar.snapshot_at(date(2026, 1, 13))
    absent = Covered(day, day, first, "empty", None, 1)
    assert "2025-12-31" in asked(calendar.snapshot_at(date(2026, 1, 14)), d2025_12_31=absent)
    often = Covered(day, day, first, "empty", None, 5)
    assert "2025-12-31" not in asked(calendar.snapshot_at(date(2026, 1, 20)), d2025_12_31=often)
    assert "2025-12-31" in asked(first + timedelta(days=40), d2025_12_31=often)


def test_bond_days_are_counted_without_the_exchanges_extra_days() -> None:
    """Columbus Day is a session and no bond day: from Monday the 30th of September the eighth is Thursday the 10th."""
    days = pl.Series("day", [date(2024, 9, 30), date(2024, 10, 4)])
    assert calendar.bond_days_after(days, 8).to_list() == [date(2024, 10, 10), date(2024, 10, 17)]
