"""Implied volatility indices that answer to the realised volatility and the fall of the day.

Belongs here: the indices' levels, and those that are told once a day (skew, volatility of volatility, correlation,
dispersion). Does not: the file they are published in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.clock import Floats, normal

SHAPES = {  # memory of variance, weight of realised volatility, answer to a day's fall, own noise
    "VIX9D": (0.86, 0.80, 190.0, 0.045),
    "VIX": (0.93, 0.74, 120.0, 0.030),
    "VIX3M": (0.965, 0.66, 65.0, 0.018),
}
FLOOR = {"VIX9D": 4.0, "VIX": 5.6, "VIX3M": 8.2}
# told once a day: level at a VIX of 20, points per point of the VIX, own noise in points, lowest and highest
SINGLE = {
    "VVIX": (92.0, 2.1, 4.0, 60.0, 210.0),
    "SKEW": (132.0, -0.7, 4.5, 104.0, 180.0),
    "COR1M": (28.0, 1.6, 3.0, 3.0, 95.0),
    "DSPX": (29.0, 0.55, 1.2, 12.0, 70.0),
}


@dataclass(frozen=True)
class Ohlc:
    """One index; one element per session, index points, two decimals."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats


def volatility(market: Floats) -> dict[str, Ohlc]:
    """The indices by their Cboe name, from the market's daily returns."""
    size, found = len(market), {}
    for name, (memory, weight, answer, own) in SHAPES.items():
        variance, shock = 0.00006, 0.0
        level = []
        for change in market.tolist():
            variance = memory * variance + (1.0 - memory) * change * change
            shock = 0.72 * shock + max(-0.02, -change)
            level.append(FLOOR[name] + weight * 100.0 * float(np.sqrt(252.0 * variance)) + answer * max(-0.02, shock))
        draw = normal(f"volatility {name}", size, 4)
        spot: Floats = np.array(level) * (1.0 + own * draw[:, 0])
        close: Floats = np.round(spot.clip(8.5, 89.0), 2)
        opened = np.round(np.concatenate([close[:1], close[:-1]]) * (1.0 + 0.02 * np.clip(draw[:, 1], -3, 3)), 2)
        high = np.round(np.maximum(opened, close) * (1.0 + 0.03 * np.abs(draw[:, 2])), 2)
        low = np.round(np.minimum(opened, close) * (1.0 - 0.02 * np.minimum(np.abs(draw[:, 3]), 4.0)), 2)
        found[name] = Ohlc(opened, high, low, close)
    vix = found["VIX"].close
    for name, (middle, slope, own, lowest, highest) in SINGLE.items():
        told: Floats = np.round(
            (middle + slope * (vix - 20.0) + own * normal(f"volatility {name}", size)).clip(lowest, highest), 2
        )
        found[name] = Ohlc(told, told, told, told)
    return found
