"""What earlier rallies say: precedents of a kind, beliefs as statistics, rallies that looked alike.

Belongs here: ``precedents``, ``misconceptions``, ``analogues``, ``analogue_episodes``. Does not: readings, scores, states.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from second.facts import World
from second.rallies import Episode, histories
from second.scenarios import adjusted, against_others, months, sessions, spoken, spread_of_mean, states, two_sided
from second.valuation import rebuilt
from second.volatility import headline

HALF_YEAR, QUARTER, Z = 126, 63, statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Rallies:
    """Closes of the headline index by bar and its rallies; positions are of bars."""

    days: list[date]
    close: np.ndarray
    episodes: list[Episode]
    first: int  # the first bar of the marts


@cache
def rallies(world: World) -> Rallies:
    """Of the default rule."""
    index = headline(world)
    told = next(t for p, rule, t in histories(world) if p is index and rule["is_default"] == "true")
    days = [world.days[n] for n in index.at]
    return Rallies(days, index.ticks.astype(float), told.episodes, days.index(sessions(world)[0]))


def _value(world: World, reading_id: str, day: date) -> float | None:
    said = spoken(world, reading_id).get(day)
    return said.value if said else None


def _worst_fall(path: np.ndarray) -> float:
    """From a high, in percent."""
    return float(100 * (path / np.maximum.accumulate(path) - 1).min())


@cache
def _drivers(world: World) -> dict[date, dict[str, tuple[str, str | None]]]:
    found: dict[date, dict[str, tuple[str, str | None]]] = {}
    roles = {row["driver_id"]: row["role"] for row in world.seed("drivers")}
    for day, name, status, direction in (
        world.published("driver_scorecard").select("session_date", "driver_id", "status", "direction").iter_rows()
    ):
        if roles[name] == "driver":
            found.setdefault(day, {})[name] = (status, direction)
    return found


def _group(world: World, kind: str, e: Episode, decided: int) -> bool | None:
    day = rallies(world).days[decided]
    if kind == "eased":
        return _is_eased(world, e, decided)
    if kind == "sentiment_only":
        return _is_calm_alone(world, decided)
    if kind == "many_drivers":
        drivers = _drivers(world).get(day, {})
        bullish = sum(direction == "bullish" for _, direction in drivers.values())
        is_known = sum(status == "OK" for status, _ in drivers.values()) >= 5
        return True if bullish >= 3 else False if is_known else None
    part = _value(world, "LC08_size_trough" if kind == "sector_led" else "BR15_20", day)
    return None if part is None else part > 0.5 if kind == "sector_led" else part < 72.7


def _is_eased(world: World, e: Episode, decided: int) -> bool | None:
    r = rallies(world)
    if r.close[e.trough] / r.close[e.peak] - 1 > -0.1:
        return None
    known = {
        row["meeting_date"]: float(row["target_upper_after"])
        for row in world.seed("policy_meetings")
        if row["target_upper_after"]
    }
    for before, now in pairwise(sorted(known)):
        if known[now] < known[before] and r.days[e.confirmed] <= date.fromisoformat(now) <= r.days[decided]:
            return True
    cooling = _value(world, "MA11", r.days[decided])
    return None if cooling is None else cooling == 1


def _is_calm_alone(world: World, decided: int) -> bool | None:
    r = rallies(world)
    if decided < 60 or r.close[decided] <= r.close[decided - 60]:
        return None
    scores = _scores(world).get(r.days[decided], (None, None, None))[:2]
    if any(score is not None and score >= 0.5 for score in scores):
        return False
    calm = _value(world, "VS01_pct_252", r.days[decided])
    return True if None not in scores and calm is not None and calm < 20 else None


@cache
def _scores(world: World) -> dict[date, tuple[float | None, ...]]:
    """Macro, earnings and composite of durability, by session."""
    told = world.published("durability").select("session_date", "score_macro", "score_earnings", "composite")
    return {day: tuple(scores) for day, *scores in told.iter_rows()}


@cache
def precedents(world: World) -> pl.DataFrame:
    """Two groups of each kind, every session."""
    r = rallies(world)
    index_id = headline(world).instrument_id
    rows, tests = [], {}
    for kind in world.seed("precedent_list"):
        name, wait = kind["precedent_id"], int(kind["decided_after"])
        outcomes = []
        for e in r.episodes:
            n = e.confirmed + wait
            if n + HALF_YEAR < len(r.days):
                path = r.close[n : n + HALF_YEAR + 1]
                outcomes.append(
                    (n + HALF_YEAR, _group(world, name, e, n), 100 * (path[-1] / path[0] - 1), _worst_fall(path))
                )
        for n in range(r.first, len(r.days)):
            seen = [o for o in outcomes if o[0] <= n]
            groups = {g: [o for o in seen if o[1] is g] for g in (True, False)}
            apart = error = None
            if groups[True] and groups[False]:
                moves = [[o[2] for o in groups[g]] for g in (True, False)]
                apart = statistics.fmean(moves[0]) - statistics.fmean(moves[1])
                if min(map(len, moves)) > 1:
                    error = math.sqrt(sum(statistics.variance(m) / len(m) for m in moves))
            for g, label in ((True, "with"), (False, "without")):
                moves = [o[2] for o in groups[g]]
                tested = error is not None and g
                if tested:
                    tests.setdefault(r.days[n], {})[name] = two_sided(apart / error)
                rows.append(
                    {
                        "index_id": index_id, "precedent_id": name, "group_id": label, "session_date": r.days[n],
                        "n": len(moves), "n_unknown": sum(o[1] is None for o in seen),
                        "mean_move_126d": statistics.fmean(moves) if moves else None,
                        "median_move_126d": statistics.median(moves) if moves else None,
                        "worst_move_126d": min(moves, default=None),
                        "share_higher": sum(m > 0 for m in moves) / len(moves) if moves else None,
                        "mean_drawdown_126d": statistics.fmean(o[3] for o in groups[g]) if moves else None,
                        "difference": apart if g else None,
                        "difference_low": apart - Z * error if tested else None,
                        "difference_high": apart + Z * error if tested else None,
                        "p_value": two_sided(apart / error) if tested else None,
                        "status": "OK" if moves else "UNDEFINED",
                        "status_difference": "OK" if g and apart is not None else "UNDEFINED",
                        "status_test": "OK" if tested else "UNDEFINED",
                    }
                )  # fmt: skip
    q = {day: adjusted(held) for day, held in tests.items()}
    for row in rows:
        row["q_value"] = q[row["session_date"]][row["precedent_id"]] if row["p_value"] is not None else None
    return pl.DataFrame(rows, infer_schema_length=None)


def _interval(share: float, n: float) -> tuple[float, float]:
    """Wilson's: the shares p whose distance from the one seen is Z of their own deviations."""
    a, b, c = 1 + Z * Z / n, -(2 * share + Z * Z / n), share * share
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return max((-b - root) / (2 * a), 0.0), min((-b + root) / (2 * a), 1.0)


