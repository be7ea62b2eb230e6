"""Who takes part in a move: equal against cap weight, sizes, divergence at a high, the week (BR13, BR16, BR17, BR18).

Belongs here: readings made of all members' returns. Does not: counts of a day (``breadth``), sectors' funds (``leadership``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from second import breadth, funds, leadership, volatility
from second.facts import World
from second.prices import prices
from second.readings import shaped

SIZES = ("size_large", "size_mid", "size_small")


@dataclass(frozen=True)
class Part:
    """The universe or a size third on its sessions ``on``: mean return (NaN: too few), and how many gained in the week."""

    on: np.ndarray
    members: np.ndarray
    counts: np.ndarray  # status of the day's counts
    sma: np.ndarray  # status of the averages
    known: np.ndarray
    mean: np.ndarray
    with_week: np.ndarray
    gained: np.ndarray
    frame: pl.DataFrame

    def chained(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return over n sessions, why it is missing, sessions used, when it was known: per session of ``on``."""
        size = self.on.size
        value, word = np.full(size, np.nan), np.full(size, "OK", dtype="<U13")
        used, known = np.zeros(size), np.zeros(size)
        for k in range(size):
            inside = np.flatnonzero(self.on[: k + 1] > self.on[k] - n)
            daily = self.mean[inside]
            used[k], known[k] = (~np.isnan(daily)).sum(), self.known[inside].max()
            if self.on[k] - self.on[0] + 1 < n or (self.counts[inside] == "WARMUP").any():
                word[k] = "WARMUP"
            elif used[k] < n:
                word[k] = "LOW_COVERAGE"
            else:
                value[k] = np.expm1(np.log1p(daily).sum())
        return value, word, used, known


@cache
def parts(world: World) -> tuple[str, float, dict[str, Part]]:
    """The default universe, its floor, and its parts by name: the universe itself and its size thirds."""
    universe = next(u for u in world.seed("universes") if u["is_default"] == "true")
    floor, name = float(universe["coverage_floor"]), universe["universe_id"]
    stocks = breadth.all_stocks(world)
    level = np.full(stocks.move.shape, np.nan)
    for row, stock in enumerate(stocks.names):
        p = prices(world).get(stock)
        if p is not None and p.asset_class == "stock":
            level[row] = p.along(np.where(p.is_traded, p.total_return, np.nan), len(world.days))
    step = np.full(level.shape, np.nan)
    step[:, 1:] = level[:, 1:] / level[:, :-1] - 1
    # a week's return needs every one of its sessions
    week = np.full(level.shape, np.nan)
    whole = np.logical_and.reduce([~np.isnan(step[:, 5 - k : level.shape[1] - k]) for k in range(5)])
    week[:, 5:] = np.where(whole, level[:, 5:] / level[:, :-5] - 1, np.nan)
    told = breadth.segments(world).filter(pl.col("universe_id") == name).sort("session_date")
    found = {}
    for kind, label, mask in breadth.parts(world, stocks, name):
        if kind == "sector" or not mask.any():
            continue
        on = np.flatnonzero(mask.any(axis=0))
        frame = told.filter(segment_type=kind, segment_id=label)
        inside = mask[:, on]
        with_return = (inside & ~np.isnan(step[:, on])).sum(axis=0)
        total = np.where(inside, np.nan_to_num(step[:, on]), 0).sum(axis=0)
        members = inside.sum(axis=0)
        counts = frame["status_counts"].to_numpy()
        is_enough = (with_return >= floor * members) & np.isin(counts, ("OK", "UNDEFINED")) & (with_return > 0)
        found[label] = Part(
            on, members, counts, frame["status_sma"].to_numpy(), frame["known_at"].to_numpy(),
            np.where(is_enough, total / np.maximum(with_return, 1), np.nan),
            (inside & ~np.isnan(week[:, on])).sum(axis=0), (inside & (week[:, on] > 1e-10)).sum(axis=0), frame,
        )  # fmt: skip
    return name, floor, found


def equal_less_cap(world: World) -> pl.DataFrame:
    """BR13."""
    name, _, found = parts(world)
    whole, (_, broad) = found[name], leadership.held(world)
    frames = []
    for n in (1, 20, 60, 252):
        value, word, used, known = whole.chained(n)
        cap, why_not, cap_known = (x[whole.on] for x in broad.change(n))
        word = np.where(word == "OK", why_not, word)
        frames.append(
            shaped(f"BR13_{n}", name, world, whole.on, 100 * (value - cap), word, used, n, np.fmax(known, cap_known))
        )
    return pl.concat(frames)


