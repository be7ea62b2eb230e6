"""Kalshi: what a market of bets says of coming decisions and releases, one snapshot of the open contracts an evening.

There is no history to ask for: the archive starts with the first run, and an evening that was not asked is lost. A
contract pays one dollar if a statement holds ("above 4.25 %"), so its price is a probability. The vendor gives prices as
dollars in text (`yes_bid_dollars` "0.4200"), and gave them as whole cents (`yes_bid` 42): both are read, and prices that
can only be the one under the name of the other are refused.

The layout follows public descriptions of the interface (no answer is recorded here): KXFED, KXFEDDECISION, KXCPI,
KXCPICORE, KXCPIYOY, KXU3, KXPAYROLLS and KXGDP are shown there with contracts of 2026, KXCPICOREYOY by its name only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "api.elections.kalshi.com"
DATASET = "kalshi_markets"
SERIES = (*("KXFED", "KXFEDDECISION", "KXCPI", "KXCPICORE", "KXCPIYOY", "KXCPICOREYOY", "KXU3", "KXPAYROLLS", "KXGDP"),)
PAGE = 1000  # contracts in one answer, the most the vendor gives
MOST_PAGES = 20  # a mark of the next page that never ends is the vendor's mistake
MANY, MOST_OUTSIDE = 5, 0.1  # of so many prices or more, the share above one dollar from which all are in doubt
MOST_CROSSING = 0.10  # dollars that anybody could earn between two rungs of one ladder before it is a mistake
_ABOVE, _BELOW = ("greater", "greater_or_equal"), ("less", "less_or_equal")
_DECIMAL = re.compile(r"^-?\d{1,15}(\.\d{1,9})?$")
_TS = pl.Datetime("us", "UTC")

COLUMNS = {
    "series_ticker": Column(pl.String(), "id", "Kalshi's name of the question asked again and again, e.g. KXFED"),
    "event_ticker": Column(pl.String(), "id", "One meeting or release; its contracts are the rungs of one ladder"),
    "ticker": Column(pl.String(), "id", "The contract"),
    "observed_on": Column(pl.Date(), "date", "New York day of the evening on which the prices were asked"),
    "strike": Column(
        pl.Float64(),
        "varies",
        "The level the statement names, in the unit of its title (percent; persons for payrolls): the value must be above "
        "it (greater), below it (less), or between it and cap_strike; null where the statement is in words",
    ),
    "cap_strike": Column(pl.Float64(), "varies", "The upper level of a statement of type between; else null"),
    "strike_type": Column(
        pl.String(), "text", "greater, greater_or_equal, less, less_or_equal, between, or another word of the vendor's"
    ),
    "title": Column(pl.String(), "text", "The question"),
    "answer": Column(pl.String(), "text", "What Yes means, e.g. Above 4.25%"),
    "yes_bid": Column(pl.Float64(), "probability", "Highest price offered for Yes; 0 where nobody bids"),
    "yes_ask": Column(pl.Float64(), "probability", "Lowest price asked for Yes; 1 or null where nobody sells"),
    "last_price": Column(pl.Float64(), "probability", "Last price paid for Yes; null where it was never traded"),
    "volume": Column(pl.Float64(), "count", "Contracts traded so far"),
    "open_interest": Column(pl.Float64(), "count", "Contracts held"),
    "close_at": Column(_TS, "ts", "When trading ends"),
    "expected_expiration_at": Column(_TS, "ts", "When the vendor expects to know the outcome"),
    "status": Column(pl.String(), "text", "The vendor's word for the state of the contract, e.g. active"),
    "next_page": Column(pl.String(), "id", "The vendor's mark of the page after this answer; null on the last"),
}


def _decimal(body: Body, market: Mapping[str, Any], name: str) -> float | None:
    """A decimal number, as JSON number or as text; null where the vendor gives none."""
    value = market.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not _DECIMAL.match(_plain(value)):
        raise body.wrong(f"{name} must be a decimal number", f"{market.get('ticker')}: {value!r}")
    return float(value)


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.9f}"


def _price(body: Body, market: Mapping[str, Any], name: str) -> float | None:
    """Dollars of a contract that pays one: from text in dollars, else from whole cents. They must not contradict."""
    dollars, cents = _decimal(body, market, f"{name}_dollars"), market.get(name)
    if cents is None:
        return dollars
    if isinstance(cents, bool) or not isinstance(cents, int):
        raise body.wrong(f"{name} must be whole cents", f"{market.get('ticker')}: {cents!r}")
    if dollars is None:
        return float(cents) / 100
    if cents and abs(dollars - cents / 100) > 0.0100001:  # 0 cents beside dollars is a field no longer served
        found = f"{market.get('ticker')}: {cents} cents, {dollars} dollars"
        raise body.wrong(f"{name} in cents and {name}_dollars must agree", found, "A unit was mixed up.")
    return dollars


def _strikes(body: Body, market: Mapping[str, Any]) -> tuple[float | None, float | None]:
    kind = market.get("strike_type")
    floor, cap = _decimal(body, market, "floor_strike"), _decimal(body, market, "cap_strike")
    if kind in _ABOVE:
        return floor, None
    if kind in _BELOW:
        return cap, None
    return (floor, cap) if kind == "between" else (None, None)


def _moment(body: Body, market: Mapping[str, Any], name: str) -> datetime | None:
    text = market.get(name)
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise body.wrong(f"{name} must say its time zone", text)
    return moment.astimezone(UTC)


def _text(body: Body, market: Mapping[str, Any], name: str, *, needed: bool = False) -> str | None:
    value = market.get(name)
    if (value is not None and not isinstance(value, str)) or (needed and not value):
        raise body.wrong(f"{name} must be a text", repr(value)[:80])
    return value


def _row(body: Body, market: Mapping[str, Any], series: str) -> dict[str, Any]:
    event = _text(body, market, "event_ticker", needed=True)
    if not str(event).startswith(f"{series}-"):
        hint = "The vendor answered another question, or ignored the series asked for."
        raise body.wrong(f"every contract must belong to {series}", event, hint)
    strike, cap = _strikes(body, market)
    bid, ask, last = (_price(body, market, name) for name in ("yes_bid", "yes_ask", "last_price"))
    counts = {
        name: _decimal(body, market, f"{name}_fp" if market.get(f"{name}_fp") is not None else name)
        for name in ("volume", "open_interest")
    }
    return {
        "series_ticker": series,
        "event_ticker": event,
        "ticker": _text(body, market, "ticker", needed=True),
        "strike": strike,
        "cap_strike": cap,
        "strike_type": _text(body, market, "strike_type"),
        "title": _text(body, market, "title"),
        "answer": _text(body, market, "yes_sub_title"),
        "yes_bid": bid,
        "yes_ask": ask or None,  # nobody sells for nothing
        "last_price": last or None,
        **counts,
        "close_at": _moment(body, market, "close_time"),
        "expected_expiration_at": _moment(body, market, "expected_expiration_time"),
        "status": _text(body, market, "status"),
    }


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The open contracts of one page, in the vendor's order. Series: ``SERIES[/PAGE]``."""
    answer = body.mapping(body.json(("markets", "cursor")), "the answer")
    markets, cursor = answer.get("markets"), answer.get("cursor")
    if not isinstance(markets, list):
        raise body.wrong("the answer must hold a list of markets", sorted(answer)[:8])
    if cursor is not None and not isinstance(cursor, str):
        raise body.wrong("cursor must be a text", repr(cursor)[:80])
    if not markets:
        raise body.nothing("no open contract")
    series = body.request.series.partition("/")[0]
    rows = [_row(body, body.mapping(market, "a market"), series) for market in markets]
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    schema = {name: column.dtype for name, column in COLUMNS.items() if name not in ("observed_on", "next_page")}
    frame = pl.DataFrame(rows, schema=schema)
    prices = frame.select("yes_bid", "yes_ask", "last_price").unpivot()["value"].drop_nulls()
    above = int((prices > 1).sum())
    if above >= MANY and above > MOST_OUTSIDE * len(prices):
        raise body.wrong(
            "prices must be dollars of a contract that pays one",
            f"{above} of {len(prices)} above 1",
            "Are these cents?",
        )
    return frame.with_columns(
        pl.lit(today).alias("observed_on"), pl.lit(cursor or None, dtype=pl.String).alias("next_page")
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The first page of each series, once per session. One that never had an open contract is asked more and more rarely."""
    for series in SERIES:
        day = planning.whole_file(state, series, as_of)
        if day:
            url = f"https://{HOST}/trade-api/v2/markets?series_ticker={series}&status=open&limit={PAGE}"
            yield Request(series, url, day, day, as_of)


def follow_up(frame: pl.DataFrame, request: Request) -> Request | None:
    """The page after this one, a question of its own; its name is the number, because its mark cannot be known before."""
    mark = frame["next_page"][0]
    series, _, page = request.series.partition("/")
    number = int(page or 1) + 1
    if mark is None or number > MOST_PAGES:
        return None
    url = f"{request.url.partition('&cursor=')[0]}&cursor={quote(mark, safe='')}"
    return Request(f"{series}/{number}", url, request.first, request.last, request.asked_at)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """Null: a price is known from the moment it was received."""
    return pl.Series("known_at", [None] * frame.height, dtype=_TS)


_PRICES = pl.col("yes_bid", "yes_ask", "last_price")
_LADDER = ("event_ticker", "observed_on")
_BID, _ASK = pl.col("yes_bid"), pl.col("yes_ask").fill_null(1.0)
_IS_RUNG = pl.col("strike_type").is_in(_ABOVE) & (_BID >= 0) & (_BID <= _ASK) & (_ASK <= 1)
# What a rung costs must not rise with its level: selling the higher one and buying a lower one would earn money for sure.
_EARNED = pl.when(_IS_RUNG).then(_BID) - pl.when(_IS_RUNG).then(_ASK).cum_min().over(*_LADDER, order_by="strike")

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="kalshi",
        title="Prices of bets on policy decisions and economic releases",
        columns=COLUMNS,
        key=("ticker", "observed_on"),
        observed="observed_on",
        cadence="snapshot",
        lag_sessions=0,
        stale_after_sessions=3,
        versions="all",
        tier="core",
        criticality="optional",
        licence="Kalshi developer agreement: for own use; data may not be passed on or sold.",
        known_at=known_at,
        known_at_kind="first_seen",
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.2,
        follow_up=follow_up,
        rules=(
            RowRule(
                "price_outside_unit",
                pl.any_horizontal(_PRICES.is_nan() | (_PRICES < 0) | (_PRICES > 1)),
                "the price of a contract that pays one dollar must lie between 0 and 1",
            ),
            RowRule("bid_above_ask", pl.col("yes_bid") > pl.col("yes_ask"), "a bid must not be above the ask"),
            RowRule(
                "strike_missing",
                pl.col("strike_type").is_in((*_ABOVE, *_BELOW, "between"))
                & (
                    pl.col("strike").is_null() | ((pl.col("strike_type") == "between") & pl.col("cap_strike").is_null())
                ),
                "a statement about a level must name it",
            ),
            RowRule(
                "ladder_crosses",
                (_EARNED > MOST_CROSSING).any().over(*_LADDER),
                "a higher level must not be bid more than ten cents above the ask of a lower one: the ladder is set aside",
            ),
        ),
        domain="macro",
    ),
)
