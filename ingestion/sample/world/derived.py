"""Statistics made of other figures of this world: output, real sales, continued claims, and how tight credit is.

Belongs here: their final values. Does not: what was printed when (``prints``). They agree with what they are made of by
simple rules, not with each other to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np

from ingestion import releases
from ingestion.sample.world.clock import Floats, normal
from ingestion.sample.world.economy import FROM, TO, Series
from ingestion.sample.world.rates import Observations

USUAL_SPREAD = 3.2  # points of the high-yield spread at which credit is neither tight nor easy
WEEKS_ON_BENEFITS = 9.0  # continued claims in weeks of initial ones
OUTPUT, PRODUCTIVITY = 14700.0, 0.3  # USD billions a year in the first quarter; percent a quarter


def _spread_on(observed: Observations, days: list[date]) -> Floats:
    """The newest high-yield spread on each day; the first one before the world."""
    told = zip(observed.days, observed.values.tolist(), strict=True)
    shown = [(day, value) for day, value in told if not math.isnan(value)]
    found, n = [], 0
    for day in days:
        while n + 1 < len(shown) and shown[n + 1][0] <= day:
            n += 1
        found.append(shown[n][1])
    return np.array(found)


def _quarters(monthly: Series, quarters: tuple[date, ...]) -> Floats:
    by_month = dict(zip(monthly.periods, monthly.values.tolist(), strict=True))
    last = monthly.values.tolist()[-1]
    months = [[date(q.year, q.month + n, 1) for n in range(3)] for q in quarters]
    return np.array([math.fsum(by_month.get(month, last) for month in three) / 3.0 for three in months])


def derived(held: Mapping[str, Series], observed: Mapping[str, Observations]) -> dict[str, Series]:
    """Each by its FRED id. Units: persons, USD millions of constant prices, USD billions, standard deviations, percent."""
    claims, sales = held["ICSA"], held["RSAFS"]
    before = np.concatenate([np.full(4, claims.values[0]), claims.values])
    on_benefits = (before[4:] + before[3:-1] + before[2:-2] + before[1:-3]) / 4.0 * WEEKS_ON_BENEFITS
    quarters = tuple(releases.periods("gdp", FROM, TO))
    jobs, prices = _quarters(held["PAYEMS"], quarters), _quarters(held["PCEPI"], quarters)
    growth = np.cumprod(np.full(len(quarters), 1.0 + PRODUCTIVITY / 100.0))
    spread = observed["BAMLH0A0HYM2"]
    fridays = {name: tuple(releases.periods(name, FROM, TO)) for name in ("nfci", "stlfsi")}
    tight = {name: _spread_on(spread, list(days)) - USUAL_SPREAD for name, days in fridays.items()}
    surveys = tuple(releases.periods("sloos", FROM, TO))
    asked = _spread_on(spread, list(surveys)) - USUAL_SPREAD
    stress = 0.6 * tight["stlfsi"] - 0.7 + 0.05 * normal("stress", len(fridays["stlfsi"]))
    return {
        "CCSA": Series("claims_continued", claims.periods, on_benefits, 0),
        "RRSFS": Series("retail", sales.periods, sales.values / held["CPIAUCSL"].values * 100.0, 0),
        "GDP": Series("gdp", quarters, OUTPUT * (jobs / jobs[0]) * (prices / prices[0]) * growth, 3),
        "NFCI": Series("nfci", fridays["nfci"], 0.3 * tight["nfci"] - 0.5, 3),
        "STLFSI4": Series("stlfsi", fridays["stlfsi"], stress, 4),
        "DRTSCILM": Series(
            "sloos", surveys, np.maximum(-30.0, 9.0 * asked + 4.0 * normal("loan officers", len(surveys))), 1
        ),
    }
