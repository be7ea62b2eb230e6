"""A coin that trades around the clock: one candle per UTC day, weekends included, half in step with the market.

Belongs here: the candles. Does not: paging, order of fields, the unfinished day (the vendor's answer cuts it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.sample.clock import FIRST, LAST, Floats, Ints, clock, normal, reverting
from ingestion.sample.drivers import Drivers

START, BETA, DRIFT, NOISE, PULL = 9200.0, 1.45, 0.0006, 0.026, 0.985


@dataclass(frozen=True)
class Candles:
    """Daily candles; ``start`` is 00:00 UTC in epoch seconds, prices USD in cents, volume in coins."""

    start: Ints
    low: Floats
    high: Floats
    open: Floats
    close: Floats
    volume: Floats


def candles(drivers: Drivers) -> Candles:
    """Bitcoin from the first session to the UTC day in which the world's clock stands (one after the last session)."""
    size = (LAST - FIRST).days + 2
    felt = np.zeros(size)
    for day, change in zip(clock().days, drivers.market.tolist(), strict=True):
        felt[(day - FIRST).days] = change
    weekend = np.array([(FIRST + timedelta(n)).weekday() >= 5 for n in range(size)])
    own = reverting("bitcoin", NOISE * np.where(weekend, 0.7, 1.0), size, PULL)
    close = np.round(START * np.cumprod(1.0 + np.maximum(-0.5, BETA * felt + DRIFT + own)), 2)
    draw = normal("bitcoin candles", size, 3)
    opened = np.round(np.concatenate([[START], close[:-1]]) * (1.0 + 0.0002 * draw[:, 0]), 2)
    high = np.round(np.maximum(opened, close) * (1.0 + 0.012 * np.abs(draw[:, 1])), 2)
    low = np.round(np.minimum(opened, close) * (1.0 - 0.012 * np.minimum(np.abs(draw[:, 2]), 5.0)), 2)
    moved = np.abs(close / opened - 1.0)
    volume = np.round(9000.0 * (0.6 + 14.0 * np.minimum(moved, 0.2)) * np.where(weekend, 0.55, 1.0), 8)
    midnight = (FIRST - date(1970, 1, 1)).days * 86400 + 86400 * np.arange(size, dtype=np.int64)
    return Candles(midnight, low, high, opened, close, volume)
