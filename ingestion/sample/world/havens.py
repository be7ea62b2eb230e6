"""Commodities, currencies, a fund of Treasury bonds and two of styles: they move with the market, the oil price or the rates
driver, and cause nothing.

Belongs here: their closes and bars. Does not: the oil price itself (``market``), the funds of the sponsors.
"""

from __future__ import annotations

import numpy as np

from ingestion.sample.world.bars import Bars, make_bars
from ingestion.sample.world.clock import Floats, reverting
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.funds import EXCHANGE, quarterly
from ingestion.sample.world.story import RATE_COST

DURATION, CARRY, PAYS = 7.4, 0.00009, 0.026  # years; return a day; share of the value a year
# symbol: name, kind, exchange, first close, answer to (market, oil, yields in points), own noise, its memory, digits
PLANS = {
    "BZ=F": ("Brent Crude Oil", "FUTURE", ("NYM", "NY Mercantile"), 66.0, (0.0, 0.93, 0.0), 0.006, 0.97, 2),
    "GC=F": ("Gold", "FUTURE", ("CMX", "COMEX"), 1225.0, (-0.12, 0.03, -0.05), 0.009, 0.998, 2),
    "SI=F": ("Silver", "FUTURE", ("CMX", "COMEX"), 19.5, (0.15, 0.06, -0.06), 0.015, 0.99, 3),
    "HG=F": ("Copper", "FUTURE", ("CMX", "COMEX"), 3.36, (0.45, 0.14, 0.02), 0.010, 0.99, 4),
    "DX-Y.NYB": ("US Dollar Index", "INDEX", ("NYB", "ICE Futures"), 80.5, (-0.10, -0.02, 0.03), 0.004, 0.995, 3),
    "JPY=X": ("USD/JPY", "CURRENCY", ("CCY", "CCY"), 104.8, (0.18, 0.0, 0.06), 0.005, 0.995, 3),
    "CHF=X": ("USD/CHF", "CURRENCY", ("CCY", "CCY"), 0.9, (0.08, 0.0, 0.04), 0.0045, 0.99, 4),
    "EURUSD=X": ("EUR/USD", "CURRENCY", ("CCY", "CCY"), 1.3664, (0.06, 0.01, -0.02), 0.0042, 0.995, 4),
}
# symbol: name, first value, answer to the market, answer to yields in points, own noise, pays of its value a year
STYLES = {
    "SGRW": ("Sample Growth ETF", 88.0, 1.12, -0.020, 0.0025, 0.008),
    "SVAL": ("Sample Value ETF", 94.0, 0.88, 0.015, 0.0025, 0.024),
}


def havens(drivers: Drivers, oil: Floats) -> dict[str, Bars]:
    """Bars by symbol. ``oil`` is the daily return of the oil price."""
    yields = -drivers.returns["rates"] / RATE_COST
    found = {}
    for symbol, (name, kind, exchange, first, answer, noise, keep, digits) in PLANS.items():
        own = reverting(symbol, noise, len(oil), keep)
        change = answer[0] * drivers.market + answer[1] * oil + answer[2] * yields + own
        close = np.round(first * np.cumprod(1.0 + np.maximum(change, -0.3)), digits)
        found[symbol] = make_bars(symbol, name, kind, exchange, 0, close, turnover=60_000.0, wide=0.006, digits=digits)
    value = np.round(100.0 * np.cumprod(1.0 + CARRY - DURATION * yields / 100.0), 2)
    found["SINT"] = make_bars(
        "SINT", "Sample 7-10 Year Treasury Fund", "ETF", EXCHANGE, 0, value, turnover=5_000_000.0, wide=0.003,
        dividends=quarterly(value, PAYS),
    )  # fmt: skip
    for symbol, (name, first, beta, rates, noise, pays) in STYLES.items():
        change = beta * drivers.market + rates * yields + reverting(symbol, noise, len(oil), 0.998)
        value = np.round(first * np.cumprod(1.0 + np.maximum(change, -0.3)), 2)
        found[symbol] = make_bars(
            symbol, name, "ETF", EXCHANGE, 0, value, turnover=3_000_000.0, wide=0.006, dividends=quarterly(value, pays)
        )
    return found
