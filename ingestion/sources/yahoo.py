"""Yahoo Finance chart v8: daily bars as traded, and the splits and dividends that come in the same answer.

Yahoo adjusts prices and dividends for every split up to the moment it is asked, and an answer carries the events inside
its window only. So the window stays open at its end; what lies after ``asked_at`` is dropped by the parser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.price_rules import BAR_RULES, CLOSE_IN_RANGE, PRICES
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "query1.finance.yahoo.com"
BARS, ACTIONS = "yahoo_bars", "yahoo_actions"
OVERLAP = timedelta(days=10)
MEMBERS_FROM = date(2013, 1, 1)  # stocks of the full tier: membership and bars since
# With a closed end, a split of this morning would already adjust the prices and be missing from the answer.
OPEN_END = 9_999_999_999
LAST_TRADE = timedelta(minutes=30)  # before the close: a finished bar's last trade is not older than that
SYMBOL = r"^\^?[A-Z0-9][A-Z0-9.=\-]{0,15}$"
_ONCE = ("chart", "meta", "timestamp", "quote", *PRICES, "volume", "events", "splits", "dividends")
_LICENCE = "Yahoo's terms: for own use; its values may not be passed on, and it promises no service."


def _price(doc: str) -> Column:
    return Column(pl.Float64(), "usd", f"{doc}, as traded (not split-adjusted); index points for indices")


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
    "action": Column(pl.String(), "text", "'split' or 'dividend'"),
    "value": Column(pl.Float64(), "ratio", "split: new per old shares; dividend: cash per share as paid then (usd)"),
}


@dataclass(frozen=True, slots=True)
class _Chart:
    """The checked parts of one answer; ``splits`` and ``dividends`` are (ex-date, value), ascending."""

    meta: dict[str, Any]
    days: pl.Series
    quote: dict[str, list[Any]]
    splits: list[tuple[date, float]]
    dividends: list[tuple[date, float]]


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


def _events(body: Body, events: dict[str, Any], kind: str, until: int, zone: str) -> list[tuple[date, dict[str, Any]]]:
    """Events of one kind that are in effect, by ex-date. An event announced for a later session adjusts nothing yet."""
    entries = list(body.mapping(events.get(kind, {}), f"events.{kind}").values())
    held = [entry for entry in entries if entry["date"] <= until]
    days = _local_days([entry["date"] for entry in held], zone).to_list()
    return sorted(zip(days, held, strict=True), key=lambda pair: pair[0])


def _ratio(body: Body, entry: dict[str, Any]) -> float:
    ratio = float(entry["numerator"]) / float(entry["denominator"])
    if not 1e-4 <= ratio <= 1e4:
        raise body.wrong("a split's ratio must lie between 1:10000 and 10000:1", entry)
    return ratio


def _refusal(body: Body, error: dict[str, Any]) -> Exception:
    code, text = str(error.get("code")), str(error.get("description"))
    if code == "Not Found":
        return body.unknown(f"{code}: {text}")
    if text.startswith("Data doesn't exist for startDate"):
        return body.nothing(text)
    return body.wrong("the answer must not be an error", f"{code}: {text}")


def _chart(body: Body) -> _Chart:
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
    events = dict(body.mapping(result.get("events") or {}, "events"))
    if body.data.count(b'"numerator"') != len(events.get("splits") or {}):
        raise body.wrong("each split must appear once", events.get("splits"))
    splits = [(day, _ratio(body, entry)) for day, entry in _events(body, events, "splits", until, zone)]
    paid = [(day, float(entry["amount"])) for day, entry in _events(body, events, "dividends", until, zone)]
    return _Chart(meta, _local_days(stamps, zone), dict(quotes), splits, paid)


def _product_after(day: pl.Expr, splits: list[tuple[date, float]]) -> pl.Expr:
    """The product of all split ratios with an ex-date after ``day``."""
    factor = pl.lit(1.0)
    for ex_date, ratio in splits:
        factor = factor * pl.when(day < ex_date).then(ratio).otherwise(1.0)
    return factor


def _as_quoted(price: pl.Expr) -> pl.Expr:
    """Undo float32 noise: the cent, if the value is one within the precision of a float32, else four decimals."""
    cent = price.round(2)
    return pl.when((price - cent).abs() <= 1.2e-7 * price.abs()).then(cent).otherwise(price.round(4))


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
    chart = _chart(body)
    symbol, kind = body.request.series, str(chart.meta["instrumentType"])
    currency = chart.meta.get("currency")
    on_exchange = _is_on_exchange(symbol, kind, currency)
    finished = planning.finished_day(body.request.asked_at, on_exchange=on_exchange)
    if on_exchange:
        finished = min(finished, _last_closed(chart.meta.get("regularMarketTime"), finished))
    factor = _product_after(pl.col("session_date"), chart.splits)
    ratio = pl.lit(1.0)
    for ex_date, value in chart.splits:
        ratio = ratio * pl.when(pl.col("session_date") == ex_date).then(value).otherwise(1.0)
    values = [pl.Series(name, chart.quote[name], dtype=pl.Float64, strict=True) for name in (*PRICES, "volume")]
    return (
        pl.DataFrame([chart.days, *values])
        .filter(pl.col("close").is_not_null(), pl.col("session_date") <= finished)
        .with_columns(
            *(_as_quoted(pl.col(name) * factor) for name in PRICES),
            (pl.col("volume") / factor).round().cast(pl.Int64),
            ratio.alias("split_ratio"),
            pl.lit(symbol).alias("symbol"),
            pl.lit(kind).alias("instrument_type"),
            pl.lit(currency, dtype=pl.String).alias("currency"),
        )
    )


@guarded(ACTIONS, ACTION_COLUMNS)
def parse_actions(body: Body) -> pl.DataFrame:
    """Splits and cash dividends whose ex-date has begun at ``asked_at``, oldest first; EmptyAnswer without any."""
    chart = _chart(body)
    rows = [(day, "split", ratio) for day, ratio in chart.splits]
    rows += [(day, "dividend", amount) for day, amount in chart.dividends]
    frame = pl.DataFrame(rows, schema={"ex_date": pl.Date, "action": pl.String, "value": pl.Float64}, orient="row")
    factor = _product_after(pl.col("ex_date"), chart.splits)
    paid = pl.col("value") * factor
    # Yahoo rounds adjusted dividends at the sixth decimal; undoing a 28:1 history must not leave 2.650004.
    exact = pl.when((paid - paid.round(4)).abs() <= 6e-7 * factor).then(paid.round(4)).otherwise(paid.round(6))
    return (
        frame.with_columns(
            pl.when(pl.col("action") == "dividend").then(exact).otherwise(pl.col("value")).alias("value"),
            pl.lit(body.request.series).alias("symbol"),
        )
        .filter(actions_known_at(frame) <= body.request.asked_at)
        .sort("ex_date", "action")
    )


def actions_known_at(frame: pl.DataFrame) -> pl.Series:
    """09:30 New York of the ex-date; the announcement is earlier, but this vendor does not tell when."""
    return calendar.at_new_york(frame["ex_date"], 9, 30)


def _question(symbol: str, first: date, last: date, as_of: datetime, *, required: bool, whole: bool) -> Request:
    start = int(datetime.combine(first, time(), UTC).timestamp())
    url = (
        f"https://{HOST}/v8/finance/chart/{quote(symbol, safe='=')}"
        f"?period1={start}&period2={OPEN_END}&interval=1d&events=div%7Csplit&includePrePost=false"
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
    known = set(state.instruments["symbol"].cast(pl.String).to_list())
    sound = pl.Series(sorted(ends), dtype=pl.String).str.contains(SYMBOL)
    return {symbol: ends[symbol] for symbol, ok in zip(sorted(ends), sound, strict=True) if ok and symbol not in known}


def bar_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """One question per symbol: the whole history when new, else the overlap; nothing when the last session is covered.

    A stock that left the universe is asked until its last day there is covered, then never again.
    """
    last, since = planning.last_session(as_of), calendar.last_snapshot(as_of)
    wanted = pl.col("symbol").is_not_null() & ~pl.col("asset_class").is_in(["crypto", "volatility"])
    core = list(planning.rows(state.instruments, wanted))
    queue: list[tuple[str, date, bool]] = [
        (row["symbol"], row["history_from"], row["role"] in ("headline", "broad_etf")) for row in core
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
            yield _question(symbol, first, last, as_of, required=required, whole=whole)


def ask_whole_after_split(frame: pl.DataFrame, request: Request) -> Request | None:
    """A split inside an overlap: everything since 2013 once more, so that a restated history is seen, not assumed."""
    if request.whole or request.first <= MEMBERS_FROM or (frame["split_ratio"] == 1).all():
        return None
    return _question(
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
_NOT_A_SESSION = RowRule(
    "not_a_session",
    _US_LISTED & pl.col("session_date").map_batches(planning.off_session, return_dtype=pl.Boolean),
    "US stocks, ETFs and indices have no bar when the exchange is shut",
)
_BAR_READINGS = tuple(
    f"{driver}{n:02d}" for driver, count in (("BR", 18), ("LC", 11), ("TE", 10), ("XA", 9)) for n in range(1, count + 1)
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
        stale_after=timedelta(days=5),
        tier="core",
        criticality="required",
        licence=_LICENCE,
        known_at=_bars_known_at,
        parse=parse_bars,
        requests=bar_requests,
        needs=("sp500_constituents", "sp500_spells"),
        hosts=(HOST,),
        pace_seconds=0.6,
        series_column="symbol",
        rules=(*BAR_RULES, _CLOSE_IN_RANGE, _NOT_A_SESSION),
        follow_up=ask_whole_after_split,
        serves=(*_BAR_READINGS, "CM01"),
    ),
    Source(
        dataset=ACTIONS,
        vendor="yahoo",
        title="Splits and cash dividends",
        columns=ACTION_COLUMNS,
        key=("symbol", "ex_date", "action"),
        observed="ex_date",
        cadence="event",
        stale_after=timedelta(days=120),
        tier="core",
        criticality="optional",
        licence=_LICENCE,
        known_at=actions_known_at,
        parse=parse_actions,
        reads=BARS,
        series_column="symbol",
        rules=(
            RowRule(
                "value_not_positive",
                ~pl.col("value").is_finite() | (pl.col("value") <= 0),
                "a split ratio and a dividend must be finite and above zero",
            ),
        ),
        serves=_BAR_READINGS,
    ),
)
