"""SEC EDGAR, who and when: numbers of companies, and the moments at which their reports were accepted.

Belongs here: the list of tickers, a company's filings, and which companies are asked (also for ``sec_facts``). Does not: the
figures of a report. The SEC wants to know who asks: without a contact nothing is asked of the real vendor (``needs_contact``),
and all its hosts share one pace.

``sec_submissions`` reads the 1,000 newest filings of a company, of all forms; the pages of older ones (``filings.files``) are
not followed. For a company with many small filings they reach back some years only, so before that its announcements are
unknown, not absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

FILES_HOST, DATA_HOST = "www.sec.gov", "data.sec.gov"
HOSTS = (FILES_HOST, DATA_HOST)
TICKERS, SUBMISSIONS = "sec_company_tickers", "sec_submissions"
# Where the companies come from: lists of the index's members (the first that is held speaks) and the numbers of companies.
LISTS = ("spy_holdings", "ivv_holdings", "sp500_constituents", "sec_company_tickers")
COMPANIES = 150  # the largest by weight: three quarters of the index's value and more
PACE_SECONDS = 0.12  # ten questions a second are allowed, over all hosts together
LICENCE = "US government work; the SEC asks for at most ten questions a second and a contact in the User-Agent."
ASKED_AFTER = timedelta(days=3)  # a list of filings: of the sessions of a week, on Mondays and Thursdays
ANNOUNCEMENT = "2.02"  # item of form 8-K: results of operations
PERIODIC = ("10-Q", "10-Q/A", "10-K", "10-K/A")
CURRENT = ("8-K", "8-K/A")
LONGEST_DELAY = 7  # days from acceptance to the date a filing bears: the next business day after 17:30 New York
_ACCESSION = r"^\d{10}-\d{2}-\d{6}$"
_ITEMS = re.compile(r"\s*,\s*")
_TS = pl.Datetime("us", "UTC")

TICKER_COLUMNS = {
    "cik": Column(pl.Int64(), "id", "SEC central index key"),
    "ticker": Column(pl.String(), "id", "Symbol in the SEC's spelling, which is Yahoo's: BRK-B"),
    "title": Column(pl.String(), "text", "Name of the company as it is registered"),
    "listed_on": Column(pl.Date(), "date", "New York day on which the list was asked; the newest list speaks"),
}
SUBMISSION_COLUMNS = {
    "cik": Column(pl.Int64(), "id", "SEC central index key"),
    "accession": Column(pl.String(), "id", "Number of the filing"),
    "form": Column(pl.String(), "text", "8-K (results only), 10-Q or 10-K, or an amendment of one: 10-K/A"),
    "filing_date": Column(pl.Date(), "date", "Date the filing bears: the next business day if accepted after 17:30"),
    "report_date": Column(
        pl.Date(), "date", "End of the period reported, of an 8-K the day of the event; null where not told"
    ),
    "accepted_at": Column(_TS, "ts", "When EDGAR accepted the filing; of results, about when they were announced"),
    "items": Column(pl.String(), "text", "Items of an 8-K, joined by commas: 2.02,9.01; null for other forms"),
    "primary_document": Column(pl.String(), "text", "File name of the main document; null where not told"),
}
_FIELDS = ("accessionNumber", "form", "filingDate", "reportDate", "acceptanceDateTime", "items", "primaryDocument")


def companies(state: FetchState, count: int = COMPANIES) -> list[int]:
    """Numbers (CIK) of the companies with the largest weights, largest first; an issuer of two symbols stands once.

    A symbol's number is that of the list of members, else of the SEC's list. Empty where no list is held.
    """
    numbers: dict[str, int] = {}
    for name, symbol in ((TICKERS, "ticker"), ("sp500_constituents", "symbol")):  # the second speaks
        if (frame := state.frames.get(name)) is not None:
            numbers |= dict(frame.filter(pl.col("cik").is_not_null()).select(symbol, "cik").iter_rows())
    found = (numbers.get(symbol) for symbol in planning.largest(state, count))
    return list(dict.fromkeys(cik for cik in found if cik is not None))


def padded(cik: int) -> str:
    """A company's number as the addresses write it: ten digits."""
    return f"{cik:010d}"


