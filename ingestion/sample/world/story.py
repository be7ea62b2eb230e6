"""The designed history: what moved this market, leg by leg. The answer key to it is in ``episodes``.

Belongs here: the script of the world in numbers. Does not: noise, companies or wire formats. Nothing in it is taken from
a real market. A move is a sum of simple daily returns; a rise of the 10-year yield by one point costs ``RATE_COST`` of
the index. What the named parts leave of a leg's move is the earnings driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DRIVERS = ("rates", "earnings", "flows", "sector", "short_covering", "none")
RATE_COST = 0.10  # index return lost per percentage point of 10-year yield
FIRST_YIELD = 2.90  # 10-year yield before the first leg, percent
TECH, BANKS, OIL, SHOPS = "Information Technology", "Financials", "Energy", "Consumer Discretionary"


@dataclass(frozen=True)
class Leg:
    """A stretch of the market up to and including ``end``: its move and how much of it each driver makes."""

    end: date
    move: float
    yield_change: float = 0.0  # 10-year, percentage points
    flows: float = 0.0
    sector: float = 0.0
    leader: str = TECH  # the sector through which the sector driver acts
    shorts: float = 0.0  # sellers of borrowed shares buying back (or selling more)
    none: float = 0.0  # moves without a cause

    @property
    def parts(self) -> dict[str, float]:
        """The leg's move by driver; sums to ``move``."""
        rates = -RATE_COST * self.yield_change
        earnings = self.move - rates - self.flows - self.sector - self.shorts - self.none
        named = {"rates": rates, "earnings": earnings, "flows": self.flows, "sector": self.sector}
        return {**named, "short_covering": self.shorts, "none": self.none}


LEGS = (
    Leg(date(2014, 3, 7), 0.060, flows=0.020),
    Leg(date(2014, 4, 11), -0.090, sector=-0.070, flows=-0.010),
    Leg(date(2014, 9, 12), 0.130, -0.20, 0.015),
    Leg(date(2014, 10, 15), -0.090, flows=-0.075),
    Leg(date(2015, 5, 15), 0.160, -0.95, 0.025),
    Leg(date(2015, 8, 25), -0.130, -0.10, -0.030),
    Leg(date(2015, 11, 3), 0.115, flows=0.015, shorts=0.080),
    Leg(date(2016, 2, 11), -0.140, flows=-0.020, sector=-0.095, leader=OIL),
    Leg(date(2016, 6, 8), 0.155, sector=0.095, leader=OIL, shorts=0.025),
    Leg(date(2016, 6, 27), -0.080, none=-0.075),
    Leg(date(2017, 3, 1), 0.170, 0.20, 0.040),
    Leg(date(2017, 4, 12), -0.080, 0.65),
    Leg(date(2018, 1, 26), 0.220, -0.10, 0.135),
    Leg(date(2018, 2, 8), -0.090, none=-0.080),
    Leg(date(2018, 5, 25), 0.095, none=0.080),
    Leg(date(2018, 8, 1), -0.090, 0.75),
    Leg(date(2019, 3, 8), 0.170, -1.05, 0.030),
    Leg(date(2019, 5, 10), -0.120, -0.05, -0.025),
    Leg(date(2020, 1, 31), 0.230, -0.30, 0.130),
    Leg(date(2020, 3, 6), -0.100, flows=-0.095),
    Leg(date(2020, 6, 8), 0.130, flows=0.025, shorts=0.090),
    Leg(date(2020, 7, 2), -0.080, none=-0.075),
    Leg(date(2020, 9, 25), 0.135, flows=0.015, sector=0.090),
    Leg(date(2020, 12, 11), -0.165, -0.20, -0.025),
    Leg(date(2021, 5, 7), 0.200, -0.15, 0.045),
    Leg(date(2021, 6, 18), -0.085, sector=-0.075, leader=SHOPS),
    Leg(date(2021, 12, 3), 0.190, flows=0.115, shorts=0.015),
    Leg(date(2022, 3, 4), -0.150, 1.15),
    Leg(date(2022, 4, 22), 0.085, -0.10, 0.010, shorts=0.060),
    Leg(date(2022, 9, 30), -0.210, 1.80, -0.025),
    Leg(date(2023, 2, 10), 0.180, -1.10, 0.030),
    Leg(date(2023, 3, 17), -0.090, flows=-0.080),
    Leg(date(2023, 8, 4), 0.220, 0.35, 0.040, 0.130),
    Leg(date(2023, 10, 6), -0.100, 0.20, -0.010, -0.080, BANKS),
    Leg(date(2024, 3, 28), 0.190, -1.05, 0.030, 0.025, BANKS),
    Leg(date(2024, 4, 24), -0.080, 0.70),
    Leg(date(2024, 7, 12), 0.110, none=0.085),
    Leg(date(2024, 8, 23), -0.085, 0.00, -0.095),
    Leg(date(2025, 3, 7), 0.190, 0.40, 0.130),
    Leg(date(2025, 4, 25), -0.120, 0.00, -0.020),
    Leg(date(2025, 9, 26), 0.215, 0.10, 0.040, shorts=0.120),
    Leg(date(2025, 11, 7), -0.110, 0.75, -0.020, -0.015, TECH),
    Leg(date(2026, 1, 15), 0.115, -0.75, 0.020, 0.010, TECH),
)

# Effective dates of the upper end of the policy range, percent; the lower end is a quarter point below.
POLICY = (
    (date(2013, 12, 19), 0.25),
    (date(2015, 12, 17), 0.50),
    (date(2016, 12, 15), 0.75),
    (date(2017, 3, 16), 1.00),
    (date(2017, 6, 15), 1.25),
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
