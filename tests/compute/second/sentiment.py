"""Volatility of the index, of its members, and what they make together: VS01 to VS10 and the mart of sentiment.

Belongs here: premium, percentiles, single stocks, correlation, dispersion. Does not: closes of the indices and the realised
volatility of the headline index (``volatility``), weights (``weights``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second import breadth, options, volatility
from second.facts import World
from second.prices import prices
from second.readings import shaped
from second.weights import default_universe, weighed

MONTH, MOVED = 21, 0.05
YEAR, FIVE = 252, 1260


@dataclass(frozen=True)
class Members:
    """Per session of the calendar (NaN, or why not, where there is none)."""

    universe: str
    on: np.ndarray  # sessions on which the universe has members
    first_weighed: int
    count: np.ndarray
    figures: dict[str, np.ndarray]
    words: dict[str, np.ndarray]
    used: dict[str, np.ndarray]
    known: np.ndarray
    known_weighed: np.ndarray


@cache
def members(world: World) -> Members:
    """The members of the default universe, and what they did."""
    universe = default_universe(world)
    name, floor, low = (
        universe["universe_id"],
        float(universe["coverage_floor"]),
        float(universe["history_coverage_floor"]),
    )
    told = breadth.segments(world).filter(universe_id=name, segment_type="universe", segment_id=name)
    days = len(world.days)
    held, stocks = weighed(world), prices(world)
    returns = np.full(held.member.shape, np.nan)
    for row, stock in enumerate(held.names):
        p = stocks.get(stock)
        if p is not None and p.asset_class == "stock":
            level = p.along(np.where(p.is_traded, p.total_return, np.nan), days)
            returns[row, 1:] = level[1:] / level[:-1] - 1
    # every one of 21 sessions in a row has a return
    logs, vol = np.log1p(returns), np.full(returns.shape, np.nan)
    for t in range(MONTH - 1, days):
        window = logs[:, t - MONTH + 1 : t + 1]
        mean = window.mean(axis=1, keepdims=True)
        vol[:, t] = np.sqrt(((window - mean) ** 2).sum(axis=1) / (MONTH - 1) * 252)
    close, opened, seen = held.at_close(), held.at_open(), held.known
    seen_before = held.known_at_open()
    at = {
        n: row for n, row in zip((world.at[d] for d in told["session_date"]), told.iter_rows(named=True), strict=True)
    }
    on, first = np.array(sorted(at)), min(at)
    keys = ("moves", "median", "weighted", "parts", "dispersion")
    figures = {key: np.full(days, np.nan) for key in keys}
    words = {key: np.full(days, "NOT_AVAILABLE", dtype="<U13") for key in ("moves", "median", "weighted", "dispersion")}
    used = {key: np.zeros(days) for key in words}
    count, known, known_weighed = np.zeros(days), np.zeros(days), np.zeros(days)
    for n in on.tolist():
        inside = held.member[:, n]
        r, s, w, before = returns[inside, n], vol[inside, n], close[inside, n], opened[inside, n]
        with_r, with_s = ~np.isnan(r), ~np.isnan(s)
        count[n], known[n] = at[n]["members"], at[n]["known_at"]
        used["moves"][n], used["median"][n] = with_r.sum(), with_s.sum()
        words["moves"][n] = "WARMUP" if n - first < 1 else "OK" if with_r.sum() >= floor * count[n] else "LOW_COVERAGE"
        words["median"][n] = (
            "WARMUP" if n - first < MONTH else "OK" if with_s.sum() >= low * count[n] else "LOW_COVERAGE"
        )
        if words["moves"][n] == "OK":
            figures["moves"][n] = 100 * (np.abs(r[with_r]).round(12) >= MOVED).sum() / with_r.sum()
        if words["median"][n] == "OK":
            figures["median"][n] = 100 * np.median(s[with_s])
        if n < held.first:
            continue
        whose, counted = with_s & ~np.isnan(w), with_r & ~np.isnan(before)
        used["weighted"][n], used["dispersion"][n] = whose.sum(), counted.sum()
        rows = np.flatnonzero(inside)
        any_weight = [seen[k, n] for k in rows if not np.isnan(close[k, n])]
        any_weight += [seen_before[k, n] for k in rows if not np.isnan(opened[k, n])]
        known_weighed[n] = max([known[n], held.told_at[n], *any_weight])
        status = held.status[n]
        is_whole = w[whose].sum() >= low
        words["weighted"][n] = status if status != "OK" else "OK" if is_whole else "LOW_COVERAGE"
        if words["weighted"][n] == "OK":
            share = w[whose] / w[whose].sum()
            figures["weighted"][n] = 100 * (share * s[whose]).sum()
            figures["parts"][n] = 1e4 * ((share * s[whose]) ** 2).sum()
        is_enough = before[counted].sum() >= floor
        words["dispersion"][n] = "OK" if is_enough else "LOW_COVERAGE" if status == "OK" else status
        if is_enough:
            share = before[counted] / before[counted].sum()
            middle = (share * r[counted]).sum()
            figures["dispersion"][n] = 100 * np.sqrt((share * (r[counted] - middle) ** 2).sum())
    return Members(name, on, held.first, count, figures, words, used, known, known_weighed)


def _rank(values: np.ndarray, window: int, least: int) -> np.ndarray:
    """Percentile of each value among the last ones that are there; sessions without one are not counted."""
    out, there = np.full(values.size, np.nan), np.flatnonzero(~np.isnan(values))
    out[there] = volatility.percentile(values[there].round(9), window, least)
    return out


def _median(values: np.ndarray) -> np.ndarray:
    out, there = np.full(values.size, np.nan), np.flatnonzero(~np.isnan(values))
    for k, n in enumerate(there):
        if k + 1 >= YEAR:
            out[n] = np.median(values[there[max(0, k + 1 - FIVE) : k + 1]])
    return out


def _known(known: np.ndarray, back: int) -> np.ndarray:
    """When the newest of the last ``back`` sessions' figures was known (0: none is)."""
    return np.array([known[max(0, n + 1 - back) : n + 1].max() for n in range(known.size)])


