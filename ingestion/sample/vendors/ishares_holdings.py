"""iShares' list of holdings: a CSV file with nine lines above the header, and terms below a line with one hard space.

Belongs here: the file. Does not: what is held (``world.holdings``). Quirks kept: a byte order mark, numbers in quotes with
commas, class shares without a dot (``HRNB``), ``Communication`` for the sector, futures without a weight, a claim that counts
as equity. The list of a day is public at 09:00 New York of the next session.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import MONTHS, Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import OwnFault, Vendor
from ingestion.sample.world import holdings
from ingestion.sample.world.clock import clock
from ingestion.sample.world.funds import FUNDS, public_at
from ingestion.sample.world.market import World

PATH = re.compile(r"/us/products/(\d+)/[a-z0-9-]+/1467271812596\.ajax")
FUND = {product: (symbol, name) for symbol, product, name, sector, *_ in FUNDS if sector is None}
SPACE = "\N{NO-BREAK SPACE}"
HEADER = (
    "Ticker", "Name", "Sector", "Asset Class", "Market Value", "Weight (%)", "Notional Value", "Shares", "Price", "Location",
    "Exchange", "Currency", "FX Rate", "Market Currency", "Accrual Date",
)  # fmt: skip
_NUMBERS = (4, 5, 6, 7, 8)  # columns
_LABELS = {"Communication Services": "Communication"}
TERMS = "Sample data: this fund, its holdings and its sponsor do not exist.\nHoldings are made up.\n"


def _row(ticker: str, name: str, sector: str, kind: str, one: Sequence[float], place: str, exchange: str) -> list[Cell]:
    """``one``: market value, weight, notional value, shares, price."""
    return [ticker, name.upper(), sector, kind, *one, place, exchange, "USD", 1.0, "USD", "-"]


def _line(one: holdings.Holding) -> list[Cell]:
    value = (round(one.value, 2), round(one.weight, 2), round(one.value, 2), one.shares, one.price)
    if one.company is not None:
        sector = _LABELS.get(one.company.sector, one.company.sector)
        exchange = "NASDAQ" if one.company.sector == "Information Technology" else "New York Stock Exchange Inc."
        return _row(one.symbol.replace("-", ""), one.name, sector, "Equity", value, "United States", exchange)
    if one.order == -1:
        at_hundred = (*value[:3], round(one.value, 0), 100.0)
        return _row("USD", "USD Cash", "Cash and/or Derivatives", "Cash", at_hundred, "United States", "-")
    return _row("-", f"{one.name} CVR", "Health Care", "Equity", value, "United States", "NO MARKET (E.G. UNLISTED)")


def _shown(day: str, name: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    """The file. Every cell of a row stands in quotes, and numbers have commas and two digits."""
    text = io.StringIO()
    write = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
    for row in rows:
        write([f"{cell:,.2f}" if isinstance(cell, float) else str(cell).strip("\0") for cell in row])
    above = [
        name, f'Fund Holdings as of,"{day}"', 'Inception Date,"Jan 02, 2014"', 'Shares Outstanding,"60,000,000.00"',
        *(f'{kind},"-"' for kind in ("Stock", "Bond", "Cash", "Other")), SPACE, ",".join(HEADER),
    ]  # fmt: skip
    return ("\ufeff" + "\n".join(above) + "\n" + text.getvalue() + f"{SPACE}\n" + TERMS).encode()


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The list of the fund of that number; an unknown fund is an HTML page with status 404."""
    named = PATH.fullmatch(path)
    done = int(np.searchsorted(public_at(), epoch(asked_at), side="right"))
    if named is None or named[1] not in FUND or query.get("fileType") != "csv" or done == 0:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    symbol, name = FUND[named[1]]
    day = clock().days[done - 1]
    rows = [_line(one) for one in holdings.held(market, symbol, done - 1)]
    future = (0.0, 0.0, 900_000.0, 4.0, 2250.0)
    rows.append(
        _row("SMPH6", "Sample Emini Mar 26", "Cash and/or Derivatives", "Futures", future, "-", "Sample Exchange")
    )
    shown = f"{MONTHS[day.month - 1]} {day.day:02d}, {day.year}"
    return 200, {"content-type": "text/csv;charset=UTF-8"}, _shown(shown, name, rows)


def table(answer: Reply) -> Table | None:
    """The lines of a list, smallest first, so that the newest row of a fault is the largest line."""
    if "text/csv" not in answer[1].get("content-type", ""):
        return None
    lines = answer[2].decode("utf-8-sig").split("\n")
    top = lines.index(",".join(HEADER))
    rows: list[list[Cell]] = []
    for cells in csv.reader(lines[top + 1 : lines.index(SPACE, top)]):
        rows.append([float(c.replace(",", "")) if n in _NUMBERS else c for n, c in enumerate(cells)])
    day = next(csv.reader([lines[1]]))[1]

    def write(table: Table) -> bytes:
        return _shown(day, lines[0], table.rows[::-1])

    return Table(list(HEADER), rows[::-1], write)


def _other_fund(fault: Fault, answer: Reply) -> Reply:
    status, headers, body = answer
    return status, headers, body.replace(b"Sample Broad Market ETF", b"Sample Small Companies ETF", 1)


VENDOR = Vendor(
    hosts=("www.ishares.com",),
    answer=answer,
    examples={
        "www.ishares.com/us/products/900001/sample-broad-market-etf/1467271812596.ajax?fileType=csv": (
            "f70c889692a1eea38fa7209c5694b037"
        ),
    },
    table=table,
    series=lambda path, query: query.get("fileName", "").partition("_")[0],
    faults={"other_fund": OwnFault("the list is headed by the name of another fund", spoil=_other_fund)},
    seed_rows={
        "instrument_ids.csv": lambda: [f"sample,ETF:{symbol},ishares_holdings,{p}" for p, (symbol, _) in FUND.items()]
    },
)
