"""The implied path of every evening: frames in, frames out. The method itself is in ``fed_funds``.

Belongs here: what was known of contracts, meetings and the effective rate at each snapshot, and rows of the result. Does
not: any formula. An evening is told if the contract of its own month is held, because a path begins today, and always since
contracts were first asked for: then what is missing was missing at the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from updraft_kernels import fed_funds
from updraft_kernels.fed_funds import Evening, Step

PATHS: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "variant": pl.String(),
    "meeting_date": pl.Date(),
    "meeting_no": pl.Int32(),
    "is_meeting": pl.Boolean(),
    "start_rate": pl.Float64(),
    "end_rate": pl.Float64(),
    "residual_bp": pl.Float64(),
    "status": pl.String(),
}
RANGES: dict[str, pl.DataType] = {
    "session_date": pl.Date(),
    "variant": pl.String(),
    "meeting_date": pl.Date(),
    "steps": pl.Int32(),
    "probability": pl.Float64(),
}


def paths(contracts: pl.DataFrame, meetings: pl.DataFrame, effective: pl.DataFrame) -> pl.DataFrame:
    """One row per session, variant and meeting ahead (or month beyond the calendar), as ``PATHS``; rates in percent.

    ``contracts``: session_date, snapshot_at, contract_month, rate (null: not believed), is_frozen, is_lived. ``meetings``:
    meeting_date, known_at, cancelled_at (null: it takes place). ``effective``: effective_date, rate, known_at; several rows
    of a day are its versions. Where the contracts of an evening are frozen every row says SUSPECT_INPUT. Months beyond the
    calendar stand in the first variant only.
    """
    rows: list[tuple[object, ...]] = []
    for evening, is_frozen in _evenings(contracts, meetings, effective):
        for variant in fed_funds.VARIANTS:
            number = 0
            for step in fed_funds.path(evening, variant):
                if not step.is_meeting and variant != fed_funds.VARIANTS[0]:
                    continue
                number += step.is_meeting
                shown = Step(step.day, step.is_meeting, None, None, None, "SUSPECT_INPUT") if is_frozen else step
                rows.append((
                    evening.session, variant, shown.day, number if shown.is_meeting else None, shown.is_meeting,
                    shown.start, shown.end, shown.residual_bp, shown.status,
                ))  # fmt: skip
    return pl.DataFrame(rows, schema=PATHS, orient="row")


def ranges(found: pl.DataFrame) -> pl.DataFrame:
    """The chance of each total change (quarter points) up to and with each meeting, as ``RANGES``, from ``paths``."""
    rows: list[tuple[object, ...]] = []
    ahead = found.filter("is_meeting").sort("session_date", "variant", "meeting_date")
    for (session, variant), one in ahead.group_by(["session_date", "variant"], maintain_order=True):
        steps = [
            Step(day, True, start, end, None, status)
            for day, start, end, status in one.select("meeting_date", "start_rate", "end_rate", "status").iter_rows()
        ]
        for step, spread in zip(steps, fed_funds.chances(steps), strict=True):
            rows += [(session, variant, step.day, total, chance) for total, chance in sorted((spread or {}).items())]
    return pl.DataFrame(rows, schema=RANGES, orient="row")


def _evenings(
    contracts: pl.DataFrame, meetings: pl.DataFrame, effective: pl.DataFrame
) -> Iterator[tuple[Evening, bool]]:
    known = meetings.sort("meeting_date").select("meeting_date", "known_at", "cancelled_at").rows()
    published = effective.sort("known_at", "effective_date").select("known_at", "effective_date", "rate").rows()
    rates: dict[date, float] = {}
    at = 0
    by_session = contracts.sort("session_date", "contract_month").group_by("session_date", maintain_order=True)
    for (session,), one in by_session:
        assert isinstance(session, date)
        snapshot: datetime = one["snapshot_at"][0]
        while at < len(published) and published[at][0] <= snapshot:
            rates[published[at][1]] = published[at][2]
            at += 1
        this = session.replace(day=1)
        if one["contract_month"][0] != this and not one["is_lived"][0]:
            continue
        before = (this - timedelta(1)).replace(day=1)
        listed = [day for day, since, until in known if since <= snapshot and (until is None or until > snapshot)]
        newest = max(rates, default=None)
        yield (
            Evening(
                session=session,
                months=dict(one.drop_nulls("rate").select("contract_month", "rate").iter_rows()),
                meetings=[day for day in listed if day >= before],
                calendar_to=_reach(listed),
                previous=_mean(rates, before, this),
                so_far=_daily(rates, this, session),
                newest=None if newest is None else (newest, rates[newest]),
                suspect=frozenset(one.filter(pl.col("rate").is_null())["contract_month"]),
            ),
            bool(one["is_frozen"][0]),
        )


def _reach(listed: list[date]) -> date:
    """The last day the known calendar covers: of a year with one or two meetings listed only the months up to the last,
    because the calendar of a year ends with the first meeting of the next."""
    if not listed:
        return date.min
    last = listed[-1]
    if sum(day.year == last.year for day in listed) >= _WHOLE_YEAR:
        return date(last.year, 12, 31)
    return fed_funds.next_month(last.replace(day=1)) - timedelta(1)


def _mean(rates: dict[date, float], first: date, until: date) -> float | None:
    """The mean effective rate over all days of a month that is over; None where its last business day is missing."""
    daily = _daily(rates, first, until - timedelta(1))
    days = (until - first).days
    return sum(daily.values()) / days if len(daily) == days else None


def _daily(rates: dict[date, float], first: date, last: date) -> dict[date, float]:
    """The rate of every calendar day: a day without business repeats the one before. Empty where the first is unknown.

    It ends with the newest published day, and a weekend after it; a gap of more than four days ends it too.
    """
    found: dict[date, float] = {}
    held = [first - timedelta(n) for n in range(5) if first - timedelta(n) in rates]
    if not held:
        return found
    day, rate, gap = first, rates[held[0]], (first - held[0]).days
    newest = max(rates)
    while day <= last:
        if day in rates:
            rate, gap = rates[day], 0
        elif day > newest and day.weekday() < _SATURDAY:
            break
        if gap > _LONGEST_GAP:
            break
        found[day] = rate
        day, gap = day + timedelta(1), gap + 1
    return found


_SATURDAY, _LONGEST_GAP, _WHOLE_YEAR = 5, 4, 6
