"""SSGA fund history: net asset value, shares outstanding and total net assets per day, one whole workbook per fund.

The layout (sheet `navhist`: fund name, ticker, a blank row, the header, newest day first) follows a public description;
any other shape is refused.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from urllib.parse import quote
from xml.etree.ElementTree import ParseError

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.ssga.com"
DATASET = "ssga_nav_history"
VENDOR = "ssga"
SHEET = "navhist"
_ZIP = b"PK\x03\x04"
_FIELDS = {
    "Date": "as_of_date",
    "NAV": "nav",
    "Shares Outstanding": "shares_outstanding",
    "Total Net Assets": "total_net_assets",
}
_MISSING = ("", "-", "--")
_MOST_ROWS, _MOST_CELLS = 40_000, 20
_MOST_BYTES = 64 * 2**20  # of the unpacked workbook
_DAY = re.compile(r"^\d{2}-[A-Z][a-z]{2}-\d{4}$")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, ParseError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, OSError, EOFError, NotImplementedError, OverflowError, RuntimeError, AssertionError, SyntaxError,
)  # fmt: skip

COLUMNS = {
    "ticker": Column(pl.String(), "id", "SSGA ticker, as listed in the seed"),
    "as_of_date": Column(pl.Date(), "date", "Day the values describe"),
    "nav": Column(pl.Float64(), "usd", "Net asset value per share"),
    "shares_outstanding": Column(pl.Float64(), "count", "Fund shares outstanding; null where not reported"),
    "total_net_assets": Column(pl.Float64(), "usd", "Total net assets as reported; null where not reported"),
}


def _text(cell: object) -> str:
    """A cell as text; dates as the vendor writes them."""
    if cell is None:
        return ""
    return f"{cell:%d-%b-%Y}" if isinstance(cell, datetime) else str(cell).strip()


def _sheet(body: Body) -> list[list[str]]:
    """The texts of the sheet's cells. Raises ShapeError for anything that is not such a workbook, or not a sane one."""
    import openpyxl  # type: ignore[import-untyped]

    data = body.data
    if not data.startswith(_ZIP):
        hint = "The vendor may be blocking; look at the body in landing."
        raise body.wrong("the body must be an xlsx workbook", hint=hint)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
                raise body.wrong(f"the unpacked workbook must not exceed {_MOST_BYTES} bytes", f"{len(data)} packed")
            if broken := archive.testzip():
                raise body.wrong("each part of the workbook must be whole", broken)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            if book.sheetnames.count(SHEET) != 1:
                raise body.wrong(f"a sheet {SHEET!r} must be present once", f"sheets {book.sheetnames[:8]}")
            lines = book[SHEET].iter_rows(values_only=True, max_col=_MOST_CELLS)
            rows = [[_text(cell) for cell in row] for row in islice(lines, _MOST_ROWS + 1)]
        finally:
            book.close()
    except _DAMAGED as error:
        raise body.wrong("the workbook must be readable", f"{type(error).__name__}: {error}") from error
    if len(rows) > _MOST_ROWS:
        raise body.wrong(f"the sheet must not exceed {_MOST_ROWS} rows", f"{len(rows)} and more")
    return rows


def _ticker(body: Body, rows: list[list[str]]) -> str:
    """The ticker of row 2, without its registered sign; it must be the one asked for."""
    cells = [cell for cell in rows[1] if cell] if len(rows) > 3 else []
    ticker = cells[-1].replace("®", "").strip() if cells else ""
    if ticker != body.request.series:
        raise body.wrong(f"row 2 must hold the ticker {body.request.series}", rows[1] if len(rows) > 1 else rows)
    return ticker


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Fund history, oldest first. A dash is a value not reported; text below the last day is the vendor's small print."""
    rows = _sheet(body)
    ticker = _ticker(body, rows)
    header = rows[3]
    missing = [name for name in _FIELDS if header.count(name) != 1]
    if missing:
        raise body.wrong(
            f"columns {missing} must be present once in row 4", f"header {header}", "Update the connector."
        )
    at = [header.index(name) for name in _FIELDS]
    held = [[row[i] if i < len(row) else "" for i in at] for row in rows[4:]]
    size = next((n for n, row in enumerate(held) if not _DAY.match(row[0])), len(held))
    stray = next((row for row in held[size:] if any(_DAY.match(cell) for cell in row) or any(row[1:])), None)
    if stray is not None:
        raise body.wrong("days must follow one another without a gap, as DD-Mon-YYYY", stray)
    text = pl.DataFrame(held[:size], schema=dict.fromkeys(_FIELDS.values(), pl.String), orient="row")
    if text.is_empty():
        raise body.nothing("a workbook without days")
    numbers = [
        number(text[name].str.replace_all(r"[$,]", ""), _MISSING).alias(name) for name in list(_FIELDS.values())[1:]
    ]
    days = body.dates(text["as_of_date"], "%d-%b-%Y", _DAY.pattern)
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame([days, *numbers])
        .filter(pl.col("as_of_date") <= today, pl.col("nav").is_not_null())
        .with_columns(pl.lit(ticker).alias("ticker"))
        .sort("as_of_date")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole workbook of each fund of the seeds, once per session."""
    for row in planning.identified(state, VENDOR):
        ticker = row["id"]
        day = planning.whole_file(state, ticker, as_of)
        if day:
            name = quote(ticker.lower(), safe="")
            url = f"https://{HOST}/library-content/products/fund-data/etfs/us/navhist-us-en-{name}.xlsx"
            yield Request(ticker, url, row["history_from"], day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """09:00 New York of the next session."""
    return calendar.at_new_york(calendar.next_session(frame["as_of_date"]), 9)


def _not_positive(name: str, *, zero_is_bad: bool) -> pl.Expr:
    value = pl.col(name)
    return ~value.is_finite() | ((value <= 0) if zero_is_bad else (value < 0))


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor=VENDOR,
        title="Fund net asset values, shares outstanding and net assets",
        columns=COLUMNS,
        key=("ticker", "as_of_date"),
        observed="as_of_date",
        cadence="session",
        lag_sessions=1,
        stale_after_sessions=3,
        grid=Grid("session", "ticker"),
        versions="all",
        seeds=("instruments", "instrument_ids"),
        tier="core",
        criticality="optional",
        licence="State Street website terms: personal, non-commercial use; content may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        max_bytes=16 * 2**20,
        series_column="ticker",
        rules=(
            RowRule(
                "nav_not_positive",
                _not_positive("nav", zero_is_bad=True),
                "the net asset value must be a finite number above zero",
            ),
            RowRule(
                "shares_not_positive",
                _not_positive("shares_outstanding", zero_is_bad=False),
                "shares outstanding must be finite and not negative",
            ),
            RowRule(
                "assets_not_positive",
                _not_positive("total_net_assets", zero_is_bad=False),
                "net assets must be finite and not negative",
            ),
        ),
        plausible=Plausible(
            "fund", "nav", "as_of_date", name="nav", within=("ticker",), undone_by="shares_outstanding"
        ),
        domain="flow",
    ),
)
