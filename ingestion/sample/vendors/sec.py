"""SEC EDGAR: the list of tickers, a company's filings as columns, one line of its statements with every telling of it.

Belongs here: the layouts, what each filing tells, when it is out. Does not: what companies earn and buy
(``world.fundamentals``). Quirks kept: numbers padded here and not there; an empty text where nothing is told; a missing
line is XML with status 404; a 10-Q tells cash flows since the fiscal year began only, a 10-K the year only; each filing tells
the year before again, in the share units of its own day; ``frame`` stands on one of the tellings of a period.
A filing accepted after 17:30 New York, or on a day without a session, bears the date of the next session and is out then.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from ingestion import calendar
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, json_reply
from ingestion.sample.table import Table, json_bytes
from ingestion.sample.vendor import OwnFault, Query, Vendor
from ingestion.sample.world.directory import COMPANIES, Company
from ingestion.sample.world.fundamentals import RESTATED, Report, issuer_of
from ingestion.sample.world.market import World

FILES, DATA = "www.sec.gov", "data.sec.gov"
TICKERS = "/files/company_tickers.json"
SUBMISSIONS = re.compile(r"/submissions/CIK(\d{10})\.json")
CONCEPT = re.compile(r"/api/xbrl/companyconcept/CIK(\d{10})/us-gaap/(\w+)\.json")
CUT = time(17, 30)  # New York: what is accepted later bears the next date
AMENDED_AFTER = timedelta(days=120)
IN_QUARTERS = {
    "NetIncomeLoss": "USD",
    "EarningsPerShareDiluted": "USD/shares",
    "WeightedAverageNumberOfDilutedSharesOutstanding": "shares",
}
SINCE_YEAR_BEGAN = {
    "PaymentsForRepurchaseOfCommonStock": "repurchases",
    "ProceedsFromIssuanceOfCommonStock": "issuance",
    "PaymentsToAcquirePropertyPlantAndEquipment": "capital_expenditure",
}
_UNKNOWN: Reply = (
    404,
    {"content-type": "application/xml"},
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.'
    b"</Message></Error>",
)


@dataclass(frozen=True)
class Filing:
    """One filing. ``told``: how many of the company's quarters it can speak of, its own the last; 0 for an 8-K."""

    accession: str
    form: str
    accepted: datetime
    filed: date
    report: Report
    told: int

    @property
    def out(self) -> datetime:
        """When EDGAR shows it."""
        return max(self.accepted, _moment(self.filed, time(6)))


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, calendar.NEW_YORK).astimezone(UTC)


def _filing_date(accepted: datetime) -> date:
    there = accepted.astimezone(calendar.NEW_YORK)
    day = there.date() + timedelta(there.time() > CUT)
    days = calendar.sessions()
    return days[bisect_left(days, day)]


def _filings(cik: int, reports: Sequence[Report]) -> Iterator[Filing]:
    last = calendar.sessions()[-1]
    for n, report in enumerate(reports):
        key = (COMPANIES[report.order].key, report.end)
        form = "10-K" if report.is_last else "10-Q"
        told = [("8-K", report.announced, 0), (form, report.filed, n + 1)]
        told += [(f"{form}/A", report.filed + AMENDED_AFTER, n + 1)] if key in RESTATED else []
        for k, (name, accepted, quarters) in enumerate(told):
            if accepted.date() < last - timedelta(7):
                accession = f"{cik:010d}-{accepted.year % 100:02d}-{3 * n + k + 1:06d}"
                yield Filing(accession, name, accepted, _filing_date(accepted), report, quarters)


@lru_cache(1)
def _issuers() -> dict[int, int]:
    """By number: the position in COMPANIES of the company that files."""
    return {COMPANIES[n].cik: n for n in issuer_of().values()}


@lru_cache(256)
def _of_company(cik: int, reports: tuple[Report, ...]) -> tuple[Filing, ...]:
    """Its filings in the order of acceptance, also those still to come."""
    return tuple(sorted(_filings(cik, reports), key=lambda filing: filing.accepted))


def _tickers(now: datetime) -> Reply:
    today = now.astimezone(calendar.NEW_YORK).date()
    listed = [c for c in COMPANIES if c.listed <= today and (c.last_bar is None or c.last_bar >= today)]
    ranked = sorted(listed, key=lambda c: (-c.price * c.shares, c.key))
    rows = [{"cik_str": c.cik, "ticker": c.symbol_on(today), "title": c.name.upper()} for c in ranked]
    return json_reply({str(n): row for n, row in enumerate(rows)})


