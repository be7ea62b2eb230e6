"""SSGA's two workbooks: a fund's history (sheet ``navhist``, newest day first, days as text, dashes for gaps), and what
the funds of stocks hold (sheet ``holdings``, largest line first, small print below).

Belongs here: the workbooks. Does not: fund data. They are written without compression and with fixed times, because
packed bytes differ between versions of zlib. A day's row, or its list, is public at 09:00 New York of the next session.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ingestion.sample.reply import MONTHS, Reply, epoch, is_number, text_reply
from ingestion.sample.table import Cell, Table, marked_up
from ingestion.sample.vendor import Vendor
from ingestion.sample.workbooks import xlsx
from ingestion.sample.world import holdings
from ingestion.sample.world.clock import clock
from ingestion.sample.world.funds import FUNDS, public_at
from ingestion.sample.world.market import World, world
from ingestion.sample.world.trusts import Trust

PATH = re.compile(r"/library-content/products/fund-data/etfs/us/navhist-us-en-([a-z0-9]+)\.xlsx")
HELD_PATH = re.compile(r"/library-content/products/fund-data/etfs/us/holdings-daily-us-en-([a-z0-9]+)\.xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "xl/worksheets/sheet1.xml"
_ROW = re.compile(r'<row r="\d+">.*?</row>')
_CELL = re.compile(r"(<(?:v|t)>)([^<]*)(</(?:v|t)>)")
_HELD_ROW = re.compile(r"<row .*?</row>")
_HELD_CELL = re.compile(r"<(?:v|t)[^>]*>([^<]*)</(?:v|t)>")
HELD = ("Name", "Ticker", "Identifier", "SEDOL", "Weight", "Sector", "Shares Held", "Local Currency")
HELD_FUNDS = {"SLRG": "Sample Large Companies Trust"} | {
    symbol: name for symbol, _, name, sector, *_ in FUNDS if sector
}
_SMALL_PRINT = "Sample data: neither this fund nor any of these companies exists."
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


def _line(one: holdings.Holding) -> tuple[Cell, ...]:
    """The cells of one line; numbers of securities are made up from their place in the directory."""
    if one.company is None:
        number = "999USDX00" if one.order == -1 else "900CVR001"
        return (one.name.upper(), "-", number, "-", round(one.weight, 6), "-", one.shares, "USD")
    ticker, security = one.symbol.replace("-", "."), f"9{one.order:05d}10{one.order % 10}"
    return (one.name.upper(), ticker, security, f"9{one.order:06d}", round(one.weight, 6), "-", one.shares, "USD")


def _list(fund: str, day: str, lines: Sequence[Sequence[Cell]]) -> bytes:
    top = (("Fund Name:", HELD_FUNDS[fund]), ("Ticker Symbol:", fund), ("Holdings:", f"As of {day}"), (), HELD)
    return xlsx({"holdings": [*top, *lines, (), (_SMALL_PRINT,), (), ("For holders of no fund.",)]})


def _held(market: World, fund: str, done: int) -> Reply:
    if fund not in HELD_FUNDS or done == 0:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    day = clock().days[done - 1]
    shown = f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"
    return (
        200,
        {"content-type": XLSX},
        _list(fund, shown, [_line(one) for one in holdings.held(market, fund, done - 1)]),
    )


def _held_table(sheet: str) -> Table:
    """The lines of a list, smallest first, so that the newest row of a fault is the largest line."""
    texts = [[cell[1] for cell in _HELD_CELL.finditer(row[0])] for row in _HELD_ROW.finditer(sheet)]
    size = next(n for n, row in enumerate(texts[5:]) if not row)
    fund, day = texts[1][1], texts[2][1].removeprefix("As of ")
    held: list[list[Cell]] = [[*row[:4], float(row[4]), row[5], float(row[6]), row[7]] for row in texts[5 : 5 + size]]

    def write(table: Table) -> bytes:
        lines = [
            [float(c.strip("\0")) if isinstance(c, str) and "\0" in c else c for c in row] for row in table.rows[::-1]
        ]
        return _list(fund, day, lines)

    return Table(list(HELD), held[::-1], write)


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The workbook of the fund in the file's name; an unknown fund is an HTML page with status 404."""
    done = int(np.searchsorted(public_at(), epoch(asked_at), side="right"))
    if listed := HELD_PATH.fullmatch(path):
        return _held(market, listed[1].upper(), done)
    named = PATH.fullmatch(path)
    trust = market.trusts.get(named[1].upper()) if named else None
    if trust is None or done == 0:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    return 200, {"content-type": XLSX}, workbook({**_FRAME, SHEET: _sheet(trust, done)})


def table(answer: Reply) -> Table | None:
    """The rows of the workbook's one sheet: days, or lines of a list."""
    if answer[1].get("content-type") != XLSX:
        return None
    with zipfile.ZipFile(io.BytesIO(answer[2])) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    if 'name="holdings"' in parts["xl/workbook.xml"]:
        return _held_table(parts[SHEET])
    inner = marked_up(parts[SHEET], (_ROW, _CELL), "Date", "-", row, "%d-%b-%Y")
    write = inner.write
    inner.write = lambda table: workbook({**parts, SHEET: write(table).decode()})
    return inner


VENDOR = Vendor(
    hosts=("www.ssga.com",),
    answer=answer,
    examples={
        "www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-sgov.xlsx": "41d9d7e6563a392c47a80ba7545578ce",
        "www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-slrg.xlsx": "612bd65984f01bfac342a6e56ca592e1",
        "www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-scms.xlsx": "7304911976e8a3c8ff336a3b205c5a30",
    },
    table=table,
    seed_rows={
        "instrument_ids.csv": lambda: [
            *(f"sample,ETF:{ticker},ssga,{ticker}" for ticker in world().trusts),
            *(f"sample,ETF:{ticker},ssga_holdings,{ticker}" for ticker in HELD_FUNDS),
        ]
    },
)
