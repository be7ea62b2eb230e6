"""Chart rules on one instrument's bars: RSI, crosses, breakouts, resistance, trend, exposure, volatility (TE01 to TE08).

Belongs here: arrays of the bars of one instrument in, arrays of the same length out; NaN is a bar without an answer. Does
not: how many bars are enough to publish, statuses (those are the readings), tables.

Prices are integer ticks: sums and comparisons are exact. Everything is causal: element t depends on bars up to t only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from updraft_kernels import breadth

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
RSI, OVERSOLD = 14, 30.0
WARM = 120  # closes after which Wilder's average has forgotten where it began
PIVOT, LOOK_BACK, BEYOND = 5, 126, (1005, 1000)  # bars on both sides; bars looked back on; half a percent above
TARGET, MOST, DELAY = 0.10, 1.5, 2  # yearly volatility aimed at, largest exposure, sessions until it is traded
SPANS = (21, 63, 252)
DECAY = 0.94
YEAR = 252


def rsi(close: Ints, n: int = RSI) -> Floats:
    """Wilder's relative strength index; NaN for the first ``n`` bars. No loss is 100, no move at all 50.

    Raises ValueError unless ``n`` is at least 1.
    """
    if n < 1:
        raise ValueError(f"rsi: n must be at least 1, not {n}")
    found = np.full(close.size, np.nan)
    if close.size <= n:
        return found
    steps = np.diff(close).astype(np.float64)
    gains, losses = np.maximum(steps, 0.0).tolist(), np.maximum(-steps, 0.0).tolist()
    gain, loss = sum(gains[:n]) / n, sum(losses[:n]) / n
    found[n] = _strength(gain, loss)
    for t in range(n, steps.size):
        gain, loss = (gain * (n - 1) + gains[t]) / n, (loss * (n - 1) + losses[t]) / n
        found[t + 1] = _strength(gain, loss)
    return found


def _strength(gain: float, loss: float) -> float:
    if loss == 0:
        return 50.0 if gain == 0 else 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed the events that were over by each bar: how many, the mean move, the share that rose (NaN: none yet)."""

    count: NDArray[np.int64]
    mean: Floats
    rose: Floats


def bounces(strength: Floats, close: Ints) -> Flags:
    """True where the index of strength comes back to 30 or above from below, on a close above the one before.

    Raises ValueError when the two differ in length.
    """
    if strength.size != close.size:
        raise ValueError(f"bounces: {strength.size} strengths for {close.size} closes; they describe the same bars")
    fired = np.zeros(close.size, dtype=np.bool_)
    fired[1:] = (strength[:-1] < OVERSOLD) & (strength[1:] >= OVERSOLD) & (close[1:] > close[:-1])
    return fired


def followed(event: Flags, close: Ints, span: int) -> Followed:
    """The moves over ``span`` bars after each event, told from the bar on that completes them.

    Raises ValueError unless ``span`` is at least 1.
    """
    if span < 1:
        raise ValueError(f"followed: span must be at least 1, not {span}")
    size = close.size
    done, total, up = (np.zeros(size) for _ in range(3))
    at = np.flatnonzero(event[: max(size - span, 0)])
    move = close[at + span] / close[at] - 1.0
    done[at + span], total[at + span], up[at + span] = 1, move, move > 0
    count = np.cumsum(done)
    held = np.where(count > 0, count, np.nan)
    return Followed(count.astype(np.int64), np.cumsum(total) / held, np.cumsum(up) / held)


def since(event: Flags) -> Floats:
    """Bars since the last event (0 on its own bar); NaN before the first."""
    place = np.arange(event.size)
    last = np.maximum.accumulate(np.where(event, place, -1))
    return np.where(last >= 0, place - last, np.nan)


def average_sign(close: Ints, short: int = 50, long: int = 200) -> Floats:
    """Sign of the short average less the long one; where they are equal, that of before. NaN until the long one is whole."""
    found = np.full(close.size, np.nan)
    if close.size < long:
        return found
    sums = np.concatenate([[0], np.cumsum(close, dtype=np.int64)])
    ends = np.arange(long, close.size + 1)
    gap = np.sign(long * (sums[ends] - sums[ends - short]) - short * (sums[ends] - sums[ends - long]))
    last = np.maximum.accumulate(np.where(gap != 0, np.arange(gap.size), -1))
    found[long - 1 :] = np.where(last >= 0, gap[np.maximum(last, 0)], np.nan)
    return found


