"""How much of a move of oil reaches consumer prices within three months (specification CM03): least squares over 120 months.

Belongs here: arrays over one axis of months in, one figure out; NaN is a month that was never told. Does not: what was known
when (the model that calls), statuses (SQL).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MONTHS, LAGS = 120, 3  # the month itself and the two before it
LEAST_DEVIATION = 1e-12


def pass_through(prices: Floats, oil: Floats) -> tuple[float, int]:
    """(sum of the slopes, months used) of the change of ``prices`` (percent) on those of ``oil`` (100 x logarithm).

    Both are levels of consecutive months, the newest last. A month counts if its own change and all three of oil are there.
    NaN where fewer than ten months count or oil does not move.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100.0 * (prices[1:] / prices[:-1] - 1.0)
        moved = 100.0 * np.log(np.where(oil[1:] > 0, oil[1:], np.nan) / np.where(oil[:-1] > 0, oil[:-1], np.nan))
    lagged = [np.concatenate([np.full(k, np.nan), moved])[: moved.size] for k in range(LAGS)]
    rows = np.stack([np.ones(change.size), *lagged, change], axis=1)[-MONTHS:]
    rows = rows[np.isfinite(rows).all(axis=1)]
    n = rows.shape[0]
    if n < 10 or np.ptp(rows[:, 1 : 1 + LAGS], axis=0).min() < LEAST_DEVIATION:
        return float("nan"), n
    slopes, _, rank, _ = np.linalg.lstsq(rows[:, : 1 + LAGS], rows[:, -1], rcond=None)
    return (float(slopes[1:].sum()), n) if rank == 1 + LAGS else (float("nan"), n)
