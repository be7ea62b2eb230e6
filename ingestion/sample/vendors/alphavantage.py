"""Alpha Vantage's earnings of a company: reported, expected and the surprise, as texts; a note instead where it has none.

Belongs here: the layout, notes with status 200 (no key, no such function), figures in shares of the last report. Does not:
the reports. A quarter is told from the day of its report on.
"""

from __future__ import annotations

import json
from datetime import date, datetime

from ingestion import calendar
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, json_reply, text_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import OwnFault, Query, Vendor
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.fundamentals import Report, issuer_of
from ingestion.sample.world.market import World

HOST, PATH = "www.alphavantage.co", "/query"
NO_KEY = "the parameter apikey is invalid or missing. Please claim your free API key."
LIMIT = "We have detected your API key and our standard API rate limit is 25 requests per day."
VALUES = ("reportedEPS", "estimatedEPS")
KEY = "abcdefghijklmnopqrstuvwxyz123456"


def _text(value: float | None) -> str:
    return "None" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _quarter(report: Report, factor: float) -> dict[str, str]:
    """One quarter in shares of which each share of the first session has become ``factor``."""
    eps, forecast = (round(value * report.factor / factor, 2) for value in (report.eps, report.last_forecast))
    local = report.announced.astimezone(calendar.NEW_YORK)
    return {
        "fiscalDateEnding": str(report.end),
        "reportedDate": str(local.date()),
        "reportedEPS": _text(eps),
        "estimatedEPS": _text(forecast),
        "surprise": _text(round(eps - forecast, 4)),
        "surprisePercentage": _text(round(100.0 * (eps - forecast) / abs(forecast), 4) if forecast else None),
        "reportTime": "pre-market" if local.hour < 12 else "post-market",
    }


def _line(symbol: str, today: date) -> int | None:
    """The company that trades under a symbol: its position in COMPANIES."""
    for n, company in enumerate(COMPANIES):
        is_listed = company.listed <= today and (company.last_bar is None or company.last_bar >= today)
        if is_listed and company.symbol_on(today) == symbol:
            return n
    return None


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """``function=EARNINGS`` of ``symbol``, newest quarter first; years are the sums of their quarters."""
    if path != PATH:
        return text_reply("Not Found", "text/html", 404)
    if len(query.get("apikey", "")) < 8:
        return json_reply({"Error Message": NO_KEY})
    if query.get("function") != "EARNINGS":
        return json_reply({"Error Message": "This API function does not exist."})
    order = _line(query.get("symbol", ""), asked_at.astimezone(calendar.NEW_YORK).date())
    reports = () if order is None else world.reports.get(issuer_of()[order], ())
    told = [report for report in reports if report.announced <= asked_at]
    if not told:
        return json_reply({})
    factor = told[-1].factor
    by_year: dict[int, list[Report]] = {}
    for report in told:
        by_year.setdefault(report.fiscal_year, []).append(report)
    years = [
        {
            "fiscalDateEnding": str(parts[-1].end),
            "reportedEPS": _text(round(sum(one.eps * one.factor / factor for one in parts), 2)),
        }
        for parts in by_year.values()
        if len(parts) == 4
    ]
    quarters = [_quarter(report, factor) for report in told]
    return json_reply({"symbol": query["symbol"], "annualEarnings": years[::-1], "quarterlyEarnings": quarters[::-1]})


def table(answer: Reply) -> Table | None:
    """End, reported and expected earnings of each quarter, oldest first."""
    if b'"quarterlyEarnings":[{' not in answer[2]:
        return None
    held = json.loads(answer[2])
    quarters = held["quarterlyEarnings"][::-1]

    def write(table: Table) -> bytes:
        rows = [
            {
                **quarters[min(n, len(quarters) - 1)],
                "fiscalDateEnding": row[0],
                **{name: _text(v) if isinstance(v, float) else v for name, v in zip(VALUES, row[1:], strict=True)},
            }
            for n, row in enumerate(table.rows)
        ]
        return json_bytes({**held, "quarterlyEarnings": rows[::-1]})

    cells: list[list[Cell]] = [[row["fiscalDateEnding"], *(float(row[name]) for name in VALUES)] for row in quarters]
    return Table(["fiscalDateEnding", *VALUES], cells, write)


def _limited(fault: Fault, answer: Reply) -> Reply:
    return json_reply({"Information": LIMIT})


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}?function=EARNINGS&symbol=HRN-B&apikey={KEY}": "7bed9fdec6a09b643a2355d6ca09779b"},
    table=table,
    series=lambda path, query: query.get("symbol", ""),
    faults={"limited": OwnFault("a note that the limit of the key is reached, status 200", spoil=_limited)},
)
