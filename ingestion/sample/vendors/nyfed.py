"""The New York Fed: the effective rate as JSON, newest first, and the term premium as an .xls workbook.

Belongs here: both formats; what the rate's percentiles and volume are (they begin in March 2016, as the real ones do); a
premium that follows the ten-year yield slowly and is estimated anew, for its whole history, on the first of each month.
Does not: the rate and the yields, which are the world's own. The rate of a day is public at 9:00 New York of the next bond
day, the premium at 17:00. The real workbook has ten maturities, this one two.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.reply import MONTHS, Reply, epoch, json_reply, text_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.workbooks import XLS, xls
from ingestion.sample.world.clock import Floats, Ints, clock, normal
from ingestion.sample.world.market import World

EFFR_PATH = "/api/rates/unsecured/effr/search.json"
ACM_PATH = "/medialibrary/media/research/data_indicators/ACMTermPremium.xls"
DETAILS_FROM = date(2016, 3, 1)
SLOW = 120  # sessions over which the premium averages the ten-year yield
MOVED = 0.02  # percent, by which a month's estimate differs from another's
VALUES = ("percentRate", "targetRateFrom", "targetRateTo")
DETAILS = ("percentPercentile1", "percentPercentile25", "percentPercentile75", "percentPercentile99")


@lru_cache(4)
def _public_at(hour: int) -> Ints:
    """When the figure of each session is public: at this hour of New York on the next bond day, epoch seconds."""
    days = pl.Series(clock().days, dtype=pl.Date)
    return calendar.at_new_york(calendar.next_bond_day(days), hour).dt.epoch("s").to_numpy().astype(np.int64)


@lru_cache(1)
def _trades() -> tuple[list[float], list[float]]:
    """How far apart the trades of each session lay (percent), and their volume (billions of dollars)."""
    width = np.abs(np.round(normal("EFFR trades", len(clock().days)) * 0.01, 2)) + 0.02
    volume = np.round(95.0 + 12.0 * normal("EFFR volume", len(clock().days)))
    return width.tolist(), volume.tolist()


def _rates(world: World, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The rates of the bond days between ``startDate`` and ``endDate``."""
    first = date.fromisoformat(query.get("startDate") or "2000-07-03")
    last = date.fromisoformat(query.get("endDate") or "2199-12-31")
    public = (_public_at(9) <= epoch(asked_at)).tolist()
    upper = world.observations["DFEDTARU"]
    target = dict(zip(upper.days, upper.values.tolist(), strict=True))
    width, volume = _trades()
    rows = []
    for t, day in enumerate(clock().days):
        if not (public[t] and clock().bond[t] and first <= day <= last):
            continue
        rate = world.expectations.daily[day]
        row = {"effectiveDate": str(day), "type": "EFFR", "percentRate": rate}
        if day >= DETAILS_FROM:
            spread = (-0.02, -0.01, 0.01, 0.01 + width[t])
            row |= {name: round(rate + off, 2) for name, off in zip(DETAILS, spread, strict=True)}
        row |= {"targetRateFrom": target[day] - 0.25, "targetRateTo": target[day]}
        if day >= DETAILS_FROM:
            row["volumeInBillions"] = int(volume[t])
        rows.append({**row, "revisionIndicator": ""})
    return json_reply({"refRates": rows[::-1]})


def _yields(world: World, series: str) -> Floats:
    """A yield by session; a bond holiday repeats the day before, so that an average has no gap."""
    held = world.observations[series]
    by_day = dict(zip(held.days, held.values.tolist(), strict=True))
    found, last = [], 0.0
    for day in clock().days:
        value = by_day.get(day, math.nan)
        last = last if math.isnan(value) else value
        found.append(last)
    return np.array(found)


@lru_cache(4)
def _estimate(
    ten: tuple[float, ...], two: tuple[float, ...], month: int
) -> tuple[list[list[float]], list[list[float]]]:
    """(yield, premium, expected rate) by session, of two and of ten years, as estimated in a month (counted from 0 AD)."""
    shift = MOVED * float(normal(f"ACM {month}", 1)[0])
    found = []
    for values, weight, base in ((np.array(two), 0.12, 0.1), (np.array(ten), 0.45, 0.2)):
        total = np.concatenate([[0.0], np.cumsum(np.array(ten))])
        start = np.maximum(np.arange(len(values)) - SLOW + 1, 0)
        average = (total[1:] - total[start]) / (np.arange(len(values)) - start + 1)
        premium = np.round(weight * (average - 2.0) + base + shift * (1.0 + 0.1 * (average - 2.0)), 6)
        fitted = np.round(values + 0.01, 6)
        found.append([fitted.tolist(), premium.tolist(), np.round(fitted - premium, 6).tolist()])
    return found[0], found[1]


def _premiums(world: World, asked_at: datetime) -> Reply:
    """The workbook as estimated on the first of the month of ``asked_at``, with every day that is public."""
    local = asked_at.astimezone(calendar.NEW_YORK)
    ten, two = (tuple(_yields(world, series).tolist()) for series in ("DGS10", "DGS2"))
    of_two, of_ten = _estimate(ten, two, local.year * 12 + local.month)
    public = (_public_at(17) <= epoch(asked_at)).tolist()
    header = [f"ACM{part}{years:02d}" for part in ("Y", "TP", "RNY") for years in (2, 10)]
    columns = [column for pair in zip(of_two, of_ten, strict=True) for column in pair]
    lines: list[list[str | float | None]] = [["DATE", *header]]
    for t, day in enumerate(clock().days):
        if public[t] and clock().bond[t]:
            lines.append([_day(day), *(column[t] for column in columns)])
    return 200, {"content-type": XLS}, xls("ACM Daily", lines)


def _day(day: date) -> str:
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """Rates or premiums, by path."""
    if path == EFFR_PATH:
        return _rates(world, query, asked_at)
    if path == ACM_PATH:
        return _premiums(world, asked_at)
    return text_reply("Not Found", "text/html", 404)


def table(answer: Reply) -> Table | None:
    """Rates by day, oldest first (the workbook has none: a fault in its values would need to read it)."""
    if not answer[2].startswith(b'{"refRates":[{'):
        return None
    days = json.loads(answer[2])["refRates"][::-1]
    by_day = {row["effectiveDate"]: row for row in days}

    def write(table: Table) -> bytes:
        rows = [
            {**by_day.get(row[0], days[-1]), "effectiveDate": row[0], **dict(zip(VALUES, row[1:], strict=True))}
            for row in table.rows
        ]
        return json_bytes({"refRates": rows[::-1]})

    held: list[list[Cell]] = [[row["effectiveDate"], *(float(row[name]) for name in VALUES)] for row in days]
    return Table(["effectiveDate", *VALUES], held, write)


VENDOR = Vendor(
    hosts=("markets.newyorkfed.org", "www.newyorkfed.org"),
    answer=answer,
    examples={
        f"markets.newyorkfed.org{EFFR_PATH}?startDate=2014-01-02&endDate=2026-01-15": "c694b7ea84e295336f3490884fb1c8ef",
        f"www.newyorkfed.org{ACM_PATH}": "5d6c3ec073a8fe16cc8515b4f42bba70",
    },
    table=table,
    window=("startDate", "endDate"),
)
