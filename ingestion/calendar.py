"""Sessions, bond days and publication moments. Reads the generated seed ``calendar.csv``; computes no calendar at run time.

Belongs here: New York clock arithmetic and the lag rules that turn an observation date into the moment it was public.
Does not: anything about a vendor. ``python -m ingestion.calendar`` regenerates the seed (needs exchange-calendars).

Source of the facts: exchange_calendars XNYS for sessions and half days (13:00 close); bond days are sessions without
Columbus Day and Veterans Day, on which the Treasury publishes no curve.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

NEW_YORK = ZoneInfo("America/New_York")
SEED = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds" / "calendar.csv"
SNAPSHOT = time(20, 0)  # New York time at which a session's row is judged: after the close, H.15 and Treasury


@lru_cache(1)
def table() -> pl.DataFrame:
    """The seed: date, is_session, is_half_day, is_bond_day, close_at (UTC, sessions only), snapshot_at (UTC)."""
    return pl.read_csv(
        SEED,
        schema={
            "date": pl.Date,
            "is_session": pl.Boolean,
            "is_half_day": pl.Boolean,
            "is_bond_day": pl.Boolean,
            "close_at": pl.String,
            "snapshot_at": pl.String,
        },
    ).with_columns(
        pl.col("close_at", "snapshot_at")
        .str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us")
        .dt.replace_time_zone("UTC")
    )


@lru_cache(1)
def sessions() -> tuple[date, ...]:
    """All exchange sessions of the seed, ascending."""
    return tuple(table().filter("is_session")["date"].to_list())


def snapshot_at(day: date) -> datetime:
    """20:00 New York on ``day``, as UTC."""
    return datetime.combine(day, SNAPSHOT, NEW_YORK).astimezone(UTC)


@lru_cache(1)
def _closes() -> dict[date, datetime]:
    held = table().filter("is_session")
    return dict(zip(held["date"], held["close_at"], strict=True))


def close_at(day: date) -> datetime | None:
    """The moment (UTC) a session closes; None for a day that is none."""
    return _closes().get(day)


@lru_cache(1)
def _snapshots() -> tuple[tuple[datetime, ...], datetime]:
    """The snapshots of all sessions, ascending, and that of the seed's last day."""
    return tuple(table().filter("is_session")["snapshot_at"].to_list()), table()["snapshot_at"][-1]


def last_snapshot(now: datetime) -> datetime:
    """The newest session snapshot that is not after ``now`` (UTC). Raises ValueError outside the seed's range."""
    moments, end = _snapshots()
    passed = bisect_right(moments, now)
    if not passed or now > end:
        raise ValueError(
            f"{now.isoformat()} lies outside the calendar seed ({SEED.name}); regenerate it: python -m ingestion.calendar"
        )
    return moments[passed - 1]


def at_new_york(days: pl.Series, hour: int, minute: int = 0) -> pl.Series:
    """A Date series as the UTC moment of that New York wall-clock time (Datetime us, UTC)."""
    return (
        days.cast(pl.Datetime("us"))
        .dt.offset_by(f"{hour}h{minute}m")
        .dt.replace_time_zone("America/New_York")
        .dt.convert_time_zone("UTC")
    )


def _next(days: pl.Series, open_days: pl.Series, strictly: bool) -> pl.Series:
    """For each date the first open day after it (or on it, if not ``strictly``). Raises ValueError past the seed."""
    want = days.dt.offset_by("1d") if strictly else days
    frame = pl.DataFrame({"want": want}).with_row_index("i").sort("want")
    found = frame.join_asof(
        pl.DataFrame({"open": open_days.sort()}), left_on="want", right_on="open", strategy="forward"
    ).sort("i")["open"]
    if found.null_count() > want.null_count():
        raise ValueError(
            f"a date lies beyond the calendar seed ({open_days[-1]}); regenerate it: python -m ingestion.calendar"
        )
    return found


def next_bond_day(days: pl.Series) -> pl.Series:
    """The first day after each date on which the bond market (and so H.15) is open."""
    return _next(days, table().filter("is_bond_day")["date"], strictly=True)


def next_session(days: pl.Series) -> pl.Series:
    """The first exchange session after each date."""
    return _next(days, table().filter("is_session")["date"], strictly=True)


@lru_cache(1)
def _bond_days() -> pl.Series:
    return table().filter("is_bond_day")["date"].sort()


def bond_days_after(days: pl.Series, count: int) -> pl.Series:
    """The bond day that is the ``count``-th after each date. Raises ValueError past the seed."""
    found = days
    for _ in range(count):
        found = _next(found, _bond_days(), strictly=True)
    return found.alias(days.name)


