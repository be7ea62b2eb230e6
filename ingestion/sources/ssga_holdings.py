"""SSGA's daily lists of holdings: what the broad fund and the sector funds hold, one whole workbook per fund.

Sheet `holdings`: fund name, ticker, `As of DD-Mon-YYYY`, a blank row, the header, the largest line first; the list ends at
the first row without a name, and small print follows. `Sector` is a dash in every row and is not read.

A line is a security where it has a ticker as exchanges write them (letters, a class after a dot) and a SEDOL. Cash, money
funds and claims on companies that were bought (`CONTRA …`) have a dash for one or both; earn-outs and rights have a made-up
ticker that begins with digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import polars as pl

from ingestion import holdings_rules, planning, workbook
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Request, Source

HOST = "www.ssga.com"
VENDOR = "ssga"
IDS = "ssga_holdings"  # in seed instrument_ids: the funds whose holdings are asked for
SPY, SECTORS = "spy_holdings", "sector_holdings"
SHEET = "holdings"
_TICKER_ROW, _DAY_ROW, _HEADER_ROW = 1, 2, 4
_FIELDS = {
    "Name": "name",
    "Ticker": "ticker",
    "Identifier": "cusip",
    "SEDOL": "sedol",
    "Weight": "weight",
    "Shares Held": "shares_held",
    "Local Currency": "currency",
}
_TEXT = dict.fromkeys(_FIELDS.values(), pl.String)
_MISSING = ("", "-", "--")
_LISTED = r"^[A-Z]{1,6}(\.[A-Z]{1,2})?$"

COLUMNS = {
    "fund": Column(pl.String(), "id", "Ticker of the fund that was asked for"),
    "as_of_date": Column(pl.Date(), "date", "Day whose holdings these are"),
    "ticker": Column(pl.String(), "text", "Ticker as the vendor spells it (BRK.B); a dash where there is none"),
    "name": Column(pl.String(), "text", "Name as the vendor writes it"),
    "cusip": Column(pl.String(), "id", "The vendor's Identifier: a CUSIP, or one made up for cash and claims"),
    "sedol": Column(pl.String(), "id", "SEDOL; null where there is none"),
    "weight": Column(pl.Float64(), "pct", "Percent of the fund's net assets"),
    "shares_held": Column(pl.Float64(), "count", "Shares held; of cash its amount"),
    "currency": Column(pl.String(), "text", "Currency the line is held in"),
    "is_equity": Column(
        pl.Boolean(),
        "flag",
        "A listed security: it has an exchange's ticker and a SEDOL; not cash, a money fund or a claim",
    ),
}


def _labelled(body: Body, texts: list[list[str]], row: int, label: str) -> str:
    """The second cell of a row above the header whose first cell says ``label``."""
    cells = texts[row] if row < len(texts) else []
    if len(cells) < 2 or not cells[0].startswith(label):
        raise body.wrong(f"row {row + 1} must hold {label!r}", cells[:3], "Update the connector.")
    return cells[1]


def _holdings(body: Body, least: int) -> pl.DataFrame:
    texts = [[workbook.text(cell) for cell in line] for line in workbook.rows(body, SHEET)]
    ticker = _labelled(body, texts, _TICKER_ROW, "Ticker").replace("®", "").strip()
    if ticker != body.request.series:
        raise body.wrong(f"row 2 must hold the ticker {body.request.series}", ticker)
    told = pl.Series("as_of_date", [_labelled(body, texts, _DAY_ROW, "Holdings")], dtype=pl.String)
    day = body.dates(told.str.strip_prefix("As of").str.strip_chars(), "%d-%b-%Y", r"^\d{2}-[A-Z][a-z]{2}-\d{4}$")[0]
    header = texts[_HEADER_ROW] if len(texts) > _HEADER_ROW else []
    missing = [name for name in _FIELDS if header.count(name) != 1]
    if missing:
        raise body.wrong(
            f"columns {missing} must be present once in row {_HEADER_ROW + 1}",
            f"header {header[:12]}",
            "Update the connector.",
        )
    rows = texts[_HEADER_ROW + 1 :]
    at = {name: header.index(field) for field, name in _FIELDS.items()}
    size = next((n for n, row in enumerate(rows) if not row[at["name"]]), len(rows))
    if size == len(rows):
        raise body.wrong("small print must follow the list (else the file was cut)", f"{size} rows to the end")
    stray = next((row for row in rows[size:] if row[at["weight"]] or row[at["shares_held"]]), None)
    if stray is not None:
        raise body.wrong("rows must follow one another without a gap", stray[:4])
    text = pl.DataFrame({name: [row[n] for row in rows[:size]] for name, n in at.items()}, schema_overrides=_TEXT)
    if text.is_empty():
        raise body.nothing("a list without a line")
    numbers = [
        number(text[name].str.replace_all(",", "", literal=True), _MISSING) for name in ("weight", "shares_held")
    ]
    sedol = text["sedol"].set(text["sedol"].is_in(list(_MISSING)), None)
    frame = text.with_columns(
        *numbers,
        sedol,
        pl.lit(ticker).alias("fund"),
        pl.lit(day).alias("as_of_date"),
        (pl.col("ticker").str.contains(_LISTED) & sedol.is_not_null()).alias("is_equity"),
    )
    return holdings_rules.judged(body, frame, ("cusip", "ticker"), least)


def _source(dataset: str, title: str, least: int, *, of_sectors: bool) -> Source:
    """One dataset: the funds of sectors, or all others."""

    @guarded(dataset, COLUMNS)
    def parse(body: Body) -> pl.DataFrame:
        """The list of one day, in the vendor's order."""
        return _holdings(body, least)

    def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
        """The whole list of each fund, once per session."""
        for row in planning.identified(state, IDS):
            fund = row["id"]
            day = planning.whole_file(state, fund, as_of) if (row["role"] == "sector_etf") == of_sectors else None
            if day:
                name = quote(fund.lower(), safe="")
                url = f"https://{HOST}/library-content/products/fund-data/etfs/us/holdings-daily-us-en-{name}.xlsx"
                yield Request(fund, url, day, day, as_of, whole=True)

    return Source(
        dataset=dataset,
        vendor=VENDOR,
        title=title,
        columns=COLUMNS,
        key=("fund", "as_of_date", "cusip"),
        observed="as_of_date",
        cadence="snapshot",
        lag_sessions=1,
        stale_after_sessions=5,
        tier="full",
        criticality="optional",
        licence="State Street website terms: personal, non-commercial use; content may not be passed on.",
        known_at=holdings_rules.known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        max_bytes=16 * 2**20,
        series_column="fund",
        # a list may be corrected, and an evening weighed by what it said that evening
        versions="newest" if of_sectors else "all",
        rules=holdings_rules.ROW_RULES,
        seeds=("instruments", "instrument_ids"),
        domain="reference",
    )


SOURCES: tuple[Source, ...] = (
    _source(SPY, "Holdings of the broad fund: weights of its members", holdings_rules.LEAST_LINES, of_sectors=False),
    _source(
        SECTORS,
        "Holdings of the sector funds: weights inside sectors",
        holdings_rules.LEAST_LINES_OF_SECTOR,
        of_sectors=True,
    ),
)
