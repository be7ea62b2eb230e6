"""The path of the policy rate: two published tables, each rule of the method, and what must hold for any path."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second.fed_funds import Curve, first_of, shift

from updraft_kernels import fed_funds
from updraft_kernels.fed_funds import Evening, Step

# Settlements of 2023-03-10 and the table of cumulative odds (percent by basis points) published for them.
SETTLED = {
    date(2023, 3, 1): 95.3375, date(2023, 4, 1): 95.1, date(2023, 5, 1): 94.855, date(2023, 6, 1): 94.775,
    date(2023, 7, 1): 94.73, date(2023, 8, 1): 94.75, date(2023, 9, 1): 94.78, date(2023, 10, 1): 94.835,
    date(2023, 11, 1): 94.97, date(2023, 12, 1): 95.06, date(2024, 1, 1): 95.13, date(2024, 2, 1): 95.3,
    date(2024, 3, 1): 95.365, date(2024, 4, 1): 95.485,
}  # fmt: skip
MEETINGS = [
    date(2023, 2, 1), date(2023, 3, 22), date(2023, 5, 3), date(2023, 6, 14), date(2023, 7, 26), date(2023, 9, 20),
    date(2023, 11, 1), date(2023, 12, 13), date(2024, 1, 31), date(2024, 3, 20),
]  # fmt: skip
PUBLISHED = {
    date(2023, 3, 22): {25: 59.8, 50: 40.2},
    date(2023, 5, 3): {50: 57.4, 75: 41.0, 100: 1.6},
    date(2023, 6, 14): {50: 31.0, 75: 48.5, 100: 19.7, 125: 0.7},
    date(2023, 7, 26): {25: 3.1, 50: 32.8, 75: 45.7, 100: 17.8, 125: 0.7},
    date(2023, 9, 20): {0: 1.0, 25: 13.2, 50: 37.1, 75: 36.2, 100: 12.0, 125: 0.4},
    date(2023, 11, 1): {-25: 0.5, 0: 7.0, 25: 25.0, 50: 36.7, 75: 24.3, 100: 6.3, 125: 0.2},
    date(2023, 12, 13): {-50: 0.3, -25: 4.8, 0: 19.0, 25: 32.8, 50: 28.4, 75: 12.3, 100: 2.3, 125: 0.1},
    date(2024, 1, 31): {-75: 0.2, -50: 3.5, -25: 14.8, 0: 28.7, 25: 29.7, 50: 17.1, 75: 5.3, 100: 0.7},
    date(2024, 3, 20): {-100: 0.2, -75: 2.7, -50: 11.8, -25: 25.0, 0: 29.4, 25: 20.4, 50: 8.3, 75: 1.9, 100: 0.2},
}


def evening(settled: dict[date, float], session: date, meetings: list[date], **rest: object) -> Evening:
    months = {month: 100 - price for month, price in settled.items()}
    return Evening(session, months, meetings, **{"calendar_to": date(2024, 12, 31), **rest})  # type: ignore[arg-type]


def test_nine_published_meetings() -> None:
    steps = fed_funds.path(evening(SETTLED, date(2023, 3, 10), MEETINGS), "anchor_both")
    found = dict(zip([step.day for step in steps], fed_funds.chances(steps), strict=True))
    assert list(found) == list(PUBLISHED)
    for meeting, table in PUBLISHED.items():
        chances = found[meeting]
        assert chances is not None
        shown = {25 * change: round(100 * chance, 1) for change, chance in chances.items()}
        assert {change: chance for change, chance in shown.items() if chance} == table


@pytest.mark.parametrize(
    ("variant", "start", "table"),
    [("cme_doc", 2.29875, {75: 95.5, 100: 4.5}), ("anchor_both", 2.3325, {50: 9.0, 75: 91.0})],
)
def test_the_worksheet_of_september_2022(variant: fed_funds.Variant, start: float, table: dict[int, float]) -> None:
    settled = {date(2022, 9, 1): 97.4475, date(2022, 10, 1): 96.94}
    held = evening(settled, date(2022, 9, 12), [date(2022, 7, 27), date(2022, 9, 21)], previous=100 - 97.6675)
    (step,) = fed_funds.path(held, variant)[:1]
    assert step.start == pytest.approx(start) and step.end == pytest.approx(3.06)
    chances = fed_funds.chances([step])[0]
    assert chances is not None
    assert {25 * k: round(100 * chance, 1) for k, chance in chances.items()} == table


def test_an_over_determined_month_says_by_how_much_it_does_not_fit() -> None:
    steps = fed_funds.path(evening(SETTLED, date(2023, 3, 10), MEETINGS), "anchor_both")
    told = {step.day: step.residual_bp for step in steps if step.residual_bp is not None}
    assert told[date(2023, 11, 1)] == pytest.approx(-1.19, abs=0.005)  # no day has the rate of its start
    assert date(2023, 6, 14) not in told  # one side was solved from the mean: nothing is left over
    held = evening({date(2023, 2, 1): 95.4275, date(2023, 3, 1): 95.3375}, date(2023, 1, 31), MEETINGS, previous=4.3325)
    assert fed_funds.path(held, "anchor_both")[0].residual_bp is None  # March has a meeting itself


def test_a_meeting_on_the_first_is_not_divided_by_no_days() -> None:
    """Nothing is known of October, so the start of November would need days before the first."""
    settled = {month: price for month, price in SETTLED.items() if month >= date(2023, 11, 1)}
    steps = fed_funds.path(evening(settled, date(2023, 10, 31), MEETINGS[6:]), "anchor_both")
    assert steps[0].day == date(2023, 11, 1) and steps[0].status == "ILL_CONDITIONED"
    assert steps[0].start is None and steps[0].end is None
    assert steps[1].status == "OK" and steps[1].start == pytest.approx(5.041861, abs=1e-6)
    assert fed_funds.chances(steps)[1] is None  # what lies behind an unknown step has no sum


def test_too_few_days_determine_nothing() -> None:
    """After the meeting of the 29th three days are left: a half basis point of the price would be five of the rate."""
    held = evening({date(2025, 1, 1): 95.67}, date(2025, 1, 10), [date(2025, 1, 29)], previous=4.33,
                   calendar_to=date(2025, 12, 31))  # fmt: skip
    assert [step.status for step in fed_funds.path(held, "anchor_both")] == ["ILL_CONDITIONED"]


def test_two_meetings_in_one_month_leave_it_open() -> None:
    settled = {date(2020, 3, 1): 98.9, date(2020, 4, 1): 99.5}
    held = evening(settled, date(2020, 3, 2), [date(2020, 3, 3), date(2020, 3, 18)], calendar_to=date(2020, 12, 31))
    assert [step.status for step in fed_funds.path(held, "anchor_both")] == ["ILL_CONDITIONED"] * 2


def test_after_its_meeting_a_month_begins_with_what_was_realised() -> None:
    """16 days at 4.33, then 14 at 4.08: what the mean leaves for the rest of September is October's start."""
    mean = (16 * 4.33 + 14 * 4.08) / 30
    settled = {date(2025, 9, 1): 100 - mean, date(2025, 10, 1): 95.99, date(2025, 11, 1): 96.1}
    meetings = [date(2025, 9, 17), date(2025, 10, 15), date(2025, 11, 12)]
    so_far = {date(2025, 9, day): 4.33 for day in range(1, 17)}
    held = evening(settled, date(2025, 9, 18), meetings, so_far=so_far, calendar_to=date(2025, 12, 31))
    october, november = fed_funds.path(held, "anchor_both")
    assert (october.day, november.day) == (date(2025, 10, 15), date(2025, 11, 12))
    assert october.start == pytest.approx(4.08) and october.end == pytest.approx((4.01 - 14 / 31 * 4.08) / (17 / 31))
    assert november.start == october.end


