"""Correlations, slopes and regimes of every pair over every window: ``cross_asset_correlation`` and ``correlation_matrix``.

Belongs here: returns side by side and their statistics, over whole windows at once. Does not: prices, coins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import polars as pl

from second.coins import by_day, coins
from second.facts import World, micros
from second.prices import prices

WINDOWS = (20, 60, 120, 252)
SUBSET = 8
STILL = 1e-12
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Leg:
    """Log returns per session from the first level on, and when each was known (microseconds)."""

    first: int
    returns: np.ndarray
    known: np.ndarray


def _steps(level: np.ndarray) -> np.ndarray:
    """Log changes between consecutive sessions; what is not finite is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.diff(np.log(np.where(level > 0, level, np.nan)), prepend=np.nan)
    return np.where(np.isfinite(step), step, np.nan)


def _bond(world: World, series: str) -> Leg | None:
    """A par bond of the maturity in the name: minus the change of its yield times the duration before."""
    years, told = int(series.removeprefix("DGS")), []
    rows = world.firsts("fred_observations").filter(pl.col("series_id") == series, pl.col("value").is_not_null())
    for day, value, at in rows.sort("observation_date").select("observation_date", "value", "known_at").iter_rows():
        if day in world.at:
            told.append((world.at[day], value / 100, micros(at)))
    earliest = NEVER
    kept = []
    for n, value, at in reversed(told):
        if at <= earliest:  # one that came after the next is no observation any more
            kept.append((n, value, at))
        earliest = min(earliest, at)
    if not kept:
        return None
    kept.reverse()
    returns, known = np.full(len(world.days), np.nan), np.full(len(world.days), NEVER)
    for n, _, at in kept:
        known[n] = at
    for (before, old, _), (n, new, _) in pairwise(kept):
        if n - before == 1:
            worth = sum(0.5 / (1 + old / 2) ** k for k in range(1, 2 * years + 1)) if abs(old) >= 1e-6 else years
            returns[n] = (old - new) * worth
    for n in range(len(world.days) - 2, -1, -1):
        if known[n] == NEVER:
            known[n] = known[n + 1]
    return Leg(kept[0][0], returns, known)


@cache
def legs(world: World) -> dict[tuple[str, str], Leg]:
    """(asset, alignment) → its returns."""
    found: dict[tuple[str, str], Leg] = {}
    for asset in world.seed("correlation_assets"):
        name, entity = asset["asset_id"], asset["entity_id"]
        if asset["kind"] == "yield":
            bond = _bond(world, entity)
            if bond:
                found[name, "session_close"] = bond
        elif asset["kind"] == "price" and entity in prices(world):
            p = prices(world)[entity]
            level = p.along(np.where(p.is_traded, p.total_return, np.nan), len(world.days))
            found[name, "session_close"] = Leg(int(p.at[0]), _steps(level), world.snapshots)
        elif asset["kind"] == "crypto" and entity in coins(world):
            coin = coins(world)[entity]
            for alignment, level in (("nyse_close", coin.at_close), ("utc_day", by_day(world, coin))):
                priced = np.flatnonzero(~np.isnan(level))
                if priced.size:
                    found[name, alignment] = Leg(int(priced[0]), _steps(level), world.snapshots)
    return found


def _sums(values: np.ndarray, window: int) -> np.ndarray:
    """Sum of the last ``window`` values up to each session; missing ones count as nothing."""
    total = np.concatenate([[0.0], np.cumsum(np.where(np.isnan(values), 0.0, values))])
    n = np.arange(values.size)
    return total[n + 1] - total[np.maximum(n + 1 - window, 0)]


@dataclass(frozen=True)
class Line:
    """Per session: observations, correlation, slope of y on x and its standard error."""

    n: np.ndarray
    r: np.ndarray
    slope: np.ndarray
    error: np.ndarray


