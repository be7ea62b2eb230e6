"""What the companies earn, when they say so, what was expected, and what they buy back: quarter by quarter.

Belongs here: reports of companies as facts, with their moments, and the forecasts made of them before. Does not: how a
filing, a calendar or a forecast is written down (``vendors``), prices. Earnings follow the company's price of the year
before, so that valuations stay sane; the earnings driver of ``story`` moves the surprises, so a rally on earnings has
reports above forecasts in it. An issuer with two lines of shares reports once, for both.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np

from ingestion import calendar
from ingestion.sample.world.clock import Floats, clock, normal
from ingestion.sample.world.companies import Companies
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.payouts import share_factor

FIRST_END, LAST_END = date(2017, 12, 31), date(2026, 12, 31)  # ends of the quarters told of
YEAR_ENDS = {"NA": 9, "QBRT": 1, "PXLM": 1, "CZNT": 5, "BQHM": 11}  # month in which the fiscal year ends; others 12
YIELD = 0.0125  # a quarter's earnings over the mean price of the year before
FELT = 0.5  # how far the earnings driver of a quarter moves the surprises
BUYERS = 5  # of eight companies buy back shares; the others have never said anything of it
RESTATED = {("MDXQ", date(2024, 6, 30)): 0.9}  # a quarter told again, in an amended filing, as a part of what it was
Timing = Literal["bmo", "amc", "unknown"]


@dataclass(frozen=True)
class Report:
    """One fiscal quarter of one company. Amounts are whole USD, per-share values in shares of the day of the report."""

    order: int  # position in COMPANIES
    fiscal_year: int  # the calendar year in which the fiscal year ends
    quarter: int  # 1 to 4
    start: date
    end: date
    year_start: date
    announced: datetime  # UTC: the press release, and the filing 8-K with it
    timing: Timing  # before the open, after the close, or not said
    filed: datetime  # UTC: the 10-Q, for the fourth quarter the 10-K
    eps: float  # diluted
    net_income: int
    shares: int  # diluted, of all classes
    repurchases: int | None  # None: a company that never buys back does not have the line
    issuance: int
    capital_expenditure: int
    first_forecast: float  # of eps when the quarter began
    last_forecast: float  # the evening before the report
    analysts: int
    factor: float  # shares that one share of the first session has become at the report

    @property
    def is_last(self) -> bool:
        """Whether this is the fourth quarter, which is never filed alone."""
        return self.quarter == 4

    def forecast(self, moment: datetime) -> float:
        """What analysts expect of eps at ``moment``: a step a week from the first to the last forecast."""
        begin = datetime.combine(self.start, time(), UTC)
        weeks = max(1, (self.announced - begin).days // 7)
        done = min(weeks, max(0, (moment - begin).days // 7))
        return round(self.first_forecast + (self.last_forecast - self.first_forecast) * done / weeks, 2)

    def changed(self, moment: datetime) -> tuple[int, int]:
        """How many analysts (raised, cut) their forecast in the four weeks before ``moment``."""
        step = self.forecast(moment) - self.forecast(moment - timedelta(28))
        moved = min(self.analysts, 1 + int(abs(step) * 40 / max(0.1, abs(self.last_forecast))))
        return (moved, 1 if moved > 2 else 0) if step > 0 else (0, moved) if step < 0 else (0, 0)


def _month_end(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)


def fiscal_quarters(year_end: int) -> list[tuple[int, int, date, date, date]]:
    """(fiscal year, quarter, start, end, start of the year) of each quarter that ends from FIRST_END to LAST_END."""
    found = []
    for year in range(FIRST_END.year, LAST_END.year + 2):
        year_start = _month_end(year - 1, year_end) + timedelta(1)
        for quarter in (1, 2, 3, 4):
            start = _month_end(year - 1, year_end + 3 * (quarter - 1)) + timedelta(1)
            end = _month_end(year - 1, year_end + 3 * quarter)
            if FIRST_END <= end <= LAST_END:
                found.append((year, quarter, start, end, year_start))
    return found


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), calendar.NEW_YORK).astimezone(UTC)


@lru_cache(1)
def _sessions() -> list[date]:
    return calendar.table().filter("is_session")["date"].to_list()


def _session(day: date) -> date:
    """The first session on or after ``day``, also after the last one of the world."""
    return _sessions()[bisect_left(_sessions(), day)]


def _announced(order: int, end: date, quarter: int) -> tuple[datetime, Timing]:
    """Banks first, the rest over five weeks; a year's last quarter takes longer. Some do not say at which hour."""
    company = COMPANIES[order]
    wait = 13 + order % 3 if company.sector == "Financials" else 17 + order * 7 % 25
    day = _session(end + timedelta(wait + (6 if quarter == 4 and company.sector != "Financials" else 0)))
    if order % 2:
        return _moment(day, 6, 30 + order % 30), "unknown" if order % 10 == 1 else "bmo"
    return _moment(day, 16, 5 + order % 25), "unknown" if order % 10 == 0 else "amc"


