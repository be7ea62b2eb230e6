"""Daily bars as traded, and how a close path becomes open, high, low and volume.

Belongs here: the one shape of a bar series and its making. Does not: where closes come from, or any vendor's format.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.clock import Floats, Ints, clock, normal

CRASH = 0.3  # a day's return


@dataclass(frozen=True)
class Bars:
    """Bars of one symbol for the sessions ``start`` … ``start + len(close) - 1``, in USD as traded, whole cents (currencies and
    metals by the pound: hundredths of them).

    ``splits`` are (session, numerator, denominator), ``dividends`` (session, cash per share as paid); the session is
    a position on the clock and the ex-date.
    """

    symbol: str
    name: str
    kind: str  # Yahoo's instrumentType
    exchange: tuple[str, str]
    start: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Ints
    splits: tuple[tuple[int, int, int], ...] = ()
    dividends: tuple[tuple[int, float], ...] = ()


def make_bars(
    symbol: str,
    name: str,
    kind: str,
    exchange: tuple[str, str],
    start: int,
    close: Floats,
    *,
    turnover: float,
    wide: float = 0.006,
    digits: int = 2,
    splits: tuple[tuple[int, int, int], ...] = (),
    dividends: tuple[tuple[int, float], ...] = (),
) -> Bars:
    """Bars around a path of closes: each opens between yesterday's close and today's, and its range holds both.

    ``close`` is rounded to ``digits`` by the caller. ``turnover`` is the usual number of shares a session, in units of the
    first session; it grows with the size of the move, shrinks to under half on half days and follows splits. News that
    moves a share by more than ``CRASH`` comes before the opening, and many times the usual number changes hands.
    """
    size = len(close)
    draw = normal(f"bars {symbol}", size, 4)
    factor = np.ones(size)  # shares that one share of the first session has become
    for day, numerator, denominator in splits:
        factor[day - start :] *= numerator / denominator
    before = np.concatenate([close[:1], close[:-1]]) * np.concatenate([[1.0], factor[:-1] / factor[1:]])
    change = close / before - 1.0
    is_crash = np.abs(change) > CRASH
    opened = before * (1.0 + np.where(is_crash, 0.92, 0.4) * change + 0.35 * wide * draw[:, 0])
    opened = np.round(np.maximum(opened, 0.01), digits)
    high = np.round(np.maximum(opened, close) * (1.0 + wide * np.abs(draw[:, 1]) * 0.7), digits)
    low = np.round(np.minimum(opened, close) * np.maximum(0.5, 1.0 - wide * np.abs(draw[:, 2]) * 0.7), digits)
    low = np.minimum(np.maximum(low, 0.01), np.minimum(opened, close))
    busy = 0.75 + 18.0 * np.minimum(np.abs(change), 0.12) + 0.12 * np.clip(draw[:, 3], -2.5, 2.5)
    busy = busy * np.where(is_crash, 9.0, 1.0) * np.where(clock().half[start : start + size], 0.42, 1.0)
    lot = 100.0
    for _, _, denominator in splits:
        lot *= denominator  # so that a vendor's split-adjusted counts are whole numbers
    volume = np.round(turnover * factor * busy / lot) * lot
    return Bars(
        symbol, name, kind, exchange, start, opened, high, low, close, volume.astype(np.int64), splits, dividends
    )
