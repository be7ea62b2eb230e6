"""What flows into all long-term funds of this world, by week and by month.

Belongs here: amounts, the ends of weeks, and when each was told. Does not: how they are written down (``vendors``), flows of
single funds (``funds``). Equity follows the flow driver of the period; bonds take a part of what equity loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.world.clock import clock, normal
from ingestion.sample.world.drivers import drivers

USUAL, PULL, LUCK = -1_500.0, 900_000.0, 2_500.0  # millions a week; for a move of 100 %; noise
HOUR = 15  # New York


@dataclass(frozen=True)
class Period:
    """Millions of dollars. ``flows``: total, equity, domestic, world, hybrid, bond, taxable, municipal, commodity."""

    kind: str
    end: date
    public_at: int  # epoch seconds
    flows: tuple[int, ...]


def _ends(kind: str) -> list[date]:
    """Last days of months, or Wednesdays (Tuesdays where the Wednesday is the eve of Christmas or of a year)."""
    first, last = clock().days[0], clock().days[-1]
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    if kind == "month":
        return [day for day in days if (day + timedelta(1)).day == 1]
    wednesdays = [day for day in days if day.weekday() == 2]
    return [day - timedelta(1) if (day.month, day.day) in ((12, 24), (12, 31)) else day for day in wednesdays]


def _public_at(kind: str, ends: list[date]) -> list[int]:
    """Of weeks the Wednesday after next week's begin, of months the 28th day after; or the next session."""
    lag = [28 if kind == "month" else 7 + (2 - end.weekday()) for end in ends]
    days = pl.Series([end + timedelta(n) for end, n in zip(ends, lag, strict=True)], dtype=pl.Date)
    sessions = calendar.next_session(days.dt.offset_by("-1d"))
    return calendar.at_new_york(sessions, HOUR).dt.epoch("s").to_list()


def periods(kind: str) -> list[Period]:
    """The weeks or months that have ended, oldest first."""
    pull = np.concatenate([[0.0], np.cumsum(drivers().returns["flows"])])
    ends, found = _ends(kind), []
    luck = normal(f"combined {kind}", len(ends), 7)
    before = clock().days[0] - timedelta(1)
    for n, (end, public) in enumerate(zip(ends, _public_at(kind, ends), strict=True)):
        weeks = (end - before).days / 7.0
        moved = float(pull[clock().index(end + timedelta(1))] - pull[clock().index(before + timedelta(1))])
        spread = LUCK * float(np.sqrt(weeks))
        equity = USUAL * weeks + PULL * moved + spread * float(luck[n, 0])
        bond = 3_000.0 * weeks - 0.4 * PULL * moved + spread * float(luck[n, 1])
        domestic = round(0.6 * equity + 0.3 * spread * float(luck[n, 2]))
        world = round(equity) - domestic
        municipal = round(0.12 * bond + 0.1 * spread * float(luck[n, 3]))
        taxable = round(bond) - municipal
        hybrid = round(-900.0 * weeks + 0.2 * spread * float(luck[n, 4]))
        commodity = round(100.0 * weeks + 0.1 * spread * float(luck[n, 5]))
        # sums are rounded apart from their parts
        slip = 1 if luck[n, 6] > 1.0 else -1 if luck[n, 6] < -1.0 else 0
        total = round(equity) + hybrid + round(bond) + commodity + slip
        flows = (total, round(equity), domestic, world, hybrid, round(bond), taxable, municipal, commodity)
        found.append(Period(kind, end, public, flows))
        before = end
    return found