def _of_company(
    order: int, level: Floats, spread: Floats, missed: Floats, drifted: Floats, felt: Floats
) -> tuple[Report, ...]:
    """The reports of one company. ``level`` is its split-free price by session, 0 where it has none."""
    company, days = COMPANIES[order], clock().days
    factors = share_factor(company)
    found = []
    for k, (year, quarter, start, end, year_start) in enumerate(fiscal_quarters(YEAR_ENDS.get(company.key, 12))):
        last = min(clock().index(end + timedelta(1)), len(days)) - 1
        held = level[max(0, last - 249) : last + 1]
        held = held[held > 0]
        if len(held) < 60 or (company.last_bar and company.last_bar < end):
            continue
        announced, timing = _announced(order, end, quarter)
        at = min(clock().index(announced.date()), len(days) - 1)
        factor = float(factors[at])
        usual = YIELD * (0.7 + 0.1 * (order % 7)) * (1.0 + 0.06 * (quarter % 2))
        mean = float(held.sum()) / len(held)
        whole = mean * (usual * (1.0 + 0.07 * float(spread[k])) - (0.016 if order % 23 == 5 else 0.0))
        eps = round(whole / factor, 2)
        beaten = 0.025 + 0.04 * float(missed[k]) + FELT * float(felt[last] - felt[max(0, last - 60)])
        last_forecast = round(eps - abs(eps) * beaten, 2)
        # in all lines: the issuer's diluted shares do not say how many are of which
        lines = sum(other.shares for n, other in enumerate(COMPANIES) if issuer_of()[n] == order)
        shares = round(lines * factor * (1.0 + 0.002 * (order % 9)), 1) * 1e6
        earned = round(whole / factor * shares / 1e6) * 1_000_000
        kept = max(0, earned)
        buys = round(kept * (0.2 + 0.1 * (order % 5)) / 1e6) * 1_000_000 if order % 8 < BUYERS else None
        found.append(
            Report(
                order, year, quarter, start, end, year_start, announced, timing,
                announced + timedelta(days=(17 if quarter == 4 else 2) + order % 6, minutes=41),
                eps, earned, int(shares), buys,
                round(shares * 0.0004 * mean / factor / 1e6) * 1_000_000,
                round((0.35 + 0.05 * (order % 6)) * abs(earned) / 1e6) * 1_000_000,
                round(last_forecast + abs(last_forecast) * 0.03 * float(drifted[k]), 2), last_forecast,
                5 + order * 3 % 22, factor,
            )
        )  # fmt: skip
    return tuple(found)


@lru_cache(1)
def issuer_of() -> dict[int, int]:
    """For each line of shares, the position of the company that files for it: the first of those with its number."""
    first: dict[int, int] = {}
    return {n: first.setdefault(company.cik, n) for n, company in enumerate(COMPANIES)}


def fundamentals(drivers: Drivers, firms: Companies) -> dict[int, tuple[Report, ...]]:
    """The reports of every company by its position in COMPANIES, oldest first; also those still to come.

    A report's own moments say when it was public; nothing here looks at the time.
    """
    size = len(fiscal_quarters(12)) + 1
    spread, missed = normal("earnings", len(COMPANIES), size), normal("surprises", len(COMPANIES), size)
    drifted = normal("forecasts", len(COMPANIES), size)
    felt = np.cumsum(drivers.returns["earnings"])
    shares = np.array([company.shares for company in COMPANIES])
    levels = firms.capital / shares
    return {
        n: _of_company(n, levels[:, n], spread[n], missed[n], drifted[n], felt)
        for n in range(len(COMPANIES))
        if issuer_of()[n] == n
    }
