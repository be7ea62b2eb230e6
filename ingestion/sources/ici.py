"""The Investment Company Institute's combined flows of mutual funds and ETFs: months, and weeks after the last month.

One .xls per year, in a folder of that year's January, with one sheet: months since January two years before, then the
estimated weeks that no month covers yet. Values stand in every second column, millions of dollars, below two rows of
headers; days are texts, those of months with a blank behind. A week ends on Wednesday, before Christmas and New Year on
Tuesday, and the one after such a week has eight days. Weeks leave the file when their month comes; what was told stays.

Two sums hold in each row within rounding: equity, hybrid, bond and commodity are the total, domestic and world are equity.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "www.ici.org"
DATASET = "ici_flows"
HISTORY_FROM = date(2007, 1, 1)
MILLION = 1e6
ROUNDED = 2 * MILLION  # by which sums may differ
WEEK, MONTH = "week", "month"
MONTH_LAG, HOUR = 30, 18  # days after a month's end; New York
_HEADS = {"Monthly fund flows": MONTH, "Estimated weekly fund flows": WEEK}
# Place of each value, with what the two rows of headers say above it.
_PLACES = {
    "total_usd": (1, "Total LT MF and ETF flows", ""),
    "equity_usd": (3, "Equity", "Total"),
    "equity_domestic_usd": (5, "", "Domestic"),
    "equity_world_usd": (7, "", "World"),
    "hybrid_usd": (9, "Hybrid", ""),
    "bond_usd": (11, "Bond", "Total"),
    "bond_taxable_usd": (13, "", "Taxable"),
    "bond_municipal_usd": (15, "", "Municipal"),
    "commodity_usd": (17, "Commodity", ""),
}
_WORDS = {
    "total_usd": "All long-term funds", "equity_usd": "Equity funds", "equity_domestic_usd": "Funds of US equity",
    "equity_world_usd": "Funds of other equity", "hybrid_usd": "Funds of equity and bonds", "bond_usd": "Bond funds",
    "bond_taxable_usd": "Taxable bond funds", "bond_municipal_usd": "Municipal bond funds",
    "commodity_usd": "Commodity funds",
}  # fmt: skip

COLUMNS = {
    "period_kind": Column(pl.String(), "text", "week (an estimate) or month"),
    "period_end": Column(pl.Date(), "date", "Last day of the period"),
    **{name: Column(pl.Float64(), "usd", f"{words}: net flow of the period") for name, words in _WORDS.items()},
}


def _header(body: Body, lines: list[list[workbook.Cell]]) -> int:
    """The first row below the header. Raises ShapeError unless each word stands in its place."""
    top = next((n for n, line in enumerate(lines) if workbook.text(line[0]) == "Date"), None)
    if top is None or top + 1 >= len(lines):
        raise body.wrong("a row must begin with Date", f"{len(lines)} rows", "Update the connector.")
    if not any("millions" in workbook.text(line[0]).casefold() for line in lines[:top]):
        raise body.wrong(
            "the values must be in millions of dollars", [workbook.text(line[0])[:60] for line in lines[:top]]
        )
    for row in (0, 1):
        found = {n: workbook.text(cell) for n, cell in enumerate(lines[top + row]) if workbook.text(cell)}
        wanted = {place: words[row] for place, *words in _PLACES.values() if words[row]}
        if row == 0:
            wanted[0] = "Date"
        if found != wanted:
            raise body.wrong(f"row {top + row + 1} of the header must be {wanted}", str(found), "Update the connector.")
    return top + 2


def _values(body: Body, line: list[workbook.Cell]) -> dict[str, float]:
    found = {}
    for name, (place, *_) in _PLACES.items():
        cell = line[place]
        if isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell):
            raise body.wrong(f"{name} must be a number", repr(cell)[:80])
        found[name] = cell * MILLION
    return found


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Months, then weeks, each oldest first, without periods that had not ended on the New York day of ``asked_at``."""
    lines = workbook.rows(body, None)
    kind, days, kinds, values = "", [], [], []
    for number, line in enumerate(lines[_header(body, lines) :]):
        first = workbook.text(line[0])
        is_row = len(line) > 17 and any(cell != "" for cell in line[1:])
        if first in _HEADS:
            kind = _HEADS[first]
        elif is_row and not kind:
            raise body.wrong("rows must follow the words that say what they are", first)
        elif is_row:
            kinds.append(kind)
            days.append(first)
            values.append(_values(body, line))
        elif kind == WEEK and first and number:
            break  # notes
    if set(kinds) != {WEEK, MONTH}:
        raise body.wrong("the sheet must hold months and weeks", f"{sorted(set(kinds))}, {len(kinds)} rows")
    dates = body.dates(pl.Series("period_end", days, dtype=pl.String), "%m/%d/%Y", r"^\d{2}/\d{2}/\d{4}$")
    frame = pl.DataFrame([pl.Series("period_kind", kinds), dates]).hstack(pl.DataFrame(values))
    months = frame.filter(pl.col("period_kind") == MONTH)["period_end"]
    if not (months == months.dt.month_end()).all() or not (months.diff().drop_nulls().dt.total_days() <= 31).all():
        raise body.wrong("months must end on last days and follow one another", f"{months[0]} to {months[-1]}")
    weeks = frame.filter(pl.col("period_kind") == WEEK)["period_end"]
    if (
        not weeks.diff().drop_nulls().dt.total_days().is_between(6, 8).all()
        or not weeks.dt.weekday().is_in([2, 3]).all()
    ):
        raise body.wrong(
            "weeks must end on Wednesdays (or Tuesdays) and follow one another", f"{weeks[0]} to {weeks[-1]}"
        )
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return frame.filter(pl.col("period_end") < today)