def same_company(body: Body, told: object, series: str) -> int:
    """The number asked for, if the answer is about that company. It is told as a number, or as text with or without zeros."""
    asked = int(series)
    is_number = isinstance(told, int) and not isinstance(told, bool)
    is_text = isinstance(told, str) and told.isascii() and told.isdigit()
    if not (is_number or is_text) or int(str(told)) != asked:
        raise body.wrong(f"cik must be {asked}, the company asked for", repr(told)[:80])
    return asked


def known(body: Body) -> bytes:
    """The body, unless it is EDGAR's way of saying that there is no such thing (XML, with any status)."""
    if b"<Code>NoSuchKey</Code>" in body.data[:1000]:
        raise body.unknown("NoSuchKey")
    return body.data


@guarded(TICKERS, TICKER_COLUMNS)
def parse_tickers(body: Body) -> pl.DataFrame:
    """Every symbol the SEC knows with the company behind it, in the order given (by size)."""
    known(body)
    answer = body.mapping(body.json(), "the answer")
    rows = [body.mapping(row, "each company") for row in answer.values()]
    for row in rows:
        if not isinstance(row["cik_str"], int) or isinstance(row["cik_str"], bool):
            raise body.wrong("cik_str must be a whole number", repr(row["cik_str"])[:80])
    return pl.DataFrame(
        {
            "cik": [row["cik_str"] for row in rows],
            "ticker": pl.Series([row["ticker"] for row in rows], dtype=pl.String),
            "title": pl.Series([row["title"] for row in rows], dtype=pl.String),
            "listed_on": [body.request.asked_at.astimezone(calendar.NEW_YORK).date()] * len(rows),
        }
    )


def _lists(body: Body, recent: Mapping[str, Any]) -> list[list[Any]]:
    """The columns that are read, each as long as the others."""
    columns = [recent.get(name) for name in _FIELDS]
    lost = [name for name, column in zip(_FIELDS, columns, strict=True) if not isinstance(column, list)]
    if lost:
        raise body.wrong(f"filings.recent must hold lists {lost}", sorted(recent)[:20])
    held = [column for column in columns if isinstance(column, list)]
    if len({len(column) for column in held}) > 1:
        told = ", ".join(f"{name} {len(column)}" for name, column in zip(_FIELDS, held, strict=True))
        raise body.wrong("the lists of filings.recent must be equally long", told, "They would be joined wrongly.")
    return held


def _is_wanted(form: object, items: object) -> bool:
    return form in PERIODIC or (
        form in CURRENT and isinstance(items, str) and ANNOUNCEMENT in _ITEMS.split(items.strip())
    )


def _moment(body: Body, text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise body.wrong("acceptanceDateTime must say its time zone", text)
    return moment.astimezone(UTC)


@guarded(SUBMISSIONS, SUBMISSION_COLUMNS)
def parse_submissions(body: Body) -> pl.DataFrame:
    """Reports and announcements of results among a company's newest filings, newest first. Series: the CIK."""
    known(body)
    answer = body.mapping(body.json(("filings", "recent", "acceptanceDateTime")), "the answer")
    cik = same_company(body, answer.get("cik"), body.request.series)
    recent = body.mapping(body.mapping(answer.get("filings"), "filings").get("recent"), "filings.recent")
    rows = [row for row in zip(*_lists(body, recent), strict=True) if _is_wanted(row[1], row[5])]
    if not rows:
        raise body.nothing("no report and no announcement of results among the newest filings")
    accession, form, filed, reported, accepted, items, document = (list(column) for column in zip(*rows, strict=True))
    texts = {"accession": accession, "form": form, "filing_date": filed, "report_date": reported, "items": items}
    table = pl.DataFrame(
        [pl.Series(name, column, dtype=pl.String) for name, column in {**texts, "primary_document": document}.items()]
    )
    iso = r"^\d{4}-\d{2}-\d{2}$"
    blank = table.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
        for name in ("report_date", "items", "primary_document")
    )
    days = body.dates(table["filing_date"], "%Y-%m-%d", iso)
    told = blank["report_date"].drop_nulls()
    if len(told):
        body.dates(told, "%Y-%m-%d", iso)
    return blank.with_columns(
        days,
        blank["report_date"].str.to_date("%Y-%m-%d"),
        pl.lit(cik).alias("cik"),
        pl.Series("accepted_at", [_moment(body, text) for text in accepted], dtype=_TS),
    )


