"""Will it last: sub-tests, verdicts, chances and what became of them, from published readings and the index's closes.

Belongs here: the marts of durability and ``episode_statistics``. Does not: readings, breadth, weights, yields (published,
and computed again elsewhere), the rallies themselves (``rallies``).
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from math import exp, log, prod, sqrt
from statistics import NormalDist, mean, stdev
from typing import Any

import numpy as np
import polars as pl

from second import leadership, participation, rallies
from second.facts import World
from second.prices import Prices
from second.rallies import Episode, Told

OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
SINCE = date(2015, 1, 2)
CRITERIA = ("breadth", "macro", "earnings", "policy", "flows")
HORIZON, AGES = 126, (0, 21, 42, 63)
WALKS = ("null_paths", "null_years")
NAMES = ("sustained", "trough_holds", "higher")


@dataclass(frozen=True)
class Told1:
    """A measure at a session: value, worst and best case, status, whether a figure nobody knew was left out."""

    value: float | None
    low: float | None
    high: float | None
    status: str
    old: bool = False


NOTHING = Told1(None, None, None, "NOT_AVAILABLE")


def _plain(value: float | None, status: str, old: bool = False) -> Told1:
    if status != "OK" or value is None:
        return Told1(None, None, None, status, old)
    return Told1(value, value, value, "OK", old)


@cache
def headline(world: World) -> tuple[Prices, Told]:
    """The headline index and its rallies by the canonical rule."""
    names = {i["instrument_id"] for i in world.instruments if i["role"] == "headline"}
    ((p, _, told),) = [
        h for h in rallies.histories(world) if h[0].instrument_id in names and h[1]["is_default"] == "true"
    ]
    return p, told


def _against_own_mean(series: list[Told1]) -> list[Told1]:
    """Distance from the mean of the 1,260 sessions before, 252 values at least."""
    found = []
    for n, one in enumerate(series):
        before = [x.value for x in series[max(0, n - 1260) : n] if x.value is not None]
        if one.status == "OK" and len(before) < 252:
            found.append(Told1(None, None, None, "WARMUP", one.old))
        else:
            found.append(_plain(None if one.value is None else one.value - mean(before), one.status, one.old))
    return found


def _since_trough(world: World) -> list[Told1]:
    """Equal weight less the broad fund since the trough of the open rally."""
    p, told = headline(world)
    name, _, found = participation.parts(world)
    size = len(world.days)
    equal, cap = np.full(size, np.nan), np.full(size, np.nan)
    equal[found[name].on] = found[name].chained(1)[0]
    change, why = leadership.held(world)[1].change(1)[:2]
    cap[:] = np.where(why == "OK", change, np.nan)
    rows = [Told1(None, None, None, "UNDEFINED")] * size
    for n, rally in enumerate(told.open_then):
        if rally is not None:
            inside = slice(int(p.at[rally.trough]) + 1, int(p.at[n]) + 1)
            both = equal[inside] + cap[inside]
            gap = 100 * float(np.prod(1 + equal[inside]) - np.prod(1 + cap[inside]))
            rows[p.at[n]] = _plain(None, "LOW_COVERAGE") if np.isnan(both).any() else _plain(gap, "OK")
    return rows


@cache
def measures(world: World) -> dict[str, list[Told1]]:
    """Every measure the sub-tests ask for, by session of the world."""
    wanted = {row["measure"] for row in world.seed("durability_thresholds")}
    size = len(world.days)
    also = {"EA02_beat", "EA06", "BR19_50_low", "BR19_50_high", "BR19_200_low", "BR19_200_high"}
    found: dict[str, list[Told1]] = defaultdict(lambda: [NOTHING] * size)
    given = world.published("indicator_readings").filter(pl.col("reading_id").is_in([*wanted, *also]))
    for reading, day, value, status, old in given.select(
        "reading_id", "session_date", "value", "status", "is_reconstructed"
    ).iter_rows():
        hidden = status == "OK" and old
        found[reading][world.at[day]] = _plain(None if old else value, "NOT_AVAILABLE" if hidden else status, bool(old))
    for name, of in (("EA02_gap", "EA02_beat"), ("EA06_gap", "EA06")):
        found[name] = _against_own_mean(found[of])

    universe = next(u for u in world.seed("universes") if u["is_default"] == "true")["universe_id"]
    wide = world.published("breadth_daily").filter(segment_type="universe", universe_id=universe).sort("session_date")
    highs = wide.select(
        "session_date", "new_highs_52w_low", "new_highs_52w_high", "new_lows_52w_low", "new_lows_52w_high"
    )
    ten: list[tuple[int, int]] = []
    for day, high_low, high_high, low_low, low_high in highs.iter_rows():
        ten = [*ten, (high_low - low_high, high_high - low_low)][-10:]
        if len(ten) == 10:
            now = found["BR09_net_10d"][world.at[day]]
            low, high = (sum(x) / 10 for x in zip(*ten, strict=True))
            found["BR09_net_10d"][world.at[day]] = Told1(now.value, low, high, now.status, now.old)

    def bounds(name: str, n: int) -> tuple[float, float] | None:
        low, high = found[f"BR19_{name}_low"][n].value, found[f"BR19_{name}_high"][n].value
        return None if low is None or high is None else (low, high)

    change = [_plain(None, "WARMUP")] * size
    for n in range(size):
        now, then = found["BR07_200"][n], found["BR07_200"][n - 20] if n >= 20 else NOTHING
        word = "WARMUP" if n < 20 or then is NOTHING else then.status
        word = word if now.status == "OK" else now.status
        gap = None if now.value is None or then.value is None else now.value - then.value
        around, before = bounds("200", n), bounds("200", n - 20) if n >= 20 else None
        low, high = (around[0] - before[1], around[1] - before[0]) if around and before else (gap, gap)
        change[n] = Told1(gap if word == "OK" else None, low, high, word, now.old)
    found["BR07_200_d20"] = change
    for name, of in (("50", "BR07_50"), ("200", "BR07_200")):
        found[of] = [
            Told1(x.value, *(bounds(name, n) or (x.low, x.high)), x.status, x.old) for n, x in enumerate(found[of])
        ]

    weights = world.published("concentration_daily").filter(universe_id=universe)
    columns = ("session_date", "top10_contribution_share_trough", "top10_weight_start_trough", "status_trough")
    for day, share, weight, status in weights.select(columns).iter_rows():
        told = status == "OK" and share is not None and weight is not None
        found["LC08_excess_trough"][world.at[day]] = _plain(share - weight if told else None, status)
    yields = {day: (y, status) for day, y, status in
              world.published("rates_daily").select("session_date", "y2", "status_y2").iter_rows()}  # fmt: skip
    for n, day in enumerate(world.days):
        if day in yields:
            now_y, status = yields[day]
            then_y, before_status = yields.get(world.days[n - 60], (None, "WARMUP")) if n >= 60 else (None, "WARMUP")
            word = status if status != "OK" else before_status
            found["DGS2_d60"][n] = _plain(100 * (now_y - then_y) if word == "OK" else None, word)
    found["BR13_trough"] = _since_trough(world)
    return found


@dataclass(frozen=True)
class Answer:
    """A sub-test at a session."""

    row: dict[str, str]
    told: Told1
    passed: bool | None
    old: bool

    @property
    def value(self) -> float | None:
        """The value, or where only the bounds are told the one nearer to the threshold."""
        if self.passed is None:
            return None
        if self.told.value is not None:
            return self.told.value
        edges = [x for x in (self.told.low, self.told.high) if x is not None]
        return min(edges, key=lambda x: abs(x - float(self.row["threshold"])))

    @property
    def status(self) -> str:
        """Why it cannot be told."""
        if self.passed is not None:
            return "OK"
        return "LOW_COVERAGE" if self.told.status == "OK" else self.told.status


def _part(row: dict[str, str], told: Told1) -> bool | None:
    if told.low is None or told.high is None:
        return None
    held = {OPS[row["op"]](edge, float(row["threshold"])) for edge in (told.low, told.high)}
    return held.pop() if len(held) == 1 else None


def _all(parts: Sequence[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _any(parts: Sequence[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


@cache
def answers(world: World) -> dict[str, list[Answer]]:
    """Each sub-test at each session of the world."""
    told, size = measures(world), len(world.days)
    by_test: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in world.seed("durability_thresholds"):
        by_test[row["test_id"]][row["alternative"]].append(row)
    found = {}
    for test, alternatives in by_test.items():
        ordered = [rows for _, rows in sorted(alternatives.items(), key=lambda x: (x[1][0]["is_fallback"], int(x[0])))]
        rows_of_test = []
        for n in range(size):
            held = [[_part(row, told[row["measure"]][n]) for row in rows] for rows in ordered]
            whole = [_all(parts) for parts in held]
            first = [w for w, rows in zip(whole, ordered, strict=True) if rows[0]["is_fallback"] == "false"]
            passed = _any(first)
            if passed is None:
                spare = [w for w, rows in zip(whole, ordered, strict=True) if rows[0]["is_fallback"] == "true"]
                passed = next((w for w in spare if w is not None), None)
            which = next((k for k, w in enumerate(whole) if w == passed), 0)
            part = next((k for k, w in enumerate(held[which]) if w == passed), 0)
            row = ordered[which][part]
            old = any(told[r["measure"]][n].old for rows in ordered for r in rows)
            rows_of_test.append(Answer(row, told[row["measure"]][n], passed, old))
        found[test] = rows_of_test
    return found


def _days(world: World) -> list[int]:
    return [n for n, day in enumerate(world.days) if day >= SINCE]


def durability_tests(world: World) -> pl.DataFrame:
    """One row per sub-test and session."""
    rows = []
    for test, series in answers(world).items():
        for n in _days(world):
            a = series[n]
            gap = None if a.value is None else a.value - float(a.row["threshold"])
            rows.append(
                {
                    "index_id": headline(world)[0].instrument_id, "session_date": world.days[n],
                    "criterion": a.row["criterion"], "test_id": test, "label": a.row["label"], "measure": a.row["measure"],
                    "value": a.value, "op": a.row["op"], "threshold": float(a.row["threshold"]), "unit": a.row["unit"],
                    "is_passed": a.passed, "distance": None if gap is None else gap if a.row["op"][0] == ">" else -gap,
                    "value_low": a.told.low, "value_high": a.told.high, "is_fallback": a.row["is_fallback"] == "true",
                    "is_reconstructed": a.old, "status": a.status, "known_at": int(world.snapshots[n]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


@dataclass(frozen=True)
class Scored:
    """Scores, composite and verdict of a session."""

    scores: dict[str, float | None]
    composite: float | None
    tests: int
    told: int
    passed: int
    verdict: str
    mechanical: bool
    missing: str | None


@cache
def scored(world: World) -> dict[int, Scored]:
    """By session since 2015."""
    found = {}
    by_criterion: dict[str, list[str]] = defaultdict(list)
    for test, series in sorted(answers(world).items()):
        by_criterion[series[0].row["criterion"]].append(test)
    for n in _days(world):
        scores: dict[str, float | None] = {}
        told = passed = tests = 0
        absent = []
        for criterion in sorted(CRITERIA):
            said = [answers(world)[t][n].passed for t in by_criterion[criterion]]
            speaking = [s for s in said if s is not None]
            scores[criterion] = mean(speaking) if 2 * len(speaking) >= len(said) else None
            told, passed, tests = told + len(speaking), passed + sum(speaking), tests + len(said)
            for t in by_criterion[criterion]:
                a = answers(world)[t][n]
                if a.passed is None:
                    word = "RECONSTRUCTED" if a.old and a.status == "NOT_AVAILABLE" else a.status
                    absent.append(f"{t} {word}")
        there = [s for s in scores.values() if s is not None]
        composite = sum(there) / len(there) if len(there) >= 4 else None
        forced = all(answers(world)[t][n].passed for t in by_criterion["mechanical"])
        breadth = scores["breadth"]
        mechanical = forced and breadth is not None and breadth < 0.5
        if composite is None:
            verdict = "abstains"
        elif mechanical:
            verdict = "transient_mechanical"
        elif composite > 0.65 - 1e-9 and min(there) > 0.35 - 1e-9:
            verdict = "sustainable"
        else:
            verdict = "transient" if composite < 0.4 + 1e-9 else "unproven"
        found[n] = Scored(scores, composite, tests, told, passed, verdict, mechanical, ", ".join(absent) or None)
    return found


@dataclass(frozen=True)
class Decision:
    """A close at which a rally is judged (positions are of closes), and what followed, if it is known."""

    at: int
    age: int
    rally: Episode
    y: tuple[bool, bool, bool] | None

    @property
    def settles(self) -> int:
        """The close at which the outcome is known."""
        return self.at + HORIZON


def decisions(p: Prices, told: Told) -> list[Decision]:
    """Of every rally, oldest first."""
    ticks, found = p.ticks.tolist(), []
    for rally in told.episodes:
        for age in AGES:
            t = rally.confirmed + age
            if t >= len(ticks) or told.open_then[t] is not rally:
                continue
            y = None
            if t + HORIZON < len(ticks):
                holds = all(x > ticks[rally.trough] for x in ticks[t + 1 : t + HORIZON + 1])
                higher = ticks[t + HORIZON] >= ticks[t]
                y = (holds and higher, holds, higher)
            found.append(Decision(t, age, rally, y))
    return sorted(found, key=lambda d: d.at)


def _odds(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return log(p / (1 - p))


def _back(x: float) -> float:
    return 1 / (1 + exp(-x))


def _learnt(rows: list[tuple[float, float, bool]], ridge: float = 1.0) -> float:
    """The slope at which the derivative of the penalised likelihood is zero, between bounds: (regressor, odds, y)."""
    low, high = -60.0, 60.0
    for _ in range(200):
        b = (low + high) / 2
        if sum((_back(o + b * x) - y) * x for x, o, y in rows) + ridge * b > 0:
            high = b
        else:
            low = b
    return (low + high) / 2


Chances = tuple[float, float, float]


@dataclass
class Said:
    """What is said at one close of a rally."""

    base: Chances
    barrier: Chances | None
    benchmark: str
    counts: tuple[int, int, int, int]
    model: float | None = None
    of: dict[str, float | None] | None = None
    slope: float | None = None
    kind: str = ""

    @property
    def better(self) -> Chances:
        """The benchmark's chances."""
        return self.barrier if self.benchmark == "barrier" and self.barrier else self.base

    def headline(self) -> Chances:
        """Those of the kind that speaks."""
        if self.kind != "model" or self.model is None:
            return self.better
        one, two, three = self.better
        return self.model, *(self.model + (1 - self.model) * (x - one) / (1 - one) for x in (two, three))  # type: ignore[return-value]


