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


def dates_ahead(world: World) -> pl.DataFrame:
    """The mart."""
    newest = world.days[-1]
    week = {newest + timedelta(n): {} for n in range(1, 15 - newest.isoweekday())}  # to the Sunday of the week after
    for row in world.seed("calendar"):
        day = date.fromisoformat(row["date"])
        if day in week:
            week[day] = row
    sessions = [day for day, row in week.items() if row["is_session"] == "true"]
    closes = {day: micros(datetime.fromisoformat(week[day]["close_at"]).astimezone(UTC)) for day in sessions}
    found: list[tuple[date, str, str, str, int | None, str, float | None]] = []

    listed = [r for r in world.seed("release_dates") if r["release_date"]]
    for name, words in NAMES.items():
        for day in week:
            mine = [r for r in listed if r["release_id"] == name and r["release_date"] == str(day)]
            if mine:
                moved = name != "claims" and any(r["note"] for r in mine)
                title = f"{words} of {max(r['obs_period'] for r in mine)}"
                found.append(
                    (day, "release", name, title, _local(day, time(8, 30)), "hindsight" if moved else "listed", None)
                )
    told = {r["obs_period"] for r in world.seed("release_dates") if r["release_id"] == "claims"}
    for day in sessions:
        period = str(day - timedelta(5))
        if day.isoweekday() == 4 and period not in told:
            found.append(
                (day, "release", "claims", f"{NAMES['claims']} of {period}", _local(day, time(8, 30)), "rule", None)
            )

    for row in world.seed("policy_meetings"):
        day = date.fromisoformat(row["meeting_date"])
        announced = date.fromisoformat(row["announced_on"]) if row["is_scheduled"] == "true" else day
        cancelled = date.fromisoformat(row["cancelled_on"]) if row["cancelled_on"] else date.max
        if day in week and announced <= newest < cancelled:
            at = time.fromisoformat(row["statement_time"])
            found.append((day, "fomc", "fomc", "Decision of the central bank", _local(day, at), "listed", None))

    names = {r["instrument_id"]: r["name"] for r in world.published("dim_instrument").iter_rows(named=True)}
    for row in world.published("earnings_calendar").filter("is_ahead").iter_rows(named=True):
        if row["report_date"] in week and ((row["index_weight"] or 0) >= 0.005 or row["basket"]):
            name = row["instrument_id"]
            title = f"{names.get(name) or name} reports{TIMING.get(row['timing'], '')}"
            found.append((row["report_date"], "earnings", name, title, None, "expected", row["index_weight"]))

    for day, row in week.items():
        is_session, before = day in closes, max((s for s in sessions if s <= day), default=None)
        if day.isoweekday() == 5 and 15 <= day.day <= 21 and before:
            found.append((before, "expiry", "options", "Monthly options expire", closes[before], "rule", None))
            for index, months in (("sp500", (3, 6, 9, 12)), ("nasdaq100", (12,))):
                if day.month in months:
                    title = f"{INDICES[index]} change after the close"
                    found.append((before, "rebalance", index, title, closes[before], "rule", None))
        if day.isoweekday() <= 5 and not is_session:
            found.append((day, "closed", "exchange", "The exchange is shut", None, "listed", None))
        if row["is_half_day"] == "true":
            found.append((day, "half_day", "exchange", "The exchange closes early", closes[day], "listed", None))
    assert not any(day.month in (2, 5, 6, 8, 11) for day in week), "Russell and MSCI days are not computed here"
    rows: list[dict[str, Any]] = [
        {
            "event_date": day, "kind": kind, "event_key": key, "title": title, "starts_at": at, "known_by": by,
            "index_weight": weight, "session_date": newest, "known_at": int(world.snapshots[-1]),
        }
        for day, kind, key, title, at, by, weight in found
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
