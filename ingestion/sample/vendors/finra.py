"""FINRA's file of short interest: fields between bars in a file called .csv, one per settlement day.

Belongs here: the file and the S3 note (HTTP 403) where there is none. Does not: positions (``world.shorts``). Quirks kept:
symbols without dots (``HRNB``), names of 30 characters, days to cover from 1.00 to 999.99 (no volume), 100.00 % where nobody
was short before, securities over the counter in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import OwnFault, Vendor
from ingestion.sample.world import shorts
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.market import World

PATH = re.compile(r"/equity/otcmarket/biweekly/shrt(\d{4})(\d{2})(\d{2})\.csv")
HEADER = (
    "accountingYearMonthNumber", "symbolCode", "issueName", "issuerServicesGroupExchangeCode", "marketClassCode",
    "currentShortPositionQuantity", "previousShortPositionQuantity", "stockSplitFlag", "averageDailyVolumeQuantity",
    "daysToCoverQuantity", "revisionFlag", "changePercent", "changePreviousNumber", "settlementDate",
)  # fmt: skip
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    "<RequestId>0</RequestId></Error>"
)
_NUMBERS = {5: 0, 6: 0, 8: 0, 9: 2, 11: 2, 12: 0}  # columns and their digits


def _line(
    symbol: str, name: str, place: str, market: str, numbers: tuple[int, int, int], flags: str, day: date
) -> list[Cell]:
    """``numbers``: position, the one before, mean volume. ``flags``: S and R where they hold."""
    now, before, volume = numbers
    cover = min(999.99, max(1.0, now / volume)) if volume else 999.99
    change = 100.0 * (now - before) / before if before else 100.0
    return [
        f"{day:%Y%m%d}", symbol, name[:30], place, market, float(now), float(before), "S" if "S" in flags else "", float(volume),
        cover, "R" if "R" in flags else "", change, float(now - before), str(day),
    ]  # fmt: skip


def _text(rows: list[list[Cell]]) -> bytes:
    lines = [
        "|".join(f"{c:.{_NUMBERS[n]}f}" if isinstance(c, float) else str(c).strip("\0") for n, c in enumerate(row))
        for row in rows
    ]
    return ("\n".join(["|".join(HEADER), *lines]) + "\n").encode()


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The file of the day in its name; the note of a store that lists nothing where there is none."""
    named = PATH.fullmatch(path)
    try:
        day = date(*map(int, named.groups())) if named else None
    except ValueError:
        day = None
    told = shorts.reported(market, day, epoch(asked_at)) if day else []
    if day is None or not told:
        return text_reply(DENIED, "application/xml", 403)
    rows = []
    for one in told:
        place, kind = ("R", "NNM") if one.company.sector == "Information Technology" else ("A", "NYSE")
        flags = ("S" if one.is_split else "") + ("R" if one.is_corrected else "")
        numbers = (one.shares, one.before, one.volume)
        rows.append(_line(one.symbol.replace("-", ""), one.company.name, place, kind, numbers, flags, day))
    for company in COMPANIES:
        if company.ending == "bankruptcy" and company.last_bar and company.last_bar < day:
            rows.append(_line(f"{company.symbol}Q", company.name, "S", "OTC", (1200, 1200, 0), "", day))
    return 200, {"content-type": "text/csv"}, _text(sorted(rows, key=lambda row: str(row[1])))


def table(answer: Reply) -> Table | None:
    """The rows of a file, in its order."""
    if answer[1].get("content-type") != "text/csv":
        return None
    lines = [line.split("|") for line in answer[2].decode().splitlines()[1:]]
    rows: list[list[Cell]] = [[float(c) if n in _NUMBERS else c for n, c in enumerate(line)] for line in lines]
    return Table(list(HEADER), rows, lambda table: _text(table.rows))


def _other_day(fault: Fault, answer: Reply) -> Reply:
    status, headers, body = answer
    return status, headers, re.sub(rb"\|\d{4}-\d{2}-\d{2}\n", b"|2025-12-15\n", body)


VENDOR = Vendor(
    hosts=("cdn.finra.org",),
    answer=answer,
    examples={
        "cdn.finra.org/equity/otcmarket/biweekly/shrt20251231.csv": "0bd5e977e7923727e040afd489490252",
        "cdn.finra.org/equity/otcmarket/biweekly/shrt20240328.csv": "41397ea55bc0ccf453fb456614eaed39",
    },
    table=table,
    faults={"other_day": OwnFault("the file of the settlement day 2025-12-15", spoil=_other_day)},
)
