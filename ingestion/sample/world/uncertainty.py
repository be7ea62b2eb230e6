"""How much this world's newspapers write of danger and of doubt about policy: two indices of made-up counts, day by day.

Belongs here: a value per day and index, the shocks it remembers, what a later count makes of a recent day, and months of
both. Does not: the vendors' files, or prices (no price here answers these shocks). An index stands around its mean; a shock lifts it for
some weeks and fades by ``FADES`` a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from ingestion.sample.world.clock import LAST, Floats, normal, reverting

FROM = date(2005, 1, 1)
FADES = 0.95  # share of a shock that is left a day later
POLICY_SHOCKS = (
    (date(2008, 9, 15), 2.4), (date(2011, 8, 1), 1.9), (date(2016, 6, 20), 2.2), (date(2018, 1, 31), 1.5),
    (date(2020, 3, 2), 3.0), (date(2022, 2, 23), 1.3), (date(2025, 10, 20), 2.1),
)  # fmt: skip
DANGER_SHOCKS = (
    (date(2005, 7, 7), 2.0), (date(2014, 3, 3), 1.8), (date(2015, 11, 14), 2.2), (date(2017, 4, 7), 1.4),
    (date(2020, 1, 4), 2.0), (date(2022, 2, 24), 3.4), (date(2025, 6, 14), 2.0), (date(2026, 1, 5), 2.3),
)  # fmt: skip


@dataclass(frozen=True)
class Index:
    """One value per day from FROM on; ``later`` is what a later count makes of it."""

    days: tuple[date, ...]
    first: Floats
    later: Floats


def _index(name: str, mean: float, shocks: tuple[tuple[date, float], ...], noise: float) -> Index:
    days = tuple(FROM + timedelta(n) for n in range((LAST - FROM).days + 1))
    lift, left, sizes = np.zeros(len(days)), 0.0, dict(shocks)
    for n, day in enumerate(days):
        left = left * FADES + sizes.get(day, 0.0)
        lift[n] = left
    around = np.cumsum(reverting(f"{name} mood", 0.02, len(days), 0.99)) + noise * normal(f"{name} day", len(days))
    first = np.round(np.maximum(mean * (1.0 + around + lift), 1.0), 2)
    again = np.round(np.maximum(first * (1.0 + 0.05 * normal(f"{name} again", len(days))), 1.0), 2)
    return Index(days, np.asarray(first, dtype=np.float64), np.asarray(again, dtype=np.float64))


@dataclass(frozen=True)
class Months:
    """One value per month from FROM on, by name; the last month is whole."""

    firsts: tuple[date, ...]
    values: dict[str, tuple[float, ...]]


KINDS = (
    "overall", "monetary", "fiscal", "taxes", "spending", "health_care", "security", "entitlements", "regulation",
    "financial_regulation", "trade", "debt",
)  # fmt: skip


def _means(index: Index) -> tuple[tuple[date, ...], list[float]]:
    """First days and means of the months that are whole."""
    sums: dict[date, list[float]] = {}
    for day, value in zip(index.days, index.later.tolist(), strict=True):
        sums.setdefault(day.replace(day=1), []).append(value)
    if (LAST + timedelta(1)).day != 1:
        sums.pop(LAST.replace(day=1))
    return tuple(sums), [sum(values) / len(values) for values in sums.values()]


@lru_cache(1)
def policy_months() -> Months:
    """Doubt about each kind of policy: the mean of the month, and a mood of its own."""
    firsts, means = _means(policy())
    luck = np.cumsum(
        np.stack([reverting(f"policy kind {kind}", 0.25, len(firsts), 0.8) for kind in KINDS]), axis=1
    ).tolist()
    values = {
        kind: tuple(round(max(0.0, mean * (1.0 + mood)), 6) for mean, mood in zip(means, moods, strict=True))
        for kind, moods in zip(KINDS, luck, strict=True)
    }
    return Months(firsts, values)


@lru_cache(1)
def danger_months() -> Months:
    """Danger between states by month, and its two views."""
    firsts, means = _means(danger())
    luck = normal("danger month", len(firsts)).tolist()
    acts = [mean * (1.0 + 0.1 * shift) for mean, shift in zip(means, luck, strict=True)]
    values = {
        "GPR": tuple(round(mean, 6) for mean in means),
        "GPRA": tuple(round(act, 6) for act in acts),
        "GPRT": tuple(round(2.0 * mean - act, 6) for mean, act in zip(means, acts, strict=True)),
    }
    return Months(firsts, values)


@lru_cache(1)
def policy() -> Index:
    """Doubt about policy; a day is counted again until the month after it is over."""
    return _index("policy uncertainty", 110.0, POLICY_SHOCKS, 0.28)


@lru_cache(1)
def danger() -> Index:
    """Danger between states, of which acts and threats are two views."""
    return _index("danger", 100.0, DANGER_SHOCKS, 0.22)
