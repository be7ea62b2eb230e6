"""Cleveland Fed: its daily estimate of this month's inflation before the statistics office publishes it, all days in one file.

The file is made for a chart. One object per target month: days as MM/DD without a year (release days stand between them
as marked lines), and a list of texts per measure, one per day, blank once the figure is published. The file also has
the published figures; they are not read, because first prints with their exact day are in `alfred_vintages`.

No answer is recorded here: the layout follows public descriptions of the file of September 2026. The Bank's page says it
is updated every business day around 10:00 New York, hence ``known_at``; it does not say whether past days are kept as they
were published, so a day that changes later is a new version, known from when it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.clevelandfed.org"
DATASET = "clevelandfed_nowcast"
SERIES = "nowcast_month"
HISTORY_FROM = date(2013, 7, 1)
MEASURES = {
    "CPI Inflation": "cpi",
    "Core CPI Inflation": "core_cpi",
    "PCE Inflation": "pce",
    "Core PCE Inflation": "core_pce",
}
UNIT = "month-over-month percent change"
EARLIEST, LATEST = -31, 200  # days from the start of the target month within which an estimate can be made
MONTHS_TOLD, LEAST_LARGEST = 12, 0.1  # the largest of so many months of percentages is larger than this
_MONTH, _DAY = re.compile(r"^(\d{4})-(\d{1,2})$"), re.compile(r"^(\d{2})/(\d{2})$")
_DECIMAL = re.compile(r"^-?\d{1,6}(\.\d{1,20})?([eE]-\d{1,2})?$")

COLUMNS = {
    "target_month": Column(pl.Date(), "date", "First day of the month whose inflation is estimated"),
    "measure": Column(pl.String(), "id", "cpi, core_cpi, pce or core_pce"),
    "vintage_date": Column(pl.Date(), "date", "Day the estimate was made"),
    "value": Column(pl.Float64(), "pct", "Estimated change from the month before, seasonally adjusted"),
}


def _target(body: Body, chart: Mapping[str, Any]) -> date:
    told, unit = chart.get("subcaption"), chart.get("yaxisname")
    match = _MONTH.match(told) if isinstance(told, str) else None
    if match is None:
        raise body.wrong("subcaption must be a month of the form YYYY-M", repr(told)[:80])
    if not isinstance(unit, str) or UNIT not in unit.lower():
        raise body.wrong(f"yaxisname must say {UNIT}", repr(unit)[:80], "This may be the file of another horizon.")
    return date(int(match[1]), int(match[2]), 1)


def _placed(body: Body, labels: list[object], month: date) -> list[date]:
    """The days of the labels: the year that puts them near the target month. Raises ShapeError where there is none."""
    days: list[date] = []
    for label in labels:
        match = _DAY.match(label) if isinstance(label, str) else None
        found = [
            day
            for year in (month.year - 1, month.year, month.year + 1)
            if match is not None
            and (day := _day(year, int(match[1]), int(match[2])))
            and EARLIEST <= (day - month).days <= LATEST
        ]
        if not found or (days and found[0] <= days[-1]):
            hint = "Days are MM/DD, ascending, from a month before the target month to half a year after it."
            raise body.wrong(f"each day of {month:%Y-%m} must have a place in time", repr(label)[:40], hint)
        days.append(found[0])
    return days


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _value(body: Body, point: object, what: str) -> float | None:
    text = body.mapping(point, "a point").get("value")
    if text is None or text == "":
        return None
    if isinstance(text, bool) or not _DECIMAL.match(str(text)):
        raise body.wrong(f"{what} must be a number", repr(text)[:40])
    return float(text)


def _month(body: Body, entry: object) -> Iterator[tuple[date, str, date, float]]:
    """The estimates of one target month."""
    held = body.mapping(entry, "a month")
    month = _target(body, body.mapping(held.get("chart"), "chart"))
    (group,) = held["categories"]
    days = _placed(body, [c["label"] for c in group["category"] if not c.get("vline")], month)
    seen = set()
    for line in held["dataset"]:
        name = line["seriesname"]
        if name in seen:
            raise body.wrong(f"{month:%Y-%m} must have each series once", name)
        seen.add(name)
        if name not in MEASURES:
            continue
        if len(line["data"]) != len(days):
            raise body.wrong(
                f"{name} of {month:%Y-%m} must have one point per day", f"{len(line['data'])}, {len(days)}"
            )
        for day, point in zip(days, line["data"], strict=True):
            value = _value(body, point, name)
            if value is not None:
                yield month, MEASURES[name], day, value


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Estimates up to the New York day of ``asked_at``, by day, then target month."""
    answer = body.json()
    if not isinstance(answer, list):
        raise body.wrong("the answer must be a list of months", repr(answer)[:80])
    rows = [row for entry in answer for row in _month(body, entry)]
    table = pl.DataFrame(rows, schema={name: column.dtype for name, column in COLUMNS.items()}, orient="row")
    if table.is_empty():
        raise body.nothing("a file without estimates")
    missing = sorted(set(MEASURES.values()) - set(table["measure"].unique()))
    if missing:
        raise body.wrong(f"the file must hold {missing}", hint="A series was renamed or dropped: update the connector.")
    months, largest = table["target_month"].n_unique(), float(table.select(pl.col("value").abs().max()).item())
    if len(answer) != len({entry["chart"]["subcaption"] for entry in answer}):
        raise body.wrong("each target month must be there once", f"{len(answer)} entries")
    if months >= MONTHS_TOLD and largest < LEAST_LARGEST:
        raise body.wrong(
            "the values must be percentages", f"none of {months} months above {largest}", "Are they shares?"
        )
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return table.filter(pl.col("vintage_date") <= today).sort("vintage_date", "target_month", "measure")


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, once per session."""
    day = planning.whole_file(state, SERIES, as_of)
    if day:
        url = f"https://{HOST}/-/media/files/webcharts/inflationnowcasting/nowcast_month.json?sc_lang=en"
        yield Request(SERIES, url, HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """10:00 New York of the day."""
    return calendar.at_new_york(frame["vintage_date"], 10)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="clevelandfed",
        title="Daily estimates of this month's inflation",
        columns=COLUMNS,
        key=("target_month", "measure", "vintage_date"),
        observed="vintage_date",
        cadence="daily",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("bond_day"),
        versions="all",
        tier="core",
        criticality="optional",
        licence="Federal Reserve Bank of Cleveland terms of use: free use with attribution.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        max_bytes=32 * 2**20,
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),),
        plausible=Plausible("nowcast", "value", "vintage_date", series="measure", within=("target_month",)),
        domain="macro",
    ),
)
