"""Readings of yields, spreads, term premia, the target and what rates do to stocks: MP05 to MP09, MP11 and MP12.

Belongs here: those not made of what futures imply alone (``fed_funds``). Does not: what was known (``rates``, ``macro``).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

import numpy as np
import polars as pl

from second.facts import World
from second.fed_funds import priced_bp
from second.macro import changes, histories, is_rebuilt, is_stale
from second.prices import prices
from second.rates import MONTH, before, curve_move, known_values, policy, premia, spoken, spread
from second.readings import NEVER, shaped

LEVELS = {
    "MP07_real": "DFII10", "MP08_kw": "THREEFYTP10", "MP12_hy": "BAMLH0A0HYM2", "MP12_ig": "BAMLC0A0CM", "MP12_baa": "BAA10Y",
}  # fmt: skip
SPREADS = {
    "MP05_2s10s": ("DGS10", "DGS2", 100),
    "MP05_3m10y": ("DGS10", "DGS3MO", 100),
    "MP07_breakeven": ("DGS10", "DFII10", 1),
}
CHANGES = {
    "MP07_d20": ("DFII10", 20), "MP07_d60": ("DFII10", 60), "MP07_breakeven_d20": ("T10YIE", 20),
    "MP07_breakeven_d60": ("T10YIE", 60), "MP09_d126": ("DFEDTARU", 126), "MP12_hy_d20": ("BAMLH0A0HYM2", 20),
    "MP12_ig_d20": ("BAMLC0A0CM", 20),
}  # fmt: skip
CLASSES = {"mixed": 0, "bull_steepener": 1, "bull_flattener": 2, "bear_steepener": 3, "bear_flattener": 4}


def _days(days: list[date | None], on: np.ndarray) -> np.ndarray:
    return np.array([NEVER if days[n] is None else np.datetime64(days[n], "D") for n in on])


def series(world: World) -> pl.DataFrame:
    """Levels, differences and changes of daily series, in the unit of the reading."""
    found = []
    for reading_id, name in LEVELS.items():
        k = known_values(world, name)
        on = np.flatnonzero(k.has)
        used = (~np.isnan(k.value[on])).astype(int)
        found.append(
            shaped(reading_id, name, world, on, k.value[on], k.status[on], used, 1, k.known[on], _days(k.day, on))
        )
    for reading_id, (long, short, scale) in SPREADS.items():
        a, b = known_values(world, long), known_values(world, short)
        on = np.flatnonzero(a.has & b.has)
        value, word = spread(world, long, short)
        used = (~np.isnan(a.value[on])).astype(int) + ~np.isnan(b.value[on])
        period = np.minimum(_days(a.day, on), _days(b.day, on))
        newest = np.maximum(a.known, b.known)[on]
        found.append(shaped(reading_id, "US", world, on, scale * value[on], word[on], used, 2, newest, period))
    for reading_id, (name, n) in CHANGES.items():
        k = known_values(world, name)
        on = np.flatnonzero(k.has)
        change = 100 * (k.value - before(k.value, n))
        then = before(k.status, n)
        why = np.where(then == "STALE_INPUT", "STALE_INPUT", "WARMUP")
        word = np.where(k.status != "OK", k.status, np.where(np.isnan(change), why, "OK"))
        there = np.concatenate([[0], np.cumsum(~np.isnan(k.value))])
        used = there[on + 1] - there[np.maximum(on - n, 0)]
        found.append(
            shaped(reading_id, name, world, on, change[on], word[on], used, n + 1, k.known[on], _days(k.day, on))
        )
    return pl.concat(found)


def curve(world: World) -> pl.DataFrame:
    """MP06: level, slope and class of the move of two and ten years."""
    move, ten, two = curve_move(world), known_values(world, "DGS10"), known_values(world, "DGS2")
    on = np.flatnonzero(ten.has & two.has)
    changed = [~np.isnan(k.value - before(k.value, MONTH)) for k in (ten, two)]
    then = [before(k.status, MONTH) == "STALE_INPUT" for k in (ten, two)]
    word = np.select(
        [ten.status != "OK", two.status != "OK", changed[0] & changed[1], then[0] | then[1]],
        [ten.status, two.status, "OK", "STALE_INPUT"],
        "WARMUP",
    )
    used = 2 * changed[0].astype(int) + 2 * changed[1]
    named = np.array([np.nan if name is None else CLASSES[name] for name in move.name])
    period, newest = np.minimum(_days(ten.day, on), _days(two.day, on)), np.maximum(ten.known, two.known)[on]
    return pl.concat(
        shaped(f"MP06_{name}", "US", world, on, value[on], word[on], used[on], 4, newest, period)
        for name, value in (("level", move.level_bp), ("slope", move.slope_bp), ("class", named))
    )


def term_premium(world: World) -> pl.DataFrame:
    """MP08 of the New York Fed's model; the change of the yield is of the same days, as first published by then."""
    told: dict[date, tuple[int, float]] = {}
    for known, day, value, _ in sorted(spoken(world)["DGS10"], key=lambda t: t[0]):
        if day not in told and value is not None:
            told[day] = (known, value)
    on = np.array(sorted(premia(world)))
    names = ("acm", "expected", "acm_d20", "expected_d20", "fit_d20")
    values: dict[str, list[float | None]] = {name: [] for name in names}
    words: dict[str, list[str]] = {name: [] for name in names}
    has_change = []
    for n in on:
        p, snapshot = premia(world)[int(n)], int(world.snapshots[n])
        ends = [told.get(d) if d else None for d in (p.day, p.day_before)]
        known = [e[1] for e in ends if e is not None and e[0] <= snapshot]
        moved = 100 * (known[0] - known[1]) if len(known) == 2 else None
        parts = (p.premium_d20_bp, p.expected_d20_bp)
        rest = None if moved is None or None in parts else moved - sum(parts)  # type: ignore[arg-type]
        fresh = p.status == "OK"
        has_change.append(fresh and p.premium_d20_bp is not None)
        for name, value in zip(names, (p.premium, p.expected, *parts, rest), strict=True):
            why = p.status
            if why == "OK" and "acm" not in name:
                why = p.status_expected
            if why == "OK" and name.endswith("d20") and p.premium_d20_bp is None:
                why = "WARMUP"
            if why == "OK" and name == "fit_d20" and moved is None:
                why = "NOT_PUBLISHED"
            values[name].append(np.nan if value is None else value)
            words[name].append(why)
    period = np.array([np.datetime64(premia(world)[int(n)].day, "D") for n in on])
    newest = np.array([premia(world)[int(n)].known for n in on])
    found = []
    for name in names:
        is_change = name.endswith("d20")
        used = 1 + np.array(has_change).astype(int) if is_change else 1
        found.append(
            shaped(
                f"MP08_{name}",
                "US",
                world,
                on,
                values[name],
                np.array(words[name]),
                used,
                1 + is_change,
                newest,
                period,
            )
        )
    return pl.concat(found)


