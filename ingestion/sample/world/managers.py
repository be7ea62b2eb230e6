"""What active managers of this world say they have in stocks, week by week: more after rises, less after falls.

Belongs here: the survey of each Wednesday (of the Tuesday before where that is a holiday), and when it is told. Does not: how
it is written down (``vendors``), or any price: the answers follow the index and cause nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from ingestion import calendar
from ingestion.sample.world.clock import LAST, clock, normal
from ingestion.sample.world.market import World

USUAL, ANSWER, LUCK = 70.0, 420.0, 7.0  # mean exposure; points per unit of the index's move of 20 sessions; own noise
SPAN, LOWEST, HIGHEST = 20, -20.0, 130.0
HOUR = 12  # New York, of the first session after the Wednesday


@dataclass(frozen=True)
class Survey:
    """Answers in percent of the managers' money."""

    day: date
    public_at: int  # epoch seconds
    exposure: float
    bearish: float
    quarters: tuple[float, float, float]
    bullish: float
    deviation: float
    index: float


@lru_cache(1)
def _moments(wednesdays: tuple[date, ...]) -> list[int]:
    told = calendar.next_session(pl.Series(list(wednesdays), dtype=pl.Date))
    return calendar.at_new_york(told, HOUR).dt.epoch("s").to_list()


def surveys(market: World) -> list[Survey]:
    """From the fifth week of the world on, oldest first."""
    days, level = clock().days, market.companies.index_level
    first = days[SPAN] + timedelta(days=(2 - days[SPAN].weekday()) % 7)
    wednesdays = tuple(first + timedelta(weeks=n) for n in range((LAST - first).days // 7 + 1))
    luck = normal("managers", len(wednesdays), 3)
    found = []
    for n, (wednesday, public) in enumerate(zip(wednesdays, _moments(wednesdays), strict=True)):
        at = clock().index(wednesday)
        if at == len(days) or days[at] != wednesday:
            at -= 1
        moved = float(level[at]) / float(level[at - SPAN]) - 1.0
        mean = round(min(max(USUAL + ANSWER * moved + LUCK * float(luck[n, 0]), LOWEST), HIGHEST), 2)
        low = -25.0 * min(max(round(3.0 - mean / 25.0 + float(luck[n, 1])), 2), 8)
        middle = 5.0 * round(mean / 5.0 + 0.6)
        spread = 45.0 + 6.0 * abs(float(luck[n, 2]))
        found.append(
            Survey(
                days[at], public, mean, low, (middle - 20.0, middle, middle + 15.0), 200.0, round(spread, 2),
                round(float(level[at]), 2),
            )
        )  # fmt: skip
    return found
