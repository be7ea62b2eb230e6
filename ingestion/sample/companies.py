"""Prices of the companies, and the index and sector portfolios they make.

Belongs here: how drivers, sectors and own luck become closes, dividends and capital weights. Does not: the funds.
Every session the weighted sum of the members' returns is the market return of ``drivers``: company returns are shifted
by one common amount until it is, so contributions add up to the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingestion.sample.bars import Bars, make_bars
from ingestion.sample.clock import Flags, Floats, clock, normal, reverting
from ingestion.sample.directory import COMPANIES, SECTORS, Company
from ingestion.sample.drivers import Drivers

INDEX_START = 1000.0
RATE_SENSITIVITY = {
    "Information Technology": 1.35,
    "Financials": 0.45,
    "Health Care": 0.9,
    "Energy": 0.6,
    "Industrials": 1.0,
}
OIL_SHARE = 0.3  # of an oil shock felt by energy companies
FAILURE_SESSIONS, FAILURE_DRIFT = 24, -0.075  # how the delisted bank ended


@dataclass(frozen=True)
class Companies:
    """``capital`` (USD millions, 0 when not listed) and ``member`` are sessions x companies, in COMPANIES order."""

    bars: dict[str, Bars]
    capital: Floats
    member: Flags
    sector_levels: dict[str, Floats]  # capital-weighted member portfolios, first session = 1
    index_level: Floats


def _span(company: Company) -> tuple[int, int]:
    last = clock().index(company.last_bar) if company.last_bar else len(clock().days) - 1
    return clock().index(company.listed), last


def _members() -> Flags:
    days = clock().days
    member = np.zeros((len(days), len(COMPANIES)), dtype=np.bool_)
    for column, company in enumerate(COMPANIES):
        if company.joined is not None:
            stop = clock().index(company.left) if company.left else len(days)
            member[clock().index(max(company.joined, days[0])) : stop, column] = True
    return member


def _sector_noise(oil: Floats, stress: Floats) -> Floats:
    size = len(stress)
    noise = np.zeros((size, len(COMPANIES)))
    own = {name: reverting(f"sector {name}", 0.0034 * stress, size, 0.985) for name in SECTORS}
    own["Energy"] = own["Energy"] + OIL_SHARE * oil
    for column, company in enumerate(COMPANIES):
        noise[:, column] = own[company.sector]
    return noise


def _levels(drivers: Drivers, member: Flags, oil: Floats) -> Floats:
    """Split-free prices, sessions x companies; 0 before the listing and after the last bar."""
    size, market = len(drivers.stress), drivers.market
    beta = np.array([c.beta for c in COMPANIES])
    rate = np.array([RATE_SENSITIVITY[c.sector] for c in COMPANIES])
    shares = np.array([c.shares for c in COMPANIES])
    in_sector = {name: np.array([c.sector == name for c in COMPANIES]) for name in SECTORS}
    spans = [_span(c) for c in COMPANIES]
    luck = normal("companies", size, len(COMPANIES)) * np.array([c.noise for c in COMPANIES])
    luck += _sector_noise(oil, drivers.stress)
    for column, company in enumerate(COMPANIES):
        if company.last_bar is not None:
            last = spans[column][1]
            luck[last - FAILURE_SESSIONS + 1 : last + 1, column] += FAILURE_DRIFT
    common = (drivers.returns["earnings"] + drivers.returns["flows"])[:, None] * beta
    common += drivers.returns["rates"][:, None] * rate
    price = np.zeros((size, len(COMPANIES)))
    for column, (first, _) in enumerate(spans):
        price[first, column] = COMPANIES[column].price
    for t in range(1, size):
        capital = price[t - 1] * shares * member[t]
        weight = capital / capital.sum()
        leaders = in_sector[drivers.leader[t]]
        lift = drivers.returns["sector"][t] / (weight * leaders).sum()
        change = common[t] + luck[t] + leaders * lift
        change = np.maximum(change + (market[t] - (weight * change).sum()), -0.6)
        price[t] = np.where(price[t - 1] > 0.0, price[t - 1] * (1.0 + change), price[t])
        for column, (_, last) in enumerate(spans):
            if t > last:
                price[t, column] = 0.0
    return price


def _dividends(company: Company, close: Floats, first: int, order: int) -> tuple[tuple[int, float], ...]:
    """Quarterly cash, declared once a year from the price then; ex-dates spread over the quarter's middle month."""
    if not company.dividend_yield:
        return ()
    days, paid = clock().days, []
    for year in range(days[0].year, days[-1].year + 1):
        for month in (2, 5, 8, 11):
            day = clock().index(date(year, month, 3 + order))
            if first + 20 < day < first + len(close):
                reference = float(close[max(0, clock().index(date(year, 1, 2)) - first)])
                if (
                    company.split is not None
                    and clock().index(company.split[0]) <= day
                    and year == company.split[0].year
                ):
                    reference = reference * company.split[2] / company.split[1]
                paid.append((day, max(0.01, round(reference * company.dividend_yield / 4.0, 2))))
    return tuple(paid)


def _portfolio(capital: Floats, held: Flags) -> Floats:
    """Level of the portfolio of ``held``, each session weighted by capital at the close before; starts at 1."""
    now = (capital[1:] * held[1:]).sum(axis=1)
    before = (capital[:-1] * held[1:]).sum(axis=1)
    return np.cumprod(np.concatenate([[1.0], now / before]))


def simulate(drivers: Drivers, oil: Floats) -> Companies:
    """All companies of the world. ``oil`` is the daily return of the oil price."""
    member = _members()
    levels = _levels(drivers, member, oil)
    bars, capital = {}, np.zeros_like(levels)
    for column, company in enumerate(COMPANIES):
        first, last = _span(company)
        factor = np.ones(len(levels))
        splits: tuple[tuple[int, int, int], ...] = ()
        if company.split is not None:
            day = clock().index(company.split[0])
            factor[day:] = company.split[1] / company.split[2]
            splits = ((day, company.split[1], company.split[2]),)
        close = np.maximum(0.01, np.round(levels[first : last + 1, column] / factor[first : last + 1], 2))
        capital[first : last + 1, column] = close * factor[first : last + 1] * company.shares
        bars[company.symbol] = make_bars(
            company.symbol,
            company.name,
            "EQUITY",
            ("NMS", "NasdaqGS") if company.sector == SECTORS[0] else ("NYQ", "NYSE"),
            first,
            close,
            turnover=company.shares * 4500.0,
            wide=0.005 + 0.35 * company.noise,
            splits=splits,
            dividends=_dividends(company, close, first, column),
        )
    sectors = {}
    for name in SECTORS:
        sectors[name] = _portfolio(capital, member & np.array([c.sector == name for c in COMPANIES]))
    return Companies(bars, capital, member, sectors, INDEX_START * _portfolio(capital, member))