def ticker_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole list, with the first session of a month or the next one until an answer has come."""
    day, mark = planning.last_session(as_of), state.covered.get("tickers")
    if mark is not None and (mark.last.year, mark.last.month) >= (day.year, day.month):
        return
    yield Request("tickers", f"https://{FILES_HOST}/files/company_tickers.json", day, day, as_of, whole=True)


def submission_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The newest filings of each company, twice a week."""
    day = planning.last_session(as_of)
    for cik in companies(state):
        series = padded(cik)
        mark = state.covered.get(series)
        if planning.waits(mark, as_of) or (mark is not None and day - mark.last < ASKED_AFTER):
            continue
        url = f"https://{DATA_HOST}/submissions/CIK{series}.json"
        yield Request(series, url, planning.WHOLE_HISTORY, day, as_of)


def tickers_known_at(frame: pl.DataFrame) -> pl.Series:
    """Null: a list does not say since when, so each is known from when it was received."""
    return pl.Series([None] * frame.height, dtype=_TS)


def submissions_known_at(frame: pl.DataFrame) -> pl.Series:
    """The moment of acceptance; of what bears a later date, 06:00 New York of that date, when EDGAR shows it."""
    shown = calendar.at_new_york(frame["filing_date"], 6)
    return pl.select(pl.max_horizontal(frame["accepted_at"], shown)).to_series()


def _new_york_day(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(str(calendar.NEW_YORK)).dt.date()


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=TICKERS,
        vendor="sec",
        title="Numbers of companies at the SEC",
        columns=TICKER_COLUMNS,
        key=("listed_on", "ticker"),
        observed="listed_on",
        cadence="monthly",
        lag_sessions=23,
        stale_after_sessions=45,
        tier="full",
        criticality="optional",
        licence=LICENCE,
        known_at=tickers_known_at,
        known_at_kind="first_seen",
        parse=parse_tickers,
        requests=ticker_requests,
        hosts=HOSTS,
        needs_contact=True,
        pace_seconds=PACE_SECONDS,
        pace_is_the_vendors=True,
        rules=(
            RowRule("cik_not_positive", pl.col("cik") <= 0, "a company's number is positive"),
            RowRule("ticker_missing", pl.col("ticker").str.strip_chars() == "", "a company has a symbol"),
        ),
        domain="reference",
    ),
    Source(
        dataset=SUBMISSIONS,
        vendor="sec",
        title="Reports of companies and announcements of their results",
        columns=SUBMISSION_COLUMNS,
        key=("cik", "accession"),
        observed="filing_date",
        cadence="event",
        versions="all",
        tier="full",
        criticality="optional",
        licence=LICENCE,
        known_at=submissions_known_at,
        known_at_kind="published",
        parse=parse_submissions,
        requests=submission_requests,
        needs=LISTS,
        hosts=HOSTS,
        needs_contact=True,
        pace_seconds=PACE_SECONDS,
        pace_is_the_vendors=True,
        rules=(
            RowRule(
                "accession_not_allowed",
                ~pl.col("accession").str.contains(_ACCESSION),
                "a filing's number is of the form 0000320193-26-000006",
            ),
            RowRule(
                "filing_date_apart",
                ~(pl.col("filing_date") - _new_york_day("accepted_at")).dt.total_days().is_between(0, LONGEST_DELAY),
                "a filing bears the date of its acceptance or of the business day after it",
            ),
            RowRule(
                "report_after_filing",
                pl.col("report_date") > pl.col("filing_date"),
                "a period reported, or an event, ends before it is filed",
            ),
        ),
        domain="reference",
    ),
)
