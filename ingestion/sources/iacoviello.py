"""Geopolitical risk by day (Caldara and Iacoviello, American Economic Review 2022): articles on danger between states.

One .xls with every day since 1985, of ten newspapers, made anew about once a week; recent days are counted anew and the
whole index is normalised anew at times, so each download is a vintage and files are never spliced. ``DAY`` is text such
as 20260105; a dictionary of the columns stands beside the days and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.matteoiacoviello.com"
DATASET, SERIES, SHEET = "gpr_daily", "data_gpr_daily_recent", "Sheet1"
HISTORY_FROM = date(1985, 1, 1)
WEEK = 8  # days until a day is in a file that is made once a week

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
    texts = pl.Series("observed_on", [workbook.text(cell) for cell in held["DAY"][:size]], dtype=pl.String)
    days = body.dates(texts, "%Y%m%d", r"^\d{8}$")
    if (days.diff().drop_nulls() != timedelta(days=1)).any():
        raise body.wrong("each day must follow the one before it", f"{days[0]} to {days[-1]}, {len(days)} rows")
    columns = [
        number(pl.Series(name, [workbook.text(cell) for cell in held[field][:size]], dtype=pl.String)).alias(name)
        for name, field in _FIELDS.items()
    ]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([days, *columns]).filter(pl.col("observed_on") <= today)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, in the full tier, unless an answer since this week's Tuesday is held."""
    day = planning.whole_file(state, SERIES, as_of) if state.tier == "full" else None
    mark = state.covered.get(SERIES)
    if day is None:
        return
    tuesday = day - timedelta(days=(day.weekday() - 1) % 7)
    if mark is None or mark.last < tuesday:
        yield Request(SERIES, f"https://{HOST}/gpr_files/{SERIES}.xls", HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York eight days later, because the file is made once a week; null (known when seen) for its newest week."""
    due = calendar.at_new_york(frame["observed_on"].dt.offset_by(f"{WEEK}d"), 18)
    is_settled = pl.col("observed_on") <= pl.col("observed_on").max().dt.offset_by(f"-{WEEK - 1}d")
    return frame.select(pl.when(is_settled).then(due)).to_series().alias("known_at")


def _bad(name: str) -> pl.Expr:
    return pl.col(name).is_null() | ~pl.col(name).is_finite() | (pl.col(name) < 0)


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
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        max_bytes=16 * 2**20,
        rules=tuple(
            RowRule(f"{name}_not_a_count", _bad(name), "an index of counts is a finite number, zero or above")
            for name in _FIELDS
        ),
        plausible=Plausible("uncertainty", "gpr", "observed_on", name="GPR"),
        domain="macro",
    ),
)
