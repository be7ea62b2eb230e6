"""The kernel of chart rules: published figures, rules to the tick, and that no answer ever looks ahead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from updraft_kernels import technicals

# The 33 closes of the worked example of RSI(14) that charting schools print; the figures agree with TA-Lib's.
CLOSES = (
    *(44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328),
    *(45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515),
    *(45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314),
)


def ticks(closes: tuple[float, ...] | list[float]) -> NDArray[np.int64]:
    return np.array([round(c * 10_000) for c in closes], dtype=np.int64)


def test_rsi_golden() -> None:
    found = technicals.rsi(ticks(CLOSES))
    assert np.isnan(found[:14]).all()
    assert found[[14, 15, -1]].round(4).tolist() == [70.5328, 66.3186, 37.7730]


def test_rsi_without_losses_is_100_and_without_moves_50() -> None:
    assert technicals.rsi(ticks(list(range(1, 20))))[-1] == 100
    assert technicals.rsi(ticks([7.0] * 20))[-1] == 50
    assert technicals.rsi(ticks(list(range(20, 1, -1))))[-1] == 0


def test_a_bounce_comes_back_from_below_thirty() -> None:
    strength, close = np.array([np.nan, 29.9, 30.0, 29.0, 31.0, 25.0, 29.9]), np.array([9, 8, 9, 8, 8, 7, 8])
    # the fifth bar comes back without a rising close, the last one does not reach 30
    assert np.flatnonzero(technicals.bounces(strength, close)).tolist() == [2]


def test_what_followed_counts_from_the_bar_that_completes_it() -> None:
    event = np.array([True, False, True, False, False])
    found = technicals.followed(event, np.array([100, 110, 200, 150, 100]), 2)
    assert found.count.tolist() == [0, 0, 1, 1, 2]
    assert found.mean[2:].tolist() == [1.0, 1.0, 0.25]
    assert found.rose[2:].tolist() == [1.0, 1.0, 0.5] and np.isnan(found.mean[:2]).all()
    assert technicals.since(event).tolist() == [0, 1, 0, 1, 2]


def test_equal_averages_are_no_cross() -> None:
    # the short average of two stands above, level with and below the long one of four
    sign = technicals.average_sign(np.array([1, 1, 3, 3, 1, 1, 3, 3, 3, 0, 0]), short=2, long=4)
    assert sign[3:].tolist() == [1, 1, -1, -1, 1, 1, -1, -1]
    assert technicals.crosses(sign)[4:].tolist() == [0, -1, 0, 1, 0, -1, 0]
    level = technicals.average_sign(np.array([1, 1, 3, 3, 3, 3, 3]), short=2, long=4)
    assert level[3:].tolist() == [1, 1, 1, 1], "level averages keep the sign of before"


def test_a_breakout_excludes_its_own_bar() -> None:
    close, high, low = (np.array(x) for x in ([5, 5, 7, 8, 3], [6, 7, 9, 8, 8], [4, 4, 5, 5, 3]))
    # 7 is not above the high of 7 the bar before; 8 is not above 9; 3 is below 4 and below 5
    assert technicals.breakouts(close, high, low, 2)[2:].tolist() == [0, 0, -1]
    assert technicals.breakouts(close, high, low, 1)[1:].tolist() == [0, 0, 0, -1]
    assert technicals.breakouts(np.array([5, 8]), np.array([7, 8]), np.array([4, 8]), 1)[1] == 1


def test_a_pivot_is_known_five_bars_late_and_forgotten_after_126() -> None:
    high = np.full(200, 100)
    high[[20, 23, 60]] = 150, 150, 120
    found = technicals.resistance(high)
    # the later of two equal highs within five bars is no pivot: it is not higher than the bars before it
    assert np.isnan(found[24]) and found[25] == 150 and found[146] == 150 and found[147] == 120
    assert found[186] == 120 and np.isnan(found[187])


def test_realised_volatility_golden() -> None:
    found = technicals.realised(np.array([0.01, -0.02, 0.015, -0.005, 0.0]), 5)
    assert round(100 * found[-1], 2) == 21.74 and np.isnan(found[:-1]).all()


def test_weighted_volatility_keeps_94_parts() -> None:
    found = technicals.weighted_volatility(np.array([np.nan, 0.01, 0.02]))
    assert found.value[1] == pytest.approx(0.01 * 252**0.5, rel=1e-12)
    assert found.value[2] == pytest.approx((252 * (0.94 * 1e-4 + 0.06 * 4e-4)) ** 0.5, rel=1e-12)
    assert found.updates.tolist() == [-1, 0, 1]


def test_exposure_is_traded_two_sessions_late() -> None:
    found = technicals.exposure(np.array([0.08, 0.05, 0.0, 0.2]), np.array([0.12, 0.05, 0.0, 0.1]))
    assert np.isnan(found[:2]).all()
    assert found[2:].round(4).tolist() == [0.8333, 1.5]


def test_trend_is_the_mean_of_three_signs() -> None:
    close = np.concatenate([np.full(220, 100), np.full(40, 80), np.full(10, 90)])
    found = technicals.trend(close, np.full(270, 0.2))
    # above 21 bars ago, below 63 and 252 bars ago, at twice the volatility aimed at
    assert found[269] == pytest.approx(-1 / 6, abs=1e-12) and np.isnan(found[251])
    assert technicals.trend(close, np.full(270, 0.05))[269] == pytest.approx(-1 / 3, abs=1e-12)


RULES: dict[str, Callable[[NDArray[np.int64]], NDArray[np.float64]]] = {
    "rsi": technicals.rsi,
    "cross": lambda x: technicals.crosses(technicals.average_sign(x, 3, 8)),
    "below": lambda x: technicals.is_below_average(x, 8),
    "breakout": lambda x: technicals.breakouts(x, x + 1, x - 1, 5),
    "resistance": technicals.resistance,
    "bounce": lambda x: technicals.followed(technicals.bounces(technicals.rsi(x), x), x, 3).mean,
    "volatility": lambda x: technicals.realised(np.diff(np.log(x), prepend=np.nan), 5),
    "weighted": lambda x: technicals.weighted_volatility(np.diff(np.log(x), prepend=np.nan)).value,
}


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=25, deadline=None)
@given(closes=st.lists(st.integers(1, 60), min_size=20, max_size=60), cut=st.integers(1, 59))
def test_a_later_bar_changes_nothing_said_before(rule: str, closes: list[int], cut: int) -> None:
    path = np.array(closes, dtype=np.int64)
    now, then = RULES[rule](path), RULES[rule](path[:cut])
    assert np.array_equal(now[: then.size], then, equal_nan=True)


@pytest.mark.parametrize("rule", ["rsi", "cross", "below", "resistance"])
def test_a_scale_changes_no_answer(rule: str) -> None:
    path = np.cumsum(np.sin(np.arange(80)) * 10).astype(np.int64) + 100
    one, ten = RULES[rule](path), RULES[rule](10 * path)
    assert np.allclose(one, ten / (10 if rule == "resistance" else 1), equal_nan=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: technicals.rsi(ticks([1.0]), 0),
        lambda: technicals.followed(np.array([True]), np.array([1]), 0),
        lambda: technicals.breakouts(*(np.array([1]),) * 3, 0),
        lambda: technicals.realised(np.array([0.1]), 1),
        lambda: technicals.bounces(np.array([1.0]), np.array([1, 2])),
    ],
)
def test_a_senseless_window_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must be at least|same bars"):
        call()
