"""iShares fund download: net asset value and shares outstanding per day, one whole file per fund.

The file is called .xls and is SpreadsheetML 2003 with two byte-order marks and bare ampersands, which no XML parser
accepts; they are repaired, and the rest must then be well-formed, so a cut file cannot pass. The address names a product,
which a cache on the way may ignore: the workbook must name the fund that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

import polars as pl
from lxml import etree

from ingestion import calendar, planning, seeds
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Plausible, Request, RowRule, Source

HOST = "www.blackrock.com"
DATASET = "ishares_fund_history"
VENDOR = "ishares"
SHEET = "Historical"
NAMED_IN = 4  # a workbook names its fund in one of the first rows of a sheet
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_FIELDS = {
    "As Of": "as_of_date",
    "NAV per Share": "nav",
    "Ex-Dividends": "ex_dividend",
    "Shares Outstanding": "shares_outstanding",
}

COLUMNS = {
    "product_id": Column(pl.String(), "id", "BlackRock portfolio id, verbatim"),
    "as_of_date": Column(pl.Date(), "date", "Day the values describe"),
    "nav": Column(pl.Float64(), "usd", "Net asset value per share"),
    "ex_dividend": Column(pl.Float64(), "usd", "Dividend per share going ex that day; null on other days"),
    "shares_outstanding": Column(pl.Float64(), "count", "Fund shares outstanding; null where not reported"),
}


def _workbook(body: Body) -> dict[str, list[list[str]]]:
    """The texts of each sheet's cells, row by row; of the others than the history the first rows only.

    Raises ShapeError for anything that is not such a workbook.
    """
    data = body.bare()
    if b"urn:schemas-microsoft-com:office:spreadsheet" not in data[:4096]:
        raise body.wrong("the body must be a SpreadsheetML workbook")
    if b"<!" in data[:4096]:
        raise body.wrong("a workbook must not declare a document type or entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(_BARE_AMPERSAND.sub(b"&amp;", data).lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise body.wrong("the workbook must be complete, well-formed XML", error) from error
    sheets = [sheet for sheet in root.iter(f"{_SS}Worksheet") if sheet.get(f"{_SS}Name") == SHEET]
    if len(sheets) != 1:
        names = [sheet.get(f"{_SS}Name") for sheet in root.iter(f"{_SS}Worksheet")]
        raise body.wrong(f"a sheet {SHEET!r} must be present once", f"sheets {names}")
    book = {
        str(sheet.get(f"{_SS}Name")): [_texts(row) for row in islice(sheet.iter(f"{_SS}Row"), NAMED_IN)]
        for sheet in root.iter(f"{_SS}Worksheet")
    }
    rows: list[list[str]] = []
    for row in sheets[0].iter(f"{_SS}Row"):
        if any(cell.get(f"{_SS}Index") for cell in row.findall(f"{_SS}Cell")):
            raise body.wrong("cells must follow one another", f"row {len(rows) + 1} skips cells")
        rows.append(_texts(row))
    return {**book, SHEET: rows}


def _texts(row: etree._Element) -> list[str]:
    return [(cell.findtext(f"{_SS}Data") or "").strip() for cell in row.findall(f"{_SS}Cell")]


def _check_fund(body: Body, book: dict[str, list[list[str]]]) -> None:
    """The workbook must name the fund asked for, in the first rows of one of its sheets (`Holdings`, row 2).

    Raises ShapeError where it names another, or none, and for a fund whose name the seed does not hold.
    """
    wanted = fund_names().get(body.request.series, ())
    if not wanted:
        hint = "Put the fund's full name into fund_name of seed instruments.csv."
        raise body.wrong("the fund asked for must have a name to be checked by", body.request.series, hint)
    cells = [cell for name, rows in book.items() if name != SHEET for row in rows[:NAMED_IN] for cell in row if cell]
    if not {plain(cell) for cell in cells} & {plain(name) for name in wanted}:
        named = [cell for cell in cells if re.search(r"\b(ETF|Fund|Trust)\b", cell) and len(cell) < 80][:3] or cells[:4]
        hint = "If the fund was renamed, add its new name to fund_name of seed instruments.csv, after a |."
        raise body.wrong(f"the workbook must name the fund asked for, {' or '.join(wanted)}", f"it names {named}", hint)


def plain(name: str) -> str:
    """A name without what vendors write now one way, now another: case, spaces, trade marks, punctuation."""
    return re.sub(r"[^a-z0-9$]", "", name.replace("&amp;", "&").replace("&", "and").lower())


@lru_cache(1)
def fund_names() -> dict[str, tuple[str, ...]]:
    """Names by product id, from seeds instruments.csv and instrument_ids.csv (all worlds)."""
    ids = seeds.table("instrument_ids").filter(pl.col("vendor") == VENDOR)
    held = ids.join(seeds.table("instruments"), on=("world", "instrument_id")).select("id", "fund_name")
    return {
        product: tuple(part.strip() for part in (names or "").split("|") if part.strip())
        for product, names in held.iter_rows()
    }


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """Fund history, oldest first."""
    book = _workbook(body)
    _check_fund(body, book)
    rows = book[SHEET]
    header, values = (rows[0], rows[1:]) if rows else ([], [])
    missing = [name for name in _FIELDS if header.count(name) != 1]
    if missing:
        raise body.wrong(f"columns {missing} must be present once", f"header {header}", "Update the connector.")
    ragged = next((row for row in values if len(row) != len(header)), None)
    if ragged is not None:
        raise body.wrong(f"each row must have {len(header)} cells", ragged)
    text = pl.DataFrame(values, schema=dict.fromkeys(header, pl.String), orient="row")
    numbers = [
        number(text[name].str.replace_all(",", "", literal=True), ("", "--", "-")).alias(column)
        for name, column in list(_FIELDS.items())[1:]
    ]
    days = body.dates(text["As Of"], "%b %d, %Y", r"^[A-Z][a-z]{2} \d{2}, \d{4}$").alias("as_of_date")
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        pl.DataFrame([days, *numbers])
        .filter(pl.col("as_of_date") <= today)
        .with_columns(pl.lit(body.request.series).alias("product_id"))
        .sort("as_of_date")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole file of each fund of the seeds, once per session."""
    for row in planning.identified(state, VENDOR):
        product = row["id"]
        day = planning.whole_file(state, product, as_of)
        if day:
            url = (
                f"https://{HOST}/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
                "?appSubType=ISHARES&appType=PRODUCT_PAGE&component=fundDownload&locale=en_US"
                f"&portfolioId={product}&targetSite=us-ishares&userType=individual"
            )
            yield Request(product, url, row["history_from"], day, as_of, whole=True)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """09:00 New York of the next session."""
    return calendar.at_new_york(calendar.next_session(frame["as_of_date"]), 9)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor=VENDOR,
        title="Fund net asset values and shares outstanding",
        columns=COLUMNS,
        key=("product_id", "as_of_date"),
        observed="as_of_date",
        cadence="session",
        lag_sessions=1,
        stale_after_sessions=3,
        grid=Grid("session", "product_id"),
        versions="all",
        seeds=("instruments", "instrument_ids"),
        tier="core",
        criticality="optional",
        licence="BlackRock website terms: personal, non-commercial use; content may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        series_column="product_id",
        rules=(
            RowRule(
                "nav_not_positive",
                pl.col("nav").is_null() | ~pl.col("nav").is_finite() | (pl.col("nav") <= 0),
                "the net asset value must be a finite number above zero",
            ),
            RowRule(
                "shares_not_positive",
                ~pl.col("shares_outstanding").is_finite() | (pl.col("shares_outstanding") < 0),
                "shares outstanding must be finite and not negative",
            ),
        ),
        plausible=Plausible(
            "fund", "nav", "as_of_date", name="nav", within=("product_id",), undone_by="shares_outstanding"
        ),
        domain="flow",
    ),
)
