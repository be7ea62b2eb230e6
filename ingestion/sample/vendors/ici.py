"""The ICI's workbook of combined flows: one .xls a year with one sheet, months and then the weeks no month covers yet.

Belongs here: the sheet, the folder of January. Does not: flows (``world.combined``). Quirks kept: values in every second
column, a blank behind the days of months, notes below.
"""

from __future__ import annotations

import re
import struct
from datetime import datetime

from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLS, xls
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.combined import Period, periods
from ingestion.sample.world.market import World

HOST = "www.ici.org"
PATH = re.compile(r"/system/files/(\d{4})-01/combined_flows_data_(\d{4})\.xls")
SHEET = "Combined"
HEADER: list[list[SheetCell]] = [
    ["Sample Company Institute"],
    ["Long-Term Mutual Fund and Exchange-Traded Fund (ETF) Flows"],
    ["Millions, U.S. dollars"],
    [],
    [
        "Date", "Total LT MF and ETF flows", None, "Equity", None, None, None, None, None, "Hybrid", None, "Bond", None, None,
        None, None, None, "Commodity",
    ],
    [*[None] * 3, "Total", None, "Domestic", None, "World", *[None] * 3, "Total", None, "Taxable", None, "Municipal"],
    [],
]  # fmt: skip
NAMES = ("total", "equity", "domestic", "world", "hybrid", "bond", "taxable", "municipal", "commodity")
NOTE = "Note: nobody counted these flows."
_DAY = "%m/%d/%Y"


def _line(one: Period) -> list[SheetCell]:
    line: list[SheetCell] = [f"{one.end:{_DAY}}" + (" " if one.kind == "month" else "")]
    for amount in one.flows:
        line += [float(amount), None]
    return line[:-1]


def _file(months: list[list[SheetCell]], weeks: list[list[SheetCell]]) -> bytes:
    head: list[SheetCell] = ["Estimated weekly fund flows"]
    return xls(SHEET, [*HEADER, ["Monthly fund flows"], *months, [], head, *weeks, [], [NOTE]])


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook of the running year as it stood; in January also that of the year before, with its last weeks."""
    asked = PATH.fullmatch(path)
    out = [[p for p in periods(kind) if p.public_at <= epoch(asked_at)] for kind in ("month", "week")]
    year = int(asked[1]) if asked and asked[1] == asked[2] else 0
    months = [p for p in out[0] if year - 2 <= p.end.year <= year]
    weeks = [p for p in out[1] if months and p.end > months[-1].end]
    # a year's file begins with its first week, and is not kept up when the next one has begun
    if not any(p.end.year == year for p in weeks):
        return text_reply("<!DOCTYPE html><html><body>Page not found</body></html>", "text/html", 404)
    return 200, {"content-type": XLS}, _file(list(map(_line, months)), list(map(_line, weeks)))


def table(answer: Reply) -> Table | None:
    """End and flows of each period, months first."""
    if answer[1].get("content-type") != XLS:
        return None
    by_place = _cells(answer[2])
    rows: list[list[Cell]] = []
    for number in sorted({row for row, _ in by_place}):
        first = by_place.get((number, 0))
        if isinstance(first, str) and re.fullmatch(r"\d\d/\d\d/\d{4} ?", first):
            rows.append([first, *(by_place.get((number, 2 * n + 1)) for n in range(len(NAMES)))])

    def write(table: Table) -> bytes:
        lines: list[tuple[bool, list[SheetCell]]] = []
        for day, *values in table.rows:
            line: list[SheetCell] = [str(day)]
            for value in values:
                line += [value, None]
            lines.append((str(day).endswith(" "), line[:-1]))
        return _file([line for is_month, line in lines if is_month], [line for is_month, line in lines if not is_month])

    return Table(["end", *NAMES], rows, write, _DAY)


def _cells(data: bytes) -> dict[tuple[int, int], Cell]:
    """The labels and numbers of a workbook that ``_file`` wrote: its stream begins behind the head of the file."""
    found: dict[tuple[int, int], Cell] = {}
    at = 512
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        record = data[at + 4 : at + 4 + size]
        if kind == 0x204:
            row, column, _, length, _ = struct.unpack_from("<HHHHB", record)
            found[row, column] = record[9 : 9 + length].decode("latin-1")
        elif kind == 0x203:
            row, column, _, number = struct.unpack("<HHHd", record)
            found[row, column] = number
        at += 4 + size
        if kind == 0x0A and found:
            break
    return found


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}/system/files/2026-01/combined_flows_data_2026.xls": "dadb3c9f28d4546a09595a39449bbd7e"},
    table=table,
)
