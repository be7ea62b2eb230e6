"""The headline index beside coins: correlations, their intervals, changes and regimes, slopes; days of stress; stablecoins.

Belongs here: readings made of the statistics of pairs, and the correlations that have no window. Does not: the windows (``pairs``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second import volatility
from second.facts import World, micros
from second.pairs import legs, statistics
from second.readings import SHAPE, shaped

COINS = {"btc": "BTC", "eth": "ETH"}
WINDOWS = (20, 60, 120, 252)
GRADES = {"NEG": -1, "NONE": 0, "MOD": 1, "HIGH": 2}


def _head(world: World) -> str:
    return min(world.seed("correlation_assets"), key=lambda r: int(r["sort_order"]))["asset_id"]


@cache
def _of_coin(world: World, coin: str, window: int) -> pl.DataFrame:
    """Rows of every alignment, with the row of the window before beside each."""
    is_meant = (pl.col("asset_x") == _head(world)) & (pl.col("asset_y") == coin)
    rows = statistics(world).filter(is_meant, pl.col("window_sessions") == window)
    at = [world.at[day] for day in rows["session_date"]]
    rows = rows.with_columns(at=pl.Series(at, dtype=pl.Int64))
    same = ["alignment", "lag_sessions"]
    earlier = rows.select(
        *same, at=pl.col("at") + window, r_before="correlation", n_before="n_obs", word_before="status"
    )
    return rows.join(earlier, on=[*same, "at"], how="left").sort("at")


def _z(r: pl.Expr) -> pl.Expr:
    return ((1 + r) / (1 - r)).log() / 2


def pairs(world: World) -> pl.DataFrame:
    """XA01, XA02, XA04, XA05, XA06 and XA09: windows of bitcoin and ether in the canonical alignment."""
    c, found = pl.col, []
    error = (1 / (c("n_obs") - 3) + 1 / (c("n_before") - 3)).sqrt()
    kept: dict[str, tuple[pl.Expr, str, pl.Expr, int]] = {
        "XA02_{}_60_low": (c("ci_low"), "status", c("n_obs"), 60),
        "XA02_{}_60_high": (c("ci_high"), "status", c("n_obs"), 60),
        "XA04_{}_60": (c("beta_of_y"), "status", c("n_obs"), 60),
        "XA04_{}_60_up": (c("up_beta_of_y"), "status_up_of_y", c("n_up_of_y"), 60),
        "XA04_{}_60_down": (c("down_beta_of_y"), "status_down_of_y", c("n_down_of_y"), 60),
        "XA04_{}_60_r2": (c("correlation") ** 2, "status", c("n_obs"), 60),
        "XA05_{}": (c("regime").replace_strict(GRADES, default=None), "status", c("n_obs"), 60),
        "XA06_{}_60": ((_z(c("correlation")) - _z(c("r_before"))) / error, "word_change", c("n_both"), 60),
        "XA09_{}": ((c("beta_ci_low_of_y") > 1).cast(pl.Int64), "status", c("n_obs"), 60),
        "XA09_{}_own": (1 - c("correlation") ** 2, "status", c("n_obs"), 60),
        **{f"XA01_{{}}_{n}": (c("correlation"), "status", c("n_obs"), n) for n in WINDOWS},
    }
    for short, coin in COINS.items():
        for name, (value, status, used, window) in kept.items():
            change = pl.when(c("status") != "OK").then("status").otherwise(c("word_before").fill_null("WARMUP"))
            rows = (
                _of_coin(world, coin, window)
                .filter("is_default")
                .with_columns(word_change=change, n_both=c("n_obs") + c("n_before").fill_null(0))
            )
            expected = 2 * window if name.startswith("XA06") else window
            found.append(
                rows.select(
                    "session_date", reading_id=pl.lit(name.format(short)), entity_id=pl.lit(f"{_head(world)}~{coin}"),
                    status=status, value=pl.when(c(status) == "OK").then(value.cast(pl.Float64)), obs_period="window_end",
                    n_used=used.cast(pl.Float64), n_expected=pl.lit(float(expected)), known_at=c("known_at").cast(pl.Float64),
                ).select(SHAPE)
            )  # fmt: skip
    return pl.concat(found)


def regimes(world: World, reading_id: str) -> list[str | None]:
    """The word of XA05 per session of the calendar."""
    rows = _of_coin(world, COINS[reading_id.split("_")[1]], 60).filter("is_default")
    words: list[str | None] = [None] * len(world.days)
    for at, word in rows.select("at", "regime").iter_rows():
        words[at] = word
    return words


@cache
def _spliced(world: World, coin: str) -> tuple[int, np.ndarray, np.ndarray]:
    """The first session both have a level, and the returns of index and coin: whole days, then at the close."""
    index = legs(world)[_head(world), "session_close"]
    whole, close = (legs(world).get((coin, how)) for how in ("utc_day", "nyse_close"))
    assert whole is not None
    returns = whole.returns.copy()
    if close is not None:
        priced = np.flatnonzero(~np.isnan(close.returns) & (np.arange(returns.size) >= index.first))
        if priced.size:
            returns[priced[0] :] = close.returns[priced[0] :]
    return max(index.first, whole.first), index.returns, returns


def running(world: World) -> pl.DataFrame:
    """XA03, XA07 and XA08: correlations over all sessions so far."""
    level = volatility.headline(world)
    ticks = pl.Series(level.along(level.ticks.astype(float), len(world.days))).fill_nan(None).forward_fill().to_numpy()
    is_low = 20 * ticks <= 19 * np.fmax.accumulate(np.where(np.isnan(ticks), -1.0, ticks))
    found = []
    for short, coin in COINS.items():
        first, x, y = _spliced(world, coin)
        there = ~np.isnan(x) & ~np.isnan(y)
        there[: first + 1] = False
        on = np.array([n for n in range(first + 1, len(world.days)) if world.days[n].year >= 2015])
        entity = f"{_head(world)}~{coin}"
        r, variance, count = {}, {}, {}
        for state, chosen in (("stress", there & is_low), ("calm", there & ~is_low)):
            r[state], variance[state] = np.full((2, len(world.days)), np.nan)
            count[state] = np.cumsum(chosen)
            for n in np.flatnonzero(chosen):
                if count[state][n] >= 30:
                    past = np.flatnonzero(chosen[: n + 1])
                    r[state][n] = np.corrcoef(x[past], y[past])[0, 1]
                    variance[state][n] = np.var(x[past], ddof=1)
            for of in (r, variance):
                of[state] = pl.Series(of[state]).fill_nan(None).forward_fill().fill_null(np.nan).to_numpy()
            word = np.where(count[state][on] < 30, "LOW_COVERAGE", "OK")
            name = f"XA08_{short}_{state}"
            found.append(
                shaped(name, entity, world, on, r[state][on], word, count[state][on], np.maximum(count[state][on], 30))
            )
        excess = variance["stress"] / variance["calm"] - 1
        adjusted = r["stress"] / (1 + excess * (1 - r["stress"] ** 2)) ** 0.5
        both = np.minimum(count["stress"], count["calm"])[on]
        word = np.where(both < 30, "LOW_COVERAGE", "OK")
        found.append(shaped(f"XA07_{short}", entity, world, on, adjusted[on], word, both, np.maximum(both, 30)))
        value, used = _decayed(x, y, there)
        word = np.where(used[on] < 60, "WARMUP", "OK")
        found.append(shaped(f"XA03_{short}", entity, world, on, value[on], word, used[on], np.maximum(used[on], 60)))
    return pl.concat(found)


def _decayed(x: np.ndarray, y: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """λ = .94; the sample of the first sixty begins it; four sessions in a row without returns end it."""
    value, used = np.full(x.size, np.nan), np.zeros(x.size)
    seen: list[int] = []
    matrix = None
    silent = 0
    for n in range(x.size):
        silent = 0 if there[n] else silent + 1
        if silent > 3:
            seen, matrix = [], None
        if there[n]:
            seen.append(n)
            pair = np.array([x[n], y[n]])
            if matrix is not None:
                matrix = 0.94 * matrix + 0.06 * np.outer(pair, pair)
            elif len(seen) == 60:
                matrix = np.cov(np.stack([x[seen], y[seen]]))
        used[n] = len(seen)
        if matrix is not None:
            value[n] = matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1])
    return value, used


def events(world: World) -> pl.DataFrame:
    """XA13: two sessions around each event of a coin, and the part of a year's squares on them."""
    names = {a["asset_id"]: a["entity_id"] for a in world.seed("correlation_assets")}
    found = []
    for short, coin in COINS.items():
        first, x, y = _spliced(world, coin)
        there = ~np.isnan(x) & ~np.isnan(y)
        there[: first + 1] = False
        mine = set()
        for row in world.seed("crypto_events"):
            at = world.first_snapshot(micros(datetime.fromisoformat(row["known_at"] + ":00")))
            if at is not None and row["instrument_id"] in ("", names[coin]):
                mine.add(at)
        entity, start = f"{_head(world)}~{coin}", max(first + 1, world.session_on_or_after(date(2015, 1, 2)) or 0)
        for n in sorted(at + 1 for at in mine if start < at + 1 < len(world.days)):
            past = np.arange(max(first, n - 61), n - 1)
            past = past[there[past]]
            slope = np.polyfit(x[past], y[past], 1)[0] if past.size >= 54 else np.nan
            value = 100 * (y[n - 1] + y[n] - slope * (x[n - 1] + x[n]))
            word = "WARMUP" if past.size < 54 else "OK" if there[n] and there[n - 1] else "NOT_PUBLISHED"
            name = f"XA13_{short}_abnormal"
            found.append(shaped(name, entity, world, np.array([n]), [value], word, past.size, 60))
        none_yet = np.arange(start, min([at + 1 for at in mine if at + 1 > start], default=len(world.days)))
        found.append(shaped(f"XA13_{short}_abnormal", entity, world, none_yet, np.nan, "UNDEFINED", 0, 60))
        counted = np.array([n in mine or n - 1 in mine for n in range(len(world.days))])
        on = np.arange(start, len(world.days))
        squares = np.where(np.isnan(y), 0, y) ** 2
        value, used = np.full((2, on.size), np.nan)
        for k, n in enumerate(on):
            year = np.arange(max(start, n - 251), n + 1)
            value[k] = squares[year][counted[year]].sum() / squares[year].sum()
            used[k] = (~np.isnan(y[year])).sum()
        word = np.where(used < 227, "WARMUP", "OK")
        found.append(shaped(f"XA13_{short}_share", entity, world, on, value, word, used, 252))
    return pl.concat(found)