def settlement_days(first: date, last: date) -> list[date]:
    """The days from ``first`` to ``last`` whose short positions are reported, ascending: of each month the last bond day that is
    not after the 15th, and the last one of all.
    """
    ends: dict[tuple[int, int, bool], date] = {}
    for day in _bond_days().filter(_bond_days() <= last.replace(day=1) + timedelta(62)).to_list():
        for is_end in (False, True):
            if is_end or day.day <= 15:
                ends[(day.year, day.month, is_end)] = day
    return sorted(day for day in ends.values() if first <= day <= last)


def known_at_snapshot(days: pl.Series) -> pl.Series:
    """Lag rule of end-of-day market data (spec S01): 20:00 New York of the session itself."""
    return at_new_york(days, 20)


# Days without a holiday on which federal offices in Washington were shut: mourning, a storm, an inauguration, Fridays and
# eves given by executive order. A report that is late by one of them counts late here, never early.
FEDERAL_CLOSURES = frozenset(
    map(
        date.fromisoformat,
        (
            *("2007-01-02", "2007-12-24", "2008-12-26", "2009-01-20", "2012-10-29", "2012-10-30", "2012-12-24"),
            *("2014-12-26", "2017-01-20", "2018-12-05", "2018-12-24", "2019-12-24", "2020-12-24", "2021-01-20"),
            *("2024-12-24", "2025-01-09", "2025-12-24", "2025-12-26"),
        ),
    )
)
_FIXED = ((1, 1), (7, 4), (11, 11), (12, 25))
_NTH_WEEKDAY = ((1, 0, 3), (2, 0, 3), (9, 0, 1), (10, 0, 2), (11, 3, 4))  # month, weekday (Monday 0), which one


def is_federal_day(day: date) -> bool:
    """Whether federal offices work: no weekend, no holiday (kept on Friday or Monday where it falls on a weekend), no closure."""
    if day.weekday() >= 5 or day in FEDERAL_CLOSURES:
        return False
    for kept in (
        day,
        *([day + timedelta(1)] if day.weekday() == 4 else [day - timedelta(1)] if day.weekday() == 0 else []),
    ):
        if (kept.month, kept.day) in _FIXED or (kept.year >= 2021 and (kept.month, kept.day) == (6, 19)):
            return False
    nth = (day.month, day.weekday(), (day.day + 6) // 7)
    return nth not in _NTH_WEEKDAY and not (day.month == 5 and day.weekday() == 0 and day.day > 24)


def federal_days_after(days: pl.Series, count: int) -> pl.Series:
    """The working day of the federal government that is the ``count``-th after each date. Needs no horizon."""
    found = {}
    for day in days.unique().to_list():
        at, left = day, count
        while left:
            at += timedelta(1)
            left -= is_federal_day(at)
        found[day] = at
    return pl.Series(days.name, [found[day] for day in days.to_list()], dtype=pl.Date)


def is_bond_holiday(day: date) -> bool:
    """Whether the bond market rests although the exchange may be open: Columbus Day, Veterans Day, and until 1997 Martin
    Luther King's day, which the exchange keeps since 1998.

    A Veterans Day on a Sunday is kept on Monday; on a Saturday the Friday stays open.
    """
    columbus = day.month == 10 and day.weekday() == 0 and 8 <= day.day <= 14
    veterans = (day.month, day.day) == (11, 11) or (day.weekday() == 0 and (day.month, day.day) == (11, 12))
    king = day.year < 1998 and day.month == 1 and day.weekday() == 0 and 15 <= day.day <= 21
    return columbus or veterans or king


def _generate() -> str:
    """The seed's text, from exchange_calendars. 1990 to the horizon that library knows (about a year ahead)."""
    import exchange_calendars  # 9 s on a cold machine, so never at run time

    xnys = exchange_calendars.get_calendar("XNYS", start="1990-01-02")
    opened = {stamp.date(): close for stamp, close in xnys.closes.items()}
    first, last = min(opened), max(opened)
    lines = ["date,is_session,is_half_day,is_bond_day,close_at,snapshot_at"]
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        close = opened.get(day)
        half = close is not None and close.tz_convert(NEW_YORK).time() < time(16)
        # Good Friday: the exchange is shut, but H.15 has a curve when it falls on a jobs Friday; sessions decide here.
        bond = close is not None and not is_bond_holiday(day)
        stamp = close.strftime("%Y-%m-%dT%H:%M:%SZ") if close is not None else ""
        snap = snapshot_at(day).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines.append(f"{day},{str(close is not None).lower()},{str(half).lower()},{str(bond).lower()},{stamp},{snap}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = _generate()
    if "--check" in sys.argv:
        # The library's horizon moves every day; the part both know must agree.
        old, new = SEED.read_text().splitlines(), text.splitlines()
        if any(a != b for a, b in zip(old, new, strict=False)):
            sys.exit(f"{SEED.name} is not what exchange-calendars says: run python -m ingestion.calendar")
    else:
        SEED.write_text(text)
