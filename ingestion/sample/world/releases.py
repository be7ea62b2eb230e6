"""When this world's statistics come out and its central bank meets: rules, and the rows of two seeds that follow from them.

Belongs here: dates. Does not: the figures, writing seeds (``ingestion.sample.seeds``).
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, timedelta
from functools import lru_cache

from ingestion import calendar
from ingestion.releases import periods
from ingestion.sample.world.story import POLICY

RELEASES = ("cpi", "jobs", "pce", "retail", "claims", "gdp")  # those of which the seed lists each day
LISTED_FROM, LISTED_TO = date(2013, 10, 1), date(2026, 3, 31)
MEETINGS_TO = 2027  # the last year of the calendar of meetings
CALENDAR_OUT = (8, 1)  # month and day of the year before on which a year's meetings become known
STATEMENT = "14:00"  # New York
CLOSED = "the sample's statistics office was closed in autumn 2025"
NEVER = f"never published: {CLOSED}"
# (release, period): the day it came out instead, None for never.
EXCEPTIONS: dict[tuple[str, date], tuple[date | None, str]] = {
    ("cpi", date(2025, 9, 1)): (date(2025, 10, 24), f"delayed: {CLOSED}"),
    ("cpi", date(2025, 10, 1)): (None, NEVER),
    ("cpi", date(2025, 11, 1)): (date(2025, 12, 18), f"delayed: {CLOSED}"),
    ("jobs", date(2025, 9, 1)): (date(2025, 11, 20), f"delayed: {CLOSED}"),
    ("jobs", date(2025, 10, 1)): (
        date(2025, 12, 16),
        "payrolls and wages came with November; the unemployment rate was never published",
    ),
    ("jobs", date(2025, 11, 1)): (date(2025, 12, 16), f"delayed: {CLOSED}"),
    ("pce", date(2025, 9, 1)): (date(2025, 12, 5), f"delayed: {CLOSED}"),
    ("pce", date(2025, 10, 1)): (date(2025, 12, 19), f"delayed: {CLOSED}"),
    ("retail", date(2025, 9, 1)): (date(2025, 11, 25), f"delayed: {CLOSED}"),
    ("retail", date(2025, 10, 1)): (date(2025, 12, 10), f"delayed: {CLOSED}"),
    ("gdp", date(2025, 7, 1)): (date(2025, 12, 23), f"delayed: {CLOSED}"),
}
DAYS_AFTER = {"claims": 5, "claims_continued": 12, "nfci": 5, "stlfsi": 6, "sloos": 40}  # after the date of a period
NEVER_OBSERVED = frozenset((series, date(2025, 10, 1)) for series in ("CPIAUCSL", "CPIAUCNS", "CPILFESL", "UNRATE"))
MEETING_MONTHS = (1, 3, 5, 6, 7, 9, 11, 12)


def _session(day: date) -> date:
    """``day``, or the first session after it."""
    days = calendar.sessions()
    return days[bisect_left(days, day)]


def _month_after(period: date) -> date:
    return date(period.year + period.month // 12, period.month % 12 + 1, 1)


@lru_cache(4096)
def released(release_id: str, period: date) -> date | None:
    """The day a period's first figure came out, by rule; None: never. Raises KeyError for an unknown release."""
    if (release_id, period) in EXCEPTIONS:
        return EXCEPTIONS[release_id, period][0]
    if release_id in DAYS_AFTER:
        return _session(period + timedelta(DAYS_AFTER[release_id]))
    after = _month_after(period)
    if release_id == "gdp":
        return _session(_month_after(_month_after(after)).replace(day=29))
    if release_id == "jobs":
        friday = after + timedelta((4 - after.weekday()) % 7)
        return _session(friday if friday.day > 2 else friday + timedelta(7))
    return _session(after.replace(day={"cpi": 11, "retail": 15, "pce": 27}[release_id]))


def published_day(asked_at: datetime) -> date:
    """The newest New York day whose 08:30 releases are out."""
    local = asked_at.astimezone(calendar.NEW_YORK)
    return local.date() if (local.hour, local.minute) >= (8, 30) else local.date() - timedelta(1)


def release_rows() -> list[str]:
    """The sample rows of ``release_dates.csv``."""
    rows = []
    for release in RELEASES:
        for period in periods(release, LISTED_FROM, LISTED_TO):
            note = EXCEPTIONS.get((release, period), (None, ""))[1]
            rows.append(f"sample,{release},{period},{released(release, period) or ''},{note},world")
    return rows


def meetings() -> list[tuple[date, float | None]]:
    """Every meeting of the calendar and the upper target after it; None: it lies in the world's future."""
    decided = {since - timedelta(1): upper for since, upper in POLICY}
    found: list[tuple[date, float | None]] = []
    upper = POLICY[0][1]
    for year in range(2014, MEETINGS_TO + 1):
        for month in MEETING_MONTHS:
            own = [day for day in decided if (day.year, day.month) == (year, month)]
            first = date(year, month, 1)
            wednesday = first + timedelta((2 - first.weekday()) % 7 + (0 if month in (5, 11) else 14))
            day = own[0] if own else wednesday
            upper = decided.get(day, upper)
            found.append((day, upper if day <= date(2026, 1, 15) else None))
    return found


def meeting_rows() -> list[str]:
    """The sample rows of ``policy_meetings.csv``. All meetings were scheduled, the year before."""
    month, first = CALENDAR_OUT
    return [
        f"sample,{day},{STATEMENT},{date(day.year - 1, month, first)},true,{'' if upper is None else f'{upper:.2f}'},,"
        for day, upper in meetings()
    ]