@cache
def supply_began(world: World) -> int:
    """The first session whose snapshot knew a day of the stablecoins."""
    first = world.first_snapshot(min(map(micros, world.versions("defillama_stablecoins")["known_at"])))
    assert first is not None
    return first


def stablecoins(world: World) -> pl.DataFrame:
    """XA10: at each snapshot the days then told, in the words of that time."""
    told = world.versions("defillama_stablecoins").sort("known_at").iter_rows(named=True)
    queue = [(micros(r["known_at"]), r["observed_on"], r["circulating_usd"], r["circulating_coins"]) for r in told]
    on = np.arange(supply_began(world), len(world.days))
    held: dict[Any, tuple[float, float, int]] = {}
    place, rows = 0, []
    for n in on:
        while place < len(queue) and queue[place][0] <= world.snapshots[n]:
            known, day, usd, count = queue[place]
            held[day] = (usd, count, known)
            place += 1
        newest = max(held)
        usd, count, known = held[newest]
        row: dict[str, Any] = {"period": newest, "known": known, "depeg": float(not 0.98 <= usd / count <= 1.02)}
        row["stale"] = (world.days[n] - newest).days > 3
        for span in (7, 30):
            day = newest - timedelta(span)
            old = held.get(day)
            word = "OK" if old else "WARMUP" if day < min(held) else "NOT_PUBLISHED"
            row[f"word{span}"] = "STALE_INPUT" if row["stale"] else word
            row[f"d{span}"] = 100 * (usd / old[0] - 1) if old else np.nan
            row[f"known{span}"] = max(known, old[2]) if old else known
        rows.append(row)
    of = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    period = of["period"].astype("datetime64[D]")
    is_there = ~np.isnan(of["d30"])
    usable = np.where(of["word30"] == "OK", of["d30"], np.nan)
    z, past_known, n_before = np.full(on.size, np.nan), of["known30"].copy(), np.zeros(on.size)
    for k in range(on.size):
        past = usable[max(0, k - 252) : k]
        past = past[~np.isnan(past)]
        n_before[k], past_known[k] = past.size, of["known30"][max(0, k - 252) : k + 1].max()
        if past.size > 1:
            z[k] = (of["d30"][k] - past.mean()) / past.std(ddof=1)
    word_z = np.where(of["word30"] != "OK", of["word30"], np.where(n_before < 227, "WARMUP", "OK"))
    word = np.where(of["stale"], "STALE_INPUT", "OK")
    seven = 1 + ~np.isnan(of["d7"])
    return pl.concat(
        [
            shaped("XA10_d7", "USD", world, on, of["d7"], of["word7"], seven, 2, of["known7"], period),
            shaped("XA10_d30", "USD", world, on, of["d30"], of["word30"], 1 + is_there, 2, of["known30"], period),
            shaped("XA10_z", "USD", world, on, z, word_z, n_before, 252, past_known, period),
            shaped("XA10_depeg", "USD", world, on, of["depeg"], word, 1, 1, of["known"], period),
        ]
    )


