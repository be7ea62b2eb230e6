"""What the index earns and costs, month by month: the numbers behind long histories of valuation.

Belongs here: earnings of the index from what its companies have reported, the averages of each month, and a past before
the world began, so that ten years of earnings can be averaged from its first day on. Does not: how a file of them is
laid out, or what was known of them when (``vendors``). The index's earnings are those of its members' last four reports,
as a share of what these members are worth; until enough have reported, what the companies usually earn on their price
of the year before (``fundamentals``).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from ingestion.sample.world.clock import FIRST, LAST, clock, normal
from ingestion.sample.world.fundamentals import YIELD, issuer_of
from ingestion.sample.world.market import World, world

BEGINS = date(2004, 1, 1)
ENOUGH = 0.5  # of the members' value, of which four reports must be known
RISE, WAVE = 0.005, 0.03  # a month's rise of the index before the world, and its usual deviation
FALL_OF_YIELDS, RISE_OF_PRICES = 0.02, 0.0018  # a month: percentage points; a share
YEAR = 250  # sessions


@dataclass(frozen=True)
class Month:
    """``start`` values are those of the last close before the month, others averages of its closes. Yields in percent."""

    first: date
    start: float  # of the index
    start_earnings: float  # of the last four quarters, in units of the index
    start_yield: float  # of ten years
    level: float
    earnings: float  # as known at its end
    ten_year: float
    closes: tuple[float, ...]  # empty before the world


def _earnings_at(market: World) -> Callable[[int], float]:
    """The index's earnings of the last four quarters as known at the close of a session (its position)."""
    told = {
        order: ([int(one.announced.timestamp()) for one in reports], [one.net_income for one in reports])
        for order, reports in market.reports.items()
    }
    level, capital, member = market.companies.index_level, market.companies.capital, market.companies.member

    def earnings(session: int) -> float:
        worth: dict[int, float] = {}
        for n in np.flatnonzero(member[session]).tolist():
            worth[issuer_of()[n]] = worth.get(issuer_of()[n], 0.0) + float(capital[session, n])
        close = int(clock().close_at[session])
        earned = covered = 0.0
        for order, value in sorted(worth.items()):
            moments, incomes = told.get(order, ([], []))
            known = bisect_right(moments, close)
            if known >= 4:
                earned += sum(incomes[known - 4 : known]) / 1e6
                covered += value
        if covered < ENOUGH * sum(worth.values()):
            held = level[max(0, session - YEAR + 1) : session + 1]
            return 4.0 * YIELD * float(held.sum()) / len(held)
        return float(level[session]) * earned / covered

    return earnings


def _yields(market: World) -> list[float]:
    """The ten-year yield by session; a bond holiday has that of the day before."""
    held = market.observations["DGS10"]
    by_day = dict(zip(held.days, held.values.tolist(), strict=True))
    found: list[float] = []
    for day in clock().days:
        value = by_day.get(day, math.nan)
        found.append(found[-1] if math.isnan(value) and found else value)
    return found


def _before(market: World, ten_year: float) -> list[Month]:
    """The months before the world, made backwards from its first close; nothing in them ever happened."""
    count = (FIRST.year - BEGINS.year) * 12 + FIRST.month - BEGINS.month
    level, draws = float(market.companies.index_level[0]), normal("valuation before", count)
    found: list[Month] = []
    for back in range(1, count + 1):
        at = FIRST.year * 12 + FIRST.month - 1 - back
        end, level = level, level / (1.0 + RISE + WAVE * float(draws[back - 1]))
        mean, bond = (end + level) / 2.0, round(ten_year + FALL_OF_YIELDS * back, 2)
        earned = 4.0 * YIELD * mean * (1.0 - 6.0 * RISE)  # on the price of the year before, half a year old
        found.append(Month(date(at // 12, at % 12 + 1, 1), level, earned, bond, mean, earned, bond, ()))
    return found[::-1]


@lru_cache(1)
def months() -> tuple[Month, ...]:
    """Every month from BEGINS to that of the world's last session, which is not over."""
    market = world()
    days, level, bonds = clock().days, market.companies.index_level.tolist(), _yields(market)
    earnings = _earnings_at(market)
    found = _before(market, bonds[0])
    for number in range(FIRST.year * 12 + FIRST.month - 1, LAST.year * 12 + LAST.month):
        first, following = date(number // 12, number % 12 + 1, 1), date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        begin, end = clock().index(first), clock().index(following)
        before = max(0, begin - 1)
        closes = tuple(level[begin:end])
        found.append(
            Month(
                first, level[before], earnings(before), bonds[before], sum(closes) / len(closes),
                earnings(end - 1), sum(bonds[begin:end]) / len(closes), closes,
            )
        )  # fmt: skip
    assert days[-1] == LAST
    return tuple(found)
