"""Yahoo Finance chart v8: daily bars as traded, and the splits and dividends that come in the same answer.

Yahoo adjusts prices and dividends for every split up to the moment it is asked, and an answer carries the events inside
its window only. So the window stays open at its end; what lies after ``asked_at`` is dropped by the parser. What the
same answer says against its own events (bars that were not adjusted, an ``adjclose`` that disagrees) is judged in
``yahoo_events``; what only many days of prices can tell is judged later, in the warehouse.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import log
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.price_rules import BAR_RULES, CLOSE_IN_RANGE, NOT_POSITIVE, PRICES, SPLIT_LIKE, is_split_like
from ingestion.source import Column, FetchState, Request, RowRule, Source
from ingestion.yahoo_events import Event, Payout, Split, product_after, read_events

HOST = "query1.finance.yahoo.com"
BARS, ACTIONS = "yahoo_bars", "yahoo_actions"
OVERLAP = timedelta(days=10)
# Every symbol is asked whole once in so many sessions: an event that Yahoo lists weeks late lies before any overlap.
WHOLE_EVERY = 20
# The first days of an answer's window may hold no session; an event there may be missing without being withdrawn.
WINDOW_EDGE = timedelta(days=5)
FROM_A_CENT = 5e-6  # usd: what is so near a full cent was declared in cents
MEMBERS_FROM = date(2013, 1, 1)  # stocks of the full tier: membership and bars since
# With a closed end, a split of this morning would already adjust the prices and be missing from the answer.
OPEN_END = 9_999_999_999
LAST_TRADE = timedelta(minutes=30)  # before the close: a finished bar's last trade is not older than that
SYMBOL = r"^\^?[A-Z0-9][A-Z0-9.=\-]{0,15}$"
_ONCE = ("chart", "meta", "timestamp", "quote", *PRICES, "volume", "events", "splits", "dividends", "capitalGains")
LICENCE = "Yahoo's terms: for own use; its values may not be passed on, and it promises no service."


def _price(doc: str) -> Column:
    return Column(
        pl.Float64(), "varies", f"{doc} in the currency, as traded (not split-adjusted); index points for indices"
    )


BAR_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Yahoo symbol, verbatim"),
    "session_date": Column(pl.Date(), "date", "Trading day in the exchange's own time zone"),
    "open": _price("First price of the day"),
    "high": _price("Highest price of the day"),
    "low": _price("Lowest price of the day"),
    "close": _price("Last price of the day"),
    "volume": Column(pl.Int64(), "count", "Shares or contracts traded, not split-adjusted; null where not reported"),
    "split_ratio": Column(pl.Float64(), "ratio", "New per old shares of a split effective that day; 1 on other days"),
    "instrument_type": Column(pl.String(), "text", "Yahoo's class: EQUITY, ETF, INDEX, FUTURE, CURRENCY"),
    "currency": Column(pl.String(), "text", "Currency of the prices; null where Yahoo gives none"),
}
ACTION_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Yahoo symbol, verbatim"),
    "ex_date": Column(pl.Date(), "date", "First trading day without the dividend, or at the new count of shares"),
    "action": Column(
        pl.String(),
        "text",
        "'split' or 'dividend' (all of that day together); 'step': the close steps, the vendor's adjusted close does not",
    ),
    "value": Column(
        pl.Float64(),
        "varies",
        "split: new per old shares; dividend: cash per share as paid then (usd), with capital gains; step: old per new price",
    ),
    "doubt": Column(
        pl.String(), "text", "What the same answer says against it: 'adjclose' moves by another amount; else null"
    ),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """The checked parts of one answer; ``splits`` and ``payouts`` are in effect, one a day, oldest first."""

    meta: dict[str, Any]
    days: pl.Series
    quote: dict[str, list[Any]]
    splits: list[Split]
    payouts: list[Payout]
    steps: list[tuple[date, float]]


def _is_on_exchange(symbol: str, kind: str, currency: str | None) -> bool:
    # Yahoo calls the dollar index an INDEX too; it trades on days when US exchanges are shut.
    return currency == "USD" and (kind in ("EQUITY", "ETF") or (kind == "INDEX" and symbol.startswith("^")))


def _local_days(stamps: list[Any], zone: str) -> pl.Series:
    """Epoch seconds as dates in ``zone``; milliseconds and other units are refused by their size."""
    seconds = pl.Series("session_date", stamps, dtype=pl.Int64, strict=True)
    if seconds.null_count() or not seconds.is_between(-(10**10), 10**11).all():
        raise ValueError("timestamps must be epoch seconds")
    moments = (seconds * 1000).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return moments.dt.convert_time_zone(zone).dt.date()


def _events(body: Body, events: dict[str, Any], kind: str, until: int, zone: str) -> list[Event]:
    """Events of one kind that are in effect. An event announced for a later session adjusts nothing yet."""
    entries = list(body.mapping(events.get(kind) or {}, f"events.{kind}").values())
    held = [entry for entry in entries if entry["date"] <= until]
    days = _local_days([entry["date"] for entry in held], zone).to_list()
    amount = _ratio if kind == "splits" else _amount
    return [Event(day, entry["date"], amount(body, entry)) for day, entry in zip(days, held, strict=True)]


def _ratio(body: Body, entry: dict[str, Any]) -> float:
    ratio = float(entry["numerator"]) / float(entry["denominator"])
    if not 1e-4 <= ratio <= 1e4:
        raise body.wrong("a split's ratio must lie between 1:10000 and 10000:1", entry)
    return ratio


def _amount(body: Body, entry: dict[str, Any]) -> float:
    return float(entry["amount"])


def _refusal(body: Body, error: dict[str, Any]) -> Exception:
    code, text = str(error.get("code")), str(error.get("description"))
    if code == "Not Found":
        return body.unknown(f"{code}: {text}")
    if text.startswith("Data doesn't exist for startDate"):
        return body.nothing(text)
    return body.wrong("the answer must not be an error", f"{code}: {text}")


def read_chart(body: Body) -> Chart:
    """The checked parts of an answer. Raises NoSuchSeries, EmptyAnswer and ShapeError as ``parse`` of a source does."""
    root = body.mapping(body.json(_ONCE), "the answer")
    if not isinstance(root.get("chart"), dict):
        fault = root.get("finance")
        if isinstance(fault, dict) and isinstance(fault.get("error"), dict):
            raise _refusal(body, fault["error"])
        raise body.wrong("the answer must hold 'chart'", sorted(root)[:8], "Yahoo may be limiting the rate.")
    chart = root["chart"]
    if chart.get("error"):
        raise _refusal(body, dict(body.mapping(chart["error"], "chart.error")))
    result = body.mapping(chart["result"][0], "chart.result[0]")
    meta = dict(body.mapping(result["meta"], "meta"))
    symbol, asked = str(meta["symbol"]), body.request.series
    if symbol.upper() != asked.upper():
        raise body.wrong(f"meta.symbol must be {asked}", symbol)
    quotes = body.mapping(result["indicators"]["quote"][0], "quote[0]")
    stamps = result.get("timestamp")
    if not stamps:
        if any(quotes.values()):
            raise body.wrong("prices must come with timestamps", sorted(quotes))
        raise body.nothing("no timestamps")
    if meta.get("dataGranularity") != "1d":
        raise body.wrong("meta.dataGranularity must be 1d", meta.get("dataGranularity"))
    missing = [name for name in (*PRICES, "volume") if not isinstance(quotes.get(name), list)]
    if missing:
        raise body.wrong(f"quote[0] must hold lists {missing}", sorted(quotes))
    uneven = [name for name in (*PRICES, "volume") if len(quotes[name]) != len(stamps)]
    if uneven:
        raise body.wrong(f"{uneven} must have one value per timestamp", f"{len(stamps)} timestamps")
    zone = str(meta["exchangeTimezoneName"])
    period = meta.get("currentTradingPeriod")
    until = period["regular"]["end"] if period else OPEN_END
    events = dict(body.mapping(_all_events(body, result), "events"))
    days = _local_days(stamps, zone)
    found = read_events(
        days.to_list(),
        quotes["close"],
        _adjusted_closes(result, len(stamps)),
        splits=_events(body, events, "splits", until, zone),
        dividends=_events(body, events, "dividends", until, zone),
        gains=_events(body, events, "capitalGains", until, zone),
    )
    return Chart(meta, days, dict(quotes), found.splits, found.payouts, found.steps)


def _all_events(body: Body, result: Mapping[str, Any]) -> object:
    """``events`` of the answer; where a key stands twice in the JSON, both entries (a JSON reader keeps the last)."""
    events = result.get("events") or {}
    if not isinstance(events, dict):
        return events
    held = {kind: events.get(kind) or {} for kind in ("splits", "dividends", "capitalGains")}
    told = (body.data.count(b'"numerator"'), body.data.count(b'"amount"'))
    if told == (len(held["splits"]), len(held["dividends"]) + len(held["capitalGains"])):
        return events

    def with_all(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        if len(set(names)) == len(names):
            return dict(pairs)
        return {f"{name} {n}" if names.count(name) > 1 else name: value for n, (name, value) in enumerate(pairs)}

    again = json.loads(body.data, object_pairs_hook=with_all)["chart"]["result"][0].get("events")
    if not isinstance(again, dict):
        raise body.wrong("events must stand in chart.result[0]", sorted(result))
    return again


def _adjusted_closes(result: Mapping[str, Any], size: int) -> list[float | None] | None:
    """Yahoo's own adjusted closes, or None where the answer has none of the right length."""
    lists = (result["indicators"].get("adjclose") or [{}])[0].get("adjclose")
    if not isinstance(lists, list) or len(lists) != size:
        return None
    if any(value is not None and (isinstance(value, bool) or not isinstance(value, int | float)) for value in lists):
        return None
    return lists