@cache
def usage_began(world: World) -> dict[str, int]:
    """Coin → the first session whose snapshot knew a day of its network."""
    told = world.versions("coinmetrics_assets").group_by("asset").agg(pl.col("known_at").min())
    first = {asset: world.first_snapshot(micros(at)) for asset, at in told.iter_rows()}
    return {asset: n for asset, n in first.items() if n is not None}


def usage(world: World) -> pl.DataFrame:
    """XA11: the newest 90 days, in the words of each snapshot."""
    found = []
    for asset, first in usage_began(world).items():
        rows = world.versions("coinmetrics_assets").filter(pl.col("asset") == asset).sort("known_at")
        names = ("active_addresses", "transactions")
        queue = [
            (micros(at), day, counts) for at, day, *counts in rows.select("known_at", "observed_on", *names).iter_rows()
        ]
        on, place = np.arange(first, len(world.days)), 0
        held: dict[date, tuple[list[int | None], int]] = {}
        columns: dict[str, list[tuple[float, str, int]]] = {name: [] for name in names}
        known, period = [], []
        for n in on:
            while place < len(queue) and queue[place][0] <= world.snapshots[n]:
                held[queue[place][1]] = (queue[place][2], queue[place][0])
                place += 1
            newest = max(held)
            window = [held.get(newest - timedelta(k)) for k in range(90)]
            known.append(max(row[1] for row in window if row))
            period.append(np.datetime64(newest, "D"))
            for k, name in enumerate(names):
                counts = [row[0][k] if row else None for row in window]
                there = [c for c in counts if c is not None]
                whole = len(there) == 90
                word = "OK" if whole else "WARMUP" if newest - timedelta(89) < min(held) else "NOT_PUBLISHED"
                word = "STALE_INPUT" if (world.days[n] - newest).days > 4 else word
                columns[name].append(
                    (100 * (np.mean(counts[:7]) / np.mean(counts) - 1) if whole else np.nan, word, len(there))
                )
        for name, short in zip(names, ("addresses", "transactions"), strict=True):
            value, words, used = (np.array(part) for part in zip(*columns[name], strict=True))
            found.append(
                shaped(
                    f"XA11_{asset}_{short}", f"CR:{asset.upper()}", world, on, value, words, used, 90, np.array(known),
                    np.array(period),
                )
            )  # fmt: skip
    return pl.concat(found)


