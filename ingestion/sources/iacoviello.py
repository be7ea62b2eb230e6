"""Geopolitical risk by day and by month (Caldara and Iacoviello, American Economic Review 2022): articles on danger between states.

One .xls with every day since 1985, of ten newspapers, made anew about once a week; recent days are counted anew and the
whole index is normalised anew at times, so each download is a vintage and files are never spliced. ``DAY`` is text such
as 20260105; a dictionary of the columns stands beside the days and is not read.

By month another .xls, also a vintage each time: months as Excel's count of days, blank before 1985, with indices of single
countries that are not read. No day of publication is documented: a month counts from the 15th of the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingestion import calendar, index_files, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, Source

HOST = "www.matteoiacoviello.com"
DATASET, SERIES, SHEET = "gpr_daily", "data_gpr_daily_recent", "Sheet1"
HISTORY_FROM = date(1985, 1, 1)

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "Day whose newspapers were counted"),
    "gpr": Column(pl.Float64(), "index", "Daily geopolitical risk index, mean of 1985 to 2019 = 100"),
    "gpr_acts": Column(pl.Float64(), "index", "The same of articles on acts (wars begun and fought, terror)"),
    "gpr_threats": Column(pl.Float64(), "index", "The same of articles on threats"),
}
_FIELDS = {"gpr": "GPRD", "gpr_acts": "GPRD_ACT", "gpr_threats": "GPRD_THREAT"}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per day, oldest first, each day once and none left out, without days after the day asked."""
    held = workbook.table(body, SHEET, ("DAY", *_FIELDS.values()))
    size = workbook.filled(body, held, "DAY")
    texts = workbook.texts("observed_on", held["DAY"][:size])
    days = body.dates(texts, "%Y%m%d", r"^\d{8}$")
    index_files.require_every_day(body, days)
    columns = [number(workbook.texts(name, held[field][:size])).alias(name) for name, field in _FIELDS.items()]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([days, *columns]).filter(pl.col("observed_on") <= today)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, in the full tier, unless an answer since this week's Tuesday is held."""
    day = index_files.week_due(state, SERIES, as_of)
    if day:
        yield Request(SERIES, f"https://{HOST}/gpr_files/{SERIES}.xls", HISTORY_FROM, day, as_of, whole=True)


MONTHLY, MONTHLY_SERIES = "gpr_monthly", "data_gpr_export"
MONTHLY_COLUMNS = {
    "month": Column(pl.Date(), "date", "First day of the month whose newspapers were counted"),
    "gpr": Column(pl.Float64(), "index", "Monthly geopolitical risk index, mean of 1985 to 2019 = 100"),
    "gpr_acts": Column(pl.Float64(), "index", "The same of articles on acts"),
    "gpr_threats": Column(pl.Float64(), "index", "The same of articles on threats"),
}
_MONTHLY_FIELDS = {"gpr": "GPR", "gpr_acts": "GPRA", "gpr_threats": "GPRT"}


@guarded(MONTHLY, MONTHLY_COLUMNS)
def parse_months(body: Body) -> pl.DataFrame:
    """One row per month since 1985, oldest first, none left out, without months that had not ended when asked."""
    held = workbook.table(body, SHEET, ("month", *_MONTHLY_FIELDS.values()))
    size = workbook.filled(body, held, "month")
    months = workbook.days(body, "month", held["month"][:size], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    columns = [number(workbook.texts(name, held[field][:size])).alias(name) for name, field in _MONTHLY_FIELDS.items()]
    told = pl.DataFrame([months, *columns]).filter(pl.col("month") >= HISTORY_FROM)
    steps = told["month"].diff().drop_nulls().dt.total_days()
    if (told["month"].dt.day() != 1).any() or not steps.is_between(28, 31).all():
        raise body.wrong("each month must be told by its first day, after the one before it", f"{told.height} rows")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return told.filter(pl.col("month").dt.month_end() < today)


def monthly_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once each month is due, in the full tier; a month that is late is asked for again."""
    month = index_files.month_due(state, MONTHLY_SERIES, as_of)
    if month:
        url = f"https://{HOST}/gpr_files/{MONTHLY_SERIES}.xls"
        yield Request(MONTHLY_SERIES, url, HISTORY_FROM, month, as_of, whole=True)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="iacoviello",
        title="Geopolitical risk by day",
        columns=COLUMNS,
        key=("observed_on",),
        observed="observed_on",
        cadence="daily",
        lag_sessions=10,
        stale_after_sessions=15,
        grid=Grid("day"),
        versions="all",
        tier="full",
        criticality="optional",
        licence="matteoiacoviello.com/gpr.htm (Caldara, Iacoviello): free to use with attribution.",
        known_at=index_files.week_known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        max_bytes=16 * 2**20,
        rules=tuple(index_files.count_rule(f"{name}_not_a_count", name) for name in _FIELDS),
        plausible=Plausible("uncertainty", "gpr", "observed_on", name="GPR"),
        domain="macro",
    ),
    Source(
        dataset=MONTHLY,
        vendor="iacoviello",
        title="Geopolitical risk by month",
        columns=MONTHLY_COLUMNS,
        key=("month",),
        observed="month",
        cadence="monthly",
        lag_sessions=32,  # from the first of a month to the 15th of the next
        stale_after_sessions=64,
        grid=Grid("month"),
        versions="all",
        input_id="'gpr_monthly'",
        tier="full",
        criticality="optional",
        licence="matteoiacoviello.com/gpr.htm (Caldara, Iacoviello): free to use with attribution.",
        known_at=index_files.month_known_at,
        parse=parse_months,
        requests=monthly_requests,
        hole=index_files.month_hole,
        hosts=(HOST,),
        pace_seconds=1.0,
        max_bytes=16 * 2**20,
        rules=tuple(index_files.count_rule(f"{name}_not_a_count", name) for name in _MONTHLY_FIELDS),
        plausible=Plausible("uncertainty", "gpr", "month", name="GPR_MONTHLY"),
        domain="macro",
    ),
)