def test_at_the_end_of_a_month_the_newest_effective_rate_is_its_end() -> None:
    """Three days after the meeting of the 28th leave too little of the mean to solve for."""
    settled = {date(2025, 10, 1): 95.9, date(2025, 11, 1): 96.05}
    meetings = [date(2025, 10, 29), date(2025, 11, 12)]
    rest = {"so_far": {date(2025, 10, n): 4.12 for n in range(1, 29)}, "calendar_to": date(2025, 12, 31)}
    late = evening(settled, date(2025, 10, 31), meetings, newest=(date(2025, 10, 30), 3.87), **rest)
    early = evening(settled, date(2025, 10, 29), meetings, newest=(date(2025, 10, 28), 4.12), **rest)
    (step,) = fed_funds.path(late, "anchor_both")
    assert step.start == pytest.approx(3.87) and step.end == pytest.approx((3.95 - 11 / 30 * 3.87) / (19 / 30))
    assert fed_funds.path(early, "anchor_both")[0].status == "ILL_CONDITIONED"  # published before the decision


def test_beyond_the_calendar_months_have_rates_and_no_odds() -> None:
    held = evening(SETTLED, date(2023, 3, 10), MEETINGS[:8], calendar_to=date(2023, 12, 31))
    steps = fed_funds.path(held, "anchor_both")
    beyond = [step for step in steps if not step.is_meeting]
    assert [step.day for step in beyond] == [date(2024, n, 1) for n in (1, 2, 3, 4)]
    assert beyond[0].end == pytest.approx(100 - 95.13) and beyond[0].start is None
    december = next(step for step in steps if step.day == date(2023, 12, 13))
    # January may have a meeting, so it is no anchor: the end of December comes from its own mean
    assert december.status in ("OK", "ILL_CONDITIONED")


