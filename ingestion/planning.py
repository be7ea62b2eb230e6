"""What is still to be asked: days that have ended, marks that cover them, overlap windows, rows of the seeds.

Belongs here: rules that connectors share when they plan questions. Does not: URLs, and what an answer means.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from ingestion import calendar
from ingestion.source import Covered, FetchState

AFTER_CLOSE = timedelta(minutes=15)  # closing prints and corrections (indicator register S01)
DAY_ENDS = time(17)  # New York: futures and currency days end here
WHOLE_HISTORY = date(1900, 1, 1)
LONGEST_WAIT = 64  # sessions between two questions about something that was not there


@lru_cache(1)
def _closes() -> dict[date, datetime]:
    table = calendar.table().filter("is_session")
    return dict(zip(table["date"].to_list(), table["close_at"].to_list(), strict=True))


def last_session(as_of: datetime) -> date:
    """The newest session whose 20:00 New York snapshot has passed."""
    return calendar.last_snapshot(as_of).astimezone(calendar.NEW_YORK).date()


def finished_day(moment: datetime, *, on_exchange: bool) -> date:
    """The newest day whose daily bar is final at ``moment``: 15 minutes after the close, elsewhere 17:00 New York."""
    today = moment.astimezone(calendar.NEW_YORK).date()
    ends = datetime.combine(today, DAY_ENDS, calendar.NEW_YORK).astimezone(UTC)
    if on_exchange and today in _closes():
        ends = _closes()[today] + AFTER_CLOSE
    return today if moment >= ends else today - timedelta(1)


def off_session(days: pl.Series) -> pl.Series:
    """True for days inside the calendar seed on which the exchange was shut."""
    table = calendar.table()
    shut = table.filter(~pl.col("is_session"))["date"]
    return days.is_in(shut.implode())


def is_answered(mark: Covered | None, last: date, since: datetime) -> bool:
    """Whether ``last`` is covered by an answer received at or after ``since``."""
    return mark is not None and mark.last >= last and mark.fetched_at >= since


def sessions_between(then: datetime, now: datetime) -> int:
    """How many 20:00 snapshots of sessions lie after ``then`` and not after ``now``."""
    moments = calendar.table().filter("is_session")["snapshot_at"]
    return int(((moments > then) & (moments <= now)).sum())


def waits(mark: Covered | None, as_of: datetime) -> bool:
    """Whether a series that never had anything need not be asked yet.

    Nothing counts for a while, not for ever: one session after the first such answer, two after the second, then 4, 8 …,
    at most 64. A series that once had data is asked each session.
    """
    if mark is None or mark.outcome == "data" or not mark.nothings:
        return False
    wait = LONGEST_WAIT if mark.nothings > LONGEST_WAIT.bit_length() else 1 << (mark.nothings - 1)
    return sessions_between(mark.fetched_at, as_of) < min(wait, LONGEST_WAIT)


def hole_is_due(mark: Covered | None, as_of: datetime) -> bool:
    """Whether a hole is to be asked for again: 1, 2, 4, 8 … 64 sessions after it was first seen, then every 64 sessions."""
    if mark is None or mark.hole is None:
        return False
    seen = mark.hole_since or mark.fetched_at
    return _stage(sessions_between(seen, as_of)) > _stage(sessions_between(seen, mark.fetched_at))


def _stage(age: int) -> int:
    return age.bit_length() if age < LONGEST_WAIT else LONGEST_WAIT.bit_length() - 1 + age // LONGEST_WAIT


def oldest_missing(held: pl.Series, expected: pl.Series) -> date | None:
    """The first of the ``expected`` days between the first and the last ``held`` one that is not held."""
    first, last = held.min(), held.max()
    assert isinstance(first, date) and isinstance(last, date)
    missing = expected.filter((expected > first) & (expected < last)).sort()
    missing = missing.filter(~missing.is_in(held.implode()))
    return missing[0] if len(missing) else None


def first_wanted(mark: Covered | None, history_from: date, overlap: timedelta) -> tuple[date, bool]:
    """(first day to ask, whether that is the whole history). Known series are asked again for an overlap only.

    The overlap begins where data reached: answers of nothing since then have shown nothing about the days they covered.
    """
    if mark is None or mark.outcome != "data" or mark.first > history_from:
        return history_from, True
    first = (mark.data_to or mark.last) - overlap
    return (first, False) if first > history_from else (history_from, True)


def rows(frame: pl.DataFrame, wanted: pl.Expr) -> Iterator[dict[str, Any]]:
    """Seed rows that are wanted."""
    yield from frame.filter(wanted).iter_rows(named=True)


def identified(state: FetchState, vendor: str) -> Iterator[dict[str, Any]]:
    """The instruments that a vendor knows by an id of its own (seed instrument_ids.csv), each row with that ``id``."""
    ids = state.seeds["instrument_ids"].filter(pl.col("vendor") == vendor).select("instrument_id", "id")
    yield from state.seeds["instruments"].join(ids, on="instrument_id", maintain_order="left").iter_rows(named=True)


def whole_file(state: FetchState, series: str, as_of: datetime) -> date | None:
    """The day a whole-file answer will cover, or None when it was already asked since that day's snapshot."""
    day = last_session(as_of)
    if waits(state.covered.get(series), as_of):
        return None
    return None if is_answered(state.covered.get(series), day, calendar.last_snapshot(as_of)) else day


def largest(state: FetchState, count: int) -> list[str]:
    """Symbols (Yahoo's spelling) of the ``count`` largest holdings of the broad fund, largest first.

    Taken from the newest file held of ``spy_holdings``, else of ``ivv_holdings``; without either, the list of members in
    its own order (a source that plans so names all three in ``needs``). Empty where none is held.
    """
    for name in ("spy_holdings", "ivv_holdings"):
        held = state.frames.get(name)
        if held is not None:
            by_weight = held.filter(pl.col("is_equity")).sort("weight", "ticker", descending=[True, False])
            return [yahoo_symbol(ticker) for ticker in by_weight["ticker"].head(count)]
    members = state.frames.get("sp500_constituents")
    return [yahoo_symbol(symbol) for symbol in members["symbol"].head(count)] if members is not None else []


def yahoo_symbol(ticker: str) -> str:
    """A listed symbol in Yahoo's spelling: class shares have a hyphen where lists write a dot (BRK.B is BRK-B)."""
    return ticker.replace(".", "-")
