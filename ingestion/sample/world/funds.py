"""Exchange-traded funds on the index and its sectors: net asset value, shares outstanding, cash paid, market price.

Belongs here: creation and redemption of fund shares, where the flow driver can be seen. Does not: any file format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.world.bars import Bars, make_bars
from ingestion.sample.world.clock import Floats, Ints, clock, normal
from ingestion.sample.world.companies import Companies
from ingestion.sample.world.drivers import Drivers

CREATION_UNIT = 50_000  # shares
FIRST_COUNTED = 2  # the vendor has no share count for a fund's first days
EXCHANGE = ("PCX", "NYSEArca")
FUNDS = (
    # symbol, product id, name, sector (None: the whole index), first NAV, first shares, yield a year
    ("SBRD", "900001", "Sample Broad Market ETF", None, 100.0, 60_000_000, 0.015),
    ("STEC", "900002", "Sample Technology ETF", "Information Technology", 60.0, 18_000_000, 0.007),
    ("SFIN", "900003", "Sample Financials ETF", "Financials", 30.0, 26_000_000, 0.019),
    ("SHLT", "900004", "Sample Health Care ETF", "Health Care", 80.0, 12_000_000, 0.015),
    ("SENR", "900005", "Sample Energy ETF", "Energy", 70.0, 9_000_000, 0.033),
    ("SIND", "900006", "Sample Industrials ETF", "Industrials", 75.0, 11_000_000, 0.016),
    ("SCMS", "900007", "Sample Communication Services ETF", "Communication Services", 50.0, 10_000_000, 0.011),
    ("SDSC", "900008", "Sample Consumer Discretionary ETF", "Consumer Discretionary", 85.0, 10_000_000, 0.009),
    ("SSTP", "900009", "Sample Consumer Staples ETF", "Consumer Staples", 55.0, 12_000_000, 0.026),
    ("SMTR", "900010", "Sample Materials ETF", "Materials", 45.0, 7_000_000, 0.02),
    ("SUTQ", "900011", "Sample Utilities ETF", "Utilities", 48.0, 10_000_000, 0.033),
    ("SRLE", "900012", "Sample Real Estate ETF", "Real Estate", 35.0, 8_000_000, 0.035),
)


@lru_cache(1)
def public_at() -> Ints:
    """When each session's row came out, epoch seconds."""
    moments = calendar.at_new_york(calendar.next_session(pl.Series(clock().days, dtype=pl.Date)), 9)
    return moments.dt.epoch("s").to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Fund:
    """One fund's history, one element per session. ``shares`` NaN: not counted; ``cash`` NaN: not an ex-date."""

    product_id: str
    name: str
    nav: Floats
    shares: Floats
    cash: Floats


def share_counts(symbol: str, first: float, pull: Floats) -> Floats:
    """Share counts in whole creation units that follow the daily relative change ``pull``, one session later."""
    drift = np.concatenate([[0.0], pull[:-1]]) + 0.0009 * normal(f"creations {symbol}", len(pull))
    wanted = first * np.cumprod(1.0 + drift)
    counted = np.round(wanted / CREATION_UNIT) * CREATION_UNIT
    counted[:FIRST_COUNTED] = np.nan
    return counted


def quarterly(nav: Floats, pays: float) -> tuple[tuple[int, float], ...]:
    """Cash per share in March, June, September and December: (session, amount), ``pays`` of the value a year."""
    ex_dates = []
    for year in range(clock().days[0].year, clock().days[-1].year + 1):
        for month in (3, 6, 9, 12):
            day = clock().index(date(year, month, 18))
            if day < len(nav):
                ex_dates.append((day, round(float(nav[day - 1]) * pays / 4.0, 6)))
    return tuple(ex_dates)


def funds(drivers: Drivers, companies: Companies) -> tuple[dict[str, Bars], dict[str, Fund]]:
    """Market bars by symbol and fund histories by product id."""
    bars, books = {}, {}
    for symbol, product, name, sector, start, shares, pays in FUNDS:
        level = companies.index_level / 1000.0 if sector is None else companies.sector_levels[sector]
        nav = np.round(start * level, 6)
        ex_dates = quarterly(nav, pays)
        cash = np.full(len(nav), np.nan)
        for day, amount in ex_dates:
            cash[day] = amount
        change = np.concatenate([[0.0], level[1:] / level[:-1] - 1.0])
        pull = 0.00025 + 1.1 * drivers.returns["flows"]
        if sector is not None:
            pull = pull + 0.12 * (change - drivers.market)
        premium = 0.0002 * normal(f"premium {symbol}", len(nav))
        close = np.round(nav * (1.0 + premium), 2)
        bars[symbol] = make_bars(
            symbol, name, "ETF", EXCHANGE, 0, close, turnover=shares * 0.06, wide=0.0055, dividends=ex_dates
        )
        books[product] = Fund(product, name, nav, share_counts(symbol, shares, pull), cash)
    return bars, books
