"""Damodaran's workbook: the risk premium implied at the start of each month, as shares of one, newest month last.

Belongs here: the layout, and a premium that rises and falls with what the index yields. Does not: earnings and yields of
the index (``world.valuation``). A month is added at noon of New York on the first session on or after its second day; in
December 2025 the months of that year were estimated anew. Days are counted from 1900 here, not from 1904.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import polars as pl

from ingestion import calendar
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.clock import REWRITTEN_AT
from ingestion.sample.world.market import World
from ingestion.sample.world.valuation import Month, months

HOST, PATH = "pages.stern.nyu.edu", "/~adamodar/pc/implprem/ERPbymonth.xlsx"
SHEET = "Historical ERP"
FIRST = date(2008, 9, 1)
PAID, SUSTAINED = 0.85, 0.8  # of the earnings: what is paid and bought back, and what can be for long
GROWTH, NORMAL = 0.35, 4.0  # how far the premium falls for a point of yield above normal (percent)
ANEW = 1.01  # by how much the premiums of 2025 are larger since they were estimated anew
HEADER = (
    "Start of month", "S&P 500", "T.Bond Rate", "$ Riskfree Rate", "ERP (T12 m with sustainable payout)", "ERP (T12m)",
    "ERP (Smoothed)", "Expected Return", "Notes",
)  # fmt: skip
_ROW = re.compile(r'<row r="(\d+)">(.*?)</row>')
_VALUE = re.compile(r'<c r="([A-Z])\d+"><v>([^<]*)</v></c>')


def _out(asked_at: datetime) -> list[Month]:
    """The months that are told."""
    held = [month for month in months() if month.first >= FIRST]
    sessions = calendar.next_session(pl.Series([month.first for month in held], dtype=pl.Date))
    told = (calendar.at_new_york(sessions, 12) <= asked_at).to_list()
    return [month for month, is_told in zip(held, told, strict=True) if is_told]


def _serial(day: date) -> float:
    return float((day - date(1899, 12, 30)).days)


def _line(month: Month, asked_at: datetime) -> list[SheetCell]:
    bond = month.start_yield / 100.0
    shift = GROWTH * (NORMAL / 100.0 - bond)
    anew = ANEW if month.first.year == REWRITTEN_AT.year and asked_at >= REWRITTEN_AT else 1.0
    paid, sustained = (
        round((share * month.start_earnings / month.start + shift) * anew, 4) for share in (PAID, SUSTAINED)
    )
    riskfree = round(bond - 0.0023, 4)
    return [
        _serial(month.first), round(month.start, 2), round(bond, 4), riskfree, sustained, paid, round(paid * 1.3, 4),
        round(riskfree + paid, 4), None,
    ]  # fmt: skip


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook as it stood."""
    if path != PATH:
        return text_reply("Not Found", "text/html", 404)
    lines: list[list[SheetCell]] = [list(HEADER), *(_line(month, asked_at) for month in _out(asked_at))]
    return 200, {"content-type": XLSX}, xlsx({SHEET: [*lines, [], [None, "Sample: nobody estimated these"]]})


def table(answer: Reply) -> Table | None:
    """Month and the two premiums, oldest first. A faulty answer keeps the sheet's other cells."""
    found = [(number, dict(_VALUE.findall(cells))) for number, cells in _ROW.findall(answer[2].decode("latin-1"))]
    held = [(number, cells) for number, cells in found if "A" in cells]
    if not held:
        return None
    days = [date(1899, 12, 30) + timedelta(int(float(cells["A"]))) for _, cells in held]
    rows: list[list[Cell]] = [
        [str(day), float(cells["E"]), float(cells["F"])] for day, (_, cells) in zip(days, held, strict=True)
    ]

    def write(table: Table) -> bytes:
        lines: list[list[SheetCell]] = [list(HEADER)]
        for (_, cells), row in zip(held, table.rows, strict=False):
            line: list[SheetCell] = [float(cells[letter]) for letter in "ABCDEFGH"]
            line[4:6] = [value if isinstance(value, float) else None for value in row[1:3]]
            lines.append(line)
        return xlsx({SHEET: lines})

    return Table(["month", "sustainable", "t12m"], rows, write)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}": "bbfa7c8b80034081a5bfff8cc8ceb51f"},
    table=table,
)
