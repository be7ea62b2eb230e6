"""The Treasury's yield curves as CSV: quoted tenors, US dates, newest day first, no row on a bond holiday.

Belongs here: the file of a year or of all years, the columns that were added over time, tenors between those of the
world. Does not: the yields, which are the world's own, so that the Treasury and FRED agree to the last digit. A curve is
public at 17:30 New York of its day. One holiday is listed with every field blank, as the real vendor lists one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

import numpy as np

from ingestion import calendar
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Table, csv_table
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import Floats, clock
from ingestion.sample.world.market import World, world

PATH = re.compile(r"/resource-center/data-chart-center/interest-rates/daily-treasury-rates\.csv/(\d{4}|all)/all")
NOT_FOUND = "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"
# (header, months, FRED id, first day of the column)
Tenor = tuple[str, float, str, date]
_ALWAYS = date(1990, 1, 2)
PAR: Sequence[Tenor] = (
    ("1 Mo", 1.0, "DGS1MO", _ALWAYS),
    ("1.5 Month", 1.5, "", date(2025, 2, 18)),
    ("2 Mo", 2.0, "", date(2018, 10, 16)),
    ("3 Mo", 3.0, "DGS3MO", _ALWAYS),
    ("4 Mo", 4.0, "", date(2022, 10, 19)),
    ("6 Mo", 6.0, "DGS6MO", _ALWAYS),
    ("1 Yr", 12.0, "DGS1", _ALWAYS),
    ("2 Yr", 24.0, "DGS2", _ALWAYS),
    ("3 Yr", 36.0, "DGS3", _ALWAYS),
    ("5 Yr", 60.0, "DGS5", _ALWAYS),
    ("7 Yr", 84.0, "DGS7", _ALWAYS),
    ("10 Yr", 120.0, "DGS10", _ALWAYS),
    ("20 Yr", 240.0, "DGS20", _ALWAYS),
    ("30 Yr", 360.0, "DGS30", _ALWAYS),
)
REAL: Sequence[Tenor] = (
    ("5 YR", 60.0, "DFII5", _ALWAYS),
    ("7 YR", 84.0, "DFII7", _ALWAYS),
    ("10 YR", 120.0, "DFII10", _ALWAYS),
    ("20 YR", 240.0, "DFII20", _ALWAYS),
    ("30 YR", 360.0, "DFII30", _ALWAYS),
)
CURVES = {"daily_treasury_yield_curve": PAR, "daily_treasury_real_yield_curve": REAL}
SHARE = 0.6  # of the slope of the nominal curve, in the real one
BLANK = date(2016, 10, 10)  # a bond holiday that is listed all the same


def _held(market: World, series: str) -> Floats | None:
    """A yield of the world on its sessions, NaN on bond holidays; None where the world has no such series."""
    if series not in market.observations:
        return None
    held = market.observations[series]
    by_day = dict(zip(held.days, held.values.tolist(), strict=True))
    return np.array([by_day.get(day, math.nan) for day in clock().days])


def _between(months: float, knots: Mapping[float, Floats]) -> Floats:
    """The yield of a tenor on the straight line between those beside it; beyond the ends that of the end."""
    below = max((at for at in knots if at <= months), default=min(knots))
    above = min((at for at in knots if at >= months), default=max(knots))
    if below == above:
        return knots[below]
    return knots[below] + (knots[above] - knots[below]) * ((months - below) / (above - below))


@lru_cache(2)
def _curve(name: str) -> dict[str, list[float]]:
    """Each column of a curve by session, percent, two decimals."""
    market = world()
    own = {months: held for _, months, series, _ in PAR if (held := _held(market, series)) is not None}
    nominal = {months: _between(months, own) for _, months, _, _ in PAR}
    if CURVES[name] is PAR:
        columns = {header: nominal[months] for header, months, _, _ in PAR}
    else:
        ten = _held(market, "DFII10")
        assert ten is not None
        columns = {}
        for header, months, series, _ in REAL:
            held = _held(market, series)
            columns[header] = ten + SHARE * (nominal[months] - nominal[120.0]) if held is None else held
    return {header: np.round(values, 2).tolist() for header, values in columns.items()}


@lru_cache(1)
def _public_at() -> list[int]:
    """17:30 New York of each session, epoch seconds."""
    return [int(at) + 17 * 3600 + 1800 for at in clock().midnight.tolist()]


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The curve ``type`` of the year in the path, or of all years; a header alone where nothing is public yet."""
    named, tenors = PATH.fullmatch(path), CURVES.get(query.get("type", ""))
    if named is None or tenors is None:
        return text_reply(NOT_FOUND, "text/html", 404)
    now, today = epoch(asked_at), asked_at.astimezone(calendar.NEW_YORK).date()
    shown = [header for header, _, _, since in tenors if since <= today]
    since = {header: first for header, _, _, first in tenors}
    columns = [(header, _curve(query["type"])[header]) for header in shown]
    first = columns[0][1]
    lines = []
    for t, (day, public) in enumerate(zip(clock().days, _public_at(), strict=True)):
        if public > now or (named[1] != "all" and day.year != int(named[1])):
            continue
        if not math.isnan(first[t]):
            cells = (f"{values[t]:.2f}" if since[header] <= day else "" for header, values in columns)
            lines.append(f"{day.month:02d}/{day.day:02d}/{day.year}," + ",".join(cells))
        elif day == BLANK:
            lines.append(f"{day.month:02d}/{day.day:02d}/{day.year}" + "," * len(columns))
    header = "Date," + ",".join(f'"{name}"' for name in shown)
    return text_reply("\n".join([header, *lines[::-1]]), "text/csv")


def table(answer: Reply) -> Table | None:
    """The rows of a file, oldest first."""
    if not answer[2].startswith(b"Date,"):
        return None
    held = csv_table(answer[2], "%m/%d/%Y")
    if held is None:
        return None
    write = held.write
    held.columns = [name.strip('"') for name in held.columns]
    held.rows.reverse()

    def newest_first(table: Table) -> bytes:
        return write(Table(table.columns, table.rows[::-1], write)).removesuffix(b"\n")

    held.write = newest_first
    return held


VENDOR = Vendor(
    hosts=("home.treasury.gov",),
    answer=answer,
    examples={
        "home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/all/all"
        "?type=daily_treasury_yield_curve": "4861b8804b077b70bf10ce0af809fabb",
        "home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/2025/all"
        "?type=daily_treasury_real_yield_curve": "c247dfff57d9e2ba3379ed63d5645c2b",
    },
    table=table,
    series=lambda path, query: query.get("type", ""),
)
