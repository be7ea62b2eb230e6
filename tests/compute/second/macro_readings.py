"""Readings of released statistics, each from what one publication said.

Belongs here: MA01 to MA09, MA11, MA12, MP10 and the survey of MP12. Does not: what was said when (``macro``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from second.facts import World
from second.macro import History, Said, back, changes, histories, is_rebuilt, is_stale, reason
from second.readings import shaped

# what a reading makes of what was said: (value, why, inputs used)
Made = tuple[float | None, str, int]
Maker = Callable[[Said, History], Made]


def _changed(name: str, series: dict[str, str]) -> Maker:
    def make(said: Said, history: History) -> Made:
        found = changes(said, series, history.first_period)
        return found[name], found[f"status_{name}"], 2 if found[name] is not None else 0

    return make


def _bridged(said: Said, _: History) -> Made:
    earlier = [day for day in said.panel if day < said.newest]
    if earlier and said.panel[said.newest] is not None:
        last = max(earlier)
        gap = (said.newest.year - last.year) * 12 + said.newest.month - last.month
        if gap > 1:
            value = 100 * ((said.panel[said.newest] / said.panel[last]) ** (1 / gap) - 1)
            return value, "OK", 2
    return None, "NOT_AVAILABLE", 0


def _months(said: Said, count: int) -> list[float | None]:
    """Figures of the newest month and of those before it."""
    return [said.panel.get(back(said.newest, k, "M")) for k in range(count)]


def _payrolls(said: Said, history: History) -> Made:
    x = _months(said, 2)
    why = reason(said.panel, said.newest, [back(said.newest, 1, "M")], history.first_period)
    return (1000 * (x[0] - x[1]), why, 2) if None not in x else (None, why, 0)  # type: ignore[operator]


def _payrolls_3(said: Said, history: History) -> Made:
    x = _months(said, 4)
    why = reason(said.panel, said.newest, [back(said.newest, k, "M") for k in (1, 2, 3)], history.first_period)
    if None in x:
        return None, why, 0
    return 1000 * ((x[0] - x[1]) + (x[1] - x[2]) + (x[2] - x[3])) / 3, why, 4  # type: ignore[operator]


def _payrolls_revised(said: Said, history: History) -> Made:
    why = "NOT_AVAILABLE" if said.source != "vintage" else "OK"
    month = back(said.newest, 1, "M")
    told = (s for s in history.said if s.newest == month and s.source == "vintage")
    first = next((c for s in told for c in [_step(s, month)] if c is not None), None)
    now = _step(said, month)
    if first is None or now is None:
        return None, "WARMUP" if why == "OK" else why, 0
    return 1000 * (now - first), why, 4


def _step(said: Said, month: date) -> float | None:
    a, b = said.panel.get(month), said.panel.get(back(month, 1, "M"))
    return None if a is None or b is None else a - b


def _unemployment(said: Said, _: History) -> Made:
    return said.panel[said.newest], "OK", 1


def _sahm(said: Said, history: History, *, filled: bool = False) -> Made:
    x = _months(said, 15)[::-1]
    if filled:
        there = [n for n, value in enumerate(x) if value is not None]
        inside = np.interp(range(15), there, [x[n] for n in there])
        x = [float(inside[n]) if there[0] <= n <= there[-1] else None for n in range(15)]
    held = sum(value is not None for value in x)
    if held < 15:
        before = back(said.newest, 14, "M") < history.first_period
        return None, "WARMUP" if before else "NOT_PUBLISHED", held
    means = [sum(x[n : n + 3]) / 3 for n in range(13)]  # type: ignore[arg-type]
    return means[-1] - min(means[:-1]), "OK", 15


def _sahm_filled(said: Said, history: History) -> Made:
    return _sahm(said, history, filled=True)


def _weeks(said: Said, count: int) -> list[float | None]:
    return [said.panel.get(said.newest - timedelta(7 * k)) for k in range(count)]


def _claims(said: Said, history: History) -> Made:
    x = _weeks(said, 4)
    held = sum(value is not None for value in _weeks(said, 29))
    if None in x:
        early = said.newest - timedelta(21) < history.first_period
        return None, "WARMUP" if early else "NOT_PUBLISHED", min(held, 4)
    return sum(x) / 4, "OK", 4  # type: ignore[arg-type]


def _claims_low(said: Said, history: History) -> Made:
    x = _weeks(said, 29)
    means = [None if None in x[n : n + 4] else sum(x[n : n + 4]) / 4 for n in range(26)]  # type: ignore[arg-type]
    held = [mean for mean in means if mean is not None]
    if len(held) < 26 or means[0] is None:
        early = said.newest - timedelta(196) < history.first_period
        return None, "WARMUP" if early else "NOT_PUBLISHED", len(held)
    return means[0] / min(held), "OK", 26


def _quarter(said: Said, history: History) -> Made:
    x = _months(said, 6)
    if None in x:
        early = back(said.newest, 5, "M") < history.first_period
        return None, "WARMUP" if early else "NOT_PUBLISHED", 0
    return 100 * (sum(x[:3]) / sum(x[3:]) - 1), "OK", 6  # type: ignore[arg-type]


def _level(said: Said, _: History) -> Made:
    value = said.panel[said.newest]
    return value, "OK", int(value is not None)


def _conditions(said: Said, _: History) -> Made:
    before = said.panel.get(said.newest - timedelta(91))
    if before is None:
        return None, "WARMUP", 1
    return said.panel[said.newest] - before, "OK", 2


def _cooling(said: Said, history: History) -> Made:
    x = {k: said.panel.get(back(said.newest, k, "M")) for k in (0, 3, 12, 15)}
    held = sum(value is not None for value in x.values())
    if held < 4:
        early = back(said.newest, 15, "M") < history.first_period
        return None, "WARMUP" if early else "NOT_PUBLISHED", held
    quarter = 100 * ((x[0] / x[3]) ** 4 - 1)  # type: ignore[operator]
    year, year_then = 100 * (x[0] / x[12] - 1), 100 * (x[3] / x[15] - 1)  # type: ignore[operator]
    return float(quarter < year <= year_then), "OK", 4


def _makers(world: World) -> dict[str, tuple[str, Maker, int]]:
    """Reading → (series, what is made of it, inputs expected)."""
    series = {r["series_id"]: r for r in world.seed("series")}
    cpi, core, pce, core_pce = "CPIAUCSL", "CPILFESL", "PCEPI", "PCEPILFE"
    wages, sales, jobs = "CES0500000003", "RSAFS", "PAYEMS"
    changed = {
        "MA01_cpi": (cpi, "mom"), "MA01_core_cpi": (core, "mom"), "MA01_pce": (pce, "mom"), "MA01_core_pce": (core_pce, "mom"),
        "MA02_cpi": ("CPIAUCNS", "yoy"), "MA02_core_cpi": (core, "yoy"), "MA02_pce": (pce, "yoy"), "MA02_core_pce": (core_pce, "yoy"),
        "MA03_cpi_3m": (cpi, "ann_3m"), "MA03_cpi_6m": (cpi, "ann_6m"), "MA03_core_cpi_3m": (core, "ann_3m"),
        "MA03_core_cpi_6m": (core, "ann_6m"), "MA03_core_pce_3m": (core_pce, "ann_3m"), "MA03_core_pce_6m": (core_pce, "ann_6m"),
        "MA07_yoy": (wages, "yoy"), "MA07_3m": (wages, "ann_3m"), "MA09_mom": (sales, "mom"), "MA09_real": ("RRSFS", "mom"),
        "MA09_gdp": ("GDP", "yoy"),
    }  # fmt: skip
    return {name: (s, _changed(what, series[s]), 2) for name, (s, what) in changed.items()} | {
        "MA04_cpi_bridge": (cpi, _bridged, 2), "MA04_core_cpi_bridge": (core, _bridged, 2),
        "MA05_change": (jobs, _payrolls, 2), "MA05_3m": (jobs, _payrolls_3, 4), "MA05_revision": (jobs, _payrolls_revised, 4),
        "MA06_unemployment": ("UNRATE", _unemployment, 1), "MA06_sahm": ("UNRATE", _sahm, 15),
        "MA06_sahm_interp": ("UNRATE", _sahm_filled, 15), "MA08_4wk": ("ICSA", _claims, 4), "MA08_vs_low": ("ICSA", _claims_low, 26),
        "MA09_3m3m": (sales, _quarter, 6), "MA08_continued": ("CCSA", _level, 1), "MP10": ("NFCI", _level, 1),
        "MP10_d13w": ("NFCI", _conditions, 2), "MP12_sloos": ("DRTSCILM", _level, 1), "MA11": (core, _cooling, 4),
    }  # fmt: skip


def statistics(world: World) -> pl.DataFrame:
    """Every reading of a released statistic."""
    frequency = {r["series_id"]: r["frequency"] for r in world.seed("series")}
    start = {r["series_id"]: date.fromisoformat(r["history_from"]) for r in world.seed("series")}
    found = []
    for reading_id, (series, make, expected) in _makers(world).items():
        history = histories(world)[series]
        made: dict[int, Made] = {}
        rows: dict[str, list[Any]] = {name: [] for name in ("on", "value", "word", "used", "known", "period")}
        for n, day in enumerate(world.days):
            snapshot = int(world.snapshots[n])
            said = history.at(snapshot) if day >= start[series] else None
            if said is None:
                continue
            if id(said) not in made:
                made[id(said)] = make(said, history)
            value, why, used = made[id(said)]
            rows["on"].append(n)
            rows["value"].append(np.nan if value is None else value)
            rows["word"].append("STALE_INPUT" if is_stale(said, snapshot, frequency[series]) else why)
            rows["used"].append(used)
            rows["known"].append(said.known)
            rows["period"].append(np.datetime64(said.newest, "D"))
        found.append(
            shaped(
                reading_id, "US", world, np.array(rows["on"]), rows["value"], np.array(rows["word"]), rows["used"], expected,
                np.array(rows["known"]), np.array(rows["period"]),
            )
        )  # fmt: skip
    return pl.concat(found)


def goldilocks(world: World) -> pl.DataFrame:
    """MA12: cooling prices, payrolls that grow, no recession. One that says no decides."""
    parts: dict[str, dict[date, tuple[Any, ...]]] = {}
    rows = statistics(world).filter(pl.col("reading_id").is_in(["MA11", "MA05_3m", "MA06_sahm"]))
    for name, day, *rest in rows.select(
        "reading_id", "session_date", "value", "status", "known_at", "obs_period"
    ).iter_rows():
        parts.setdefault(name, {})[day] = tuple(rest)
    on, values, words, used, known, period = [], [], [], [], [], []
    for day, cooling in sorted(parts["MA11"].items()):
        three = [cooling, *(parts[name].get(day) for name in ("MA05_3m", "MA06_sahm"))]
        says = [
            None if part is None or part[1] != "OK" else holds(part[0])
            for part, holds in zip(three, (lambda v: v == 1, lambda v: v > 0, lambda v: v < 0.3), strict=True)
        ]
        decided = False if False in says else None if None in says else True
        why = [("NOT_PUBLISHED" if part is None else part[1]) for part in three]
        on.append(world.at[day])
        values.append(np.nan if decided is None else float(decided))
        words.append("OK" if decided is not None else why[says.index(None)])
        used.append(sum(say is not None for say in says))
        known.append(max(part[2] for part in three if part is not None))
        period.append(cooling[3])
    return shaped(
        "MA12",
        "US",
        world,
        np.array(on),
        values,
        np.array(words),
        used,
        3,
        np.array(known),
        np.array(period, "datetime64[D]"),
    )


def rebuilt(world: World) -> set[tuple[str, date]]:
    """(reading, session) where what was said was the newest figures under an old date."""
    series = {r["series_id"]: r for r in world.seed("series")}
    found = set()
    for reading_id, (name, _, _) in _makers(world).items():
        for n, day in enumerate(world.days):
            said = histories(world)[name].at(int(world.snapshots[n]))
            if said is not None and is_rebuilt(said, series[name]):
                found.add((reading_id, day))
    three = {day for name, day in found if name in ("MA11", "MA05_3m", "MA06_sahm")}
    prices = {day for name, day in found if name == "MA01_cpi"}
    return found | {("MA12", day) for day in three} | {("CM03", day) for day in prices}
