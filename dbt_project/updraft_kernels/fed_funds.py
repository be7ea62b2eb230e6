"""The path of the federal funds rate that futures imply, meeting by meeting (specification MP01).

Belongs here: rates before and after each meeting from the mean rates of months, chances of each step, their convolution.
Does not: prices, calendars of sessions, other sources of odds. All rates are percent, steps are quarter points.

A contract settles on the mean rate of its month, so its price gives that mean. In a month without a meeting the rate is
the same all month. In a month with one, ``before`` days have the rate of the start and the others that of the end (the
day of the decision counts as after): two unknown rates, one mean. The neighbours give the second equation.

Two variants differ in which neighbours they use:

- ``anchor_both``: the months without a meeting on either side, then backward from each known end, then forward.
- ``cme_doc``: backward from the nearest month without a meeting only, then forward from there, as the exchange's page.

A side is solved only if at least four days have its rate: with fewer, the rounding of a price would be multiplied.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import floor
from typing import Literal

Variant = Literal["anchor_both", "cme_doc"]
VARIANTS: tuple[Variant, ...] = ("anchor_both", "cme_doc")
STEP = 0.25
FEWEST_DAYS = 4
MOST_STEPS = 8.0  # a larger change at one meeting is no price but a fault

_KNOWN = 1e-12


@dataclass(frozen=True, slots=True)
class Evening:
    """What is known of the policy rate after a session.

    ``months``: mean rate (percent) that each held contract implies, by first day of month, this month and later ones.
    ``meetings``: all days of decisions known by then, past ones of this month and the last among them, ascending.
    ``calendar_to``: the last day that the known calendar of meetings covers.
    ``previous``: mean effective rate of the month before, None where it is not whole.
    ``suspect``: months whose contract is held and not believed.
    ``so_far``: effective rate by day of this month, as far as published; ``newest`` is its (day, rate), of any month.
    """

    session: date
    months: Mapping[date, float]
    meetings: Sequence[date]
    calendar_to: date
    previous: float | None = None
    so_far: Mapping[date, float] | None = None
    newest: tuple[date, float] | None = None
    suspect: frozenset[date] = frozenset()


@dataclass(slots=True)
class Month:
    """One month of the path; rates are None where nothing determines them. ``days_before`` of None: no meeting in it."""

    first: date
    mean: float | None
    days: int
    meetings: list[date]
    start: float | None = None
    end: float | None = None
    is_anchor: bool = False

    @property
    def days_before(self) -> int:
        """Days that still have the rate of the start."""
        return self.meetings[0].day - 1

    @property
    def days_after(self) -> int:
        """Days that have the rate of the end, the day of the decision among them."""
        return self.days - self.days_before

    def solve_start(self) -> None:
        """The start from the mean and the end."""
        if self.mean is None or self.end is None or self.days_before < FEWEST_DAYS:
            return
        self.start = (self.mean - self.days_after / self.days * self.end) / (self.days_before / self.days)

    def solve_end(self) -> None:
        """The end from the mean and the start."""
        if self.mean is None or self.start is None or self.days_after < FEWEST_DAYS:
            return
        self.end = (self.mean - self.days_before / self.days * self.start) / (self.days_after / self.days)

    def residual_bp(self) -> float | None:
        """By how much the mean differs from what both sides say, basis points; about 0 where one side was solved."""
        if self.mean is None or self.start is None or self.end is None or len(self.meetings) != 1:
            return None
        return 100 * (self.mean - (self.days_before * self.start + self.days_after * self.end) / self.days)


@dataclass(frozen=True, slots=True)
class Step:
    """What is implied for one meeting, or (``is_meeting`` false) one month beyond the known calendar.

    ``status`` speaks for the rates: OK, ILL_CONDITIONED (not determined), NOT_AVAILABLE (no contract is held) or
    SUSPECT_INPUT (a change no meeting makes). ``residual_bp`` only where the month is over-determined.
    """

    day: date
    is_meeting: bool
    start: float | None
    end: float | None
    residual_bp: float | None
    status: str

    @property
    def moves(self) -> float | None:
        """The change in steps of a quarter point, below zero for cuts."""
        return None if self.start is None or self.end is None else (self.end - self.start) / STEP


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(32)).replace(day=1)


def path(evening: Evening, variant: Variant) -> list[Step]:
    """The implied rates of every meeting ahead, and of every held month beyond the calendar, ascending."""
    months = _months(evening)
    _settle_this_month(months[1], months[0], evening)
    (_anchor_both if variant == "anchor_both" else _cme_doc)(months[1:], months[0])
    steps: list[Step] = []
    for month in months[1:]:
        if _is_beyond(month, evening):
            if month.mean is not None:
                steps.append(Step(month.first, False, None, month.mean, None, "OK"))
            continue
        ahead = [day for day in month.meetings if day > evening.session]
        steps += [_step(month, day, evening) for day in ahead]
    return steps


def chances(steps: Iterable[Step]) -> list[dict[int, float] | None]:
    """The chance of each total change (in steps of a quarter point) after each of the meetings, in their order.

    None from the first meeting on whose step is not known: what follows has no sum.
    """
    spread: dict[int, float] | None = {0: 1.0}
    found: list[dict[int, float] | None] = []
    for step in steps:
        own = None if step.status != "OK" or step.moves is None else step_chances(step.moves)
        if spread is not None:
            spread = None if own is None else _convolved(spread, own)
        found.append(spread)
    return found


def step_chances(moves: float) -> dict[int, float]:
    """The two neighbouring whole steps and their chances, so that the mean is ``moves``."""
    size, sign = abs(moves), 1 if moves >= 0 else -1
    low = floor(size + _KNOWN)
    share = max(0.0, size - low)
    return {sign * low: 1.0 - share, **({sign * (low + 1): share} if share > _KNOWN else {})}


def _convolved(before: Mapping[int, float], own: Mapping[int, float]) -> dict[int, float]:
    after: dict[int, float] = {}
    for total in sorted(before):
        for change in sorted(own):
            after[total + change] = after.get(total + change, 0.0) + before[total] * own[change]
    return after


def _months(evening: Evening) -> list[Month]:
    """The month before, this one and all up to the last held contract or meeting, without gaps."""
    this = evening.session.replace(day=1)
    last = max([this, *evening.months, *evening.suspect, *(day.replace(day=1) for day in evening.meetings)])
    first = (this - timedelta(1)).replace(day=1)
    made = []
    while first <= last:
        held = [day for day in evening.meetings if day.replace(day=1) == first]
        mean = evening.previous if first < this else evening.months.get(first)
        month = Month(first, mean, monthrange(first.year, first.month)[1], held)
        # past the calendar nobody knows whether a month has a meeting, so it says nothing about its neighbours
        if not held and first.replace(day=month.days) <= evening.calendar_to and mean is not None:
            month.start = month.end = mean
            month.is_anchor = True
        made.append(month)
        first = next_month(first)
    return made


def _settle_this_month(month: Month, before: Month, evening: Evening) -> None:
    """After the last meeting of this month its start is what was realised, and its end what the mean leaves for the rest.

    Where too few days are left to say, the newest effective rate after the decision is the end.
    """
    if not month.meetings or month.meetings[-1] > evening.session:
        return
    realised = [rate for day, rate in (evening.so_far or {}).items() if day < month.meetings[0]]
    if len(month.meetings) == 1:
        month.start = before.end if before.is_anchor else (sum(realised) / len(realised) if realised else None)
        month.solve_end()
    if month.end is None and evening.newest is not None and evening.newest[0] > month.meetings[-1]:
        month.end = evening.newest[1]


def _anchor_both(months: Sequence[Month], before: Month) -> None:
    """Both neighbours first, then backward from every known end, then forward."""
    for left, right in pairwise([before, *months]):
        if _is_open(right) and left.is_anchor and right.start is None:
            right.start = left.end
        if _is_open(left) and right.is_anchor:
            left.end = right.start
    for n in range(len(months) - 1, -1, -1):
        if _is_open(months[n]):
            if months[n].end is None and n + 1 < len(months):
                months[n].end = months[n + 1].start
            if months[n].start is None:
                months[n].solve_start()
    _forward([before, *months])


def _cme_doc(months: Sequence[Month], before: Month) -> None:
    """Backward from the nearest month without a meeting, then forward from it."""
    nearest = next((n for n, month in enumerate(months) if month.is_anchor), None)
    if nearest is None:
        _forward([before, *months])
        return
    for n in range(nearest - 1, -1, -1):
        if _is_open(months[n]):
            months[n].end = months[n + 1].start
            # a start that was realised stays
            if months[n].start is None:
                months[n].solve_start()
    _forward(months[nearest:])


def _forward(months: Sequence[Month]) -> None:
    for left, right in pairwise(months):
        if _is_open(right):
            if right.start is None:
                right.start = left.end
            if right.end is None:
                right.solve_end()


def _is_open(month: Month) -> bool:
    """Whether the month has exactly one meeting: two unknown rates."""
    return len(month.meetings) == 1


def _is_beyond(month: Month, evening: Evening) -> bool:
    return not month.meetings and month.first.replace(day=month.days) > evening.calendar_to


def _step(month: Month, day: date, evening: Evening) -> Step:
    if month.first in evening.suspect:
        status = "SUSPECT_INPUT"
    elif month.mean is None:
        status = "NOT_AVAILABLE"
    elif len(month.meetings) > 1 or month.start is None or month.end is None:
        # what a contract nobody believes would have determined is in doubt, not undetermined
        status = "SUSPECT_INPUT" if evening.suspect else "ILL_CONDITIONED"
    elif abs(month.end - month.start) > MOST_STEPS * STEP:
        status = "SUSPECT_INPUT"
    else:
        status = "OK"
    residual = month.residual_bp()
    solved = residual is None or abs(residual) < 1e-9
    sides = (month.start, month.end) if status == "OK" else (None, None)
    return Step(day, True, *sides, None if solved or status != "OK" else residual, status)
