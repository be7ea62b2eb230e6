"""Earlier episodes that look like this one, and whether looking alike told anything about what came next.

Belongs here: distances over features on a robust scale, the score of an ensemble of outcomes (CRPS), the comparison of
the nearest with all by leaving each episode out. Does not: which episodes are known, features, calendars.

Rows are episodes, columns features, NaN where a feature is not known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEAREST = 8
# A feature with fewer values has no scale, and two episodes with fewer features in common are not compared.
LEAST_VALUES, LEAST_SHARE = 5, 0.7


@dataclass(frozen=True, slots=True)
class Skill:
    """Mean CRPS of the nearest and of all others over the episodes left out one by one; the mean gain and its error."""

    nearest: float
    everyone: float
    gain: float
    error: float
    n: int


def scaled(features: Floats, now: Floats) -> tuple[Floats, Floats]:
    """Features of the episodes and of the one at hand as robust z: less the median, over 1.4826 MAD of the episodes.

    A feature without spread, or with too few values, becomes NaN everywhere.
    """
    out, own = np.full(features.shape, np.nan), np.full(now.shape, np.nan)
    for column in range(features.shape[1]):
        held = features[~np.isnan(features[:, column]), column]
        if held.size < LEAST_VALUES:
            continue
        middle = np.median(held)
        spread = 1.4826 * np.median(np.abs(held - middle))
        if spread > 1e-12:
            out[:, column] = (features[:, column] - middle) / spread
            own[column] = (now[column] - middle) / spread
    return out, own


def distances(features: Floats, now: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Root mean square distance over the features both have, and their number.

    Infinite where they are fewer than 70 % of those the one at hand has.
    """
    wanted = int((~np.isnan(now)).sum())
    apart = (features - now) ** 2
    shared = (~np.isnan(apart)).sum(axis=1)
    is_enough = (shared > 0) & (shared >= LEAST_SHARE * wanted - 1e-9)
    total = np.nansum(apart, axis=1)
    out = np.full(features.shape[0], np.inf)
    out[is_enough] = np.sqrt(total[is_enough] / shared[is_enough])
    return out, shared.astype(np.int64)


def nearest(apart: Floats) -> NDArray[np.int64]:
    """Rows of the nearest eight, nearest first; the earlier row where two are as near. Fewer where fewer are near."""
    order = np.argsort(apart, kind="stable")[:NEAREST]
    return order[np.isfinite(apart[order])]


def crps(ensemble: Floats, outcome: float) -> float:
    """Continuous ranked probability score of an ensemble, in its fair form: its size makes it neither better nor worse."""
    m = ensemble.size
    between = np.abs(ensemble[:, None] - ensemble[None, :]).sum()
    spread = between / (m * (m - 1)) if m > 1 else 0.0
    return float(np.abs(ensemble - outcome).mean() - spread / 2)


def leave_one_out(features: Floats, outcome: Floats) -> Skill | None:
    """Each episode in turn told by its nearest others, and by all others. None with fewer than ten that can be told.

    ``features`` are on their scale already; ``outcome`` has no NaN.
    """
    n = outcome.size
    if n < NEAREST + 2:
        return None
    shared = ~np.isnan(features)
    filled = np.where(shared, features, 0.0)
    common = shared.astype(np.float64) @ shared.T.astype(np.float64)
    squares = (filled**2) @ shared.T
    total = squares + squares.T - 2.0 * filled @ filled.T
    is_enough = (common > 0) & (common >= LEAST_SHARE * shared.sum(axis=1)[:, None] - 1e-9)
    # rounded, so that equal distances are equal and the earlier episode comes first
    apart = np.where(is_enough, np.round(np.maximum(total, 0.0) / np.maximum(common, 1.0), 9), np.inf)
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
    told = np.flatnonzero(np.isfinite(np.take_along_axis(apart, order, axis=1)).all(axis=1))
    if told.size < NEAREST + 2:
        return None
    between = np.abs(outcome[:, None] - outcome[None, :])
    of_row, m = between.sum(axis=1), n - 1
    everyone = of_row / m - (between.sum() - 2 * of_row) / (m * (m - 1)) / 2
    near = outcome[order[told]]
    spread = np.abs(near[:, :, None] - near[:, None, :]).sum(axis=(1, 2)) / (NEAREST * (NEAREST - 1))
    of_near = np.abs(near - outcome[told, None]).mean(axis=1) - spread / 2
    gain = everyone[told] - of_near
    error = float(gain.std(ddof=1)) / math.sqrt(told.size)
    return Skill(float(of_near.mean()), float(everyone[told].mean()), float(gain.mean()), error, int(told.size))
