"""Scenarios, judged again: the terms of the seed on published readings, the states over all, what followed entries.

Belongs here: ``scenario_tests`` and ``scenarios``. Does not: the readings (each is computed a second time elsewhere).
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ingestion import calendar
from second.facts import World
from second.rallies import histories
from second.scores import published
from second.volatility import headline

BEGIN = date(2015, 1, 2)
NUMBERS = (
    *("evidence_value", "hit_rate", "mean_move_21d", "mean_move_63d", "lead_sessions", "effect_21d", "effect_low"),
    *("effect_high", "p_value", "base_rate", "base_move_21d", "base_move_63d"),
)
WORDS = ("evidence_reading_id", "evidence_label")
OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


class Spoken(NamedTuple):
    """What a reading said on a session."""

    value: float | None
    status: str
    known_at: datetime


@cache
def spoken(world: World, reading_id: str) -> dict[date, Spoken]:
    """By session; a figure nobody knew at the time is as if it had not been published."""
    found = {}
    rows = published(world).filter(pl.col("reading_id") == reading_id)
    for day, value, status, known, old in rows.select(
        "session_date", "value", "status", "known_at", "is_reconstructed"
    ).iter_rows():
        known_then = status == "OK" and not old
        found[day] = Spoken(value if known_then else None, "NOT_PUBLISHED" if status == "OK" and old else status, known)
    return found


@cache
def sessions(world: World) -> list[date]:
    """Of the marts of this module."""
    return [day for day in world.days if day >= BEGIN]


@cache
def terms(world: World) -> dict[tuple[str, int], list[tuple[float | None, bool | None, str, datetime]]]:
    """Value, met or not, status and when it was known: of each term, per session."""
    found = {}
    for row in world.seed("scenario_terms"):
        mine = spoken(world, row["reading_id"])
        other = spoken(world, row["against"]) if row["against"] else {}
        held = sorted((world.at[day], s.value) for day, s in mine.items() if s.value is not None)
        places = [place for place, _ in held]
        told = []
        for day in sessions(world):
            n, now = world.at[day], mine.get(day)
            value: float | None = None
            why = "NOT_AVAILABLE" if now is None else now.status if now.status != "OK" else "WARMUP"
            if now is not None and now.value is not None:
                if row["measure"] == "value":
                    value = now.value
                elif row["measure"] == "change":
                    before = mine.get(world.days[n - int(row["span"])])
                    value = now.value - before.value if before and before.value is not None else None
                elif row["measure"] == "less":
                    beside = other.get(day)
                    why = beside.status if beside else "NOT_AVAILABLE"
                    value = now.value - beside.value if beside and beside.value is not None else None
                else:
                    past = [v for _, v in held[bisect_right(places, n - 1260) : bisect_right(places, n)]]
                    value = now.value - math.fsum(past) / len(past) if len(past) >= 252 else None
            known = calendar.snapshot_at(day)
            if now is not None and now.value is not None:
                beside = other.get(day)
                known = max(now.known_at, beside.known_at) if beside else now.known_at
            met = None if value is None else OPS[row["op"]](round(value, 9), float(row["threshold"]))
            told.append((value, met, "OK" if value is not None else why, known))
        found[row["scenario_id"], int(row["term_no"])] = told
    return found


def scenario_tests(world: World) -> pl.DataFrame:
    """Every term, every session."""
    seed = {(row["scenario_id"], int(row["term_no"])): row for row in world.seed("scenario_terms")}
    frames = []
    for (scenario, number), told in terms(world).items():
        at = float(seed[scenario, number]["threshold"])
        frames.append(
            pl.DataFrame(
                {
                    "session_date": sessions(world),
                    "value": [v for v, *_ in told],
                    "distance": [None if v is None else v - at for v, *_ in told],
                    "is_met": [met for _, met, *_ in told],
                    "status": [status for *_, status, _ in told],
                    "known_at": [known for *_, known in told],
                },
                schema_overrides={"value": pl.Float64, "distance": pl.Float64, "is_met": pl.Boolean},
            ).with_columns(scenario_id=pl.lit(scenario), term_no=pl.lit(number, pl.Int32))
        )
    return pl.concat(frames)


@cache
def states(world: World) -> dict[str, list[bool | None]]:
    """Each scenario per session; the two over all behind them."""
    found: dict[str, list[bool | None]] = {}
    listed = {row["scenario_id"]: row for row in world.seed("scenario_list")}
    for name, row in listed.items():
        if row["combines"] in ("all", "any"):
            mine = [told for (scenario, _), told in terms(world).items() if scenario == name]
            decides = row["combines"] == "any"  # what one term alone can make of it
            judged: list[bool | None] = []
            for n in range(len(sessions(world))):
                met = [told[n][1] for told in mine]
                judged.append(decides if decides in met else None if None in met else not decides)
            found[name] = judged
    supports = [found[name] for name, row in listed.items() if name in found and row["kind"] == "bullish"]
    dangers = [found[name] for name, row in listed.items() if name in found and row["kind"] == "bearish"]
    bull: list[bool | None] = []
    bear: list[bool | None] = []
    any_danger: list[bool | None] = []
    for n in range(len(sessions(world))):
        up, down = [one[n] for one in supports], [one[n] for one in dangers]
        any_danger.append(True if True in down else None if None in down else False)
        can_be = up.count(True) + up.count(None) >= 3
        bull.append(False if True in down or not can_be else True if up.count(True) >= 3 and None not in down else None)
        last = any_danger[max(0, n - 4) : n + 1]
        broken = found["SC-R4"][n]
        if broken or last == [True] * 5:
            bear.append(True)
        else:
            bear.append(False if broken is not None and False in last else None)
    return found | {"SC-BULL": bull, "SC-BEAR": bear}


def evidence(row: dict[str, str], met: list[bool | None], state: bool | None) -> int | None:
    """Number of the term that is shown beside a state."""
    if row["combines"] in ("bull", "bear"):
        return None
    if state is None:
        return met.index(None) + 1
    decides = row["combines"] == "any"
    return met.index(decides) + 1 if state == decides else 1


def spread_of_mean(part: np.ndarray, lags: int) -> float:
    """Newey and West's standard error of the mean of values without a mean, their autocovariances by Fourier."""
    size = 2 ** math.ceil(math.log2(2 * part.size))
    spectrum = np.abs(np.fft.rfft(part, size)) ** 2
    products = np.fft.irfft(spectrum, size)[: min(lags, part.size - 1) + 1]
    weights = 2 * (1 - np.arange(products.size) / (lags + 1))
    weights[0] = 1
    return math.sqrt(max(float(products @ weights), 0.0)) / part.size


