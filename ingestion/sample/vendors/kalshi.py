"""Kalshi's list of contracts: the open ones of a series, prices as dollars in text, pages by a cursor.

Belongs here: the layout, which contracts are open, and what their traders think of a coming release (the figure that will
be printed and an error of their own). Does not: the odds of meetings (``world.expectations``), the figures
(``world.prints``). A contract is open until five minutes before what it is about.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from ingestion import calendar
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import MONTHS, Reply, epoch, json_reply
from ingestion.sample.table import Table, json_bytes
from ingestion.sample.vendor import OwnFault, Query, Vendor
from ingestion.sample.world.clock import FIRST, Floats, clock, normal
from ingestion.sample.world.expectations import moves
from ingestion.sample.world.market import World
from ingestion.sample.world.releases import meetings, published_day, released

HOST, PATH = "api.elections.kalshi.com", "/trade-api/v2/markets"
PAGE = 100  # contracts in an answer that names no limit
MEETINGS_OPEN = 4
RATE_STEP = 0.25
RUNGS_BELOW, RUNGS_ABOVE = 5, 3  # of a ladder of rates, around the rate of today
STATEMENT, RELEASE = time(14), time(8, 30)  # New York
CLOSES_BEFORE, KNOWN_AFTER = timedelta(minutes=5), timedelta(minutes=5)
OPENED = "2025-08-06T14:00:00Z"
PRICES = ("yes_bid", "yes_ask", "last_price")
# What a decision can be: the letters of the ticker, the words, and which changes (points) it stands for.
DECISIONS: tuple[tuple[str, str, dict[str, str], Callable[[float], bool]], ...] = (
    ("C26", "Cut >25bps", {"Cut": ">25"}, lambda change: change < -RATE_STEP - 1e-9),
    ("C25", "Cut 25bps", {"Cut": "25"}, lambda change: abs(change + RATE_STEP) < 1e-9),
    ("H0", "Fed maintains rate", {"Hike": "0"}, lambda change: abs(change) < 1e-9),
    ("H25", "Hike 25bps", {"Hike": "25"}, lambda change: abs(change - RATE_STEP) < 1e-9),
    ("H26", "Hike >25bps", {"Hike": ">25"}, lambda change: change > RATE_STEP + 1e-9),
)


@dataclass(frozen=True)
class Ladder:
    """How the contracts on one number look. Strikes lie ``step`` apart, the number is published in steps of ``tick``,
    traders spread their bets by about ``width``: all in the unit of the number.
    """

    step: float
    tick: float
    width: float
    title: str
    unit: str = "%"


@dataclass(frozen=True)
class Statistic:
    """A number that will be printed: ``value(figures, n)`` of a FRED series. ``error``: by how much traders are off."""

    name: str
    release: str
    value: Callable[[Floats, int], float]
    error: float
    ladder: Ladder


def _change(months: int) -> Callable[[Floats, int], float]:
    return lambda figures, n: 100.0 * (float(figures[n]) / float(figures[n - months]) - 1.0)


YEAR = "Will the rate of {what} be above {{strike}}% for the year ending in {{period}}?"
STATISTICS = {
    "KXCPI": Statistic(
        *("CPIAUCSL", "cpi", _change(1), 0.05),
        Ladder(0.1, 0.1, 0.09, "Will CPI rise more than {strike}% in {period}?"),
    ),
    "KXCPICORE": Statistic(
        *("CPILFESL", "cpi", _change(1), 0.04),
        Ladder(0.1, 0.1, 0.07, "Will CPI Core rise more than {strike}% in {period}?"),
    ),
    "KXCPIYOY": Statistic(
        *("CPIAUCNS", "cpi", _change(12), 0.06), Ladder(0.1, 0.1, 0.1, YEAR.format(what="CPI inflation"))
    ),
    "KXCPICOREYOY": Statistic(
        *("CPILFESL", "cpi", _change(12), 0.05), Ladder(0.1, 0.1, 0.09, YEAR.format(what="core CPI inflation"))
    ),
    "KXU3": Statistic(
        *("UNRATE", "jobs", lambda figures, n: float(figures[n]), 0.06),
        Ladder(0.1, 0.1, 0.09, "Will the unemployment rate (U-3) be above {strike}% in {period}?"),
    ),
    "KXPAYROLLS": Statistic(
        *("PAYEMS", "jobs", lambda figures, n: 1000.0 * float(figures[n] - figures[n - 1]), 30_000.0),
        Ladder(25_000.0, 1000.0, 45_000.0, "Will above {strike} jobs be added in {period}?", ""),
    ),
}
# Real growth is no statistic of this world: a seeded series stands behind its ladder (percent, annual rate).
GROWTH = Ladder(0.5, 0.1, 0.7, "Will real GDP increase by more than {strike}% in {period}?")
USUAL_GROWTH, GROWTH_SPREAD, GROWTH_ERROR, GROWTH_DAY = 2.1, 1.1, 0.4, 30  # day of the month after the quarter
RUNGS = 4  # below and above the number before


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, calendar.NEW_YORK).astimezone(UTC)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _market(event: str, name: str, title: str, yes: str, chance: float, at: datetime, traded: int) -> dict[str, object]:
    """A contract without its strike; the price is the chance in whole cents, the quote one cent around it."""
    cents = min(99, max(1, round(100.0 * chance)))
    bid, ask = cents - 1, cents + 1
    return {
        "ticker": f"{event}-{name}",
        "event_ticker": event,
        "market_type": "binary",
        "title": title,
        "yes_sub_title": yes,
        "no_sub_title": yes,
        "open_time": OPENED,
        "close_time": _iso(at - CLOSES_BEFORE),
        "expected_expiration_time": _iso(at + KNOWN_AFTER),
        "status": "active",
        "notional_value_dollars": "1.0000",
        "yes_bid_dollars": f"{bid / 100:.4f}",
        "yes_ask_dollars": f"{ask / 100:.4f}",
        "no_bid_dollars": f"{(100 - ask) / 100:.4f}",
        "no_ask_dollars": f"{(100 - bid) / 100:.4f}",
        "last_price_dollars": f"{cents / 100:.4f}",
        "volume_fp": f"{traded:.2f}",
        "open_interest_fp": f"{traded // 3:.2f}",
    }


def _traded(series: str, number: int) -> int:
    return 2000 + int(500.0 * abs(float(normal(f"kalshi traded {series}", 64)[number % 64])))


def _event(series: str, month: date) -> str:
    return f"{series}-{month:%y}{MONTHS[month.month - 1].upper()}"


def _policy(world: World, series: str, asked_at: datetime, session: int) -> Iterator[dict[str, object]]:
    """The ladder of the upper bound after each coming meeting, or what each will decide."""
    held, today = world.expectations, clock().days[session]
    upper = next(after for day, after in reversed(meetings()) if day <= today and after is not None)
    ahead = [k for k, day in enumerate(held.meetings) if _at(day, STATEMENT) - CLOSES_BEFORE > asked_at]
    number = 0
    for k in ahead[:MEETINGS_OPEN]:
        day = held.meetings[k]
        at, event = _at(day, STATEMENT), _event(series, day)
        when = f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
        if series == "KXFED":
            odds = held.odds(session, day)
            for rung in range(-RUNGS_BELOW, RUNGS_ABOVE + 1):
                strike = upper + RATE_STEP * rung
                chance = sum(share for change, share in odds.items() if upper + change > strike + 1e-9)
                title = f"Will the upper bound of the federal funds rate be above {strike:.2f}% following the Fed's {when} meeting?"
                found = _market(
                    event, f"T{strike:.2f}", title, f"Above {strike:.2f}%", chance, at, _traded(series, number)
                )
                number += 1
                yield {**found, "strike_type": "greater", "floor_strike": strike}
        else:
            decided = moves(float(held.steps[session, k]))
            for name, words, custom, is_so in DECISIONS:
                chance = sum(share for change, share in decided if is_so(change))
                title = f"Will the Federal Reserve {words} at its {when} meeting?"
                found = _market(event, name, title, words, chance, at, _traded(series, number))
                number += 1
                yield {**found, "strike_type": "custom", "custom_strike": custom}


def _coming(world: World, about: Statistic, asked_at: datetime) -> tuple[int, date] | None:
    """The first period (its position) whose figure is still to come and will come, and the day it does."""
    periods = world.prints[about.name].final.periods
    today = published_day(asked_at)
    for n in range(13, len(periods)):
        day = released(about.release, periods[n])
        if day is not None and day > today:
            return n, day
    return None


def _rungs(
    series: str, ladder: Ladder, event: str, period: str, before: float, believed: float, at: datetime
) -> Iterator[dict[str, object]]:
    """The contracts around the number before, priced by traders who believe in another one."""
    middle = round(before / ladder.step)
    for number, rung in enumerate(range(middle - RUNGS, middle + RUNGS + 1)):
        strike = round(rung * ladder.step, 6)
        distance = (strike + ladder.tick / 2.0 - believed) / ladder.width
        chance = 0.5 - 0.5 * distance / float(np.sqrt(2.0 + distance * distance))  # Student's t, two degrees of freedom
        text = f"{strike:.0f}" if ladder.step >= 1 else f"{strike:.1f}"
        title = ladder.title.format(strike=text, period=period)
        found = _market(event, f"T{text}", title, f"Above {text}{ladder.unit}", chance, at, _traded(series, number))
        yield {**found, "strike_type": "greater", "floor_strike": strike}


def _statistic(world: World, series: str, asked_at: datetime) -> Iterator[dict[str, object]]:
    about = STATISTICS[series]
    coming = _coming(world, about, asked_at)
    at = _at(coming[1], RELEASE) if coming else None
    if coming is None or at is None or at - CLOSES_BEFORE <= asked_at:
        return
    n, day = coming
    held = world.prints[about.name]
    truth = about.value(held.on(day), n)
    if math.isnan(truth):
        return  # the month before was never published: nobody can bet on a change from it
    known = held.on(published_day(asked_at))
    before = next(value for k in range(n - 1, 0, -1) if not math.isnan(value := about.value(known, k)))
    month = held.final.periods[n]
    believed = truth + about.error * float(normal(f"kalshi error {series}", len(held.final.periods))[n])
    period = f"{MONTHS[month.month - 1]} {month.year}"
    yield from _rungs(series, about.ladder, _event(series, month), period, before, believed, at)


def _growth(series: str, asked_at: datetime) -> Iterator[dict[str, object]]:
    days, draws = calendar.sessions(), normal("kalshi growth", 100, 2)
    for n in range(1, 100):
        out = date(FIRST.year + n // 4, 3 * (n % 4) + 1, GROWTH_DAY)
        day = days[bisect_left(days, out)]
        at = _at(day, RELEASE)
        if at > asked_at:
            break
    if at - CLOSES_BEFORE <= asked_at:
        return
    growth = USUAL_GROWTH + GROWTH_SPREAD * draws[:, 0]
    believed = float(growth[n] + GROWTH_ERROR * draws[n, 1])
    event = f"{series}-{day:%y}{MONTHS[day.month - 1].upper()}{day:%d}"
    period = f"Q{(n - 1) % 4 + 1} {FIRST.year + (n - 1) // 4}"
    yield from _rungs(series, GROWTH, event, period, float(growth[n - 1]), believed, at)


def _open(world: World, series: str, asked_at: datetime) -> list[dict[str, object]]:
    session = int(np.searchsorted(clock().close_at, epoch(asked_at), side="right")) - 1
    if session < 0:
        return []
    if series in ("KXFED", "KXFEDDECISION"):
        return list(_policy(world, series, asked_at, session))
    if series == "KXGDP":
        return list(_growth(series, asked_at))
    return list(_statistic(world, series, asked_at)) if series in STATISTICS else []


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """Open contracts of ``series_ticker``; an unknown series has none. ``cursor`` is the mark of the answer before."""
    limit, cursor = query.get("limit", str(PAGE)), query.get("cursor", "")
    if path != PATH or not limit.isdigit() or not 1 <= int(limit) <= 1000 or (cursor and not cursor.isdigit()):
        return json_reply({"error": {"code": "bad_request", "message": "bad request"}}, 404 if path != PATH else 400)
    found = _open(world, query.get("series_ticker", ""), asked_at) if query.get("status", "open") == "open" else []
    first, last = int(cursor or 0), int(cursor or 0) + int(limit)
    return json_reply({"markets": found[first:last], "cursor": str(last) if last < len(found) else ""})


def table(answer: Reply) -> Table | None:
    """The contract and its prices in dollars, in the order of the answer."""
    if not answer[2].startswith(b'{"markets":[{'):
        return None
    held = json.loads(answer[2])

    def write(table: Table) -> bytes:
        rows: list[Mapping[str, object]] = []
        for number, row in enumerate(table.rows):
            market = held["markets"][min(number, len(held["markets"]) - 1)]
            texts = (f"{v:.4f}" if isinstance(v, float) else v for v in row[1:])
            priced = {f"{name}_dollars": text for name, text in zip(PRICES, texts, strict=True)}
            rows.append({**market, "ticker": row[0], **priced})
        return json_bytes({**held, "markets": rows})

    cells = [[m["ticker"], *(float(m[f"{name}_dollars"]) for name in PRICES)] for m in held["markets"]]
    return Table(["ticker", *PRICES], cells, write)


def _crossed(fault: Fault, answer: Reply) -> Reply:
    """The highest and the lowest rung of the first ladder exchange their prices."""
    found = table(answer)
    if found is None:
        return answer
    event = str(found.rows[0][0]).rpartition("-")[0]
    rungs = [row for row in found.rows if str(row[0]).startswith(f"{event}-")]
    rungs[0][1:], rungs[-1][1:] = rungs[-1][1:], rungs[0][1:]
    return answer[0], answer[1], found.write(found)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}?series_ticker=KXFED&status=open&limit=1000": "b93e96439b864f663f4870c38459e35a",
        f"{HOST}{PATH}?series_ticker=KXPAYROLLS&status=open": "8d09568d3b9b874892bff0833e27981f",
    },
    table=table,
    series=lambda path, query: query.get("series_ticker", ""),
    faults={"crossed": OwnFault("a ladder whose highest rung costs what its lowest should", spoil=_crossed)},
)