def crosses(sign: Floats) -> Floats:
    """1 where the sign turned up, -1 where it turned down, 0 where it stayed; NaN without a sign before."""
    turned = np.full(sign.size, np.nan)
    with np.errstate(invalid="ignore"):
        turned[1:] = np.where(np.isnan(sign[1:] * sign[:-1]), np.nan, np.sign(sign[1:] - sign[:-1]))
    return turned


def is_below_average(close: Ints, n: int = 200) -> Floats:
    """1 where the close stands below the mean of the last ``n``, else 0; NaN until there are so many."""
    found = np.full(close.size, np.nan)
    if close.size >= n:
        sums = np.concatenate([[0], np.cumsum(close, dtype=np.int64)])
        found[n - 1 :] = n * close[n - 1 :] < sums[n:] - sums[:-n]
    return found


def breakouts(close: Ints, high: Ints, low: Ints, n: int) -> Floats:
    """1 where the close is above the highest high of the ``n`` bars before, -1 below their lowest low, else 0.

    The window excludes the bar itself. NaN until there are ``n`` bars before. Raises ValueError unless ``n`` is at least 1.
    """
    if n < 1:
        raise ValueError(f"breakouts: n must be at least 1, not {n}")
    found = np.full(close.size, np.nan)
    if close.size > n:
        windows = np.lib.stride_tricks.sliding_window_view
        above = close[n:] > windows(high, n)[:-1].max(axis=1)
        below = close[n:] < windows(low, n)[:-1].min(axis=1)
        found[n:] = above.astype(np.float64) - below
    return found


def resistance(high: Ints) -> Floats:
    """The highest pivot high of the last 126 bars before each bar, as known then; NaN where there is none.

    A pivot is higher than the five bars before it and not lower than the five after it, so it is known five bars late.
    """
    found, size = np.full(high.size, np.nan), high.size
    if size < 2 * PIVOT + 1:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(high, 2 * PIVOT + 1)
    middle = windows[:, PIVOT]
    is_pivot = (middle > windows[:, :PIVOT].max(axis=1)) & (middle >= windows[:, PIVOT + 1 :].max(axis=1))
    level = np.full(size, -np.inf)
    level[PIVOT : size - PIVOT] = np.where(is_pivot, middle, -np.inf)
    # bar t sees the pivots of t - 126 to t - 5
    padded = np.concatenate([np.full(LOOK_BACK, -np.inf), level])
    seen = np.lib.stride_tricks.sliding_window_view(padded, LOOK_BACK - PIVOT + 1)[:size].max(axis=1)
    return np.where(np.isinf(seen), np.nan, seen)


def realised(returns: Floats, n: int) -> Floats:
    """Deviation (ddof 1) of the last ``n`` log returns at a yearly scale of 252 sessions; NaN unless all are there.

    Raises ValueError unless ``n`` is at least 2.
    """
    if n < 2:
        raise ValueError(f"realised: n must be at least 2, not {n}")
    found = np.full(returns.size, np.nan)
    if returns.size >= n:
        windows = np.lib.stride_tricks.sliding_window_view(returns, n)
        found[n - 1 :] = windows.std(axis=1, ddof=1) * np.sqrt(YEAR)
    return found


def weighted_volatility(returns: Floats, decay: float = DECAY) -> breadth.Average:
    """Exponentially weighted volatility: yearly root of an average of squared log returns that keeps ``decay`` a day.

    ``updates`` counts the returns since the seed, the first squared return (-1: no average).
    """
    variance = breadth.ema(returns * returns, 1.0 - decay)
    return breadth.Average(np.sqrt(variance.value * YEAR), variance.updates)


def exposure(short: Floats, long: Floats) -> Floats:
    """What a fund that aims at a volatility of 10 % holds by the larger of two volatilities, two sessions later."""
    held = np.full(short.size, np.nan)
    with np.errstate(divide="ignore"):
        wanted = np.minimum(MOST, TARGET / np.maximum(short, long))
    held[DELAY:] = wanted[:-DELAY]
    return held


def trend(close: Ints, volatility: Floats) -> Floats:
    """Mean sign of the moves over 21, 63 and 252 bars, scaled down where the volatility exceeds 10 % a year."""
    signs = np.full((len(SPANS), close.size), np.nan)
    for row, span in enumerate(SPANS):
        signs[row, span:] = np.sign(close[span:] - close[: max(close.size - span, 0)])
    with np.errstate(divide="ignore"):
        found: Floats = signs.mean(axis=0) * np.minimum(1.0, TARGET / volatility)
    return found
