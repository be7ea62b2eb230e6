"""Economic policy uncertainty of the United States by day, and by month and kind (Baker, Bloom, Davis, policyuncertainty.com).

By day: one small file with every day since 1985, weekends among them, oldest first. It is made anew each morning, and the
days of the running month and of the one before are counted anew in it: every change of a day is a later version of it.

By month: one .xlsx with a column per kind of policy, oldest first, year and month in columns of their own, a note below. Its
whole past is counted anew, so each file is a vintage. No day of publication is documented: a month counts from the 15th of
the next at 18:00 New York (files seen had the month by the 8th).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingestion import calendar, index_files, planning, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.policyuncertainty.com"
DATASET, SERIES = "epu_daily", "All_Daily_Policy_Data"
HISTORY_FROM = date(1985, 1, 1)

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "Day whose newspapers were counted"),
    "epu": Column(pl.Float64(), "index", "Daily economic policy uncertainty index, mean of 1985 to 2010 = 100"),
}
_FIELDS = ("day", "month", "year", "daily_policy_index")


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per day, oldest first, each day once and none left out, without days after the day asked."""
    table = body.csv(list(_FIELDS))
    parts = [table[name].str.strip_chars().str.zfill(size) for name, size in (("year", 4), ("month", 2), ("day", 2))]
    text = pl.select(pl.concat_str(parts, separator="-").alias("observed_on")).to_series()
    days = body.dates(text, "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    index_files.require_every_day(body, days)
    values = number(table["daily_policy_index"].str.strip_chars()).alias("epu")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([days, values]).filter(pl.col("observed_on") <= today)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once per session, in the full tier."""
    day = planning.whole_file(state, SERIES, as_of) if state.tier == "full" else None
    if day:
        yield Request(SERIES, f"https://{HOST}/media/{SERIES}.csv", HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """10:00 New York of the day after."""
    return calendar.at_new_york(frame["observed_on"].dt.offset_by("1d"), 10)


MONTHLY, MONTHLY_SERIES, SHEET = "epu_categories", "Categorical_EPU_Data", "Indices"
CATEGORIES = {
    "overall": "1. Economic Policy Uncertainty",
    "monetary": "2. Monetary policy",
    "fiscal": "Fiscal Policy (Taxes OR Spending)",
    "taxes": "3. Taxes",
    "spending": "4. Government spending",
    "health_care": "5. Health care",
    "security": "6. National security",
    "entitlements": "7. Entitlement programs",
    "regulation": "8. Regulation",
    "financial_regulation": "Financial Regulation",
    "trade": "9. Trade policy",
    "debt": "10. Sovereign debt, currency crises",
}
MONTHLY_COLUMNS = {
    "category": Column(pl.String(), "id", "Kind of policy: " + ", ".join(CATEGORIES)),
    "month": Column(pl.Date(), "date", "First day of the month whose newspapers were counted"),
    "epu": Column(pl.Float64(), "index", "Policy uncertainty of that kind, mean of 1985 to 2010 = 100"),
}


@guarded(MONTHLY, MONTHLY_COLUMNS)
def parse_months(body: Body) -> pl.DataFrame:
    """One row per kind and month, oldest first, no month left out, without months that had not ended when asked."""
    held = workbook.table(body, SHEET, ("Year", "Month", *CATEGORIES.values()))
    # the note at the end stands in the column of years, without a month
    size = next((n for n, cell in enumerate(held["Month"]) if cell == ""), len(held["Month"]))
    texts = [f"{workbook.text(y)}-{workbook.text(m):0>2}-01" for y, m in zip(held["Year"], held["Month"], strict=True)]
    months = body.dates(pl.Series("month", texts[:size], dtype=pl.String), "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    if not months.diff().drop_nulls().dt.total_days().is_between(28, 31).all():
        raise body.wrong("each month must follow the one before it", f"{months[0]} to {months[-1]}, {size} rows")
    parts = []
    for category, field in CATEGORIES.items():
        cells = workbook.texts("epu", held[field][:size])
        parts.append(pl.DataFrame([months, number(cells)]).with_columns(category=pl.lit(category)))
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.concat(parts).filter(pl.col("month").dt.month_end() < today)


def monthly_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once each month is due, in the full tier; a month that is late is asked for again."""
    month = index_files.month_due(state, MONTHLY_SERIES, as_of)
    if month:
        yield Request(
            MONTHLY_SERIES, f"https://{HOST}/media/{MONTHLY_SERIES}.xlsx", HISTORY_FROM, month, as_of, whole=True
        )


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="policyuncertainty",
        title="Economic policy uncertainty of the United States by day",
        columns=COLUMNS,
        key=("observed_on",),
        observed="observed_on",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=5,
        grid=Grid("day"),
        versions="all",
        input_id="'epu'",
        tier="full",
        criticality="optional",
        licence="policyuncertainty.com (Baker, Bloom, Davis): free to use with attribution.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(
            RowRule(
                "index_not_positive",
                pl.col("epu").is_null() | ~pl.col("epu").is_finite() | (pl.col("epu") <= 0),
                "the index must be a finite number above zero",
            ),
        ),
        plausible=Plausible("uncertainty", "epu", "observed_on", name="EPU"),
        domain="macro",
    ),
    Source(
        dataset=MONTHLY,
        vendor="policyuncertainty",
        title="Economic policy uncertainty of the United States by month and kind of policy",
        columns=MONTHLY_COLUMNS,
        key=("category", "month"),
        observed="month",
        cadence="monthly",
        lag_sessions=32,  # from the first of a month to the 15th of the next
        stale_after_sessions=64,
        grid=Grid("month", "category"),
        versions="all",
        input_id="'epu_' || category",
        tier="full",
        criticality="optional",
        licence="policyuncertainty.com (Baker, Bloom, Davis): free to use with attribution.",
        known_at=index_files.month_known_at,
        parse=parse_months,
        requests=monthly_requests,
        hole=index_files.month_hole,
        hosts=(HOST,),
        pace_seconds=1.0,
        max_bytes=16 * 2**20,
        rules=(index_files.count_rule("index_not_a_count", "epu"),),
        plausible=Plausible("uncertainty", "epu", "month", name="EPU_CATEGORY", within=("category",)),
        domain="macro",
    ),
)