@cache
def flows_began(world: World) -> dict[str, int]:
    """Coin and metric → the first session whose snapshot knew a day of it."""
    told = world.versions("coinmetrics_flows").group_by("series").agg(pl.col("known_at").min())
    first = {series: world.first_snapshot(micros(at)) for series, at in told.iter_rows()}
    return {series: n for series, n in first.items() if n is not None}


def flows(world: World) -> pl.DataFrame:
    """XA11 of fees and of net flows: the newest 90 days that all parts have, in the words of each snapshot."""
    versions = world.versions("coinmetrics_flows").sort("known_at")
    found = []
    for asset in COINS:
        for kind, parts in (("fees", {"FeeTotNtv": 1.0}), ("netflow", {"FlowInExNtv": 1.0, "FlowOutExNtv": -1.0})):
            names = {f"{asset}/{metric}": sign for metric, sign in parts.items()}
            rows = versions.filter(pl.col("series").is_in(list(names)))
            queue = [
                (micros(r["known_at"]), r["series"], r["observed_on"], r["coins"]) for r in rows.iter_rows(named=True)
            ]
            on = np.arange(max(flows_began(world)[name] for name in names), len(world.days))
            held: dict[str, dict[date, tuple[float, int]]] = {name: {} for name in names}
            place, told = 0, []
            for n in on:
                while place < len(queue) and queue[place][0] <= world.snapshots[n]:
                    at, name, day, coins = queue[place]
                    held[name][day], place = (coins, at), place + 1
                newest = min(max(days) for days in held.values())
                window = [newest - timedelta(k) for k in range(90)]
                counted = [[days.get(day) for day in window] for days in held.values()]
                size = sum(one is not None for days in counted for one in days)
                whole = size == 90 * len(names)
                value = np.nan
                if whole:
                    net = np.array([[one[0] for one in days if one] for days in counted]).T @ np.array(
                        list(names.values())
                    )
                    week, quarter = net[:7].mean(), net.mean()
                    value = 100 * (week / quarter - 1) if kind == "fees" else week - quarter
                begin = max(min(days) for days in held.values())
                word = "OK" if whole else "WARMUP" if window[-1] < begin else "NOT_PUBLISHED"
                word = "STALE_INPUT" if (world.days[n] - newest).days > 4 else word
                known = max(one[1] for days in counted for one in days if one)
                told.append((value, word, size // len(names), known, np.datetime64(newest, "D")))
            of = [np.array(part) for part in zip(*told, strict=True)]
            entity = f"CR:{asset.upper()}"
            found.append(shaped(f"XA11_{asset}_{kind}", entity, world, on, of[0], of[1], of[2], 90, of[3], of[4]))
    return pl.concat(found)
