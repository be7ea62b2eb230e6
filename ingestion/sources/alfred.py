"""ALFRED graph CSV: what a macro series looked like on a past day, several days (vintages) in one answer, no key.

A vintage is asked for each release date of the seed. Where none is listed for a period, three days stand in, the day of
the lag rule, some days later and the end of that month: a figure counts from the first that shows it, never earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning, releases
from ingestion.body import Body, guarded, number
from ingestion.source import Column, Covered, FetchState, Plausible, Request, RowRule, Source
from ingestion.sources import fred_api

HOST = "alfred.stlouisfed.org"
DATASET = "alfred_vintages"
BATCH = 12  # vintages in one question
WINDOW_MONTHS = 36  # observations asked before each vintage: a year-on-year change and all yearly revisions
WEEKLY_WINDOW_MONTHS = 16  # of a weekly series: a year and its nine weeks
SETTLES = timedelta(days=3)  # a vintage not found this soon after its day may still come
LATE = "3d"  # a release often comes a day or two after the lag rule's day
ASK_AGAIN = timedelta(days=30)  # a vintage not found is asked again after this time, then after twice as long, …
MOST_DOUBLINGS = 4

COLUMNS = {
    "series_id": Column(pl.String(), "id", "FRED series id, verbatim"),
    "observation_date": Column(
        pl.Date(), "date", "First day of the period (weeks: the day that ends them) the value describes"
    ),
    "vintage_date": Column(pl.Date(), "date", "Day on which the value was the published one"),
    "value": Column(pl.Float64(), "varies", "The value on that day, in the unit the seed series.csv declares"),
}


def _asked(series: str) -> tuple[str, list[date]]:
    name, _, days = series.partition("/")
    return name, [date.fromisoformat(day) for day in days.split(",")]


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Values per vintage, oldest first; a blank is a period that vintage does not have. Each vintage asked must be there."""
    series, vintages = _asked(body.request.series)
    names = [f"{series}_{day:%Y%m%d}" for day in vintages]
    table = body.csv(("observation_date", *names))
    days = body.dates(table["observation_date"], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    long = table.select(names).with_columns(days).unpivot(on=names, index="observation_date", variable_name="_column")
    told = long.select(
        "observation_date",
        pl.col("_column").replace_strict(names, vintages, return_dtype=pl.Date).alias("vintage_date"),
        number(long["value"], ("", ".")),
        pl.lit(series).alias("series_id"),
    ).filter(pl.col("value").is_not_null())
    late = told.filter(pl.col("observation_date") > pl.col("vintage_date"))
    if late.height:
        raise body.wrong(
            "a vintage must not hold a period that begins after its day", f"vintage {late['vintage_date'][0]}"
        )
    return told.sort("vintage_date", "observation_date")


def vintage_days(release_id: str, listed: pl.DataFrame, first: date, last: date) -> list[date]:
    """The days whose vintage is wanted, ascending: release dates listed for this world, else the stand-ins."""
    known = dict(listed.filter(pl.col("release_id") == release_id).select("obs_period", "release_date").iter_rows())
    periods = list(releases.periods(release_id, first - timedelta(150), last))
    unlisted = [p for p in periods if p not in known]
    days = {day for day in known.values() if day is not None}
    if unlisted:
        lags = releases.lag_rule_days(release_id, pl.Series(unlisted, dtype=pl.Date))
        days |= set(lags.to_list())
        if not releases.is_weekly(release_id):
            days |= set(calendar.next_session(lags.dt.offset_by(LATE)).to_list())
            days |= set(lags.dt.month_end().to_list())
    if releases.frequencies()[release_id] == "Q":  # the second and the third estimate come in the two months after
        lags = releases.lag_rule_days(release_id, pl.Series(periods, dtype=pl.Date))
        days |= {day for months in ("1mo", "2mo") for day in lags.dt.offset_by(months).dt.month_end()}
    return sorted(day for day in days if first <= day <= last)


def _covered(marks: dict[str, Covered], series: str, since: datetime, as_of: datetime) -> set[date]:
    """The vintages that need no question: held, or not found and not worth asking again yet."""
    done: set[date] = set()
    for name, mark in marks.items():
        if name.partition("/")[0] != series:
            continue
        for day in _asked(name)[1]:
            wait = ASK_AGAIN * 2 ** min(max(mark.nothings - 1, 0), MOST_DOUBLINGS)
            settled = mark.fetched_at.date() - day >= SETTLES and as_of - mark.fetched_at < wait
            if mark.outcome == "data" or settled or mark.fetched_at >= since:
                done.add(day)
    return done


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _question(series: str, days: list[date], as_of: datetime) -> Request:
    stamps = [day.isoformat() for day in days]
    months = WEEKLY_WINDOW_MONTHS if releases.is_weekly(releases.release_of_series()[series]) else WINDOW_MONTHS
    lists = {
        "id": [quote(series, safe="")] * len(days),
        "vintage_date": stamps,
        "cosd": [_months_before(days[0], months).isoformat()] * len(days),  # one window for all: a vintage
        "coed": [stamps[-1]] * len(days),  # has blanks where it has nothing
    }
    query = "&".join(f"{name}={','.join(values)}" for name, values in lists.items())
    url = f"https://{HOST}/graph/alfredgraph.csv?{query}"
    return Request(f"{series}/{','.join(stamps)}", url, days[0], days[-1], as_of)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The vintages not held yet of each series that has releases, at most twelve to a question, oldest first.

    Where the interface (`fred_api.py`) has answered for a series, only those after its last answer.
    """
    last, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    marks = dict(state.covered)
    for row in planning.rows(state.seeds["series"], pl.col("vintages_from").is_not_null()):
        series: Any = row["series_id"]
        first = max(row["vintages_from"], row["history_from"])
        done = _covered(marks, series, since, as_of)
        told = state.beside.get(fred_api.DATASET, {}).get(series)  # the interface has told every vintage up to its day
        if told is not None and told.outcome == "data":
            first = max(first, told.last + timedelta(1))
        wanted = [
            day for day in vintage_days(row["release_id"], state.seeds["release_dates"], first, last) if day not in done
        ]
        for start in range(0, len(wanted), BATCH):
            yield _question(series, wanted[start : start + BATCH], as_of)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """08:30 New York of the vintage's day."""
    return calendar.at_new_york(frame["vintage_date"], 8, 30)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="alfred",
        title="Vintages of macro series",
        columns=COLUMNS,
        key=("series_id", "observation_date", "vintage_date"),
        observed="observation_date",
        cadence="event",
        reach="vintage_date",
        versions="all",
        seeds=("series", "release_dates"),
        beside=(fred_api.DATASET,),
        own_staging=True,
        tier="core",
        criticality="optional",
        licence="FRED terms; the series asked for are US government works.",
        known_at=known_at,
        known_at_kind="published",
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),),
        plausible=Plausible("series", "value", "observation_date", series="series_id", apart=("vintage_date",)),
        input_id="series_id",
        domain="macro",
    ),
)
