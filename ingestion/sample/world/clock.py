"""The world's days and dice: which sessions exist, when they open and close, and named random streams.

Belongs here: time axes as arrays and random numbers that are the same bytes on every machine. Does not: any price.
Draws are rounded, and everywhere in this package only + - * / and sqrt touch them: unlike exp, log or a matrix product
these do not depend on the processor, so neither does the world.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from ingestion import calendar

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEED = 117
FIRST, LAST = date(2014, 1, 2), date(2026, 1, 15)
SAMPLE_NOW = datetime(2026, 1, 16, 1, 0, tzinfo=UTC)  # 20:00 New York of LAST: the moment its row is judged
# When vendors of this world changed what they had said of the past: answers before and after differ (each says how).
REWRITTEN_AT = datetime(2025, 12, 3, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Clock:
    """The sessions FIRST … LAST. Arrays have one element per session; moments are epoch seconds (UTC)."""

    days: tuple[date, ...]
    open_at: Ints  # 09:30 New York
    close_at: Ints
    midnight: Ints  # 00:00 New York: how futures bars are stamped
    half: Flags  # 13:00 close
    bond: Flags  # the Treasury publishes a curve

    def index(self, day: date) -> int:
        """The position of the first session on or after ``day``."""
        return bisect_left(self.days, day)


def _epoch(moments: pl.Series) -> Ints:
    return moments.dt.epoch("s").to_numpy().astype(np.int64)


@lru_cache(1)
def clock() -> Clock:
    """The time axis, from the calendar seed."""
    table = calendar.table().filter("is_session", pl.col("date").is_between(FIRST, LAST))
    days = table["date"]
    return Clock(
        days=tuple(days.to_list()),
        open_at=_epoch(calendar.at_new_york(days, 9, 30)),
        close_at=_epoch(table["close_at"]),
        midnight=_epoch(calendar.at_new_york(days, 0)),
        half=table["is_half_day"].to_numpy(),
        bond=table["is_bond_day"].to_numpy(),
    )


def normal(name: str, *shape: int) -> Floats:
    """Standard normal draws of the stream ``name``; a new stream never moves the draws of another."""
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([SEED, *name.encode()])))
    return np.round(generator.standard_normal(shape), 4)


def reverting(name: str, scale: Floats | float, size: int, keep: float) -> Floats:
    """Daily changes of a level that reverts to zero: it keeps ``keep`` of itself a day, plus a shock of ``scale``."""
    shocks: Sequence[float] = (normal(name, size) * scale).tolist()
    level, levels = 0.0, [0.0]
    for shock in shocks[1:]:
        level = keep * level + shock
        levels.append(level)
    return np.diff(np.array(levels), prepend=0.0)