def _submissions(company: Company, filings: Sequence[Filing], now: datetime) -> Reply:
    today = now.astimezone(calendar.NEW_YORK).date()
    shown = [filing for filing in filings if filing.out <= now][::-1]
    is_8k = [filing.form == "8-K" for filing in shown]
    days = [f.filed if one else f.report.end for f, one in zip(shown, is_8k, strict=True)]
    recent = {
        "accessionNumber": [filing.accession for filing in shown],
        "filingDate": [filing.filed.isoformat() for filing in shown],
        "reportDate": [day.isoformat() for day in days],
        "acceptanceDateTime": [f"{filing.accepted:%Y-%m-%dT%H:%M:%S}.000Z" for filing in shown],
        "form": [filing.form for filing in shown],
        "items": ["2.02,9.01" if one else "" for one in is_8k],
        "size": [90_000 + 7 * len(filing.accession) * filing.told for filing in shown],
        "primaryDocument": [
            f"{filing.form[:4].lower().replace('-', '')}-{filing.filed:%Y%m%d}.htm" for filing in shown
        ],
    }
    return json_reply(
        {
            "cik": f"{company.cik:010d}",
            "entityType": "operating",
            "name": company.name.upper(),
            "tickers": [c.symbol_on(today) for c in COMPANIES if c.cik == company.cik and c.listed <= today],
            "filings": {"recent": recent, "files": []},
        }
    )


def _sum(concept: str, part: Sequence[Report], filing: Filing) -> float | int | None:
    """The line over these quarters as ``filing`` tells it; None where the company does not have it."""
    if (name := SINCE_YEAR_BEGAN.get(concept)) is not None:
        amounts = [getattr(report, name) for report in part]
        return None if None in amounts else sum(amounts)
    units = [filing.report.factor / report.factor for report in part]  # shares then become so many by this filing
    if concept == "EarningsPerShareDiluted":
        return round(sum(report.eps / unit for report, unit in zip(part, units, strict=True)), 2)
    if concept == "NetIncomeLoss":
        return sum(_income(report, filing.accepted) for report in part)
    return round(sum(report.shares * unit for report, unit in zip(part, units, strict=True)) / len(part) / 1000) * 1000


def _income(report: Report, moment: datetime) -> int:
    factor = RESTATED.get((COMPANIES[report.order].key, report.end))
    is_amended = factor is not None and moment >= report.filed + AMENDED_AFTER
    return round(report.net_income * factor) if is_amended and factor is not None else report.net_income


def _spans(reports: Sequence[Report], filing: Filing, concept: str) -> Iterator[Sequence[Report]]:
    """The runs of quarters that a filing tells a line of: this year's and the same of the year before."""
    own = filing.report
    for year in (own.fiscal_year - 1, own.fiscal_year):
        run = [r for r in reports[: filing.told] if r.fiscal_year == year and r.quarter <= own.quarter]
        if concept in IN_QUARTERS and not own.is_last and run and run[-1].quarter == own.quarter:
            yield run[-1:]
        if len(run) == own.quarter and not (own.quarter == 1 and concept in IN_QUARTERS):
            yield run


def _frame(first: date, last: date) -> str:
    middle = first + (last - first) / 2
    days = (last - first).days
    return f"CY{middle.year}" if days > 300 else f"CY{middle.year}Q{(middle.month + 2) // 3}" if days < 100 else ""


