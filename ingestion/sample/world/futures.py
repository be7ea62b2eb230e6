"""Contracts on the month's mean policy rate: what this world's market pays for them.

Belongs here: prices of the contracts, from what is expected. Does not: the expectations, any vendor's format.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from ingestion.sample.world.bars import Bars
from ingestion.sample.world.clock import clock, normal
from ingestion.sample.world.expectations import Expectations

LISTED_MONTHS = 36  # before its month
BUSIEST = 240_000.0  # contracts a day in the front month


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def contract(expected: Expectations, symbol: str, month: date) -> Bars | None:
    """The whole life of the contract of a month; None where no session of it lies in the world.

    100 less the expected mean rate, in steps of a quarter of a basis point while the month runs, of half a one before.
    """
    start, stop = clock().index(_first(_months(month) - LISTED_MONTHS)), clock().index(_first(_months(month) + 1))
    if start >= stop:
        return None
    ahead = np.array([_months(month) - _months(day) for day in clock().days[start:stop]], dtype=np.float64)
    tick = np.where(ahead > 0, 0.005, 0.0025)
    close = np.round(np.round((100.0 - expected.month_average(month)[start:stop]) / tick) * tick, 4)
    opened = np.concatenate([close[:1], close[:-1]])
    busy = 1.0 + 0.2 * np.clip(normal(f"bars {symbol}", len(close)), -3.0, 3.0)
    volume = np.round(BUSIEST / ((1.0 + ahead) * (1.0 + ahead)) * busy).astype(np.int64)
    name = f"30 Day Federal Funds Futures {month:%Y-%m}"
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return Bars(symbol, name, "FUTURE", ("CBT", "CBOT"), start, opened, high, low, close, volume)
