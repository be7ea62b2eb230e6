"""The CFTC's Traders in Financial Futures: who is long and short in stock index futures on Tuesdays, futures only.

Socrata JSON without a key: a list of rows whose numbers are texts and whose empty fields are left out. The service gives
1,000 rows unless a limit is told, so the limit stands in the question and an answer that reaches it is refused. The
reports of the contract 13874A are those of the E-mini S&P 500, the only S&P 500 future of standard size since 2021.

A report is out at 15:30 New York on the third working day of the federal government after its day, a Friday as a rule.
Reports that were made up later (shutdowns, an attack on a broker) stand in seed publication_dates.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

import polars as pl

from ingestion import calendar, planning, seeds
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "publicreporting.cftc.gov"
PATH = "/resource/gpe5-46if.json"
DATASET = "cftc_tff"
CONTRACTS = {"13874A": "E-mini S&P 500", "209742": "Nasdaq-100 mini", "239742": "E-mini Russell 2000"}
HISTORY_FROM = date(2006, 6, 13)
OVERLAP = timedelta(weeks=8)
LIMIT = 5000  # rows; the whole history has 1,100
WORKING_DAYS, HOUR, MINUTE = 3, 15, 30
MIDNIGHT = "T00:00:00.000"
_DAY, _CODE = "report_date_as_yyyy_mm_dd", "cftc_contract_market_code"
_COUNTS = {
    "open_interest_all": "open_interest",
    "dealer_positions_long_all": "dealer_long",
    "dealer_positions_short_all": "dealer_short",
    "asset_mgr_positions_long": "asset_manager_long",
    "asset_mgr_positions_short": "asset_manager_short",
    "lev_money_positions_long": "leveraged_long",
    "lev_money_positions_short": "leveraged_short",
}

COLUMNS = {
    "contract_code": Column(pl.String(), "id", "Contract: " + ", ".join(f"{c} {n}" for c, n in CONTRACTS.items())),
    "report_date": Column(pl.Date(), "date", "Day of the positions: Tuesday, or Monday where that is a holiday"),
    "open_interest": Column(pl.Float64(), "count", "Contracts open, futures only"),
    "dealer_long": Column(pl.Float64(), "count", "Contracts that dealers are long, without spreads"),
    "dealer_short": Column(pl.Float64(), "count", "Contracts that dealers are short, without spreads"),
    "asset_manager_long": Column(pl.Float64(), "count", "The same of asset managers and institutions, long"),
    "asset_manager_short": Column(pl.Float64(), "count", "The same of asset managers and institutions, short"),
    "leveraged_long": Column(pl.Float64(), "count", "The same of leveraged funds (hedge funds and the like), long"),
    "leveraged_short": Column(pl.Float64(), "count", "The same of leveraged funds, short"),
}


def _counts(body: Body, field: str, cells: list[object]) -> pl.Series:
    """Texts of whole numbers; a field that Socrata left out is null. Raises ShapeError for anything else."""
    odd = next((cell for cell in cells if cell is not None and not isinstance(cell, str)), None)
    if odd is not None:
        raise body.wrong(f"{field} must be a text", repr(odd)[:80])
    text = pl.Series(_COUNTS[field], cells, dtype=pl.String).str.strip_chars()
    wrong = text.filter(~text.str.contains(r"^-?\d+(\.0+)?$"))
    if len(wrong):
        raise body.wrong(f"{field} must be a whole number", wrong[0])
    return text.cast(pl.Float64)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The reports of one contract, oldest first, without days after the New York day of ``asked_at``."""
    answer = body.json()
    if not isinstance(answer, list):
        raise body.wrong("the answer must be a list of reports", repr(answer)[:200])
    rows = [body.mapping(row, "a report") for row in answer]
    if not rows:
        raise body.nothing()
    if len(rows) >= LIMIT:
        raise body.wrong(f"an answer must hold fewer than {LIMIT} reports (else it was cut)", f"{len(rows)}")
    missing = [field for field in (_DAY, _CODE, *_COUNTS) if all(field not in row for row in rows)]
    if missing:
        raise body.wrong(f"fields {missing} must be present", f"{sorted(rows[0])[:20]}", "Update the connector.")
    codes = {str(row.get(_CODE)).strip() for row in rows}
    if codes != {body.request.series}:
        raise body.wrong(f"each report must be of contract {body.request.series}", str(sorted(codes))[:120])
    texts = pl.Series("report_date", [row.get(_DAY) for row in rows], dtype=pl.String, strict=True)
    days = body.dates(texts.fill_null(""), f"%Y-%m-%d{MIDNIGHT}", r"^\d{4}-\d{2}-\d{2}T00:00:00\.000$")
    counts = [_counts(body, field, [row.get(field) for row in rows]) for field in _COUNTS]
    frame = pl.DataFrame([days, *counts]).with_columns(contract_code=pl.lit(body.request.series))
    early = days.filter(days < body.request.first)
    if len(early):
        raise body.wrong(f"reports must not be older than {body.request.first}, as asked", str(early[0]))
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return frame.filter(pl.col("report_date") <= today).sort("report_date", maintain_order=True)


