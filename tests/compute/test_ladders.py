"""Ladders of bets: worked examples, the repair against a search, and what must hold of any ladder."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from updraft_kernels import ladders
from updraft_kernels.ladders import Distribution, distribution

NAN = float("nan")


def told(*contracts: tuple[str, float, float], cap: dict[int, float] | None = None, **options: Any) -> Distribution:
    """Contracts as (kind, strike, price), quoted one cent on either side; ``cap`` is the upper level by position."""
    kinds, strikes, middle = (list(column) for column in zip(*contracts, strict=True))
    price = np.array(middle)
    caps = np.array([(cap or {}).get(n, NAN) for n in range(len(kinds))])
    bid, ask = np.clip(price - 0.01, 0, 1), np.clip(price + 0.01, 0, 1)
    return distribution(kinds, np.array(strikes, dtype=float), caps, bid, ask, np.full(len(kinds), NAN), **options)


def above(*rungs: tuple[float, float], **options: Any) -> Distribution:
    return told(*(("greater", strike, price) for strike, price in rungs), **options)


def test_a_ladder_gives_its_median_and_range() -> None:
    found = above((0.1, 0.90), (0.2, 0.70), (0.3, 0.30), (0.4, 0.10))
    assert (found.status, found.n_used, found.crossing) == ("OK", 4, 0.0)
    assert found.median == pytest.approx(0.25)  # half way from 0.70 to 0.30
    assert found.low == pytest.approx(0.13) and found.high == pytest.approx(0.37)
    assert found.level.tolist() == [0.1, 0.2, 0.3, 0.4]
    assert found.above.tolist() == pytest.approx([0.9, 0.7, 0.3, 0.1])


def test_the_order_of_the_contracts_does_not_matter() -> None:
    rungs = [(0.1, 0.90), (0.2, 0.72), (0.3, 0.75), (0.4, 0.10)]
    one, other = above(*rungs), above(*reversed(rungs))
    assert (one.median, one.low, one.high, one.crossing) == (other.median, other.low, other.high, other.crossing)


def test_a_number_published_in_steps_lies_half_a_step_further() -> None:
    """ "Above 0.3" of a rate with one decimal means 0.4 or more, so 0.35 divides."""
    plain = above((0.2, 0.8), (0.3, 0.5), (0.4, 0.2))
    rounded = above((0.2, 0.8), (0.3, 0.5), (0.4, 0.2), tick=0.1)
    assert plain.median == pytest.approx(0.3) and rounded.median == pytest.approx(0.35)
    at_least = told(("greater_or_equal", 0.3, 0.8), ("greater_or_equal", 0.4, 0.5), ("less", 0.5, 0.8), tick=0.1)
    assert at_least.median == pytest.approx(0.35) and at_least.level.tolist() == pytest.approx([0.25, 0.35, 0.45])
    at_most = told(("less_or_equal", 0.2, 0.2), ("less_or_equal", 0.3, 0.5), ("less_or_equal", 0.4, 0.8), tick=0.1)
    assert at_most.median == pytest.approx(0.35)


def test_a_small_contradiction_is_pooled_and_a_large_one_is_suspect() -> None:
    small = above((1, 0.90), (2, 0.40), (3, 0.48), (4, 0.05))
    assert small.status == "OK" and small.crossing == pytest.approx(0.08)
    assert small.above.tolist() == pytest.approx([0.90, 0.44, 0.44, 0.05])
    large = above((1, 0.90), (2, 0.40), (3, 0.52), (4, 0.05))
    assert large.status == "SUSPECT_INPUT" and large.crossing == pytest.approx(0.12)
    assert np.isnan([large.median, large.low, large.high]).all() and large.level.size == 0
    far = above((1, 0.50), (2, 0.44), (3, 0.47), (4, 0.58))  # no neighbour is 0.10 dearer, but 4 is than 2
    assert far.status == "SUSPECT_INPUT" and far.crossing == pytest.approx(0.14)


def test_the_same_level_said_twice() -> None:
    both = told(("greater", 4, 0.60), ("less_or_equal", 4, 0.44), ("greater", 5, 0.20), tick=0.0)
    assert both.level.tolist() == [4, 5] and both.above.tolist() == pytest.approx([0.58, 0.20])
    assert both.n_used == 3 and both.crossing == pytest.approx(0.04)
    apart = told(("greater", 4, 0.80), ("less_or_equal", 4, 0.44), ("greater", 5, 0.20))
    assert apart.status == "SUSPECT_INPUT" and apart.crossing == pytest.approx(0.24)


def test_a_median_outside_the_ladder_is_undefined_and_a_range_outside_has_no_end() -> None:
    high = above((1, 0.95), (2, 0.70))
    assert high.status == "UNDEFINED" and np.isnan(high.median) and high.low == pytest.approx(1.44)
    open_end = above((1, 0.60), (2, 0.40))
    assert open_end.status == "OK" and open_end.median == pytest.approx(1.5)
    assert np.isnan(open_end.low) and np.isnan(open_end.high)


def test_where_the_curve_rests_at_a_half_the_middle_counts() -> None:
    assert ladders.quantile(np.array([1.0, 2, 3, 4]), np.array([0.9, 0.5, 0.5, 0.1]), 0.5) == 2.5
    assert ladders.quantile(np.array([1.0, 2]), np.array([0.5, 0.5]), 0.5) == 1.5


def test_ranges_that_fill_the_line() -> None:
    found = told(("less", 1, 0.20), ("between", 1, 0.50), ("between", 2, 0.25), ("greater", 3, 0.10), cap={1: 2, 2: 3})
    assert found.status == "OK" and found.crossing == pytest.approx(0.05)  # the four cost 1.05
    assert found.level.tolist() == [1, 2, 3]
    assert found.above.tolist() == pytest.approx([0.85 / 1.05, 0.35 / 1.05, 0.10 / 1.05])
    closed = told(("between", 1, 0.40), ("between", 2, 0.60), cap={0: 2, 1: 3})
    assert closed.level.tolist() == [1, 2, 3] and closed.above.tolist() == pytest.approx([1, 0.6, 0])
    assert closed.median == pytest.approx(2 + 0.1 / 0.6)
    dear = told(("less", 1, 0.50), ("between", 1, 0.40), ("greater", 2, 0.30), cap={1: 2})
    assert dear.status == "SUSPECT_INPUT" and dear.crossing == pytest.approx(0.20)


@pytest.mark.parametrize(
    "ranges",
    [
        [("between", 1, 0.4), ("between", 3, 0.6)],  # nothing from 2 to 3
        [("between", 1, 0.4), ("between", 1.5, 0.6)],  # twice from 1.5 to 2
        [("between", 1, 0.4), ("greater", 1, 0.6)],
        [("greater", 1, 0.4), ("greater", 2, 0.6), ("between", 0, 0.2)],
    ],
)
def test_ranges_with_a_gap_or_an_overlap_say_nothing(ranges: list[tuple[str, float, float]]) -> None:
    found = told(*ranges, cap={n: strike + 1 for n, (kind, strike, _) in enumerate(ranges) if kind == "between"})
    assert found.status == "NOT_AVAILABLE" and np.isnan(found.median)


def test_ranges_of_whole_numbers_leave_one_step_between() -> None:
    found = told(("between", 1, 0.4), ("between", 4, 0.6), cap={0: 3, 1: 6}, tick=1.0)
    assert found.level.tolist() == [1, 3.5, 6] and found.status == "OK"


def test_a_wide_quote_is_no_price_and_the_last_price_stands_in() -> None:
    kind = ["greater"] * 3
    strike, cap = np.array([1.0, 2, 3]), np.full(3, NAN)
    bid, ask = np.array([0.90, 0.30, NAN]), np.array([0.94, 0.51, 0.04])
    with_last = distribution(kind, strike, cap, bid, ask, np.array([0.5, 0.45, 0.9]))
    assert with_last.above.tolist() == pytest.approx([0.92, 0.45, 0.02])
    without = distribution(kind, strike, cap, bid, ask, np.full(3, NAN))
    assert without.n_used == 2 and without.level.tolist() == [1, 3]
    wider = distribution(kind, strike, cap, bid, ask, np.full(3, NAN), widest=0.3)
    assert wider.above.tolist() == pytest.approx([0.92, 0.405, 0.02])
    exact = ladders.prices(np.array([0.7]), np.array([0.9]), np.array([NAN]))
    assert exact.tolist() == pytest.approx([0.8])  # 0.9 - 0.7 is a hair more than 0.2
    upside_down = ladders.prices(np.array([0.6]), np.array([0.4]), np.array([NAN]))
    assert np.isnan(upside_down).all()
    nothing = ladders.prices(np.array([NAN]), np.array([NAN]), np.array([0.3]))
    assert nothing.tolist() == [0.3]


def test_too_few_rungs_and_other_contracts() -> None:
    assert above((1, 0.5)).status == "NOT_AVAILABLE"
    words = told(("custom", 1, 0.5), ("greater", 2, 0.5), ("greater", NAN, 0.4))
    assert (words.status, words.n_used) == ("NOT_AVAILABLE", 1)
    same = told(("greater", 2, 0.5), ("less_or_equal", 2, 0.5))
    assert same.status == "NOT_AVAILABLE"


def test_wrong_input_is_named() -> None:
    one = np.array([0.5])
    with pytest.raises(ValueError, match="one element per contract"):
        distribution(["greater"], one, one, one, one, np.array([0.5, 0.5]))
    with pytest.raises(ValueError, match=r"ask must be a probability, not 42\.0"):
        distribution(["greater"], one, one, one, np.array([42.0]), one)


probabilities = st.integers(0, 100).map(lambda n: n / 100)
any_ladder = st.lists(probabilities, min_size=2, max_size=8)
# of random ladders 7 in 100 have a median, of falling ones 86: with both, those without one can be filtered out
falling_ladder = any_ladder.map(lambda values: sorted(values, reverse=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(probabilities, min_size=1, max_size=5))
def test_the_repair_falls_and_no_falling_curve_is_nearer(values: list[float]) -> None:
    raw = np.array(values)
    found = ladders.falling(raw)
    assert all(b <= a + 1e-12 for a, b in pairwise(found.tolist()))
    assert found.mean() == pytest.approx(raw.mean())
    error = float(((found - raw) ** 2).sum())
    # any falling curve is a mixture with this one: a step towards another must not come nearer
    draws = np.random.default_rng(len(values)).random((200, raw.size))
    for other in -np.sort(-draws, axis=1):
        assert float(((found + 0.01 * (other - found) - raw) ** 2).sum()) >= error - 1e-12


@settings(max_examples=200, deadline=None)
@given(any_ladder | falling_ladder, st.floats(-3, 3), st.floats(0.1, 4))
def test_what_holds_of_any_ladder(values: list[float], start: float, step: float) -> None:
    rungs = [(start + step * n, value) for n, value in enumerate(values)]
    found = above(*rungs)
    worst = max((b - a for n, a in enumerate(values) for b in values[n + 1 :]), default=0.0)
    # one cent to either side of 0 and 1 is cut off, so the middle of such a quote is half a cent inside
    assert found.crossing == pytest.approx(max(worst, 0.0), abs=0.011)
    assume(found.status == "OK")
    assert found.level[0] <= found.median <= found.level[-1]
    if not np.isnan(found.low):
        assert found.low <= found.median + 1e-9
    if not np.isnan(found.high):
        assert found.median <= found.high + 1e-9
    moved = above(*((2 * strike + 1, value) for strike, value in rungs))
    assert moved.median == pytest.approx(2 * found.median + 1, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.floats(-2, 2), st.floats(0.2, 1.5))
def test_a_ladder_of_a_known_distribution_gives_its_median_back(middle: float, width: float) -> None:
    strikes = np.linspace(-6, 6, 121)
    z = (strikes - middle) / width
    chance = 0.5 - 0.5 * z / np.sqrt(2 + z * z)
    found = above(*zip(strikes.tolist(), chance.tolist(), strict=True))
    assert found.median == pytest.approx(middle, abs=0.02)
    one_sigma = width * 1.3116  # 84 % of Student's t with two degrees of freedom
    assert found.high == pytest.approx(middle + one_sigma, abs=0.05)
    assert found.low == pytest.approx(middle - one_sigma, abs=0.05)
