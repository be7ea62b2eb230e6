"""The New York Fed: the effective federal funds rate (JSON), and the ACM term premium (an .xls workbook).

The rate of a day is published the next bond day at 9:00. The term premium is a model's: each file holds its history
estimated anew, so every download is a vintage. It has 10 MB, so it is asked for once a week, with the week's first session.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from ingestion import calendar, planning, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

RATES_HOST, FILES_HOST = "markets.newyorkfed.org", "www.newyorkfed.org"
EFFR, ACM = "nyfed_effr", "nyfed_acm"
EFFR_FROM = date(2000, 7, 3)
EFFR_OVERLAP = timedelta(days=21)
ACM_FROM = date(1990, 1, 2)  # the file begins in 1961, the calendar of bond days here
ACM_SERIES, ACM_SHEET = "ACMTermPremium", "ACM Daily"
MATURITIES = (2, 10)  # years; the file has 1 to 10

EFFR_COLUMNS = {
    "effective_date": Column(pl.Date(), "date", "Day of the trades"),
    "rate": Column(
        pl.Float64(),
        "pct",
        "Effective federal funds rate: volume-weighted median of the trades, until February 2016 their mean",
    ),
    "target_from": Column(pl.Float64(), "pct", "Lower end of the target range; null before there was one"),
    "target_to": Column(pl.Float64(), "pct", "Upper end of the target range; null before there was one"),
    "p1": Column(pl.Float64(), "pct", "1st percentile of the trades; null where not published"),
    "p25": Column(pl.Float64(), "pct", "25th percentile of the trades; null where not published"),
    "p75": Column(pl.Float64(), "pct", "75th percentile of the trades; null where not published"),
    "p99": Column(pl.Float64(), "pct", "99th percentile of the trades; null where not published"),
    "volume_busd": Column(
        pl.Float64(), "varies", "Volume of the trades in billions of US dollars; null where not published"
    ),
    "revision": Column(pl.String(), "text", "The vendor's mark of a revised rate; null for none"),
}
_EFFR_FIELDS = {
    "rate": "percentRate", "target_from": "targetRateFrom", "target_to": "targetRateTo", "p1": "percentPercentile1",
    "p25": "percentPercentile25", "p75": "percentPercentile75", "p99": "percentPercentile99",
    "volume_busd": "volumeInBillions",
}  # fmt: skip
_MISSING = (None, "", "NA", "N/A")

ACM_COLUMNS = {
    "observation_date": Column(pl.Date(), "date", "Day the estimate is for"),
    "maturity_years": Column(pl.Int32(), "count", "Maturity in years: 2 or 10"),
    "fitted_yield": Column(pl.Float64(), "pct", "Zero-coupon yield the model fits; null where the file lacks it"),
    "term_premium": Column(
        pl.Float64(), "pct", "Part of the yield that pays for holding long, as estimated in this file"
    ),
    "risk_neutral_yield": Column(
        pl.Float64(), "pct", "Expected average short rate: yield less premium; null where lacking"
    ),
}
_ACM_FIELDS = {"fitted_yield": "ACMY", "term_premium": "ACMTP", "risk_neutral_yield": "ACMRNY"}


def _number(body: Body, value: object) -> float | None:
    if value in _MISSING:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise body.wrong("rates and volumes must be numbers", repr(value)[:120])
    return float(value)


@guarded(EFFR, EFFR_COLUMNS)
def parse_effr(body: Body) -> pl.DataFrame:
    """Rates, oldest first, up to the New York day of ``asked_at``. Percentiles and volume begin years after the rate."""
    answer = body.mapping(body.json(), "the answer")
    if not isinstance(answer.get("refRates"), list):
        raise body.wrong("the answer must hold a list refRates", hint="Update the connector.")
    days: list[Any] = [body.mapping(row, "a rate") for row in answer["refRates"]]
    other = next((row for row in days if row.get("type") != "EFFR" or "percentRate" not in row), None)
    if other is not None:
        raise body.wrong("each rate must be of type EFFR and hold percentRate", repr(other)[:200])
    dated = pl.Series("effective_date", [row.get("effectiveDate") for row in days], dtype=pl.String, strict=True)
    if dated.null_count():
        raise body.wrong("each rate must hold effectiveDate")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    numbers = [
        pl.Series(name, [_number(body, row.get(field)) for row in days], dtype=pl.Float64)
        for name, field in _EFFR_FIELDS.items()
    ]
    marks = [str(row.get("revisionIndicator") or "").strip() or None for row in days]
    return (
        pl.DataFrame(
            [
                body.dates(dated, "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$"),
                *numbers,
                pl.Series("revision", marks, dtype=pl.String),
            ]
        )
        .filter(pl.col("rate").is_not_null(), pl.col("effective_date") <= today)
        .sort("effective_date")
    )


def effr_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole history when new, else three weeks of overlap; once per session."""
    series = "EFFR"
    day, mark = planning.last_session(as_of), state.covered.get(series)
    if planning.is_answered(mark, day, calendar.last_snapshot(as_of)) or planning.waits(mark, as_of):
        return
    first, whole = planning.first_wanted(mark, EFFR_FROM, EFFR_OVERLAP)
    if mark is not None and mark.hole is not None and planning.hole_is_due(mark, as_of):
        first = min(first, mark.hole)
    url = f"https://{RATES_HOST}/api/rates/unsecured/effr/search.json?startDate={first}&endDate={day}"
    yield Request(series, url, first, day, as_of, whole=whole)


