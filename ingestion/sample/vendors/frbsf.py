"""The San Francisco Fed's workbook of news sentiment: a page of notes, and sheet ``Data`` with days as Excel counts them.

Belongs here: the layout, and that the file is made anew each Monday at noon of New York with the days up to the Sunday
before. In December 2025 the whole past was estimated anew. Does not: the values.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from ingestion import calendar
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.clock import REWRITTEN_AT
from ingestion.sample.world.market import World
from ingestion.sample.world.tone import ANEW, tone

HOST, PATH = "www.frbsf.org", "/wp-content/uploads/news_sentiment_data.xlsx"
HEADER: tuple[SheetCell, ...] = ("date", "News Sentiment")
NOTES: list[list[SheetCell]] = [["Daily News Sentiment Index (sample: nobody read anything)"]]
EPOCH = date(1899, 12, 30)
_ROW = re.compile(r"<row [^>]*>(.*?)</row>")
_VALUE = re.compile(r"<v>([^<]*)</v>")


def _newest(asked_at: datetime) -> date:
    """The Sunday before the last Monday noon."""
    local = asked_at.astimezone(calendar.NEW_YORK)
    monday = local.date() - timedelta(local.weekday())
    return monday - timedelta(8 if local.weekday() == 0 and local.hour < 12 else 1)


def _book(lines: list[list[SheetCell]]) -> bytes:
    return xlsx({"About": NOTES, "Data": [list(HEADER), *lines]})


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook as it stood."""
    days, values = tone(world)
    newest = _newest(asked_at)
    if path != PATH or newest < days[0]:
        return text_reply("Not Found", "text/html", 404)
    scale = ANEW if asked_at >= REWRITTEN_AT else 1.0
    lines: list[list[SheetCell]] = [
        [float((day - EPOCH).days), round(scale * value, 6)]
        for day, value in zip(days, values.tolist(), strict=True)
        if day <= newest
    ]
    return 200, {"content-type": XLSX}, _book(lines)


def table(answer: Reply) -> Table | None:
    """Day as YYYY-MM-DD and tone, oldest first."""
    rows: list[list[Cell]] = []
    for cells in _ROW.findall(answer[2].decode("latin-1")):
        found = _VALUE.findall(cells)
        if len(found) == len(HEADER):
            rows.append([f"{EPOCH + timedelta(int(float(found[0])))}", float(found[1])])
    if not rows:
        return None

    def write(table: Table) -> bytes:
        return _book([[float((date.fromisoformat(str(row[0])) - EPOCH).days), *row[1:]] for row in table.rows])

    return Table(["date", "sentiment"], rows, write)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}": "cf6c4a6cdbc9cc6c7caff38ce0d9f247"},
    table=table,
)
