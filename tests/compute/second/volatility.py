"""The volatility indices and the realised volatility of the headline index; what is made of both: ``sentiment``."""

from __future__ import annotations

import numpy as np
import polars as pl

from second.facts import World, micros
from second.prices import Prices, prices


def closes(world: World) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Symbol → its close and the moment it was known (0: never), per session."""
    listed = {row["symbol"] for row in world.instruments if row["asset_class"] == "volatility"}
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {
        symbol: (np.full(len(world.days), np.nan), np.zeros(len(world.days))) for symbol in listed
    }
    rows = world.newest("cboe_index_history").filter(pl.col("close") > 0)
    for symbol, day, close, known in rows.select("symbol", "session_date", "close", "known_at").iter_rows():
        if symbol in listed and day in world.at:
            found[symbol][0][world.at[day]], found[symbol][1][world.at[day]] = close, micros(known)
    return found


def headline(world: World) -> Prices:
    """The index everything is about."""
    return next(p for p in prices(world).values() if p.role == "headline")


def log_returns(p: Prices) -> np.ndarray:
    """Per bar; NaN for the first one after a gap."""
    step = np.diff(np.log(p.ticks.astype(float)), prepend=np.nan)
    return np.where(p.gap == 1, step, np.nan)


def percentile(values: np.ndarray, window: int, least: int) -> np.ndarray:
    """Share of the last ``window`` values below each, plus half of those equal to it (itself among them), in percent."""
    out = np.full(values.size, np.nan)
    padded = np.concatenate([np.full(window - 1, np.nan), values])
    views = np.lib.stride_tricks.sliding_window_view(padded, window)
    for start in range(0, values.size, 2_000):
        view, now = views[start : start + 2_000], values[start : start + 2_000, None]
        held = (~np.isnan(view)).sum(axis=1)
        below, equal = (view < now).sum(axis=1), (view == now).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            out[start : start + 2_000] = np.where(held >= least, 100 * (below + equal / 2) / held, np.nan)
    return out


def realised(world: World) -> np.ndarray:
    """Deviation of the last 21 returns of the headline index at a yearly scale of 252, in percent, per session."""
    p = headline(world)
    deviation = pl.Series(log_returns(p)).fill_nan(None).rolling_std(21, min_samples=21).to_numpy()
    return p.along(100 * deviation * 252**0.5, len(world.days))
