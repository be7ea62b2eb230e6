"""What came after: moves that followed sessions of a kind, told only once they are over.

Belongs here: moves and falls ahead, how far the mean after some sessions is from that of all, intervals of shares, false
discoveries among several tests. Does not: which sessions are meant, calendars, wording.

Closes are one per session, oldest first; NaN where there is none. "Known at t" means closes up to t, nothing later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean after some sessions less the mean after all, its standard error, and how many sessions stand behind it."""

    value: float
    error: float
    n: int
    n_all: int


def moves(close: Floats, horizon: int) -> Floats:
    """Percent move over the next ``horizon`` sessions; NaN where it is not over."""
    out = np.full(close.size, np.nan)
    if close.size > horizon:
        out[:-horizon] = 100.0 * (close[horizon:] / close[:-horizon] - 1.0)
    return out


def deepest(close: Floats, horizon: int) -> Floats:
    """Largest fall from a high, percent (0 or less), inside the session and the ``horizon`` after it; NaN where not over."""
    out = np.full(close.size, np.nan)
    n = close.size - horizon
    if n <= 0:
        return out
    high, fall = close[:n].copy(), np.zeros(n)
    for step in range(1, horizon + 1):
        now = close[step : step + n]
        high = np.maximum(high, now)
        fall = np.minimum(fall, now / high - 1.0)
    out[:n] = 100.0 * fall
    return out


def apart(entries: NDArray[np.int64], gap: int) -> NDArray[np.int64]:
    """Of ascending positions those at least ``gap`` after the one kept before: spans that share no session."""
    kept: list[int] = []
    for entry in entries.tolist():
        if not kept or entry - kept[-1] >= gap:
            kept.append(entry)
    return np.array(kept, dtype=np.int64)


def difference(outcome: Floats, chosen: Flags, lags: int) -> Difference | None:
    """Mean outcome of the chosen less that of all, with Newey and West's standard error (Bartlett weights, ``lags``).

    ``outcome`` is NaN where it is missing or not known; ``chosen`` marks the sessions of the kind. Outcomes of windows
    that overlap repeat each other; the lags count for that. None where nothing is chosen, or everything.
    """
    is_known = ~np.isnan(outcome)
    n, n_all = int((chosen & is_known).sum()), int(is_known.sum())
    if n in (0, n_all):
        return None
    y, x = outcome[is_known], chosen[is_known]
    of_chosen, of_others = y[x].mean(), y[~x].mean()
    # the slope of a regression on the mark, times the share of the others
    part = np.where(x, (y - of_chosen) * ((n_all - n) / n), of_others - y)
    variance = float(part @ part)
    for lag in range(1, min(lags, n_all - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * float(part[lag:] @ part[:-lag])
    return Difference(float(of_chosen - y.mean()), math.sqrt(max(variance, 0.0)) / n_all, n, n_all)


def p_value(value: float, error: float) -> float:
    """Two-sided, by the normal law; 1 where there is no spread to judge by."""
    return math.erfc(abs(value) / error / math.sqrt(2.0)) if error > 0 else 1.0


def wilson(hits: float, n: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson); ``n`` may be an effective number. NaN without any."""
    if n <= 0:
        return math.nan, math.nan
    share, z = hits / n, Z95
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def discoveries(p: Floats) -> Floats:
    """Benjamini and Hochberg's q of each p; NaN stays NaN and counts for nothing."""
    q = np.full(p.size, np.nan)
    held = np.flatnonzero(~np.isnan(p))
    order = held[np.argsort(p[held], kind="stable")]
    least = 1.0
    for rank in range(order.size, 0, -1):
        least = min(least, p[order[rank - 1]] * order.size / rank)
        q[order[rank - 1]] = least
    return q


def month_starts(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the first session of each month, of months numbered in order."""
    return np.flatnonzero(np.diff(months, prepend=months[0] - 1) != 0)


def largest_parts(close: Floats, lows: NDArray[np.int64], span: int) -> Floats:
    """Largest single session's part of the log move over the ``span`` sessions after each low.

    NaN where the span is not over, or where the index then stood no higher than at the low: there is nothing to make.
    """
    out = np.full(lows.size, np.nan)
    log = np.log(close)
    for place, low in enumerate(lows.tolist()):
        if low + span < close.size and close[low + span] > close[low]:
            steps = np.diff(log[low : low + span + 1])
            out[place] = steps.max() / (log[low + span] - log[low])
    return out


def logistic(x: Floats, y: Floats, penalty: float = 1.0, rounds: int = 12) -> tuple[float, float]:
    """Level and slope of a logistic fit of 0/1 ``y`` on standardised ``x``, the slope drawn to zero by ``penalty``."""
    level, slope = 0.0, 0.0
    for _ in range(rounds):
        chance = 1.0 / (1.0 + np.exp(-(level + slope * x)))
        weight = np.maximum(chance * (1.0 - chance), 1e-9)
        g0, g1 = float((y - chance).sum()), float(((y - chance) * x).sum()) - penalty * slope
        h00, h01, h11 = float(weight.sum()), float((weight * x).sum()), float((weight * x * x).sum()) + penalty
        det = h00 * h11 - h01 * h01
        level, slope = level + (h11 * g0 - h01 * g1) / det, slope + (h00 * g1 - h01 * g0) / det
    return level, slope


def timing_forecasts(x: Floats, y: Floats, at: NDArray[np.int64], horizon: int, least: int) -> tuple[Floats, Floats]:
    """Walk-forward chance of ``y`` from ``x``, and the base rate, at each of the ascending positions ``at``.

    ``x`` and 0/1 ``y`` (NaN: missing) stand per position. A forecast learns from earlier positions whose horizon was
    over by then, ``least`` of them with both outcomes among them; NaN before that.
    """
    chance, base = np.full(at.size, np.nan), np.full(at.size, np.nan)
    for now in range(at.size):
        past = np.arange(now)[(at[:now] + horizon <= at[now]) & ~np.isnan(x[:now]) & ~np.isnan(y[:now])]
        if past.size < least or np.isnan(x[now]) or y[past].min() == y[past].max():
            continue
        middle, spread = x[past].mean(), x[past].std()
        if spread < 1e-9:
            continue
        level, slope = logistic((x[past] - middle) / spread, y[past])
        chance[now] = 1.0 / (1.0 + math.exp(-(level + slope * (x[now] - middle) / spread)))
        base[now] = (y[past].sum() + 1.0) / (past.size + 2.0)
    return chance, base


def mean_error(values: Floats, lags: int) -> float:
    """Newey and West's standard error of a mean."""
    part = values - values.mean()
    variance = float(part @ part)
    for lag in range(1, min(lags, part.size - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * float(part[lag:] @ part[:-lag])
    return float(math.sqrt(max(variance, 0.0)) / part.size)
