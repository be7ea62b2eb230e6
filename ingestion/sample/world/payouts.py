"""What owning a share brings besides its price: splits as a share count, and quarterly cash.

Belongs here: the arithmetic of both. Does not: when a company splits (``changes``), prices.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from ingestion.sample.world.clock import Floats, clock
from ingestion.sample.world.company import Company


def share_factor(company: Company) -> Floats:
    """Shares that one share of the first session has become, one element per session of the world."""
    factor = np.ones(len(clock().days))
    for day, new, old in company.splits:
        factor[clock().index(day) :] *= new / old
    return factor


def dividends(company: Company, close: Floats, first: int, order: int) -> tuple[tuple[int, float], ...]:
    """Quarterly cash, declared once a year from the price then; ex-dates spread over the quarter's middle month."""
    if not company.dividend_yield:
        return ()
    days, paid, factor = clock().days, [], share_factor(company)
    for year in range(days[0].year, days[-1].year + 1):
        declared = max(first, clock().index(date(year, 1, 2)))
        for month in (2, 5, 8, 11):
            day = clock().index(date(year, month, 3 + order % 22))
            if first + 20 < day < first + len(close):
                reference = float(close[declared - first]) * float(factor[declared] / factor[day])
                paid.append((day, max(0.01, round(reference * company.dividend_yield / 4.0, 2))))
    return tuple(paid)
