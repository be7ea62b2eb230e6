"""FRED's JSON interface: every vintage of a released series in one answer, with a key (FRED_API_KEY).

A row is a figure and the day from which it was the published one; it stands until the next row of its period. The same
figures come without a key from ALFRED's file (`alfred.py`), some days at a time; `stg_alfred_vintages` joins the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import orjson
import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "api.stlouisfed.org"
DATASET = "fred_api_vintages"
FIRST_DAY, LAST_DAY = date(1776, 7, 4), date(9999, 12, 31)  # FRED's first and last real-time day
MOST_ROWS = 100_000  # FRED's own limit for one answer
OVERLAP = timedelta(days=7)  # a vintage may reach FRED some days after its day

COLUMNS = {
    "series_id": Column(pl.String(), "id", "FRED series id, verbatim"),
    "observation_date": Column(
        pl.Date(), "date", "First day of the period (weeks: the day that ends them) the value describes"
    ),
    "realtime_start": Column(pl.Date(), "date", "Day from which the value was the published one"),
    "value": Column(pl.Float64(), "varies", "The value from that day on, in the unit the seed series.csv declares"),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Figures that began to be the published ones after the first day asked for, oldest vintage first.

    FRED cuts older validity at the day asked: such a row does not say when it began, and is held already. A "." is a
    period which that vintage does not have.
    """
    answer = orjson.loads(body.bare())
    if "error_message" in answer:
        if "does not exist" in answer["error_message"]:
            raise body.unknown(answer["error_message"])
        raise body.wrong("the vendor must answer with observations", answer["error_message"])
    asked, rows = body.request.first, answer["observations"]
    for name, wanted in (("realtime_start", asked), ("realtime_end", LAST_DAY), ("units", "lin"), ("output_type", 1)):
        if str(answer[name]) != str(wanted):
            raise body.wrong(f"{name} must be {wanted}, as asked", answer[name])
    if answer["count"] != len(rows):
        raise body.wrong(
            f"one answer must hold every row of the series (FRED gives at most {MOST_ROWS})",
            f"{len(rows)} of {answer['count']} rows",
            "ALFRED's file stands in for this series.",
        )
    text = pl.DataFrame(
        [[row[name] for row in rows] for name in ("date", "realtime_start", "realtime_end", "value")],
        dict.fromkeys(("date", "realtime_start", "realtime_end", "value"), pl.String),
    )
    iso = r"^\d{4}-\d{2}-\d{2}$"
    days, starts = (body.dates(text[name], "%Y-%m-%d", iso) for name in ("date", "realtime_start"))
    if (
        wrong := text.filter(pl.col("realtime_end") < pl.col("realtime_start"))
    ).height:  # ISO dates, also of the year 9999
        raise body.wrong("a validity must not end before it begins", f"period {wrong['date'][0]}")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    told = pl.DataFrame(
        [
            days.alias("observation_date"),
            starts.alias("realtime_start"),
            number(text["value"], ("", ".")).alias("value"),
        ]
    ).with_columns(pl.lit(body.request.series).alias("series_id"))
    told = told.filter(pl.col("value").is_not_null(), pl.col("realtime_start").is_between(asked, today, closed="right"))
    if (late := told.filter(pl.col("observation_date") > pl.col("realtime_start"))).height:
        raise body.wrong(
            "a vintage must not hold a period that begins after its day", f"vintage {late['realtime_start'][0]}"
        )
    return told.sort("realtime_start", "observation_date")


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question per series of which vintages are wanted and that gets revised: all vintages when new, else those since the last answer.

    Not for what is estimated anew as a whole every week (frequency WF): that is more rows than one answer holds.
    """
    day, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    is_wanted = pl.col("vintages_from").is_not_null() & (pl.col("revision_kind") == "vintage")
    for row in planning.rows(state.seeds["series"], is_wanted & (pl.col("frequency") != "WF")):
        series = row["series_id"]
        mark = state.covered.get(series)
        if planning.is_answered(mark, day, since) or planning.waits(mark, as_of):
            continue
        whole = mark is None or mark.outcome != "data"
        first = FIRST_DAY if mark is None or whole else min(mark.last, day) - OVERLAP
        query = {
            "series_id": series,
            "realtime_start": first,
            "realtime_end": LAST_DAY,
            "observation_start": row["history_from"],
            "file_type": "json",  # FRED's default is XML
            "limit": MOST_ROWS,
        }
        url = f"https://{HOST}/fred/series/observations?{urlencode(query)}"
        yield Request(series, url, first, day, as_of, whole=whole)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """08:30 New York of the day the figure began to be the published one, as for ALFRED's vintages."""
    return calendar.at_new_york(frame["realtime_start"], 8, 30)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="fred_api",
        title="All vintages of released series",
        columns=COLUMNS,
        key=("series_id", "observation_date", "realtime_start"),
        observed="observation_date",
        cadence="event",
        reach="realtime_start",
        versions="all",
        seeds=("series",),
        tier="core",
        criticality="optional",
        licence="FRED API terms (a free key of your own); the series asked for are US government works.",
        known_at=known_at,
        known_at_kind="published",
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        key_variable="FRED_API_KEY",
        pace_seconds=0.5,  # 120 questions a minute are allowed
        series_column="series_id",
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),),
        # A vintage holds only what changed, so its rows are no sequence: each is judged by its bounds, and the newest period
        # beside the one held before it.
        plausible=Plausible(
            "series", "value", "observation_date", series="series_id", apart=("realtime_start", "observation_date")
        ),
        input_id="series_id",
        domain="macro",
    ),
)