def test_a_change_no_meeting_makes_is_a_fault() -> None:
    settled = dict(SETTLED) | {date(2023, 4, 1): 85.1}
    steps = fed_funds.path(evening(settled, date(2023, 3, 10), MEETINGS), "anchor_both")
    assert steps[0].status == "SUSPECT_INPUT" and fed_funds.chances(steps)[0] is None


def test_a_missing_contract_says_so() -> None:
    settled = {month: price for month, price in SETTLED.items() if month != date(2023, 5, 1)}
    steps = {s.day: s for s in fed_funds.path(evening(settled, date(2023, 3, 10), MEETINGS), "anchor_both")}
    assert steps[date(2023, 5, 3)].status == "NOT_AVAILABLE" and steps[date(2023, 3, 22)].status == "OK"


def test_a_contract_nobody_believes_says_so() -> None:
    settled = {month: price for month, price in SETTLED.items() if month != date(2023, 4, 1)}
    held = evening(settled, date(2023, 3, 10), MEETINGS, suspect=frozenset({date(2023, 3, 1)}))
    assert fed_funds.path(held, "anchor_both")[0].status == "SUSPECT_INPUT"
    # a month without a meeting that would have been the anchor puts what hangs on it in doubt
    held = evening(settled, date(2023, 3, 10), MEETINGS[:2], suspect=frozenset({date(2023, 4, 1)}))
    assert fed_funds.path(held, "anchor_both")[0].status == "SUSPECT_INPUT"


def test_rates_below_zero_are_rates() -> None:
    settled = {date(2023, 3, 1): 100.02, date(2023, 4, 1): 100.3}
    (step,) = fed_funds.path(evening(settled, date(2023, 3, 10), [date(2023, 3, 22)]), "anchor_both")
    assert step.end == pytest.approx(-0.3) and step.status == "OK"


