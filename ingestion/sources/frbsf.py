"""Daily News Sentiment Index of the Federal Reserve Bank of San Francisco (Shapiro, Sudhof, Wilson 2022): the tone of economic
news in newspapers, above 0 more cheerful than usual, every day since 1980.

One workbook, sheet ``Data`` with two columns, made anew about once a week. The whole past is estimated anew in it, so each
download is a vintage and files are never spliced. No answer is recorded here: address and layout are as the bank's page and
public code describe them, and they have never met a real answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from math import isfinite

import polars as pl

from ingestion import calendar, index_files, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.frbsf.org"
DATASET, SERIES, SHEET = "sf_news_sentiment", "news_sentiment_data", "Data"
HISTORY_FROM = date(1980, 1, 1)
DAY, SENTIMENT = "date", "News Sentiment"

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "Day of the articles"),
    "sentiment": Column(pl.Float64(), "index", "Tone of economic news, a weighted mean of recent articles; 0 is usual"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per day, oldest first, each day once and none left out, without days after the day asked."""
    held = workbook.table(body, SHEET, (DAY, SENTIMENT))
    size = workbook.filled(body, held, DAY)
    days = workbook.days(body, "observed_on", held[DAY][:size], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    index_files.require_every_day(body, days)
    cells = held[SENTIMENT][:size]
    odd = next((c for c in cells if isinstance(c, bool) or not isinstance(c, int | float) or not isfinite(c)), None)
    if odd is not None:
        raise body.wrong(f"{SENTIMENT} must be a number", repr(odd)[:80])
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return pl.DataFrame([days, pl.Series("sentiment", cells, dtype=pl.Float64)]).filter(pl.col("observed_on") <= today)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, in the full tier, unless an answer since this week's Tuesday is held."""
    day = index_files.week_due(state, SERIES, as_of)
    if day:
        yield Request(SERIES, f"https://{HOST}/wp-content/uploads/{SERIES}.xlsx", HISTORY_FROM, day, as_of, whole=True)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="frbsf",
        title="Tone of economic news by day (San Francisco Fed)",
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
        licence="Federal Reserve Bank of San Francisco: free to use with attribution (Shapiro, Sudhof, Wilson 2022).",
        known_at=index_files.week_known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(RowRule("tone_out_of_range", pl.col("sentiment").abs() > 2, "the tone of a day lies between -2 and 2"),),
        plausible=Plausible("survey", "sentiment", "observed_on", name="NEWS_TONE"),
        domain="macro",
    ),
)
