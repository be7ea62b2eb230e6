"""Who is, and was, in the S&P 500: two community lists on GitHub. Symbols are turned into Yahoo's spelling.

``sp500_constituents``: today's members (no history). ``sp500_spells``: one row per stay in the index, ended or not.
How many members are plausible is judged by the gate, not here. Both are complete lists: a row that is no longer in one
stops counting when that was learnt.

A cell that cannot be read costs no more than it must. Where its column is optional (day of joining, CIK) the cell is left
empty and named in ``unread``; where it says whether a stay lasts, the row is set aside and what was known of it stays. A
column with many such cells is another layout, and the list is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "raw.githubusercontent.com"
CONSTITUENTS, SPELLS = "sp500_constituents", "sp500_spells"
LEAST_ROWS = 2
MOST_UNREAD, MOST_UNREAD_SHARE = 3, 0.1  # cells of one column that may be unreadable in one list: the larger of the two
_ISO = r"^\d{4}-\d{2}-\d{2}$"
_SYMBOL = r"^[A-Z0-9\-]{1,12}$"

CONSTITUENT_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Ticker in Yahoo's spelling (BRK-B)"),
    "name": Column(pl.String(), "text", "Company name"),
    "sector": Column(pl.String(), "text", "Sector label as published"),
    "sub_industry": Column(pl.String(), "text", "Sub-industry label as published"),
    "headquarters": Column(pl.String(), "text", "City and state or country"),
    "date_added": Column(pl.Date(), "date", "Day the company joined the index; null where unknown"),
    "cik": Column(pl.Int64(), "id", "SEC central index key; null where unknown"),
    "founded": Column(pl.String(), "text", "Year founded, with remarks, as published"),
    "unread": Column(pl.String(), "text", "Cells that could not be read and were left empty: column=text; null: none"),
}
SPELL_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Ticker in Yahoo's spelling at the time of the stay"),
    "start_date": Column(pl.Date(), "date", "First session in the index (or 1996-01-02, where the list begins)"),
    "end_date": Column(pl.Date(), "date", "First session out of the index; null while the stay lasts"),
    "unread": Column(pl.String(), "text", "Cells that could not be read: column=text; null: none"),
}
_CONSTITUENT_FIELDS = {
    "Symbol": "symbol",
    "Security": "name",
    "GICS Sector": "sector",
    "GICS Sub-Industry": "sub_industry",
    "Headquarters Location": "headquarters",
    "Date added": "date_added",
    "CIK": "cik",
    "Founded": "founded",
}


def _read(body: Body, text: pl.Series, kind: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """(the column as ISO dates or whole numbers, null where blank or unreadable; ``name=text`` where unreadable, else null).

    Raises ShapeError when so many cells are unreadable that the column must be another one.
    """
    given = text.str.strip_chars()
    given = given.set(given.is_in([""]), None)
    if kind == pl.Date():
        read = given.str.to_date("%Y-%m-%d", strict=False)
        sound = given.str.contains(_ISO) & read.dt.year().is_between(1900, 2199)
        read = read.set(~sound.fill_null(False), None)
    else:
        read = given.cast(pl.Int64, strict=False)
    odd = given.is_not_null() & read.is_null()
    if odd.sum() > max(MOST_UNREAD, MOST_UNREAD_SHARE * len(text)):
        hint = "The vendor changed the layout: update the connector."
        raise body.wrong(
            f"{text.name} must be readable", f"{odd.sum()} of {len(text)} are not: {given.filter(odd)[0]!r}", hint
        )
    named = pl.select(pl.when(odd).then(pl.lit(f"{text.name}=") + given)).to_series()
    return read.alias(text.name), named.cast(pl.String)


def _all_unread(parts: list[pl.Series]) -> pl.Series:
    """The unreadable cells of each row, joined; null where there are none."""
    joined = pl.DataFrame([part.alias(str(n)) for n, part in enumerate(parts)]).select(
        pl.concat_str(pl.all(), separator=", ", ignore_nulls=True).alias("unread")
    )["unread"]
    return joined.set(joined.is_in([""]), None)


def _symbol(text: pl.Series) -> pl.Series:
    """In Yahoo's spelling; null where blank, so that the row counts as one whose key could not be read."""
    symbol = text.str.strip_chars().str.replace_all(".", "-", literal=True).alias("symbol")
    return symbol.set(symbol.is_in([""]), None)


