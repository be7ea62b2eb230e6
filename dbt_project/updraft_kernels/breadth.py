"""Recursions over daily breadth: exponential averages, McClellan (BR10, BR11), Zweig thrust (BR12).

Belongs here: arrays of one segment's sessions in, arrays of the same length out; NaN is a day without a value. Does
not: counting members, deciding whether a day's count is good enough, statuses (those are SQL and the model that calls).

A day without a value leaves an average as it was. After more than ``MAX_GAP`` such days in a row the average is
forgotten, and the next value is a new seed. Everything is causal: element t depends on elements up to t only.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_GAP = 3
FAST, SLOW, THRUST = 0.10, 0.05, 2 / 11
WARMUP = {FAST: 44, SLOW: 90, THRUST: 23}  # updates after which less than 1 % of the seed is left
LOW, HIGH, THRUST_SESSIONS = 0.40, 0.615, 10


@dataclass(frozen=True, slots=True)
class Average:
    """An exponential average; ``updates`` counts the values since the seed (-1: no average)."""

    value: Floats
    updates: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class McClellan:
    """``oscillator`` and ``summation`` (NaN without an average); ``updates`` as in Average."""

    oscillator: Floats
    summation: Floats
    updates: NDArray[np.int64]


def ema(x: Floats, k: float, seed: float | None = None) -> Average:
    """E_t = E_{t-1} + k (x_t - E_{t-1}), started at the first value, or at ``seed`` as if that had been the day before.

    Raises ValueError unless 0 < k < 1, and on an infinite value.
    """
    if not 0 < k < 1:
        raise ValueError(f"ema: k must lie between 0 and 1, not {k}")
    if np.isinf(x).any():
        raise ValueError(f"ema: infinite value at index {int(np.isinf(x).argmax())}; a missing value is NaN")
    value, updates = np.full(x.size, np.nan), np.full(x.size, -1, dtype=np.int64)
    held = np.nan if seed is None else seed
    count, gap = (-1 if seed is None else 0), 0
    for t, new in enumerate(x.tolist()):
        if isnan(new):
            gap += 1
            if gap > MAX_GAP:
                held, count = np.nan, -1
        else:
            gap, count = 0, count + 1
            held = new if count == 0 else held + k * (new - held)
        value[t], updates[t] = held, count
    return Average(value, updates)


def mcclellan(net: Floats, *, is_ratio_adjusted: bool, seeds: tuple[float, float] | None = None) -> McClellan:
    """McClellan oscillator and summation index of net advances (or of ratio-adjusted net advances).

    The summation adds the oscillator day by day. Classic: it starts so that 1000 + MO - 10 E10 + 20 E05 always holds.
    Ratio-adjusted: it starts at 0, so only its changes mean something. ``seeds``: averages (E10, E05) of the day before.
    """
    fast = ema(net, FAST, None if seeds is None else seeds[0])
    slow = ema(net, SLOW, None if seeds is None else seeds[1])
    oscillator = fast.value - slow.value
    level = oscillator - 10 * fast.value + 20 * slow.value
    if not is_ratio_adjusted:
        return McClellan(oscillator, 1000 + level, fast.updates)
    start = 0.0 if seeds is None else seeds[0] - seeds[1] - 10 * seeds[0] + 20 * seeds[1]
    base = np.full(net.size, start)
    for t in np.flatnonzero(fast.updates == 0):
        if net[t] == net[t]:
            base[t:] = level[t]
    return McClellan(oscillator, level - base, fast.updates)


def thrust_average(share: Floats) -> Average:
    """The ten-session exponential average of A / (A + D) that the Zweig breadth thrust watches."""
    return ema(share, THRUST)


def simple_average(share: Floats) -> Average:
    """The plain mean of the last ten sessions, all of them needed: the other common reading of the same rule."""
    value, updates = np.full(share.size, np.nan), np.full(share.size, -1, dtype=np.int64)
    n = THRUST_SESSIONS
    if share.size >= n:
        value[n - 1 :] = np.lib.stride_tricks.sliding_window_view(share, n).mean(axis=1)
    updates[~np.isnan(value)] = n
    return Average(value, updates)


def thrusts(z: Floats, share: Floats) -> NDArray[np.bool_]:
    """True where ``z`` rises above .615 from below .40 within ten sessions; at most once in ten sessions.

    A day without a share gives no signal. Averages count to twelve digits: ten shares that make exactly .4 are not below
    it, whatever their sum in doubles. Raises ValueError when the two differ in length.
    """
    if z.size != share.size:
        raise ValueError(f"thrusts: {z.size} averages for {share.size} shares; they describe the same sessions")
    fired = np.zeros(z.size, dtype=np.bool_)
    past: deque[float] = deque(maxlen=THRUST_SESSIONS)
    last = -THRUST_SESSIONS
    for t, (now, given) in enumerate(zip(np.round(z, 12).tolist(), share.tolist(), strict=True)):
        rises = not isnan(given) and bool(past) and now > HIGH and past[-1] <= HIGH
        if rises and min((p for p in past if not isnan(p)), default=1.0) < LOW and t - last >= THRUST_SESSIONS:
            fired[t], last = True, t
        past.append(now)
    return fired
