"""Nasdaq's earnings calendar and analysts' forecasts, as JSON made for the pages of a web site.

Belongs here: both layouts (money as text in the calendar), which reports are listed under which day at which moment, what
is told before and after a report. Does not: the reports and forecasts, which are the world's own. A report is listed from
20 sessions before on; one company in 16 is listed some days off until ten days before it reports, then moves. The day
after the report its figure and surprise are told, and last year's are not any more. The companies are in order of size.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from ingestion import calendar
from ingestion.sample.reply import MONTHS, Reply, epoch, json_reply, text_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.world.clock import clock
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.fundamentals import Report, issuer_of
from ingestion.sample.world.market import World, world

HOST, CALENDAR = "api.nasdaq.com", "/api/calendar/earnings"
FORECASTS = re.compile(r"/api/analyst/([A-Za-z0-9.]+)/earnings-forecast")
QUARTERS, YEARS = 4, 3  # in an answer with forecasts, at most
LISTED = 20  # sessions before a report from which on it is in the calendar
MOVERS, MOVED_AT, MOVES = (
    16,
    timedelta(days=10),
    (3, -2),
)  # one company in so many; how long before; by how many sessions
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIMES = {"bmo": "time-pre-market", "amc": "time-after-hours", "unknown": "time-not-supplied"}
HEADS = {
    "time": "Time", "symbol": "Symbol", "name": "Company Name", "eps": "EPS", "surprise": "% Surprise",
    "marketCap": "Market Cap", "fiscalQuarterEnding": "Fiscal Quarter Ending", "epsForecast": "Consensus EPS* Forecast",
    "noOfEsts": "# of Ests", "lastYearRptDt": "Last Year's Report Date", "lastYearEPS": "Last year's EPS*",
}  # fmt: skip


def _money(value: float | None) -> str:
    if value is None:
        return ""
    return f"(${-value:.2f})" if value < 0 else f"${value:.2f}"


def _amount(text: str) -> Cell:
    """Money as a number; None for a text that is none."""
    match = re.fullmatch(r"(\(?)\$?(-?[\d,]+(?:\.\d+)?)\)?", text)
    if match is None:
        return None
    value = float(match[2].replace(",", ""))
    return -value if match[1] else value


def _wrong(message: str) -> Reply:
    """What the vendor says instead of data; the status of the answer is 200."""
    said = [{"code": 1001, "errorMessage": message}]
    return json_reply(
        {"data": None, "message": None, "status": {"rCode": 400, "bCodeMessage": said, "developerMessage": None}}
    )


def _told(data: dict[str, object]) -> Reply:
    return json_reply(
        {"data": data, "message": None, "status": {"rCode": 200, "bCodeMessage": None, "developerMessage": None}}
    )


@lru_cache(1)
def _listings() -> dict[date, list[tuple[Report, bool]]]:
    """The reports under each day they are listed under at any time, and whether that is the day they are made."""
    found: dict[date, list[tuple[Report, bool]]] = {}
    days = calendar.sessions()
    for reports in world().reports.values():
        for report in reports:
            day = report.announced.astimezone(calendar.NEW_YORK).date()
            found.setdefault(day, []).append((report, True))
            if report.order % MOVERS == 3:
                first = days[bisect_left(days, day) + MOVES[report.quarter % 2]]
                found.setdefault(first, []).append((report, False))
    return found


def _is_listed(report: Report, is_made: bool, today: date, asked_at: datetime) -> bool:
    days = calendar.sessions()
    day = report.announced.astimezone(calendar.NEW_YORK).date()
    if bisect_left(days, day) - bisect_left(days, today) > LISTED:
        return False
    company = COMPANIES[report.order]
    if company.last_bar is not None and company.last_bar < min(day, today):
        return False
    has_moved = report.order % MOVERS != 3 or asked_at >= report.announced - MOVED_AT
    return is_made == has_moved


def _size(world: World, order: int, asked_at: datetime) -> float:
    """The market value in USD at the last close."""
    session = max(0, int(np.searchsorted(clock().close_at, epoch(asked_at), side="right")) - 1)
    lines = (n for n, issuer in issuer_of().items() if issuer == order)
    return sum(float(world.companies.capital[session, n]) for n in lines) * 1e6


def _year_before(world: World, report: Report) -> Report | None:
    """The same quarter of the year before."""
    wanted = (report.fiscal_year - 1, report.quarter)
    return next((one for one in world.reports[report.order] if (one.fiscal_year, one.quarter) == wanted), None)


def _surprise(report: Report) -> str:
    forecast = report.last_forecast
    return f"{round(100.0 * (report.eps - forecast) / abs(forecast), 2):g}" if forecast else "N/A"


def _reporting(world: World, report: Report, day: date, is_over: bool, asked_at: datetime) -> dict[str, str]:
    """One company as the calendar of a day tells it."""
    company, size = COMPANIES[report.order], _size(world, report.order, asked_at)
    forecast = report.last_forecast if is_over else report.forecast(asked_at)
    row = {
        "time": TIMES[report.timing],
        "symbol": company.symbol_on(day).replace("-", "."),
        "name": company.name,
        "marketCap": f"${size:,.0f}" if size else "",  # not listed any more
        "fiscalQuarterEnding": f"{MONTHS[report.end.month - 1]}/{report.end.year}",
        "epsForecast": _money(forecast or None),
        "noOfEsts": str(report.analysts),
    }
    if is_over:
        return {"eps": _money(report.eps), "surprise": _surprise(report), **row}
    before = _year_before(world, report)
    if before is None:
        return {"lastYearRptDt": "N/A", "lastYearEPS": "N/A", **row}
    was = before.announced.astimezone(calendar.NEW_YORK).date()
    eps = round(before.eps * before.factor / report.factor, 2)
    return {"lastYearRptDt": f"{was.month}/{was.day:02d}/{was.year}", "lastYearEPS": _money(eps), **row}


def _calendar(world: World, query: Query, asked_at: datetime) -> Reply:
    """The companies of ``date``, largest first."""
    try:
        day = date.fromisoformat(query.get("date", ""))
    except ValueError:
        return _wrong("Invalid date.")
    today = asked_at.astimezone(calendar.NEW_YORK).date()
    as_of = f"{WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}"
    held = [r for r, is_made in _listings().get(day, []) if _is_listed(r, is_made, today, asked_at)]
    if not held:
        return _told({"asOf": as_of, "headers": None, "rows": None})
    held.sort(key=lambda report: (-_size(world, report.order, asked_at), report.order))
    rows = [_reporting(world, report, day, day < today, asked_at) for report in held]
    return _told({"asOf": as_of, "headers": {k: v for k, v in HEADS.items() if k in rows[0]}, "rows": rows})


def _line(symbol: str, today: date) -> int | None:
    """The company that trades under a symbol, as the vendor spells it (in either case): its position in COMPANIES."""
    wanted = symbol.upper().replace(".", "-")
    for n, company in enumerate(COMPANIES):
        is_listed = company.listed <= today and (company.last_bar is None or company.last_bar >= today)
        if is_listed and company.symbol_on(today) == wanted:
            return n
    return None


def _period(end: date, consensus: float, report: Report, asked_at: datetime) -> dict[str, object]:
    """One row of forecasts; how far they lie apart grows with their size."""
    apart = round(0.02 + 0.01 * (3 + report.order % 4) * abs(consensus), 2)
    up, down = report.changed(asked_at)
    return {
        "fiscalEnd": f"{MONTHS[end.month - 1]} {end.year}",
        "consensusEPSForecast": consensus,
        "highEPSForecast": round(consensus + apart, 2),
        "lowEPSForecast": round(consensus - apart, 2),
        "noOfEstimates": report.analysts,
        "up": up,
        "down": down,
    }


def _forecasts(world: World, symbol: str, asked_at: datetime) -> Reply:
    """The coming quarters (at most four) and the fiscal years that are not all told (at most three)."""
    order = _line(symbol, asked_at.astimezone(calendar.NEW_YORK).date())
    reports = () if order is None else world.reports.get(issuer_of()[order], ())
    ahead = [report for report in reports if report.announced > asked_at]
    if not ahead:
        return _wrong("Symbol not exists.")
    years = []
    for year in sorted({report.fiscal_year for report in ahead})[:YEARS]:
        parts = [report for report in reports if report.fiscal_year == year]
        if len(parts) < 4:
            continue
        told = sum(
            one.eps * one.factor / ahead[0].factor if one.announced <= asked_at else one.forecast(asked_at)
            for one in parts
        )
        years.append(_period(parts[-1].end, round(told, 2), ahead[0], asked_at))
    quarters = [_period(one.end, one.forecast(asked_at), one, asked_at) for one in ahead[:QUARTERS]]
    return _told(
        {
            "symbol": symbol.lower(),
            "quarterlyForecast": {"asOf": None, "rows": quarters},
            "yearlyForecast": {"asOf": None, "rows": years} if years else None,
        }
    )


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The calendar of a day, or the forecasts of a company, by path."""
    if path == CALENDAR:
        return _calendar(world, query, asked_at)
    if match := FORECASTS.fullmatch(path):
        return _forecasts(world, match[1], asked_at)
    return text_reply("Not Found", "text/html", 404)


