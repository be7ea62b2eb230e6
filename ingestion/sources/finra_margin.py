"""FINRA's margin statistics: what customers owe on margin and hold in cash at brokers, by month, one small workbook.

One sheet, newest month first, months as text (`2025-02`), millions of dollars. Credit in margin accounts is told since
February 2010; until then the credit of cash accounts held both. The statistics of a month come in the third week of the
next; no day is documented, so a month counts from the 25th of the next at 18:00 New York.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "www.finra.org"
PATH = "/sites/default/files/2021-03/margin-statistics.xlsx"
DATASET, SERIES, SHEET = "finra_margin", "margin-statistics", "Customer Margin Balances"
HISTORY_FROM = date(1997, 1, 1)
SPLIT_FROM = date(2010, 2, 1)  # first month with credit of margin accounts apart
DAY, HOUR = 25, 18  # of the next month
MILLION = 1e6
MONTH = "Year-Month"
_FIELDS = {
    "Debit Balances in Customers' Securities Margin Accounts": "debit_usd",
    "Free Credit Balances in Customers' Cash Accounts": "credit_cash_usd",
    "Free Credit Balances in Customers' Securities Margin Accounts": "credit_margin_usd",
}
_MAY_LACK = "credit_margin_usd"

COLUMNS = {
    "month": Column(pl.Date(), "date", "First day of the month at whose end these were the balances"),
    "debit_usd": Column(pl.Float64(), "usd", "What customers owe in margin accounts"),
    "credit_cash_usd": Column(
        pl.Float64(), "usd", "Free credit in cash accounts; until 2010-01 that of margin accounts is in it"
    ),
    "credit_margin_usd": Column(pl.Float64(), "usd", "Free credit in margin accounts; null until 2010-01"),
}


def _amounts(body: Body, field: str, cells: list[workbook.Cell]) -> pl.Series:
    """Dollars. A blank is null where the vendor tells nothing. Raises ShapeError for anything else that is no number."""
    name = _FIELDS[field]
    found: list[float | None] = []
    for cell in cells:
        if cell == "" and name == _MAY_LACK:
            found.append(None)
        elif isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell):
            raise body.wrong(f"{field} must be a number", repr(cell)[:80])
        else:
            found.append(cell * MILLION)
    return pl.Series(name, found, dtype=pl.Float64)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per month, oldest first, without months that had not ended on the New York day of ``asked_at``."""
    held = workbook.table(body, SHEET, (MONTH, *_FIELDS))
    size = workbook.filled(body, held, MONTH)
    texts = workbook.texts("month", held[MONTH][:size])
    odd = texts.filter(~texts.str.contains(r"^\d{4}-\d{2}$"))
    if len(odd):
        raise body.wrong(f"{MONTH} must be of the form 2025-02", odd[0])
    months = body.dates(texts + "-01", "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    steps = months.sort().diff().drop_nulls().dt.total_days()
    if not steps.is_between(28, 31).all():
        raise body.wrong("months must follow one another without a gap, each once", f"{size} rows down to {texts[-1]}")
    amounts = [_amounts(body, field, held[field][:size]) for field in _FIELDS]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([months, *amounts]).filter(pl.col("month").dt.month_end() < today).sort("month")


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York of the 25th of the next month."""
    return calendar.at_new_york(frame["month"].dt.offset_by("1mo").dt.offset_by(f"{DAY - 1}d"), HOUR)


def _newest_due(as_of: datetime) -> tuple[date, datetime]:
    """The newest month that should be told, and since when."""
    last = as_of.astimezone(calendar.NEW_YORK).date().replace(day=1)
    months = pl.Series("month", [(last - timedelta(days=1)).replace(day=1)], dtype=pl.Date)
    months = pl.concat([months, months.dt.offset_by("-1mo")])
    public = known_at(pl.DataFrame([months]))
    return next((month, at) for month, at in zip(months, public, strict=True) if at <= as_of)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once each month is due; a month that is late is asked for again."""
    month, public = _newest_due(as_of)
    mark = state.covered.get(SERIES)
    if planning.waits(mark, as_of):
        return
    if not planning.is_answered(mark, month, public) or planning.hole_is_due(mark, as_of):
        yield Request(SERIES, f"https://{HOST}{PATH}", HISTORY_FROM, month, as_of, whole=True)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The newest month that was due, where the file does not have it yet."""
    newest = frame["month"].max()
    return None if isinstance(newest, date) and newest >= request.last else request.last


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="finra",
        title="Margin debt and free credit of customers, by month",
        columns=COLUMNS,
        key=("month",),
        observed="month",
        cadence="monthly",
        lag_sessions=38,  # from the first of a month to the 25th of the next
        stale_after_sessions=64,
        versions="all",
        tier="core",
        criticality="optional",
        licence="FINRA terms: personal, non-commercial use; data may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hole=hole,
        hosts=(HOST,),
        pace_seconds=0.5,
        rules=(
            RowRule("debit_not_positive", pl.col("debit_usd") <= 0, "what is owed must be above zero"),
            RowRule(
                "credit_negative",
                pl.min_horizontal("credit_cash_usd", "credit_margin_usd") < 0,
                "credit must not be negative",
            ),
            RowRule(
                "credit_not_told",
                (pl.col("month") >= SPLIT_FROM) & pl.col("credit_margin_usd").is_null(),
                "credit of margin accounts is told since February 2010",
            ),
        ),
        plausible=Plausible("margin", "debit_usd", "month", name="debit"),
        domain="flow",
    ),
)
