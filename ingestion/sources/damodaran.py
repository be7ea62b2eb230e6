"""Aswath Damodaran (Stern School of Business): the risk premium that the price of the S&P 500 implies, at the start of each month.

One workbook with one row per month since September 2008, estimated by him and published in the first days of the month.
Rows are estimated anew at times: a changed one is a later version. No answer is recorded here: the layout follows public
code that reads the file (sheet `Historical ERP`, the header in its first row, shares of one shown as percent, days
counted from 1904). His yearly file, which is recorded, has another layout and is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "pages.stern.nyu.edu"
DATASET, SERIES, SHEET = "damodaran_erp", "ERPbymonth", "Historical ERP"
HISTORY_FROM = date(2008, 9, 1)
FIRST_DAYS = 10  # of a month, in which the file is asked with each session; later with the first one of a week
LEAST, MOST = 0.005, 0.2  # between which the middle of a history of premiums lies, as shares of one

COLUMNS = {
    "month": Column(pl.Date(), "date", "First day of the month at whose start the estimate was made"),
    "erp_t12m": Column(
        pl.Float64(), "pct", "Implied equity risk premium, with the cash returned over the last twelve months"
    ),
    "erp_sustainable": Column(
        pl.Float64(), "pct", "The same with a payout that earnings can sustain; null where not told"
    ),
    "bond_rate": Column(pl.Float64(), "pct", "Ten-year Treasury yield of that day"),
    "sp500": Column(pl.Float64(), "index", "S&P 500 of that day"),
}
_FIELDS = {
    "month": "start of month",
    "erp_t12m": "erp (t12m)",
    "erp_sustainable": "erp (t12 m with sustainable payout)",
    "bond_rate": "t.bond rate",
    "sp500": "s&p 500",
}
_MAY_LACK = ("erp_sustainable",)
_NONE = ("", "NA", "N/A")


def _columns(body: Body) -> dict[str, list[workbook.Cell]]:
    """The columns by our names, down to the last month. Notes and averages below the months are left out."""
    header, *lines = workbook.rows(body, SHEET)
    names = [re.sub(r"\s+", " ", workbook.text(cell)).casefold() for cell in header]
    wrong = [name for name in _FIELDS.values() if names.count(name) != 1]
    if wrong:
        hint = "The vendor renamed, dropped or doubled a column: update the connector."
        raise body.wrong(f"columns {wrong} must be present once", f"header {names[:24]}", hint)
    at = names.index(_FIELDS["month"])
    is_month = [not isinstance(line[at], str) and workbook.day(line[at]) is not None for line in lines]
    size = next((n for n, is_one in enumerate(is_month) if not is_one), len(lines))
    if any(is_month[size:]):
        raise body.wrong("months must follow one another without a gap", f"row {size + 2} holds none")
    return {name: [line[names.index(field)] for line in lines[:size]] for name, field in _FIELDS.items()}


def _numbers(body: Body, name: str, cells: list[workbook.Cell]) -> pl.Series:
    found: list[float | None] = []
    for cell in cells:
        if isinstance(cell, str) and cell.strip() in _NONE and name in _MAY_LACK:
            found.append(None)
        elif isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell):
            raise body.wrong(f"{_FIELDS[name]} must be a number", repr(cell)[:80])
        else:
            found.append(float(cell))
    return pl.Series(name, found, dtype=pl.Float64)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per month, oldest first, without months after the New York day of ``asked_at``."""
    held = _columns(body)
    months = pl.Series("month", [workbook.day(cell) for cell in held.pop("month")], dtype=pl.Date)
    odd = months.filter((months.dt.day() != 1) | (months < HISTORY_FROM))
    if len(odd):
        raise body.wrong(f"each month must begin on a first day, from {HISTORY_FROM} on", str(odd[0]))
    if len(months) and not (months.diff().drop_nulls() > timedelta(0)).all():
        raise body.wrong("months must ascend, each once", str(months[-1]))
    table = pl.DataFrame([months, *(_numbers(body, name, cells) for name, cells in held.items())])
    middle = table["erp_t12m"].median()
    if isinstance(middle, float) and not LEAST <= middle <= MOST:
        raise body.wrong("premiums must be shares of one", f"their middle is {middle:.4g}", "Are they percent?")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return table.filter(pl.col("month") <= today).with_columns(
        (pl.col("erp_t12m", "erp_sustainable", "bond_rate") * 100).round(6)
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, in the full tier: with each session of the first days of a month, else once a week."""
    day = planning.whole_file(state, SERIES, as_of) if state.tier == "full" else None
    mark = state.covered.get(SERIES)
    if day is None:
        return
    monday = day - timedelta(days=day.weekday())
    if mark is None or day.day <= FIRST_DAYS or mark.last < monday:
        url = f"https://{HOST}/~adamodar/pc/implprem/{SERIES}.xlsx"
        yield Request(SERIES, url, HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """12:00 New York of the first session on or after the second of the month."""
    return calendar.at_new_york(calendar.next_session(frame["month"]), 12)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="damodaran",
        title="Implied equity risk premium of the S&P 500 by month",
        columns=COLUMNS,
        key=("month",),
        observed="month",
        cadence="monthly",
        lag_sessions=23,  # held until the row of the next month comes, in its first days
        stale_after_sessions=30,
        versions="all",
        tier="full",
        criticality="optional",
        licence="Aswath Damodaran's data page: free to use with attribution.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(
            RowRule("level_not_positive", pl.col("sp500") <= 0, "an index is above zero"),
            RowRule(
                "bond_rate_not_percent",
                ~pl.col("bond_rate").is_between(-2, 25),
                "the ten-year yield must lie between -2 and 25 percent",
            ),
        ),
        plausible=Plausible("valuation", "erp_t12m", "month", name="ERP"),
        domain="market",
    ),
)
