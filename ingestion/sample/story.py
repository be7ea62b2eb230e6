"""The designed history: what moved this market, leg by leg, and the episodes a reader should find in it.

Belongs here: the script of the world, in numbers and words. Does not: noise, companies or wire formats. Nothing in it
is taken from a real market. A move is a sum of simple daily returns; a rise of the 10-year yield by one point costs
``RATE_COST`` of the index. What rates, flows and sector leave of a leg's move is the earnings driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DRIVERS = ("rates", "earnings", "flows", "sector")
RATE_COST = 0.10  # index return lost per percentage point of 10-year yield
FIRST_YIELD = 2.40  # 10-year yield before the first leg, percent
TECH, BANKS = "Information Technology", "Financials"


@dataclass(frozen=True)
class Leg:
    """A stretch of the market up to and including ``end``: its move and how much of it each driver makes."""

    end: date
    move: float
    yield_change: float = 0.0  # 10-year, percentage points
    flows: float = 0.0
    sector: float = 0.0
    leader: str = TECH  # the sector through which the sector driver acts

    @property
    def parts(self) -> dict[str, float]:
        """The leg's move by driver; sums to ``move``."""
        rates = -RATE_COST * self.yield_change
        earnings = self.move - rates - self.flows - self.sector
        return {"rates": rates, "earnings": earnings, "flows": self.flows, "sector": self.sector}


LEGS = (
    Leg(date(2018, 6, 14), 0.08, 0.10, 0.020),
    Leg(date(2018, 8, 1), -0.09, 0.60, -0.015),
    Leg(date(2019, 3, 8), 0.17, -0.55, 0.030),
    Leg(date(2019, 5, 10), -0.12, -0.10, -0.040),
    Leg(date(2020, 1, 31), 0.24, -0.25, 0.055),
    Leg(date(2020, 3, 6), -0.08, 0.00, -0.090),
    Leg(date(2020, 9, 25), 0.15, -0.10, 0.075),
    Leg(date(2020, 12, 11), -0.165, -0.60, -0.025),
    Leg(date(2021, 12, 3), 0.34, 0.10, 0.050),
    Leg(date(2022, 3, 4), -0.15, 1.00, -0.020),
    Leg(date(2022, 4, 22), 0.085, -0.35, 0.040),
    Leg(date(2022, 9, 30), -0.21, 1.75, -0.035),
    Leg(date(2023, 8, 4), 0.43, -0.30, 0.070),
    Leg(date(2023, 10, 6), -0.10, 0.25, -0.015, -0.075, BANKS),
    Leg(date(2024, 7, 12), 0.22, -0.35, 0.040, 0.050, BANKS),
    Leg(date(2024, 8, 23), -0.085, 0.00, -0.095),
    Leg(date(2025, 3, 7), 0.19, 0.25, 0.085),
    Leg(date(2025, 4, 25), -0.12, -0.10, -0.030),
    Leg(date(2025, 9, 26), 0.21, 0.05, 0.065),
    Leg(date(2025, 11, 7), -0.11, 0.60, -0.020, -0.030, TECH),
    Leg(date(2026, 1, 15), 0.105, -0.55, 0.030, 0.015, TECH),
)

# Effective dates of the upper end of the policy range, percent; the lower end is a quarter point below.
POLICY = (
    (date(2017, 12, 14), 1.50),
    (date(2018, 3, 22), 1.75),
    (date(2018, 6, 14), 2.00),
    (date(2019, 6, 20), 1.75),
    (date(2019, 9, 19), 1.50),
    (date(2020, 12, 17), 1.00),
    (date(2021, 1, 28), 0.75),
    (date(2022, 1, 27), 1.00),
    (date(2022, 3, 17), 1.50),
    (date(2022, 5, 5), 2.00),
    (date(2022, 6, 16), 2.75),
    (date(2022, 7, 28), 3.50),
    (date(2022, 9, 22), 4.00),
    (date(2022, 11, 3), 4.25),
    (date(2024, 9, 19), 4.00),
    (date(2025, 5, 8), 3.75),
    (date(2025, 12, 11), 3.50),
)


@dataclass(frozen=True)
class Episode:
    """A fall of at least 5 % by closes of ^SMP, and the low from which it rose 5 %; ``driver`` is its main cause."""

    peak: date
    trough: date
    driver: str
    cause: str


# The answer key: what a 5 %/5 % rally state machine finds in the closes (a test runs one).
EPISODES = (
    Episode(
        date(2018, 4, 27), date(2018, 7, 12), "rates", "An inflation scare lifted Treasury yields by over half a point."
    ),
    Episode(date(2019, 3, 8), date(2019, 5, 8), "earnings", "Companies warned of lower profits; yields barely moved."),
    Episode(
        date(2020, 1, 30), date(2020, 3, 3), "flows", "Fund holders redeemed in a squeeze; fund share counts shrank."
    ),
    Episode(
        date(2020, 10, 5), date(2020, 12, 18), "earnings", "A recession scare: profits fell while yields fell too."
    ),
    Episode(
        date(2021, 12, 3), date(2022, 3, 7), "rates", "The bear market's first leg; the rally from this low failed."
    ),
    Episode(date(2021, 12, 3), date(2022, 9, 28), "rates", "Policy rates rose by 3 points in a year: a bear market."),
    Episode(date(2023, 8, 18), date(2023, 10, 3), "sector", "A regional bank failed and took Financials with it."),
    Episode(date(2024, 7, 8), date(2024, 8, 20), "flows", "Heavy redemptions of index funds without other news."),
    Episode(date(2025, 3, 4), date(2025, 4, 25), "earnings", "Guidance for the year was cut across sectors."),
    Episode(
        date(2025, 10, 13),
        date(2025, 11, 7),
        "rates",
        "Yields jumped and technology led a correction; since then yields gave the jump back, a cut came in December "
        "and money returned to the funds, so stocks are going back up.",
    ),
)
