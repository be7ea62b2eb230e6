"""What each statistic looked like on a day: first figures, revisions, yearly re-estimations, months never published.

Belongs here: the vintages. Does not: the final figures (``economy``), the day a figure came out (``releases``), formats.

| series | first figure | later |
|---|---|---|
| CPIAUCNS | final | never revised |
| CPIAUCSL, CPILFESL | final over last year's seasonal factors | each February five years of factors are estimated again |
| PCEPI, PCEPILFE, CES0500000003, ICSA | off by an error | the next release is right |
| PAYEMS, RSAFS | off by an error | half of it goes with the next release, the rest with the one after |
| PAYEMS | | each February a benchmark moves the level since the spring before last |
| UNRATE | off by up to a tenth | each January's re-estimation of five years |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from ingestion.sample.world.clock import Floats, Ints, normal
from ingestion.sample.world.economy import Series
from ingestion.sample.world.releases import NEVER_OBSERVED, released

FIRST_ERROR = {
    "PCEPI": 0.06, "PCEPILFE": 0.04, "CES0500000003": 0.015, "ICSA": 2200.0, "PAYEMS": 38.0, "RSAFS": 1500.0,
    "CCSA": 9000.0, "RRSFS": 600.0, "GDP": 25.0, "NFCI": 0.02, "STLFSI4": 0.03,
}  # fmt: skip
IN_TWO_STEPS = frozenset(("PAYEMS", "RSAFS", "RRSFS"))
FACTOR_ERROR, FACTOR_YEARS = 0.0006, 5
ROUND_TO = {"ICSA": 1000.0, "CCSA": 1000.0}
EPOCH = date(1970, 1, 1)
FIRST_ESTIMATE = 2009


@dataclass(frozen=True)
class Prints:
    """One statistic as printed. ``first`` is the day number of each period's first figure (far future: never)."""

    name: str
    final: Series
    first: Ints

    @cached_property
    def _release_days(self) -> Ints:
        return np.unique(self.first)

    @cached_property
    def _release_of_period(self) -> Ints:
        return np.searchsorted(self._release_days, self.first).astype(np.int64)

    def on(self, day: date) -> Floats:
        """The value of every period as printed at the end of ``day``; NaN where nothing was printed."""
        number = (day - EPOCH).days
        out = int(np.searchsorted(self._release_days, number, side="right"))
        age = np.maximum(-1, out - 1 - self._release_of_period)  # releases since the first figure; -1 before it
        value = self.final.values.copy()
        if self.name in FIRST_ERROR:
            error = FIRST_ERROR[self.name] * normal(f"first {self.name}", len(value))
            steps = (1.0, 0.5) if self.name in IN_TWO_STEPS else (1.0,)
            for step, share in enumerate(steps):
                value = value + share * error * (age == step)
        if self.name == "PAYEMS":
            value = value - _benchmarks_to_come(self.final.periods, day)
        if self.name in ("CPIAUCSL", "CPILFESL"):
            value = value * _factor_error(self.name, self.final.periods, day, 2, FACTOR_ERROR)
        if self.name == "UNRATE":
            value = value + 100.0 * (_factor_error(self.name, self.final.periods, day, 1, FACTOR_ERROR) - 1.0)
        unit = ROUND_TO.get(self.name, 1.0)
        value = np.round(value / unit, self.final.digits) * unit
        return np.asarray(np.where(age >= 0, value, np.nan))


def _estimates(day: date, month: int) -> int:
    """The year of the newest yearly re-estimation that was out on ``day``: with the release for ``month`` - 1."""
    release = "cpi" if month == 2 else "jobs"
    period = date(day.year - 1, 12, 1) if month == 1 else date(day.year, 1, 1)
    came = released(release, period)
    return day.year if came is not None and came <= day else day.year - 1


def _factor_error(name: str, periods: tuple[date, ...], day: date, month: int, scale: float) -> Floats:
    """By how much the seasonal factors in use on ``day`` are off; none once a period is five estimations old."""
    newest = _estimates(day, month)
    draws = _draws(name)
    rows = [newest if newest - period.year < FACTOR_YEARS else -1 for period in periods]
    return np.array(
        [
            1.0 if row < 0 else 1.0 + scale * float(draws[row - FIRST_ESTIMATE, period.month - 1])
            for row, period in zip(rows, periods, strict=True)
        ]
    )


@lru_cache(8)
def _draws(name: str) -> Floats:
    return normal(f"factors {name}", 30, 12)


def _benchmarks_to_come(periods: tuple[date, ...], day: date) -> Floats:
    """The part of final payrolls that later benchmarks (each February, with January's figure) will bring."""
    sizes = 120.0 * normal("benchmarks", 20)
    missing = np.zeros(len(periods))
    for year in range(2011, 2027):
        came = released("jobs", date(year, 1, 1))
        if came is not None and came > day:
            since = (year - 2) * 12 + 3
            ramp = np.array([min(1.0, max(0.0, (p.year * 12 + p.month - 1 - since) / 12.0)) for p in periods])
            missing += float(sizes[year - 2010]) * ramp
    return missing


def prints(economy: dict[str, Series]) -> dict[str, Prints]:
    """Every statistic as printed, by its FRED id."""
    never = (date(9999, 1, 1) - EPOCH).days
    found = {}
    for name, series in economy.items():
        days = [
            None if (name, period) in NEVER_OBSERVED else released(series.release_id, period)
            for period in series.periods
        ]
        first = np.array([never if day is None else (day - EPOCH).days for day in days], dtype=np.int64)
        found[name] = Prints(name, series, first)
    return found
