"""iShares' fund download: SpreadsheetML that starts with two byte order marks and is not valid XML (a bare ``&``).

Belongs here: the workbook's layout. Does not: fund data. A day's row is public at 09:00 New York of the next session.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ingestion.sample.reply import MONTHS, Reply, epoch, is_number, text_reply
from ingestion.sample.table import Table, marked_up
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import clock
from ingestion.sample.world.funds import FUNDS, Fund, public_at
from ingestion.sample.world.market import World

PATH = "/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
TYPE = "application/vnd.ms-excel"
MARKS = "\ufeff\ufeff"
HISTORY = ("As Of", "NAV per Share", "Ex-Dividends", "Shares Outstanding")
_ROW = re.compile(r"<ss:Row>.*?</ss:Row>\n", re.S)
_DATA = re.compile(r"(<ss:Data[^>]*>)([^<]*)(</ss:Data>)")
OPENING = """<?xml version="1.0"?>
<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<ss:Styles>
<ss:Style ss:ID="Default">
<ss:Alignment ss:Horizontal="Left"/>
</ss:Style>
<ss:Style ss:ID="headerstyle">
<ss:Font ss:Bold="1" />
</ss:Style>
</ss:Styles>
"""


def _cell(value: str, kind: str = "String", style: str = "Left") -> str:
    return f'<ss:Cell ss:StyleID="{style}">\n<ss:Data ss:Type="{kind}">{value}</ss:Data>\n</ss:Cell>\n'


def _number(value: float, digits: int) -> str:
    return _cell("--") if math.isnan(value) else _cell(f"{value:.{digits}f}", "Number", "Right")


def row(number: int, *cells: str) -> str:
    """One row of a sheet; a cell is a number if it looks like one, else text."""
    made = (_cell(c, "Number", "Right") if is_number(c) else _cell(c) for c in cells)
    return f"<ss:Row>\n{''.join(made)}</ss:Row>\n"


def _sheet(name: str, rows: Sequence[str]) -> str:
    body = "".join(f"<ss:Row>\n{row}</ss:Row>\n" for row in rows)
    return f'<ss:Worksheet ss:Name="{name}">\n<ss:Table>\n{body}</ss:Table>\n</ss:Worksheet>\n'


def _header(names: Sequence[str]) -> str:
    return "".join(_cell(name, style="headerstyle") for name in names)


def _workbook(fund: Fund, done: int) -> str:
    days = [f"{MONTHS[day.month - 1]} {day.day:02d}, {day.year}" for day in clock().days[:done]]
    nav, cash, shares = (values[:done].tolist() for values in (fund.nav, fund.cash, fund.shares))
    newest_first = range(done - 1, -1, -1)
    about = [
        _cell("Sample data: this fund, its holdings and its sponsor Midland & Partners do not exist."),
        _cell(fund.name) + _cell("Benchmark R&D of Midland & Partners"),
    ]
    holdings = [_cell(days[-1]), _cell(fund.name), _cell("Fund Holdings as of") + _cell(days[-1])]
    history = [_cell(days[n]) + _number(nav[n], 6) + _number(cash[n], 6) + _number(shares[n], 0) for n in newest_first]
    paid = [_cell(days[n]) + _number(cash[n], 6) for n in newest_first if not math.isnan(cash[n])]
    return (
        MARKS
        + OPENING
        + _sheet("Disclaimers", about)
        + _sheet("Holdings", holdings)
        + _sheet("Historical", [_header(HISTORY), *history])
        + _sheet("Distributions", [_header(("Ex-Date", "Total Distribution")), *paid])
        + "</ss:Workbook>"
    )


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The workbook of the fund ``portfolioId``; an unknown fund is an HTML page with status 404."""
    fund = world.funds.get(query.get("portfolioId", ""))
    done = int(np.searchsorted(public_at(), epoch(asked_at), side="right"))
    if path != PATH or query.get("component") != "fundDownload" or fund is None or done == 0:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    return text_reply(_workbook(fund, done), TYPE)


def table(answer: Reply) -> Table | None:
    """The rows of sheet ``Historical``."""
    if answer[1].get("content-type", "").partition(";")[0] != TYPE:
        return None
    return marked_up(answer[2].decode(), (_ROW, _DATA), HISTORY[0], "--", row, "%b %d, %Y")


VENDOR = Vendor(
    hosts=("www.blackrock.com",),
    answer=answer,
    examples={
        f"www.blackrock.com{PATH}?component=fundDownload&portfolioId=900001": "a2205fa6ae0d0b776272671136129154",
    },
    table=table,
    seed_rows={
        "instrument_ids.csv": lambda: [f"sample,ETF:{symbol},ishares,{product}" for symbol, product, *_ in FUNDS]
    },
)
