"""Sectors by their funds: returns, lead over the broad fund, ranks, the rotation map; the mart ``sector_leadership_daily``.

Belongs here: what is made of sector funds and the broad fund. Does not: members of the universe (``participation``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import polars as pl

from second import funds
from second.facts import World
from second.prices import prices
from second.readings import NEVER, shaped

SPANS = (1, 5, 20, 60, 120, 252)
WINDOW = 14
QUADRANTS = ("leading", "weakening", "lagging", "improving")


@dataclass(frozen=True)
class Fund:
    """Level with dividends reinvested, and when it was known, per session of the calendar; from ``first`` on."""

    first: int
    level: np.ndarray
    known: np.ndarray
    is_above: np.ndarray  # of its 50-day average: 1, 0, NaN where not known

    def change(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return over n sessions, why it is missing, and when it was known."""
        value = self.level / _ago(self.level, n) - 1
        there = np.arange(self.level.size)
        word = np.where(there - n < self.first, "WARMUP", np.where(np.isnan(value), "STALE_INPUT", "OK"))
        word = np.where(np.isnan(self.level), "STALE_INPUT", word)
        return value, word, np.fmax(self.known, _ago(self.known, n))


def _ago(x: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([np.full(n, np.nan), x[:-n]])


@cache
def held(world: World) -> tuple[dict[str, Fund], Fund]:
    """The funds of the sectors by sector, in order, and the broad fund."""
    sector_of = {r["instrument_id"]: r["sector_id"] for r in world.instruments}
    size, found = len(world.days), {}
    for p in prices(world).values():
        if p.role in ("sector_etf", "broad_etf"):
            level = p.along(np.where(p.is_traded, p.total_return, np.nan), size)
            flag = np.where(p.flags["above_sma50"] < 0, np.nan, p.flags["above_sma50"])
            name = sector_of[p.instrument_id] if p.role == "sector_etf" else ""
            first = int(np.flatnonzero(~np.isnan(level))[0])
            found[name] = Fund(first, level, p.along(p.known.astype(float), size), p.along(flag, size))
    broad = found.pop("")
    return dict(sorted(found.items())), broad


def _n_sectors(world: World) -> int:
    return sum(r["role"] == "sector_etf" for r in world.instruments)


def strength(world: World) -> pl.DataFrame:
    """LC01 of each sector, LC12 and BR15 of all of them."""
    sectors, broad = held(world)
    is_cyclical = {r["sector_id"]: r["is_cyclical"] == "true" for r in world.seed("sectors")}
    expected, frames = _n_sectors(world), []
    start = min(f.first for f in sectors.values())
    every = np.arange(start, len(world.days))
    changes: dict[int, np.ndarray] = {}
    newest: dict[int, np.ndarray] = {}
    for n in (1, 5, 20, 60, 120):
        market, why_not, market_known = broad.change(n)
        told = []
        for name, fund in sectors.items():
            value, word, known = fund.change(n)
            told.append((value, known))
            if n < 20:
                continue
            on = np.arange(fund.first, len(world.days))
            both = (~np.isnan(value)).astype(int) + ~np.isnan(market)
            reason = np.where(word == "OK", np.where(np.arange(word.size) < broad.first, "WARMUP", why_not), word)
            latest = np.fmax(known, market_known)
            frames.append(
                shaped(f"LC01_{n}", name, world, on, 100 * (value - market)[on], reason[on], both[on], 2, latest[on])
            )
        changes[n] = np.stack([value for value, _ in told])
        newest[n] = np.fmax.reduce([known for _, known in told])
    for n in (1, 5, 20, 60):
        used, up = (~np.isnan(changes[n])).sum(axis=0)[every], (changes[n] > 0).sum(axis=0)[every]
        word = np.where(used < expected, "LOW_COVERAGE", "OK")
        frames.append(
            shaped(f"BR15_{n}", "sectors", world, every, 100 * up / expected, word, used, expected, newest[n][every])
        )
    above = np.stack([fund.is_above for fund in sectors.values()])
    used, up = (~np.isnan(above)).sum(axis=0)[every], (above == 1).sum(axis=0)[every]
    lately = np.fmax.reduce([fund.known for fund in sectors.values()])
    lately = np.array([np.nanmax(lately[max(t - 49, 0) : t + 1]) for t in every])
    word = np.where(used < expected, "LOW_COVERAGE", "OK")
    frames.append(shaped("BR15_sma50", "sectors", world, every, 100 * up / expected, word, used, expected, lately))
    cyclical = np.array([is_cyclical[s] for s in sectors])
    rows = np.stack([np.arange(len(world.days)) >= f.first for f in sectors.values()]).sum(axis=0)[every]
    used = (~np.isnan(changes[20])).sum(axis=0)[every]
    with np.errstate(invalid="ignore"):
        sides = [
            np.nansum(changes[20][c], axis=0) / (~np.isnan(changes[20][c])).sum(axis=0) for c in (cyclical, ~cyclical)
        ]
    word = np.where(used == 0, "WARMUP", np.where(used < rows, "LOW_COVERAGE", "OK"))
    lead = 100 * (sides[0] - sides[1])[every]
    frames.append(shaped("LC12_20", "sectors", world, every, lead, word, used, rows, newest[20][every]))
    return pl.concat(frames)


def _scored(past: list[float]) -> float:
    """100 and the z-score of the last of ``WINDOW`` values; NaN where one is missing or none differs."""
    last = np.array(past[-WINDOW:])
    if last.size < WINDOW or np.isnan(last).any() or np.std(last, ddof=1) <= 1e-12:
        return float("nan")
    return float(100 + (last[-1] - last.mean()) / np.std(last, ddof=1))


@dataclass(frozen=True)
class Week:
    """Where a sector stood on the map when a week was over; ``known`` of the place and of the changes."""

    end: int
    x: float
    y: float
    quadrant: int  # 1 to 4; 0 where there is none
    status: str
    used: int
    known: float
    changes: int
    status_changes: str
    places: int
    known_changes: float


@cache
def rotation(world: World) -> dict[str, dict[int, Week]]:
    """Sector → position of a session that ended a week → its place."""
    sectors, broad = held(world)
    ends = funds.week_ends(world)
    closing = [n for n in range(len(world.days)) if ends[n] == n]
    return {name: _map(fund, broad, closing) for name, fund in sectors.items()}


def _map(fund: Fund, broad: Fund, closing: list[int]) -> dict[int, Week]:
    strengths, xs, paces, ys, knowns = [], [], [], [], []
    weeks: list[Week] = []
    for end in (n for n in closing if n >= max(fund.first, broad.first)):
        strengths.append(100 * fund.level[end] / broad.level[end])
        knowns.append(np.fmax(fund.known[end], broad.known[end]))
        xs.append(_scored(strengths))
        paces.append(100 * (xs[-1] / xs[-2] - 1) if len(xs) > 1 else np.nan)
        ys.append(_scored(paces))
        used = int((~np.isnan(strengths[-28:])).sum())
        status = "OK"
        if np.isnan(strengths[-1]):
            status = "STALE_INPUT"
        elif len(strengths) < 28:
            status = "WARMUP"
        elif used < 28:
            status = "LOW_COVERAGE"
        elif np.isnan(ys[-1]):
            status = "UNDEFINED"
        quadrant = 0
        if status == "OK":
            quadrant = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[
                xs[-1] > 100, ys[-1] > 100
            ]
        trail = [w.quadrant for w in weeks[-4:]] + [quadrant]
        places = sum(q > 0 for q in trail)
        status_changes = status
        if status == "OK" and places < 5:
            status_changes = "WARMUP" if len(strengths) < 32 else "LOW_COVERAGE"
        known = float(np.nanmax(knowns[-28:]))
        weeks.append(
            Week(
                end, xs[-1], ys[-1], quadrant, status, used, known,
                sum(a != b for a, b in pairwise(trail)), status_changes, places,
                max([w.known for w in weeks[-4:]] + [known]),
            )
        )  # fmt: skip
    return {week.end: week for week in weeks}


@cache
def _standing(world: World) -> dict[str, tuple[np.ndarray, list[Week | None]]]:
    """Sector → sessions from its fund's first, and the last week that was over at each."""
    sectors, _ = held(world)
    ends, found = funds.week_ends(world), {}
    for name, fund in sectors.items():
        on, told, last = np.arange(fund.first, len(world.days)), [], None
        for n in on:
            if ends[n] == n:
                last = rotation(world)[name].get(int(n), last)
            told.append(last)
        found[name] = (on, told)
    return found


def quadrants(world: World) -> dict[str, list[str | None]]:
    """Sector → the word for its quadrant per session of the calendar; None where there is none."""
    found: dict[str, list[str | None]] = {}
    for name, (on, weeks) in _standing(world).items():
        told = [QUADRANTS[w.quadrant - 1] if w and w.quadrant else None for w in weeks]
        found[name] = [None] * int(on[0]) + told
    return found


def places(world: World) -> pl.DataFrame:
    """LC02 and the changes of LC03."""
    frames = []
    for name, (on, weeks) in _standing(world).items():
        word = np.array([w.status if w else "WARMUP" for w in weeks])
        used = [w.used if w else 0 for w in weeks]
        known = [w.known if w else 0 for w in weeks]
        period = np.array([np.datetime64(world.days[w.end], "D") if w else NEVER for w in weeks])
        for reading_id, values in (
            ("LC02_x", [w.x if w else np.nan for w in weeks]),
            ("LC02_y", [w.y if w else np.nan for w in weeks]),
            ("LC02_quadrant", [w.quadrant if w else np.nan for w in weeks]),
        ):
            frames.append(shaped(reading_id, name, world, on, values, word, used, 28, known, period))
        word = np.array([w.status_changes if w else "WARMUP" for w in weeks])
        frames.append(
            shaped(
                "LC03_changes", name, world, on, [w.changes if w else np.nan for w in weeks], word,
                [w.places if w else 0 for w in weeks], 5, [w.known_changes if w else 0 for w in weeks], period,
            )
        )  # fmt: skip
    return pl.concat(frames)


@cache
def _ranked(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ranks of the sectors by sessions (NaN: not all have a return), how many have one, and when it was known."""
    sectors, _ = held(world)
    told = [fund.change(20) for fund in sectors.values()]
    values = np.stack([value for value, _, _ in told])
    used = (~np.isnan(values)).sum(axis=0)
    ranks = np.full(values.shape, np.nan)
    for t in np.flatnonzero(used == _n_sectors(world)):
        ranks[:, t] = [1 + sum(other > mine for other in values[:, t]) for mine in values[:, t]]
    return ranks, used, np.fmax.reduce([known for _, _, known in told])


def ranks(world: World) -> pl.DataFrame:
    """The ranks and their persistence, LC03."""
    sectors, _ = held(world)
    rank, used, known = _ranked(world)
    expected, frames = _n_sectors(world), []
    for row, (name, fund) in enumerate(sectors.items()):
        on = np.arange(fund.first, len(world.days))
        word = fund.change(20)[1]
        word = np.where((word == "OK") & (used < expected), "LOW_COVERAGE", word)
        frames.append(shaped("LC03_rank", name, world, on, rank[row, on], word[on], used[on], expected, known[on]))
    on = np.arange(min(f.first for f in sectors.values()), len(world.days))
    pairs = list(combinations(range(len(sectors)), 2))
    before, used_before = (np.nan_to_num(_ago(x.astype(float), 20)) for x in (known, used))
    tau = []
    for t in on:
        now, then = rank[:, t], rank[:, t - 20]
        agree = sum((now[i] - now[j]) * (then[i] - then[j]) > 0 for i, j in pairs)
        differ = sum((now[i] - now[j]) * (then[i] - then[j]) < 0 for i, j in pairs)
        tau.append((agree - differ) / len(pairs))
    word = np.where((used < expected) | (used_before < expected), "LOW_COVERAGE", "OK")
    word = np.where((used == 0) | (used_before == 0), "WARMUP", word)
    frames.append(
        shaped(
            "LC03_tau", "sectors", world, on, tau, word[on], np.minimum(used, used_before)[on], expected,
            np.fmax(known, before)[on],
        )
    )  # fmt: skip
    return pl.concat(frames)


def sector_leadership_daily(world: World) -> pl.DataFrame:
    """One row per sector and session since its fund's first bar."""
    sectors, broad = held(world)
    rank, used, known_rank = _ranked(world)
    market, why_not, market_known = broad.change(20)
    frames = []
    for row, (name, fund) in enumerate(sectors.items()):
        on, weeks = _standing(world)[name]
        value, word, known = fund.change(20)
        lead = np.where(word == "OK", np.where(np.arange(word.size) < broad.first, "WARMUP", why_not), word)
        ranked = np.where((word == "OK") & (used < _n_sectors(world)), "LOW_COVERAGE", word)
        of_week = np.array([max(w.known, w.known_changes) if w else np.nan for w in weeks])
        newest = np.fmax.reduce([known[on], market_known[on], known_rank[on], of_week])
        is_placed = np.array([bool(w and w.status == "OK") for w in weeks])
        frames.append(
            pl.DataFrame(
                {
                    "session_date": world.dates[on],
                    "return_20d": 100 * value[on], "relative_strength_20d": 100 * (value - market)[on],
                    "rank_20d": rank[row, on],
                    "week_end": [world.days[w.end] if w else None for w in weeks],
                    "rotation_x": np.where(is_placed, [w.x if w else np.nan for w in weeks], np.nan),
                    "rotation_y": np.where(is_placed, [w.y if w else np.nan for w in weeks], np.nan),
                    "rotation_quadrant": [QUADRANTS[w.quadrant - 1] if w and w.quadrant else None for w in weeks],
                    "quadrant_changes_4w": [
                        float(w.changes) if w and w.status_changes == "OK" else None for w in weeks
                    ],
                    "status_return": word[on], "status_strength": lead[on], "status_rank": ranked[on],
                    "status_rotation": [w.status if w else "WARMUP" for w in weeks],
                    "status_changes": [w.status_changes if w else "WARMUP" for w in weeks],
                    "known_at": np.where(np.isnan(newest), world.snapshots[on], newest).astype(float),
                }
            ).with_columns(sector_id=pl.lit(name))
        )  # fmt: skip
    return pl.concat(frames)
