"""iShares' daily list of what a fund holds, with the sector of each line: one whole CSV file per fund.

Above the header stand the fund's name, `Fund Holdings as of,"Mon DD, YYYY"` and some more; the list ends at a line that is
blank (or one hard space), and the terms follow. Class shares are written without a dot (BRKB). The column of shares is called
`Shares` or `Quantity`.

The address names a product and the fund in words; a cache may ignore either, so the file must name the fund that was asked
for (`fund_name` of seed instruments.csv). A line is a security where its asset class is `Equity`, its ticker is of letters
alone, and it trades on a market: claims and escrows on companies that were bought are `Equity` too, but unlisted, and rights
have a blank in their ticker.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

import polars as pl

from ingestion import holdings_rules, planning, seeds
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Request, RowRule, Source
from ingestion.sources import ishares

HOST = "www.ishares.com"
DATASET = "ivv_holdings"
IDS = "ishares_holdings"  # in seed instrument_ids: product ids of the funds whose holdings are asked for
# the form of both recordings of 2023 and 2026; ``words`` is the fund's name in lower case, joined by hyphens
URL = "https://{host}/us/products/{product}/{words}/1467271812596.ajax?fileType=csv&fileName={fund}_holdings&dataType=fund"
_MOST_ABOVE = 20  # lines above the header
_FIELDS = {
    "Ticker": "ticker",
    "Name": "name",
    "Sector": "sector",
    "Asset Class": "asset_class",
    "Market Value": "market_value",
    "Weight (%)": "weight",
    "Price": "price",
    "Exchange": "exchange",
    "Currency": "currency",
}
_SHARES = ("Shares", "Quantity")
_NUMBERS = ("market_value", "weight", "shares_held", "price")
_MISSING = ("", "-", "--")
_LISTED = r"^[A-Z]{1,6}$"
_UNLISTED = r"(?i)^-?$|^NO MARKET|Non-Nms"

COLUMNS = {
    "fund": Column(pl.String(), "id", "Ticker of the fund that was asked for"),
    "as_of_date": Column(pl.Date(), "date", "Day whose holdings these are"),
    "ticker": Column(pl.String(), "text", "Ticker as the vendor spells it (BRKB); a dash where there is none"),
    "name": Column(pl.String(), "text", "Name as the vendor writes it"),
    "sector": Column(pl.String(), "text", "Sector label as published"),
    "asset_class": Column(pl.String(), "text", "Equity, Cash, Money Market, Futures …"),
    "market_value": Column(pl.Float64(), "usd", "Market value of the line"),
    "weight": Column(pl.Float64(), "pct", "Percent of the fund's net assets, to a hundredth"),
    "shares_held": Column(pl.Float64(), "count", "Shares held; of cash its amount"),
    "price": Column(pl.Float64(), "usd", "Price the vendor shows, in currency; of cash 1 or 100"),
    "exchange": Column(pl.String(), "text", "Exchange as the vendor calls it"),
    "currency": Column(pl.String(), "text", "Currency of price and market value"),
    "is_equity": Column(
        pl.Boolean(),
        "flag",
        "A listed security: asset class Equity, a ticker of letters alone, and a market it trades on",
    ),
}


@lru_cache(1)
def fund_names() -> dict[str, tuple[str, ...]]:
    """Names by the ticker of the fund, from seed instruments.csv (all worlds)."""
    held = seeds.table("instruments").select("instrument_id", "fund_name").drop_nulls()
    return {
        _ticker(instrument): tuple(part.strip() for part in names.split("|") if part.strip())
        for instrument, names in held.iter_rows()
    }


def _ticker(instrument_id: str) -> str:
    return instrument_id.partition(":")[2]


def _check_fund(body: Body, told: str) -> None:
    wanted = fund_names().get(body.request.series, ())
    if not wanted:
        hint = "Put the fund's full name into fund_name of seed instruments.csv."
        raise body.wrong("the fund asked for must have a name to be checked by", body.request.series, hint)
    if ishares.plain(told) not in {ishares.plain(name) for name in wanted}:
        hint = "If the fund was renamed, add its new name to fund_name of seed instruments.csv, after a |."
        raise body.wrong(f"the file must name the fund asked for, {' or '.join(wanted)}", told[:80], hint)


def _lines(body: Body) -> list[str]:
    data = body.bare()
    if data.lstrip()[:1] in (b"<", b"{", b"["):
        hint = "The vendor may be blocking, or limiting the rate; look at the body in landing."
        raise body.wrong("the body must be CSV, not markup or JSON", hint=hint)
    if b"\x00" in data:
        raise body.wrong("the body must be UTF-8 text, without zero bytes")
    return [line.removesuffix("\r") for line in data.decode("utf-8").split("\n")]


def _table(body: Body, lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """(header, rows) of the list. It must end at a blank line with the terms below it: else the file was cut."""
    top = next((n for n, line in enumerate(lines[:_MOST_ABOVE]) if line.startswith("Ticker,")), None)
    if top is None:
        raise body.wrong(f"a header that begins with Ticker must stand in the first {_MOST_ABOVE} lines", lines[:3])
    size = next((n for n, line in enumerate(lines[top + 1 :]) if not line.strip()), None)
    if size is None or not any(line.strip() for line in lines[top + 1 + size :]):
        raise body.wrong("a blank line and the terms must follow the list (else the file was cut)", lines[-1][-80:])
    header, *rows = csv.reader(lines[top : top + 1 + size], strict=True)
    ragged = next((row for row in rows if len(row) != len(header)), None)
    if ragged is not None:
        raise body.wrong(f"each row must have {len(header)} fields", ragged)
    return header, rows


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The list of one day, in the vendor's order."""
    lines = _lines(body)
    _check_fund(body, lines[0].strip().strip('"'))
    told = [row[1] for row in csv.reader(lines[1:_MOST_ABOVE]) if len(row) == 2 and row[0] == "Fund Holdings as of"]
    if len(told) != 1:
        raise body.wrong("a line 'Fund Holdings as of' must stand above the list once", lines[1:3])
    day = body.dates(pl.Series("as_of_date", told), "%b %d, %Y", r"^[A-Z][a-z]{2} \d{2}, \d{4}$")[0]
    header, rows = _table(body, lines)
    shares = [name for name in _SHARES if name in header]
    missing = [name for name in (*_FIELDS, *shares) if header.count(name) != 1]
    if missing or len(shares) != 1:
        hint = "The vendor renamed, dropped or doubled a column: update the connector."
        raise body.wrong(f"columns {missing or _SHARES} must be present once", f"header {header}", hint)
    fields = {**_FIELDS, shares[0]: "shares_held"}
    text = pl.DataFrame(
        {name: [row[header.index(field)].strip() for row in rows] for field, name in fields.items()},
        schema_overrides=dict.fromkeys(fields.values(), pl.String),
    )
    if text.is_empty():
        raise body.nothing("a list without a line")
    is_listed = pl.col("ticker").str.contains(_LISTED) & ~pl.col("exchange").str.contains(_UNLISTED)
    frame = text.with_columns(
        *(number(text[name].str.replace_all(",", "", literal=True), _MISSING) for name in _NUMBERS),
        pl.lit(body.request.series).alias("fund"),
        pl.lit(day).alias("as_of_date"),
        ((pl.col("asset_class") == "Equity") & is_listed).alias("is_equity"),
    )
    return holdings_rules.judged(body, frame, ("ticker",), holdings_rules.LEAST_LINES)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The whole list of each fund, once per session."""
    for row in planning.identified(state, IDS):
        fund = _ticker(row["instrument_id"])
        day = planning.whole_file(state, fund, as_of)
        if day:
            words = re.sub(r"[^a-z0-9]+", "-", row["fund_name"].partition("|")[0].lower().replace("&", ""))
            url = URL.format(host=HOST, product=row["id"], words=words.strip("-"), fund=fund)
            yield Request(fund, url, day, day, as_of, whole=True)


_WORTH = pl.col("shares_held") * pl.col("price")
_ROUNDED = 0.006 * pl.col("shares_held") + 0.001 * _WORTH  # the price is shown to the cent

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor=ishares.VENDOR,
        title="Holdings of a broad fund with the sector of each: weights of its members",
        columns=COLUMNS,
        key=("fund", "as_of_date", "ticker", "name"),
        observed="as_of_date",
        cadence="snapshot",
        lag_sessions=1,
        stale_after_sessions=5,
        tier="full",
        criticality="optional",
        licence="BlackRock website terms: personal, non-commercial use; content may not be passed on.",
        known_at=holdings_rules.known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.3,
        max_bytes=16 * 2**20,
        series_column="fund",
        # a list may be corrected, and an evening weighed by what it said that evening
        versions="all",
        rules=(
            *holdings_rules.ROW_RULES,
            RowRule(
                "value_is_not_shares_times_price",
                pl.col("is_equity") & ((pl.col("market_value") - _WORTH).abs() > _ROUNDED).fill_null(value=True),
                "the market value of a security must be its shares times its price",
            ),
        ),
        seeds=("instruments", "instrument_ids"),
        domain="reference",
    ),
)
