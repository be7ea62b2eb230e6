"""The Market Probability Tracker: padded texts, degenerate ranges, days as text or Excel's, files that are none."""

import io
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest
from openpyxl import Workbook
from payloads import atlantafed_mpt as mpt

from ingestion import plausible
from ingestion.registry import source
from ingestion.source import EmptyAnswer, ShapeError
from ingestion.sources import atlantafed

R = p.request(mpt.SERIES)
DAY, NEAR, FAR = date(2026, 1, 13), date(2026, 3, 18), date(2027, 6, 16)


def test_padded_texts_become_numbers_and_single_ranges_are_not_read() -> None:
    frame = atlantafed.parse(mpt.GOOD, R)
    assert frame.filter(pl.col("reference_start") == NEAR).rows() == [
        (DAY, NEAR, "Prob: cut", 350.0, 375.0, False, 27.98),
        (DAY, NEAR, "Prob: hike", 350.0, 375.0, False, 0.76),
        (DAY, NEAR, "Rate: 25th percentile", 350.0, 375.0, False, 340.25),
        (DAY, NEAR, "Rate: 75th percentile", 350.0, 375.0, False, 362.0),
        (DAY, NEAR, "Rate: mean", 350.0, 375.0, False, 351.5),
        (DAY, NEAR, "Rate: mode", 350.0, 375.0, False, 357.75),
    ]


def test_a_degenerate_range_is_marked_and_has_rates_only() -> None:
    far = atlantafed.parse(mpt.GOOD, R).filter(pl.col("reference_start") == FAR)
    assert far["is_degenerate"].all() and set(far["target_high_bp"]) == {350.0}
    assert sorted(far["field"]) == ["Rate: 25th percentile", "Rate: 75th percentile", "Rate: mean", "Rate: mode"]


def test_days_may_be_excels_and_values_numbers_and_columns_may_move() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "DATA"
    page.append(["value", "note", *mpt.HEADER[:4]])
    for _, start, shown, field, value in mpt.LINES:
        page.append([float(str(value)), "x", DAY, start, f" {shown} ", f"{field} "])
    out = io.BytesIO()
    book.save(out)
    assert atlantafed.parse(out.getvalue(), R).equals(atlantafed.parse(mpt.GOOD, R))


def test_days_of_the_future_are_dropped_and_a_sheet_without_rows_is_nothing() -> None:
    before = p.request(mpt.SERIES, datetime(2026, 1, 13, 1, tzinfo=UTC))
    with pytest.raises(EmptyAnswer):
        atlantafed.parse(mpt.GOOD, before)
    with pytest.raises(EmptyAnswer):
        atlantafed.parse(mpt.mpt([]), R)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (p.HTML, "must be a workbook"),
        (p.NOTE, "must be a workbook"),
        (mpt.GOOD[: len(mpt.GOOD) // 2], "must be readable"),
        (mpt.mpt(sheet="Sheet1"), "a sheet 'DATA' must be present once"),
        (
            mpt.mpt(header=("date", "reference_start", "target_range", "field", "val")),
            r"columns \['value'\] must be present",
        ),
        (mpt.mpt([line for line in mpt.LINES if line[3] != "Prob: cut"]), r"fields \['Prob: cut'\] must be present"),
        (mpt.mpt([*mpt.LINES, (*mpt.LINES[1][:4], "n/a")]), "must be of the declared shape"),
        (mpt.mpt([*mpt.LINES, (*mpt.LINES[1][:4], "")]), "must be of the declared shape"),
        (mpt.mpt([*mpt.LINES, ("01/13/2026", *mpt.LINES[1][1:])]), "date must be a date of the form"),
        (mpt.mpt([*mpt.LINES, ("2026-01-13", 60.0, *mpt.LINES[1][2:])]), "reference_start must hold days"),
        (
            mpt.mpt([*mpt.LINES, (*mpt.LINES[1][:2], "3.50 - 3.75", *mpt.LINES[1][3:])]),
            "must be of the form 425bps - 450bps",
        ),
        (mpt.mpt([*mpt.LINES, (None,) * 5, mpt.LINES[1]]), "without a gap"),
    ],
)
def test_files_that_are_not_the_workbook(body: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        pytest.fail(str(atlantafed.parse(body, R)))


def test_a_day_is_known_at_nine_of_the_next_session() -> None:
    frame = pl.DataFrame({"observation_date": [date(2026, 1, 14), date(2026, 1, 16)]})
    assert atlantafed.known_at(frame).to_list() == [
        datetime(2026, 1, 15, 14, tzinfo=UTC),
        datetime(2026, 1, 20, 14, tzinfo=UTC),  # Monday is a holiday
    ]


def test_a_range_upside_down_and_values_that_are_no_numbers_are_caught() -> None:
    bad = pl.DataFrame(
        {
            "target_low_bp": [375.0, 350.0, 350.0],
            "target_high_bp": [350.0, 350.0, 375.0],
            "value": [1.0, float("nan"), 1.0],
        }
    )
    caught = {rule.name: bad.select(rule.bad).to_series().to_list() for rule in source("atlantafed_mpt").rules}
    assert caught == {"value_not_finite": [False, True, False], "range_upside_down": [True, False, False]}


@pytest.mark.parametrize("field", atlantafed.FIELDS)
def test_every_field_has_bounds_and_a_slip_of_unit_in_a_rate_is_named(field: str) -> None:
    spec = source("atlantafed_mpt").plausible
    assert spec is not None
    usual = 42.0 if field.startswith("Prob") else 425.0
    days = pl.date_range(date(2026, 1, 5), date(2026, 1, 9), eager=True)
    for newest, rule in ((usual * 10, "value_out_of_bounds"), (usual / 100, "step_implausible"), (usual * 1.1, None)):
        frame = pl.DataFrame({"observation_date": days, "value": [usual] * 4 + [newest]}).with_columns(
            reference_start=pl.lit(NEAR), field=pl.lit(field), _answer=pl.lit(0, dtype=pl.Int32)
        )
        wanted = None if field.startswith("Prob") and rule == "step_implausible" else rule  # a chance may fall so far
        assert plausible.judge(frame, spec).to_list() == [None] * 4 + [wanted]
