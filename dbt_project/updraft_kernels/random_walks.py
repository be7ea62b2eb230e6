"""Rallies of random walks: what the rally machine finds where there is nothing to find (specification RD04).

Belongs here: paths of a mean and a deviation, and their rallies. Does not: the machine (``rally``), outcomes (``outcomes``).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from updraft_kernels import outcomes, rally

START, YEAR = 10_000_000, 252  # ticks of the first close; sessions
SCHEMA: dict[str, pl.DataType] = {
    "path": pl.Int32(),
    "depth": pl.Float64(),
    "depth_vs_ath": pl.Float64(),
    "sessions_peak_to_trough": pl.Int32(),
    "gain_trough_to_high": pl.Float64(),
    "sessions_trough_to_recovery": pl.Int32(),
    "end_kind": pl.String(),
    "is_sustained": pl.Boolean(),
    "trough_holds": pl.Boolean(),
    "is_higher": pl.Boolean(),
}


def draws(paths: int, years: int, seed: int) -> NDArray[np.float64]:
    """Standard normal moves, shape (paths, years x 252). One set serves every index and rule, so they differ by them only."""
    return np.random.Generator(np.random.PCG64(seed)).standard_normal((paths, years * YEAR))


def episodes(moves: NDArray[np.float64], mean: float, deviation: float, rule: rally.Rule, horizon: int) -> pl.DataFrame:
    """One row per rally that ended on its path, as ``SCHEMA``.

    ``mean`` and ``deviation`` are of daily log returns. Depths and gains in percent, outcomes of the confirmation after
    ``horizon`` closes (null where the path ends before). Raises ValueError unless the deviation is positive.
    """
    if not deviation > 0:
        raise ValueError(f"a random walk needs a positive deviation, not {deviation}")
    rows: list[tuple[object, ...]] = []
    for number, path in enumerate(moves):
        log_price = np.concatenate([[0.0], np.cumsum(mean + deviation * path)])
        ticks = np.maximum(np.rint(START * np.exp(log_price)), 1.0).astype(np.int64)
        found = [e for e in rally.episodes(ticks, rule) if e.kind is not None]
        at, low, peak, high = (
            np.array([getattr(e, name) for e in found], dtype=np.int64)
            for name in ("up_confirmed", "low", "peak", "high")
        )
        decided = outcomes.Decisions(at, np.zeros_like(at), np.arange(len(at)), ticks[low])
        y = outcomes.outcomes(ticks, decided, horizon)
        top = np.maximum.accumulate(ticks)
        falls, below = 100 * (ticks[low] / ticks[peak] - 1), 100 * (ticks[low] / top[low] - 1)
        gains = 100 * (ticks[high] / ticks[low] - 1)
        for n, e in enumerate(found):
            flags = [None if np.isnan(v) else bool(v) for v in y[n]]
            back = None if e.recovered is None else e.recovered - e.low
            rows.append((number, falls[n], below[n], e.low - e.peak, gains[n], back, e.kind, *flags))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
