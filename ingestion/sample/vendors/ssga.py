"""SSGA's fund history: an xlsx workbook with one sheet ``navhist``, newest day first, days as text, dashes for gaps.

Belongs here: the workbook. Does not: fund data. It is written without compression and with fixed times, because packed
bytes differ between versions of zlib. A day's row is public at 09:00 New York of the next session.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime

import numpy as np

from ingestion.sample.reply import MONTHS, Reply, epoch, is_number, text_reply
from ingestion.sample.table import Table, marked_up
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import clock
from ingestion.sample.world.funds import public_at
from ingestion.sample.world.market import World, world
from ingestion.sample.world.trusts import Trust

PATH = re.compile(r"/library-content/products/fund-data/etfs/us/navhist-us-en-([a-z0-9]+)\.xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "xl/worksheets/sheet1.xml"
_ROW = re.compile(r'<row r="\d+">.*?</row>')
_CELL = re.compile(r"(<(?:v|t)>)([^<]*)(</(?:v|t)>)")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FRAME = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{XLSX}.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
    '<sheet name="navhist" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def row(number: int, *cells: str) -> str:
    """One row; a cell is a number if it looks like one, else text."""
    parts = []
    for column, cell in zip("ABCD", cells, strict=False):
        at = f'r="{column}{number}"'
        parts.append(
            f"<c {at}><v>{cell}</v></c>" if is_number(cell) else f'<c {at} t="inlineStr"><is><t>{cell}</t></is></c>'
        )
    return f'<row r="{number}">{"".join(parts)}</row>'


def _sheet(trust: Trust, done: int) -> str:
    rows = [
        row(1, "Fund Name:", trust.name),
        row(2, "Ticker:", f"{trust.ticker}®"),
        row(3),
        row(4, "Date", "NAV", "Shares Outstanding", "Total Net Assets"),
    ]
    days, nav, shares = clock().days, trust.nav[:done].tolist(), trust.shares[:done].tolist()
    for n in range(done - 1, -1, -1):
        day = f"{days[n].day:02d}-{MONTHS[days[n].month - 1]}-{days[n].year}"
        counted = not math.isnan(shares[n])
        held = (f"{shares[n]:.0f}", f"{nav[n] * shares[n]:.2f}") if counted else ("-", "-")
        rows.append(row(len(rows) + 1, day, f"{nav[n]:.6f}", *held))
    rows += [row(len(rows) + 1), row(len(rows) + 2, "Sample data: this fund does not exist.")]
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def workbook(parts: Mapping[str, str]) -> bytes:
    """An xlsx file of these parts, the same bytes on every machine."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2014, 1, 2, 0, 0, 0)), text)
    return packed.getvalue()


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The workbook of the fund in the file's name; an unknown fund is an HTML page with status 404."""
    named = PATH.fullmatch(path)
    trust = market.trusts.get(named[1].upper()) if named else None
    done = int(np.searchsorted(public_at(), epoch(asked_at), side="right"))
    if trust is None or done == 0:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    return 200, {"content-type": XLSX}, workbook({**_FRAME, SHEET: _sheet(trust, done)})


def table(answer: Reply) -> Table | None:
    """The rows of the workbook's one sheet."""
    if answer[1].get("content-type") != XLSX:
        return None
    with zipfile.ZipFile(io.BytesIO(answer[2])) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    inner = marked_up(parts[SHEET], (_ROW, _CELL), "Date", "-", row, "%d-%b-%Y")
    write = inner.write
    inner.write = lambda table: workbook({**parts, SHEET: write(table).decode()})
    return inner


VENDOR = Vendor(
    hosts=("www.ssga.com",),
    answer=answer,
    examples={
        "www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-sgov.xlsx": "41d9d7e6563a392c47a80ba7545578ce",
    },
    table=table,
    seed_rows={"instrument_ids.csv": lambda: [f"sample,ETF:{ticker},ssga,{ticker}" for ticker in world().trusts]},
)
