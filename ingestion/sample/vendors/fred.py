"""FRED's graph CSV: one series, ISO dates, holidays as rows without a value, nothing that is not yet published.

Belongs here: the file and the publication clock of daily series. Does not: the values, or release days. Released
statistics are at their newest revision; a month that was never published is a row without a value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import csv_answer
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import Ints
from ingestion.sample.world.market import World
from ingestion.sample.world.releases import published_day

PATH = "/graph/fredgraph.csv"
SAME_DAY_16 = frozenset({"DFEDTARU", "DFEDTARL"})
BEHIND = {"THREEFYTP10": "11d"}  # an estimate that comes so much later; all others: 17:00 New York of the next bond day
NOT_FOUND = (
    "<!DOCTYPE html><html><head><title>Error - St. Louis Fed</title></head><body><h1>404 Not Found</h1></body></html>"
)


@lru_cache(32)
def _public_at(days: tuple[date, ...], series: str) -> Ints:
    """When each observation became public, epoch seconds."""
    dates = pl.Series(days, dtype=pl.Date).dt.offset_by(BEHIND.get(series, "0d"))
    is_soon = series in SAME_DAY_16
    moments = calendar.at_new_york(dates, 16) if is_soon else calendar.at_new_york(calendar.next_bond_day(dates), 17)
    return moments.dt.epoch("s").to_numpy().astype(np.int64)


def _daily(world: World, series: str, asked_at: datetime) -> Iterator[tuple[date, str]]:
    held = world.observations[series]
    public = _public_at(held.days, series) <= epoch(asked_at)
    for day, value, is_public in zip(held.days, held.values.tolist(), public.tolist(), strict=True):
        if is_public:
            yield day, "" if math.isnan(value) else f"{value:.2f}"


def _released(world: World, series: str, asked_at: datetime) -> Iterator[tuple[date, str]]:
    held = world.prints[series]
    values = held.on(published_day(asked_at)).tolist()
    last = max((n for n, value in enumerate(values) if not math.isnan(value)), default=-1)
    for day, value in zip(held.final.periods[: last + 1], values, strict=False):
        yield day, "" if math.isnan(value) else f"{value:.{held.final.digits}f}"


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The series ``id`` between ``cosd`` and ``coed`` (ISO dates, inclusive, both optional)."""
    series = query.get("id", "").upper()
    if path != PATH or (series not in world.observations and series not in world.prints):
        return text_reply(NOT_FOUND, "text/html", 404)
    first = date.fromisoformat(query["cosd"]) if query.get("cosd") else date.min
    last = date.fromisoformat(query["coed"]) if query.get("coed") else date.max
    rows = (_daily if series in world.observations else _released)(world, series, asked_at)
    lines = [f"observation_date,{series}", *(f"{day},{value}" for day, value in rows if first <= day <= last)]
    status, headers, body = text_reply("\n".join(lines) + "\n", "text/csv")
    return status, {**headers, "content-disposition": f'attachment; filename="{series}.csv"'}, body


VENDOR = Vendor(
    hosts=("fred.stlouisfed.org",),
    answer=answer,
    examples={
        f"fred.stlouisfed.org{PATH}?id=T10YIE&cosd=2014-01-02&coed=2026-01-15": "848c04c86d6f7bde15c791c7808bd30f",
        f"fred.stlouisfed.org{PATH}?id=GDP": "338b1be744fe0d941a7e605530b780dd",
        f"fred.stlouisfed.org{PATH}?id=NFCI": "d9d07c290fe0fb56239e0970dad51e15",
        f"fred.stlouisfed.org{PATH}?id=THREEFYTP10": "b624bb75b171e290b1fed8e4ef6a7b44",
        f"fred.stlouisfed.org{PATH}?id=CPIAUCSL": "d9ac4b32b66f14c8316ad75cf2541b4e",
    },
    table=csv_answer,
    window=("cosd", "coed"),
    series=lambda path, query: query.get("id", ""),
)
