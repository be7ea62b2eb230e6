"""Rally episodes of a price series: the three-state machine UP, DOWN, RALLY (spec RD02).

Belongs here: the state machine and its row-per-close record. Does not: calendars, ratios, labels (those are SQL).

Prices are integer ticks and thresholds whole percents, so a close exactly at a threshold is decided by integers: a
fall of 5 % is ``100 * price <= 95 * high``. The machine is causal: row t depends on closes up to t only.

    UP    : running high. A close fall_pct below it -> DOWN, with that high as the peak.
    DOWN  : running low. A close rise_pct above it, or at the peak -> RALLY: an episode opens, its trough is that low.
    RALLY : running high since the trough; the first close at or above the peak is the recovery. The episode ends
            below the trough ('failed'), fall_pct below its high once recovered ('completed'), or fade_pct below its
            high without recovery ('faded'). All three lead to DOWN; after 'failed' the old peak stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

State = Literal["UP", "DOWN", "RALLY"]

SCHEMA: dict[str, pl.DataType] = {
    "state": pl.String(),
    "peak": pl.Int64(),
    "fall_confirmed": pl.Int64(),
    "low": pl.Int64(),
    "up_confirmed": pl.Int64(),
    "recovered": pl.Int64(),
    "high": pl.Int64(),
    "ended": pl.Int64(),
    "end_kind": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Whole percents: ``fall`` starts a decline, ``rise`` confirms a rally, ``fade`` ends an unrecovered one."""

    fall: int
    rise: int
    fade: int

    def __post_init__(self) -> None:
        """Raises ValueError unless 0 < fall <= fade < 100 and rise > 0."""
        if not (0 < self.fall <= self.fade < 100 and self.rise > 0):
            raise ValueError(f"rally rule {self}: needs 0 < fall <= fade < 100 and rise > 0")


@dataclass(slots=True)
class _Machine:
    """What is remembered between closes; every field but ``state`` is an index into the closes."""

    state: State = "UP"
    peak: int = 0
    fall_confirmed: int | None = None
    low: int | None = None
    up_confirmed: int | None = None
    recovered: int | None = None
    high: int | None = None

    def fall(self, t: int, peak: int, confirmed: int | None) -> None:
        """Enter DOWN at ``t`` from ``peak``."""
        self.state, self.peak, self.fall_confirmed, self.low = "DOWN", peak, confirmed, t
        self.up_confirmed = self.recovered = self.high = None


def states(ticks: NDArray[np.int64], rule: Rule) -> pl.DataFrame:
    """One row per close: the state after it and the indices that define it.

    ``ticks``: closes as positive integers, oldest first. Columns: ``state``; ``peak`` (running high in UP, the high
    before the fall otherwise), ``fall_confirmed``, ``low`` (running low in DOWN, the trough in RALLY),
    ``up_confirmed``, ``recovered``, ``high`` (null where they do not apply); ``ended`` (``up_confirmed`` of the episode
    that ends on this row) and ``end_kind``. Raises ValueError on no closes or a price that is not positive.
    """
    if ticks.size == 0 or int(ticks.min()) <= 0:
        raise ValueError(f"rally states need at least one close and only positive ones; got {ticks.size} closes")
    price = [int(value) for value in ticks]  # Python integers: 100 * price cannot overflow
    machine = _Machine()
    rows: list[tuple[object, ...]] = []
    for t, p in enumerate(price):
        ended, end_kind = _step(machine, price, t, p, rule)
        m = machine
        rows.append((m.state, m.peak, m.fall_confirmed, m.low, m.up_confirmed, m.recovered, m.high, ended, end_kind))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _step(m: _Machine, price: list[int], t: int, p: int, rule: Rule) -> tuple[int | None, str | None]:
    """Advance the machine by one close; returns the episode that ended here (its up_confirmed) and how."""
    if m.state == "UP":
        if p > price[m.peak]:
            m.peak = t
        elif 100 * p <= (100 - rule.fall) * price[m.peak]:
            m.fall(t, m.peak, t)
        return None, None
    assert m.low is not None
    if m.state == "DOWN":
        if p < price[m.low]:
            m.low = t
        elif 100 * p >= (100 + rule.rise) * price[m.low] or p >= price[m.peak]:
            m.state, m.up_confirmed, m.high = "RALLY", t, t
            m.recovered = t if p >= price[m.peak] else None
        return None, None
    assert m.high is not None
    if p > price[m.high]:
        m.high = t
    if m.recovered is None and p >= price[m.peak]:
        m.recovered = t
    episode = m.up_confirmed
    if p < price[m.low]:
        m.fall(t, m.peak, m.fall_confirmed)
        return episode, "failed"
    kind, limit = ("faded", rule.fade) if m.recovered is None else ("completed", rule.fall)
    if 100 * p <= (100 - limit) * price[m.high]:
        m.fall(t, m.high, t)
        return episode, kind
    return None, None


@dataclass(frozen=True, slots=True)
class Episode:
    """One rally; the numbers are indices into the closes. ``ended`` and ``kind`` are None while it runs."""

    peak: int
    low: int
    up_confirmed: int
    high: int
    recovered: int | None
    ended: int | None
    kind: str | None


def episodes(ticks: NDArray[np.int64], rule: Rule) -> list[Episode]:  # noqa: PLR0912 one branch per line of the table above
    """The rallies of a path, oldest first: what ``states`` says on their last rows, without a row per close.

    For many long paths, where only what came of them counts. Raises ValueError as ``states`` does.
    """
    if ticks.size == 0 or int(ticks.min()) <= 0:
        raise ValueError(f"rally episodes need at least one close and only positive ones; got {ticks.size} closes")
    price = ticks.tolist()
    down, up, fade = (100 - rule.fall) / 100, (100 + rule.rise) / 100, (100 - rule.fade) / 100
    found: list[Episode] = []
    state, peak, low, opened, high, recovered = 0, 0, 0, 0, 0, -1
    top = bottom = limit = price[0]
    for t, p in enumerate(price):
        # a threshold of a float tells which closes are worth the exact question, asked in integers as above
        if state == 0:  # UP
            if p > top:
                peak, top = t, p
            elif p <= top * down + 1 and 100 * p <= (100 - rule.fall) * top:
                state, low, bottom = 1, t, p
        elif state == 1:  # DOWN
            if p < bottom:
                low, bottom = t, p
            elif p >= top or (p >= bottom * up - 1 and 100 * p >= (100 + rule.rise) * bottom):
                state, opened, high, limit, recovered = 2, t, t, p, t if p >= top else -1
        else:  # RALLY
            if p > limit:
                high, limit = t, p
            if recovered < 0 and p >= top:
                recovered = t
            kind = None
            if p < bottom:
                kind = "failed"
            elif recovered >= 0:
                if p <= limit * down + 1 and 100 * p <= (100 - rule.fall) * limit:
                    kind = "completed"
            elif p <= limit * fade + 1 and 100 * p <= (100 - rule.fade) * limit:
                kind = "faded"
            if kind is not None:
                found.append(Episode(peak, low, opened, high, recovered if recovered >= 0 else None, t, kind))
                state, low, bottom = 1, t, p
                if kind != "failed":
                    peak, top = high, limit
    if state == 2:
        found.append(Episode(peak, low, opened, high, recovered if recovered >= 0 else None, None, None))
    return found
