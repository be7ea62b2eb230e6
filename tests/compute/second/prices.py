"""Prices of one instrument after another: adjusted, their moves, averages, extremes; the columns of ``market_daily``.

Belongs here: arithmetic on the bars of one instrument. Does not: counting instruments (``breadth``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from second.facts import World, micros

AVERAGES = (20, 50, 100, 200)
YEAR = 252
UNKNOWN = -1  # of a flag


@dataclass(frozen=True)
class Prices:
    """Bars of one instrument, oldest first; ``at`` are positions of sessions, flags are -1, 0 or 1."""

    instrument_id: str
    asset_class: str
    role: str
    at: np.ndarray
    bars: dict[str, np.ndarray]
    known: np.ndarray
    source: str
    is_traded: np.ndarray
    split: np.ndarray
    total: np.ndarray
    ticks: np.ndarray
    gap: np.ndarray
    step: np.ndarray
    flags: dict[str, np.ndarray]
    drawdown: np.ndarray

    @property
    def total_return(self) -> np.ndarray:
        """Close times splits and reinvested dividends."""
        return self.bars["close"] * self.total

    def along(self, values: np.ndarray, days: int) -> np.ndarray:
        """Values per session of the calendar, NaN where there is no bar."""
        out = np.full(days, np.nan)
        out[self.at] = values
        return out


def _rounded(x: np.ndarray) -> np.ndarray:
    return np.floor(x + 0.5).astype(np.int64)


@cache
def prices(world: World) -> dict[str, Prices]:
    """Every instrument with bars."""
    named = {row["symbol"]: row for row in world.instruments if row["asset_class"] not in ("crypto", "volatility")}
    bars = world.newest("yahoo_bars").filter(pl.col("close") > 0, pl.col("session_date").is_in(world.days))
    actions: dict[str, list[tuple[int, str, float]]] = {}
    for row in world.newest("yahoo_actions").sort("ex_date").iter_rows(named=True):
        n = world.session_on_or_after(row["ex_date"])
        if n is not None and row["value"] > 0:
            assert micros(row["known_at"]) <= world.snapshots[n], f"{row}: learnt late, which is not computed here"
            actions.setdefault(row["symbol"], []).append((n, row["action"], row["value"]))
    found = {}
    for (symbol,), one in bars.sort("session_date").group_by(["symbol"], maintain_order=True):
        row = named.get(str(symbol))
        name = row["instrument_id"] if row else world.owner(str(symbol))
        kind, role = (row["asset_class"], row["role"]) if row else ("stock", "stock")
        found[name] = _adjusted(world, name, kind, role, one, actions.get(str(symbol), []))
    return found


def _adjusted(
    world: World, name: str, kind: str, role: str, one: pl.DataFrame, actions: list[tuple[int, str, float]]
) -> Prices:
    at = np.array([world.at[day] for day in one["session_date"]])
    bars = {c: one[c].cast(pl.Float64).to_numpy() for c in ("open", "high", "low", "close", "volume")}
    split, total = np.ones(at.size), np.ones(at.size)
    paid: dict[int, float] = {}
    for n, what, value in actions:
        p = int(np.searchsorted(at, n))
        if n <= at[0] or p >= at.size:
            continue
        if what == "split":
            split[p:] *= value
            total[p:] *= value
        else:
            paid[p] = paid.get(p, 0.0) + value
    for p, cash in paid.items():
        total[p:] *= 1 + cash / bars["close"][p]
    is_traded = ~(bars["volume"] <= 0) if kind in ("stock", "etf") else np.full(at.size, True)
    ticks = _rounded(bars["close"] * split * 10_000)
    highs, lows = (
        _rounded(np.where(np.isnan(bars[c]), bars["close"], bars[c]) * split * 10_000) for c in ("high", "low")
    )
    flags = {f"above_sma{n}": np.full(at.size, UNKNOWN) for n in AVERAGES}
    flags |= {
        k: np.full(at.size, UNKNOWN) for k in ("new_high_52w", "new_low_52w", "new_high_52w_close", "new_low_52w_close")
    }
    gap, step, drawdown = np.full(at.size, np.nan), np.zeros(at.size, dtype=np.int64), np.full(at.size, np.nan)
    held = np.flatnonzero(is_traded)
    for those in (held, np.flatnonzero(~is_traded)):
        gap[those[1:]] = np.diff(at[those])
    if held.size:
        t, inside = ticks[held], _bars_in_run(gap[held])
        step[held[1:]] = np.sign(np.diff(t))
        sums = np.concatenate([[0], np.cumsum(t)])
        for n in AVERAGES:
            ends = np.arange(n - 1, t.size)
            above = n * t[n - 1 :] > sums[ends + 1] - sums[ends + 1 - n]
            flags[f"above_sma{n}"][held[n - 1 :]] = np.where(inside[n - 1 :] >= n, above, UNKNOWN)
        for name_, values, most in (
            ("new_high_52w", highs[held], True), ("new_low_52w", lows[held], False),
            ("new_high_52w_close", t, True), ("new_low_52w_close", t, False),
        ):  # fmt: skip
            series = pl.Series(values)
            before = (series.rolling_max(YEAR) if most else series.rolling_min(YEAR)).shift(1).fill_null(0).to_numpy()
            beyond = values > before if most else values < before
            flags[name_][held] = np.where(inside > YEAR, beyond, UNKNOWN)
        drawdown[held] = t / np.maximum.accumulate(t) - 1
    known = one["known_at"].dt.timestamp("us").to_numpy()
    return Prices(
        name, kind, role, at, bars, known, one["source"][0], is_traded, split, total, ticks, gap, step, flags, drawdown
    )


def _bars_in_run(gap: np.ndarray) -> np.ndarray:
    """How many bars hang together up to each, where more than five missing sessions end a run."""
    n = np.arange(gap.size)
    starts = np.where((gap > 5) | (n == 0), n, 0)
    return n - np.maximum.accumulate(starts) + 1


def moves(p: Prices) -> np.ndarray:
    """A, D, U or untraded per bar."""
    letter = np.array(["D", "U", "A"])[p.step + 1]
    return np.where(p.is_traded & (p.gap == 1), letter, "untraded")


def _status(value_is_there: np.ndarray, is_stale: np.ndarray) -> np.ndarray:
    return np.where(value_is_there, "OK", np.where(is_stale, "STALE_INPUT", "WARMUP"))


def _is_doubted(p: Prices, index: Prices) -> np.ndarray:
    """Bars whose step from the bar before looks like a split that nobody lists (stocks): it stands a fifth out of the
    index's move, the whole bar lies beyond, and the day was no wider and no busier than the twenty before it."""
    found = np.full(p.at.size, False)
    if p.asset_class != "stock":
        return found
    level = dict(zip(index.at.tolist(), np.log(index.bars["close"]).tolist(), strict=True))
    held = np.flatnonzero(p.is_traded)
    price = np.log(p.bars["close"][held] * p.split[held])
    paid = np.log(p.total[held] / p.split[held])
    for n in range(1, held.size):
        step = (price[n] + paid[n]) - (price[n - 1] + paid[n - 1])
        if abs(step) < 0.2 or n < 10:
            continue
        own = step - (level.get(int(p.at[held[n]]), np.nan) - level.get(int(p.at[held[n - 1]]), np.nan))
        past = held[max(0, n - 20) : n]
        ranges = np.log(p.bars["high"] / p.bars["low"])
        edge = p.bars["high" if step < 0 else "low"][held[n]] * p.split[held[n]]
        busy = min(
            p.bars["volume"][held[n]] / p.split[held[n]] / np.median(p.bars["volume"][past] / p.split[past]),
            p.bars["volume"][held[n]]
            * p.bars["close"][held[n]]
            / np.median((p.bars["volume"] * p.bars["close"])[past]),
        )
        found[held[n]] = (
            abs(own) >= 0.2
            and own * step > 0
            and (np.log(edge) - price[n - 1]) / step >= 0.6
            and ranges[held[n]] <= max(3 * np.median(ranges[past]), 0.02)
            and busy <= 2.5
        )
    return found