@guarded(CONSTITUENTS, CONSTITUENT_COLUMNS)
def parse_constituents(body: Body) -> pl.DataFrame:
    """Today's members, one row per share class, in the order given."""
    table = body.csv(list(_CONSTITUENT_FIELDS)).rename(_CONSTITUENT_FIELDS)
    if table.height < LEAST_ROWS:
        raise body.wrong(f"a list of members must have at least {LEAST_ROWS} rows", f"{table.height} rows")
    added, odd_days = _read(body, table["date_added"], pl.Date())
    cik, odd_numbers = _read(body, table["cik"], pl.Int64())
    return table.with_columns(_symbol(table["symbol"]), added, cik, _all_unread([odd_days, odd_numbers]))


@guarded(SPELLS, SPELL_COLUMNS)
def parse_spells(body: Body) -> pl.DataFrame:
    """Stays in the index, in the order given."""
    table = body.csv(("ticker", "start_date", "end_date"))
    if table.height < LEAST_ROWS:
        raise body.wrong(f"a list of stays must have at least {LEAST_ROWS} rows", f"{table.height} rows")
    start, odd_starts = _read(body, table["start_date"], pl.Date())
    end, odd_ends = _read(body, table["end_date"], pl.Date())
    return pl.DataFrame([_symbol(table["ticker"]), start, end, _all_unread([odd_starts, odd_ends])])


def _requests(path: str, series: str, first: date, state: FetchState, as_of: datetime) -> Iterator[Request]:
    day = planning.whole_file(state, series, as_of) if state.tier == "full" else None
    if day:
        yield Request(series, f"https://{HOST}/{path}", first, day, as_of, whole=True)


def constituent_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole list, once per session, in the full tier."""
    path = "datasets/s-and-p-500-companies/main/data/constituents.csv"
    yield from _requests(path, "constituents", planning.WHOLE_HISTORY, state, as_of)


def spell_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole list, once per session, in the full tier."""
    path = "fja05680/sp500/master/sp500_ticker_start_end.csv"
    yield from _requests(path, "spells", planning.WHOLE_HISTORY, state, as_of)


def constituents_known_at(frame: pl.DataFrame) -> pl.Series:
    """00:00 New York of the day a member joined; null (so first seen) where that day is unknown."""
    return calendar.at_new_york(frame["date_added"], 0)


def spells_known_at(frame: pl.DataFrame) -> pl.Series:
    """09:30 New York of the first session. Compare with the end of a stay; it was not known at its start."""
    return calendar.at_new_york(frame["start_date"], 9, 30)


_SYMBOL_RULE = RowRule("symbol_not_allowed", ~pl.col("symbol").str.contains(_SYMBOL), "a symbol is A-Z, 0-9 and -")

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=CONSTITUENTS,
        vendor="datasets",
        title="S&P 500 members today",
        columns=CONSTITUENT_COLUMNS,
        key=("symbol",),
        observed="date_added",
        cadence="snapshot",
        versions="all",
        own_staging=True,
        tier="full",
        criticality="optional",
        licence="Public-domain list compiled from Wikipedia; sector labels belong to their owners and are not shipped.",
        known_at=constituents_known_at,
        parse=parse_constituents,
        requests=constituent_requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        rules=(_SYMBOL_RULE, RowRule("sector_missing", pl.col("sector") == "", "each member has a sector label")),
        snapshot=True,
        domain="reference",
    ),
    Source(
        dataset=SPELLS,
        vendor="fja05680",
        title="Stays in the S&P 500 since 1996",
        columns=SPELL_COLUMNS,
        key=("symbol", "start_date"),
        observed="start_date",
        cadence="event",
        versions="all",
        tier="full",
        criticality="optional",
        licence="Community list under the MIT licence of its repository.",
        known_at=spells_known_at,
        parse=parse_spells,
        requests=spell_requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        rules=(
            _SYMBOL_RULE,
            RowRule("cell_unreadable", pl.col("unread").is_not_null(), "the days of a stay must be readable"),
            RowRule("end_before_start", pl.col("end_date") < pl.col("start_date"), "a stay ends after it starts"),
        ),
        snapshot=True,
        domain="reference",
    ),
)