class Walk:
    """Everything that could be said, close by close, from outcomes known at that close."""

    def __init__(self, world: World) -> None:
        self.p, self.told = headline(world)
        self.all = decisions(self.p, self.told)
        self.scored = scored(world)
        logs = np.log(self.p.ticks.astype(float))
        self.moves = np.diff(logs).tolist()
        self.logs = logs.tolist()
        self.said: dict[int, Said] = {}
        self.raw: dict[int, Chances] = {}
        self.wealth: list[float] = []
        self.bets: list[int] = []
        self.errors: list[dict[str, list[float]]] = []
        stake: Decision | None = None
        wealth, bets, opened = 1.0, 0, False
        shifts: tuple[int, tuple[float, float, float]] = (-1, (0.0, 0.0, 0.0))
        slopes: dict[str, float | None] = {}
        of_rally: Episode | None = None
        for t in range(len(self.logs)):
            known = [d for d in self.all if d.y is not None and d.settles <= t]
            if shifts[0] != len(known):
                shifts = (len(known), self._shifts(known))
            if stake is not None and stake.settles == t:
                one = self.said[stake.at]
                assert stake.y is not None and one.model is not None
                wealth *= 1 + (one.better[0] - stake.y[0]) ** 2 - (one.model - stake.y[0]) ** 2
                bets, stake = bets + 1, None
                opened = wealth >= 20 or (opened and wealth >= 1)
            rally = self.told.open_then[t]
            if rally is not None:
                said = self._bases(t, rally, known, shifts[1])
                if rally is not of_rally:
                    of_rally, slopes = rally, self._slopes(known)
                self._models(t, said, slopes)
                said.kind = "model" if opened and said.model is not None else said.benchmark
                self.said[t] = said
                if stake is None and said.model is not None and any(d.at == t for d in self.all):
                    stake = next(d for d in self.all if d.at == t)
            self.wealth.append(wealth)
            self.bets.append(bets)
            self.errors.append(self._errors(known))

    def _barrier(self, t: int, rally: Episode) -> Chances | None:
        if t < 252:
            return None
        m, s = mean(self.moves[:t]), stdev(self.moves[:t])
        b, spread, drift = self.logs[t] - self.logs[rally.trough], s * sqrt(HORIZON), m * HORIZON
        phi = NormalDist().cdf
        back = exp(-2 * m * b / s**2)
        higher = phi(drift / spread)
        both = higher - back * phi((drift - 2 * b) / spread)
        return both, phi((b + drift) / spread) - back * phi((drift - b) / spread), higher

    @staticmethod
    def _split(raw: Chances) -> Chances:
        """Sustained; holds if not sustained; higher if neither."""
        one, two, three = raw
        return one, (two - one) / (1 - one), (three - one) / (1 - two)

    def _shifts(self, known: list[Decision]) -> tuple[float, float, float]:
        rows: tuple[list[tuple[float, float, bool]], ...] = ([], [], [])
        for d in known:
            if d.at in self.raw and d.y is not None:
                for k, (p, y) in enumerate(zip(self._split(self.raw[d.at]), d.y, strict=True)):
                    if k == 0 or (not d.y[0] and (k == 1 or not d.y[1])):
                        rows[k].append((1.0, _odds(p), y))
        return tuple(_learnt(r) for r in rows)  # type: ignore[return-value]

    def _bases(self, t: int, rally: Episode, known: list[Decision], shifts: tuple[float, float, float]) -> Said:
        age = max(a for a in AGES if rally.confirmed + a <= t)
        same = [d.y for d in known if d.age == age and d.y is not None]
        k = [sum(y[o] for y in same) for o in range(3)]
        base = tuple((k[o] + prior) / (len(same) + 2) for o, prior in enumerate((0.9, 1.0, 1.0)))
        raw, barrier = self._barrier(t, rally), None
        if raw is not None:
            if any(d.at == t for d in self.all):
                self.raw[t] = raw
            one, two, three = (_back(_odds(p) + shift) for p, shift in zip(self._split(raw), shifts, strict=True))
            barrier = (one, one + (1 - one) * two, one + (1 - one) * (1 - two) * three)
        both = [(self.said[d.at], d.y[0]) for d in known if d.y is not None and self.said[d.at].barrier is not None]
        error = [sum((x[0] - y) ** 2 for x, y in ((s.base, y) for s, y in both)),
                 sum((s.barrier[0] - y) ** 2 for s, y in both if s.barrier is not None)]  # fmt: skip
        is_better = barrier is not None and len(both) >= 20 and error[1] < error[0]
        return Said(base, barrier, "barrier" if is_better else "age_matched", (*k, len(same)))  # type: ignore[arg-type]

    def _score(self, t: int, name: str) -> float | None:
        found = self.scored.get(int(self.p.at[t]))
        return None if found is None else found.composite if name == "composite" else found.scores[name]

    def _slopes(self, known: list[Decision]) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for name in ("composite", *CRITERIA):
            rows, of = [], set()
            for d in known:
                x = self._score(d.at, name)
                if x is not None and d.y is not None:
                    rows.append((x - 0.5, _odds(self.said[d.at].better[0]), d.y[0]))
                    of.add(d.rally.confirmed)
            found[name] = _learnt(rows) if len(of) >= 10 else None
        return found

    def _models(self, t: int, said: Said, slopes: dict[str, float | None]) -> None:
        told: dict[str, float | None] = {}
        for name, b in slopes.items():
            x = self._score(t, name)
            told[name] = None if b is None or x is None else _back(_odds(said.better[0]) + b * (x - 0.5))
        said.slope, said.model, said.of = slopes["composite"], told["composite"], told

    def _errors(self, known: list[Decision]) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {"age_matched": [], "barrier": [], "model": []}
        for d in known:
            said = self.said[d.at]
            for kind, p in zip(found, (said.base[0], said.barrier and said.barrier[0], said.model), strict=True):
                if p is not None and d.y is not None:
                    found[kind].append((p - d.y[0]) ** 2)
        return found


