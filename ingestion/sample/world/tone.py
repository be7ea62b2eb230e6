"""How cheerful this world's economic news is, day by day since 2005: it follows the market with a delay, and causes nothing.

Belongs here: the tone of each day as first estimated and as estimated anew. Does not: the vendor's file.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ingestion.sample.world.clock import FIRST, LAST, Floats, clock, reverting
from ingestion.sample.world.market import World

FROM = date(2005, 1, 1)
KEEPS, FELT, LUCK = 0.985, 0.9, 0.012  # of itself a day; of the market's return of the day; own noise
ANEW = 0.97  # the whole past, since it was estimated anew


def tone(market: World) -> tuple[tuple[date, ...], Floats]:
    """Days from FROM on, and the tone of each."""
    days = tuple(FROM + timedelta(n) for n in range((LAST - FROM).days + 1))
    felt = np.zeros(len(days))
    for day, change in zip(clock().days, market.drivers.market.tolist(), strict=True):
        felt[(day - FROM).days] = FELT * change
    own = np.cumsum(reverting("tone of the news", LUCK, len(days), KEEPS))
    level, levels = 0.0, []
    for change in felt.tolist():
        level = KEEPS * level + change
        levels.append(level)
    assert days[(FIRST - FROM).days] == FIRST
    return days, np.asarray(np.round(0.03 + own + np.array(levels), 6), dtype=np.float64)
