"""Yields, policy rate and credit spread, as the macro vendor publishes them.

Belongs here: the values of each series by observation date. Does not: when they become public, or the file format.
The 10-year yield is the rates driver read backwards, so an attribution to rates can be checked against it. The real
yield is the 10-year yield less the breakeven to the last published digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.sample.world.clock import FIRST, LAST, Floats, clock, reverting
from ingestion.sample.world.drivers import Drivers
from ingestion.sample.world.story import FIRST_YIELD, POLICY, RATE_COST


@dataclass(frozen=True)
class Observations:
    """One published series: a row per date, NaN where the vendor prints a blank (bond market shut)."""

    days: tuple[date, ...]
    values: Floats


def _policy(day: date) -> float:
    return [upper for since, upper in POLICY if since <= day][-1]


def _published(values: Floats, is_published: list[bool]) -> Observations:
    """Session values on the vendor's weekday grid."""
    by_day = dict(zip(clock().days, zip(values.tolist(), is_published, strict=True), strict=True))
    grid = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    weekdays = tuple(day for day in grid if day.weekday() < 5)
    cells = [by_day.get(day, (0.0, False)) for day in weekdays]
    return Observations(weekdays, np.array([value if shown else np.nan for value, shown in cells]))


def observations(drivers: Drivers, market_level: Floats) -> dict[str, Observations]:
    """Every macro series by its id. Units: percent."""
    days, size = clock().days, len(clock().days)
    upper = np.array([_policy(day) for day in days])
    middle = upper - 0.125
    ahead = np.array([middle[t : t + 126].sum() / len(middle[t : t + 126]) for t in range(size)])
    soon = np.array([middle[t : t + 45].sum() / len(middle[t : t + 45]) for t in range(size)])
    ten = FIRST_YIELD - np.cumsum(drivers.returns["rates"]) / RATE_COST
    curve: dict[str, Floats] = {
        "DGS3MO": np.maximum(
            0.02, 0.35 * middle + 0.65 * soon + 0.02 + np.cumsum(reverting("DGS3MO", 0.012, size, 0.9))
        ),
        "DGS2": np.maximum(0.05, 0.6 * ahead + 0.4 * ten - 0.1 + np.cumsum(reverting("DGS2", 0.025, size, 0.97))),
        "DGS10": ten,
        "THREEFYTP10": 0.25 * (ten - 2.5) + np.cumsum(reverting("THREEFYTP10", 0.012, size, 0.985)),
        "DGS30": ten + 0.38 - 0.06 * (ten - 2.5) + np.cumsum(reverting("DGS30", 0.014, size, 0.985)),
    }
    curve["DGS5"] = 0.45 * curve["DGS2"] + 0.55 * ten + np.cumsum(reverting("DGS5", 0.012, size, 0.97))
    curve = {name: np.asarray(np.round(values, 2), dtype=np.float64) for name, values in curve.items()}
    growth = np.cumsum(drivers.returns["earnings"])
    slow = np.array([growth[max(0, t - 250) : t + 1].sum() / (t + 1 - max(0, t - 250)) for t in range(size)])
    breakeven = np.round(2.15 + 0.9 * (growth - slow) + np.cumsum(reverting("T10YIE", 0.018, size, 0.985)), 2)
    shown = clock().bond.tolist()
    series = {name: _published(values, shown) for name, values in curve.items()}
    series["T10YIE"] = _published(breakeven, shown)
    series["DFII10"] = _published(np.round(curve["DGS10"] - breakeven, 2), shown)
    drawdown = 1.0 - market_level / np.maximum.accumulate(market_level)
    lagged = np.array([drawdown[max(0, t - 7) : t + 1].sum() / (t + 1 - max(0, t - 7)) for t in range(size)])
    spread: Floats = 3.05 + 15.0 * lagged + np.cumsum(reverting("BAMLH0A0HYM2", 0.035, size, 0.98))
    series["BAMLH0A0HYM2"] = _published(np.round(spread.clip(1.8), 2), shown)
    grade = 0.22 * spread.clip(1.8) + 0.45 + np.cumsum(reverting("BAMLC0A0CM", 0.008, size, 0.97))
    series["BAMLC0A0CM"] = _published(np.round(grade.clip(0.4), 2), shown)
    baa = grade + 0.85 + np.cumsum(reverting("BAA10Y", 0.01, size, 0.97))
    series["BAA10Y"] = _published(np.round(baa.clip(0.6), 2), shown)
    every_day = tuple(FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1))
    target = np.array([_policy(day) for day in every_day])
    series["DFEDTARU"] = Observations(every_day, target)
    series["DFEDTARL"] = Observations(every_day, target - 0.25)
    wobble = {
        day: 0.01 * min(1, max(-1, round(n))) for day, n in zip(days, reverting("DFF", 0.4, size, 0.2), strict=True)
    }
    effective, last = [], 0.0
    for day, top in zip(every_day, target.tolist(), strict=True):
        last = wobble.get(day, last)  # weekends and holidays repeat the day before
        effective.append(round(top - 0.17 + last, 2))
    series["DFF"] = Observations(every_day, np.array(effective))
    return series
