"""What each source expects of the policy rate: MP01 written a second time, ``rate_expectations``, ``rate_distribution`` and the
readings MP01 to MP04.

Belongs here: rates around meetings from the mean rates of months, odds, horizons. Does not: what was known of the effective
rate and the target (``rates``). A month is its first day; rates are percent; steps are quarter points.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import floor
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from second.facts import World, micros
from second.ladders import ladders
from second.rates import effective_facts, known_values, meetings, policy
from second.readings import shaped

BOTH, DOC = "anchor_both", "cme_doc"
QUARTER = 0.25
LEAST_DAYS = 4


def shift(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_of(day: date) -> date:
    """The month of a day."""
    return day.replace(day=1)


def length(month: date) -> int:
    """Days of a month."""
    return monthrange(month.year, month.month)[1]


class Point(NamedTuple):
    """What is implied for a meeting, or for a month past the known calendar."""

    day: date
    is_meeting: bool
    number: int | None
    start: float | None
    end: float | None
    residual_bp: float | None
    status: str


@dataclass
class Curve:
    """One evening: what the months and the effective rate say. ``price``: mean rate by month, the month before included."""

    session: date
    price: dict[date, float]
    of_month: dict[date, list[date]]  # meetings by month
    covered: date  # last day of the known calendar
    paid: dict[date, float]  # effective rate of each day of this month
    newest: tuple[date, float] | None
    doubted: frozenset[date] = frozenset()  # months whose contract is held and not believed

    def is_flat(self, month: date) -> bool:
        """A month that the calendar covers, without a meeting, with a price: its rate is the same all month."""
        inside = month.replace(day=length(month)) <= self.covered
        return month in self.price and month not in self.of_month and inside

    def has_one(self, month: date) -> bool:
        """A month with two unknown rates."""
        return len(self.of_month.get(month, [])) == 1

    def weights(self, month: date) -> tuple[int, int]:
        """Days before the decision, and from it on."""
        n = self.of_month[month][0].day - 1
        return n, length(month) - n

    def start_from(self, month: date, end: float | None) -> float | None:
        """The first rate of a month whose second is known."""
        n, m = self.weights(month)
        if end is None or month not in self.price or n < LEAST_DAYS:
            return None
        return (length(month) * self.price[month] - m * end) / n

    def end_from(self, month: date, start: float | None) -> float | None:
        """The second rate of a month whose first is known."""
        n, m = self.weights(month)
        if start is None or month not in self.price or m < LEAST_DAYS:
            return None
        return (length(month) * self.price[month] - n * start) / m

    @property
    def this(self) -> date:
        """The month of the evening."""
        return first_of(self.session)

    def realised(self) -> tuple[float | None, float | None]:
        """Both rates of this month, if its last meeting is over: the first was paid, the second is what is left."""
        held = self.of_month.get(self.this, [])
        if not held or held[-1] > self.session:
            return None, None
        start = end = None
        if len(held) == 1:
            past = [rate for day, rate in self.paid.items() if day < held[0]]
            previous = shift(self.this, -1)
            start = self.price[previous] if self.is_flat(previous) else sum(past) / len(past) if past else None
            end = self.end_from(self.this, start)
        if end is None and self.newest and self.newest[0] > held[-1]:
            end = self.newest[1]
        return start, end

    def sides(self, variant: str) -> dict[date, tuple[float | None, float | None]]:
        """Both rates of each month from this one to the last that is held or has a meeting."""
        last = max([self.this, *self.price, *self.doubted, *(first_of(d) for ds in self.of_month.values() for d in ds)])
        months = [self.this]
        while months[-1] < last:
            months.append(shift(months[-1], 1))
        # cme_doc knows nothing of the month before, and begins with the nearest month that has one rate
        nearest = next((m for m in months if self.is_flat(m)), None)
        starts, ends = self._backward(months, variant, nearest)
        for month in months:
            if not self.has_one(month) or (variant == DOC and nearest is not None and month < nearest):
                continue
            earlier = shift(month, -1)
            if starts[month] is None and (earlier in ends or variant == BOTH):
                starts[month] = ends.get(earlier, self.price[earlier] if self.is_flat(earlier) else None)
            if ends[month] is None:
                ends[month] = self.end_from(month, starts[month])
        return {month: (starts[month], ends[month]) for month in months}

    def _anchor(self, month: date, *, is_right: bool) -> float | None:
        """The rate of the neighbour, if that has only one."""
        neighbour = shift(month, 1 if is_right else -1)
        return self.price[neighbour] if self.is_flat(neighbour) else None

    def _backward(
        self, months: list[date], variant: str, nearest: date | None
    ) -> tuple[dict[date, float | None], dict[date, float | None]]:
        """Both rates as far as neighbours fix them, or what comes after does."""
        starts: dict[date, float | None] = {}
        ends: dict[date, float | None] = {}
        for month in reversed(months):
            start, end = self.realised() if month == self.this else (None, None)
            if self.is_flat(month):
                start = end = self.price[month]
            elif self.has_one(month) and variant == BOTH:
                right = self._anchor(month, is_right=True)
                left = self._anchor(month, is_right=False)
                start = left if start is None else start
                following = end if end is not None else starts.get(shift(month, 1))
                end = following if right is None else right
                start = self.start_from(month, end) if start is None else start
            elif self.has_one(month) and nearest is None and month == self.this:
                start = self._anchor(month, is_right=False) if start is None else start
            elif self.has_one(month) and nearest is not None and month < nearest:
                end = starts.get(shift(month, 1))
                start = self.start_from(month, end) if start is None else start
            starts[month], ends[month] = start, end
        return starts, ends

    def points(self, variant: str) -> list[Point]:
        """Meetings ahead, then months nobody knows the meetings of."""
        found: list[Point] = []
        for month, (start, end) in self.sides(variant).items():
            days = self.of_month.get(month, [])
            if not days:
                if month.replace(day=length(month)) > self.covered and month in self.price and variant == BOTH:
                    found.append(Point(month, False, None, None, self.price[month], None, "OK"))
                continue
            for day in days:
                if day <= self.session:
                    continue
                number = 1 + sum(p.is_meeting for p in found)
                if month in self.doubted:
                    word = "SUSPECT_INPUT"
                elif month not in self.price:
                    word = "NOT_AVAILABLE"
                elif len(days) > 1 or start is None or end is None:
                    word = "SUSPECT_INPUT" if self.doubted else "ILL_CONDITIONED"
                else:
                    word = "SUSPECT_INPUT" if abs(end - start) > 8 * QUARTER else "OK"
                if word != "OK":
                    found.append(Point(day, True, number, None, None, None, word))
                    continue
                n, m = self.weights(month)
                left = 100 * (self.price[month] - (n * start + m * end) / (n + m))  # type: ignore[operator]
                found.append(Point(day, True, number, start, end, None if abs(left) < 1e-9 else left, "OK"))
        return found


def odds_of(moves: float) -> dict[int, float]:
    """Two neighbouring numbers of quarter points with the mean ``moves``; dust below 1e-12 is none."""
    size = abs(moves)
    low = floor(size + 1e-12)
    share = max(0.0, size - low)
    sign = -1 if moves < 0 else 1
    return {sign * low: 1 - share} if share <= 1e-12 else {sign * low: 1 - share, sign * (low + 1): share}


def odds_ahead(points: list[Point]) -> dict[date, dict[int, float]]:
    """Meeting → chances of the sum of all moves up to it, as long as every one of them is known."""
    found: dict[date, dict[int, float]] = {}
    total = {0: 1.0}
    for point in (p for p in points if p.is_meeting):
        if point.status != "OK":
            break
        own = odds_of((point.end - point.start) / QUARTER)  # type: ignore[operator]
        nxt: dict[int, float] = defaultdict(float)
        for a, chance in total.items():
            for b, other in own.items():
                nxt[a + b] += chance * other
        total = found[point.day] = dict(nxt)
    return found


def _paid(rates: dict[date, float], month: date, last: date) -> dict[date, float]:
    """The rate of every day of a month: that of the newest business day, weekends at the end included, gaps of four bridged."""
    found: dict[date, float] = {}
    if not rates:
        return found
    newest = max(rates)
    for n in range((last - month).days + 1):
        day = month + timedelta(n)
        source = next((day - timedelta(k) for k in range(5) if day - timedelta(k) in rates), None)
        if source is None or (day > newest and day.weekday() < 5):
            break
        found[day] = rates[source]
    return found


def _frozen(curves: dict[int, dict[date, float]]) -> set[int]:
    """Evenings on which no price had moved for three, among six contracts at least."""
    compared, moved = {}, {}
    for n, now in curves.items():
        then = curves.get(n - 1, {})
        both = now.keys() & then.keys()
        compared[n], moved[n] = len(both), sum(now[m] != then[m] for m in both)
    order, found = sorted(curves), set()
    for i, n in enumerate(order):
        three = order[i - 2 : i + 1] if i >= 2 else []
        if three and min(compared[k] for k in three) >= 6 and not any(moved[k] for k in three):
            found.add(n)
    return found


@cache
def settled(world: World) -> dict[int, dict[date, float]]:
    """Position of the session → contract month → settlement; months that are over left out."""
    found: dict[int, dict[date, float]] = defaultdict(dict)
    for row in world.newest("yahoo_fed_funds").sort("contract_month").iter_rows(named=True):
        n = world.at.get(row["session_date"])
        if n is not None and row["contract_month"] >= first_of(row["session_date"]):
            found[n][row["contract_month"]] = row["settle"]
    return dict(sorted(found.items()))


@cache
def outliers(world: World) -> dict[int, set[date]]:
    """Contracts that moved by more than 15 bp beyond both neighbours, which moved alike; not those that moved back."""
    found: dict[int, set[date]] = defaultdict(set)
    last: dict[date, float] = {}
    apart: dict[date, list[float | None]] = defaultdict(
        list
    )  # how far a contract stood from the middle of its neighbours
    for n, now in settled(world).items():
        order = list(now)
        steps = {month: now[month] - last[month] for month in now if month in last}
        for k, month in enumerate(order):
            sides = [order[k - 1] if k else None, order[k + 1] if k + 1 < len(order) else None]
            there = None if None in sides else now[month] - (now[sides[0]] + now[sides[1]]) / 2  # type: ignore[index]
            was = apart[month][-2] if len(apart[month]) > 1 else None
            apart[month].append(there)
            if sides != [shift(month, -1), shift(month, 1)] or not {month, *sides} <= steps.keys():
                continue
            own, left, right = (steps[m] for m in (month, *sides))  # type: ignore[index]
            is_back = there is not None and was is not None and abs(there - was) <= 0.15
            if min(abs(own - left), abs(own - right)) > 0.15 and abs(left - right) < 0.05 and not is_back:
                found[n].add(month)
        last |= now
    return found


@cache
def prices(world: World) -> dict[int, dict[date, float]]:
    """Position of the session → contract month → mean rate it implies, of those that are believed."""
    return {
        n: {month: 100 - settle for month, settle in now.items() if month not in outliers(world).get(n, ())}
        for n, now in settled(world).items()
    }


def _covered(listed: list[date]) -> date:
    """The last day the known calendar speaks of: of a year of which only the first meetings are listed, their months."""
    if not listed:
        return date.min
    last = max(listed)
    is_whole = sum(day.year == last.year for day in listed) >= 6
    return date(last.year, 12, 31) if is_whole else last.replace(day=length(first_of(last)))


@cache
def curves(world: World) -> dict[int, Curve]:
    """What was known each evening on which the contract of the month is held, and all since contracts were asked for."""
    facts = sorted(effective_facts(world), key=lambda t: t[:2])
    rates: dict[date, float] = {}
    asked = world.rows("SELECT min(fetched_at) FROM raw.fetch_log WHERE dataset = 'yahoo_fed_funds'").item()
    lived = len(world.days) if asked is None else world.last_snapshot(micros(asked))
    at, found = 0, {}
    for n, own in prices(world).items():
        session, snapshot = world.days[n], int(world.snapshots[n])
        while at < len(facts) and facts[at][0] <= snapshot:
            rates[facts[at][1]] = facts[at][2]  # type: ignore[assignment]
            at += 1
        this = first_of(session)
        if this not in settled(world)[n] and n < lived:
            continue
        previous = shift(this, -1)
        listed = [
            m.day for m in meetings(world) if m.known <= snapshot and not (m.cancelled and m.cancelled <= snapshot)
        ]
        of_month: dict[date, list[date]] = defaultdict(list)
        for day in listed:
            if day >= previous:
                of_month[first_of(day)].append(day)
        mean = _paid(rates, previous, this - timedelta(1))
        whole = {previous: sum(mean.values()) / len(mean)} if len(mean) == length(previous) else {}
        covered = _covered(listed)
        newest = (max(rates), rates[max(rates)]) if rates else None
        found[n] = Curve(
            session,
            own | whole,
            dict(of_month),
            covered,
            _paid(rates, this, session),
            newest,
            frozenset(outliers(world).get(n, ())),
        )
    return found


class Path(NamedTuple):
    """One evening and variant: its points, and chances by meeting."""

    points: list[Point]
    odds: dict[date, dict[int, float]]

    @property
    def next(self) -> Point | None:
        """The first meeting ahead."""
        return next((p for p in self.points if p.is_meeting), None)


@cache
def paths(world: World) -> dict[tuple[int, str], Path]:
    """(position of the session, variant) → what futures imply."""
    frozen, found = _frozen(settled(world)), {}
    for n, curve in curves(world).items():
        for variant in (BOTH, DOC):
            points = curve.points(variant)
            if n in frozen:
                points = [Point(p.day, p.is_meeting, p.number, None, None, None, "SUSPECT_INPUT") for p in points]
            found[n, variant] = Path(points, odds_ahead(points))
    return found


def sums(odds: dict[int, float]) -> tuple[float, float, float, float]:
    """Chances of lower, the same and higher, and the mean (basis points)."""
    lower, higher = (sum(p for k, p in odds.items() if k * sign > 0) for sign in (-1, 1))
    return lower, odds.get(0, 0.0), higher, sum(25 * k * p for k, p in odds.items())


def of_odds(path: Path, point: Point) -> str:
    """OK, or why a point has no odds."""
    if not point.is_meeting:
        return "NOT_AVAILABLE"
    if point.status != "OK":
        return point.status
    return "OK" if point.day in path.odds else "ILL_CONDITIONED"


# --- other sources --------------------------------------------------------------------------------------------------


@cache
def windows(world: World) -> dict[int, dict[date, dict[str, float]]]:
    """Position of the session → window of the tracker → field → value (percent), as known then; three sessions long."""
    by_day: dict[date, list[tuple[int, date, str, float]]] = defaultdict(list)
    for row in world.versions("atlantafed_mpt").iter_rows(named=True):
        by_day[row["observation_date"]].append(
            (micros(row["known_at"]), row["reference_start"], row["field"], row["value"])
        )
    began = sorted((min(r[0] for r in rows), day) for day, rows in by_day.items())
    found = {}
    for n in range(len(world.days)):
        snapshot = int(world.snapshots[n])
        seen = [day for known, day in began if known <= snapshot]
        if not seen or n - world.session_on_or_before(max(seen)) > 3:
            continue
        told: dict[date, dict[str, float]] = defaultdict(dict)
        for known, window, field, value in by_day[max(seen)]:
            if known <= snapshot:
                told[window][field] = value / 100
        found[n] = dict(sorted(told.items()))
    return found


class Bets(NamedTuple):
    """Ranges after one meeting as the prediction market had them: lower end → chance."""

    odds: dict[float, float]
    known: int


@cache
def bets(world: World) -> dict[int, dict[date, Bets]]:
    """Position of the session → meeting ahead → the newest ladder, three sessions old at most."""
    scheduled = [m.day for m in meetings(world) if m.is_scheduled and not m.cancelled]
    told: dict[date, list[tuple[int, date, dict[float, float]]]] = defaultdict(list)
    for one in ladders(world):
        held = [day for day in scheduled if first_of(day) == one.month]
        levels = [level for level, _ in one.curve]
        whole = all(abs(b - a - QUARTER) < 1e-9 for a, b in pairwise(levels))
        if one.series != "KXFED" or len(held) != 1 or not whole:
            continue
        odds, over = {}, 1.0
        for level, above in one.curve:
            odds[round(level - 0.375, 6)] = max(0.0, over - above)
            over = above
        odds[round(levels[-1] - 0.125, 6)] = over
        told[held[0]].append((one.known, one.evening, odds))
    found: dict[int, dict[date, Bets]] = {}
    for n, session in enumerate(world.days):
        for day, evenings in told.items():
            seen = [e for e in evenings if e[0] <= int(world.snapshots[n])]
            if day > session and seen:
                known, evening, odds = max(seen)
                if n - world.session_on_or_before(evening) <= 3:
                    found.setdefault(n, {})[day] = Bets(odds, known)
    return found


def bets_against(world: World, n: int, odds: dict[float, float]) -> tuple[float, float, float, float, str]:
    """Chances of a lower, the same and a higher range than at the session, the effective rate after it, and a status."""
    p = policy(world)
    low = p.lower[n]
    cut, hike = sum(c for r, c in odds.items() if r < low - 1e-6), sum(c for r, c in odds.items() if r > low + 1e-6)
    hold = sum(c for r, c in odds.items() if abs(r - low) < 1e-6)
    mean = sum(r * c for r, c in odds.items()) + p.offset_bp[n] / 100
    return cut, hold, hike, mean, p.status_target[n] if p.status_target[n] != "OK" else p.status_effr[n]


# --- marts ----------------------------------------------------------------------------------------------------------


def rate_expectations(world: World) -> pl.DataFrame:
    """One row per session, meeting, variant and source."""
    nothing = dict.fromkeys(
        ("p_cut", "p_hold", "p_hike", "step_cut", "step_hold", "step_hike", "start_rate", "expected_bp", "fit_resid_bp")
    )
    rows: list[dict[str, Any]] = []

    def add(n: int, day: date, **columns: Any) -> None:
        words = dict.fromkeys(("status", "status_step", "status_probability"), "NOT_AVAILABLE")
        plain = {"session_date": world.days[n], "meeting_date": day, "is_poor_fit": False, "is_default": False}
        rows.append(nothing | words | plain | {"known_at": float(world.snapshots[n])} | columns)

    for (n, variant), path in paths(world).items():
        for point in path.points:
            word = of_odds(path, point)
            made: dict[str, Any] = {"status_step": point.status if point.is_meeting else "NOT_AVAILABLE"}
            if word == "OK":
                *chances, made["expected_bp"] = sums(path.odds[point.day])
                made |= dict(zip(("p_cut", "p_hold", "p_hike"), chances, strict=True))
            if made["status_step"] == "OK":
                moves = (point.end - point.start) / QUARTER  # type: ignore[operator]
                made |= {"step_cut": min(max(-moves, 0), 1), "step_hike": min(max(moves, 0), 1)}
                made |= {
                    "step_hold": max(1 - abs(moves), 0),
                    "start_rate": point.start,
                    "fit_resid_bp": point.residual_bp,
                }
                made["is_poor_fit"] = point.residual_bp is not None and abs(point.residual_bp) > 3
            add(
                n, point.day, source="zq", variant=variant, span="meeting" if point.is_meeting else "month",
                expected_rate=point.end, status=point.status, status_probability=word, is_default=variant == BOTH, **made,
            )  # fmt: skip
    for n, by_window in windows(world).items():
        for window, fields in by_window.items():
            cut, hike, mean = (fields.get(name) for name in ("Prob: cut", "Prob: hike", "Rate: mean"))
            both = cut is not None and hike is not None
            chances = {"p_cut": cut, "p_hold": 1 - cut - hike, "p_hike": hike} if both else {}  # type: ignore[operator]
            add(
                n, window, source="mpt", variant="window", span="window_3m", expected_rate=mean,
                status="NOT_PUBLISHED" if mean is None else "OK", status_probability="OK" if both else "UNDEFINED", **chances,
            )  # fmt: skip
    for n, by_meeting in bets(world).items():
        for day, bet in by_meeting.items():
            cut, hold, hike, mean, word = bets_against(world, n, bet.odds)
            told = {"p_cut": cut, "p_hold": hold, "p_hike": hike, "expected_rate": mean} if word == "OK" else {}
            add(n, day, source="kalshi", variant="ladder", span="meeting", status=word, status_probability=word, **told)
    bill = known_values(world, "DGS3MO")
    for n in np.flatnonzero(bill.has):
        value = None if np.isnan(bill.value[n]) else float(bill.value[n])
        add(
            int(n), shift(world.days[n], 3), source="bills", variant="bill_3m", span="mean_until", expected_rate=value,
            status=str(bill.status[n]),
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def rate_distribution(world: World) -> pl.DataFrame:
    """Chances of each range."""
    p, rows = policy(world), []
    for (n, variant), path in paths(world).items():
        if p.status_target[n] == "OK":
            for day, odds in path.odds.items():
                ends = {k: round(p.lower[n] + QUARTER * k, 6) for k in odds}
                rows += [(n, day, variant, "zq", ends[k], c, world.snapshots[n]) for k, c in odds.items()]
    for n, by_meeting in bets(world).items():
        for day, bet in by_meeting.items():
            rows += [(n, day, "ladder", "kalshi", low, c, bet.known) for low, c in bet.odds.items()]
    names = ["n", "meeting_date", "variant", "source", "range_low", "probability", "known_at"]
    frame = pl.DataFrame(rows, names, orient="row", infer_schema_length=None)
    days = pl.Series([world.days[n] for n in frame["n"]])
    high = (pl.col("range_low") + QUARTER).round(6)
    return frame.select(*names[1:6], session_date=days, range_high=high, known_at=pl.col("known_at").cast(pl.Float64))


# --- readings -------------------------------------------------------------------------------------------------------

Cell = tuple[float | None, str, int]  # value, why, inputs used


def _frame(world: World, reading_id: str, cells: dict[int, Cell], expected: int) -> pl.DataFrame:
    on = np.array(sorted(cells))
    value = [np.nan if cells[n][0] is None else cells[n][0] for n in on]
    word, used = np.array([cells[n][1] for n in on]), [cells[n][2] for n in on]
    return shaped(reading_id, "US", world, on, value, word, used, expected)


class Aim(NamedTuple):
    """The point nearest to a horizon: what is implied there, how much that is above the effective rate, and a status."""

    point: Point | None
    priced_bp: float | None
    status: str


@cache
def horizons(world: World) -> dict[str, dict[int, Aim]]:
    """Horizon → position of the session → the meeting nearest to it; a month past the calendar stands for its middle."""
    p, first = policy(world), min(n for n, _ in paths(world))
    found: dict[str, dict[int, Aim]] = defaultdict(dict)
    for n in range(first, len(world.days)):
        session = world.days[n]
        points = paths(world)[n, BOTH].points if (n, BOTH) in paths(world) else []
        for name, aim in [(f"{m}m", shift(session, m)) for m in (3, 6, 12)] + [("dec", date(session.year, 12, 31))]:

            def distance(point: Point, aim: date = aim) -> int:
                return abs((point.day - aim).days + (0 if point.is_meeting else 14))

            of_year = [x for x in points if x.day.year == session.year] if name == "dec" else []
            near = min(of_year or points, key=lambda x: (distance(x), x.day), default=None)
            priced = None
            if near is not None and near.end is not None and not np.isnan(p.effr[n]):
                priced = 100 * (near.end - float(p.effr[n]))
            if near is None or (name != "dec" and abs((near.day - aim).days) > 62):
                word = "NOT_AVAILABLE"
            elif name == "dec" and not of_year:
                word = "UNDEFINED"
            else:
                word = near.status if near.status != "OK" else str(p.status_effr[n])
            found[name][n] = Aim(near, priced, word)
    return found


def priced_bp(world: World) -> tuple[np.ndarray, np.ndarray]:
    """What is priced for a year ahead (basis points, NaN) and why it is missing, per session."""
    value = np.full(len(world.days), np.nan)
    word = np.array(["NOT_AVAILABLE"] * value.size, dtype=object)
    for n, aim in horizons(world)["12m"].items():
        value[n], word[n] = np.nan if aim.priced_bp is None else aim.priced_bp, aim.status
    return value, word


def _implied_then(world: World, n: int, now: Point) -> Cell:
    """The rate implied at a session for a point of a later one (basis points)."""
    path = paths(world).get((n, BOTH))
    for point in path.points if path else []:
        if point.day == now.day and point.is_meeting == now.is_meeting:
            if point.end is not None:
                return 100 * point.end, "OK", 1
            return None, point.status, 0
    return None, "WARMUP", 0


def _mean_over(world: World, n: int, first: date, last: date) -> float | None:
    """The mean rate that futures imply over [first, last)."""
    rates, days = prices(world).get(n, {}), defaultdict(int)
    for k in range((last - first).days):
        days[first_of(first + timedelta(k))] += 1
    if not all(month in rates for month in days):
        return None
    return sum(count * rates[month] for month, count in days.items()) / sum(days.values())


def futures(world: World) -> pl.DataFrame:
    """MP01 to MP04."""
    cells: dict[str, dict[int, Cell]] = defaultdict(dict)
    expected: dict[str, int] = defaultdict(lambda: 1)
    for (n, variant), path in paths(world).items():
        if path.next is not None:
            odds = path.odds.get(path.next.day)
            mean = sums(odds)[3] if odds else None
            cells[f"MP01_{variant}"][n] = (mean, of_odds(path, path.next), int(odds is not None))
    for name, aims in horizons(world).items():
        for n, aim in aims.items():
            end = aim.point.end if aim.point else None
            is_there = end is not None and aim.status not in ("NOT_AVAILABLE", "UNDEFINED")
            cells[f"MP02_{name}"][n] = (end, "OK" if is_there else aim.status, int(end is not None))
            if name != "dec":
                cuts = None if aim.priced_bp is None else -aim.priced_bp / 25
                cells[f"MP03_{name}"][n] = (cuts, aim.status, int(cuts is not None))
    for n, aim in horizons(world)["12m"].items():
        has = aim.priced_bp is not None
        cells["MP03_12m_bp"][n] = (aim.priced_bp, aim.status, int(has))
        for span in (1, 5, 20, 60):
            then, why, held = (None, "WARMUP", 0) if aim.point is None else _implied_then(world, n - span, aim.point)
            end = aim.point.end if aim.point else None
            value = 100 * end - then if end is not None and then is not None else None
            word = aim.status if aim.status != "OK" else why
            cells[f"MP03_12m_d{span}"][n] = (value, word, int(end is not None) + held)
            expected[f"MP03_12m_d{span}"] = 2
    _meeting_odds(world, cells, expected)
    return pl.concat([_frame(world, name, by, expected[name]) for name, by in cells.items()])


def _meeting_odds(world: World, cells: dict[str, dict[int, Cell]], expected: dict[str, int]) -> None:
    bill = known_values(world, "DGS3MO")
    nearest: Callable[[int, str], Path | None] = lambda n, v: paths(world).get((n, v))  # noqa: E731
    for (n, variant), path in paths(world).items():
        if variant != BOTH or path.next is None:
            continue
        day, word = path.next.day, of_odds(path, path.next)
        chances = sums(path.odds[day]) if word == "OK" else (None,) * 4
        for k, move in enumerate(("cut", "hold", "hike")):
            cells[f"MP04_{move}"][n] = (chances[k], word, int(word == "OK"))
        for span in (1, 5):
            then = nearest(n - span, BOTH)
            point = next((x for x in then.points if x.is_meeting and x.day == day), None) if then else None
            why = of_odds(then, point) if then and point else "WARMUP"
            both = word == "OK" == why
            value = 100 * (chances[0] - sums(then.odds[day])[0]) if both else None  # type: ignore[operator,union-attr]
            cells[f"MP04_cut_d{span}"][n] = (value, why if word == "OK" else word, (word == "OK") + (why == "OK"))
            expected[f"MP04_cut_d{span}"] = 2
        said = [x.odds[day] for v in (BOTH, DOC) if (x := nearest(n, v)) and x.next and x.next.day == day in x.odds]
        cuts = [sums(odds)[0] for odds in said]
        bet = bets(world).get(n, {}).get(day)
        if bet is not None:
            cut, _, _, _, why = bets_against(world, n, bet.odds)
            cuts += [cut] if why == "OK" else []
        apart = 100 * (max(cuts) - min(cuts)) if cuts else None
        cells["MP04_spread"][n] = (apart, "OK" if len(cuts) > 1 else "LOW_COVERAGE", len(cuts))
        expected["MP04_spread"] = 3
        window = next(iter(windows(world).get(n, {}).items()), None)
        start = world.days[n] + timedelta(1)
        others: dict[str, tuple[float | None, str, date | None]] = {
            "mpt": (window[1].get("Rate: mean") if window else None, "NOT_AVAILABLE", window[0] if window else None),
            "bills": (None if np.isnan(bill.value[n]) else float(bill.value[n]), str(bill.status[n]), start),
        }
        for name, (rate, said_why, first) in others.items():
            mean = _mean_over(world, n, first, first + timedelta(91)) if first else None
            if rate is None:
                why = "NOT_AVAILABLE" if said_why == "OK" else said_why
            elif path.next.status == "SUSPECT_INPUT":
                why = "SUSPECT_INPUT"
            else:
                why = "NOT_AVAILABLE" if mean is None else "OK"
            value = 100 * (rate - mean) if rate is not None and mean is not None else None
            used = int(rate is not None) + int(mean is not None)
            cells[f"MP04_spread_{name}"][n] = (value, why, used)
            expected[f"MP04_spread_{name}"] = 2
