"""What the events of one Yahoo chart answer mean, judged by the closes and adjusted closes of the same answer.

Belongs here: one split and one payout a day out of events that repeat or share a day; bars that were not adjusted for a
split that is listed; payouts that ``adjclose`` contradicts. Does not: JSON, days of other answers, what a market did.

Yahoo divides what lies before a split by its ratio and multiplies its adjusted closes before an ex-date by
1 - payout / close before it. Where the bars of an answer show that it did not, the answer is read as it stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from math import exp, log
from statistics import median

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

STANDS_OUT = 0.2  # natural logarithm: smaller steps may be a day's own move
NEAR = 0.25  # share of a step that the day's own move may take away or add
PARTLY_ROWS = 30  # how far back a half-done adjustment is looked for
PAYOUT_SLACK = 0.05  # of the listed amount, that the amount in adjclose may differ
ROUNDING = 6e-6  # of a price: what float32 leaves of a ratio of four of them


@dataclass(frozen=True, slots=True)
class Event:
    """One entry as listed: its ex-date, its stamp (epoch seconds) and a split's ratio or a cash amount."""

    ex_date: date
    stamp: int
    value: float


@dataclass(frozen=True, slots=True)
class Split:
    """All splits of one day together. Rows from ``raw_from`` until the day before the ex-date were not adjusted for it
    (None: all earlier rows were)."""

    ex_date: date
    ratio: float
    raw_from: date | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """All cash of one day together. ``is_adjusted``: the amount is divided by later splits, as Yahoo does."""

    ex_date: date
    amount: float
    is_adjusted: bool = True
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """Splits, payouts, and the days where the close steps like a split although adjclose does not and none is listed."""

    splits: list[Split]
    payouts: list[Payout]
    steps: list[tuple[date, float]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows with a close, from the second on. ``before`` is the close before each, ``move`` the natural logarithm of
    their ratio, ``adjusted`` that of the adjusted closes (NaN where there is none), ``kept`` the share of the price that
    is left when adjclose is believed: 1 on days without a payout."""

    days: list[date]
    before: Floats
    move: Floats
    adjusted: Floats
    kept: Floats

    def at(self, day: date) -> int | None:
        """The position of a day; None where it has no row or none before it."""
        n = self.on_or_after(day)
        return n if n is not None and self.days[n] == day else None

    def on_or_after(self, day: date) -> int | None:
        """The position of the first row on or after a day."""
        n = bisect_left(self.days, day)
        return n if n < len(self.days) else None


def product_after(day: pl.Expr, splits: Iterable[Split]) -> pl.Expr:
    """The product of the ratios that a row of ``day`` was divided by: splits after it, if it was adjusted for them."""
    factor = pl.lit(1.0)
    for split in splits:
        divided = day < split.ex_date
        if split.raw_from is not None:
            divided = divided & (day < split.raw_from)
        factor = factor * pl.when(divided).then(split.ratio).otherwise(1.0)
    return factor


def read_events(
    days: Sequence[date],
    closes: Sequence[float | None],
    adjusted: Sequence[float | None] | None,
    *,
    splits: Iterable[Event],
    dividends: Iterable[Event],
    gains: Iterable[Event],
) -> Events:
    """Judge the events of one answer by its rows (one close per day in ``days``; None where there is none)."""
    rows = _rows(days, closes, adjusted)
    is_telling = bool((np.abs(rows.kept - 1) > ROUNDING / 2).any())
    held = [_as_adjusted(split, rows) for split in _split_days(splits)]
    paid = _payout_days(dividends, gains, rows, is_telling=is_telling)
    payouts = [_judged(one, rows, held) if is_telling else one for one in paid]
    listed = {split.ex_date for split in held} | {one.ex_date for one in payouts}
    alone = (np.abs(rows.move) >= STANDS_OUT) & (np.abs(rows.adjusted) <= NEAR * np.abs(rows.move))
    steps = [
        (rows.days[n], round(exp(-float(rows.move[n])), 4))
        for n in np.flatnonzero(alone if is_telling else [])
        if rows.days[n] not in listed
    ]
    return Events(held, _unadjusted_history(payouts, held), steps)


def _rows(days: Sequence[date], closes: Sequence[float | None], adjusted: Sequence[float | None] | None) -> _Rows:
    close = np.array(closes, dtype=np.float64)  # None becomes NaN
    held = np.flatnonzero(close > 0)
    ordinal = np.array([days[n].toordinal() for n in held.tolist()], dtype=np.int64)
    _, first = np.unique(ordinal, return_index=True)  # a day twice counts once; rows oldest first
    held = held[first]
    close = close[held]
    then = np.array(adjusted if adjusted is not None else [None] * len(closes), dtype=np.float64)[held]
    with np.errstate(all="ignore"):
        move, adjusted_move = np.log(close[1:] / close[:-1]), np.log(then[1:] / then[:-1])
    return _Rows([days[n] for n in held[1:].tolist()], close[:-1], move, adjusted_move, np.exp(move - adjusted_move))


def _by_day(events: Iterable[Event]) -> list[tuple[date, list[Event]]]:
    """Events by day, oldest first. The same event under two keys (same stamp, same value) is one."""
    once = sorted(set(events), key=lambda event: (event.ex_date, event.stamp, event.value))
    return [(day, list(group)) for day, group in groupby(once, key=lambda event: event.ex_date)]


def _split_days(splits: Iterable[Event]) -> list[Split]:
    """Different splits of one day multiply (1:4 and 8:1 are 2:1); the same ratio again is the same split told twice."""
    found = []
    for day, events in _by_day(splits):
        ratio = 1.0
        for value in sorted({event.value for event in events}):
            ratio *= value
        found.append(Split(day, ratio))
    return found


def _payout_days(dividends: Iterable[Event], gains: Iterable[Event], rows: _Rows, *, is_telling: bool) -> list[Payout]:
    """Payouts of one day add up, also equal ones at different stamps. A capital gain is a payout of its own, unless
    adjclose shows that the dividend of that day holds it already."""
    cash = {day: sum(event.value for event in events) for day, events in _by_day(dividends)}
    for day, events in _by_day(gains):
        gain, dividend = sum(event.value for event in events), cash.get(day, 0.0)
        moved = _moved(rows, rows.at(day)) if is_telling else None
        if dividend and moved is not None and abs(moved - dividend) < abs(moved - dividend - gain):
            continue
        cash[day] = dividend + gain
    return [Payout(day, round(amount, 9)) for day, amount in sorted(cash.items())]


def _moved(rows: _Rows, n: int | None) -> float | None:
    """The cash a share lost on a day by adjclose; None where it says nothing."""
    if n is None or np.isnan(rows.kept[n]):
        return None
    return float((1 - rows.kept[n]) * rows.before[n])


def _as_adjusted(split: Split, rows: _Rows) -> Split:
    """Whether the rows before a listed split were adjusted for it. If they were, the closes run on over the ex-date; if
    they step by the ratio, they stand as traded: from the answer's start, or from where an adjustment ends."""
    size = log(split.ratio)
    n = rows.on_or_after(split.ex_date)
    if n is None or abs(size) < STANDS_OUT or abs(rows.move[n] + size) > NEAR * abs(size):
        return split
    for k in range(n - 1, max(-1, n - 1 - PARTLY_ROWS), -1):
        if abs(rows.move[k] - size) <= NEAR * abs(size):
            return replace(split, raw_from=rows.days[k])
    return replace(split, raw_from=date.min)


def _judged(payout: Payout, rows: _Rows, splits: Sequence[Split]) -> Payout:
    """A payout against the amount in adjclose: agreed, given as it was paid (not split-adjusted), or in doubt."""
    n = rows.at(payout.ex_date)
    moved = _moved(rows, n)
    if n is None or moved is None or abs(rows.move[n]) >= STANDS_OUT > abs(rows.adjusted[n]):
        return payout
    price = float(rows.before[n])
    if _agree(payout.amount, moved, price):
        return payout
    factor = 1.0
    for split in splits:
        factor *= split.ratio if payout.ex_date < split.ex_date else 1.0
    if factor != 1 and _agree(payout.amount, moved * factor, price):
        return replace(payout, is_adjusted=False)
    return replace(payout, doubt="adjclose")


def _agree(listed: float, moved: float, price: float) -> bool:
    return abs(moved - listed) <= PAYOUT_SLACK * listed + ROUNDING * price


def _unadjusted_history(payouts: list[Payout], splits: Sequence[Split]) -> list[Payout]:
    """Payouts before a split that are larger than those after it by the split's own ratio were not adjusted for it."""
    for split in splits:
        before = [one.amount for one in payouts if one.ex_date < split.ex_date and one.is_adjusted][-3:]
        after = [one.amount for one in payouts if one.ex_date >= split.ex_date][:3]
        if abs(log(split.ratio)) < 2 * STANDS_OUT or min(len(before), len(after)) < 2 or min(*before, *after) <= 0:
            continue
        if all(abs(log(one / median(after)) - log(split.ratio)) <= 0.1 for one in before):
            payouts = [
                replace(one, is_adjusted=False) if one.ex_date < split.ex_date and not one.doubt else one
                for one in payouts
            ]
    return payouts
