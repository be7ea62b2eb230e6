"""Coins that trade around the clock: one candle per UTC day, weekends included, in step with the market and no cause of it.

Belongs here: daily candles and the hourly ones inside them. Does not: paging, order of fields, the unfinished candle
(the vendor's answer cuts it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.sample.world.clock import FIRST, LAST, Floats, Ints, clock, normal, reverting
from ingestion.sample.world.drivers import Drivers

DAY, HOUR = 86400, 3600
DRIFT, PULL = 0.0006, 0.985
HOURLY_FROM = date(2022, 1, 3)
COINS = {
    # product: (stream, first day, first price, answer to the market, own noise, usual coins a day)
    "BTC-USD": ("bitcoin", FIRST, 620.0, 1.45, 0.026, 9000.0),
    "ETH-USD": ("ether", date(2016, 6, 1), 14.0, 1.70, 0.031, 60000.0),
}


@dataclass(frozen=True)
class Candles:
    """Candles of one length; ``start`` is in epoch seconds, prices USD in cents, volume in coins."""

    start: Ints
    low: Floats
    high: Floats
    open: Floats
    close: Floats
    volume: Floats


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def _daily(drivers: Drivers, product: str) -> Candles:
    """From the coin's first day to the UTC day in which the world's clock stands (one after the last session)."""
    stream, first, price, beta, noise, coins = COINS[product]
    size = (LAST - FIRST).days + 2
    felt = np.zeros(size)
    for day, change in zip(clock().days, drivers.market.tolist(), strict=True):
        felt[(day - FIRST).days] = change
    weekend = np.array([(FIRST + timedelta(n)).weekday() >= 5 for n in range(size)])
    own = reverting(stream, noise * np.where(weekend, 0.7, 1.0), size, PULL)
    lived = slice((first - FIRST).days, None)
    change = np.maximum(-0.5, beta * felt + DRIFT + own)[lived]
    weekend = weekend[lived]
    close = np.round(price * np.cumprod(1.0 + change), 2)
    draw = normal(f"{stream} candles", size, 3)[lived]
    opened = np.round(np.concatenate([[price], close[:-1]]) * (1.0 + 0.0002 * draw[:, 0]), 2)
    high = np.round(np.maximum(opened, close) * (1.0 + 0.012 * np.abs(draw[:, 1])), 2)
    low = np.round(np.minimum(opened, close) * (1.0 - 0.012 * np.minimum(np.abs(draw[:, 2]), 5.0)), 2)
    moved = np.abs(close / opened - 1.0)
    volume = np.round(coins * (0.6 + 14.0 * np.minimum(moved, 0.2)) * np.where(weekend, 0.55, 1.0), 8)
    start = _midnight(first) + DAY * np.arange(len(close), dtype=np.int64)
    return Candles(start, low, high, opened, close, volume)


def _hourly(daily: Candles, product: str) -> Candles:
    """Each day since HOURLY_FROM in 24 candles that begin, end and stay where its daily candle does."""
    since = int(np.searchsorted(daily.start, _midnight(HOURLY_FROM)))
    opened, close, high, low = (getattr(daily, name)[since:, None] for name in ("open", "close", "high", "low"))
    days = len(opened)
    share = np.arange(1, 25) / 24.0
    walk = np.cumsum(normal(f"{COINS[product][0]} hours", days, 24), axis=1)
    bridge = walk - walk[:, -1:] * share
    ends = opened + (close - opened) * share + (high - low) * 0.06 * bridge
    ends = np.round(np.minimum(np.maximum(ends, low), high), 2)
    ends[:, -1] = close[:, 0]
    begins = np.concatenate([opened, ends[:, :-1]], axis=1)
    tops, bottoms = np.maximum(begins, ends), np.minimum(begins, ends)
    tops[np.arange(days), tops.argmax(axis=1)] = high[:, 0]
    bottoms[np.arange(days), bottoms.argmin(axis=1)] = low[:, 0]
    volume = np.round(daily.volume[since:, None] / 24.0 * (1.0 + 0.3 * np.abs(bridge)) / 1.6, 8)
    start = daily.start[since:, None] + HOUR * np.arange(24, dtype=np.int64)
    return Candles(*(np.asarray(part).reshape(-1) for part in (start, bottoms, tops, begins, ends, volume)))


def candles(drivers: Drivers) -> dict[tuple[str, int], Candles]:
    """The candles of every coin by product and length in seconds."""
    found = {}
    for product in COINS:
        found[product, DAY] = _daily(drivers, product)
        found[product, HOUR] = _hourly(found[product, DAY], product)
    return found