Figure = tuple[float | None, float | None, float | None, int, int, float | None, bool]


def _single(world: World, t: int) -> Figure:
    r = rallies(world)
    parts = []
    for e in r.episodes:
        end = e.trough + QUARTER
        if max(end, e.confirmed) <= t and r.close[end] > r.close[e.trough]:
            steps = [math.log(r.close[k] / r.close[k - 1]) for k in range(e.trough + 1, end + 1)]
            parts.append(max(steps) / math.fsum(steps))
    n = len(parts)
    if not n:
        return None, None, None, 0, 0, None, False
    share = sum(p >= 0.5 for p in parts) / n
    chance = next(
        float(row["benchmark"]) for row in world.seed("misconception_list") if row["subject"] == "single_session"
    )
    return share, *_interval(share, n), n, n, two_sided((share - chance) / math.sqrt(chance * (1 - chance) / n)), False


@cache
def _falls(world: World, horizon: int) -> np.ndarray:
    """Whether a fall of 10 % came inside the horizon; NaN where it is not over."""
    r = rallies(world)
    found = np.full(len(r.days), np.nan)
    views = np.lib.stride_tricks.sliding_window_view(r.close, horizon + 1)
    highs = np.maximum.accumulate(views, axis=1)
    found[: views.shape[0]] = (views / highs - 1).min(axis=1) <= -0.1
    return found


