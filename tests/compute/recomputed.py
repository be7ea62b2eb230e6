"""Breadth and correlations once more, in plain numpy from as-traded bars: a second opinion that shares no code.

Belongs here: arithmetic on matrices (stock x session) and vectors. Does not: dbt, SQL, the kernels, any reading of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Matrix = NDArray[Any]
AVERAGES = (20, 50, 100, 200)


@dataclass(frozen=True)
class Bars:
    """As-traded prices and volumes, NaN where there is no bar; ``ratio`` is the split that takes effect that session."""

    days: Sequence[date]
    close: Matrix
    high: Matrix
    low: Matrix
    volume: Matrix
    ratio: Matrix


def facts(bars: Bars) -> dict[str, Matrix]:
    """What each stock did on each session: -1 unknown, 0 no, 1 yes; and the volume in shares of the first session."""
    factor = np.cumprod(bars.ratio, axis=1)
    ticks, highs, lows = (np.floor(m * factor * 10_000 + 0.5) for m in (bars.close, bars.high, bars.low))
    traded = ~np.isnan(bars.close) & (bars.volume > 0)
    out: dict[str, Matrix] = {f"above{n}": np.full(ticks.shape, -1) for n in AVERAGES}
    out |= {name: np.full(ticks.shape, -1) for name in ("high", "low", "high_close", "low_close")}
    move = np.full(ticks.shape, "-")
    for s in range(len(ticks)):
        at = np.flatnonzero(traded[s])
        start = 0
        for p, t in enumerate(at):
            if p and t - at[p - 1] == 1:
                step = ticks[s, t] - ticks[s, t - 1]
                move[s, t] = "A" if step > 0 else "D" if step < 0 else "U"
            if p and t - at[p - 1] > 5:
                start = p
            held = p - start + 1
            for n in AVERAGES:
                if held >= n:
                    out[f"above{n}"][s, t] = int(n * ticks[s, t] > ticks[s, at[p - n + 1 : p + 1]].sum())
            if held > 252:
                before = at[p - 252 : p]
                out["high"][s, t] = int(highs[s, t] > highs[s, before].max())
                out["low"][s, t] = int(lows[s, t] < lows[s, before].min())
                out["high_close"][s, t] = int(ticks[s, t] > ticks[s, before].max())
                out["low_close"][s, t] = int(ticks[s, t] < ticks[s, before].min())
    return out | {"move": move, "volume": np.floor(bars.volume / factor + 0.5)}


def thirds(bars: Bars, member: Matrix, names: Sequence[str]) -> list[dict[int, str]]:
    """Per session: the size of each stock, from the turnover of the quarter before."""
    quarter = [(day.year, (day.month - 1) // 3) for day in bars.days]
    turnover = np.rint(bars.close * bars.volume)
    found: list[dict[int, str]] = []
    ranking: dict[int, str] = {}
    for t, q in enumerate(quarter):
        if t and q != quarter[t - 1]:
            inside = [k for k in range(t) if quarter[k] == quarter[t - 1]]
            medians = {
                s: float(np.median(values))
                for s in np.flatnonzero(member[:, t - 1])
                if (values := [v for v in turnover[s, inside] if v > 0]) != []
            }
            order = sorted(medians, key=lambda s: (-medians[s], names[s]))
            cuts = [len(part) for part in np.array_split(order, 3)]
            labels = [label for label, n in zip(("large", "mid", "small"), cuts, strict=True) for _ in range(n)]
            ranking = {s: f"size_{label}" for s, label in zip(order, labels, strict=True)}
        found.append(ranking)
    return found


def counts(found: dict[str, Matrix], member: Matrix) -> dict[str, Matrix]:
    """Sums over the members of a segment, per session."""
    seen = {"members": member.sum(axis=0)}
    for name, letter in (("advancers", "A"), ("decliners", "D"), ("unchanged", "U")):
        seen[name] = (member & (found["move"] == letter)).sum(axis=0)
    for name, letter in (("up_volume", "A"), ("down_volume", "D")):
        seen[name] = np.where(member & (found["move"] == letter), found["volume"], 0.0).sum(axis=0)
    for n in AVERAGES:
        seen[f"with{n}"] = (member & (found[f"above{n}"] >= 0)).sum(axis=0)
        seen[f"above{n}"] = (member & (found[f"above{n}"] == 1)).sum(axis=0)
    seen["with_52w"] = (member & (found["high"] >= 0)).sum(axis=0)
    for name in ("high", "low", "high_close", "low_close"):
        seen[name] = (member & (found[name] == 1)).sum(axis=0)
    return seen


def average(x: Matrix, k: float) -> tuple[Matrix, Matrix]:
    """Exponential average and the number of values since its seed, by polars; more than three gaps start it anew."""
    value, age = np.full(x.size, np.nan), np.full(x.size, -1)
    at = np.flatnonzero(~np.isnan(x))
    if at.size == 0:
        return value, age
    runs = np.split(at, np.flatnonzero(np.diff(at) > 4) + 1)
    for run in runs:
        smooth = pl.Series(x[run]).ewm_mean(alpha=k, adjust=False).to_numpy()
        for n, t in enumerate(run):
            end = run[n + 1] if n + 1 < run.size else min(t + 4, x.size)
            value[t:end], age[t:end] = smooth[n], n
    return value, age


def summed(x: Matrix, oscillator: Matrix, age: Matrix, classic: bool) -> Matrix:
    """Running sum of the oscillator over the days with a value, begun anew (0, or 1000 + 10 x) with each seed."""
    level, out = np.nan, np.full(x.size, np.nan)
    for t in range(x.size):
        if not np.isnan(x[t]):
            level = (1000 + 10 * x[t] if classic else 0.0) if age[t] == 0 else level + oscillator[t]
        out[t] = level
    return out


def zweig(z: Matrix, share: Matrix) -> Matrix:
    """Sessions on which ``z`` crosses .615 upwards with a value under .40 among the ten before."""
    fired, last = np.zeros(z.size, dtype=bool), -100
    for t in range(1, z.size):
        before = z[max(0, t - 10) : t]
        crossed = z[t] > 0.615 and z[t - 1] <= 0.615 and np.nanmin(before, initial=1.0) < 0.40
        if crossed and not np.isnan(share[t]) and t - last >= 10:
            fired[t], last = True, t
    return fired


def pair(x: Matrix, y: Matrix) -> dict[str, float]:
    """Correlation, Fisher interval, slopes and their intervals of one window by numpy's own functions."""
    both = ~np.isnan(x) & ~np.isnan(y)
    a, b = x[both], y[both]
    r = float(np.corrcoef(a, b)[0, 1])
    width = 1.96 / np.sqrt(a.size - 3)
    clipped = np.clip(r, -1 + 1e-12, 1 - 1e-12)
    found = {"n_obs": a.size, "correlation": r, "r2": r * r}
    low, high = np.tanh(np.arctanh(clipped) - width), np.tanh(np.arctanh(clipped) + width)
    found |= {"ci_low": float(low), "ci_high": float(high)}
    (beta, alpha), centred = np.polyfit(a, b, 1), a - a.mean()
    error = float(np.sqrt(((b - alpha - beta * a) ** 2).sum() / (a.size - 2) / (centred**2).sum()))
    found |= {"beta": float(beta), "beta_ci_low": beta - 1.96 * error, "beta_ci_high": beta + 1.96 * error}
    for side, chosen in (("up", a > 0), ("down", a < 0)):
        found[f"n_{side}"] = int(chosen.sum())
        if chosen.sum() >= 8:
            found[f"{side}_beta"] = float(np.polyfit(a[chosen], b[chosen], 1)[0])
    return found
