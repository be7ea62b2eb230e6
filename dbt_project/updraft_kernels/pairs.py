"""Rolling statistics of two return series and the regime of their correlation (XA01, XA04, XA05).

Belongs here: arrays of one pair's sessions in, arrays of the same length out; NaN is a session without a return. Does
not: aligning calendars, intervals, statuses (those are SQL and the model that calls).

A window is put together from blocks of 1, 2, 4, … sessions by merging counts, means and central moments. Nothing is ever
subtracted from a running sum, so a bad tick leaves with its window, and a window depends on its own sessions only.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Moments:
    """Per session: observations in the window, means, and sums of squares and products around the means."""

    n: Floats
    mean_x: Floats
    mean_y: Floats
    xx: Floats
    yy: Floats
    xy: Floats

    def merged(self, earlier: Moments) -> Moments:
        """The two windows as one."""
        n = self.n + earlier.n
        share = np.divide(earlier.n, n, out=np.zeros_like(n), where=n > 0)
        dx, dy, weight = earlier.mean_x - self.mean_x, earlier.mean_y - self.mean_y, self.n * share
        return Moments(
            n,
            self.mean_x + dx * share,
            self.mean_y + dy * share,
            self.xx + earlier.xx + dx * dx * weight,
            self.yy + earlier.yy + dy * dy * weight,
            self.xy + earlier.xy + dx * dy * weight,
        )

    def before(self, sessions: int) -> Moments:
        """The windows that end that many sessions earlier; before the first session there is nothing."""
        arrays = (self.n, self.mean_x, self.mean_y, self.xx, self.yy, self.xy)
        return Moments(
            *(np.concatenate([np.zeros(min(sessions, a.size)), a[: max(a.size - sessions, 0)]]) for a in arrays)
        )


@dataclass(frozen=True, slots=True)
class Slope:
    """Least squares of one leg on the other: the slope, its standard error, and the observations used."""

    beta: Floats
    error: Floats
    n: Floats


def moments(x: Floats, y: Floats, given: NDArray[np.bool_], sessions: list[int]) -> dict[int, Moments]:
    """Moments of the sessions where ``given``, for windows of each length in ``sessions`` that end at each session.

    Raises ValueError on an infinite value, on a NaN where ``given``, and on a length below 1.
    """
    if not np.isfinite(x[given]).all() or not np.isfinite(y[given]).all():
        raise ValueError("rolling moments: every given session needs two finite returns")
    if min(sessions, default=0) < 1:
        raise ValueError(f"rolling moments: lengths of windows must be positive, got {sessions}")
    n, zero = given.astype(np.float64), np.zeros(x.size)
    block = Moments(n, np.where(given, x, 0.0), np.where(given, y, 0.0), zero, zero, zero)
    found: dict[int, Moments] = {}
    covered = dict.fromkeys(sessions, 0)
    size = 1
    while size <= max(sessions):
        for length in sessions:
            if length & size:
                done = covered[length]
                found[length] = found[length].merged(block.before(done)) if done else block
                covered[length] = done + size
        block, size = block.merged(block.before(size)), size * 2
    return found


def correlation(m: Moments) -> Floats:
    """Pearson correlation; NaN where a leg does not vary."""
    varies = _varies(m.xx, m.n) & _varies(m.yy, m.n)
    r = np.full(m.n.size, np.nan)
    np.divide(m.xy, np.sqrt(m.xx) * np.sqrt(m.yy), out=r, where=varies)
    clipped: Floats = np.clip(r, -1.0, 1.0)
    return clipped


def slope(m: Moments, *, of_x: bool = False, least: int = 3) -> Slope:
    """Slope of y on x (``of_x``: of x on y); NaN where the regressor does not vary or fewer than ``least`` sessions."""
    by, on = (m.xx, m.yy) if of_x else (m.yy, m.xx)
    usable = _varies(on, m.n) & (m.n >= max(least, 3))
    beta, error = np.full(m.n.size, np.nan), np.full(m.n.size, np.nan)
    np.divide(m.xy, on, out=beta, where=usable)
    rest = np.maximum(by - np.where(usable, beta, 0.0) * m.xy, 0.0)
    np.divide(rest, np.maximum(m.n - 2, 1) * on, out=error, where=usable)
    return Slope(beta, np.sqrt(error), m.n)


def _varies(squares: Floats, n: Floats) -> NDArray[np.bool_]:
    deviation = np.sqrt(squares / np.maximum(n - 1, 1))
    varies: NDArray[np.bool_] = (n > 1) & (deviation >= LEAST_DEVIATION)
    return varies


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