def against_others(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What each value adds to the difference of the marked mean from all: the residual of a regression on the mark."""
    mark = x - x.mean()
    slope = (mark @ y) / (mark @ mark)
    left = y - y.mean() - slope * mark
    return left * mark / (mark @ mark) * x.size * (1 - x.mean())


def months(world: World, days: list[date]) -> list[int]:
    """Positions of the first session of each month."""
    return [n for n, day in enumerate(days) if n == 0 or days[n - 1].month != day.month]


def two_sided(z: float) -> float:
    """By the normal law."""
    return math.erfc(abs(z) / math.sqrt(2))


def adjusted(p: dict[str, float]) -> dict[str, float]:
    """Benjamini and Hochberg, by its definition: the least over all larger p of p x tests / rank."""
    order = sorted(p, key=lambda name: p[name])
    return {
        name: min(1.0, *(p[other] * len(order) / (k + 1) for k, other in enumerate(order) if p[other] >= p[name]))
        for name in order
    }


def scenarios(world: World) -> pl.DataFrame:
    """States, since when, why, and what followed entries."""
    days = sessions(world)
    index = headline(world)
    close = index.along(index.ticks.astype(float), len(world.days))[world.at[days[0]] :]
    listed = {row["scenario_id"]: row for row in world.seed("scenario_list")}
    told = next(t for p, rule, t in histories(world) if p is index and rule["is_default"] == "true")
    offset = world.at[days[0]]
    fallen = sorted({int(index.at[e.fallen]) - offset for e in told.episodes})
    # a fall that has not turned yet is confirmed too, where the machine stands in it
    fallen = sorted(set(fallen) | _open_fall(index, told, offset))
    frames, effects = [], {}
    for name, state in states(world).items():
        row, size = listed[name], len(days)
        mine = [t for (scenario, _), t in terms(world).items() if scenario == name]
        up = row["kind"] == "bullish"
        entries = [n for n in range(1, size) if state[n] and not state[n - 1]]
        kept: list[int] = []
        for n in entries:
            if not kept or n >= kept[-1] + 63:
                kept.append(n)
        ahead = {
            h: [100 * (close[n + h] / close[n] - 1) if n + h < size else np.nan for n in range(size)] for h in (21, 63)
        }
        columns: dict[str, list[Any]] = {}

        def put(column: str, value: Any, columns: dict[str, list[Any]] = columns) -> None:
            columns.setdefault(column, []).append(value)

        known = np.array([s is not None for s in state])
        holds = np.array([bool(s) for s in state])
        run, first_of_month, effect = 0, set(months(world, days)), None
        followed = sorted(
            (f, f - e) for e in kept for f in fallen if f == min((x for x in fallen if x > e), default=-1)
        )
        moved = {h: np.array(ahead[h]) for h in (21, 63)}
        good = (moved[63] > 0) if up else (moved[63] < 0)
        for n in range(size):
            run = run + 1 if n and state[n] == state[n - 1] else 1
            met = [t[n][1] for t in mine]
            which = evidence(row, met, state[n])
            shown = mine[which - 1][n] if which else None
            over = [e for e in kept if e + 63 <= n]
            base = n - 62
            if n in first_of_month:
                effect = None
                y = moved[21][: max(n - 20, 0)][known[: max(n - 20, 0)]]
                x = holds[: max(n - 20, 0)][known[: max(n - 20, 0)]]
                if len(over) >= 5 and x.any() and not x.all():
                    apart = y[x].mean() - y.mean()
                    part = against_others(y, x)
                    error = spread_of_mean(part, 21)
                    effect = (apart, error, two_sided(apart / error), days[n])
            if effect:
                effects[name, n] = effect[2]
            up_terms = name == "SC-BULL"
            put("state", state[n])
            put("days_in_state", run if state[n] is not None else None)
            if mine:
                put("n_terms", len(met))
                put("n_met", met.count(True))
                put("n_unknown", met.count(None))
            else:
                kind = "bullish" if up_terms else "bearish"
                of_kind = [
                    s[n]
                    for k, s in states(world).items()
                    if listed[k]["combines"] in ("all", "any") and listed[k]["kind"] == kind
                ]
                put("n_terms", 4)
                put("n_met", of_kind.count(True))
                put("n_unknown", of_kind.count(None))
            term = next((t for t in world_terms(world, name) if int(t["term_no"]) == which), None)
            put("evidence_reading_id", term["reading_id"] if term else None)
            put("evidence_label", term["label"] if term else None)
            put("evidence_value", shown[0] if shown else None)
            put("n", len(over))
            put("hit_rate", float(np.mean([good[e] for e in over])) if over else None)
            put("mean_move_21d", float(np.mean([ahead[21][e] for e in over])) if over else None)
            put("mean_move_63d", float(np.mean([ahead[63][e] for e in over])) if over else None)
            put("n_base", max(base, 0))
            put("base_rate", float(good[:base].mean()) if base > 0 else None)
            put("base_move_21d", float(moved[21][:base].mean()) if base > 0 else None)
            put("base_move_63d", float(moved[63][:base].mean()) if base > 0 else None)
            leads = [length for day, length in followed if day <= n] if not up else []
            put("n_lead", len(leads))
            put("lead_sessions", float(np.median(leads)) if leads else None)
            put("sessions_in_state", int(holds[: n + 1].sum()))
            put("effect_21d", effect[0] if effect else None)
            put("effect_low", effect[0] - 1.959963984540054 * effect[1] if effect else None)
            put("effect_high", effect[0] + 1.959963984540054 * effect[1] if effect else None)
            put("p_value", effect[2] if effect else None)
            put("effect_until", effect[3] if effect else None)
            put("status", "OK" if state[n] is not None else shown[2] if shown else "NOT_AVAILABLE")
            put("status_evidence", "UNDEFINED" if which is None else shown[2] if shown else None)
            put("status_hit", "OK" if over else "UNDEFINED")
            put("status_base", "OK" if base > 0 else "WARMUP")
            put("status_lead", "OK" if leads else "UNDEFINED")
            put("status_effect", "OK" if effect else "UNDEFINED")
        kinds = dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(WORDS, pl.String)
        kinds |= {"state": pl.Boolean, "effect_until": pl.Date, "days_in_state": pl.Int64}
        frame = pl.DataFrame(columns, schema_overrides=kinds)
        frames.append(frame.with_columns(session_date=pl.Series(days), scenario_id=pl.lit(name)))
    tests: dict[int, dict[str, float]] = {}
    for (name, n), p in effects.items():
        tests.setdefault(n, {})[name] = p
    q = {(name, days[n]): value for n, held in tests.items() for name, value in adjusted(held).items()}
    whole = pl.concat(frames)
    return whole.with_columns(
        pl.Series(
            "q_value", [q.get((s, d)) for s, d in whole.select("scenario_id", "session_date").iter_rows()], pl.Float64
        )
    )


@cache
def world_terms(world: World, scenario: str) -> list[dict[str, str]]:
    """Seed rows of one scenario, in order."""
    rows = [row for row in world.seed("scenario_terms") if row["scenario_id"] == scenario]
    return sorted(rows, key=lambda row: int(row["term_no"]))


def _open_fall(index: Any, told: Any, offset: int) -> set[int]:
    """Where a fall was confirmed that no rally has ended: replayed from the closes after the last peak."""
    confirmed, peak, state = set(), 0, "UP"
    for t, now in enumerate(told.states):
        if state == "UP" and now == "UP" and index.ticks[t] > index.ticks[peak]:
            peak = t
        if now == "DOWN" and state != "DOWN":
            ended = next((e for e in told.episodes if e.ended == t), None)
            if ended is None or ended.how != "failed":
                confirmed.add(int(index.at[t]) - offset)
        state = now
    return confirmed