def market_daily(world: World) -> pl.DataFrame:
    """One row per instrument and session it has a bar and belongs to us."""
    frames = []
    default = next(u["universe_id"] for u in world.seed("universes") if u["is_default"] == "true")
    index = next(p for p in prices(world).values() if p.role == "headline")
    for p in prices(world).values():
        assert not _is_doubted(p, index).any(), f"{p.instrument_id}: a bar in doubt, whose end is not computed here"
        stays = {u: by.get(p.instrument_id, []) for u, by in world.stays.items()}
        everywhere = [stay for by in stays.values() for stay in by]
        kept = np.full(p.at.size, True)
        has_left = any(stay.end.year < 9999 for stay in everywhere)
        if p.instrument_id in world.reused or has_left:
            since = world.session_on_or_after(min(stay.first for stay in everywhere)) if has_left else 0
            first = 0 if p.instrument_id in world.reused or since is None else since
            kept = world.mask(everywhere)[p.at] | (p.at < first)
        total = p.total_return
        back = np.concatenate([[np.nan], total[:-1]])
        traded = np.flatnonzero(p.is_traded)
        back[traded[1:]] = total[traded[:-1]]
        given = p.is_traded & (p.gap == 1)
        change = np.where(given, 100 * (total / back - 1), np.nan)
        is_stale = ~p.is_traded
        nth = np.where(p.is_traded, np.cumsum(p.is_traded), np.cumsum(~p.is_traded))
        columns = {
            "session_date": world.dates[p.at], **{c: p.bars[c] for c in ("open", "high", "low", "close", "volume")},
            "close_split": p.bars["close"] * p.split, "close_tr": total, "close_adj_final": total / p.total[-1],
            "return_1d": change, "move": moves(p), "drawdown": 100 * p.drawdown,
            "is_member_large": world.mask(stays[default])[p.at], "known_at": p.known,
            "status_return": _status(given, is_stale | (p.gap > 1) | (np.isnan(p.gap) & (nth > 1))),
            "status_drawdown": _status(p.is_traded, is_stale),
            "doubt": np.full(p.at.size, None, dtype=object), "status_price": np.full(p.at.size, "OK"),
            "status_volume": np.where(np.isnan(p.bars["volume"]), "NOT_AVAILABLE", "OK"),
            "status_52w": _status(p.flags["new_high_52w"] >= 0, is_stale),
        }  # fmt: skip
        columns |= {f"status_sma{n}": _status(p.flags[f"above_sma{n}"] >= 0, is_stale) for n in AVERAGES}
        columns |= {name: np.where(f < 0, np.nan, f) for name, f in p.flags.items() if not name.endswith("_close")}
        frame = pl.DataFrame(columns).filter(kept)
        frames.append(frame.with_columns(instrument_id=pl.lit(p.instrument_id), source=pl.lit(p.source)))
    return pl.concat(frames)