def as_quoted(price: pl.Expr) -> pl.Expr:
    """Undo float32 noise: the cent, if the value is one within the precision of a float32, else four decimals."""
    cent = price.round(2)
    return pl.when((price - cent).abs() <= 1.2e-7 * price.abs()).then(cent).otherwise(price.round(4))


def _as_counted(volume: pl.Expr, factor: pl.Expr) -> pl.Expr:
    """Shares as counted then. Yahoo rounds its split-adjusted count, so after a reverse split the true count lies in an
    interval: the full hundred inside it, if there is one, is what was most likely traded, whenever it is asked."""
    count = volume / factor
    hundred = (count / 100).round() * 100
    return pl.when((factor < 1) & ((count - hundred).abs() <= 0.5 / factor)).then(hundred).otherwise(count.round())


def _as_paid(amount: pl.Expr, factor: pl.Expr) -> pl.Expr:
    """Cash per share as paid. Yahoo rounds its split-adjusted amount at the sixth decimal; of the amounts that give it,
    the one with the fewest decimals was declared: undoing a 28:1 history must not leave 2.650004. What lies beside a full
    cent is one even without a later split: the vendor has been there and back with an earlier one."""
    paid = amount * factor
    slack = 5.5e-7 * factor
    beside = pl.max_horizontal(slack, pl.lit(FROM_A_CENT))
    plain = [pl.when((paid - paid.round(n)).abs() <= beside).then(paid.round(n)) for n in range(3)]
    plain += [pl.when((paid - paid.round(n)).abs() <= slack).then(paid.round(n)) for n in (3, 4, 5)]
    return pl.coalesce(*plain, paid.round(6))


