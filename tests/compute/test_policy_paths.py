"""Frames in, frames out: what was known of contracts, meetings and the effective rate at a snapshot (``policy_paths``)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from updraft_kernels import policy_paths

DECISION = date(2025, 9, 17)
SESSIONS = [date(2025, 9, 15), date(2025, 9, 16), date(2025, 9, 17), date(2025, 9, 18)]
MONTHS = [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
# September pays 4.33 until the 16th and 4.08 from the 17th on; October is the first month of one rate
RATES = dict(zip(MONTHS, [(16 * 4.33 + 14 * 4.08) / 30, 4.08, 4.08, 4.0, 3.9, 3.9], strict=True))
PLANNED = [date(2025, 7, 30), DECISION, date(2025, 12, 10)]


def evening(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), datetime.min.time(), UTC)


def contracts(
    sessions: list[date] = SESSIONS, *, frozen: bool = False, without: date | None = None, lived: bool = False
) -> pl.DataFrame:
    rows = [(s, evening(s), m, r, frozen, lived) for s in sessions for m, r in RATES.items() if m != without]
    names = ["session_date", "snapshot_at", "contract_month", "rate", "is_frozen", "is_lived"]
    return pl.DataFrame(rows, names, orient="row")


def meetings(
    days: list[date] = PLANNED,
    known: dict[date, datetime] | None = None,
    cancelled: dict[date, datetime] | None = None,
) -> pl.DataFrame:
    long_ago = datetime(2024, 8, 1, tzinfo=UTC)
    rows = [(day, (known or {}).get(day, long_ago), (cancelled or {}).get(day)) for day in days]
    schema = {"meeting_date": pl.Date, **dict.fromkeys(("known_at", "cancelled_at"), pl.Datetime("us", "UTC"))}
    return pl.DataFrame(rows, schema, orient="row")


def effective(*more: tuple[date, float, datetime], until: date = date(2025, 9, 17), rate: float = 4.33) -> pl.DataFrame:
    """The same rate on every business day of August and September up to a day, known the next morning."""
    days = [date(2025, 8, 1) + timedelta(n) for n in range((until - date(2025, 8, 1)).days + 1)]
    rows: list[Any] = [(d, rate, evening(d) + timedelta(hours=14)) for d in days if d.weekday() < 5]
    return pl.DataFrame([*rows, *more], ["effective_date", "rate", "known_at"], orient="row")


def found(**given: Any) -> pl.DataFrame:
    return policy_paths.paths(
        given.get("contracts", contracts()), given.get("meetings", meetings()), given.get("effective", effective())
    )


def step(frame: pl.DataFrame, session: date, meeting: date, variant: str = "anchor_both") -> dict[str, Any]:
    (row,) = frame.filter(session_date=session, meeting_date=meeting, variant=variant).iter_rows(named=True)
    return row


def test_a_path_has_one_row_per_session_variant_and_meeting_ahead() -> None:
    frame = found(meetings=meetings([*PLANNED, date(2026, 1, 28)]))
    ahead = frame.filter(pl.col("session_date") == SESSIONS[0], "is_meeting")
    assert ahead.select("variant", "meeting_date", "meeting_no").rows() == [
        (variant, day, number)
        for variant in ("anchor_both", "cme_doc")
        for number, day in enumerate([DECISION, date(2025, 12, 10), date(2026, 1, 28)], start=1)
    ]
    assert step(frame, SESSIONS[0], DECISION)["end_rate"] == pytest.approx(4.08, abs=1e-9)
    # on the evening of its day a decision is over
    assert frame.filter(session_date=DECISION, meeting_date=DECISION).is_empty()
    assert step(frame, DECISION, date(2025, 12, 10))["meeting_no"] == 1


def test_the_month_before_is_what_was_known_of_it_then() -> None:
    # the rate of the last day of August is corrected on the 16th: September begins 31 times 4.33, then with the correction
    revised = (date(2025, 8, 29), 4.64, datetime(2025, 9, 16, 18, tzinfo=UTC))
    with_it, without = found(effective=effective(revised)), found()
    assert step(with_it, SESSIONS[0], DECISION)["start_rate"] == pytest.approx(4.33, abs=1e-9)
    # Friday the 29th stands for the weekend after it
    assert step(with_it, SESSIONS[1], DECISION)["start_rate"] == pytest.approx(4.33 + 3 * 0.31 / 31, abs=1e-9)
    assert step(without, SESSIONS[1], DECISION)["start_rate"] == pytest.approx(4.33, abs=1e-9)


def test_a_month_that_is_not_whole_anchors_nothing() -> None:
    # paid 4.30 where the price says 4.33: a month before that is whole leaves 16/30 of 3 bp unexplained
    assert step(found(effective=effective(rate=4.30)), SESSIONS[0], DECISION)["residual_bp"] == pytest.approx(
        1.6, abs=1e-6
    )
    for first, last, is_whole in ((11, 11, True), (11, 15, False), (29, 29, False)):
        gap = pl.col("effective_date").is_between(date(2025, 8, first), date(2025, 8, last))
        told = effective(rate=4.30, until=date(2025, 9, 12) if last < 29 else date(2025, 8, 29)).filter(~gap)
        row = step(found(effective=told), SESSIONS[0], DECISION)
        assert (row["residual_bp"] is not None) is is_whole, (first, last)
        # without August the start of September follows from its own price and the end
        assert row["start_rate"] == pytest.approx(4.30 if is_whole else 4.33, abs=1e-9)


def test_a_month_before_with_a_meeting_anchors_nothing() -> None:
    with_one = found(effective=effective(rate=4.30), meetings=meetings([date(2025, 8, 20), *PLANNED]))
    row = step(with_one, SESSIONS[0], DECISION)
    assert row["residual_bp"] is None
    assert row["start_rate"] == pytest.approx(4.33, abs=1e-9)


def test_a_meeting_counts_from_when_it_was_announced() -> None:
    new = date(2025, 10, 15)
    frame = found(meetings=meetings([*PLANNED, new], {new: evening(SESSIONS[1]) - timedelta(hours=3)}))
    assert frame.filter(session_date=SESSIONS[0], meeting_date=new).is_empty()
    assert step(frame, SESSIONS[1], new)["meeting_no"] == 2
    # while it was unknown October had one rate
    assert step(frame, SESSIONS[0], DECISION, "cme_doc")["start_rate"] == pytest.approx(4.33, abs=1e-9)


def test_without_the_contract_of_its_month_an_evening_is_not_told() -> None:
    whole = contracts(SESSIONS[1:])
    frame = found(contracts=pl.concat([contracts(SESSIONS[:1], without=MONTHS[0]), whole]))
    assert frame["session_date"].unique().sort().to_list() == SESSIONS[1:]
    # the effective rates of the evening left out are known on the next
    assert step(frame, SESSIONS[1], DECISION)["start_rate"] == pytest.approx(4.33, abs=1e-9)


def test_since_contracts_are_asked_for_an_evening_without_its_month_is_told_as_far_as_others_determine_it() -> None:
    frame = found(contracts=contracts(SESSIONS[:1], without=MONTHS[0], lived=True))
    assert step(frame, SESSIONS[0], DECISION)["status"] == "NOT_AVAILABLE"
    assert step(frame, SESSIONS[0], date(2025, 12, 10))["status"] == "OK"
    assert policy_paths.ranges(frame).is_empty()


def test_a_contract_nobody_believes_leaves_its_meeting_in_doubt() -> None:
    doubted = contracts(SESSIONS[:1]).with_columns(
        rate=pl.when(pl.col("contract_month") != MONTHS[0]).then(pl.col("rate"))
    )
    assert step(found(contracts=doubted), SESSIONS[0], DECISION)["status"] == "SUSPECT_INPUT"


def test_frozen_contracts_tell_no_rates() -> None:
    frame = found(contracts=pl.concat([contracts(SESSIONS[:1]), contracts(SESSIONS[1:], frozen=True)]))
    frozen = frame.filter(pl.col("session_date") > SESSIONS[0])
    assert frozen["status"].unique().to_list() == ["SUSPECT_INPUT"]
    assert frozen.select("start_rate", "end_rate", "residual_bp").null_count().row(0) == (frozen.height,) * 3
    assert policy_paths.ranges(frame)["session_date"].unique().to_list() == SESSIONS[:1]


def test_past_the_calendar_months_stand_once_and_have_no_number() -> None:
    known = [
        date(2025, d.month, d.day) for d in (date(2025, 1, 29), date(2025, 3, 19), date(2025, 5, 7), date(2025, 6, 18))
    ]
    frame = found(meetings=meetings([*known, *PLANNED]))
    beyond = frame.filter(~pl.col("is_meeting"), pl.col("session_date") == SESSIONS[0])
    assert beyond.select("variant", "meeting_date", "meeting_no", "start_rate", "end_rate").rows() == [
        ("anchor_both", date(2026, 1, 1), None, None, 3.9),
        ("anchor_both", date(2026, 2, 1), None, None, 3.9),
    ]


@pytest.mark.parametrize("first_of_next", [False, True])
def test_the_first_meeting_of_the_next_year_does_not_open_that_year(first_of_next: bool) -> None:
    known = [date(2025, 1, 29), date(2025, 3, 19), date(2025, 5, 7), date(2025, 6, 18), *PLANNED]
    frame = found(meetings=meetings([*known, *([date(2026, 1, 28)] if first_of_next else [])]))
    beyond = frame.filter(~pl.col("is_meeting"), pl.col("session_date") == SESSIONS[0])
    assert beyond["meeting_date"].to_list() == [date(2026, 1, 1), date(2026, 2, 1)][first_of_next:]


def test_chances_sum_to_one_and_their_mean_is_the_path() -> None:
    frame = found(meetings=meetings([*PLANNED, date(2026, 1, 28)]))
    ranges = policy_paths.ranges(frame)
    told = ranges.group_by("session_date", "variant", "meeting_date").agg(
        total=pl.col("probability").sum(), mean=(25 * pl.col("steps") * pl.col("probability")).sum()
    )
    assert told.height == frame.filter("is_meeting").height
    assert np.allclose(told["total"], 1)
    moved = frame.filter("is_meeting").with_columns(
        moved=(100 * (pl.col("end_rate") - pl.col("start_rate")))
        .cum_sum()
        .over("session_date", "variant", order_by="meeting_date")
    )
    beside = moved.join(told, on=["session_date", "variant", "meeting_date"])
    assert np.allclose(beside["moved"], beside["mean"])
    (cut,) = ranges.filter(session_date=SESSIONS[0], variant="cme_doc", meeting_date=DECISION, steps=-1)["probability"]
    assert cut == pytest.approx(1, abs=1e-9)


def test_after_a_step_that_is_not_known_no_sum_is() -> None:
    two = [date(2025, 12, 3), date(2025, 12, 17)]  # two in one month: neither is known
    frame = found(meetings=meetings([*PLANNED[:2], *two, date(2026, 1, 28)]))
    assert step(frame, SESSIONS[0], two[0])["status"] == "ILL_CONDITIONED"
    assert policy_paths.ranges(frame)["meeting_date"].unique().to_list() == [DECISION]


def test_a_meeting_given_up_is_none_from_that_evening_on() -> None:
    given_up = {DECISION: evening(SESSIONS[1]) - timedelta(hours=3)}
    frame = found(meetings=meetings(cancelled=given_up))
    assert step(frame, SESSIONS[0], DECISION)["status"] == "OK"
    assert frame.filter(pl.col("session_date") >= SESSIONS[1], meeting_date=DECISION).is_empty()


def test_an_evening_without_its_own_month_is_told_only_since_contracts_are_asked_for() -> None:
    assert found(contracts=contracts(without=MONTHS[0])).is_empty()
    frame = found(contracts=contracts(without=MONTHS[0], lived=True))
    assert step(frame, SESSIONS[0], DECISION)["status"] == "NOT_AVAILABLE"
    assert step(frame, SESSIONS[0], date(2025, 12, 10))["status"] == "OK"
