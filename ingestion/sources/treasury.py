"""The Treasury's own par yield curves, nominal and real: one CSV file per curve and year, the same evening.

FRED shows the same figures a bond day later. Columns were added over the years (`2 Mo`, `4 Mo`, `1.5 Month`) and stand
between the others, newest day first. A blank cell is no observation: the 30-year rested 2002 to 2006, and one holiday
is listed without any value. The file may end without a line end, so a cut is told by its last figure and by how far the
file of a year reaches back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "home.treasury.gov"
PATH = "/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv"
PAR, REAL = "treasury_par_yields", "treasury_real_yields"
PAR_CURVE, REAL_CURVE = "daily_treasury_yield_curve", "daily_treasury_real_yield_curve"  # the vendor's names
OVERLAP = timedelta(days=10)
# The bond market kept the third Monday of January long before the exchange did: not holes.
HOLES_FROM = date(1998, 1, 1)
BEGUN = timedelta(days=10)  # of a year, by when its file has a first row
_WHOLE_ROW = re.compile(r"\d{1,2}/\d{1,2}/\d{4}(,(-?\d+\.\d{2})?)+")
# Our tenors by the header of the file; the real curve writes `5 YR`.
PAR_TENORS = {"3 mo": "3m", "6 mo": "6m", "1 yr": "1y", "2 yr": "2y", "5 yr": "5y", "10 yr": "10y", "30 yr": "30y"}
REAL_TENORS = {"5 yr": "5y", "10 yr": "10y", "30 yr": "30y"}


def _columns(curve: str, tenors: Mapping[str, str]) -> dict[str, Column]:
    return {
        "observation_date": Column(pl.Date(), "date", "Day of the curve (close of the market, about 15:30 New York)"),
        "tenor": Column(pl.String(), "id", f"Time to maturity: {', '.join(tenors.values())}"),
        "value": Column(pl.Float64(), "pct", f"{curve} yield at constant maturity, may be negative"),
    }


PAR_COLUMNS = _columns("Par", PAR_TENORS)
REAL_COLUMNS = _columns("Real (inflation-protected) par", REAL_TENORS)


def _ended(body: Body) -> Body:
    """The body with a line end behind its last row. Raises ShapeError where that row was cut."""
    data = body.bare()
    last = data.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")
    if not last or data.lstrip()[:1] in (b"<", b"{", b"["):  # markup is refused as such
        return body
    if not _WHOLE_ROW.fullmatch(last):
        raise body.wrong("the last row must be whole: a day and yields with two decimals (else the body was cut)", last)
    return Body(body.dataset, body.request, data + b"\n")


def _parse(tenors: Mapping[str, str], body: Body) -> pl.DataFrame:
    """Yields in long form, oldest first, up to the New York day of ``asked_at``. Columns of other tenors are ignored."""
    header = body.bare().split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    named = {name.strip(' "').lower(): name.strip(' "') for name in header}
    table = _ended(body).csv(("Date", *(named.get(name, name) for name in tenors)))
    days = body.dates(table["Date"], "%m/%d/%Y", r"^\d{1,2}/\d{1,2}/\d{4}$").alias("observation_date")
    oldest = days.min()
    if not body.request.whole and isinstance(oldest, date) and oldest > body.request.first + BEGUN:
        raise body.wrong(
            f"the file of a year must reach back to {body.request.first} (else it was cut)", f"from {oldest}"
        )
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame([days, *(number(table[named[name]]).alias(tenor) for name, tenor in tenors.items())])
        .unpivot(index="observation_date", variable_name="tenor")
        .filter(pl.col("value").is_not_null(), pl.col("observation_date") <= today)
        .sort("observation_date", maintain_order=True)
    )


parse_par = guarded(PAR, PAR_COLUMNS)(partial(_parse, PAR_TENORS))
parse_real = guarded(REAL, REAL_COLUMNS)(partial(_parse, REAL_TENORS))


def _requests(curve: str, history_from: date, state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The file of all years when new, else that of the running year.

    An overlap that begins in an earlier year needs more than that file: then the file of all years is asked again. It is
    0.6 MB, and so it is for the first days of January only.
    """
    day, mark = planning.last_session(as_of), state.covered.get(curve)
    if planning.is_answered(mark, day, calendar.last_snapshot(as_of)) or planning.waits(mark, as_of):
        return
    first, whole = planning.first_wanted(mark, history_from, OVERLAP)
    if mark is not None and mark.hole is not None and planning.hole_is_due(mark, as_of):
        first = min(first, mark.hole)
    whole = whole or first.year < day.year
    year = "all" if whole else str(day.year)
    url = f"https://{HOST}{PATH}/{year}/all?type={curve}&field_tdr_date_value={year}&page&_format=csv"
    yield Request(curve, url, history_from if whole else date(day.year, 1, 1), day, as_of, whole=whole)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York of the day itself."""
    return calendar.at_new_york(frame["observation_date"], 18)


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The oldest bond day inside an answer that has no row of any tenor."""
    expected = calendar.table().filter("is_bond_day")["date"]
    return planning.oldest_missing(frame["observation_date"].unique(), expected.filter(expected >= HOLES_FROM))


def _source(
    dataset: str,
    title: str,
    curve: str,
    history_from: date,
    columns: Mapping[str, Column],
    parse: Callable[[bytes, Request], pl.DataFrame],
    kind: str,
) -> Source:
    return Source(
        dataset=dataset,
        vendor="treasury",
        title=title,
        columns=columns,
        key=("observation_date", "tenor"),
        observed="observation_date",
        cadence="daily",
        lag_sessions=0,
        stale_after_sessions=3,
        grid=Grid("bond_day", "tenor"),
        versions="all",
        tier="core",
        criticality="optional",
        licence="US government work, free to use.",
        known_at=known_at,
        parse=parse,
        requests=partial(_requests, curve, history_from),
        hosts=(HOST,),
        pace_seconds=0.5,
        hole=hole,
        rules=(RowRule("value_not_finite", ~pl.col("value").is_finite(), "a yield must be a finite number"),),
        plausible=Plausible(kind, "value", "observation_date", series="tenor"),
        domain="macro",
    )


SOURCES: tuple[Source, ...] = (
    _source(PAR, "Treasury par yields", PAR_CURVE, date(1990, 1, 2), PAR_COLUMNS, parse_par, "treasury_par"),
    _source(REAL, "Treasury real par yields", REAL_CURVE, date(2003, 1, 2), REAL_COLUMNS, parse_real, "treasury_real"),
)