def _line(x: np.ndarray, y: np.ndarray, window: int, least: int = 3) -> Line:
    there = ~np.isnan(x) & ~np.isnan(y)
    x, y = np.where(there, x, np.nan), np.where(there, y, np.nan)
    n = _sums(there.astype(float), window)
    with np.errstate(divide="ignore", invalid="ignore"):
        mx, my = _sums(x, window) / n, _sums(y, window) / n
        xx, yy = _sums(x * x, window) - n * mx * mx, _sums(y * y, window) - n * my * my
        xy = _sums(x * y, window) - n * mx * my
        moves_x, moves_y = (np.sqrt(np.maximum(s, 0) / (n - 1)) > 1e-9 for s in (xx, yy))
        slope = np.where(moves_x & (n >= max(least, 3)), xy / xx, np.nan)
        error = np.sqrt(np.maximum(yy - slope * xy, 0) / (n - 2) / xx)
        r = np.where((n > 1) & moves_x & moves_y, xy / np.sqrt(xx * yy), np.nan)
    return Line(n, r, slope, error)


def _aligned(a: dict[str, str], b: dict[str, str]) -> list[tuple[str, str, str, int]]:
    """(alignment of x, of y, of the pair, lag) of two assets."""
    x, y = a["kind"] == "crypto", b["kind"] == "crypto"
    if not x and not y:
        return [("session_close", "session_close", "session_close", 0)]
    ways = [("nyse_close", 0), ("utc_day", 0), *([("utc_day", 1)] if x != y else [])]
    return [(w if x else "session_close", w if y else "session_close", w, lag) for w, lag in ways]


@cache
def statistics(world: World) -> pl.DataFrame:
    """One row per pair, alignment, lag, window and session: everything either table shows."""
    assets = sorted(world.seed("correlation_assets"), key=lambda row: int(row["sort_order"]))
    frames = []
    for a, b in combinations(assets, 2):
        for align_x, align_y, alignment, lag in _aligned(a, b):
            x, y = (legs(world).get(key) for key in ((a["asset_id"], align_x), (b["asset_id"], align_y)))
            if x and y:
                frame = _pair(world, x, y, lag if a["kind"] == "crypto" else 0, lag if b["kind"] == "crypto" else 0)
                frames.append(
                    frame.with_columns(
                        asset_x=pl.lit(a["asset_id"]), asset_y=pl.lit(b["asset_id"]), alignment=pl.lit(alignment),
                        lag_sessions=pl.lit(lag, pl.Int32),
                    )
                )  # fmt: skip
    found = pl.concat(frames)
    key = ["session_date", "asset_x", "asset_y", "window_sessions"]
    at_close = found.filter((pl.col("alignment") == "nyse_close") & (pl.col("status") == "OK")).select(key)
    beside = found.join(at_close.with_columns(has_close=True), on=key, how="left")
    is_default = (
        pl.when(pl.col("alignment") == "session_close")
        .then(True)
        .when(pl.col("alignment") == "nyse_close")
        .then(pl.col("status") == "OK")
        .otherwise((pl.col("lag_sessions") == 0) & pl.col("has_close").is_null())
    )
    return beside.with_columns(is_default=is_default).drop("has_close")


