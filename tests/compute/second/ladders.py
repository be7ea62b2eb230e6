"""What a ladder of bets says of a number, computed again: probabilities above its levels, and the median.

Belongs here: contracts of one event and evening in, a curve out. Does not: which release or meeting it is about.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from second.facts import World, micros

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
STEP = {
    "KXFED": 0.25,
    "KXCPI": 0.1,
    "KXCPICORE": 0.1,
    "KXCPIYOY": 0.1,
    "KXCPICOREYOY": 0.1,
    "KXU3": 0.1,
    "KXGDP": 0.1,
    "KXPAYROLLS": 1000.0,
}


class Ladder(NamedTuple):
    """Levels with the probability of more, rising and falling; ``median`` is None where it lies outside."""

    series: str
    month: date
    evening: date
    known: int
    curve: list[tuple[float, float]]
    median: float | None


@cache
def ladders(world: World) -> list[Ladder]:
    """Every evening of every event whose ticker names a month, where the rungs can be read."""
    found = []
    # what was told first of an evening
    rows = world.firsts("kalshi_markets").filter(pl.col("series_ticker") != "KXFEDDECISION")
    keys = ["series_ticker", "event_ticker", "observed_on"]
    for (series, event, evening), one in rows.group_by(keys, maintain_order=True):
        named = re.search(r"-(\d\d[A-Z]{3})", str(event))
        if not named:
            continue
        month = date(2000 + int(named[1][:2]), MONTHS.index(named[1][2:]) + 1, 1)
        curve = _curve(one, STEP.get(str(series), 0.0))
        if curve:
            known = max(micros(k) for k in one["known_at"])
            found.append(Ladder(str(series), month, evening, known, curve, _median(curve)))  # type: ignore[arg-type]
    return found


def _curve(one: pl.DataFrame, step: float) -> list[tuple[float, float]]:
    """The nearest falling curve through the middles of bid and ask; empty where there is none, or it crosses itself."""
    rungs: dict[float, list[float]] = {}
    for row in one.iter_rows(named=True):
        kind, strike = row["strike_type"], row["strike"]
        assert kind in ("greater", "greater_or_equal", "less", "less_or_equal"), f"a ladder of the sample has {kind}"
        bid = 0.0 if row["yes_bid"] is None else row["yes_bid"]
        ask = 1.0 if row["yes_ask"] is None else row["yes_ask"]
        price = (bid + ask) / 2 if -1e-12 <= ask - bid <= 0.2 + 1e-12 else row["last_price"]
        if strike is None or price is None:
            continue
        # above x of a figure printed in steps: at least one step more, so the border lies half a step over x
        edge = strike + step / 2 if kind in ("greater", "less_or_equal") else strike - step / 2
        rungs.setdefault(round(edge, 9), []).append(1 - price if kind.startswith("less") else price)
    levels = sorted(rungs)
    if len(levels) < 2:
        return []
    crossing = max(max(rungs[b]) - min(rungs[a]) for i, a in enumerate(levels) for b in levels[i:])
    if crossing > 0.1 + 1e-12:
        return []
    y = [sum(rungs[level]) / len(rungs[level]) for level in levels]
    n = len(y)

    def mean(a: int, b: int) -> float:
        return sum(y[a : b + 1]) / (b - a + 1)

    # the isotonic fit as a formula: the smallest over beginnings of the largest over ends of means
    fitted = [min(max(mean(a, b) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]
    return list(zip(levels, fitted, strict=True))


def _median(curve: list[tuple[float, float]]) -> float | None:
    half = [level for level, above in curve if abs(above - 0.5) < 1e-12]
    if half:
        return (half[0] + half[-1]) / 2
    for (a, pa), (b, pb) in pairwise(curve):
        if pa > 0.5 > pb:
            return a + (pa - 0.5) / (pa - pb) * (b - a)
    return None
