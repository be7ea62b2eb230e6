"""Puts against calls, as each evening knew them: VS03 and what VS09 and the mart of sentiment take from it.

Belongs here: what the file of the day before said, means of 5 and 21 sessions, the percentile. Does not: SKEW, the term
structure (``sentiment``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from second import volatility
from second.facts import World, micros
from second.readings import NEVER, shaped

PRODUCTS = ("equity", "index", "total")
FIGURES = ("5", "21", "pct")


@dataclass(frozen=True)
class Told:
    """Of one product, per session of the calendar; NaN, and why, where nothing is told. ``observed``: the session it is of."""

    value: dict[str, np.ndarray]
    word: dict[str, np.ndarray]
    has_ratio: np.ndarray
    observed: np.ndarray
    known: np.ndarray  # 0: nothing was known yet


@cache
def put_call(world: World) -> dict[str, Told]:
    """By product."""
    rows = world.newest("cboe_put_call").filter(pl.col("ratio") > 0, pl.col("session_date").is_in(world.days))
    return {product: _told(world, rows.filter(product=product).sort("session_date")) for product in PRODUCTS}


def _told(world: World, rows: pl.DataFrame) -> Told:
    size = len(world.days)
    at = np.array([world.at[day] for day in rows["session_date"]])
    known = np.array([micros(moment) for moment in rows["known_at"]])
    # in this world no file ever comes after that of a later session
    assert (np.diff(known) >= 0).all(), "a file of options came out of order, which is not computed here"
    ratio = np.full(size, np.nan)
    ratio[at] = rows["ratio"].to_numpy()
    means = {n: np.full(size, np.nan) for n in (5, 21)}
    for n, mean in means.items():
        for t in at.tolist():
            mean[t] = ratio[max(0, t - n + 1) : t + 1].sum() / n if t >= n - 1 else np.nan
        mean[:] = mean.round(9)
    rank, whole = np.full(size, np.nan), np.flatnonzero(~np.isnan(means[5]))
    rank[whole] = volatility.percentile(means[5][whole], 252, 252)
    of_day = {"5": means[5], "21": means[21], "pct": rank}
    value = {name: np.full(size, np.nan) for name in FIGURES}
    word = {name: np.full(size, "NOT_AVAILABLE", dtype="<U13") for name in FIGURES}
    has_ratio, observed, seen = np.zeros(size), np.full(size, NEVER), np.zeros(size)
    for t in range(size):
        newest = int(np.searchsorted(known, world.snapshots[t], side="right")) - 1
        if newest < 0:
            continue
        n = at[newest]
        observed[t], seen[t], is_fresh = world.dates[n], known[newest], n >= t - 1
        has_ratio[t] = is_fresh
        for name in FIGURES:
            value[name][t] = of_day[name][n] if is_fresh else np.nan
            word[name][t] = "STALE_INPUT" if not is_fresh else "WARMUP" if np.isnan(of_day[name][n]) else "OK"
    return Told(value, word, has_ratio, observed, seen)


def readings(world: World) -> pl.DataFrame:
    """VS03."""
    frames = []
    for product, told in put_call(world).items():
        on = np.flatnonzero(told.known > 0)
        for name in FIGURES:
            frames.append(
                shaped(
                    f"VS03_{product}_{name}", product, world, on, told.value[name][on], told.word[name][on],
                    told.has_ratio[on], 1, told.known[on], told.observed[on],
                )
            )  # fmt: skip
    return pl.concat(frames)