@dataclass(frozen=True)
class Sessions:
    """Per session of the calendar: value, why there is none, and which sessions have a row."""

    start: int
    value: dict[str, np.ndarray]
    word: dict[str, np.ndarray]


@cache
def sessions(world: World) -> Sessions:
    """All figures, from the first session with a volatility index on."""
    held, m, size = volatility.closes(world), members(world), len(world.days)
    nothing = np.full(size, np.nan)
    vix, near, far, of_vix, skew = (
        held.get(s, (nothing,))[0] for s in ("VIX", "VIX9D", "VIX3M", "VVIX", "SKEW")
    )  # fmt: skip
    start = min(int(np.flatnonzero(~np.isnan(close))[0]) for close, _ in held.values() if (~np.isnan(close)).any())
    calm = volatility.realised(world)
    change = np.concatenate([np.full(5, np.nan), vix[5:] - vix[:-5]])
    change[: start + 5] = np.nan
    year, five = _rank(vix, YEAR, YEAR), _rank(vix, FIVE, FIVE)
    moves = m.figures["moves"]
    mean = np.full(size, np.nan)
    for n in range(start + 19, size):
        mean[n] = moves[n - 19 : n + 1].mean()
    hot, middle = _rank(mean, FIVE, YEAR), _median(vix)
    mean_vol, parts = m.figures["weighted"], m.figures["parts"]
    bottom = mean_vol**2 - parts
    is_busy = [None if np.isnan(h) else bool(h > 80) for h in hot]
    is_calm = [None if np.isnan(v) or np.isnan(d) else bool(v < d) for v, d in zip(vix, middle, strict=True)]
    both = list(zip(is_busy, is_calm, strict=True))
    hot_names = np.array([0.0 if False in pair else np.nan if None in pair else 1.0 for pair in both])
    value = {
        "vix": vix, "vix9d": near, "vix3m": far, "vvix": of_vix, "skew": skew, "d5": change, "pct_252": year,
        "pct_5y": five, "slope_9d": vix / near - 1, "slope_3m": far / vix - 1, "skew_pct": _rank(skew, YEAR, YEAR),
        "realised": calm, "points": vix - calm, "variance": vix**2 - calm**2, "implied": (vix**2 - parts) / bottom,
        "realised_correlation": (calm**2 - parts) / bottom, "hot": hot_names, **m.figures,
    }  # fmt: skip

    def missing(name: str, needed: np.ndarray, otherwise: str = "WARMUP") -> np.ndarray:
        why = np.where(np.isnan(needed), "NOT_PUBLISHED", otherwise)
        return np.where(np.isnan(value[name]), why, "OK")

    word = {
        **{name: missing(name, vix) for name in ("vix", "d5", "pct_252", "pct_5y", "points")},
        **{name: missing(name, nothing) for name in ("skew", "slope_9d", "slope_3m")},
        "skew_pct": missing("skew_pct", skew), **m.words,
    }  # fmt: skip
    for name, why in (("implied", missing("implied", vix, "UNDEFINED")),
                      ("realised_correlation", np.where(np.isnan(calm), "WARMUP", "OK"))):  # fmt: skip
        word[name] = np.where(m.words["weighted"] != "OK", m.words["weighted"], why)
    unmoved = np.where(m.words["moves"] != "OK", m.words["moves"], "WARMUP")
    word["hot"] = np.where(np.isnan(hot_names), np.where(np.isnan(vix), "NOT_PUBLISHED", unmoved), "OK")
    for product, told in options.put_call(world).items():
        for name, figure in (("", "5"), ("_percentile", "pct")):
            value[f"put_call_{product}{name}"] = told.value[figure]
            word[f"put_call_{product}{name}"] = told.word[figure]
    # the term structure is ranked the other way round: flat is high
    flat, fear = 100 - _rank(value["slope_3m"], YEAR, YEAR), value["put_call_equity_percentile"]
    value["protection"] = (fear + value["skew_pct"] + flat) / 3
    value["protection_parts"] = sum((~np.isnan(x)).astype(float) for x in (fear, value["skew_pct"], flat))
    unasked = word["put_call_equity_percentile"]
    is_silent = np.isnan(skew) | np.isnan(value["slope_3m"])
    why = np.where(unasked != "OK", unasked, np.where(is_silent, "NOT_PUBLISHED", "WARMUP"))
    word["protection"] = np.where(np.isnan(value["protection"]), why, "OK")
    value["busy_known"], value["calm_known"] = (
        np.array([float(pair[k] is not None) for pair in both]) for k in (0, 1)
    )  # fmt: skip
    return Sessions(start, value, word)