@cache
def _values(world: World, reading_id: str) -> np.ndarray:
    """Of all that was told, rebuilt or not, per bar."""
    told = world.published("indicator_readings").filter(pl.col("reading_id") == reading_id, pl.col("status") == "OK")
    held = dict(told.select("session_date", "value").iter_rows())
    return np.array([held.get(day, np.nan) for day in rallies(world).days])


@cache
def _momentum(world: World, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Which bars are of the kind, and which can be judged."""
    if kind == "trend":
        trend = _values(world, "TE06")
        return trend > 0.8, ~np.isnan(trend)
    average, year = _values(world, "TE03"), _values(world, "TE10")
    both = ~np.isnan(average) & ~np.isnan(year)
    up = (average > 0) & (year > 0) & both
    if kind == "momentum":
        return up, both
    days = rallies(world).days
    of = dict(zip(sessions(world), zip(states(world)["SC-R1"], states(world)["SC-R2"], strict=True), strict=True))
    danger = np.array([True in of.get(day, ()) for day in days])
    known = np.array([day in of and None not in of[day] for day in days])
    return up & danger, both & (danger | known | ~up)


def _after(world: World, kind: str, t: int) -> Figure:
    chosen, judged = _momentum(world, kind)
    fell = _falls(world, QUARTER)
    end = max(t - QUARTER + 1, 0)
    inside = np.flatnonzero(judged[:end] & ~np.isnan(fell[:end]))
    y, x = fell[inside], chosen[inside]
    count, last = 0, -QUARTER
    for k in np.flatnonzero(chosen & judged):
        if k + QUARTER <= t and k - last >= QUARTER:
            count, last = count + 1, int(k)
    if not x.any() or x.all():
        return None, None, None, count, int(x.sum()), None, False
    apart = y[x].mean() - y.mean()
    part = against_others(y, x)
    error = spread_of_mean(part, QUARTER)
    if error == 0:
        return None, None, None, count, int(x.sum()), None, False
    return apart, apart - Z * error, apart + Z * error, count, int(x.sum()), two_sided(apart / error), False


def _zero(world: World, what: str, t: int) -> Figure:
    coin, kind = what.split("_")
    if kind == "zero":
        low, high = (_values(world, f"XA02_{coin}_60_{end}")[: t + 1] for end in ("low", "high"))
        held, so = ~np.isnan(low + high), (low <= 0) & (high >= 0)
    else:
        r = _values(world, f"XA01_{coin}_60")[: t + 1]
        held, so = ~np.isnan(r), r < 0
    n_all = int(held.sum())
    if n_all < 60:
        return None, None, None, 0, 0, None, False
    share = float((so & held).sum() / n_all)
    return share, *_interval(share, n_all // 60), n_all // 60, n_all, None, False


@cache
def _forecasts(world: World) -> list[tuple[int, float, float, bool, bool]]:
    """Monthly: bar, chance, base rate, whether the fall came, whether the percentile was rebuilt."""
    r = rallies(world)
    x, fell = _values(world, "VA04_cape_pct"), _falls(world, HALF_YEAR)
    starts = [n for n in range(len(r.days)) if n == 0 or r.days[n - 1].month != r.days[n].month]
    found = []
    for now in starts:
        past = [n for n in starts if n + HALF_YEAR <= now and not np.isnan(x[n] + fell[n])]
        y = fell[past]
        if len(past) < 24 or np.isnan(x[now]) or y.min() == y.max() or np.isnan(fell[now]):
            continue
        middle, spread = x[past].mean(), x[past].std()
        z = (x[past] - middle) / spread
        best = np.zeros(2)
        for _ in range(200):  # damped steps down the penalised likelihood
            chance = 1 / (1 + np.exp(-(best[0] + best[1] * z)))
            slope = np.array([(y - chance).sum(), ((y - chance) * z).sum() - best[1]])
            weight = chance * (1 - chance)
            cross = (weight * z).sum()
            bend = np.array([[weight.sum(), cross], [cross, (weight * z * z).sum() + 1]])
            best = best + np.linalg.solve(bend, slope)
        chance_now = 1 / (1 + math.exp(-(best[0] + best[1] * (x[now] - middle) / spread)))
        old = ("VA04_cape_pct", r.days[now]) in rebuilt(world)
        found.append((now, chance_now, (y.sum() + 1) / (len(past) + 2), bool(fell[now]), old))
    return found


def _timing(world: World, t: int) -> Figure:
    seen = [f for f in _forecasts(world) if f[0] + HALF_YEAR <= t]
    if len(seen) < 7:
        return None, None, None, len(seen) // 6, len(seen), None, any(f[4] for f in seen)
    worse = np.array([(f[2] - f[3]) ** 2 for f in seen])
    better = np.array([(f[1] - f[3]) ** 2 for f in seen])
    gain = worse - better
    skill, error = gain.mean() / worse.mean(), spread_of_mean(gain - gain.mean(), 6) / worse.mean()
    return (
        skill,
        skill - Z * error,
        skill + Z * error,
        len(seen) // 6,
        len(seen),
        two_sided(skill / error),
        any(f[4] for f in seen),
    )


def _figure(world: World, what: str, t: int) -> Figure:
    if what == "single_session":
        return _single(world, t)
    if what == "timing":
        return _timing(world, t)
    if what == "long_run":
        return _long_run(world, t)
    if what in ("momentum", "momentum_danger", "trend"):
        return _after(world, what, t)
    return _zero(world, what, t)


def _long_run(world: World, t: int) -> Figure:
    """R-squared of ten-year returns on CAPE, in the sample too short for a single ten years apart."""
    rows = world.firsts("shiller_ie").sort("month").to_dicts()
    held = {row["month"]: row for row in rows if row["price"] and row["cpi"] and row["dividend"] is not None}
    snapshot = world.snapshots[world.at[rallies(world).days[t]]]
    pairs = 0
    for month in held:
        chain, known = (
            [
                held.get(date(month.year + (month.month - 1 + k) // 12, (month.month - 1 + k) % 12 + 1, 1))
                for k in range(121)
            ],
            0,
        )
        if all(chain) and held[month]["cape"]:
            known = max(int(row["known_at"].timestamp() * 1e6) for row in chain if row)
            pairs += known <= snapshot
    assert pairs < 240, "the sample grew: compute the figure here too"
    return None, None, None, pairs // 120, pairs, None, False


def misconceptions(world: World) -> pl.DataFrame:
    """Beliefs, every session: the figures of the month's first, the precedents' of the day."""
    r = rallies(world)
    days = sessions(world)
    starts = months(world, days)
    several = precedents(world).filter(pl.col("precedent_id") == "many_drivers")
    with_, without = (
        {row["session_date"]: row for row in several.filter(group_id=g).to_dicts()} for g in ("with", "without")
    )
    rows: list[dict[str, Any]] = []
    for belief in world.seed("misconception_list"):
        told: Figure = (None, None, None, 0, 0, None, False)
        on = days[0]
        for n, day in enumerate(days):
            if belief["subject"] == "precedent":
                w, o = with_[day], without[day]
                counts = min(w["n"], o["n"]), w["n"] + o["n"]
                told = (w["difference"], w["difference_low"], w["difference_high"], *counts, w["p_value"], False)
                on = day
            elif n in starts:
                told, on = _figure(world, belief["subject"], r.first + n), day
            value, low, high, count, every, p, old = told
            at = float(belief["true_at"]) if belief["true_at"] else None
            if value is None:
                verdict = "no_data"
            elif not belief["true_op"]:
                verdict = "context"
            elif count < int(belief["least_n"]):
                verdict = "too_few"
            else:
                assert at is not None
                inside = {">": (low > at, high <= at), "<": (high < at, low >= at), "<=": (high <= at, low > at)} if low is not None else {}  # type: ignore[operator]  # fmt: skip
                yes, no = inside.get(belief["true_op"], (False, False))
                verdict = "supported" if yes else "not_supported" if no else "undecided"
            rows.append(
                {
                    "misconception_id": belief["misconception_id"], "session_date": day, "value": value, "ci_low": low,
                    "ci_high": high, "n": count, "n_overlapping": every, "p_value": p, "verdict": verdict,
                    "computed_on": on, "is_reconstructed": old, "status": "OK" if value is not None else "WARMUP",
                    "status_interval": "OK" if low is not None else "WARMUP",
                    "status_test": "OK" if p is not None else "UNDEFINED",
                }
            )  # fmt: skip
    tests: dict[date, dict[str, float]] = {}
    for row in rows:
        if row["p_value"] is not None:
            tests.setdefault(row["session_date"], {})[row["misconception_id"]] = row["p_value"]
    q = {day: adjusted(held) for day, held in tests.items()}
    for row in rows:
        row["q_value"] = q[row["session_date"]][row["misconception_id"]] if row["p_value"] is not None else None
    return pl.DataFrame(rows, infer_schema_length=None)


def _features(world: World, e: Episode, age: int) -> list[float | None]:
    r = rallies(world)
    t, low, peak = e.trough + age, r.close[e.trough], r.close[e.peak]
    fall = 100 * (1 - low / peak)
    price = {
        "depth": fall, "speed": fall / (e.trough - e.peak), "gain": 100 * (r.close[t] / low - 1),
        "retraced": 100 * (r.close[t] - low) / (peak - low),
    }  # fmt: skip
    found: list[float | None] = []
    for row in world.seed("analogue_features"):
        if row["source"] == "price":
            found.append(round(price[row["subject"]], 9))
            continue
        if row["source"] == "score":
            score = _scores(world).get(r.days[t], (None, None, None))[2]
            found.append(None if score is None else round(score, 9))
            continue
        now = _value(world, row["subject"], r.days[t])
        then = _value(world, row["subject"], r.days[e.trough]) if row["source"] == "change" else 0.0
        found.append(None if now is None or then is None else round(now - then, 9))
    return found


def _fair(ensemble: list[float], outcome: float) -> float:
    """CRPS by order: the mean distance between two members follows from their ranks."""
    m, ordered = len(ensemble), sorted(ensemble)
    between = 2 * math.fsum((2 * k - m + 1) * x for k, x in enumerate(ordered)) / (m * (m - 1))
    return math.fsum(abs(x - outcome) for x in ensemble) / m - between / 2


def _distance(one: list[float | None], other: list[float | None]) -> tuple[float, int]:
    """From ``one``'s side: infinite where fewer than seven in ten of its features are shared."""
    both = [(a - b) ** 2 for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    wanted = sum(a is not None for a in one)
    if not both or len(both) < 0.7 * wanted - 1e-9:
        return math.inf, len(both)
    return math.fsum(both) / len(both), len(both)


def _scale(rows: list[list[float | None]]) -> list[list[float | None]]:
    """Robust z of all rows by all but the last, which is the one at hand."""
    out = [list[float | None]() for _ in rows]
    for k in range(len(rows[0])):
        held = [row[k] for row in rows[:-1] if row[k] is not None]
        middle = statistics.median(held) if held else 0.0
        spread = 1.4826 * statistics.median([abs(v - middle) for v in held]) if held else 0.0
        for row, z in zip(rows, out, strict=True):
            usable = len(held) >= 5 and spread > 1e-12 and row[k] is not None
            z.append((row[k] - middle) / spread if usable else None)  # type: ignore[operator]
    return out


def _summary(moves: list[float], prefix: str) -> dict[str, float | None]:
    names = [f"{prefix}{name}_move" for name in ("p25", "median", "p75", "worst")] + [f"{prefix}share_higher"]
    if not moves:
        return dict.fromkeys(names)
    ordered = sorted(moves)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])

    return dict(
        zip(names, [at(0.25), at(0.5), at(0.75), ordered[0], sum(m > 0 for m in moves) / len(moves)], strict=True)
    )


