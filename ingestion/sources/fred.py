"""FRED graph CSV: daily macro and rates series, one question per series, no key.

Values are the latest revision; vintages are another endpoint. Blank rows are holidays, not observations.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "fred.stlouisfed.org"
DATASET = "fred_observations"
OVERLAP = timedelta(days=21)
REQUIRED = ("DGS2", "DGS10")
SAME_DAY = ("DFEDTARU", "DFEDTARL")  # lag rule same_day_16 of the seed series.csv; all others: next bond day 17:00

COLUMNS = {
    "series_id": Column(pl.String(), "id", "FRED series id, verbatim"),
    "observation_date": Column(pl.Date(), "date", "Day or first day of the period the value describes"),
    "value": Column(pl.Float64(), "pct", "The observation, in the unit the seed series.csv declares for the series"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Observations, oldest first, up to the New York day of ``asked_at``. Accepts both header and both blank styles."""
    series = body.request.series
    dated = "DATE" if body.bare().startswith(b"DATE,") else "observation_date"
    table = body.csv((dated, series))
    days = body.dates(table[dated], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$").alias("observation_date")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame([days, number(table[series], ("", ".")).alias("value")])
        .filter(pl.col("value").is_not_null(), pl.col("observation_date") <= today)
        .with_columns(pl.lit(series).alias("series_id"))
        .sort("observation_date")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question per series of the seed: the whole history when new, else three weeks of overlap."""
    day, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    for row in planning.rows(state.series, pl.col("source") == DATASET):
        series = row["series_id"]
        mark = state.covered.get(series)
        if planning.is_answered(mark, day, since):
            continue
        first, whole = planning.first_wanted(mark, row["history_from"], OVERLAP)
        url = f"https://{HOST}/graph/fredgraph.csv?id={quote(series, safe='')}&cosd={first}&coed={day}"
        yield Request(series, url, first, day, as_of, required=series in REQUIRED, whole=whole)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """16:00 New York the same day for the target range, else 17:00 of the next bond day (H.15)."""
    days = frame["observation_date"]
    same_day = calendar.at_new_york(days, 16).alias("same_day")
    next_day = calendar.at_new_york(calendar.next_bond_day(days), 17).alias("next_day")
    moments = pl.DataFrame([frame["series_id"], same_day, next_day])
    chosen = pl.when(pl.col("series_id").is_in(SAME_DAY)).then("same_day").otherwise("next_day")
    return moments.select(chosen.alias("known_at")).to_series()


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="fred",
        title="Interest rates and credit spreads",
        columns=COLUMNS,
        key=("series_id", "observation_date"),
        observed="observation_date",
        cadence="daily",
        stale_after=timedelta(days=6),
        tier="core",
        criticality="required",
        licence="FRED terms; most series are US government works, ICE BofA spreads are for personal use only.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        series_column="series_id",
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),),
        serves=("MP05", "MP06", "MP07", "MP09", "MP11", "XA01"),
        domain="macro",
    ),
)