def _pair(world: World, x: Leg, y: Leg, lag_x: int, lag_y: int) -> pl.DataFrame:
    first, size = max(x.first, y.first), len(world.days)
    on = np.array([n for n in range(first + 1, size) if world.days[n].year >= 2015])
    rx, ry = (np.concatenate([[np.nan] * lag, leg.returns[: size - lag]]) for leg, lag in ((x, lag_x), (y, lag_y)))
    rx, ry = rx.copy(), ry.copy()
    rx[:first], ry[:first] = np.nan, np.nan
    known = np.maximum(x.known, y.known).copy()
    known[:first] = 0
    known = np.maximum.accumulate(known)
    # the last session of the window: the newest of which everything was known by then
    end = np.searchsorted(known, world.snapshots[on], side="right") - 1
    end = np.minimum(end, size - 1)
    is_there = end >= first
    frames = []
    for window in WINDOWS:
        back, forth = _line(ry, rx, window), _line(rx, ry, window)
        n = np.where(is_there, forth.n[end], 0)
        r = np.where(is_there, np.clip(forth.r[end], -1, 1), np.nan)
        status = np.where(n < 0.9 * window, "WARMUP", np.where(np.isnan(r), "UNDEFINED", "OK"))
        ok = status == "OK"
        with np.errstate(divide="ignore", invalid="ignore"):
            z, width = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), 1.96 / np.sqrt(n - 3)
        columns = {
            "session_date": world.dates[on], "window_end": np.where(is_there, world.dates[end], np.datetime64("NaT")),
            "n_obs": n, "status": status, "known_at": world.snapshots[on], "correlation": np.where(ok, r, np.nan),
            "ci_low": np.where(ok, np.tanh(z - width), np.nan), "ci_high": np.where(ok, np.tanh(z + width), np.nan),
            "r2": np.where(ok, r * r, np.nan),
        }  # fmt: skip
        for leg, line, of, by in (("y", forth, ry, rx), ("x", back, rx, ry)):
            columns[f"beta_of_{leg}"] = np.where(ok, line.slope[end], np.nan)
            for side, sign in (("low", -1.96), ("high", 1.96)):
                columns[f"beta_ci_{side}_of_{leg}"] = np.where(ok, (line.slope + sign * line.error)[end], np.nan)
            for side, sign in (("up", 1), ("down", -1)):
                part = _line(np.where(sign * by > 0, by, np.nan), of, window, SUBSET)
                count, slope = np.where(is_there, part.n[end], 0), part.slope[end]
                word = np.where(count < SUBSET, "LOW_COVERAGE", np.where(np.isnan(slope), "UNDEFINED", "OK"))
                word = np.where(ok, word, status)
                columns[f"n_{side}_of_{leg}"], columns[f"status_{side}_of_{leg}"] = count, word
                columns[f"{side}_beta_of_{leg}"] = np.where(word == "OK", slope, np.nan)
        frames.append(pl.DataFrame(columns).with_columns(window_sessions=pl.lit(window, pl.Int32)))
        if window == 60:
            regime = _regimes(columns["correlation"], columns["ci_low"], columns["ci_high"])
            frames[-1] = frames[-1].with_columns(regime=pl.Series(regime, dtype=pl.String))
        else:
            frames[-1] = frames[-1].with_columns(regime=pl.lit(None, pl.String))
    return pl.concat(frames)


def _regimes(r: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[str | None]:
    """NEG | NONE | MOD | HIGH by -.2, .2 and .5: five sessions in a row on one side, then as far as the interval allows."""
    names, walls = ["NEG", "NONE", "MOD", "HIGH"], [-0.2, 0.2, 0.5]
    found: list[str | None] = []
    now: int | None = None
    trail: list[int] = []
    for value, bottom, top in zip(np.round(r, 9).tolist(), low.tolist(), high.tolist(), strict=True):
        if np.isnan(value):
            found.append(None)
            continue
        here = sum(value >= wall for wall in walls)
        now = here if now is None else now
        side = int(np.sign(here - now))
        trail = [*trail, side] if side and (not trail or trail[-1] == side) else [side] if side else []
        if len(trail) >= 5:
            passed = [
                k for k in range(3) if (bottom > walls[k] and now <= k < here) or (top < walls[k] and here <= k < now)
            ]
            if passed:
                now = max(passed) + 1 if side > 0 else min(passed)
                trail = []
        found.append(names[now])
    return found


def cross_asset_correlation(world: World) -> pl.DataFrame:
    """Once per pair."""
    names = ["session_date", "asset_x", "asset_y", "window_sessions", "alignment", "lag_sessions", "correlation"]
    names += ["ci_low", "ci_high", "n_obs", "regime", "window_end", "is_default", "status", "known_at"]
    is_60 = pl.col("window_sessions") == 60
    status = pl.when(is_60).then("status").otherwise(pl.lit("NOT_AVAILABLE"))
    return statistics(world).select(*names, status_regime=status)


def correlation_matrix(world: World) -> pl.DataFrame:
    """Canonical rows in both directions."""
    same = ["session_date", "window_sessions", "alignment", "lag_sessions", "correlation", "ci_low", "ci_high", "r2"]
    same += ["n_obs", "window_end", "status", "known_at"]
    kept = statistics(world).filter("is_default")
    both = []
    for x, y, leg in (("asset_x", "asset_y", "y"), ("asset_y", "asset_x", "x")):
        renamed = {"beta": f"beta_of_{leg}"}
        renamed |= {f"beta_ci_{side}": f"beta_ci_{side}_of_{leg}" for side in ("low", "high")}
        for side in ("up", "down"):
            renamed |= {f"{side}_beta": f"{side}_beta_of_{leg}", f"n_{side}": f"n_{side}_of_{leg}"}
            renamed[f"status_{side}_beta"] = f"status_{side}_of_{leg}"
        both.append(kept.select(*same, asset_x=x, asset_y=y, **{k: pl.col(v) for k, v in renamed.items()}))
    return pl.concat(both)