def _last_closed(traded_at: object, finished: date) -> date:
    """The newest day whose bar can be final: an answer whose last trade is from mid-session holds a running bar of it,
    however late it was asked (a cached page, a vendor that stands still)."""
    if not isinstance(traded_at, int):
        return finished
    traded = datetime.fromtimestamp(traded_at, UTC)
    day = traded.astimezone(calendar.NEW_YORK).date()
    close = calendar.close_at(day)
    if close is None or traded >= close - LAST_TRADE or day < finished - timedelta(days=7):
        return finished  # long ago: the last trade of a symbol that is no more
    return day - timedelta(days=1)


@guarded(BARS, BAR_COLUMNS)
def parse_bars(body: Body) -> pl.DataFrame:
    """Bars as traded, oldest first; rows without a close and bars still running at ``asked_at`` are dropped."""
    chart = read_chart(body)
    symbol, kind = body.request.series, str(chart.meta["instrumentType"])
    currency = chart.meta.get("currency")
    on_exchange = _is_on_exchange(symbol, kind, currency)
    finished = planning.finished_day(body.request.asked_at, on_exchange=on_exchange)
    if on_exchange:
        finished = min(finished, _last_closed(chart.meta.get("regularMarketTime"), finished))
    factor = product_after(pl.col("session_date"), chart.splits)
    ratio = pl.lit(1.0)
    for split in chart.splits:
        ratio = ratio * pl.when(pl.col("session_date") == split.ex_date).then(split.ratio).otherwise(1.0)
    values = [pl.Series(name, chart.quote[name], dtype=pl.Float64, strict=True) for name in (*PRICES, "volume")]
    return (
        pl.DataFrame([chart.days, *values])
        .filter(pl.col("close").is_not_null(), pl.col("session_date") <= finished)
        .with_columns(
            *(as_quoted(pl.col(name) * factor) for name in PRICES),
            _as_counted(pl.col("volume"), factor).cast(pl.Int64),
            ratio.alias("split_ratio"),
            pl.lit(symbol).alias("symbol"),
            pl.lit(kind).alias("instrument_type"),
            pl.lit(currency, dtype=pl.String).alias("currency"),
        )
        # a day twice at the same prices differs in its volume at most: the larger count is the later one
        .with_columns(pl.col("volume").max().over("session_date", *PRICES))
    )