def _released(ends: pl.Series) -> pl.Series:
    """The day the estimate of a week is out: the Wednesday a week or more after its end, or the next session."""
    late = ends.dt.offset_by("7d")
    wednesday = pl.Series(
        ends.name, [day + timedelta((2 - day.weekday()) % 7) for day in late.to_list()], dtype=pl.Date
    )
    return calendar.next_session(wednesday.dt.offset_by("-1d"))


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York: of weeks on the Wednesday a week after, of months 30 days after their end, or on the next session."""
    ends = frame["period_end"]
    months = calendar.next_session(ends.dt.offset_by(f"{MONTH_LAG - 1}d"))
    days = frame.select(pl.when(pl.col("period_kind") == WEEK).then(_released(ends)).otherwise(months))
    return calendar.at_new_york(days.to_series(), HOUR)


def _newest_due(as_of: datetime) -> tuple[date, datetime]:
    """The newest Wednesday whose week should be told, and since when."""
    today = as_of.astimezone(calendar.NEW_YORK).date()
    last = today - timedelta((today.weekday() - 2) % 7)
    ends = pl.Series("period_end", [last - timedelta(weeks=k) for k in range(4)], dtype=pl.Date)
    public = calendar.at_new_york(_released(ends), HOUR)
    return next((end, at) for end, at in zip(ends, public, strict=True) if at <= as_of)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The file of the year once each week is due, and that of the year before in a January that has none yet."""
    end, public = _newest_due(as_of)
    today = as_of.astimezone(calendar.NEW_YORK).date()
    begun = state.covered.get(str(today.year))
    is_late = today.month == 1 and begun is not None and begun.outcome != "data"
    for year in [today.year - 1, today.year] if is_late else [today.year]:
        mark = state.covered.get(str(year))
        is_held = planning.is_answered(mark, end, public) and not planning.hole_is_due(mark, as_of)
        if not is_held and not planning.waits(mark, as_of):
            url = f"https://{HOST}/system/files/{year}-01/combined_flows_data_{year}.xls"
            yield Request(str(year), url, HISTORY_FROM, end, as_of, whole=True)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The week that was due, where the file of its year does not have it yet."""
    newest = frame["period_end"].max()
    # the week may have ended on Tuesday
    is_there = isinstance(newest, date) and newest >= request.last - timedelta(1)
    return None if is_there or str(request.last.year) != request.series else request.last


def _in_january(request: Request) -> bool:
    """Whether the file of a year need not be there yet, or any more."""
    return request.asked_at.astimezone(calendar.NEW_YORK).month == 1


def _apart(whole: str, *parts: str) -> pl.Expr:
    return (pl.sum_horizontal(parts) - pl.col(whole)).abs() > ROUNDED


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="ici",
        title="Flows of all long-term US funds, weekly estimates and months",
        columns=COLUMNS,
        key=("period_kind", "period_end"),
        observed="period_end",
        cadence="weekly",
        lag_sessions=5,
        # on time the newest is 5 to 10 sessions old
        stale_after_sessions=12,
        versions="all",
        input_id="'ici_' || period_kind || 's'",
        tier="core",
        criticality="optional",
        licence="ICI terms: personal use with attribution; data may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hole=hole,
        forgotten=_in_january,
        hosts=(HOST,),
        pace_seconds=1.0,
        rules=(
            RowRule(
                "total_contradicts",
                _apart("total_usd", "equity_usd", "hybrid_usd", "bond_usd", "commodity_usd"),
                "equity, hybrid, bond and commodity must be the total, within two million",
            ),
            RowRule(
                "equity_contradicts",
                _apart("equity_usd", "equity_domestic_usd", "equity_world_usd"),
                "domestic and world must be equity, within two million",
            ),
            RowRule(
                "bond_contradicts",
                _apart("bond_usd", "bond_taxable_usd", "bond_municipal_usd"),
                "taxable and municipal must be bond, within two million",
            ),
        ),
        domain="flow",
    ),
)
