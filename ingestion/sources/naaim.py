"""NAAIM exposure index: how much of their clients' money active managers say they have in stocks, by week since July 2006.

One small workbook with the whole history, newest week first; its name carries the day of the survey, a Wednesday (before
holidays a Tuesday or a Thursday), so its address is another one each week and has to be guessed: the Wednesday, then with
each question that finds nothing the Thursday and the Tuesday. A file that is not there is not published yet, and no error.
The answers lie between -200 (short, twice over) and 200. The sheet is named anew each year, so it is the only one that
counts. Its last lines tell two weeks again, rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Plausible, Request, RowRule, Source

HOST = "www.naaim.org"
DATASET, SERIES = "naaim_exposure", "exposure"
HISTORY_FROM = date(2006, 7, 1)
WEDNESDAY = 2
HOUR = 18  # New York, of the first session after the Wednesday
NAMED_BY = (0, 1, -1)  # days from the Wednesday whose date the file's name may carry, in the order they are tried
MOST = 200.0
DAY = "Date"
_FIELDS = {
    "exposure": "NAAIM Number",
    "most_bearish": "Most Bearish Response",
    "median": "Quart 2 (median)",
    "most_bullish": "Most Bullish Response",
    "deviation": "Standard Deviation",
}

COLUMNS = {
    "observed_on": Column(pl.Date(), "date", "Day of the survey, mostly a Wednesday"),
    "exposure": Column(
        pl.Float64(), "index", "Mean exposure to stocks the managers tell, percent of their clients' money"
    ),
    "most_bearish": Column(pl.Float64(), "index", "Lowest answer"),
    "median": Column(pl.Float64(), "index", "Middle answer"),
    "most_bullish": Column(pl.Float64(), "index", "Highest answer"),
    "deviation": Column(pl.Float64(), "index", "Standard deviation of the answers"),
}


def _numbers(body: Body, name: str, cells: list[workbook.Cell]) -> pl.Series:
    odd = next((c for c in cells if isinstance(c, bool) or not isinstance(c, int | float) or not isfinite(c)), None)
    if odd is not None:
        raise body.wrong(f"{_FIELDS[name]} must be a number", repr(odd)[:80])
    return pl.Series(name, cells, dtype=pl.Float64)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per survey, oldest first, without days after the New York day of ``asked_at``."""
    header, *lines = workbook.rows(body, None)
    names = [workbook.text(cell) for cell in header]
    wrong = [name for name in (DAY, *_FIELDS.values()) if names.count(name) != 1]
    if wrong:
        hint = "The vendor renamed, dropped or doubled a column: update the connector."
        raise body.wrong(f"columns {wrong} must be present once", f"header {names[:24]}", hint)
    held = {name: [line[names.index(name)] for line in lines] for name in (DAY, *_FIELDS.values())}
    size = workbook.filled(body, held, DAY)
    days = workbook.days(body, "observed_on", held[DAY][:size], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    values = [_numbers(body, name, held[field][:size]) for name, field in _FIELDS.items()]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    # a week told again further down is the same one; one told otherwise is left for the loader to set aside
    return (
        pl.DataFrame([days, *values])
        .with_columns(pl.col("exposure").round(2).alias("rounded"))
        .unique(["observed_on", "rounded"], keep="first", maintain_order=True)
        .filter(pl.col("observed_on") <= today)
        .sort("observed_on", maintain_order=True)
    )


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York of the first session after the Wednesday of the week, which is the Thursday unless that is a holiday."""
    day = pl.col("observed_on")
    days = frame.select(pl.max_horizontal(day, day.dt.truncate("1w").dt.offset_by(f"{WEDNESDAY}d"))).to_series()
    return calendar.at_new_york(calendar.next_session(days), HOUR)


def _newest_due(as_of: datetime) -> tuple[date, date]:
    """The newest Wednesday whose survey should be told, and the day it was told on."""
    today = as_of.astimezone(calendar.NEW_YORK).date()
    first = today - timedelta(days=(today.weekday() - WEDNESDAY) % 7)
    weeks = pl.Series("observed_on", [first, first - timedelta(7)], dtype=pl.Date)
    public = known_at(pl.DataFrame([weeks]))
    week, at = next((week, at) for week, at in zip(weeks, public, strict=True) if at <= as_of)
    return week, at.astimezone(calendar.NEW_YORK).date()


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The file of the newest week that is due, under a name it may have, once per session until an answer has come."""
    week, told_on = _newest_due(as_of)
    mark = state.covered.get(SERIES)
    if mark is not None and mark.outcome == "data" and (mark.data_to or mark.last) >= week:
        return
    if planning.waits(mark, as_of) or planning.is_answered(mark, week, calendar.last_snapshot(as_of)):
        return
    named = week + timedelta(NAMED_BY[(mark.nothings if mark else 0) % len(NAMED_BY)])
    url = f"https://{HOST}/wp-content/uploads/{told_on:%Y/%m}/USE_Data-since-Inception_{named}.xlsx"
    yield Request(SERIES, url, HISTORY_FROM, week, as_of, whole=True)


def _not_there(request: Request) -> bool:
    """An address that the vendor does not know is a week that is not told, or told under another name."""
    return True


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="naaim",
        title="Exposure of active managers to stocks by week (NAAIM)",
        columns=COLUMNS,
        key=("observed_on",),
        observed="observed_on",
        cadence="weekly",
        lag_sessions=6,  # of Wednesday, told on Thursday and held until the next
        stale_after_sessions=11,
        versions="all",
        tier="core",
        criticality="optional",
        licence="NAAIM: free for own use with attribution; values may not be sold.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        forgotten=_not_there,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(
            RowRule(
                "answer_out_of_range",
                pl.max_horizontal(pl.col("most_bearish", "median", "most_bullish", "exposure").abs()) > MOST + 50,
                "exposures lie between -200 and 200 (single ones were told up to 210)",
            ),
            RowRule(
                "answers_out_of_order",
                ~pl.col("exposure").is_between(pl.col("most_bearish"), pl.col("most_bullish"))
                | ~pl.col("median").is_between(pl.col("most_bearish"), pl.col("most_bullish")),
                "mean and median must lie between the lowest and the highest answer",
            ),
            RowRule("deviation_negative", pl.col("deviation") < 0, "a deviation is not negative"),
        ),
        plausible=Plausible("survey", "exposure", "observed_on", name="NAAIM"),
        domain="market",
    ),
)
