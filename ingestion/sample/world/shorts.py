"""Short positions of the companies, twice a month, as they were reported.

Belongs here: how many shares of each company are sold short at a settlement day, the mean volume since the one before, the
day it was told, and what was corrected afterwards. Does not: how it is written down (``vendors``). Positions start as the
company's own part of its shares; they shrink with the short-covering driver, so a rally on covering has falling positions
in it, and are slowly built up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.world.clock import Floats, clock, normal
from ingestion.sample.world.directory import COMPANIES, Company
from ingestion.sample.world.drivers import drivers
from ingestion.sample.world.payouts import share_factor

if TYPE_CHECKING:
    from ingestion.sample.world.market import World

COVERED = 4.0  # part of the positions that is closed when covering lifts the market by 100 %
REBUILT = 0.005  # part of what was closed that is opened again in a session
LEAST = 0.15  # of the first position
OWN = 0.05  # how far companies differ by luck
BUSINESS_DAYS, HOUR = 8, 18  # from settlement to the file, New York
# A position that a member firm had reported wrong, corrected some sessions after the file: the part it had told.
CORRECTED = {("PTRQ", date(2025, 12, 15)): 0.8}
CORRECTED_AFTER = 6  # sessions


@dataclass(frozen=True)
class Position:
    """Short interest of one company at one settlement day; counts in shares of that day, not restated for splits."""

    company: Company
    symbol: str  # on the day, in Yahoo's spelling
    settled: date
    shares: int
    before: int  # at the settlement day before
    volume: int  # mean of the sessions since then
    is_split: bool
    is_corrected: bool


@lru_cache(1)
def settlements() -> tuple[date, ...]:
    """The settlement days of the world, ascending."""
    return tuple(calendar.settlement_days(clock().days[0], clock().days[-1]))


def public_at(day: date) -> int:
    """When the file of a settlement day came out, epoch seconds."""
    out = calendar.at_new_york(calendar.bond_days_after(pl.Series([day], dtype=pl.Date), BUSINESS_DAYS), HOUR)
    return int(out.dt.epoch("s").item())


@lru_cache(1)
def open_positions() -> Floats:
    """What is left of the first positions after each session, the same for all companies."""
    covering, left, found = drivers().returns["short_covering"].tolist(), 1.0, []
    for change in covering:
        left = max(LEAST, left + REBUILT * (1.0 - left) - COVERED * max(0.0, change) * left)
        found.append(left)
    return np.array(found)


def _corrected_at(day: date) -> int:
    public = datetime.fromtimestamp(public_at(day), calendar.NEW_YORK).date()
    return int(clock().close_at[clock().index(public) + CORRECTED_AFTER])


def reported(market: World, day: date, moment: int) -> list[Position]:
    """The positions of a settlement day as told at ``moment`` (epoch seconds), by company; empty before they were public."""
    days = settlements()
    if day not in days or moment < public_at(day):
        return []
    at = days.index(day)
    t, since = clock().index(day), clock().index(days[at - 1]) if at else -1
    left, luck = open_positions(), normal("shorts", len(days), len(COMPANIES))
    found = []
    for n, company in enumerate(COMPANIES):
        bars = market.bars[company.key]
        end = bars.start + len(bars.close)
        if not bars.start <= t < end:
            continue
        factor = share_factor(company)

        def held(k: int, session: int, company: Company = company, n: int = n, factor: Floats = factor) -> int:
            part = company.short_interest * float(left[session]) * (1.0 + OWN * float(luck[k, n]))
            return round(company.shares * 1e6 * float(factor[session]) * part)

        told = CORRECTED.get((company.key, day), 1.0)
        is_corrected = told != 1.0 and moment >= _corrected_at(day)
        shares = held(at, t)
        traded = bars.volume[max(0, since + 1 - bars.start) : t + 1 - bars.start]
        found.append(
            Position(
                company,
                company.symbol_on(day),
                day,
                shares if told == 1.0 or is_corrected else round(shares * told),
                held(at - 1, since) if since >= bars.start else 0,
                round(float(traded.sum()) / len(traded)),
                bool(since >= 0 and factor[t] != factor[since]),
                is_corrected,
            )
        )
    return found