@cache
def walked(world: World) -> Walk:
    """The walk over this world."""
    return Walk(world)


def _name(world: World, p: Prices, rally: Episode) -> str:
    rule = next(r["rule"] for r in world.seed("rally_rules") if r["is_default"] == "true")
    return f"{p.instrument_id}:{rule}:{world.days[p.at[rally.confirmed]]}"


def _statuses(here: bool, score: Scored | None) -> dict[str, str]:
    found = {}
    for name in CRITERIA:
        told = score is not None and score.scores[name] is not None
        found[f"status_{name}"] = "OK" if told else "NOT_AVAILABLE" if score is None else "LOW_COVERAGE"
    told = score is not None and score.composite is not None
    found["status_composite"] = "OK" if told else "NOT_AVAILABLE" if score is None else "LOW_COVERAGE"
    found["status_verdict"] = "UNDEFINED" if not here else "NOT_AVAILABLE" if score is None else "OK"
    found["status_probability"] = "OK" if here else "UNDEFINED"
    return found


def durability(world: World) -> pl.DataFrame:
    """One row per close of the headline index."""
    w, rows = walked(world), []
    frozen = max(date.fromisoformat(r["frozen_on"]) for r in world.seed("durability_settings"))
    for t, n in enumerate(w.p.at.tolist()):
        said, score, rally = w.said.get(t), w.scored.get(n), w.told.open_then[t]
        known = [d for d in w.all if d.y is not None and d.settles <= t]
        asked = max((a for a in AGES if rally.confirmed + a <= t), default=0) if rally else 0
        chances = said.headline() if said else (None, None, None)
        words = _statuses(said is not None, score)
        model, barrier = said.model if said else None, said.barrier if said else None
        words["status_barrier"] = "UNDEFINED" if said is None else "OK" if barrier else "WARMUP"
        why = words["status_composite"] if words["status_composite"] != "OK" else "WARMUP"
        words["status_model"] = "UNDEFINED" if said is None else "OK" if model is not None else why
        errors = w.errors[t]
        rows.append(
            {
                "index_id": w.p.instrument_id, "session_date": world.days[n],
                "episode_id": _name(world, w.p, rally) if rally else None,
                "decision_date": world.days[w.p.at[rally.confirmed + asked]] if rally else None,
                **{f"score_{c}": score.scores[c] if score else None for c in CRITERIA},
                "composite": score.composite if score else None, "n_tests": score.tests if score else None,
                "n_tests_told": score.told if score else None, "n_tests_passed": score.passed if score else None,
                "verdict": score.verdict if score and rally else None,
                "is_mechanical": score.mechanical if score and rally else None,
                "missing_inputs": score.missing if score else None,
                **{f"p_{name}": p for name, p in zip(NAMES, chances, strict=True)},
                "probability_kind": said.kind if said else None, "benchmark_kind": said.benchmark if said else None,
                **{f"k_{name}": said.counts[o] if said else None for o, name in enumerate(NAMES)},
                "n_known": said.counts[3] if said else None,
                "p_sustained_age_matched": said.base[0] if said else None,
                "p_sustained_barrier": barrier[0] if barrier else None, "p_sustained_model": model,
                "model_slope": said.slope if said else None, "e_value": w.wealth[t], "n_bets": w.bets[t],
                **{f"brier_{kind}": mean(x) if x else None for kind, x in errors.items()},
                **{f"n_{kind}": len(x) for kind, x in errors.items()},
                "n_episodes": len({d.rally.confirmed for d in known}),
                "n_after_freeze": sum(world.days[w.p.at[d.at]] >= frozen for d in known),
                **words, "known_at": int(world.snapshots[n]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def verdict_track_record(world: World) -> pl.DataFrame:
    """One row per decision on the headline index."""
    w, rows = walked(world), []
    frozen = max(date.fromisoformat(r["frozen_on"]) for r in world.seed("durability_settings"))
    told = {row["session_date"]: row for row in durability(world).iter_rows(named=True)}
    kept = ("verdict", "composite", *(f"p_{n}" for n in NAMES), "probability_kind", "p_sustained_age_matched",
            "p_sustained_barrier", "p_sustained_model", *(f"k_{n}" for n in NAMES), "n_known", "status_verdict",
            "status_composite", "status_barrier", "status_model")  # fmt: skip
    for d in w.all:
        day, said = world.days[w.p.at[d.at]], w.said[d.at]
        assert said.of is not None
        n_end = int(w.p.at[d.settles]) if d.y is not None else int(w.p.at[d.at])
        rows.append(
            {
                "index_id": w.p.instrument_id, "episode_id": _name(world, w.p, d.rally), "age": d.age, "session_date": day,
                **{name: told[day][name] for name in kept}, "p_benchmark": said.better[0],
                **{f"p_of_{c}": said.of[c] for c in CRITERIA}, "is_after_freeze": day >= frozen,
                "settles_on": world.days[n_end] if d.y is not None else None,
                **{name: d.y[o] if d.y is not None else None
                   for o, name in enumerate(("is_sustained", "trough_holds", "is_higher"))},
                "squared_error": None if d.y is None else (said.headline()[0] - d.y[0]) ** 2,
                "status_outcome": "OK" if d.y is not None else "WARMUP", "known_at": int(world.snapshots[n_end]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def durability_skill(world: World) -> pl.DataFrame:
    """One row per kind and session at which an outcome became known."""
    w, rows = walked(world), []
    frozen = max(date.fromisoformat(r["frozen_on"]) for r in world.seed("durability_settings"))
    settled = [d for d in w.all if d.y is not None]
    for end in sorted({d.settles for d in settled}):
        known = [d for d in settled if d.settles <= end]
        for kind in ("age_matched", "barrier", "benchmark", "model", *CRITERIA):
            mine, base, after, of = [], [], [], set()
            for d in known:
                s = w.said[d.at]
                assert s.of is not None and d.y is not None
                p = {"age_matched": s.base[0], "barrier": s.barrier[0] if s.barrier else None,
                     "benchmark": s.better[0], "model": s.model}.get(kind, s.of.get(kind))  # fmt: skip
                if p is not None:
                    mine.append((p - d.y[0]) ** 2)
                    base.append((s.better[0] - d.y[0]) ** 2)
                    of.add(d.rally.confirmed)
                    after += [mine[-1]] if world.days[w.p.at[d.at]] >= frozen else []
            rows.append(
                {
                    "index_id": w.p.instrument_id, "session_date": world.days[w.p.at[end]], "kind": kind,
                    "brier": mean(mine) if mine else None, "brier_benchmark": mean(base) if base else None,
                    "skill": 1 - sum(mine) / sum(base) if mine else None, "n_decisions": len(mine), "n_episodes": len(of),
                    "brier_after_freeze": mean(after) if after else None, "n_after_freeze": len(after),
                    "status": "OK" if mine else "WARMUP", "status_after_freeze": "OK" if after else "WARMUP",
                    "known_at": int(world.snapshots[w.p.at[end]]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def durability_correlations(world: World) -> pl.DataFrame:
    """One row per pair of sub-tests and first session of a year since 2016."""
    tests = {t: s for t, s in answers(world).items() if s[0].row["criterion"] != "mechanical"}
    flags = {t: np.array([np.nan if a.passed is None else a.passed for a in s]) for t, s in tests.items()}
    firsts = [n for n, day in enumerate(world.days) if day.year > max(2015, world.days[n - 1].year)]
    start, rows = _days(world)[0], []
    for n in firsts:
        for x, y in combinations(sorted(tests), 2):
            a, b = flags[x][start:n], flags[y][start:n]
            both = ~np.isnan(a) & ~np.isnan(b)
            a, b, count = a[both], b[both], int(both.sum())
            flat = count < 252 or a.std() == 0 or b.std() == 0
            rows.append(
                {
                    "test_x": x, "test_y": y, "session_date": world.days[n], "criterion_x": tests[x][0].row["criterion"],
                    "criterion_y": tests[y][0].row["criterion"], "n": count,
                    "correlation": None if flat else float(np.corrcoef(a, b)[0, 1]),
                    "status": "OK" if not flat else "WARMUP" if count < 252 else "UNDEFINED",
                    "known_at": int(world.snapshots[n]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


@dataclass(frozen=True)
class Ended:
    """An ended rally as the statistics see it."""

    depth: float
    below_top: float
    fall: int
    gain: float
    back: int | None
    how: str
    y: tuple[bool, bool, bool] | None


def _ended(ticks: list[int], told: Told, skip: bool) -> list[Ended]:
    found, first = [], told.episodes[0].peak if told.episodes else None
    top = np.maximum.accumulate(np.array(ticks))
    for e in told.episodes:
        if e.how is None or (skip and e.peak == first):
            continue
        low, t = ticks[e.trough], e.confirmed
        y = None
        if t + HORIZON < len(ticks):
            holds, higher = min(ticks[t + 1 : t + HORIZON + 1]) > low, ticks[t + HORIZON] >= ticks[t]
            y = (holds and higher, holds, higher)
        found.append(
            Ended(100 * (low / ticks[e.peak] - 1), 100 * (low / int(top[e.trough]) - 1), e.trough - e.peak,
                  100 * (ticks[e.high] / low - 1), None if e.recovered is None else e.recovered - e.trough, e.how, y)
        )  # fmt: skip
    return found


MEASURES = {
    "depth": ("pct", lambda e: e.depth),
    "sessions_peak_to_trough": ("count", lambda e: e.fall),
    "gain_trough_to_high": ("pct", lambda e: e.gain),
    "sessions_trough_to_recovery": ("count", lambda e: e.back),
    "is_sustained": ("share", lambda e: e.y and e.y[0]),
    "trough_holds": ("share", lambda e: e.y and e.y[1]),
    "is_higher": ("share", lambda e: e.y and e.y[2]),
}


def _figures(some: list[Ended], whole: int, years: float, measure: str) -> dict[str, Any]:
    unit, of = MEASURES[measure]
    values = [float(v) for v in map(of, some) if v is not None]
    if not values:
        return {}
    found: dict[str, Any] = {"n_episodes": len(some), "share_of_episodes": len(some) / whole, "n": len(values)}
    found |= {"episodes_per_60_years": 60 * len(some) / years, "mean": mean(values)}
    for q in (10, 25, 50, 75, 90):
        found[f"p{q}"] = None if unit == "share" else float(np.quantile(values, q / 100))
    return found


def _walks(world: World, p: Prices, percents: tuple[int, int, int]) -> tuple[list[Ended], float, float, date] | None:
    """Ended rallies of random walks, with the yearly moments and the close up to which they were taken."""
    days = [world.days[n] for n in p.at]
    closes = p.ticks[[day.year < world.days[-1].year for day in days]].astype(float)
    if len(closes) <= 252:
        return None
    moves = np.log(closes[1:] / closes[:-1])
    m, s = float(moves.mean()), float(moves.std(ddof=1))
    told = {
        r["setting"]: int(float(r["value"])) for r in world.seed("durability_settings") if r["setting"][:5] == "null_"
    }
    normal = np.random.Generator(np.random.PCG64(told["null_seed"]))
    found: list[Ended] = []
    for path in normal.standard_normal((told["null_paths"], told["null_years"] * 252)):
        level = 10_000_000 * np.exp(np.concatenate([[0.0], np.cumsum(m + s * path)]))
        ticks = [int(x) for x in np.rint(level)]
        found += _ended(ticks, rallies.tell(ticks, *percents), skip=False)
    return found, m * 252, s * sqrt(252), days[len(closes) - 1]


def episode_statistics(world: World) -> pl.DataFrame:
    """One row per index, rule, class, end and measure, beside random walks."""
    rows = []
    walk_years = prod(float(r["value"]) for r in world.seed("durability_settings") if r["setting"] in WALKS)
    for p, rule, told in rallies.histories(world):
        percents = (int(rule["fall_pct"]), int(rule["rise_pct"]), int(rule["fade_pct"]))
        held = _ended(p.ticks.tolist(), told, skip=True)
        walks = _walks(world, p, percents)
        for deep, low, high in (("all", -101, 0), ("pullback", -10, 0), ("correction", -20, -10), ("bear", -101, -20)):
            for how in ("all", "failed", "faded", "completed"):

                def group(
                    some: list[Ended], low: int = low, high: int = high, deep: str = deep, how: str = how
                ) -> list[Ended]:
                    return [e for e in some if (deep == "all" or low < e.below_top <= high) and how in ("all", e.how)]

                for measure, (unit, _) in MEASURES.items():
                    mine = _figures(group(held), len(held), len(p.ticks) / 252, measure)
                    if not mine:
                        continue
                    beside = _figures(group(walks[0]), len(walks[0]), walk_years, measure) if walks else {}
                    blank = dict.fromkeys(mine)
                    rows.append(
                        {
                            "index_id": p.instrument_id, "rule": rule["rule"], "drawdown_class": deep, "end_kind": how,
                            "measure": measure, "built_for_session": world.days[p.at[-1]], "unit": unit, **mine,
                            **{f"null_{k}": v for k, v in (blank | beside).items()},
                            "null_moments_until": walks[3] if walks else None,
                            "null_yearly_mean": 100 * walks[1] if walks else None,
                            "null_yearly_deviation": 100 * walks[2] if walks else None,
                            "status_null": "OK" if beside else "UNDEFINED" if walks else "WARMUP",
                            "known_at": int(world.snapshots[p.at[-1]]),
                        }
                    )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
