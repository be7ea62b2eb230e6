"""FINRA's workbook of margin statistics: one sheet, months as text, newest first, millions of dollars.

Belongs here: the sheet. Does not: balances (``world.margin``).
"""

from __future__ import annotations

import re
from datetime import datetime

from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.margin import months
from ingestion.sample.world.market import World

HOST, PATH = "www.finra.org", "/sites/default/files/2021-03/margin-statistics.xlsx"
SHEET = "Customer Margin Balances"
HEADER: tuple[SheetCell, ...] = (
    "Year-Month", "Debit Balances in Customers' Securities Margin Accounts",
    "Free Credit Balances in Customers' Cash Accounts", "Free Credit Balances in Customers' Securities Margin Accounts",
)  # fmt: skip
_ROW = re.compile(r"<row [^>]*>(.*?)</row>")
_TEXT = re.compile(r"<t[^>]*>(\d{4}-\d\d)</t>")
_VALUE = re.compile(r"<v>([^<]*)</v>")


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook as it stood."""
    if path != PATH:
        return text_reply("Not Found", "text/html", 404)
    told = [one for one in months(world) if one.public_at <= epoch(asked_at)]
    lines: list[list[SheetCell]] = [
        [f"{one.first:%Y-%m}", float(one.debit), float(one.cash), float(one.margin)] for one in reversed(told)
    ]
    return 200, {"content-type": XLSX}, xlsx({SHEET: [list(HEADER), *lines]})


def table(answer: Reply) -> Table | None:
    """Month (its first day) and the three balances, oldest first."""
    rows: list[list[Cell]] = []
    for cells in _ROW.findall(answer[2].decode("latin-1")):
        month = _TEXT.search(cells)
        if month:
            rows.append([f"{month[1]}-01", *map(float, _VALUE.findall(cells))])
    if not rows:
        return None

    def write(table: Table) -> bytes:
        lines: list[list[SheetCell]] = [[str(row[0])[:7], *row[1:]] for row in reversed(table.rows)]
        return xlsx({SHEET: [list(HEADER), *lines]})

    return Table(["month", "debit", "cash", "margin"], rows[::-1], write)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}": "bbc1cb38717ca296a543c30242485486"},
    table=table,
)