def sizes(world: World) -> pl.DataFrame:
    """BR16."""
    name, _, found = parts(world)
    whole, frames = found[name], []
    size = len(world.days)
    returns, words, knowns = {}, {}, {}
    for label in SIZES:
        part = found[label]
        value, word, used, known = part.chained(20)
        returns[label] = _along(value, part.on, size, np.nan)
        words[label] = _along(word, part.on, size, "WARMUP")
        knowns[label] = np.where(
            part_known := _along(known, part.on, size, 0.0), part_known, _along(whole.known, whole.on, size, 0.0)
        )
        frames.append(
            shaped(
                "BR16_20", label, world, whole.on, 100 * returns[label][whole.on], words[label][whole.on],
                _along(used, part.on, size, 0.0)[whole.on], 20, knowns[label][whole.on],
            )
        )  # fmt: skip
        share = part.frame["pct_above_sma50"].cast(pl.Float64).to_numpy()
        seen = _along(part.known, part.on, size, 0.0)
        frames.append(
            shaped(
                "BR16_50", label, world, whole.on, _along(share, part.on, size, np.nan)[whole.on],
                _along(part.sma, part.on, size, "WARMUP")[whole.on],
                _along(part.frame["n_with_sma"].to_numpy(), part.on, size, 0.0)[whole.on],
                _along(part.members.astype(float), part.on, size, 0.0)[whole.on],
                np.where(seen > 0, seen, _along(whole.known, whole.on, size, 0.0))[whole.on],
            )
        )  # fmt: skip
    stacked = np.stack([returns[label] for label in SIZES])
    there = ~np.isnan(stacked)
    # the reason of the smallest third that has none
    word = np.full(size, "OK", dtype="<U13")
    for label in SIZES:
        word = np.where(words[label] == "OK", word, words[label])
    known = np.maximum.reduce([knowns[label] for label in SIZES])[whole.on]
    used = there.sum(axis=0)[whole.on]
    spread = 100 * (returns["size_small"] - returns["size_large"])[whole.on]
    up = (stacked > 0).sum(axis=0)[whole.on]
    frames.append(shaped("BR16_positive_20", name, world, whole.on, up, word[whole.on], used, 3, known))
    frames.append(shaped("BR16_spread_20", name, world, whole.on, spread, word[whole.on], used, 3, known))
    return pl.concat(frames)


def _along(values: np.ndarray, on: np.ndarray, size: int, missing: float | str) -> np.ndarray:
    out = np.full(size, missing, dtype="<U13" if isinstance(missing, str) else float)
    out[on] = values
    return out


def divergence(world: World) -> pl.DataFrame:
    """BR17."""
    name, _, found = parts(world)
    whole, p = found[name], volatility.headline(world)
    at = {int(n): k for k, n in enumerate(whole.on)}
    line = whole.frame["rana_line"].cast(pl.Float64).to_numpy()
    share = whole.frame["pct_above_sma50"].cast(pl.Float64).to_numpy()
    close = {int(n): int(t) for n, t in zip(p.at, p.ticks, strict=True)}
    seen = {int(n): int(m) for n, m in zip(p.at, np.maximum.accumulate(p.known), strict=True)}
    values, words, used, knowns = [], [], [], []
    before: int | None = None
    for n in range(int(min(p.at[0], whole.on[0])), len(world.days)):
        past = [close[m] for m in range(n - 62, n + 1) if m in close]
        is_high = len(past) == 63 and close[n] == max(past)
        if n in at:
            k, value, word, parts_used = at[n], 0.0, "OK", 0
            known = max(whole.known[k], seen[n])
            if n - int(p.at[0]) + 1 < 126:
                word = "WARMUP"
            elif whole.counts[k] != "OK" and whole.sma[k] != "OK":
                word = whole.counts[k]
            if is_high and before is not None and before in at:
                j = at[before]
                known = max(known, whole.known[j])
                skipped = (whole.counts[j + 1 : k + 1] != "OK").any()
                below = [
                    None if skipped or np.isnan(line[k]) or np.isnan(line[j]) else bool(line[k] < line[j]),
                    None if np.isnan(share[k]) or np.isnan(share[j]) else bool(share[k] < share[j]),
                ]
                parts_used = sum(b is not None for b in below)
                value = float(any(below))
                if word == "OK" and value == 0 and None in below:
                    reasons = [whole.counts[k], whole.sma[k], whole.sma[j], "LOW_COVERAGE"]
                    word = next(r for r in reasons if r != "OK")
            elif is_high and word == "OK":
                word = "WARMUP"
            values.append(value)
            words.append(word)
            used.append(parts_used)
            knowns.append(known)
        before = n if is_high else before
    return shaped("BR17", name, world, whole.on, values, np.array(words), used, 2, knowns)


def week(world: World) -> pl.DataFrame:
    """BR18: rows for sessions that ended a week, no others."""
    name, floor, found = parts(world)
    whole, ends = found[name], funds.week_ends(world)
    k = np.array([n for n, at in enumerate(whole.on) if ends[at] == at])
    word = np.where(whole.with_week < floor * whole.members, "LOW_COVERAGE", "OK")
    word[:5] = "WARMUP"
    with np.errstate(invalid="ignore", divide="ignore"):
        share = 100 * whole.gained / whole.with_week
    return shaped(
        "BR18", name, world, whole.on[k], share[k], word[k], whole.with_week[k], whole.members[k], whole.known[k]
    )