def _concept(
    company: Company, concept: str, reports: Sequence[Report], filings: Sequence[Filing], now: datetime
) -> Reply:
    facts: list[dict[str, Any]] = []
    for filing in filings:
        if filing.told == 0 or _moment(filing.filed, CUT) > now:
            continue
        period = "FY" if filing.report.is_last else f"Q{filing.report.quarter}"
        for part in _spans(reports, filing, concept):
            value = _sum(concept, part, filing)
            if value is not None:
                facts.append(
                    {
                        "start": part[0].start.isoformat(),
                        "end": part[-1].end.isoformat(),
                        "val": value,
                        "accn": filing.accession,
                        "fy": filing.report.fiscal_year,
                        "fp": period,
                        "form": filing.form,
                        "filed": filing.filed.isoformat(),
                    }
                )
    if not facts:
        return _UNKNOWN
    facts.sort(key=lambda fact: (fact["end"], fact["start"]))  # stable: tellings of a period stay in their order
    for fact, after in zip(facts, [*facts[1:], None], strict=True):
        is_last = after is None or (after["start"], after["end"]) != (fact["start"], fact["end"])
        if is_last and (frame := _frame(date.fromisoformat(fact["start"]), date.fromisoformat(fact["end"]))):
            fact["frame"] = frame
    head = {"cik": company.cik, "taxonomy": "us-gaap", "tag": concept, "label": concept, "description": ""}
    return json_reply({**head, "entityName": company.name, "units": {IN_QUARTERS.get(concept, "USD"): facts}})


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The list of tickers, a company's filings or one line of its statements, as they were out at ``asked_at``."""
    if path == TICKERS:
        return _tickers(asked_at)
    match = SUBMISSIONS.fullmatch(path) or CONCEPT.fullmatch(path)
    n = _issuers().get(int(match[1])) if match else None
    if match is None or n is None:
        return _UNKNOWN
    reports = world.reports[n]
    filings = _of_company(COMPANIES[n].cik, reports)
    if match.re is SUBMISSIONS:
        return _submissions(COMPANIES[n], filings, asked_at)
    if match[2] not in {**IN_QUARTERS, **SINCE_YEAR_BEGAN}:
        return _UNKNOWN
    return _concept(COMPANIES[n], match[2], reports, filings, asked_at)


def table(answer: Reply) -> Table | None:
    """Figures of a line (by the end of their period), filings (by date) or companies, the newest or smallest last."""
    if not answer[1]["content-type"].startswith("application/json"):
        return None
    held = json.loads(answer[2])
    if "units" in held:
        ((unit, facts),) = held["units"].items()

        def write_facts(table: Table) -> bytes:
            rows = [{**facts[min(n, len(facts) - 1)], "end": row[0], "val": row[1]} for n, row in enumerate(table.rows)]
            return json_bytes({**held, "units": {unit: rows}})

        return Table(["end", "val"], [[fact["end"], float(fact["val"])] for fact in facts], write_facts)
    if "filings" in held:
        recent = held["filings"]["recent"]

        def write_filings(table: Table) -> bytes:
            days = [row[0] for row in reversed(table.rows)]
            return json_bytes({**held, "filings": {**held["filings"], "recent": {**recent, "filingDate": days}}})

        return Table(["filingDate"], [[day] for day in reversed(recent["filingDate"])], write_filings)

    def write_companies(table: Table) -> bytes:
        rows = [{**held[str(n)], "cik_str": int(float(row[1] or 0))} for n, row in enumerate(table.rows)]
        return json_bytes({str(n): row for n, row in enumerate(rows)})

    return Table(["ticker", "cik_str"], [[r["ticker"], float(r["cik_str"])] for r in held.values()], write_companies)


def _without(name: str, of: str) -> OwnFault:
    """A fault that leaves out one field of every figure."""

    def spoil(fault: Fault, answer: Reply) -> Reply:
        return answer[0], answer[1], re.sub(rf',"{name}":"[^"]*"'.encode(), b"", answer[2])

    return OwnFault(f"figures without {of}", spoil=spoil)


def _ragged(fault: Fault, answer: Reply) -> Reply:
    held = json.loads(answer[2])
    held["filings"]["recent"]["form"].pop(0)
    return answer[0], answer[1], json_bytes(held)


VENDOR = Vendor(
    hosts=(FILES, DATA),
    answer=answer,
    examples={
        f"{FILES}{TICKERS}": "6486318841584b61cfce2470e0988ed8",
        f"{DATA}/submissions/CIK0009100001.json": "4b236ebd8ba6fdc71ff8d4bfab61bfad",
        f"{DATA}/api/xbrl/companyconcept/CIK0009100001/us-gaap/EarningsPerShareDiluted.json": "f1d92c9e5c5ec6c8d9a0df73753f13b4",
    },
    table=table,
    series=lambda path, query: path.rpartition("CIK")[2][:10],
    faults={
        "unfiled": _without("filed", "the date they were filed"),
        "ragged": OwnFault("filings of which one column lost its newest cell", spoil=_ragged),
    },
)
