"""Two funds of a second sponsor: one that holds the index and one that holds Treasury bonds.

Belongs here: their values, share counts and bars. Does not: any file format. Money that leaves stocks goes to bonds, so
the flow driver can be seen in both share counts, with opposite signs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.bars import Bars, make_bars
from ingestion.sample.world.clock import Floats, normal
from ingestion.sample.world.companies import Companies
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.funds import EXCHANGE, quarterly, share_counts
from ingestion.sample.world.story import RATE_COST

DURATION, CARRY = 6.3, 0.00010  # years; return a day


@dataclass(frozen=True)
class Trust:
    """One fund's history, one element per session. ``shares`` NaN: not reported."""

    ticker: str
    name: str
    nav: Floats
    shares: Floats


def trusts(drivers: Drivers, companies: Companies) -> tuple[dict[str, Bars], dict[str, Trust]]:
    """Market bars and histories by ticker."""
    flows = drivers.returns["flows"]
    yields = -drivers.returns["rates"] / RATE_COST
    bond = np.cumprod(1.0 + CARRY - DURATION * yields / 100.0)
    plans = (
        ("SLRG", "Sample Large Companies Trust", 0.18 * companies.index_level, 400_000_000.0, 0.0002 + flows, 0.014),
        ("SGOV", "Sample Government Bond Fund", 100.0 * bond, 80_000_000.0, 0.0002 - 0.8 * flows, 0.024),
    )
    bars, books = {}, {}
    for ticker, name, level, shares, pull, pays in plans:
        nav = np.round(level, 6)
        close = np.round(nav * (1.0 + 0.0002 * normal(f"premium {ticker}", len(nav))), 2)
        paid = quarterly(nav, pays)
        bars[ticker] = make_bars(
            ticker, name, "ETF", EXCHANGE, 0, close, turnover=shares * 0.05, wide=0.004, dividends=paid
        )
        books[ticker] = Trust(ticker, name, nav, share_counts(ticker, shares, pull))
    return bars, books
