"""Robert Shiller's long history of the US stock market: one .xls with a row per month since 1871, asked for once a month.

Dates are numbers, 1871.01 for January and 1871.1 for October. The newest months are estimates (the last price is that of
one day, earnings are blank or 0, consumer prices are carried on), and the history of ten-year averages is estimated
anew in every file: each download is a vintage. Months before 1950 are not kept: nothing here reads them.

The address is that of the file's content store and moves now and then; a file that is gone is an error, not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from math import isfinite

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "img1.wsimg.com"
DATASET, SERIES, SHEET = "shiller_ie", "ie_data", "Data"
PATH = f"/blobby/go/e5e77e0b-59d1-44d9-ab25-4763ac982e53/downloads/{SERIES}.xls"
MONTHS_FROM = date(1950, 1, 1)
HEADED_IN = 12  # the header ends in one of the first rows
UNSETTLED = 3  # newest months of a file, which are known from when they were seen

COLUMNS = {
    "month": Column(pl.Date(), "date", "First day of the month"),
    "price": Column(
        pl.Float64(), "index", "S&P composite: the mean of the month's closes, of the newest month one close"
    ),
    "dividend": Column(pl.Float64(), "index", "Dividends of twelve months, in index points; null where not told"),
    "earnings": Column(pl.Float64(), "index", "Earnings of twelve months, in index points; null where not told"),
    "cpi": Column(pl.Float64(), "index", "Consumer prices, 1982-84 = 100, of the newest months an estimate"),
    "gs10": Column(pl.Float64(), "pct", "Ten-year Treasury yield, mean of the month"),
    "cape": Column(
        pl.Float64(), "ratio", "Price over the mean of ten years of earnings, both after inflation; null where not told"
    ),
}
# Our names, and those in the last row of the vendor's header; the rows above it hold parts of longer names.
_FIELDS = {
    "month": "Date", "price": "P", "dividend": "D", "earnings": "E", "cpi": "CPI", "gs10": "Rate GS10", "cape": "CAPE",
}  # fmt: skip
_NONE = ("", "NA", "N/A")


def _header(body: Body, lines: list[list[workbook.Cell]]) -> tuple[int, dict[str, int]]:
    """The row that ends the header, and the place of each column."""
    lacking: list[str] = list(_FIELDS.values())
    for number, line in enumerate(lines[:HEADED_IN]):
        names = [re.sub(r"\s+", " ", workbook.text(cell)) for cell in line]
        wrong = [name for name in _FIELDS.values() if names.count(name) != 1]
        if not wrong:
            return number, {name: names.index(field) for name, field in _FIELDS.items()}
        lacking = min(lacking, wrong, key=len)
    hint = "The vendor renamed, dropped or doubled a column: update the connector."
    raise body.wrong(f"columns {lacking} must be present once in a row of the header", f"{len(lines)} rows", hint)


def _month(body: Body, cell: workbook.Cell) -> date:
    """The month of 1871.01 … 1871.12, where .1 is October."""
    if isinstance(cell, bool | str | date):
        raise body.wrong("a month must be a number such as 1871.01", repr(cell)[:40])
    hundredth = round(cell * 100)
    year, month = divmod(hundredth, 100)
    if abs(cell * 100 - hundredth) > 0.01 or not 1 <= month <= 12 or not 1871 <= year <= 2199:
        raise body.wrong("a month must be a number such as 1871.01", repr(cell))
    return date(year, month, 1)


def _numbers(body: Body, name: str, cells: list[workbook.Cell]) -> pl.Series:
    found: list[float | None] = []
    for cell in cells:
        if isinstance(cell, str) and cell.strip() in _NONE:
            found.append(None)
        elif isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell):
            raise body.wrong(f"{name} must be a number", repr(cell)[:80])
        else:
            found.append(float(cell) or None)  # a zero stands for nothing
    return pl.Series(name, found, dtype=pl.Float64)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Months since 1950, oldest first. A zero stands for a figure that is missing; notes below the months are left out."""
    lines = workbook.rows(body, SHEET)
    top, places = _header(body, lines)
    rows = lines[top + 1 :]
    at = places["month"]
    size = next((n for n, row in enumerate(rows) if row[at] == ""), len(rows))
    if any(isinstance(row[at], float) for row in rows[size:]):
        raise body.wrong("months must follow one another without a gap", f"row {top + size + 2} holds none")
    months = pl.Series("month", [_month(body, row[at]) for row in rows[:size]], dtype=pl.Date)
    if size and not (months == months[0:1].dt.offset_by("0mo").append(months[:-1].dt.offset_by("1mo"))).all():
        raise body.wrong("each month must follow the one before it", f"{months[0]} to {months[-1]}, {size} rows")
    columns = [
        _numbers(body, name, [row[place] for row in rows[:size]]) for name, place in places.items() if name != "month"
    ]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([months, *columns]).filter(pl.col("month").is_between(MONTHS_FROM, today))


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, in the full tier, unless an answer of this month is held."""
    day = planning.whole_file(state, SERIES, as_of) if state.tier == "full" else None
    mark = state.covered.get(SERIES)
    if day and (mark is None or mark.last < day.replace(day=1)):
        yield Request(SERIES, f"https://{HOST}{PATH}", MONTHS_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """20:00 New York of the last day of the month after; null (known when seen) for the newest months of the file.

    The file is not kept by its publisher as it was: what the first download says of older months was estimated since, and
    ``first_seen_at`` tells so.
    """
    due = calendar.at_new_york(frame["month"].dt.offset_by("1mo").dt.month_end(), 20)
    is_settled = pl.col("month") <= pl.col("month").max().dt.offset_by(f"-{UNSETTLED}mo")
    return frame.select(pl.when(is_settled).then(due)).to_series().alias("known_at")


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="shiller",
        title="Price, earnings and cyclically adjusted price-earnings ratio of the US market by month",
        columns=COLUMNS,
        key=("month",),
        observed="month",
        cadence="monthly",
        lag_sessions=44,  # asked with the first session of a month, when the file may end with the month before
        stale_after_sessions=66,
        versions="all",
        tier="full",
        criticality="optional",
        licence="Robert Shiller's data page: free to use with attribution.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        max_bytes=16 * 2**20,
        rules=(
            RowRule(
                "price_not_positive",
                pl.col("price").is_null() | (pl.col("price") <= 0),
                "a month has a price above zero",
            ),
        ),
        plausible=Plausible("valuation", "cape", "month", name="CAPE"),
        domain="market",
    ),
)
