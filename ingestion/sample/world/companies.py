"""Prices of the companies, and the index and sector portfolios they make.

Belongs here: how drivers, sectors and own luck become closes and capital weights. Does not: the funds, what a company
pays (``payouts``). Every session the weighted sum of the members' returns is the market return of ``drivers``: company
returns are shifted by one common amount until it is, so contributions add up to the index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.bars import Bars, make_bars
from ingestion.sample.world.changes import FAILED_TRIALS
from ingestion.sample.world.clock import Flags, Floats, Ints, clock, normal, reverting
from ingestion.sample.world.directory import COMPANIES, SECTORS, SPELLS, Company
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.payouts import dividends, share_factor

INDEX_START, TECH_START = 1000.0, 2500.0
RATE_SENSITIVITY = {
    "Information Technology": 1.35, "Financials": 0.45, "Health Care": 0.9, "Energy": 0.6, "Industrials": 1.0,
    "Communication Services": 1.1, "Consumer Discretionary": 1.2, "Consumer Staples": 0.8, "Materials": 0.8,
    "Utilities": 1.3, "Real Estate": 1.6,
}  # fmt: skip
LEAD = 3.0  # a sector driver moves its sector by 1 + LEAD for each 1 of the others
SQUEEZE = 30.0  # short covering moves a company by 1 + SQUEEZE x short interest for each 1 of one nobody shorts
OIL_SHARE = 0.3  # of an oil shock felt by energy companies
FAILURE_SESSIONS, FAILURE_DRIFT = 24, -0.075  # how a bankrupt company ended
OFFER_SESSIONS, OFFER_PREMIUM, OFFER_NOISE = 55, 0.24, 0.0011  # a cash merger: from the offer to the last bar
WORST, BEST = -0.6, 0.6  # a day's return


@dataclass(frozen=True)
class Companies:
    """``capital`` (USD millions, 0 when not listed) and ``member`` are sessions x companies, in COMPANIES order."""

    bars: dict[str, Bars]  # by the company's key
    capital: Floats
    member: Flags
    sector_levels: dict[str, Floats]  # capital-weighted member portfolios, first session = 1
    index_level: Floats
    tech_level: Floats


def _span(company: Company) -> tuple[int, int]:
    last = clock().index(company.last_bar) if company.last_bar else len(clock().days) - 1
    return clock().index(company.listed), last


def _members() -> Flags:
    days = clock().days
    member = np.zeros((len(days), len(COMPANIES)), dtype=np.bool_)
    for column, start, stop in SPELLS:
        member[clock().index(max(start, days[0])) : clock().index(stop) if stop else len(days), column] = True
    return member


def _luck(oil: Floats, stress: Floats) -> tuple[Floats, Flags]:
    """Returns that are a company's own or its sector's, and where an offer holds the price in place."""
    size = len(stress)
    luck = normal("companies", size, len(COMPANIES)) * np.array([c.noise for c in COMPANIES])
    own = {name: reverting(f"sector {name}", 0.0034 * stress, size, 0.985) for name in SECTORS}
    own["Energy"] = own["Energy"] + OIL_SHARE * oil
    pinned = np.zeros(luck.shape, dtype=np.bool_)
    for column, company in enumerate(COMPANIES):
        luck[:, column] += own[company.sector]
        last = _span(company)[1]
        if company.key in FAILED_TRIALS:
            day, loss = FAILED_TRIALS[company.key]
            luck[clock().index(day), column] += loss
        if company.ending == "bankruptcy":
            luck[last - FAILURE_SESSIONS + 1 : last + 1, column] += FAILURE_DRIFT
        elif company.ending == "merger":
            offer = last - OFFER_SESSIONS
            luck[offer, column] += OFFER_PREMIUM
            pinned[offer + 1 : last + 1, column] = True
            calm = OFFER_NOISE * normal(f"offer {company.key}", OFFER_SESSIONS)
            luck[offer + 1 : last + 1, column] = np.diff(calm, prepend=0.0)
    return luck, pinned


def _levels(drivers: Drivers, member: Flags, oil: Floats) -> Floats:
    """Split-free prices, sessions x companies; 0 before the listing and after the last bar."""
    size, market = len(drivers.stress), drivers.market
    beta = np.array([c.beta for c in COMPANIES])
    rate = np.array([RATE_SENSITIVITY[c.sector] for c in COMPANIES])
    shares = np.array([c.shares for c in COMPANIES])
    squeezed = 1.0 + SQUEEZE * np.array([c.short_interest for c in COMPANIES])
    leading = {name: 1.0 + LEAD * np.array([c.sector == name for c in COMPANIES]) for name in SECTORS}
    spans = np.array([_span(c) for c in COMPANIES])
    luck, pinned = _luck(oil, drivers.stress)
    felt = drivers.returns["earnings"] + drivers.returns["flows"] + drivers.returns["none"]
    common = felt[:, None] * beta + drivers.returns["rates"][:, None] * rate + luck
    common = np.where(pinned, luck, common)
    free = ~pinned
    through_sector, through_shorts = drivers.returns["sector"], drivers.returns["short_covering"]
    when = np.arange(size)[:, None]
    alive = (when > spans[:, 0]) & (when <= spans[:, 1])
    price = np.zeros((size, len(COMPANIES)))
    price[spans[:, 0], np.arange(len(COMPANIES))] = [c.price for c in COMPANIES]
    for t in range(1, size):
        before = price[t - 1]
        capital = before * shares * member[t]
        weight = capital / capital.sum()
        reached = leading[drivers.leader[t]] * free[t]
        sold = squeezed * free[t]
        change = common[t] + reached * (through_sector[t] / (weight * reached).sum())
        change += sold * (through_shorts[t] / (weight * sold).sum())
        gap = market[t] - (weight * change).sum()
        change = np.minimum(np.maximum(change + free[t] * (gap / (weight * free[t]).sum()), WORST), BEST)
        price[t] = np.where(alive[t], before * (1.0 + change), price[t])
    return price


def _portfolio(capital: Floats, held: Flags) -> Floats:
    """Level of the portfolio of ``held``, each session weighted by capital at the close before; starts at 1."""
    now = (capital[1:] * held[1:]).sum(axis=1)
    before = (capital[:-1] * held[1:]).sum(axis=1)
    return np.cumprod(np.concatenate([[1.0], now / before]))


def _exchange(company: Company) -> tuple[str, str]:
    return ("NMS", "NasdaqGS") if company.sector == SECTORS[0] else ("NYQ", "NYSE")


def simulate(drivers: Drivers, oil: Floats) -> Companies:
    """All companies of the world. ``oil`` is the daily return of the oil price."""
    member = _members()
    levels = _levels(drivers, member, oil)
    bars, capital = {}, np.zeros_like(levels)
    for column, company in enumerate(COMPANIES):
        first, last = _span(company)
        factor: Floats = share_factor(company)[first : last + 1]
        close = np.maximum(0.01, np.round(levels[first : last + 1, column] / factor, 2))
        capital[first : last + 1, column] = close * factor * company.shares
        bars[company.key] = make_bars(
            company.key,
            company.name,
            "EQUITY",
            _exchange(company),
            first,
            close,
            turnover=company.shares * 4500.0,
            wide=0.005 + 0.35 * company.noise,
            splits=tuple((clock().index(day), new, old) for day, new, old in company.splits),
            dividends=dividends(company, close, first, column),
        )
    sectors = {}
    for name in SECTORS:
        sectors[name] = _portfolio(capital, member & np.array([c.sector == name for c in COMPANIES]))
    level = INDEX_START * _portfolio(capital, member)
    return Companies(bars, capital, member, sectors, level, TECH_START * sectors[SECTORS[0]])


def member_counts(member: Flags) -> dict[str, Ints]:
    """How many members each sector has, by session."""
    return {name: member[:, [c.sector == name for c in COMPANIES]].sum(axis=1).astype(np.int64) for name in SECTORS}