def volatility_sentiment_daily(world: World) -> pl.DataFrame:
    """One row per session since the first volatility close."""
    s = sessions(world)
    columns: dict[str, tuple[str, str | None]] = {
        "vix": ("vix", ""), "vix_percentile_252": ("pct_252", "_percentile"),
        "vix_percentile_5y": ("pct_5y", "_percentile_5y"), "vix9d": ("vix9d", None), "vix3m": ("vix3m", None),
        "vvix": ("vvix", None), "term_slope_9d": ("slope_9d", "_term_9d"), "term_slope_3m": ("slope_3m", "_term_3m"),
        "skew": ("skew", "_skew"), "skew_percentile_252": ("skew_pct", "_skew_percentile"),
        "realised_vol_21": ("realised", None), "vol_risk_premium": ("points", "_vol_risk_premium"),
        "variance_risk_premium": ("variance", None), "single_stock_vol": ("median", "_single_stock_vol"),
        "single_stock_vol_weighted": ("weighted", "_single_stock_vol_weighted"),
        "share_moved_5pct": ("moves", "_share_moved"), "implied_correlation": ("implied", "_implied_correlation"),
        "realised_correlation": ("realised_correlation", "_realised_correlation"),
        "dispersion": ("dispersion", "_dispersion"), "hot_names": ("hot", "_hot_names"),
        "protection_demand": ("protection", "_protection_demand"),
        **{
            f"put_call_{product}{name}": (f"put_call_{product}{name}", f"_put_call_{product}{name}")
            for product in options.PRODUCTS
            for name in ("", "_percentile")
        },
    }  # fmt: skip
    frame: dict[str, Any] = {"session_date": world.dates, "known_at": world.snapshots}
    for name, (figure, block) in columns.items():
        frame[name] = s.value[figure]
        if block is not None:
            frame[f"status{block}"] = s.word[figure]
    outside = np.abs(s.value["implied"] - 0.5) > 0.5
    frame["is_implied_correlation_possible"] = np.where(np.isnan(s.value["implied"]), np.nan, ~outside)
    return pl.DataFrame(frame)[s.start :]


