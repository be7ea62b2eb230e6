"""What customers of this world owe on margin and hold in cash, at the end of each month.

Belongs here: balances, and when they were told. Does not: how they are written down (``vendors``). Debts follow the index
one and a half times on the way down and once on the way up, so that a fall is also one of debts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from ingestion import calendar
from ingestion.sample.world.clock import LAST, clock, normal
from ingestion.sample.world.market import World

START = 445_000.0  # millions of dollars
DOWN, UP, LUCK = 1.5, 0.9, 0.012
CASH, MARGIN = 0.32, 0.36  # free credit as parts of the debt of the first month; both follow it by half
DAY, HOUR = 20, 12  # of the next month, New York


@dataclass(frozen=True)
class Month:
    """Millions of dollars at the end of the month."""

    first: date
    public_at: int  # epoch seconds
    debit: int
    cash: int
    margin: int


@lru_cache(1)
def _moments(firsts: tuple[date, ...]) -> list[int]:
    days = pl.Series([(first + timedelta(31)).replace(day=DAY) for first in firsts], dtype=pl.Date)
    return calendar.at_new_york(days, HOUR).dt.epoch("s").to_list()


def months(market: World) -> list[Month]:
    """The months that have ended, oldest first."""
    days, level = clock().days, market.companies.index_level
    ends = [n for n, day in enumerate(days) if n + 1 < len(days) and days[n + 1].month != day.month]
    firsts = tuple(days[n].replace(day=1) for n in ends)
    assert days[-1] == LAST
    luck = normal("margin", len(ends), 3)
    debit, found = START, []
    before = float(level[0])
    for at, (n, first, public) in enumerate(zip(ends, firsts, _moments(firsts), strict=True)):
        change = float(level[n]) / before - 1.0
        debit = debit * (1.0 + change * (UP if change > 0 else DOWN)) * (1.0 + LUCK * float(luck[at, 0]))
        before = float(level[n])
        half = 0.5 * (START + debit)
        cash, margin = (round(part * half * (1.0 + 0.02 * float(luck[at, k]))) for k, part in ((1, CASH), (2, MARGIN)))
        found.append(Month(first, public, round(debit), cash, margin))
    return found
