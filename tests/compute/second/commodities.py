"""Moves of commodities, oil beside breakeven inflation, and what stocks did beyond the safe havens.

Belongs here: readings made of prices of futures, currencies and the fund of Treasury bonds. Does not: coins.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl

from second import volatility
from second.facts import World, micros
from second.macro import back, histories, is_stale, published_figures, published_vintages
from second.prices import Prices, prices
from second.rates import before, spoken
from second.readings import shaped

NAMES = {"wti": "FU:CL", "brent": "FU:BZ", "gold": "FU:GC", "copper": "FU:HG", "silver": "FU:SI"}
SPANS = (5, 20, 60)


@cache
def _closes(world: World, instrument: str) -> tuple[np.ndarray, np.ndarray]:
    """Close and the moment it was known, per session. Below zero too, where ``prices`` has no bar."""
    symbol = next(row["symbol"] for row in world.instruments if row["instrument_id"] == instrument)
    close, known = np.full((2, len(world.days)), np.nan)
    rows = world.newest("yahoo_bars").filter(pl.col("symbol") == symbol)
    for day, price, at in rows.select("session_date", "close", "known_at").iter_rows():
        if day in world.at:
            close[world.at[day]], known[world.at[day]] = price, micros(at)
    return close, known


def _log(price: np.ndarray) -> np.ndarray:
    return np.log(np.where(price > 0, price, np.nan))


def _worst(known: np.ndarray, window: int) -> np.ndarray:
    held = np.nan_to_num(known)
    return np.array([held[max(0, n + 1 - window) : n + 1].max() for n in range(known.size)])


def moves(world: World) -> pl.DataFrame:
    """CM01 and CM02."""
    found = []
    for key, instrument in NAMES.items():
        close, known = _closes(world, instrument)
        on = np.flatnonzero(~np.isnan(close))
        for span in SPANS:
            old = before(close, span)
            newest = np.fmax(known, before(known, span))
            word = np.where(~np.isnan(old), "OK", np.where(np.arange(old.size) - span < on[0], "WARMUP", "STALE_INPUT"))
            used = 1 + ~np.isnan(old)
            move = 100 * (_log(close) - _log(old))
            name = f"CM01_{key}_{span}"
            found.append(shaped(name, instrument, world, on, move[on], word[on], used[on], 2, newest[on]))
            if key in ("wti", "brent"):
                step = close - old
                found.append(shaped(f"{name}_usd", instrument, world, on, step[on], word[on], used[on], 2, newest[on]))
            if span == 20:
                place = volatility.percentile(move, 252, 227)
                there = (~np.isnan(move)).astype(float)
                n_ranked = np.array([there[max(0, n - 251) : n + 1].sum() for n in range(there.size)])
                n_ranked = np.where(there > 0, n_ranked, 0)
                placed = np.where((word == "OK") & (there > 0) & (n_ranked < 227), "WARMUP", word)
                last = _worst(newest, 252)
                name = f"{name}_pct"
                found.append(shaped(name, instrument, world, on, place[on], placed[on], n_ranked[on], 252, last[on]))
    copper, known = _closes(world, "FU:HG")
    gold, known_gold = _closes(world, "FU:GC")
    on = np.flatnonzero(~np.isnan(copper))
    ratio = _log(copper) - _log(gold)
    move = 100 * (ratio - before(ratio, 60))
    newest = np.fmax.reduce([known, known_gold, before(known, 60), before(known_gold, 60)])
    is_there = ~np.isnan(before(ratio, 60)) & ~np.isnan(ratio)
    word = np.where(is_there, "OK", np.where(np.arange(copper.size) - 60 < on[0], "WARMUP", "STALE_INPUT"))
    used = (~np.isnan(ratio)).astype(int) + ~np.isnan(before(ratio, 60))
    found.append(shaped("CM02_60", "FU:HG", world, on, move[on], word[on], used[on], 2, newest[on]))
    return pl.concat(found)


def breakeven(world: World) -> pl.DataFrame:
    """CM04 and CM05."""
    size = len(world.days)
    value, told = np.zeros(size), np.zeros(size)
    for series, sign in (("DGS10", 1), ("DFII10", -1)):
        one, known = np.full(size, np.nan), np.zeros(size)
        for at, day, figure, _ in sorted(spoken(world)[series], key=lambda t: -t[0]):
            n = world.at.get(day)
            if n is not None and figure is not None:
                one[n], known[n] = figure, at
        value, told = value + sign * one, np.fmax(told, known)
    close, seen = _closes(world, "FU:CL")
    x, y = 100 * (_log(close) - _log(before(close, 1))), 100 * (value - before(value, 1))
    on = np.flatnonzero(~np.isnan(x) & ~np.isnan(y))
    at = np.maximum.accumulate(np.fmax.reduce([seen, before(seen, 1), told, before(told, 1)])[on])
    slope = np.full(on.size, np.nan)
    for k in range(59, on.size):
        window = on[k - 59 : k + 1]
        a, b = x[window] - x[window].mean(), y[window] - y[window].mean()
        slope[k] = (a @ b) / (a @ a)
    end = np.searchsorted(at, world.snapshots, side="right") - 1
    rows = np.flatnonzero(end >= 0)
    end = end[rows]
    used = np.minimum(end + 1, 60)
    word = np.where(rows - on[end] > 3, "STALE_INPUT", np.where(used < 60, "WARMUP", "OK"))
    period = world.dates[on[end]]
    beta = shaped("CM04_10y", "US", world, rows, slope[end], word, used, 60, at[end], period)
    of_beta = {n: (v, w, k, d) for n, v, w, k, d in zip(rows, slope[end], word, at[end], period, strict=True)}
    there = np.flatnonzero(~np.isnan(close))
    old = before(close, 60)
    move, newest = 100 * (_log(close) - _log(old)), np.fmax(seen, before(seen, 60))
    flags = []
    for n in there:
        v, w, known, day = of_beta.get(n, (np.nan, "WARMUP", 0, world.dates[n]))
        is_early = np.isnan(old[n])
        moved = "OK" if not is_early else "WARMUP" if n - 60 < there[0] else "STALE_INPUT"
        is_relief = np.nan if np.isnan(move[n]) else float(move[n] <= -10 and v > 0)
        flags.append(
            (is_relief, moved if moved != "OK" else w, (moved == "OK") + (w == "OK"), max(newest[n], known), day)
        )
    flag, words, count, latest, days = (np.array(column) for column in zip(*flags, strict=True))
    relief = shaped("CM05", "US", world, there, flag, words, count, 2, latest, np.minimum(days, world.dates[there]))
    return pl.concat([beta, relief])


def pass_through(world: World) -> pl.DataFrame:
    """CM03: what each publication of consumer prices says of oil, all months since the first one told in it."""
    series = next(r for r in world.seed("series") if r["series_id"] == "CPIAUCSL")
    history = histories(world)["CPIAUCSL"]
    sources = {
        "vintage": [(k, d, v) for k, d, v in published_vintages(world, "CPIAUCSL")],
        "lag_rule": [(k, d, v) for k, d, v in published_figures(world, series)],
    }
    close, _ = _closes(world, "FU:CL")
    months: dict[date, list[float]] = {}
    for day, price in zip(world.days, close, strict=True):
        if not np.isnan(price):
            months.setdefault(day.replace(day=1), []).append(price)
    oil = {month: float(np.mean(values)) for month, values in months.items()}
    made: dict[int, tuple[float, int]] = {}
    for said in history.said:
        level = {
            day: value for known, day, value in sorted(sources[said.source], key=lambda t: t[0]) if known <= said.known
        }
        rows = []
        for k in range(120):
            month = back(said.newest, k, "M")
            chain = [back(month, n, "M") for n in range(4)]
            if all(level.get(m) for m in chain[:2]) and all(m in oil for m in chain):
                moved = [100 * np.log(oil[a] / oil[b]) for a, b in pairwise(chain)]
                rows.append([1.0, *moved, 100 * (level[chain[0]] / level[chain[1]] - 1)])
        slope = np.nan
        if len(rows) >= 60:
            table = np.array(rows)
            design = table[:, :4]
            slope = float(np.linalg.solve(design.T @ design, design.T @ table[:, 4])[1:].sum())
        made[said.known] = slope, len(rows)
    on, values, words, used, known, period = [], [], [], [], [], []
    for n in range(len(world.days)):
        told = history.at(int(world.snapshots[n])) if str(world.days[n]) >= series["history_from"] else None
        if told is None:
            continue
        slope, count = made[told.known]
        stale = is_stale(told, int(world.snapshots[n]), "M")
        on.append(n)
        values.append(slope)
        words.append("STALE_INPUT" if stale else "WARMUP" if count < 60 else "OK")
        used.append(count)
        known.append(told.known)
        period.append(np.datetime64(told.newest, "D"))
    return shaped(
        "CM03", "US", world, np.array(on), values, np.array(words), used, 120, np.array(known), np.array(period)
    )


def havens(world: World) -> pl.DataFrame:
    """GU05."""
    held, size = prices(world), len(world.days)
    broad = next(p for p in held.values() if p.role == "broad_etf")
    bond = next(p for p in held.values() if p.role == "treasury_etf")
    stocks, known = _month(broad, size)
    on = np.arange(broad.at[0], size)
    found = []
    for name, legs in (
        ("bond", [bond]), ("gold", [held["FU:GC"]]), ("usd", [held["FX:DXY"]]), ("fx", [held["FX:JPY"], held["FX:CHF"]]),
    ):  # fmt: skip
        gained, newest, early = [], known, np.zeros(size, dtype=bool)
        for p in legs:
            change, seen = _month(p, size)
            gained.append(1 / (1 + change) - 1 if name == "fx" else change)
            newest = np.fmax(newest, seen)
            early |= np.arange(size) - 20 < p.at[0]
        used = (~np.isnan(stocks)).astype(int) + sum((~np.isnan(g)).astype(int) for g in gained)
        value = 100 * (stocks - np.mean(gained, axis=0))
        assert not (np.isnan(value) & ~early & (np.arange(size) >= broad.at[0] + 20)).any(), "every bar is there"
        word = np.where(np.isnan(value), "WARMUP", "OK")
        found.append(shaped(f"GU05_{name}", "US", world, on, value[on], word[on], used[on], 1 + len(legs), newest[on]))
    return pl.concat(found)


def spreads(world: World) -> pl.DataFrame:
    """LC13 and XA14: growth less value, and the euro; in this world every bar is there, none in doubt."""
    held, size = prices(world), len(world.days)
    growth, value = (next(p for p in held.values() if p.role == role) for role in ("growth_etf", "value_etf"))
    euro = held["FX:EUR"]
    found = []
    for name, entity, span, legs in (
        ("LC13_20", "growth_etf~value_etf", 20, [growth, value]), ("LC13_60", "growth_etf~value_etf", 60, [growth, value]),
        ("XA14_eur_20", "FX:EUR", 20, [euro]),
    ):  # fmt: skip
        gained = [_month(p, size, span) for p in legs]
        on = np.arange(legs[0].at[0], size)
        spread = gained[0][0] - sum(change for change, _ in gained[1:])
        assert not np.isnan(spread[max(p.at[0] for p in legs) + span :]).any(), "every bar is there"
        used = sum((~np.isnan(change)).astype(int) for change, _ in gained)
        word = np.where(np.isnan(spread), "WARMUP", "OK")
        newest = np.fmax.reduce([seen for _, seen in gained])
        found.append(shaped(name, entity, world, on, 100 * spread[on], word[on], used[on], len(legs), newest[on]))
    return pl.concat(found)


def _month(p: Prices, size: int, span: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Total return over so many sessions, and when both ends were known."""
    level = p.along(np.where(p.is_traded, p.total_return, np.nan), size)
    known = p.along(p.known.astype(float), size)
    return level / before(level, span) - 1, np.fmax(known, before(known, span))