def stance(world: World) -> pl.DataFrame:
    """MP09 but for the change of the target: last move, months since, real rate, easing under way."""
    p = policy(world)
    on = np.flatnonzero((p.effr_known > 0) | ~np.isnan(p.upper))
    has = np.array([d is not None for d in p.moved_on])
    word = np.where(p.status_target != "OK", p.status_target, np.where(has, "OK", "WARMUP"))[on]
    months = [
        np.nan if p.moved_on[n] is None else (world.days[n] - p.moved_on[n]).days / 30.4375  # type: ignore[operator]
        for n in on
    ]
    found = [
        shaped("MP09_last", "US", world, on, p.moved_by[on], word, has[on], 1),
        shaped("MP09_months", "US", world, on, months, word, has[on], 1),
        _real_rate(world, on),
    ]
    priced, path = priced_bp(world)
    cut = np.where((path == "OK") & ~np.isnan(p.moved_by), (p.moved_by < 0) & (priced <= -25), np.nan)
    starts = np.flatnonzero(path != "NOT_AVAILABLE")
    told_of = on[on >= (starts[0] if starts.size else len(world.days))]
    told, easing = [], []
    for n in told_of:
        window = cut[max(n - 19, int(on[0])) : n + 1]
        told.append(int((~np.isnan(window)).sum()))
        easing.append(float(np.nansum(window) == 20))
    word = np.where(path[told_of] != "OK", path[told_of], np.where(np.array(told) < 20, "WARMUP", "OK"))
    found.append(shaped("MP09_shift_easing", "US", world, told_of, easing, word, told, 20))
    return pl.concat(found)


