"""Indices that count newspapers: means, rank among ten years, shocks (GU01 to GU03); what followed shocks (GU04, GU06); months.

Belongs here: readings of the daily and monthly indices of policy uncertainty and geopolitical risk. Does not: prices. In this world each
index is told in one file, so no day has two values; that is asserted. What a later count changes is shown by the tests of
the kernel.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from second import volatility
from second.facts import World, micros
from second.prices import prices
from second.readings import shaped

SINCE = date(2015, 1, 2)
DATASETS = {"epu": ("epu_daily", "epu"), **{name: ("gpr_daily", name) for name in ("gpr", "gpr_acts", "gpr_threats")}}
OLDEST = {"epu": 5, "gpr": 21, "gpr_acts": 21, "gpr_threats": 21}  # days
DECADE, LEAST = 3652, 0.9


class Counted(NamedTuple):
    """One index: a value per day, when it was known, means of 7 and 30 days, and whether the day is one of a shock."""

    days: list[date]
    known: np.ndarray
    seen: np.ndarray
    mean_7: np.ndarray
    mean_30: np.ndarray
    shock: np.ndarray  # 1, 0, NaN where there are too few days before


def _means(values: np.ndarray, n: int) -> np.ndarray:
    out = np.full(values.size, np.nan)
    for k in range(n - 1, values.size):
        out[k] = values[k - n + 1 : k + 1].mean()
    return out


@cache
def counted(world: World, index: str) -> Counted:
    """The days of an index in their order."""
    dataset, column = DATASETS[index]
    rows = world.versions(dataset).sort("observed_on")
    days = rows["observed_on"].to_list()
    assert len(set(days)) == len(days), f"{dataset} tells a day anew, which is not computed here"
    assert days == [days[0] + timedelta(n) for n in range(len(days))]
    known = np.array([micros(moment) for moment in rows["known_at"]])
    assert (np.diff(known) >= 0).all()
    seven, thirty = (_means(rows[column].to_numpy(), n) for n in (7, 30))
    shock = np.full(len(days), np.nan)
    for k in range(len(days)):
        before = seven[max(0, k - 252) : k]
        if len(before) == 252 and not np.isnan(before).any():
            middle = np.median(before)
            shock[k] = seven[k] > middle + 3 * 1.4826 * np.median(abs(before - middle))
    return Counted(days, known, np.array([micros(moment) for moment in rows["first_seen_at"]]), seven, thirty, shock)


@cache
def _at(world: World, index: str) -> dict[int, int]:
    """Of each session told, the place of the newest day known."""
    c = counted(world, index)
    places = {
        n: int(np.searchsorted(c.known, snapshot, side="right")) - 1 for n, snapshot in enumerate(world.snapshots)
    }
    return {n: k for n, k in places.items() if k >= 0}


@cache
def shocks(world: World, index: str) -> list[tuple[int, int]]:
    """First days of shocks (places among the days), and the session that saw each."""
    c, found, last = counted(world, index), [], -10_000
    sessions = iter(_at(world, index).items())
    n, seen_to = next(sessions)
    for k in range(len(c.days)):
        if c.shock[k] != 1:
            continue
        if k - last > 30:
            while seen_to < k:
                later = next(sessions, None)
                if later is None:
                    return found
                n, seen_to = later
            found.append((k, n))
        last = k
    return found


def _frame(
    world: World, index: str, reading_id: str, days: int, of: list[float], places: dict[int, int], used: list[float]
) -> pl.DataFrame:
    c, on = counted(world, index), np.array(list(places))
    value = np.array(of)
    age = np.array([(world.days[n] - c.days[k]).days for n, k in places.items()])
    word = np.where(age > OLDEST[index], "STALE_INPUT", np.where(np.isnan(value), "WARMUP", "OK"))
    period = np.array([c.days[k] for k in places.values()], dtype="datetime64[D]")
    known = np.array([c.known[k] for k in places.values()])
    return shaped(reading_id, index, world, on, value, word, used, days, known, period)


def _told(world: World, index: str) -> dict[int, int]:
    return {n: k for n, k in _at(world, index).items() if world.days[n] >= SINCE}


def standing(world: World) -> pl.DataFrame:
    """GU01 and GU02."""
    frames = []
    for index, reading in (("gpr", "GU01"), ("epu", "GU02")):
        c, places = counted(world, index), _told(world, index)
        ranks, far, size = [], [], []
        for k in places.values():
            window = c.mean_7[max(0, k - DECADE + 1) : k + 1]
            window = window[~np.isnan(window)]
            x, n = window[-1], len(window)
            enough = n >= LEAST * DECADE
            ranks.append(100 * (np.sum(window < x) + np.sum(window == x) / 2) / n if enough else np.nan)
            far.append((x - np.mean(window[:-1])) / np.std(window[:-1], ddof=1) if enough else np.nan)
            size.append(n)
        seven, thirty = ([float(means[k]) for k in places.values()] for means in (c.mean_7, c.mean_30))
        frames += [
            _frame(world, index, f"{reading}_7d", 7, seven, places, [7 - 7 * np.isnan(x) for x in seven]),
            _frame(world, index, f"{reading}_30d", 30, thirty, places, [30 - 30 * np.isnan(x) for x in thirty]),
            _frame(world, index, f"{reading}_pct", DECADE, ranks, places, size),
            _frame(world, index, f"{reading}_z", DECADE, far, places, size),
        ]
    for index, name in (("gpr_acts", "acts"), ("gpr_threats", "threats")):
        places = _told(world, index)
        thirty = [float(counted(world, index).mean_30[k]) for k in places.values()]
        used = [30 - 30 * np.isnan(x) for x in thirty]
        frames.append(_frame(world, index, f"GU01_{name}_30d", 30, thirty, places, used))
    return pl.concat(frames)


class Month(NamedTuple):
    """What a session knows of the months of one index."""

    month: date
    value: float
    rank: float  # NaN below nine years
    months: int
    fresh: bool
    known: int
    seen: int


MONTHLY = {
    "gpr_monthly": ("gpr_monthly", "gpr"),
    **{f"epu_{kind}": ("epu_categories", "epu") for kind in (
        "overall", "monetary", "fiscal", "taxes", "spending", "health_care", "security", "entitlements", "regulation",
        "financial_regulation", "trade", "debt",
    )},
}  # fmt: skip


@cache
def months(world: World, index: str) -> dict[int, Month]:
    """Session → the newest month known and its rank among the 120 that end with it. Each file is told once in this world."""
    dataset, column = MONTHLY[index]
    rows = world.versions(dataset).sort("month")
    if dataset == "epu_categories":
        rows = rows.filter(pl.col("category") == index.removeprefix("epu_"))
    firsts, values = rows["month"].to_list(), rows[column].to_list()
    assert len(set(firsts)) == len(firsts), f"{dataset} tells a month anew, which is not computed here"
    known = [micros(moment) for moment in rows["known_at"]]
    seen = [micros(moment) for moment in rows["first_seen_at"]]
    assert known == sorted(known)
    found, k = {}, -1
    for n, snapshot in enumerate(world.snapshots):
        while k + 1 < len(known) and known[k + 1] <= snapshot:
            k += 1
        if k < 0:
            continue
        window, x = values[max(0, k - 119) : k + 1], values[k]
        rank = 100 * (sum(v < x for v in window) + sum(v == x for v in window) / 2) / len(window)
        end = (firsts[k] + timedelta(31)).replace(day=1) - timedelta(1)
        fresh = (world.days[n] - end).days <= 62
        rank = rank if len(window) >= 108 else float("nan")
        found[n] = Month(firsts[k], x, rank, len(window), fresh, known[k], seen[k])
    return found


OF_MONTHS = {
    "GU01_month": ("gpr_monthly", False), "GU01_month_pct": ("gpr_monthly", True),
    "GU02_month": ("epu_overall", False), "GU02_month_pct": ("epu_overall", True),
    **{f"GU02_{k}_pct": (f"epu_{k}", True) for k in ("taxes", "fiscal", "regulation", "financial_regulation", "trade")},
}  # fmt: skip


def monthly(world: World) -> pl.DataFrame:
    """GU01 and GU02 by month."""
    frames = []
    for reading_id, (index, is_rank) in OF_MONTHS.items():
        told = {n: m for n, m in months(world, index).items() if world.days[n] >= SINCE}
        on, every = np.array(list(told)), list(told.values())
        value = np.array([m.rank if is_rank else m.value for m in every])
        word = np.where(~np.array([m.fresh for m in every]), "STALE_INPUT", np.where(np.isnan(value), "WARMUP", "OK"))
        used = [m.months for m in every] if is_rank else 1
        period = np.array([m.month for m in every], dtype="datetime64[D]")
        known = np.array([m.known for m in every])
        frames.append(shaped(reading_id, index, world, on, value, word, used, 120 if is_rank else 1, known, period))
    return pl.concat(frames)


def states(world: World) -> pl.DataFrame:
    """GU03: a shock now, and whether one of the last 90 days has eased."""
    frames = []
    for index, suffix in (("gpr", ""), ("epu", "_policy")):
        c, places = counted(world, index), _told(world, index)
        first = shocks(world, index)
        shock, eased = [], []
        for n, k in places.items():
            shock.append(float(c.shock[k]))
            lately = c.mean_30[max(0, k - 89) : k + 1]
            begun = max((day for day, seen in first if seen <= n), default=-10_000)
            is_full = len(lately) == 90 and not np.isnan(lately).any()
            eased.append(float(k - begun <= 90 and c.mean_30[k] <= 0.75 * max(lately)) if is_full else np.nan)
        frames += [
            _frame(world, index, f"GU03_shock{suffix}", 259, shock, places, [259 - 259 * np.isnan(x) for x in shock]),
            _frame(world, index, f"GU03_eased{suffix}", 119, eased, places, [119 - 119 * np.isnan(x) for x in eased]),
        ]
    return pl.concat(frames)


@cache
def _events(world: World) -> list[tuple[int, int]]:
    """Of geopolitical shocks, the session that could answer first and the one that saw them."""
    days = counted(world, "gpr").days
    found = []
    for k, seen in shocks(world, "gpr"):
        event = world.session_on_or_after(days[k])
        if event is not None and seen > 0:
            found.append((event, seen))
    return found


def _closes(world: World) -> dict[str, np.ndarray]:
    """Closes by session, NaN where there is none: the headline index, oil, gold, the VIX."""
    found = {}
    for name in (volatility.headline(world).instrument_id, "FU:CL", "FU:GC"):
        if name in prices(world):
            p = prices(world)[name]
            found[name] = np.full(len(world.days), np.nan)
            found[name][p.at] = np.where(p.bars["close"] > 0, p.bars["close"], np.nan)
    found["VX:VIX"] = volatility.closes(world)["VIX"][0]
    return found


def reactions(world: World) -> pl.DataFrame:
    """GU04: mean move after shocks, less the mean of all windows."""
    frames = []
    for name, close in _closes(world).items():
        for ahead in (0, 1, 5):
            move = np.full(close.size, np.nan)  # of the window that ends there
            move[ahead + 1 :] = 100 * np.log(close[ahead + 1 :] / close[: -ahead - 1])
            after = [
                (max(event + ahead, seen), move[event + ahead])
                for event, seen in _events(world)
                if event + ahead < close.size
            ]
            after = [(at, x) for at, x in after if not np.isnan(x)]
            on = [
                n
                for n in range(close.size)
                if world.days[n] >= SINCE and (not np.isnan(move[n]) or any(at == n for at, _ in after))
            ]
            value, used = [], []
            for n in on:
                events, every = [x for at, x in after if at <= n], move[: n + 1]
                used.append(len(events))
                value.append(np.mean(events) - np.nanmean(every) if events else np.nan)
            word = np.where(np.array(used) < 5, "LOW_COVERAGE", "OK")
            frames.append(shaped(f"GU04_{ahead}", name, world, np.array(on), value, word, used, 5))
    return pl.concat(frames)


@cache
def _falls(world: World) -> list[tuple[int, int, int]]:
    """Of shocks after which the index closed lower within five sessions: the two sessions of ``_events``, and the lowest."""
    close = _closes(world)[volatility.headline(world).instrument_id]
    weeks = [(event, seen, close[event : event + 5]) for event, seen in _events(world)]
    return [
        (event, seen, event + int(np.nanargmin(week)))
        for event, seen, week in weeks
        if np.nanmin(week) < close[event - 1]
    ]


def made_good(world: World) -> pl.DataFrame:
    """GU06: falls after shocks that came back to the close before."""
    name = volatility.headline(world).instrument_id
    close, frames = _closes(world)[name], []
    on = np.array([n for n, day in enumerate(world.days) if day >= SINCE])
    for within in (5, 20):
        outcomes = [
            (max(event + within, seen), bool((close[low + 1 : event + within + 1] >= close[event - 1]).any()))
            for event, seen, low in _falls(world)
        ]
        so_far = [[good for at, good in outcomes if at <= n] for n in on]
        used = np.array([len(goods) for goods in so_far])
        value = [100 * sum(goods) / len(goods) if goods else np.nan for goods in so_far]
        frames.append(
            shaped(f"GU06_{within}", name, world, on, value, np.where(used < 5, "LOW_COVERAGE", "OK"), used, 5)
        )
    return pl.concat(frames)


def events(world: World) -> list[dict[str, Any]]:
    """Shocks as events, each known when the session saw it; told by the newest count of that session."""
    found = []
    for index, kind, driver, title in (
        ("gpr", "geopolitical", "geopolitics", "Shock of geopolitical risk"),
        ("epu", "policy", "fiscal", "Shock of policy uncertainty"),
    ):
        c, places = counted(world, index), _at(world, index)
        for k, n in shocks(world, index):
            newest = places[n]
            if n > 0:
                found.append(
                    {
                        "event_id": f"shock:{index}:{c.days[k]}", "known": int(c.known[newest]), "kind": kind,
                        "driver_id": driver, "title": title, "obs_period": c.days[k], "is_scheduled": False,
                        "is_reconstructed": bool(c.seen[newest] > world.snapshots[n]),
                    }
                )  # fmt: skip
    return found


def rebuilt(world: World) -> set[tuple[str, date]]:
    """(reading, session) made of counts that were first told after the session."""
    found: set[tuple[str, date]] = set()
    names = {
        "gpr": ("GU01_7d", "GU01_30d", "GU01_pct", "GU01_z", "GU03_shock", "GU03_eased"),
        "epu": ("GU02_7d", "GU02_30d", "GU02_pct", "GU02_z", "GU03_shock_policy", "GU03_eased_policy"),
        "gpr_acts": ("GU01_acts_30d",), "gpr_threats": ("GU01_threats_30d",),
    }  # fmt: skip
    for index, readings in names.items():
        seen = counted(world, index).seen
        late = [world.days[n] for n, k in _told(world, index).items() if seen[k] > world.snapshots[n]]
        found |= {(reading, day) for reading in readings for day in late}
    for reading, (index, _) in OF_MONTHS.items():
        found |= {(reading, world.days[n]) for n, m in months(world, index).items() if m.seen > world.snapshots[n]}
    c, places = counted(world, "gpr"), _at(world, "gpr")
    old = {event: c.seen[places[seen]] > world.snapshots[seen] for event, seen in _events(world)}
    for reading, within in (("GU04_0", 0), ("GU04_1", 1), ("GU04_5", 5), ("GU06_5", 5), ("GU06_20", 20)):
        meant = _events(world) if reading.startswith("GU04") else [(event, seen) for event, seen, _ in _falls(world)]
        first = min((max(event + within, seen) for event, seen in meant if old[event]), default=len(world.days))
        found |= {(reading, day) for day in world.days[first:]}
    return found
