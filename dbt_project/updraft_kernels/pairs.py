"""Statistics of two return series: rolling (XA01, XA04), decayed (XA03), of days of stress (XA07, XA08); regimes (XA05).

Belongs here: arrays over one axis of sessions in, arrays of the same length out; NaN is a session without a return. Does
not: aligning calendars, intervals, statuses (those are SQL and the model that calls).

A window is put together from blocks of 1, 2, 4, … sessions by merging counts, means and central moments. Nothing is ever
subtracted from a running sum, so a bad tick leaves with its window, and a window depends on its own sessions only. What
belongs to the sessions (``Sessions``) and to one series on them (``Leg``) is computed once; a pair costs its products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_DEVIATION = 1e-12
LEAST_SUBSET = 8
REGIMES = ("NEG", "NONE", "MOD", "HIGH")
BOUNDS = (-0.2, 0.2, 0.5)  # between neighbouring regimes
REGIME_SESSIONS = 5
DECAY = 0.94  # RiskMetrics 1996
SEED_SESSIONS = 60
GAP = 3  # sessions in a row without a return after which a decayed average starts anew
LEAST_OF_STATE = 30


class Sessions:
    """The sessions that count, for windows of each length that end at each session.

    A window of v sessions is a later part and an earlier part before it: two halves if v is a power of two, else the largest
    power of two in v comes before the rest. So every length is reached by merging two shorter ones, and shared parts once.
    """

    def __init__(self, given: NDArray[np.bool_], windows: Sequence[int]) -> None:
        """Raises ValueError on a length below 1."""
        if min(windows, default=0) < 1:
            raise ValueError(f"rolling moments: lengths of windows must be positive, got {list(windows)}")
        self.given, self.windows = given, tuple(windows)
        wanted, self._parts = list(windows), dict[int, tuple[int, int]]()
        while wanted:
            length = wanted.pop()
            if length > 1 and length not in self._parts:
                largest = 1 << (length.bit_length() - 1)
                self._parts[length] = (length // 2,) * 2 if length == largest else (length - largest, largest)
                wanted += self._parts[length]
        self._parts = dict(sorted(self._parts.items()))
        self.n: dict[int, Floats] = {1: given.astype(np.float64)}
        self._share: dict[int, Floats] = {}  # of the earlier part in the observations of both
        self._weight: dict[int, Floats] = {}
        for length, (later, earlier) in self._parts.items():
            n = self.n[later].copy()
            here, before = n[later:], self.n[earlier][: max(n.size - later, 0)]
            both = here + before
            self._share[length] = np.divide(before, both, out=np.zeros_like(both), where=both > 0)
            self._weight[length] = here * self._share[length]
            n[later:] = both
            self.n[length] = n

    def leg(self, values: Floats, *, is_regressor: bool = True) -> Leg:
        """One series on these sessions; without ``is_regressor`` it has no spreads. Raises ValueError unless all are finite."""
        if not np.isfinite(values[self.given]).all():
            raise ValueError("rolling moments: every given session needs a finite return")
        mean, steps = {1: np.where(self.given, values, 0.0)}, dict[int, Floats]()
        for length, (later, earlier) in self._parts.items():
            whole = mean[later].copy()
            steps[length] = mean[earlier][: max(whole.size - later, 0)] - whole[later:]
            whole[later:] += steps[length] * self._share[length]
            mean[length] = whole
        found = Leg(steps, {})
        if is_regressor:
            for length, squares in self.products(found, found).items():
                varies = _varies(squares, self.n[length])
                found.spread[length] = Spread(squares, np.where(varies, np.sqrt(squares), np.nan), varies)
        return found

    def products(self, x: Leg, y: Leg) -> dict[int, Floats]:
        """Sums of products around the means, per length of window; of a leg with itself: sums of squares."""
        found = {1: np.zeros(self.given.size)}
        for length, (later, earlier) in self._parts.items():
            added = x.steps[length] * y.steps[length]
            added *= self._weight[length]
            if length == 2:  # parts of one session have no products
                found[2] = np.concatenate([found[1][:1], added])
                continue
            whole = found[later].copy()
            whole[later:] += found[earlier][: added.size]
            whole[later:] += added
            found[length] = whole
        return {length: found[length] for length in self.windows}


@dataclass(frozen=True, slots=True)
class Spread:
    """Per session: the sum of squares around the mean, whether the window varies at all, and the root (NaN: it does not)."""

    squares: Floats
    root: Floats
    varies: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Leg:
    """One series on ``Sessions``: what each merge steps from one mean to the other, and the spread, by length of window."""

    steps: Mapping[int, Floats]
    spread: dict[int, Spread]


@dataclass(frozen=True, slots=True)
class Moments:
    """Per session: observations in the window, both spreads, and the sum of products around the means."""

    n: Floats
    x: Spread
    y: Spread
    xy: Floats


@dataclass(frozen=True, slots=True)
class Slope:
    """Least squares of one leg on the other: the slope and its standard error."""

    beta: Floats
    error: Floats


def moments(x: Floats, y: Floats, given: NDArray[np.bool_], windows: Sequence[int]) -> dict[int, Moments]:
    """Moments of one pair over the sessions where ``given``, for windows of each length that end at each session.

    Raises ValueError on a return that is not finite where ``given``, and on a length below 1.
    """
    sessions = Sessions(given, windows)
    return joined(sessions, sessions.leg(x), sessions.leg(y))


def joined(sessions: Sessions, x: Leg, y: Leg) -> dict[int, Moments]:
    """Moments of two legs on the same sessions."""
    products = sessions.products(x, y).items()
    return {length: Moments(sessions.n[length], x.spread[length], y.spread[length], xy) for length, xy in products}


def correlation(m: Moments) -> Floats:
    """Pearson correlation; NaN where a leg does not vary."""
    r = m.xy / (m.x.root * m.y.root)
    return np.clip(r, -1.0, 1.0, out=r)


def beta(xy: Floats, on: Spread, n: Floats, least: int = 3) -> Floats:
    """Slope on a regressor; NaN where it does not vary or fewer than ``least`` sessions (3 at least)."""
    found = np.full(n.size, np.nan)
    np.divide(xy, on.squares, out=found, where=on.varies & (n >= max(least, 3)))
    return found


def slope(m: Moments, *, of_x: bool = False) -> Slope:
    """Slope of y on x (``of_x``: of x on y) with its error; NaN as in ``beta``."""
    by, on = (m.x, m.y) if of_x else (m.y, m.x)
    line, error = beta(m.xy, on, m.n), np.full(m.n.size, np.nan)
    rest = np.maximum(by.squares - np.nan_to_num(line) * m.xy, 0.0)
    np.divide(rest, np.maximum(m.n - 2, 1) * on.squares, out=error, where=~np.isnan(line))
    return Slope(line, np.sqrt(error))


def _varies(squares: Floats, n: Floats) -> NDArray[np.bool_]:
    deviation = np.sqrt(squares / np.maximum(n - 1, 1))
    varies: NDArray[np.bool_] = (n > 1) & (deviation >= LEAST_DEVIATION)
    return varies


def decayed(x: Floats, y: Floats, start: tuple[float, float, float]) -> Floats:
    """Correlation of exponentially decayed squares and products (no means) after each return; a NaN leaves them as they were.

    ``start``: variances of both and covariance before the first.
    """
    xx, yy, xy = start
    found = np.full(x.size, np.nan)
    for n, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        if not (isnan(a) or isnan(b)):
            xx, yy, xy = (DECAY * old + (1 - DECAY) * new for old, new in ((xx, a * a), (yy, b * b), (xy, a * b)))
        spread = (xx * yy) ** 0.5
        if min(xx, yy) ** 0.5 >= LEAST_DEVIATION:
            found[n] = max(-1.0, min(1.0, xy / spread))
    return found


def decayed_from_sample(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """``decayed``, begun with the sample of the first 60 returns, and how many returns each session's value is made of.

    NaN before the sixtieth. After more than three sessions in a row without a return it begins anew.
    """
    given = np.isfinite(x) & np.isfinite(y)
    found, used = np.full(x.size, np.nan), np.zeros(x.size)
    places = np.flatnonzero(given)
    starts = [0, *(np.flatnonzero(np.diff(places) > GAP + 1) + 1).tolist()] if places.size else []
    for start, stop in zip(starts, [*starts[1:], places.size], strict=True):
        run = places[start:stop]
        end = min(int(run[-1]) + GAP + 1, x.size)
        used[run[0] : end] = np.cumsum(given[run[0] : end])
        if run.size < SEED_SESSIONS:
            continue
        sample = run[:SEED_SESSIONS]
        c = np.cov(x[sample], y[sample])
        since = int(sample[-1])
        rest = np.where(given[since:end], x[since:end], np.nan)
        rest[0] = np.nan  # the sixtieth return is part of the sample
        found[since:end] = decayed(rest, y[since:end], (float(c[0, 0]), float(c[1, 1]), float(c[0, 1])))
    return found, used


@dataclass(frozen=True, slots=True)
class States:
    """Per session, over all sessions so far: observations in stress and in calm, both correlations, the adjusted one."""

    n_stress: Floats
    n_calm: Floats
    stress: Floats
    calm: Floats
    adjusted: Floats


def by_state(x: Floats, y: Floats, in_stress: NDArray[np.bool_]) -> States:
    """Correlations over the sessions in stress and over the others; NaN below 30 sessions of a kind.

    ``adjusted`` is the one in stress without what the higher variance of ``x`` alone adds (Forbes and Rigobon 2002).
    """
    given = np.isfinite(x) & np.isfinite(y)
    counts, correlations, variances = [], [], []
    for mask in (given & in_stress, given & ~in_stress):
        a, b = np.where(mask, x, 0.0), np.where(mask, y, 0.0)
        n, sa, sb, aa, bb, ab = (np.cumsum(v) for v in (mask.astype(np.float64), a, b, a * a, b * b, a * b))
        least = n >= LEAST_OF_STATE
        with np.errstate(divide="ignore", invalid="ignore"):
            va, vb, cab = ((s - p * q / n) / (n - 1) for s, p, q in ((aa, sa, sa), (bb, sb, sb), (ab, sa, sb)))
            moves = least & (va >= LEAST_DEVIATION**2) & (vb >= LEAST_DEVIATION**2)
            r = np.where(moves, np.clip(cab / np.sqrt(va * vb), -1.0, 1.0), np.nan)
        counts.append(n)
        correlations.append(r)
        variances.append(np.where(moves, va, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        adjusted = adjusted_for_variance(correlations[0], variances[0] / variances[1] - 1.0)
    return States(counts[0], counts[1], correlations[0], correlations[1], adjusted)


def adjusted_for_variance(r: Floats, excess: Floats) -> Floats:
    """r / sqrt(1 + excess (1 - r²)): ``excess`` is the relative rise of the conditioning asset's variance."""
    return np.asarray(r / np.sqrt(1.0 + excess * (1.0 - r * r)))


