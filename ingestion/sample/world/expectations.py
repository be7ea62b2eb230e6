"""What this world's market expects of its central bank: a path of the effective rate, meeting by meeting.

Belongs here: the expected change at each meeting as seen from each session. Does not: prices of contracts, odds of a
ladder, any wire format (vendors make those of it). The nearer a meeting, the more the market knows of what will be
decided; the rest is the slope of the two-year yield, and noise. A decision counts from the day of its meeting on.
"""

from __future__ import annotations

import calendar as months
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.sample.world.clock import Floats, clock, reverting
from ingestion.sample.world.rates import Observations
from ingestion.sample.world.releases import meetings

SURE_FROM, MOST_SURE = 170, 0.85  # sessions before a meeting from which something is known of it, and how much at last
MOST_DRIFT = 0.12  # points a meeting that the slope of the two-year yield can add or take
STEP = 0.25


@dataclass(frozen=True)
class Expectations:
    """``steps[t, k]``: the change (points) expected after session ``t`` at meeting ``k``; 0 once it has been decided.

    ``effective`` is the effective rate (percent) of each session.
    """

    meetings: tuple[date, ...]
    steps: Floats
    effective: Floats
    daily: Mapping[date, float]  # the effective rate of every calendar day of the world

    def month_average(self, month: date) -> Floats:
        """The mean rate (percent) of all days of a month as expected after each session; elapsed days as they were."""
        length = months.monthrange(month.year, month.month)[1]
        found = self.effective.copy()
        for k, meeting in enumerate(self.meetings):
            found = found + self.steps[:, k] * _share(meeting, month, length)
        days = [month.replace(day=n) for n in range(1, length + 1)]
        begins, ends = clock().index(days[0]), clock().index(days[-1] + timedelta(1))
        for t in range(begins, ends):
            found[t] = sum(self._rate(t, clock().days[t], day) for day in days) / length
        if ends < len(found):
            found[ends:] = sum(self.daily[day] for day in days) / length
        return found

    def _rate(self, t: int, session: date, day: date) -> float:
        if day <= session:
            return self.daily[day]
        pending = [k for k, meeting in enumerate(self.meetings) if session < meeting <= day]
        return float(self.effective[t]) + sum(float(self.steps[t, k]) for k in pending)

    def odds(self, t: int, meeting: date) -> dict[float, float]:
        """Chance of each total change (points, steps of a quarter) up to and with ``meeting``, as seen after ``t``."""
        session, chances = clock().days[t], {0.0: 1.0}
        for k, day in enumerate(self.meetings):
            if session < day <= meeting:
                parts = moves(float(self.steps[t, k]))
                spread: dict[float, float] = {}
                for before, chance in chances.items():
                    for change, share in parts:
                        spread[before + change] = spread.get(before + change, 0.0) + chance * share
                chances = spread
        return dict(sorted(chances.items()))


def moves(step: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two changes (points, steps of a quarter) between which an expected change lies, each with its chance."""
    steps, sign = abs(step) / STEP, 1.0 if step >= 0 else -1.0
    whole = float(int(steps))
    return (sign * STEP * whole, 1.0 - (steps - whole)), (sign * STEP * (whole + 1.0), steps - whole)


def _share(meeting: date, month: date, length: int) -> float:
    """The share of a month's days on which the decision of a meeting holds."""
    if (meeting.year, meeting.month) != (month.year, month.month):
        return 1.0 if meeting < month else 0.0
    return (length - meeting.day + 1) / length


def expectations(observed: Mapping[str, Observations]) -> Expectations:
    """The path as this world's market saw it after each session, from its own yields, target and effective rate."""
    days = clock().days
    size = len(days)
    two_year = dict(zip(observed["DGS2"].days, observed["DGS2"].values.tolist(), strict=True))
    daily = dict(zip(observed["DFF"].days, observed["DFF"].values.tolist(), strict=True))
    upper = dict(zip(observed["DFEDTARU"].days, observed["DFEDTARU"].values.tolist(), strict=True))
    effective = np.array([daily[day] for day in days])
    slopes, last = [], 0.0
    for day in days:
        value = two_year.get(day)
        if value is not None and not math.isnan(value):  # a bond holiday keeps the slope of the day before
            last = value - upper[day]
        slopes.append(min(MOST_DRIFT, max(-MOST_DRIFT, last / 12.0)))
    drift = np.array(slopes)
    mood = np.cumsum(reverting("policy path", 0.006, size, 0.97))
    held: list[date] = []
    changes: list[float | None] = []
    before: float | None = None
    for meeting, decided in meetings():
        held.append(meeting)
        changes.append(None if decided is None or before is None else decided - before)
        before = decided
    columns = []
    for meeting, change in zip(held, changes, strict=True):
        ahead = clock().index(meeting) - np.arange(size, dtype=np.float64)  # sessions until it, from each session
        distance = np.maximum(ahead, 0.0)
        sure = np.maximum(0.0, MOST_SURE * (1.0 - distance / SURE_FROM)) if change is not None else np.zeros(size)
        fade = 1.0 / (1.0 + distance / 250.0)
        expected = sure * (change or 0.0) + (1.0 - sure) * drift * fade + mood * fade
        decided_by_then = np.array([day >= meeting for day in days])
        columns.append(np.where(decided_by_then, 0.0, np.round(expected, 6)))
    return Expectations(tuple(held), np.array(columns).T.copy(), effective, daily)
