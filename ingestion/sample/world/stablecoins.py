"""Dollar-pegged coins in circulation and their worth: they grow, shrink a little when money leaves the market, and lost their
peg for three days once.

Belongs here: two values per UTC day. Does not: the vendor's file, or its unfinished day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingestion.sample.world.clock import LAST, Floats, Ints, clock, reverting
from ingestion.sample.world.drivers import Drivers

FROM, FIRST_SUPPLY = date(2017, 11, 29), 1.2e9
PRICE, DEPEGGED, LOST = 1.0003, date(2022, 5, 9), (0.974, 0.978, 0.989)  # dollars a coin
START_GROWTH, END_GROWTH = 0.0042, 0.0005  # a day; growth slows down evenly


@dataclass(frozen=True)
class Supply:
    """One day each; ``start`` is its midnight in epoch seconds."""

    start: Ints
    usd: Floats
    coins: Floats


def supply(drivers: Drivers) -> Supply:
    """From the first day to the UTC day in which the world's clock stands."""
    size = (LAST - FROM).days + 2
    felt = np.zeros(size)
    for day, flow in zip(clock().days, drivers.returns["flows"].tolist(), strict=True):
        if day >= FROM:
            felt[(day - FROM).days] = flow
    slowing = START_GROWTH + (END_GROWTH - START_GROWTH) * np.minimum(1.0, np.arange(size) / 1500.0)
    usd = np.round(
        FIRST_SUPPLY * np.cumprod(1.0 + slowing + 0.35 * felt + reverting("stablecoins", 0.001, size, 0.9)), 2
    )
    midnight = (FROM - date(1970, 1, 1)).days * 86400 + 86400 * np.arange(size, dtype=np.int64)
    price = np.full(size, PRICE)
    lost = (DEPEGGED - FROM).days
    price[lost : lost + len(LOST)] = LOST
    return Supply(midnight, usd, np.round(usd / price, 2))