def regimes(r: Floats, low: Floats, high: Floats) -> list[str | None]:
    """The regime after each session; None where ``r`` is NaN, and the regime before is kept.

    It changes after five sessions in a row on the same side of the current regime, to the furthest regime reached on
    that day whose boundary lies outside the interval (``low``, ``high``).
    """
    now: int | None = None
    side, run = 0, 0
    found: list[str | None] = []
    for value, bottom, top in zip(r.tolist(), low.tolist(), high.tolist(), strict=True):
        if isnan(value):
            found.append(None)
            continue
        seen = _regime_of(value)
        if now is None:
            now = seen
        turned = (seen > now) - (seen < now)
        run = run + 1 if turned and turned == side else abs(turned)
        side = turned
        if run >= REGIME_SESSIONS:
            if turned > 0:
                reached = max([now, *(k for k in range(now + 1, seen + 1) if BOUNDS[k - 1] < bottom)])
            else:
                reached = min([now, *(k for k in range(seen, now) if BOUNDS[k] > top)])
            if reached != now:
                now, side, run = reached, 0, 0
        found.append(REGIMES[now])
    return found


def _regime_of(value: float) -> int:
    """NEG below -.2; MOD from .2 and HIGH from .5 on, the bounds included."""
    return (value >= BOUNDS[0]) + (value >= BOUNDS[1]) + (value >= BOUNDS[2])
