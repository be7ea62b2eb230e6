"""Alpha Vantage: what companies reported, quarter by quarter, beside what was expected; with a key (ALPHAVANTAGE_API_KEY).

A second, labelled opinion on the surprises of the twenty largest companies: a free key gives 25 answers a day. Numbers
are texts and "None" is none. The vendor says that a limit is reached, a key is wrong or an endpoint costs money with
status 200 and a note instead of data; such a note is refused. Figures are in shares of the day of the question, so a
split gives a company's history new versions.

Only a note is recorded here; the layout of the figures follows the vendor's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "www.alphavantage.co"
DATASET = "alphavantage_earnings"
LARGEST = 20  # companies by weight in the index; a free key gives 25 answers a day
WEIGHED_BY = ("spy_holdings", "ivv_holdings", "sp500_constituents")  # datasets that say which companies are the largest
PASS_MONTHS, PASS_DAY = (2, 5, 8, 11), 15  # from when on nearly all large companies have told their last quarter
NOTES = ("Note", "Information", "Error Message")
CENT = 0.005  # how far a figure rounded to cents may lie from what it was
_TIMES = {"pre-market": "bmo", "post-market": "amc"}
_DECIMAL = re.compile(r"^-?\d{1,9}(\.\d{1,9})?$")
_NONE = ("", "None", "-")

COLUMNS = {
    "symbol": Column(pl.String(), "id", "Ticker in Yahoo's spelling (BRK-B)"),
    "fiscal_end": Column(pl.Date(), "date", "Last day of the fiscal quarter"),
    "reported_date": Column(pl.Date(), "date", "Day of the report"),
    "reported_eps": Column(pl.Float64(), "usd", "Earnings per share as reported; null where not told"),
    "estimated_eps": Column(pl.Float64(), "usd", "What was expected; null where not told"),
    "surprise": Column(pl.Float64(), "usd", "The first less the second, as told; null where not told"),
    "surprise_pct": Column(pl.Float64(), "pct", "The surprise in percent of what was expected, as told; null for none"),
    "report_time": Column(pl.String(), "text", "bmo before the open, amc after the close, unknown where not told"),
}
_FIELDS = {
    "reported_eps": "reportedEPS", "estimated_eps": "estimatedEPS", "surprise": "surprise",
    "surprise_pct": "surprisePercentage",
}  # fmt: skip


def _decimal(body: Body, row: Mapping[str, Any], name: str) -> float | None:
    value = row[name]
    if value is None or value in _NONE:
        return None
    if not isinstance(value, str) or not _DECIMAL.match(value):
        raise body.wrong(f"{name} must be a decimal number as text", f"{row['fiscalDateEnding']}: {value!r}"[:80])
    return float(value) + 0.0


def _day(body: Body, row: Mapping[str, Any], name: str) -> date:
    value = row[name]
    if not isinstance(value, str) or not re.fullmatch(r"(19|20|21)\d{2}-\d{2}-\d{2}", value):
        raise body.wrong(f"{name} must be a day such as 2025-12-31", repr(value)[:80])
    return date.fromisoformat(value)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The quarters told up to the New York day of ``asked_at``, newest first as the vendor gives them. Series: the symbol."""
    answer, symbol = body.mapping(body.json(), "the answer"), body.request.series
    note = next((name for name in NOTES if name in answer), None)
    if note is not None:
        hint = "The limit of the key is reached, or the key is not taken: look at the note, then run again another day."
        raise body.wrong("the vendor must answer with data, not with a note", f"{note}: {answer[note]}", hint)
    if not answer:
        raise body.unknown("an empty object")
    if answer.get("symbol") != symbol:
        raise body.wrong(f"symbol must be {symbol}, as asked", repr(answer.get("symbol"))[:40])
    rows = answer["quarterlyEarnings"]
    if not isinstance(rows, list):
        raise body.wrong("quarterlyEarnings must be a list", repr(rows)[:80])
    found = [
        {
            "fiscal_end": _day(body, row, "fiscalDateEnding"),
            "reported_date": _day(body, row, "reportedDate"),
            **{name: _decimal(body, row, field) for name, field in _FIELDS.items()},
            "report_time": _TIMES.get(str(row.get("reportTime")), "unknown"),
        }
        for row in (body.mapping(row, "a quarter") for row in rows)
    ]
    schema = {name: column.dtype for name, column in COLUMNS.items() if name != "symbol"}
    frame = pl.DataFrame(found, schema=schema).with_columns(pl.lit(symbol).alias("symbol"))
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return frame.filter(pl.col("reported_date") <= today)


def pass_of(day: date) -> date:
    """The first day of the newest pass that has begun by ``day``: the 15th of the middle month of a quarter."""
    begins = [date(year, month, PASS_DAY) for year in (day.year - 1, day.year) for month in PASS_MONTHS]
    return max(begin for begin in begins if begin <= day)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The largest companies, in the full tier: one that is new at once, else once in a pass, four passes a year."""
    if state.tier != "full":
        return
    day = planning.last_session(as_of)
    for symbol in planning.largest(state, LARGEST):
        mark = state.covered.get(symbol)
        if (mark is None or mark.last < pass_of(day)) and not planning.waits(mark, as_of):
            url = f"https://{HOST}/query?function=EARNINGS&symbol={quote(symbol, safe='')}"
            yield Request(symbol, url, planning.WHOLE_HISTORY, day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """20:00 New York of the day of the report."""
    return calendar.known_at_snapshot(frame["reported_date"])


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="alphavantage",
        title="Reported and expected earnings of the largest companies",
        columns=COLUMNS,
        key=("symbol", "fiscal_end"),
        observed="fiscal_end",
        reach="reported_date",
        cadence="event",
        versions="all",
        tier="full",
        criticality="optional",
        licence="Alpha Vantage terms (a free key of your own): for own use; data may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        needs=WEIGHED_BY,
        hosts=(HOST,),
        key_variable="ALPHAVANTAGE_API_KEY",
        key_parameter="apikey",
        pace_seconds=13.0,  # five questions a minute are allowed
        series_column="symbol",
        rules=(
            RowRule(
                "reported_before_the_end",
                pl.col("reported_date") <= pl.col("fiscal_end"),
                "a quarter is reported after it ended",
            ),
            RowRule(
                "eps_contradicts_surprise",
                (pl.col("reported_eps") - pl.col("estimated_eps") - pl.col("surprise")).abs() > 2 * CENT + 1e-9,
                "the figure, what was expected and the surprise must belong together; a figure in cents does not",
            ),
        ),
        domain="market",
    ),
)
