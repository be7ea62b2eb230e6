"""The New York Fed: rates with and without details, a workbook that is a vintage, and that is asked for once a week."""

import json
from datetime import UTC, date, datetime, timedelta

import payloads as p
import polars as pl
import pytest
from payloads import nyfed_acm as acm
from payloads import nyfed_effr as effr

from ingestion import plausible
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, Request, ShapeError
from ingestion.sources import nyfed

RATES, PREMIUMS = p.request(effr.SERIES), p.request(acm.SERIES)


def test_rates_oldest_first_and_what_is_not_published_is_null() -> None:
    frame = nyfed.parse_effr(effr.GOOD, RATES)
    assert frame.rows() == [
        (date(2026, 1, 12), 3.62, None, None, None, None, None, None, None, None),
        (date(2026, 1, 13), 3.64, 3.5, 3.75, 3.60, 3.63, 3.65, 3.70, 101.0, "[r]"),
        (date(2026, 1, 14), 3.63, 3.5, 3.75, 3.60, 3.62, 3.63, 3.65, 114.0, None),
    ]


def test_numbers_may_come_as_texts_and_blanks_are_null() -> None:
    day = {**effr.DAYS[0], "percentRate": "3.63", "percentPercentile1": "", "volumeInBillions": None}
    row = nyfed.parse_effr(json.dumps({"refRates": [day]}).encode(), RATES).row(0, named=True)
    assert (row["rate"], row["p1"], row["p25"], row["volume_busd"]) == (3.63, None, 3.62, None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "SOFR"}, "must be of type EFFR"),
        ({"percentRate": True}, "rates and volumes must be numbers"),
        ({"percentRate": [3.6]}, "rates and volumes must be numbers"),
        ({"percentRate": "three"}, "must be of the declared shape"),
        ({"effectiveDate": "01/14/2026"}, "effective_date must be a date"),
        ({"effectiveDate": None}, "must hold effectiveDate"),
        ({"effectiveDate": 20260114}, "must be of the declared shape"),
    ],
)
def test_rates_of_another_shape(change: dict[str, object], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        nyfed.parse_effr(json.dumps({"refRates": [{**effr.DAYS[0], **change}]}).encode(), RATES)


def test_answers_that_are_not_the_list() -> None:
    without_rate = {name: value for name, value in effr.DAYS[0].items() if name != "percentRate"}
    for body in (p.HTML, p.NOTE, b"[]", b'{"refRates": {}}', json.dumps({"refRates": [without_rate]}).encode()):
        with pytest.raises(ShapeError):
            nyfed.parse_effr(body, RATES)
    with pytest.raises(EmptyAnswer):
        nyfed.parse_effr(b'{"refRates": []}', RATES)


def test_a_rate_is_known_at_nine_of_the_next_bond_day() -> None:
    days = pl.DataFrame({"effective_date": [date(2025, 10, 10), date(2026, 1, 14)]})
    assert nyfed.effr_known_at(days).to_list() == [
        datetime(2025, 10, 14, 13, tzinfo=UTC),  # Columbus Day lies between
        datetime(2026, 1, 15, 14, tzinfo=UTC),
    ]


def test_rows_that_contradict_themselves_are_caught() -> None:
    frame = nyfed.parse_effr(effr.GOOD, RATES)
    bad = pl.concat(
        [
            frame.tail(1).with_columns(rate=pl.lit(float("nan"))),
            frame.tail(1).with_columns(target_from=pl.lit(4.0)),
            frame.tail(1).with_columns(p25=pl.lit(3.64)),
            frame,
        ]
    )
    caught = [bad.select(rule.bad.fill_null(False)).to_series().to_list() for rule in source("nyfed_effr").rules]
    assert caught == [[n == found for n in range(6)] for found in range(3)]


def test_a_missing_bond_day_is_a_hole() -> None:
    frame = nyfed.parse_effr(effr.GOOD, RATES)
    assert nyfed.effr_hole(frame, RATES) is None
    assert nyfed.effr_hole(frame.filter(pl.col("effective_date") != date(2026, 1, 13)), RATES) == date(2026, 1, 13)


def test_rates_are_asked_whole_then_for_three_weeks() -> None:
    (first,) = nyfed.effr_requests(FetchState("core"), p.ASKED)
    assert (first.first, first.last, first.whole) == (date(2000, 7, 3), date(2026, 1, 15), True)
    assert first.url.endswith("/effr/search.json?startDate=2000-07-03&endDate=2026-01-15")
    mark = Covered(first.first, first.last, p.ASKED)
    (next_day,) = nyfed.effr_requests(FetchState("core", covered={"EFFR": mark}), p.ASKED + timedelta(days=1))
    assert (next_day.first, next_day.last, next_day.whole) == (date(2025, 12, 25), date(2026, 1, 16), False)


def test_premiums_of_two_and_ten_years_since_1990() -> None:
    assert nyfed.parse_acm(acm.GOOD, PREMIUMS).rows() == [
        (date(2026, 1, 13), 2, 3.5, 0.125, 3.375),
        (date(2026, 1, 13), 10, 4.25, 0.75, 3.5),
        (date(2026, 1, 14), 2, 3.5, -0.125, 3.625),
        (date(2026, 1, 14), 10, 4.125, 0.625, 3.5),
    ]


def test_columns_may_lack_but_for_the_ten_year_premium() -> None:
    assert nyfed.parse_acm(acm.PREMIUM_ALONE, PREMIUMS).rows() == [(date(2026, 1, 14), 10, None, 0.625, None)]
    with pytest.raises(ShapeError, match=r"columns \['ACMTP10'\] must be present once"):
        nyfed.parse_acm(acm.acm(header=[name.replace("ACMTP10", "TP10") for name in acm.HEADER]), PREMIUMS)
    with pytest.raises(ShapeError, match="ACMTP10 must hold values"):
        nyfed.parse_acm(acm.acm([["14-Jan-2026", 4.0, None]], ("DATE", "ACMY10", "ACMTP10")), PREMIUMS)


def test_columns_may_move_and_days_may_be_excels() -> None:
    moved = acm.acm([[0.625, 46036.0, "note"]], ("ACMTP10", "DATE", "REMARK"))
    assert nyfed.parse_acm(moved, PREMIUMS).rows() == [(date(2026, 1, 14), 10, None, 0.625, None)]


def test_days_of_the_future_are_dropped_and_notes_below_the_rows_refused() -> None:
    early = p.request(acm.SERIES, datetime(2026, 1, 14, 1, tzinfo=UTC))
    assert nyfed.parse_acm(acm.GOOD, early)["observation_date"].max() == date(2026, 1, 13)
    with pytest.raises(ShapeError, match="without a gap"):
        nyfed.parse_acm(acm.acm([*acm.LINES, [None] * 8, ["13-Jan-2026", *acm.LINES[1][1:]]]), PREMIUMS)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (p.HTML, "must be a workbook"),
        (p.NOTE, "must be a workbook"),
        (b"", "must be a workbook"),
        (acm.GOOD[:3000], "must be readable"),
        (acm.acm(sheet="ACM Monthly"), "a sheet 'ACM Daily' must be present once"),
        (acm.acm([["2026-01-14", *acm.LINES[2][1:]]]), "observation_date must be a date"),
        (acm.acm([["14-Jan-2026", *acm.LINES[2][1:5], "n/a", 1.0, 1.0]]), "must be of the declared shape"),
    ],
)
def test_files_that_are_not_the_workbook(body: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        nyfed.parse_acm(body, PREMIUMS)


def test_parts_must_add_up_to_the_yield() -> None:
    frame = nyfed.parse_acm(acm.GOOD, PREMIUMS).with_columns(
        risk_neutral_yield=pl.col("risk_neutral_yield") + pl.Series([0.0, 0.01, 0.0, 0.0])
    )
    rule = source("nyfed_acm").rules[1]
    assert rule.name == "parts_do_not_add_up"
    assert frame.select(rule.bad.fill_null(False)).to_series().to_list() == [False, True, False, False]
    alone = nyfed.parse_acm(acm.PREMIUM_ALONE, PREMIUMS)
    assert not alone.select(rule.bad.fill_null(False)).to_series().any()


def test_a_premium_in_basis_points_or_as_a_share_is_named() -> None:
    spec = source("nyfed_acm").plausible
    assert spec is not None
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(5)]
    frame = pl.DataFrame(
        {"observation_date": days, "maturity_years": [10] * 5, "term_premium": [0.7] * 5}
    ).with_columns(_answer=pl.lit(0, dtype=pl.Int32))
    for newest, rule in ((70.0, "value_out_of_bounds"), (0.007, "step_implausible"), (0.75, None)):
        changed = frame.with_columns(term_premium=pl.Series([0.7] * 4 + [newest]))
        assert plausible.judge(changed, spec).to_list() == [None] * 4 + [rule]