VALUES = ("eps", "surprise", "epsForecast")
RANGE = ("consensusEPSForecast", "highEPSForecast", "lowEPSForecast")


def _table_of_forecasts(answer: Reply) -> Table:
    """End, mean, highest and lowest forecast of the coming quarters."""
    held = json.loads(answer[2])
    quarters = held["data"]["quarterlyForecast"]["rows"]

    def write(table: Table) -> bytes:
        rows = [
            {**quarters[min(n, len(quarters) - 1)], "fiscalEnd": row[0], **dict(zip(RANGE, row[1:], strict=True))}
            for n, row in enumerate(table.rows)
        ]
        return json_bytes({**held, "data": {**held["data"], "quarterlyForecast": {"asOf": None, "rows": rows}}})

    cells: list[list[Cell]] = [[row["fiscalEnd"], *(float(row[name]) for name in RANGE)] for row in quarters]
    return Table(["fiscalEnd", *RANGE], cells, write)


def table(answer: Reply) -> Table | None:
    """The coming quarters of a company; or symbol, eps, surprise and forecast of the companies of a day that is over."""
    if b'"quarterlyForecast":{' in answer[2]:
        return _table_of_forecasts(answer)
    if b'"rows":[{"eps"' not in answer[2]:
        return None
    held = json.loads(answer[2])
    rows: list[Mapping[str, str]] = held["data"]["rows"]

    def write(table: Table) -> bytes:
        made = []
        for number, (symbol, eps, surprise, forecast) in enumerate(table.rows):
            row = rows[min(number, len(rows) - 1)]
            amounts = {
                name: _money(value) if isinstance(value, float) else value or ""
                for name, value in (("eps", eps), ("epsForecast", forecast))
            }
            told = "N/A" if surprise is None else f"{surprise:g}" if isinstance(surprise, float) else surprise
            made.append({**row, "symbol": symbol, **amounts, "surprise": told})
        return json_bytes({**held, "data": {**held["data"], "rows": made}})

    cells: list[list[Cell]] = [[row["symbol"], *(_amount(row[name]) for name in VALUES)] for row in rows]
    return Table(["symbol", *VALUES], cells, write)


def _series(path: str, query: Query) -> str:
    return query.get("date", "") if path == CALENDAR else path.split("/")[-2]


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{CALENDAR}?date=2025-10-30": "a94d82bb972756c1df968ceac3aeaff2",
        f"{HOST}/api/analyst/HRN.B/earnings-forecast": "c014bb15a075caea9ae8b9ca1238b760",
        f"{HOST}{CALENDAR}?date=2026-01-21": "71cf2dfad1e439a4354c6a27e0619d94",
    },
    table=table,
    window=("date",),
    series=_series,
)
