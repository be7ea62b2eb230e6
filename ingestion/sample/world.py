"""The whole made-up market, built once per process: what the vendors of this package answer from.

Belongs here: putting the parts together. Does not: how any part works, or what a vendor's file looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ingestion.sample.bars import Bars, make_bars
from ingestion.sample.clock import Clock, Floats, clock, reverting
from ingestion.sample.companies import Companies, simulate
from ingestion.sample.crypto import Candles, candles
from ingestion.sample.drivers import Drivers, drivers
from ingestion.sample.funds import Fund, funds
from ingestion.sample.rates import Observations, observations
from ingestion.sample.volatility import Ohlc, volatility

OIL_START, OIL_NOISE, OIL_BETA = 61.0, 0.019, 0.6


@dataclass(frozen=True)
class World:
    """Every value any sample vendor can give. Arrays are the truth; nothing may write to them."""

    clock: Clock
    drivers: Drivers
    companies: Companies
    bars: dict[str, Bars]  # by Yahoo symbol
    observations: dict[str, Observations]  # by FRED id
    volatility: dict[str, Ohlc]  # by Cboe name
    funds: dict[str, Fund]  # by product id
    candles: dict[str, Candles]  # by Coinbase product


def _oil(market: Floats) -> Floats:
    """Daily returns of the oil price."""
    return OIL_BETA * market + reverting("oil", OIL_NOISE, len(market), 0.99)


@lru_cache(1)
def world() -> World:
    """The one world; the same bytes on every machine."""
    moved = drivers()
    oil = _oil(moved.market)
    firms = simulate(moved, oil)
    index = np.round(firms.index_level, 2)
    fund_bars, books = funds(moved, firms)
    bars = {
        "^SMP": make_bars(
            "^SMP", "Sample Composite Index", "INDEX", ("SMP", "SMP"), 0, index, turnover=26_000_000.0, wide=0.0045
        ),
        "CL=F": make_bars(
            "CL=F",
            "Crude Oil",
            "FUTURE",
            ("NYM", "NY Mercantile"),
            0,
            np.round(OIL_START * np.cumprod(1.0 + oil), 2),
            turnover=310_000.0,
            wide=0.012,
        ),
        **firms.bars,
        **fund_bars,
    }
    return World(
        clock=clock(),
        drivers=moved,
        companies=firms,
        bars=bars,
        observations=observations(moved, firms.index_level),
        volatility=volatility(moved.market),
        funds=books,
        candles={"BTC-USD": candles(moved)},
    )