def index_readings(world: World) -> pl.DataFrame:
    """VS01, VS02, VS04, VS05 and VS09, and the indices that stand beside VS07 and VS08."""
    s, held, size = sessions(world), volatility.closes(world), len(world.days)
    on = np.arange(s.start, size)
    known = {name: held[name][1] for name in ("VIX", "SKEW")}
    before = np.concatenate([np.zeros(5), known["VIX"][:-5]])
    p = volatility.headline(world)
    bars = np.zeros(size)
    bars[p.at] = [p.known[max(0, k - MONTH) : k + 1].max() for k in range(p.at.size)]
    there = {name: (~np.isnan(s.value[name])).astype(float) for name in ("vix", "skew", "d5", "realised")}
    told = (
        ("VS01_d5", "VIX", "d5", "d5", there["vix"] + there["d5"], 2, np.maximum(known["VIX"], before)),
        ("VS01_pct_252", "VIX", "pct_252", "pct_252", there["vix"], 1, _known(known["VIX"], YEAR)),
        ("VS01_pct_5y", "VIX", "pct_5y", "pct_5y", there["vix"], 1, _known(known["VIX"], FIVE)),
        ("VS04_pct", "SKEW", "skew_pct", "skew_pct", there["skew"], 1, _known(known["SKEW"], YEAR)),
        ("VS05_points", "VIX", "points", "points", there["vix"] + there["realised"], 2, np.maximum(known["VIX"], bars)),
        (
            *("VS05_variance", "VIX", "variance", "points", there["vix"] + there["realised"], 2),
            np.maximum(known["VIX"], bars),
        ),
    )
    frames = [
        shaped(name, entity, world, on, s.value[value][on], s.word[word][on], used[on], expected, seen[on])
        for name, entity, value, word, used, expected, seen in told
    ]
    (vix, vix_known), (near, near_known) = held["VIX"], held["VIX9D"]
    at = np.flatnonzero(~np.isnan(near))
    word = np.where(np.isnan(vix[at]), "NOT_PUBLISHED", "OK")
    newest = np.maximum(near_known, vix_known)[at]
    frames.append(shaped("VS02_9d", "VIX9D", world, at, s.value["slope_9d"][at], word, 1 + (word == "OK"), 2, newest))
    asked = options.put_call(world)["equity"].known
    at = on[asked[on] > 0]
    newest = np.maximum.reduce([asked, *(held[name][1] for name in ("SKEW", "VIX", "VIX3M"))])
    parts = s.value["protection_parts"]
    frames.append(
        shaped("VS09", "US", world, at, s.value["protection"][at], s.word["protection"][at], parts[at], 3, newest[at])
    )
    for name, symbol in (("VS04", "SKEW"), ("VS07_cor1m", "COR1M"), ("VS08_dspx", "DSPX")):
        close, seen = held[symbol]
        at = np.flatnonzero(~np.isnan(close))
        frames.append(shaped(name, symbol, world, at, close[at], "OK", 1, 1, seen[at]))
    return pl.concat(frames)


def member_readings(world: World) -> pl.DataFrame:
    """VS06 to VS08 and VS10."""
    s, m = sessions(world), members(world)
    vix_known = volatility.closes(world)["VIX"][1]
    p = volatility.headline(world)
    bars = np.zeros(len(world.days))
    bars[p.at] = [p.known[max(0, k - MONTH) : k + 1].max() for k in range(p.at.size)]
    on, later = m.on, m.on[m.on >= s.start]
    weighed_on = on[on >= m.first_weighed]
    both = later[later >= m.first_weighed]
    frames = []
    for name, figure, known, at, used in (
        ("VS06_median", "median", m.known, on, m.used["median"]),
        ("VS06_moves", "moves", m.known, on, m.used["moves"]),
        ("VS06_weighted", "weighted", m.known_weighed, weighed_on, m.used["weighted"]),
        ("VS07_implied", "implied", np.maximum(m.known_weighed, vix_known), both, m.used["weighted"]),
        (
            *("VS07_realised", "realised_correlation", np.maximum(m.known_weighed, bars), both),
            m.used["weighted"],
        ),
        ("VS08", "dispersion", m.known_weighed, weighed_on, m.used["dispersion"]),
    ):
        value, word = s.value[figure][at], s.word[figure][at]
        frames.append(shaped(name, m.universe, world, at, value, word, used[at], m.count[at], known[at]))
    parts = s.value["busy_known"] + s.value["calm_known"]
    known = np.maximum(m.known, vix_known)
    value, word = s.value["hot"][later], s.word["hot"][later]
    frames.append(shaped("VS10", m.universe, world, later, value, word, parts[later], 2, known[later]))
    return pl.concat(frames)
