"""The answer key: the falls and rallies a reader should find in the closes of ^SMP, and what caused each.

Belongs here: dates and causes. Does not: the script they come from (``story``). A fall is 5 % or more; a rally is a rise
of 5 % from its low. Tests find the same episodes in the closes and the same causes in the drivers. ``none`` means that
noise alone did it, and an honest reader says so. Decoys move with the market and cause nothing: oil, the volatility
indices, both coins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Episode:
    """A fall by closes of ^SMP and the rally from its low; ``fall`` and ``rally`` are their main drivers."""

    peak: date
    trough: date
    fall: str
    rally: str
    cause: str


_D = date
EPISODES = (
    Episode(_D(2014, 3, 12), _D(2014, 4, 14), "sector", "earnings",
            "Technology was sold after a run of dear listings; good profits of all sectors made up for it."),
    Episode(_D(2014, 9, 15), _D(2014, 10, 15), "flows", "rates",
            "Fund holders fled a fund closure; then long yields fell by almost a point."),
    Episode(_D(2015, 6, 4), _D(2015, 8, 25), "earnings", "short_covering",
            "A growth scare; the rally was short sellers buying back, the most shorted names rose most."),
    Episode(_D(2015, 11, 30), _D(2016, 2, 12), "sector", "sector",
            "Energy companies ran out of money and then led the way up; the oil price alone explains neither."),
    Episode(_D(2016, 6, 20), _D(2016, 7, 19), "none", "earnings", "The fall had no cause; profits then rose for a year."),
    Episode(_D(2017, 2, 27), _D(2017, 4, 11), "rates", "flows",
            "Yields rose by more than half a point; then savers poured money into index funds."),
    Episode(_D(2018, 1, 29), _D(2018, 2, 8), "none", "none", "Nothing happened, down or up: noise."),
    Episode(_D(2018, 5, 24), _D(2018, 8, 16), "rates", "rates",
            "An inflation scare lifted Treasury yields by over half a point; they fell back by a full one."),
    Episode(_D(2019, 3, 25), _D(2019, 5, 10), "earnings", "flows",
            "Companies warned of lower profits, yields barely moved; money then came into funds."),
    Episode(_D(2020, 1, 24), _D(2020, 3, 6), "flows", "short_covering",
            "Fund holders redeemed in a squeeze, share counts shrank; short sellers then bought back."),
    Episode(_D(2020, 6, 17), _D(2020, 7, 1), "none", "sector", "A fall without a cause; Technology led the way up."),
    Episode(_D(2020, 9, 28), _D(2020, 12, 11), "earnings", "earnings",
            "A recession scare: profits fell while yields fell too, and then profits recovered."),
    Episode(_D(2021, 5, 14), _D(2021, 6, 23), "sector", "flows",
            "Consumer Discretionary sold off after a poor season; savers bought funds afterwards."),
    Episode(_D(2021, 12, 16), _D(2022, 3, 7), "rates", "short_covering",
            "The bear market's first leg; the rally from this low was short covering, and it failed."),
    Episode(_D(2021, 12, 16), _D(2022, 10, 4), "rates", "rates",
            "Inflation, and policy rates up by 3 points in a year: a bear market. It ended when yields turned."),
    Episode(_D(2023, 2, 16), _D(2023, 3, 20), "flows", "sector",
            "A wave of redemptions; Technology then led a rally in spite of rising yields."),
    Episode(_D(2023, 8, 24), _D(2023, 10, 19), "sector", "rates",
            "A regional bank failed and took Financials with it; falling yields ended it."),
    Episode(_D(2024, 4, 8), _D(2024, 4, 24), "rates", "none",
            "A yield scare of two weeks; the rise afterwards had no cause that could be named."),
    Episode(_D(2024, 7, 11), _D(2024, 8, 23), "flows", "flows",
            "Heavy redemptions of index funds without other news, and the money came back."),
    Episode(_D(2025, 3, 4), _D(2025, 4, 25), "earnings", "short_covering",
            "Guidance for the year was cut across sectors; short sellers had gone too far."),
    Episode(_D(2025, 9, 17), _D(2025, 11, 11), "rates", "rates",
            "Yields jumped and Technology led a correction; since then yields gave the jump back and a policy cut came "
            "in December, so stocks are going back up."),
)  # fmt: skip
