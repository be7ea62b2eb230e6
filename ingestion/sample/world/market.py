"""The whole made-up market, built once per process: what the vendors of this package answer from.

Belongs here: putting the parts together. Does not: how any part works, or what a vendor's file looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from ingestion.sample.world.bars import Bars, make_bars
from ingestion.sample.world.clock import Clock, Floats, clock, reverting
from ingestion.sample.world.companies import Companies, simulate
from ingestion.sample.world.crypto import Candles, candles
from ingestion.sample.world.derived import derived
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.drivers import Drivers, drivers
from ingestion.sample.world.economy import economy
from ingestion.sample.world.expectations import Expectations, expectations
from ingestion.sample.world.fundamentals import Report, fundamentals
from ingestion.sample.world.funds import Fund, funds
from ingestion.sample.world.havens import havens
from ingestion.sample.world.onchain import Usage, usage
from ingestion.sample.world.options import options
from ingestion.sample.world.prints import Prints, prints
from ingestion.sample.world.rates import Observations, observations
from ingestion.sample.world.stablecoins import Supply, supply
from ingestion.sample.world.trusts import Trust, trusts
from ingestion.sample.world.volatility import Ohlc, volatility

OIL_START, OIL_NOISE, OIL_BETA = 61.0, 0.019, 0.6


@dataclass(frozen=True)
class World:
    """Every value any sample vendor can give. Arrays are the truth; nothing may write to them."""

    clock: Clock
    drivers: Drivers
    companies: Companies
    bars: dict[str, Bars]  # by Yahoo symbol; a company's by its key
    observations: dict[str, Observations]  # by FRED id
    volatility: dict[str, Ohlc]  # by Cboe name
    options: dict[str, tuple[Floats, Floats]]  # calls and puts by kind of product
    funds: dict[str, Fund]  # by product id
    candles: dict[tuple[str, int], Candles]  # by Coinbase product and seconds
    trusts: dict[str, Trust]  # by ticker
    stablecoins: Supply
    usage: dict[str, Usage]  # by coin
    prints: dict[str, Prints]  # released statistics by FRED id
    expectations: Expectations  # of the policy rate
    reports: dict[int, tuple[Report, ...]]  # of each issuer, by its position in COMPANIES

    def bars_of(self, symbol: str, day: date) -> Bars | None:
        """The bars filed under ``symbol`` on ``day``: old symbols vanish, reused ones change hands at the listing."""
        mine = sorted((c for c in COMPANIES if c.symbol_on(day) == symbol), key=lambda c: c.listed)
        if mine:
            listed = [c for c in mine if c.listed <= day]
            return self.bars[(listed or mine)[-1 if listed else 0].key]
        if any(symbol == c.symbol or (c.former and symbol == c.former[0]) for c in COMPANIES):
            return None
        return self.bars.get(symbol)


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
    trust_bars, books_of_trusts = trusts(moved, firms)
    bars = {
        "^SMP": make_bars(
            "^SMP", "Sample Composite Index", "INDEX", ("SMP", "SMP"), 0, index, turnover=26_000_000.0, wide=0.0045
        ),
        "^SMT": make_bars(
            "^SMT",
            "Sample Technology Index",
            "INDEX",
            ("SMP", "SMP"),
            0,
            np.round(firms.tech_level, 2),
            turnover=9_000_000.0,
            wide=0.006,
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
        **havens(moved, oil),
        **firms.bars,
        **fund_bars,
        **trust_bars,
    }
    observed = observations(moved, firms.index_level)
    coins = candles(moved)
    statistics = economy(moved)
    implied = volatility(moved.market)
    return World(
        clock=clock(),
        drivers=moved,
        companies=firms,
        bars=bars,
        observations=observed,
        volatility=implied,
        options=options(implied["VIX"].close),
        funds=books,
        candles=coins,
        trusts=books_of_trusts,
        stablecoins=supply(moved),
        usage=usage(coins),
        prints=prints(statistics | derived(statistics, observed)),
        expectations=expectations(observed),
        reports=fundamentals(moved, firms),
    )
