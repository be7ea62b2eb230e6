"""FRED's graph CSV: one series, ISO dates, holidays as rows without a value, nothing that is not yet published.

Belongs here: the file and the publication clock of each series. Does not: the values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import calendar
from ingestion.sample.answer import Answer, epoch, text_answer
from ingestion.sample.clock import Ints
from ingestion.sample.world import World

PATH = "/graph/fredgraph.csv"
SAME_DAY_16 = frozenset({"DFEDTARU", "DFEDTARL"})  # all others: 17:00 New York of the next bond day
NOT_FOUND = (
    "<!DOCTYPE html><html><head><title>Error - St. Louis Fed</title></head><body><h1>404 Not Found</h1></body></html>"
)


@lru_cache(16)
def _public_at(days: tuple[date, ...], same_day: bool) -> Ints:
    """When each observation became public, epoch seconds."""
    dates = pl.Series(days, dtype=pl.Date)
    moments = calendar.at_new_york(dates, 16) if same_day else calendar.at_new_york(calendar.next_bond_day(dates), 17)
    return moments.dt.epoch("s").to_numpy().astype(np.int64)


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Answer:
    """The series ``id`` between ``cosd`` and ``coed`` (ISO dates, inclusive, both optional)."""
    series = query.get("id", "").upper()
    held = world.observations.get(series)
    if path != PATH or held is None:
        return text_answer(NOT_FOUND, "text/html", 404)
    first = date.fromisoformat(query["cosd"]) if query.get("cosd") else date.min
    last = date.fromisoformat(query["coed"]) if query.get("coed") else date.max
    public = _public_at(held.days, series in SAME_DAY_16) <= epoch(asked_at)
    lines = [f"observation_date,{series}"]
    for day, value, is_public in zip(held.days, held.values.tolist(), public.tolist(), strict=True):
        if is_public and first <= day <= last:
            lines.append(f"{day}," if math.isnan(value) else f"{day},{value:.2f}")
    status, headers, body = text_answer("\n".join(lines) + "\n", "text/csv")
    return status, {**headers, "content-disposition": f'attachment; filename="{series}.csv"'}, body