def effr_known_at(frame: pl.DataFrame) -> pl.Series:
    """9:00 New York of the next bond day."""
    return calendar.at_new_york(calendar.next_bond_day(frame["effective_date"]), 9)


def effr_hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The oldest bond day inside an answer without a rate."""
    return planning.oldest_missing(frame["effective_date"], calendar.table().filter("is_bond_day")["date"])


@guarded(ACM, ACM_COLUMNS)
def parse_acm(body: Body) -> pl.DataFrame:
    """Premiums of two and ten years since 1990, oldest first. The ten-year premium must be there, other columns may lack."""
    wanted = [f"{prefix}{years:02d}" for years in MATURITIES for prefix in _ACM_FIELDS.values()]
    held = workbook.table(body, ACM_SHEET, ("DATE", "ACMTP10"), [name for name in wanted if name != "ACMTP10"])
    size = workbook.filled(body, held, "DATE")
    form = r"^\d{1,2}-[A-Z][a-z]{2}-\d{4}$"
    days = workbook.days(body, "observation_date", held["DATE"][:size], "%d-%b-%Y", form)
    frames = []
    for years in MATURITIES:
        values = {
            name: number(
                pl.Series(
                    name, [workbook.text(c) for c in held.get(f"{prefix}{years:02d}", [])[:size]], dtype=pl.String
                )
            )
            for name, prefix in _ACM_FIELDS.items()
        }
        lacking = pl.Series([None] * size, dtype=pl.Float64)
        columns = [(values[name] if len(values[name]) else lacking).alias(name) for name in _ACM_FIELDS]
        frames.append(pl.DataFrame([days, *columns]).with_columns(maturity_years=pl.lit(years, dtype=pl.Int32)))
    if frames[-1]["term_premium"].null_count() == size and size:
        raise body.wrong("the ten-year premium ACMTP10 must hold values", f"{size} blanks")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.concat(frames)
        .filter(pl.col("term_premium").is_not_null(), pl.col("observation_date").is_between(ACM_FROM, today))
        .sort("observation_date", "maturity_years")
    )


def acm_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file, unless an answer of this week is held."""
    day, mark = planning.last_session(as_of), state.covered.get(ACM_SERIES)
    monday = day - timedelta(days=day.weekday())
    if (mark is not None and mark.last >= monday) or planning.waits(mark, as_of):
        return
    url = f"https://{FILES_HOST}/medialibrary/media/research/data_indicators/{ACM_SERIES}.xls"
    yield Request(ACM_SERIES, url, ACM_FROM, day, as_of, whole=True)


def acm_known_at(frame: pl.DataFrame) -> pl.Series:
    """17:00 New York of the next bond day."""
    return calendar.at_new_york(calendar.next_bond_day(frame["observation_date"]), 17)


_LICENCE = "New York Fed terms of use: free to use with attribution; no endorsement."

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=EFFR,
        vendor="nyfed",
        title="Effective federal funds rate",
        columns=EFFR_COLUMNS,
        key=("effective_date",),
        observed="effective_date",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=3,
        grid=Grid("bond_day"),
        versions="all",
        tier="core",
        criticality="optional",
        licence=_LICENCE,
        known_at=effr_known_at,
        parse=parse_effr,
        requests=effr_requests,
        hosts=(RATES_HOST,),
        pace_seconds=0.5,
        hole=effr_hole,
        rules=(
            RowRule("rate_not_finite", ~pl.col("rate").is_finite(), "the rate must be a finite number"),
            RowRule(
                "target_upside_down",
                pl.col("target_from") > pl.col("target_to"),
                "the lower end of the target range must not lie above the upper",
            ),
            RowRule(
                "percentiles_out_of_order",
                (pl.col("p1") > pl.col("p25")) | (pl.col("p25") > pl.col("p75")) | (pl.col("p75") > pl.col("p99")),
                "the percentiles of a day must rise",
            ),
        ),
        plausible=Plausible("nyfed", "rate", "effective_date", name="EFFR"),
        domain="macro",
    ),
    Source(
        dataset=ACM,
        vendor="nyfed",
        title="Term premium of the model of Adrian, Crump and Moench",
        columns=ACM_COLUMNS,
        key=("observation_date", "maturity_years"),
        observed="observation_date",
        cadence="weekly",
        lag_sessions=5,  # of Friday, asked with Monday's session and held until the next
        stale_after_sessions=10,
        versions="all",
        tier="core",
        criticality="optional",
        licence=_LICENCE,
        known_at=acm_known_at,
        parse=parse_acm,
        requests=acm_requests,
        hosts=(FILES_HOST,),
        rules=(
            RowRule("premium_not_finite", ~pl.col("term_premium").is_finite(), "a premium must be a finite number"),
            RowRule(
                "parts_do_not_add_up",
                (pl.col("fitted_yield") - pl.col("term_premium") - pl.col("risk_neutral_yield")).abs() > 0.001,
                "the fitted yield must be the premium plus the risk-neutral yield",
            ),
        ),
        plausible=Plausible("nyfed", "term_premium", "observation_date", name="ACMTP", within=("maturity_years",)),
        domain="macro",
    ),
)