@cache
def _alike(world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    r = rallies(world)
    index_id = headline(world).instrument_id
    rule = next(row["rule"] for row in world.seed("rally_rules") if row["is_default"] == "true")
    horizons, singles = [], []
    cached: dict[tuple[int, int], list[float | None]] = {}
    for number, e in enumerate(r.episodes):
        last = (e.ended - 1) if e.ended is not None else len(r.days) - 1
        for t in range(e.confirmed, last + 1):
            since = t - e.confirmed
            if t < r.first or not (since % 5 == 0 or since in (21, 63)):
                continue
            age = t - e.trough
            others = [
                (k, o) for k, o in enumerate(r.episodes[:number])
                if o.trough + age >= o.confirmed and (o.ended is None or o.trough + age < o.ended)
                and o.trough + age + HALF_YEAR <= t
            ]  # fmt: skip
            for k, o in (*others, (number, e)):
                if (k, age) not in cached:
                    cached[k, age] = _features(world, o, age)
            z = _scale([cached[k, age] for k, _ in (*others, (number, e))])
            found = [(*_distance(z[-1], one), place) for place, one in enumerate(z[:-1])]
            near = sorted((round(math.sqrt(d), 9), place, shared) for d, shared, place in found if math.isfinite(d))[:8]
            near = near if len(near) == 8 else []
            name = f"{index_id}:{rule}:{r.days[e.confirmed]}"
            base = {"index_id": index_id, "session_date": r.days[t], "age_sessions": age, "episode_id": name}

            def move(place: int, h: int, others: list[Any] = others, age: int = age, t: int = t) -> float | None:
                start = others[place][1].trough + age
                return 100 * (r.close[start + h] / r.close[start] - 1) if start + h <= t else None

            for rank, (d, place, shared) in enumerate(near, 1):
                confirmed = r.days[others[place][1].confirmed]
                year = move(place, 252)
                singles.append(
                    base | {"rank": rank, "distance": d, "n_features": shared, "analogue_confirmed_date": confirmed}
                    | {"analogue_episode_id": f"{index_id}:{rule}:{confirmed}"}
                    | {f"move_{h}d": move(place, h) for h in (21, 63, 126, 252)}
                    | {"status": "OK", "status_252d": "OK" if year is not None else "WARMUP"}
                )  # fmt: skip
            apart = [[round(_distance(a, b)[0], 9) for b in z[:-1]] for a in z[:-1]]
            for h in (21, 63, 126, 252):
                moves = {place: move(place, h) for place in range(len(others))}
                over = [place for place, m in moves.items() if m is not None]
                chosen = [moves[place] for _, place, _ in near if moves[place] is not None]
                scores = []
                if len(over) >= 10:
                    for one in over:
                        rest = [place for place in over if place != one]
                        closest = sorted((apart[one][place], place) for place in rest)[:8]
                        if all(math.isfinite(d) for d, _ in closest):
                            scores.append((_fair([moves[p] for _, p in closest], moves[one]), _fair([moves[p] for p in rest], moves[one])))  # type: ignore[arg-type,misc]  # fmt: skip
                told: dict[str, Any] = dict.fromkeys(("crps", "crps_all", "crps_gain", "crps_gain_error"))
                heading = "too few earlier rallies to judge"
                if len(scores) >= 10:
                    gains = [b - a for a, b in scores]
                    error = statistics.stdev(gains) / math.sqrt(len(gains))
                    told = {
                        "crps": statistics.fmean(a for a, _ in scores), "crps_all": statistics.fmean(b for _, b in scores),
                        "crps_gain": statistics.fmean(gains), "crps_gain_error": error,
                    }  # fmt: skip
                    heading = f"{'better' if told['crps_gain'] > 1.645 * error else 'no better'} than all episodes"
                horizons.append(
                    base | {"horizon_sessions": h, "heading": heading, "n": len(chosen), "n_all": len(over)} | told
                    | _summary(chosen, "") | _summary([moves[p] for p in over], "all_")  # type: ignore[arg-type,misc]
                    | {"n_crps": len(scores) if len(scores) >= 10 else 0, "status": "OK" if chosen else "LOW_COVERAGE"}
                    | {"status_all": "OK" if over else "WARMUP", "status_crps": "OK" if len(scores) >= 10 else "WARMUP"}
                )  # fmt: skip
    return pl.DataFrame(horizons, infer_schema_length=None), pl.DataFrame(singles, infer_schema_length=None)


def analogues(world: World) -> pl.DataFrame:
    """Per horizon."""
    return _alike(world)[0]


def analogue_episodes(world: World) -> pl.DataFrame:
    """The eight nearest."""
    return _alike(world)[1]
