"""The Atlanta Fed's Market Probability Tracker: what options on three-month SOFR say about the policy rate, one workbook.

Sheet `DATA` is the third, in long form; its values are texts padded with blanks. A row belongs to a window of three months
from an IMM date (`reference_start`). Windows beyond the traded options have a degenerate target range, both ends the
same (`525bps - 525bps`), and rates without probabilities. The probabilities of single ranges are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.atlantafed.org"
PATH = "/-/media/Project/Atlanta/FRBA/Documents/cenfis/market-probability-tracker/mpt_histdata.xlsx"
DATASET = "atlantafed_mpt"
SERIES = "mpt_histdata"
SHEET = "DATA"
HISTORY_FROM = date(2023, 3, 29)
FIELDS = (
    "Prob: cut",
    "Prob: hike",
    "Rate: mean",
    "Rate: mode",
    "Rate: 25th percentile",
    "Rate: 75th percentile",
)

COLUMNS = {
    "observation_date": Column(pl.Date(), "date", "Day whose option prices were used"),
    "reference_start": Column(
        pl.Date(), "date", "First day of the window of three months that the rate is averaged over"
    ),
    "field": Column(
        pl.String(),
        "id",
        "Prob: (cut or hike: chance that the average lies below or above the range), or Rate: statistic",
    ),
    "target_low_bp": Column(pl.Float64(), "bp", "Lower end of the target range on observation_date"),
    "target_high_bp": Column(pl.Float64(), "bp", "Upper end; the lower one again where the range is degenerate"),
    "is_degenerate": Column(pl.Boolean(), "flag", "True for far windows, which have no probabilities"),
    "value": Column(
        pl.Float64(), "varies", "Percent where field begins with Prob, basis points where it begins with Rate"
    ),
}


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The fields kept, oldest first, up to the New York day of ``asked_at``."""
    names = ("date", "reference_start", "target_range", "field", "value")
    held = workbook.table(body, SHEET, names)
    size = workbook.filled(body, held, "date")
    fields = [workbook.text(cell) for cell in held["field"][:size]]
    kept = [n for n, field in enumerate(fields) if field in FIELDS]
    missing = sorted(set(FIELDS) - set(fields)) if size else []
    if missing:
        raise body.wrong(f"fields {missing} must be present", f"{sorted(set(fields))[:12]}", "Update the connector.")
    cells = {name: [held[name][n] for n in kept] for name in names}
    like = r"^\d{4}-\d{2}-\d{2}$"
    days, starts = (workbook.days(body, name, cells[name], "%Y-%m-%d", like) for name in ("date", "reference_start"))
    ranges = workbook.texts("target_range", cells["target_range"])
    ends = ranges.str.extract_groups(r"^(\d+) ?bps *- *(\d+) ?bps$").struct.unnest().cast(pl.Float64)
    odd = ranges.filter(ends.to_series(0).is_null())
    if len(odd):
        raise body.wrong("target_range must be of the form 425bps - 450bps", odd[0])
    values = number(workbook.texts("value", cells["value"]), ())
    low, high = ends
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame(
            [
                days.alias("observation_date"),
                starts,
                pl.Series("field", [fields[n] for n in kept], dtype=pl.String),
                low.alias("target_low_bp"),
                high.alias("target_high_bp"),
                (low == high).alias("is_degenerate"),
                values.alias("value"),
            ]
        )
        .filter(pl.col("observation_date") <= today)
        .sort("observation_date", "reference_start", "field")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole workbook, once per session."""
    day = planning.whole_file(state, SERIES, as_of)
    if day:
        yield Request(SERIES, f"https://{HOST}{PATH}", HISTORY_FROM, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """9:00 New York of the next session."""
    return calendar.at_new_york(calendar.next_session(frame["observation_date"]), 9)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="atlantafed",
        title="Market Probability Tracker: chances and distribution of the policy rate",
        columns=COLUMNS,
        key=("observation_date", "reference_start", "field"),
        observed="observation_date",
        cadence="session",
        lag_sessions=1,
        stale_after_sessions=4,
        grid=Grid("session", rows="field = 'Rate: mean'"),
        versions="all",
        tier="core",
        criticality="optional",
        licence="Atlanta Fed: the data may be used for personal and educational purposes only.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        rules=(
            RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value must be a finite number"),
            RowRule(
                "range_upside_down",
                pl.col("target_low_bp") > pl.col("target_high_bp"),
                "the lower end of the target range must not lie above the upper",
            ),
        ),
        plausible=Plausible("mpt", "value", "observation_date", series="field", within=("reference_start",)),
        domain="macro",
    ),
)
