"""What is coming in the days after the newest session, again: ``dates_ahead`` from seeds, the calendar and the reports ahead.

Belongs here: which days, at what hour, known how. Does not: who reports when (``earnings``), of which the mart is read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from second.facts import World, micros

NEW_YORK = ZoneInfo("America/New_York")
NAMES = {
    "cpi": "Consumer prices", "jobs": "Payrolls, unemployment and wages", "pce": "Consumption prices and spending",
    "retail": "Retail sales", "claims": "Initial claims for unemployment insurance", "gdp": "Gross domestic product",
}  # fmt: skip
INDICES = {"sp500": "S&P 500", "nasdaq100": "Nasdaq-100", "russell": "Russell indices", "msci": "MSCI indices"}
TIMING = {"bmo": " before the open", "amc": " after the close"}


def _local(day: date, at: time) -> int:
    return micros(datetime.combine(day, at, NEW_YORK).astimezone(UTC))


Found = list[tuple[date, str, str, str, int | None, str, float | None]]
Week = dict[date, dict[str, str]]


def _week(world: World) -> Week:
    """Days after the newest session to the Sunday of the week after, each with its row of the calendar."""
    newest = world.days[-1]
    rows = {row["date"]: row for row in world.seed("calendar")}
    return {day: rows[str(day)] for n in range(1, 15 - newest.isoweekday()) for day in [newest + timedelta(n)]}


def _releases(world: World, week: Week) -> Found:
    found: Found = []
    dated = world.seed("release_dates")
    for name, words in NAMES.items():
        for day in week:
            mine = [r for r in dated if r["release_id"] == name and r["release_date"] == str(day)]
            by = "hindsight" if name != "claims" and any(r["note"] for r in mine) else "listed"
            if mine:
                title = f"{words} of {max(r['obs_period'] for r in mine)}"
                found.append((day, "release", name, title, _local(day, time(8, 30)), by, None))
    told = {r["obs_period"] for r in dated if r["release_id"] == "claims"}
    for day in week:
        period = str(day - timedelta(5))
        if day.isoweekday() == 4 and week[day]["is_session"] == "true" and period not in told:
            title = f"{NAMES['claims']} of {period}"
            found.append((day, "release", "claims", title, _local(day, time(8, 30)), "rule", None))
    return found


def _meetings(world: World, week: Week) -> Found:
    found: Found = []
    for row in world.seed("policy_meetings"):
        day = date.fromisoformat(row["meeting_date"])
        announced = date.fromisoformat(row["announced_on"]) if row["is_scheduled"] == "true" else day
        cancelled = date.fromisoformat(row["cancelled_on"]) if row["cancelled_on"] else date.max
        if day in week and announced <= world.days[-1] < cancelled:
            at = time.fromisoformat(row["statement_time"])
            found.append((day, "fomc", "fomc", "Decision of the central bank", _local(day, at), "listed", None))
    return found


def _reports(world: World, week: Week) -> Found:
    found: Found = []
    names = {r["instrument_id"]: r["name"] for r in world.published("dim_instrument").iter_rows(named=True)}
    for row in world.published("earnings_calendar").filter("is_ahead").iter_rows(named=True):
        if row["report_date"] in week and ((row["index_weight"] or 0) >= 0.005 or row["basket"]):
            name = row["instrument_id"]
            title = f"{names.get(name) or name} reports{TIMING.get(row['timing'], '')}"
            found.append((row["report_date"], "earnings", name, title, None, "expected", row["index_weight"]))
    return found


def _of_the_exchange(week: Week) -> Found:
    assert not any(day.month in (2, 5, 6, 8, 11) for day in week), "Russell and MSCI days are not computed here"
    found: Found = []
    closes = {
        day: micros(datetime.fromisoformat(row["close_at"]).astimezone(UTC))
        for day, row in week.items() if row["is_session"] == "true"
    }  # fmt: skip
    for day, row in week.items():
        before = max((session for session in closes if session <= day), default=None)
        if day.isoweekday() == 5 and 15 <= day.day <= 21 and before:
            found.append((before, "expiry", "options", "Monthly options expire", closes[before], "rule", None))
            for index, months in (("sp500", (3, 6, 9, 12)), ("nasdaq100", (12,))):
                if day.month in months:
                    title = f"{INDICES[index]} change after the close"
                    found.append((before, "rebalance", index, title, closes[before], "rule", None))
        if day.isoweekday() <= 5 and day not in closes:
            found.append((day, "closed", "exchange", "The exchange is shut", None, "listed", None))
        if row["is_half_day"] == "true":
            found.append((day, "half_day", "exchange", "The exchange closes early", closes[day], "listed", None))
    return found


def dates_ahead(world: World) -> pl.DataFrame:
    """The mart."""
    week = _week(world)
    found = _releases(world, week) + _meetings(world, week) + _reports(world, week) + _of_the_exchange(week)
    rows: list[dict[str, Any]] = [
        {
            "event_date": day, "kind": kind, "event_key": key, "title": title, "starts_at": at, "known_by": by,
            "index_weight": weight, "session_date": world.days[-1], "known_at": int(world.snapshots[-1]),
        }
        for day, kind, key, title, at, by, weight in found
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
