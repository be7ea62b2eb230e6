"""Prices, jobs, wages and sales of this world: the final figures, consistent with what moved its market.

Belongs here: the truth of each statistic. Does not: what was printed when (``prints``), release days. Inflation follows
the rise of the 10-year yield, so rate-driven falls are inflation scares; payrolls and claims follow the earnings driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.releases import periods
from ingestion.sample.world.clock import Floats, clock, normal
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.story import RATE_COST

FROM, TO = date(2010, 1, 1), date(2026, 1, 31)
USUAL_INFLATION, PASS_THROUGH = 2.1, 4.0  # percent a year; points of inflation for a point of yield in 4 months
SEASON = (0.0, 0.1, 0.3, 0.25, 0.15, 0.1, 0.0, -0.05, -0.05, -0.15, -0.3, -0.35)  # percent of the price level by month


@dataclass(frozen=True)
class Series:
    """Final values of one statistic by period; ``season`` is what the printed figure is adjusted for, if it is."""

    release_id: str
    periods: tuple[date, ...]
    values: Floats
    digits: int


def _monthly(path: Floats, months: tuple[date, ...]) -> Floats:
    """The value of a daily path at the end of each month; its first value before the world."""
    days = clock().days
    ends = [clock().index(_next(month)) - 1 for month in months]
    return np.array([float(path[min(max(end, 0), len(days) - 1)]) for end in ends])


def _next(month: date) -> date:
    return (month + timedelta(32)).replace(day=1)


def _lagged_change(values: Floats, lag: int) -> Floats:
    before = np.concatenate([np.full(lag, values[0]), values[:-lag]])
    return np.asarray(values - before)


def season(month: int) -> float:
    """The seasonal factor of the price level."""
    return 1.0 + SEASON[month - 1] / 100.0


def _levels(start: float, growth: Floats) -> Floats:
    return np.asarray(start * np.cumprod(1.0 + growth / 100.0))


def economy(drivers: Drivers) -> dict[str, Series]:
    """Every statistic by its FRED id. Units: index, thousand, percent, USD, persons, USD millions."""
    months = tuple(periods("cpi", FROM, TO))
    weeks = tuple(periods("claims", FROM, TO))
    size = len(months)
    yields = _monthly(-np.cumsum(drivers.returns["rates"]) / RATE_COST, months)
    profits = _monthly(np.cumsum(drivers.returns["earnings"]), months)
    boom = _lagged_change(profits, 6) - 0.03
    inflation = np.maximum(-0.5, USUAL_INFLATION + PASS_THROUGH * _lagged_change(yields, 4))
    core = 0.6 * inflation + 0.4 * USUAL_INFLATION
    prices = _levels(216.7, inflation / 12.0 + 0.05 * normal("prices", size))
    core_prices = _levels(220.6, core / 12.0 + 0.03 * normal("core prices", size))
    hired = 165.0 + 900.0 * boom + 35.0 * normal("payrolls", size)
    payrolls = 129800.0 + np.cumsum(hired)
    jobless = 8.2 - np.cumsum((hired - 100.0) / 160000.0 * 100.0 * 0.75)
    wages = _levels(22.4, (2.4 + 0.35 * (inflation - USUAL_INFLATION)) / 12.0 + 0.08 * normal("wages", size))
    spent = _levels(340000.0, 0.16 + 0.5 * inflation / 12.0 + 1.2 * boom + 0.35 * normal("retail", size))
    daily = np.cumsum(drivers.returns["earnings"])
    at = [min(max(clock().index(week) - 1, 0), len(daily) - 1) for week in weeks]
    slack = np.array([float(daily[end] - daily[max(0, end - 90)]) for end in at])
    claims = 245.0 - 420.0 * slack + 6.0 * normal("claims", len(weeks))
    unadjusted = np.array([season(month.month) for month in months])
    return {
        "CPIAUCNS": Series("cpi", months, prices * unadjusted, 3),
        "CPIAUCSL": Series("cpi", months, prices, 3),
        "CPILFESL": Series("cpi", months, core_prices, 3),
        "PCEPI": Series("pce", months, _levels(92.0, 0.85 * inflation / 12.0 + 0.04 * normal("pce", size)), 3),
        "PCEPILFE": Series("pce", months, _levels(93.0, 0.85 * core / 12.0 + 0.02 * normal("core pce", size)), 3),
        "PAYEMS": Series("jobs", months, payrolls, 0),
        "UNRATE": Series("jobs", months, np.maximum(3.3, jobless), 1),
        "CES0500000003": Series("jobs", months, wages, 2),
        "ICSA": Series("claims", weeks, np.maximum(180.0, claims) * 1000.0, 0),
        "RSAFS": Series("retail", months, spent, 0),
    }