@guarded(ACTIONS, ACTION_COLUMNS)
def parse_actions(body: Body) -> pl.DataFrame:
    """Splits and cash dividends whose ex-date has begun at ``asked_at``, oldest first; EmptyAnswer without any."""
    chart = read_chart(body)
    rows: list[tuple[date, str, float, bool, str | None]] = [
        (split.ex_date, "split", split.ratio, False, None) for split in chart.splits
    ]
    rows += [(paid.ex_date, "dividend", paid.amount, paid.is_adjusted, paid.doubt) for paid in chart.payouts]
    rows += [(day, "step", ratio, False, None) for day, ratio in chart.steps]
    schema = {"ex_date": pl.Date, "action": pl.String, "value": pl.Float64, "undo": pl.Boolean, "doubt": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    factor = product_after(pl.col("ex_date"), chart.splits)
    return (
        frame.with_columns(
            pl.when("undo").then(_as_paid(pl.col("value"), factor)).otherwise(pl.col("value")).alias("value"),
            pl.lit(body.request.series).alias("symbol"),
        )
        .filter(actions_known_at(frame) <= body.request.asked_at)
        .sort("ex_date", "action")
    )


def actions_known_at(frame: pl.DataFrame) -> pl.Series:
    """09:30 New York of the ex-date; the announcement is earlier, but this vendor does not tell when."""
    return calendar.at_new_york(frame["ex_date"], 9, 30)


def question(symbol: str, first: date, last: date, as_of: datetime, *, required: bool, whole: bool) -> Request:
    """Daily bars of a symbol since ``first``, with all events; ``last`` is the session the answer will cover."""
    start = int(datetime.combine(first, time(), UTC).timestamp())
    url = (
        f"https://{HOST}/v8/finance/chart/{quote(symbol, safe='=')}"
        f"?period1={start}&period2={OPEN_END}&interval=1d&events=div%7Csplit%7CcapitalGains&includePrePost=false"
    )
    return Request(symbol, url, first, last, as_of, required=required, whole=whole)


def _members(state: FetchState) -> dict[str, date | None]:
    """Stocks of the full tier by symbol: the day the membership ended, None while it lasts."""
    ends: dict[str, date | None] = {}
    spells = state.frames.get("sp500_spells")
    if spells is not None:
        recent = spells.filter(pl.col("end_date").is_null() | (pl.col("end_date") > MEMBERS_FROM))
        for symbol, end in recent.sort("start_date").select("symbol", "end_date").iter_rows():
            ends[symbol] = end
    today = state.frames.get("sp500_constituents")
    ends.update(dict.fromkeys(today["symbol"].to_list() if today is not None else []))
    known = set(state.seeds["instruments"]["symbol"].to_list())
    sound = pl.Series(sorted(ends), dtype=pl.String).str.contains(SYMBOL)
    return {symbol: ends[symbol] for symbol, ok in zip(sorted(ends), sound, strict=True) if ok and symbol not in known}


def bar_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question per symbol: the whole history when new and in its turn, else the overlap; nothing when the last
    session is covered.

    A stock that left the universe is asked until its last day there is covered, then never again.
    """
    last, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    wanted = pl.col("symbol").is_not_null() & ~pl.col("asset_class").is_in(["crypto", "volatility"])
    core = list(planning.rows(state.seeds["instruments"], wanted))
    queue: list[tuple[str, date, bool]] = [
        (row["symbol"], row["closes_from"] or row["history_from"], row["role"] in ("headline", "broad_etf"))
        for row in core
    ]
    queue.sort(key=lambda item: not item[2])
    if state.tier == "full":
        for symbol, end in _members(state).items():
            mark = state.covered.get(symbol)
            if end is None or mark is None or mark.last < end:
                queue.append((symbol, MEMBERS_FROM, False))
    for symbol, history_from, required in queue:
        mark = state.covered.get(symbol)
        if not planning.is_answered(mark, last, since):
            first, whole = planning.first_wanted(mark, history_from, OVERLAP)
            if is_its_turn(symbol, last):
                first, whole = history_from, True
            yield question(symbol, first, last, as_of, required=required, whole=whole)


def is_its_turn(symbol: str, session: date) -> bool:
    """Whether a symbol is asked whole on a session: once in ``WHOLE_EVERY``, spread over them by the symbol's name."""
    number = bisect_left(calendar.sessions(), session)
    return (zlib.crc32(symbol.encode()) + number) % WHOLE_EVERY == 0


def ask_whole_again(frame: pl.DataFrame, request: Request) -> Request | None:
    """A split inside an overlap, or a step like one that nothing explains: everything since 2013 once more, so that a
    restated history is seen, not assumed, and an event that was listed for an older day is found."""
    if request.whole or request.first <= MEMBERS_FROM:
        return None
    bars = frame.sort("session_date")
    ratio = bars["close"] * bars["split_ratio"] / bars["close"].shift(1)
    odd = [
        value for value in ratio.drop_nulls() if value > 0 and abs(log(value)) >= SPLIT_LIKE and is_split_like(value)
    ]
    if (bars["split_ratio"] == 1).all() and not odd:
        return None
    return question(
        request.series, MEMBERS_FROM, request.last, request.asked_at, required=request.required, whole=False
    )


def _bars_known_at(frame: pl.DataFrame) -> pl.Series:
    return calendar.known_at_snapshot(frame["session_date"])


_US_LISTED = (pl.col("currency") == "USD") & (
    pl.col("instrument_type").is_in(["EQUITY", "ETF"])
    | ((pl.col("instrument_type") == "INDEX") & pl.col("symbol").str.starts_with("^"))
)
# Futures settle outside the traded range in thin months (gold: 292 days of 2005 to 2026).
_CLOSE_IN_RANGE = RowRule(
    CLOSE_IN_RANGE.name, (pl.col("instrument_type") != "FUTURE") & CLOSE_IN_RANGE.bad, CLOSE_IN_RANGE.doc
)
# Crude oil settled at -37.63 on 2020-04-20; a price of nothing has never been one.
_OFF_ZERO = RowRule(
    NOT_POSITIVE.name,
    pl.when(pl.col("symbol").is_in(["CL=F", "BZ=F"]))
    .then(pl.any_horizontal((pl.col(name) == 0) | (pl.col(name) < -100) for name in PRICES))
    .otherwise(NOT_POSITIVE.bad),
    "prices must be above zero; those of crude oil futures may lie below it, by 100 at most",
)
_RULES = (*(_OFF_ZERO if rule is NOT_POSITIVE else rule for rule in BAR_RULES), _CLOSE_IN_RANGE)
_NOT_A_SESSION = RowRule(
    "not_a_session",
    _US_LISTED & pl.col("session_date").map_batches(planning.off_session, return_dtype=pl.Boolean),
    "US stocks, ETFs and indices have no bar when the exchange is shut",
)

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=BARS,
        vendor="yahoo",
        title="Daily bars as traded: indices, ETFs, futures, stocks",
        columns=BAR_COLUMNS,
        key=("symbol", "session_date"),
        observed="session_date",
        cadence="session",
        lag_sessions=0,
        stale_after_sessions=3,
        own_staging=True,
        seeds=("instruments",),
        tier="core",
        criticality="required",
        licence=LICENCE,
        known_at=_bars_known_at,
        parse=parse_bars,
        requests=bar_requests,
        needs=("sp500_constituents", "sp500_spells"),
        hosts=(HOST,),
        pace_seconds=0.6,
        series_column="symbol",
        rules=(*_RULES, _NOT_A_SESSION),
        follow_up=ask_whole_again,
    ),
    Source(
        dataset=ACTIONS,
        vendor="yahoo",
        title="Splits and cash dividends",
        columns=ACTION_COLUMNS,
        key=("symbol", "ex_date", "action"),
        observed="ex_date",
        cadence="event",
        versions="all",
        tier="core",
        criticality="required",
        licence=LICENCE,
        known_at=actions_known_at,
        parse=parse_actions,
        reads=BARS,
        series_column="symbol",
        complete_after=WINDOW_EDGE,
        rules=(
            RowRule(
                "value_not_positive",
                ~pl.col("value").is_finite() | (pl.col("value") <= 0),
                "a split ratio and a dividend must be finite and above zero",
            ),
        ),
    ),
)
