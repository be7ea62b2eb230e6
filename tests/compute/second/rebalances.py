"""When index funds have to trade: FL06, and its rows of ``events``.

Belongs here: the days of the providers' rules and the sessions they fall on. Does not: flows.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import FRIDAY, monthrange
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ingestion import calendar
from second.facts import World, micros
from second.readings import shaped

NAMES = {"sp500": "S&P 500", "nasdaq100": "Nasdaq-100", "russell": "Russell indices", "msci": "MSCI indices"}
FIRST = date(2013, 1, 1)
NEAR = 2  # sessions


class Change(NamedTuple):
    """One change: the session after whose close it takes effect, its place in the calendar, and whether it was moved."""

    day: date
    place: int
    is_moved: bool


def _friday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((FRIDAY - first.weekday()) % 7 + 7 * (nth - 1))


def _last_weekday(year: int, month: int) -> date:
    day = date(year, month, monthrange(year, month)[1])
    return day - timedelta(max(0, day.weekday() - FRIDAY))


@cache
def changes(world: World) -> dict[str, list[Change]]:
    """All changes inside the calendar, by index."""
    sessions = calendar.sessions()
    listed = {
        (r["index_id"], r["month_from"][:7]): date.fromisoformat(r["event_date"]) for r in world.seed("rebalance_dates")
    }
    found: dict[str, list[Change]] = {name: [] for name in NAMES}
    for year in range(FIRST.year, sessions[-1].year + 1):
        planned = [("sp500", _friday(year, month, 3)) for month in (3, 6, 9, 12)]
        planned += [("nasdaq100", _friday(year, 12, 3)), ("russell", _friday(year, 6, 4))]
        planned += [("russell", _friday(year, 11, 2))] if year >= 2026 else []
        for month in (2, 5, 8, 11):
            planned.append(("msci", listed.get(("msci", f"{year}-{month:02}"), _last_weekday(year, month))))
        for name, day in sorted(planned):
            if day <= sessions[-1]:
                place = bisect_right(sessions, day) - 1
                found[name].append(Change(sessions[place], place, sessions[place] != day))
    return found


def days(world: World) -> pl.DataFrame:
    """FL06 by index."""
    frames = []
    on = np.array([n for n, day in enumerate(world.days) if day > FIRST])
    places = [bisect_right(calendar.sessions(), world.days[n]) - 1 for n in on]
    for name, unsorted in changes(world).items():
        every = sorted(unsorted)
        left = [min((c.day - world.days[n]).days for c in every if c.day >= world.days[n]) for n in on]
        near = [float(any(abs(c.place - place) <= NEAR for c in every)) for place in places]
        for reading_id, value in (("FL06_days", left), ("FL06_window", near)):
            frames.append(shaped(reading_id, name, world, on, value, "OK", 1, 1))
    return pl.concat(frames)


def happened(world: World) -> list[dict[str, Any]]:
    """Changes whose session has closed."""
    rows = []
    for name, every in changes(world).items():
        for change in every:
            close = calendar.close_at(change.day)
            assert close is not None
            if close <= world.as_of:
                moved = ", a session early because of a closure" if change.is_moved else ""
                rows.append(
                    {
                        "event_id": f"rebalance:{name}:{change.day}", "kind": "rebalance", "driver_id": "flows",
                        "title": f"{NAMES[name]} changed after the close{moved}", "is_scheduled": True, "known": micros(close),
                    }
                )  # fmt: skip
    return rows