def _published_on(days: pl.Series) -> pl.Series:
    """The day a report is published: as listed, else the third working day of the federal government after it."""
    listed = seeds.table("publication_dates").filter(pl.col("dataset") == DATASET)
    late = dict(zip(listed["obs_period"], listed["published_on"], strict=True))
    usual = calendar.federal_days_after(days, WORKING_DAYS)
    found = [late.get(day, by_rule) for day, by_rule in zip(days.to_list(), usual.to_list(), strict=True)]
    return pl.Series(days.name, found, dtype=pl.Date)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """15:30 New York of the day of publication."""
    return calendar.at_new_york(_published_on(frame["report_date"]), HOUR, MINUTE)


def _newest_due(as_of: datetime) -> tuple[date, datetime] | None:
    """The newest report that should be out, and since when."""
    today = as_of.astimezone(calendar.NEW_YORK).date()
    tuesday = today - timedelta((today.weekday() - 1) % 7)
    days = pl.Series("report_date", [tuesday - timedelta(weeks=k) for k in range(16)], dtype=pl.Date)
    # where the Tuesday is a holiday the report is of Monday
    days = pl.Series(
        "report_date", [d if calendar.is_federal_day(d) else d - timedelta(1) for d in days], dtype=pl.Date
    )
    public = known_at(pl.DataFrame([days]))
    return next(((d, at) for d, at in zip(days, public, strict=True) if at <= as_of), None)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The reports of each contract since the overlap, with the first session whose snapshot knew of a report that is due;
    a late one is asked for again.
    """
    due = _newest_due(calendar.last_snapshot(as_of))
    if due is None:
        return
    day, public = due
    for code in CONTRACTS:
        mark = state.covered.get(code)
        is_late = planning.hole_is_due(mark, as_of)
        if planning.waits(mark, as_of) or (planning.is_answered(mark, day, public) and not is_late):
            continue
        first, whole = planning.first_wanted(mark, HISTORY_FROM, OVERLAP)
        yield Request(code, _url(code, first), first, day, as_of, whole=whole)


def _url(code: str, first: date) -> str:
    asked = {
        "$select": ",".join((_DAY, _CODE, *_COUNTS)),
        "$where": f"{_CODE}='{code}' AND {_DAY}>='{first}{MIDNIGHT}'",
        "$order": _DAY,
        "$limit": str(LIMIT),
    }
    return f"https://{HOST}{PATH}?{urlencode(asked, quote_via=quote, safe='$,:')}"


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The newest report that was due, where an answer does not have it yet."""
    newest = frame["report_date"].max()
    # a report may be of the Monday of its week
    is_there = isinstance(newest, date) and newest >= request.last - timedelta(1)
    return None if is_there else request.last


_SIDES = tuple(pl.col(name) for name in _COUNTS.values() if name != "open_interest")

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="cftc",
        title="Traders in Financial Futures: positions in stock index futures, weekly",
        columns=COLUMNS,
        key=("contract_code", "report_date"),
        observed="report_date",
        cadence="weekly",
        lag_sessions=3,
        # on time the newest is 3 to 9 sessions old, a little older while the last reports of a shutdown are made up
        stale_after_sessions=12,
        versions="all",
        input_id="contract_code",
        series_column="contract_code",
        tier="core",
        criticality="optional",
        licence="US government work, free to use.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hole=hole,
        hosts=(HOST,),
        pace_seconds=0.5,
        rules=(
            RowRule(
                "count_not_positive",
                pl.any_horizontal(
                    pl.col("open_interest").is_null(),
                    pl.col("open_interest") <= 0,
                    *((c.is_null() | (c < 0)) for c in _SIDES),
                ),
                "open interest must be above zero and positions must not be negative",
            ),
            RowRule(
                "positions_exceed_open_interest",
                pl.max_horizontal(
                    pl.sum_horizontal("dealer_long", "asset_manager_long", "leveraged_long"),
                    pl.sum_horizontal("dealer_short", "asset_manager_short", "leveraged_short"),
                )
                > pl.col("open_interest"),
                "the positions of one side must not exceed the open interest",
            ),
        ),
        domain="flow",
    ),
)