RATES = st.floats(min_value=-0.5, max_value=6.0, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(means=st.lists(RATES, min_size=14, max_size=14), variant=st.sampled_from(fed_funds.VARIANTS))
def test_chances_sum_to_one_and_their_mean_is_the_step(means: list[float], variant: fed_funds.Variant) -> None:
    months = dict(zip(SETTLED, means, strict=True))
    held = Evening(date(2023, 3, 10), months, MEETINGS, date(2024, 12, 31))
    steps = fed_funds.path(held, variant)
    total = 0.0
    for step, spread in zip(steps, fed_funds.chances(steps), strict=True):
        if step.status != "OK":
            assert step.moves is None
        if spread is None:
            break
        total += step.moves or 0.0
        assert sum(spread.values()) == pytest.approx(1)
        assert all(chance >= 0 for chance in spread.values())
        assert sum(change * chance for change, chance in spread.items()) == pytest.approx(total, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(moves=st.lists(st.sampled_from([-2, -1, 0, 1, 2]), min_size=9, max_size=9))
def test_a_path_of_whole_steps_is_found_again(moves: list[int]) -> None:
    """Means of months made from decided steps give back exactly those steps, in both variants."""
    ahead = MEETINGS[1:]

    def rate(day: date) -> float:
        return 4.58 + 0.25 * sum(move for meeting, move in zip(ahead, moves, strict=True) if meeting <= day)

    months = {}
    for month in SETTLED:
        days = (fed_funds.next_month(month) - month).days
        months[month] = sum(rate(month + timedelta(n)) for n in range(days)) / days
    for variant in fed_funds.VARIANTS:
        steps = fed_funds.path(Evening(date(2023, 3, 10), months, MEETINGS, date(2024, 12, 31)), variant)
        solved = [(step, move) for step, move in zip(steps, moves, strict=True) if step.status == "OK"]
        assert len(solved) >= (9 if variant == "anchor_both" else 4)
        assert all(step.moves == pytest.approx(move, abs=1e-6) for step, move in solved)


def test_a_step_is_told_as_it_is() -> None:
    step = Step(date(2023, 3, 22), True, 4.55, 4.9, None, "OK")
    assert fed_funds.step_chances(step.moves or 0) == pytest.approx({1: 0.6, 2: 0.4})
    assert fed_funds.step_chances(-1.25) == pytest.approx({-1: 0.75, -2: 0.25})
    assert fed_funds.step_chances(0.0) == {0: 1.0}


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    """Any evening: months without a contract, with two meetings, with one on the first or the last days."""
    session = date(2023, 1, 1) + timedelta(draw(st.integers(0, 700)))
    this = first_of(session)
    ahead = [shift(this, k) for k in range(draw(st.integers(1, 13)))]
    means = st.floats(-0.5, 5).map(lambda rate: round(rate, 4))
    months = {month: draw(means) for month in ahead if month == this or draw(st.integers(0, 15))}
    doubted = frozenset(month for month in ahead if month not in months and draw(st.booleans()))
    meetings = set()
    for month in [shift(this, -1), *ahead, shift(ahead[-1], 1)]:
        for _ in range(draw(st.sampled_from([0, 0, 1, 1, 1, 1, 2]))):
            meetings.add(month.replace(day=draw(st.sampled_from([1, 2, 3, 4, 5, 15, 24, 25, 26, 28]))))
    last = max([this, *meetings])
    paid = {this + timedelta(k): 4.0 + k / 100 for k in range((session - this).days)} if draw(st.booleans()) else {}
    return Evening(
        session, months, sorted(meetings), date(last.year, 12, 31) if draw(st.booleans()) else last,
        draw(st.none() | means), paid, max(paid.items()) if paid else None, doubted,
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(evenings(), st.sampled_from(fed_funds.VARIANTS))
def test_a_second_implementation_agrees_on_any_evening(told: Evening, variant: fed_funds.Variant) -> None:
    by_month: dict[date, list[date]] = {}
    for day in told.meetings:
        by_month.setdefault(first_of(day), []).append(day)
    price = dict(told.months) | (
        {shift(first_of(told.session), -1): told.previous} if told.previous is not None else {}
    )
    again = Curve(
        told.session, price, by_month, told.calendar_to, dict(told.so_far or {}), told.newest, told.suspect
    ).points(variant)
    steps = [s for s in fed_funds.path(told, variant) if s.is_meeting or variant == "anchor_both"]
    assert [(s.day, s.is_meeting, s.status) for s in steps] == [(p.day, p.is_meeting, p.status) for p in again]
    for step, point in zip(steps, again, strict=True):
        for a, b in ((step.start, point.start), (step.end, point.end), (step.residual_bp, point.residual_bp)):
            assert (a is None) == (b is None)
            assert a is None or a == pytest.approx(b, abs=1e-7)