def _real_rate(world: World, on: np.ndarray) -> pl.DataFrame:
    p = policy(world)
    row = next(r for r in world.seed("series") if r["series_id"] == "PCEPILFE")
    history = histories(world)["PCEPILFE"]
    value, word, used, known, period = [], [], [], [], []
    for n in on:
        said = history.at(int(world.snapshots[n])) if str(world.days[n]) >= row["history_from"] else None
        made = changes(said, row, history.first_period) if said else None
        why = str(p.status_effr[n])
        if why == "OK":
            why = "NOT_PUBLISHED"
            if said and made:
                stale = is_stale(said, int(world.snapshots[n]), row["frequency"])
                why = "STALE_INPUT" if stale else made["status_yoy"]
        yoy = made["yoy"] if made else None
        value.append(np.nan if yoy is None else p.effr[n] - yoy)
        word.append(why)
        used.append(int(not np.isnan(p.effr[n])) + int(yoy is not None))
        known.append(max(int(p.effr_known[n]), said.known if said else 0))
        period.append(np.datetime64(said.newest, "D") if said else NEVER)
    return shaped(
        "MP09_real", "US", world, on, value, np.array(word), used, 2, np.array(known), np.array(period, "datetime64[D]")
    )


def rebuilt(world: World) -> set[tuple[str, date]]:
    """(reading, session) where a figure was an estimate of later, or the newest under an old date."""
    found = set()
    for n, p in premia(world).items():
        if p.is_reconstructed:
            names = ("acm", "expected", "acm_d20", "expected_d20", "fit_d20")
            found |= {(f"MP08_{name}", world.days[n]) for name in names}
    row = next(r for r in world.seed("series") if r["series_id"] == "PCEPILFE")
    for n, day in enumerate(world.days):
        said = histories(world)["PCEPILFE"].at(int(world.snapshots[n]))
        if said and is_rebuilt(said, row):
            found.add(("MP09_real", day))
    for name in LEVELS:
        kind = next(r for r in world.seed("series") if r["series_id"] == LEVELS[name])["revision_kind"]
        found |= {(name, day) for day in world.days} if kind == "vintage" else set()
    return found


def duration(world: World) -> pl.DataFrame:
    """MP11: what technology did beyond the market when the real yield moved, 120 pairs of neighbouring sessions."""
    held = prices(world)
    tech = next(
        p
        for p in held.values()
        if p.role == "sector_etf" and _sector(world, p.instrument_id) == "information_technology"
    )
    broad = next(p for p in held.values() if p.role == "broad_etf")
    size = len(world.days)
    legs, newest = [], np.zeros(size)
    for p in (tech, broad):
        level = p.along(np.where(p.is_traded, p.total_return, np.nan), size)
        legs.append(level / before(level, 1) - 1)
        known = p.along(p.known.astype(float), size)
        newest = np.fmax(newest, np.fmax(known, before(known, 1)))
    real, told = np.full(size, np.nan), np.zeros(size)
    for known, day, value, _ in sorted(spoken(world)["DFII10"], key=lambda t: -t[0]):
        n = world.at.get(day)
        if n is not None and value is not None:
            real[n], told[n] = value, known
    x, y = 100 * (real - before(real, 1)), 100 * (legs[0] - legs[1])
    on = np.flatnonzero(~np.isnan(x) & ~np.isnan(y))
    known = np.maximum.accumulate(np.fmax(newest, told)[on])
    lines = []
    for k in range(on.size):
        w = on[max(k - 119, 0) : k + 1]
        if w.size < 100:
            lines.append((np.nan,) * 3)
            continue
        slope, cut = np.polyfit(x[w], y[w], 1)
        rest = y[w] - cut - slope * x[w]
        error = np.sqrt((rest @ rest) / (w.size - 2) / ((x[w] - x[w].mean()) ** 2).sum())
        lines.append((slope, slope - 1.96 * error, slope + 1.96 * error))
    rows = []
    for n in range(size):
        k = bisect_right(known, world.snapshots[n]) - 1
        if k >= 0:
            rows.append((n, k))
    at = np.array([n for n, _ in rows])
    ends = np.array([k for _, k in rows])
    used = np.minimum(ends + 1, 120)
    word = np.where(at - on[ends] > 3, "STALE_INPUT", np.where(used < 100, "WARMUP", "OK"))
    return pl.concat(
        shaped(
            f"MP11_tech{suffix}", "US", world, at, [lines[e][i] for e in ends], word, used, 120, known[ends],
            world.dates[on[ends]],
        )
        for i, suffix in enumerate(("", "_low", "_high"))
    )  # fmt: skip


def _sector(world: World, instrument: str) -> str:
    return next(r["sector_id"] for r in world.instruments if r["instrument_id"] == instrument)