def acm_asked(mark: Covered | None, evening: datetime) -> list[Request]:
    return list(nyfed.acm_requests(FetchState("core", covered={acm.SERIES: mark} if mark else {}), evening))


def test_the_workbook_is_asked_for_with_the_first_session_of_a_week() -> None:
    thursday = p.ASKED  # the evening of 2026-01-15
    (first,) = acm_asked(None, thursday)
    assert (first.last, first.whole) == (date(2026, 1, 15), True)
    held = Covered(first.first, first.last, thursday)
    assert acm_asked(held, thursday + timedelta(days=1)) == []
    tuesday = datetime(2026, 1, 21, 1, tzinfo=UTC)  # the evening of the 20th; Monday is a holiday
    assert acm_asked(held, tuesday - timedelta(days=1)) == []
    (again,) = acm_asked(held, tuesday)
    assert (again.last, again.whole) == (date(2026, 1, 20), True)
    # An answer that did not come covers nothing: the next session asks again.
    assert acm_asked(held, tuesday + timedelta(days=1))
    assert acm_asked(Covered(first.first, date(2026, 1, 20), tuesday), tuesday + timedelta(days=3)) == []


def test_a_premium_is_known_at_five_of_the_next_bond_day() -> None:
    frame = nyfed.parse_acm(acm.PREMIUM_ALONE, PREMIUMS)
    assert nyfed.acm_known_at(frame).to_list() == [datetime(2026, 1, 15, 22, tzinfo=UTC)]
