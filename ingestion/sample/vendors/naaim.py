"""NAAIM's workbook of exposures: one sheet named after the year, newest week first, days as text; a new address every week.

Belongs here: the sheet, its two oldest weeks told again at its foot, and the address, which holds the day of the newest
survey and the month it was told in. Does not: the answers (``world.managers``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from ingestion import calendar
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.managers import Survey, surveys
from ingestion.sample.world.market import World

HOST = "www.naaim.org"
PATH = re.compile(r"/wp-content/uploads/(\d{4})/(\d\d)/USE_Data-since-Inception_(\d{4}-\d\d-\d\d)\.xlsx")
HEADER: tuple[SheetCell, ...] = (
    "Date", "Mean/Average", "Most Bearish Response", "Quart 1 (25% at/below)", "Quart 2 (median)", "Quart 3 (25% at/above)",
    "Most Bullish Response", "Standard Deviation", "NAAIM Number", "S&P 500",
)  # fmt: skip
_ROW = re.compile(r"<row [^>]*>(.*?)</row>")
_TEXT = re.compile(r"<t[^>]*>(\d{4}-\d\d-\d\d)</t>")
_VALUE = re.compile(r"<v>([^<]*)</v>")
AGAIN = 2


def _line(one: Survey) -> list[SheetCell]:
    return [
        f"{one.day}", one.exposure, one.bearish, *one.quarters, one.bullish, one.deviation, one.exposure, one.index
    ]  # fmt: skip


def _sheet(lines: list[list[SheetCell]]) -> bytes:
    """``lines`` newest first."""
    return xlsx({f"USE_Data since Inception_{str(lines[0][0])[:4]}": [list(HEADER), *lines, *lines[-AGAIN:]]})


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook of one week, once it is told."""
    named = PATH.fullmatch(path)
    told = [one for one in surveys(world) if one.public_at <= epoch(asked_at)]
    mine = [n for n, one in enumerate(told) if named and one.day == date.fromisoformat(named[3])]
    if named and mine:
        at = datetime.fromtimestamp(told[mine[0]].public_at, UTC).astimezone(calendar.NEW_YORK)
        if f"{at:%Y/%m}" == f"{named[1]}/{named[2]}":
            return 200, {"content-type": XLSX}, _sheet([_line(one) for one in told[mine[0] :: -1]])
    return text_reply("Not Found", "text/html", 404)


def table(answer: Reply) -> Table | None:
    """Day and the nine figures, oldest first; the weeks told again are left out."""
    rows: list[list[Cell]] = []
    for cells in _ROW.findall(answer[2].decode("latin-1")):
        day = _TEXT.search(cells)
        if day:
            rows.append([day[1], *map(float, _VALUE.findall(cells))])
    if not rows:
        return None

    def write(table: Table) -> bytes:
        return _sheet([[str(row[0]), *row[1:]] for row in reversed(table.rows)])

    return Table([str(name) for name in HEADER], rows[-AGAIN - 1 :: -1], write)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}/wp-content/uploads/2026/01/USE_Data-since-Inception_2026-01-14.xlsx": "651bd9c477003392115446bbcd395a5e"
    },
    table=table,
    series=lambda path, query: "exposure",
)
