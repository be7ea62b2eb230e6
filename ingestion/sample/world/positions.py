"""Who is long and short in the index futures of this world, Tuesday by Tuesday.

Belongs here: positions by kind of trader, and when each report came out. Does not: how it is written down (``vendors``).
Asset managers are long and follow the market of a month; leveraged funds take the other side of half of that. The report
is late where the real calendar of publications says so, because this world had the same shutdowns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import calendar, seeds
from ingestion.sample.world.clock import clock, reverting
from ingestion.sample.world.drivers import drivers

# contract: its name, open contracts, net length of asset managers and of leveraged funds as parts of them
CONTRACTS = {
    "13874A": ("E-MINI S&P 500", 2_100_000, 0.36, -0.16),
    "209742": ("NASDAQ MINI", 260_000, 0.24, -0.05),
    "239742": ("RUSSELL E-MINI", 430_000, 0.07, -0.09),
}
GROSS = {"dealer": 0.34, "asset": 0.62, "leveraged": 0.27}  # long and short together, as parts of open contracts
FOLLOWS = 0.8  # net length of asset managers for a month's return of 100 %
MONTH = 21  # sessions


@dataclass(frozen=True)
class Report:
    """One contract on one day: contracts long and short by kind of trader."""

    code: str
    name: str
    day: date
    public_at: int  # epoch seconds
    open_interest: int
    dealer: tuple[int, int]
    asset: tuple[int, int]
    leveraged: tuple[int, int]


def _days() -> list[date]:
    """Tuesdays of the world, or the Monday before where nobody worked."""
    held, day = [], clock().days[0]
    while day <= clock().days[-1]:
        if day.weekday() == 1:
            held.append(day if calendar.is_federal_day(day) else day - timedelta(1))
        day += timedelta(1)
    return held


def _public_at(days: list[date]) -> list[int]:
    """15:30 New York of the third federal working day after, or of the day that is listed."""
    listed = seeds.table("publication_dates").filter(pl.col("dataset") == "cftc_tff")
    late = dict(zip(listed["obs_period"], listed["published_on"], strict=True))
    usual = calendar.federal_days_after(pl.Series(days, dtype=pl.Date), 3).to_list()
    out = pl.Series([late.get(day, by_rule) for day, by_rule in zip(days, usual, strict=True)], dtype=pl.Date)
    return calendar.at_new_york(out, 15, 30).dt.epoch("s").to_list()


@lru_cache(1)
def reports() -> tuple[Report, ...]:
    """All reports, by contract and day."""
    market, days, found = drivers().market, _days(), []
    run = np.cumsum(market)
    month = run - np.concatenate([np.zeros(MONTH), run[:-MONTH]])
    public = _public_at(days)
    for code, (name, contracts, asset, leveraged) in CONTRACTS.items():
        size = len(market)
        luck = {
            kind: np.cumsum(reverting(f"futures {code} {kind}", 0.008, size, 0.98))
            for kind in ("asset", "leveraged", "open")
        }
        nets = {
            "asset": asset + luck["asset"] + FOLLOWS * month,
            "leveraged": leveraged + luck["leveraged"] - 0.5 * FOLLOWS * month,
        }
        nets["dealer"] = -0.8 * (nets["asset"] + nets["leveraged"])
        for day, at in zip(days, public, strict=True):
            t = min(clock().index(day), size - 1)
            held = round(contracts * max(0.5, 1.0 + 2.0 * float(luck["open"][t])))
            sides = {}
            for kind, gross in GROSS.items():
                net = min(gross, max(-gross, float(nets[kind][t])))
                sides[kind] = (round(held * (gross + net) / 2.0), round(held * (gross - net) / 2.0))
            found.append(Report(code, name, day, at, held, sides["dealer"], sides["asset"], sides["leveraged"]))
    return tuple(found)
