"""Yahoo's chart v8 answer: split-adjusted as of the moment asked, dividends only in adjclose, float32 prices.

Belongs here: the wire format, its quirks, the faults only a chart can have. Does not: prices. Quirks kept: no bars in the window means no
``timestamp`` and ``quote:[{}]``; events stand only inside the window although they adjust outside it; whole numbers
lose their point; while a session runs, the last row is live and stamped with the moment of the last trade; a contract that
expired is forgotten a year after its month.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from urllib.parse import unquote

import numpy as np

from ingestion.calendar import NEW_YORK
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import PRICES, Cell, Table, json_bytes
from ingestion.sample.vendor import OwnFault, Vendor
from ingestion.sample.world.bars import Bars
from ingestion.sample.world.clock import REWRITTEN_AT, Clock, Floats, Ints, clock
from ingestion.sample.world.futures import contract
from ingestion.sample.world.market import World

PREFIX = "/v8/finance/chart/"
RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]
CONTRACT = re.compile(r"ZQ([FGHJKMNQUVXZ])(\d\d)\.CBT")
FORGOTTEN_AFTER = 365  # days after the last one of a contract's month
CORRECTED, CORRECTED_DAY = "GEAQ", date(2025, 11, 26)  # one bar is wrong in answers before REWRITTEN_AT:
FIRST_CLOSE, FIRST_VOLUME = 0.9875, 3  # so much of the true close; the volume was a third


def _error(status: int, code: str, description: str) -> Reply:
    return json_reply({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


def as_first_told(symbol: str, start: int, columns: dict[str, Floats], volume: Ints) -> None:
    """Put the wrong first version of one bar into the columns of ``symbol``, in place."""
    n = clock().index(CORRECTED_DAY) - start
    if symbol == CORRECTED and n < len(volume):
        columns["close"][n] = round(float(columns["close"][n]) * FIRST_CLOSE, 2)
        columns["low"][n] = min(float(columns["low"][n]), float(columns["close"][n]))
        volume[n] = int(volume[n]) // (FIRST_VOLUME * 100) * 100


def _stamps(clock: Clock, bars: Bars) -> Ints:
    stamps = clock.midnight if bars.kind == "FUTURE" else clock.open_at
    return stamps[bars.start : bars.start + len(bars.close)]


class _Held:
    """The bars of one symbol as they stood at a moment (epoch seconds)."""

    def __init__(self, clock: Clock, bars: Bars, now: int) -> None:
        span = slice(bars.start, bars.start + len(bars.close))
        done = int(np.searchsorted(clock.close_at[span], now, side="right"))
        running = done < len(bars.close) and clock.open_at[span][done] < now
        self.size = size = done + int(running)
        self.stamps = _stamps(clock, bars)[:size].copy()
        columns = {name: getattr(bars, name)[:size].copy() for name in PRICES}
        volume = bars.volume[:size].copy()
        if now < epoch(REWRITTEN_AT):
            as_first_told(bars.symbol, bars.start, columns, volume)
        self.last_trade = int(clock.close_at[span][done - 1]) if done else 0
        if running:
            opens, closes = int(clock.open_at[span][done]), int(clock.close_at[span][done])
            self._cut_running(columns, volume, (now - opens) / (closes - opens))
            self.stamps[-1] = self.last_trade = now
        known = [(day - bars.start, top, bottom) for day, top, bottom in bars.splits if day - bars.start < size]
        factor = np.ones(size)
        for day, top, bottom in known:
            factor[:day] *= top / bottom
        self.price = {name: (values / factor).astype(np.float32).astype(np.float64) for name, values in columns.items()}
        self.volume = np.round(volume * factor).astype(np.int64)
        self.splits = known
        self.dividends = [
            (day - bars.start, cash / float(factor[day - bars.start]))
            for day, cash in bars.dividends
            if day - bars.start < size
        ]

    @staticmethod
    def _cut_running(columns: dict[str, Floats], volume: Ints, share: float) -> None:
        """The day so far, ``share`` of the way from its open to its close."""
        opened, close = float(columns["open"][-1]), float(columns["close"][-1])
        now = round(opened + share * (close - opened), 2)
        columns["close"][-1] = now
        columns["high"][-1] = max(opened, now)
        columns["low"][-1] = min(opened, now)
        volume[-1] = int(volume[-1] * share)

    def adjusted_close(self) -> Floats:
        """Yahoo's rule: closes before an ex-date times 1 - dividend / close of the session before it."""
        close, step = self.price["close"], np.ones(self.size + 1)
        for day, cash in self.dividends:
            if day > 0:
                step[day] = 1.0 - cash / close[day - 1]
        factor = np.cumprod(step[::-1])[::-1][1:]  # of all ex-dates after each row
        return np.asarray((close * factor).astype(np.float32).astype(np.float64))

    def events(self, first: int, stop: int) -> dict[str, dict[str, dict[str, object]]]:
        """Dividends and splits whose ex-date lies inside rows ``first`` … ``stop - 1``, keyed by epoch strings."""
        found: dict[str, dict[str, dict[str, object]]] = {}
        for day, cash in self.dividends:
            if first <= day < stop:
                at = int(self.stamps[day])
                found.setdefault("dividends", {})[str(at)] = {"amount": round(cash, 6), "date": at}
        for day, top, bottom in self.splits:
            if first <= day < stop:
                at = int(self.stamps[day])
                split: dict[str, object] = {"date": at, "numerator": float(top), "denominator": float(bottom)}
                found.setdefault("splits", {})[str(at)] = {**split, "splitRatio": f"{top}:{bottom}"}
        return found


def _meta(symbol: str, clock: Clock, bars: Bars, held: _Held, first: int, now: datetime) -> dict[str, object]:
    local = now.astimezone(NEW_YORK)
    offset = local.utcoffset()
    zone, shift = local.tzname(), int(offset.total_seconds()) if offset else 0
    today = max(int(np.searchsorted(clock.open_at - 19800, epoch(now), side="right")) - 1, 0)  # since its pre-market
    opens, closes = int(clock.open_at[today]), int(clock.close_at[today])

    def period(start: int, end: int) -> dict[str, object]:
        return {"timezone": zone, "start": start, "end": end, "gmtoffset": shift}

    year = held.stamps > held.stamps[-1] - 365 * 86400
    before = held.price["close"][first - 1] if 0 < first <= held.size else held.price["open"][0]
    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": bars.exchange[0],
        "fullExchangeName": bars.exchange[1],
        "instrumentType": bars.kind,
        "firstTradeDate": int(_stamps(clock, bars)[0]),
        "regularMarketTime": held.last_trade,
        "hasPrePostMarketData": bars.kind in ("EQUITY", "ETF"),
        "gmtoffset": shift,
        "timezone": zone,
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": round(float(held.price["close"][-1]), 2),
        "fiftyTwoWeekHigh": round(float(held.price["high"][year].max()), 2),
        "fiftyTwoWeekLow": round(float(held.price["low"][year].min()), 2),
        "regularMarketDayHigh": round(float(held.price["high"][-1]), 2),
        "regularMarketDayLow": round(float(held.price["low"][-1]), 2),
        "regularMarketVolume": int(held.volume[-1]),
        "longName": bars.name,
        "shortName": bars.name,
        "chartPreviousClose": round(float(before), 3),
        "priceHint": 2,
        "currentTradingPeriod": {
            "pre": period(opens - 19800, opens),
            "regular": period(opens, closes),
            "post": period(closes, closes + 14400),
        },
        "dataGranularity": "1d",
        "range": "",
        "validRanges": RANGES,
    }


def _bars(world: World, symbol: str, today: date) -> Bars | None:
    named = CONTRACT.fullmatch(symbol)
    if named is None:
        return world.bars_of(symbol, today)
    month = date(2000 + int(named[2]), "FGHJKMNQUVXZ".index(named[1]) + 1, 1)
    return None if (today - month).days > FORGOTTEN_AFTER + 31 else contract(world.expectations, symbol, month)


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The chart of one symbol for ``period1 <= bar < period2`` (epoch seconds), as it looked at ``asked_at``."""
    symbol, now = unquote(path.removeprefix(PREFIX)).upper(), epoch(asked_at)
    bars = _bars(world, symbol, asked_at.astimezone(NEW_YORK).date())
    held = _Held(world.clock, bars, now) if path.startswith(PREFIX) and bars is not None else None
    if bars is None or held is None or held.size == 0:
        return _error(404, "Not Found", "No data found, symbol may be delisted")
    if query.get("interval", "1d") != "1d":
        return _error(422, "Unprocessable Entity", f"Invalid input - interval={query['interval']} is not supported.")
    first_asked, last_asked = query.get("period1", ""), query.get("period2", "")
    if not first_asked.lstrip("-").isdigit() or not last_asked.lstrip("-").isdigit():
        return _error(422, "Unprocessable Entity", "Invalid input - period1 and period2 must be epoch seconds.")
    start, end = int(first_asked), int(last_asked)
    if start > end:
        told = f"start date cannot be after end date. startDate = {start}, endDate = {end}"
        return _error(400, "Bad Request", f"Invalid input - {told}")
    first, stop = (int(n) for n in np.searchsorted(held.stamps, [start, end]))
    stop = max(stop, first)
    result: dict[str, object] = {"meta": _meta(symbol, world.clock, bars, held, first, asked_at)}
    if stop == first:
        result["indicators"] = {"quote": [{}]}
        return json_reply({"chart": {"result": [result], "error": None}})
    result["timestamp"] = held.stamps[first:stop]
    events = held.events(first, stop) if "div" in query.get("events", "") or "split" in query.get("events", "") else {}
    if events:
        result["events"] = events
    quote: dict[str, object] = {name: held.price[name][first:stop] for name in PRICES}
    quote["volume"] = held.volume[first:stop]
    result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": held.adjusted_close()[first:stop]}]}
    return json_reply({"chart": {"result": [result], "error": None}})


def table(answer: Reply) -> Table | None:
    """Bars, oldest first; the day is the stamp in epoch seconds."""
    if not _has_bars(answer[2]):
        return None
    chart = json.loads(answer[2])
    result = chart["chart"]["result"][0]
    quote, adjusted = result["indicators"]["quote"][0], result["indicators"]["adjclose"][0]
    columns = ["timestamp", *quote, "adjclose"]
    lists = [result["timestamp"], *quote.values(), adjusted["adjclose"]]

    def write(table: Table) -> bytes:
        held = {name: [row[n] for row in table.rows] for n, name in enumerate(columns)}
        result["timestamp"] = [int(stamp) for stamp in held.pop("timestamp")]  # type: ignore[arg-type]
        adjusted["adjclose"] = held.pop("adjclose")
        held["volume"] = [int(v) if isinstance(v, float) and math.isfinite(v) else v for v in held["volume"]]
        quote.update(held)
        return json_bytes(chart)

    rows: list[list[Cell]] = [[float(value) for value in row] for row in zip(*lists, strict=True)]
    return Table(columns, rows, write)


def _has_bars(body: bytes) -> bool:
    return body.startswith(b'{"chart"') and b'"timestamp"' in body


def _of_chart(change: Callable[[Fault, dict[str, object]], None]) -> Callable[[Fault, Reply], Reply]:
    def act(fault: Fault, answer: Reply) -> Reply:
        status, headers, body = answer
        if not _has_bars(body):
            return answer
        chart = json.loads(body)
        change(fault, chart["chart"]["result"][0])
        return status, headers, json.dumps(chart, separators=(",", ":")).encode()

    return act


def _split_lost(fault: Fault, result: dict[str, object]) -> None:
    """Without the event nothing says that older prices were divided; without a split, divide them as for one."""
    events: dict[str, object] = result.get("events", {})  # type: ignore[assignment]
    if events.pop("splits", None) is None:
        quote = result["indicators"]["quote"][0]  # type: ignore[index]
        last, factor = int(fault.number("n", 20)), fault.number("factor", 2)
        for name in PRICES:
            quote[name] = [round(v / factor, 4) for v in quote[name][:-last]] + quote[name][-last:]


def _dividend(fault: Fault, result: dict[str, object]) -> None:
    events: dict[str, dict[str, dict[str, float]]] = result.get("events", {})  # type: ignore[assignment]
    paid = events.get("dividends", {})
    for key in sorted(paid)[-int(fault.number("n", 1)) :]:
        paid[key]["amount"] = round(paid[key]["amount"] * fault.number("factor", 10), 6)


def _event(fault: Fault, result: dict[str, object]) -> None:
    """One event more, on a recent bar; ``copies`` of it stand under other keys, as the vendor sometimes lists it."""
    kind, value = fault.options.get("kind", "dividends"), fault.number("value", 1)
    at = int(result["timestamp"][-int(fault.number("n", 1))])  # type: ignore[index]
    ratio = {"numerator": value, "denominator": 1.0, "splitRatio": f"{value:g}:1"}
    entry = {"date": at, **(ratio if kind == "splits" else {"amount": value})}
    events: dict[str, dict[str, object]] = result.setdefault("events", {})  # type: ignore[assignment]
    for copy in range(int(fault.number("copies", 1))):
        events.setdefault(kind, {})[str(at + copy)] = entry


def _no_events(fault: Fault, result: dict[str, object]) -> None:
    result.pop("events", None)


def _intraday(fault: Fault, result: dict[str, object]) -> None:
    """The last bar as it stood in mid-session, under the stamp of a finished one; only ``meta`` says how old it is."""
    quote, meta = result["indicators"]["quote"][0], result["meta"]  # type: ignore[index]
    middle = round((quote["high"][-1] + quote["low"][-1]) / 2, 2)
    quote["close"][-1] = middle
    quote["volume"][-1] = quote["volume"][-1] // 2
    meta["regularMarketPrice"] = middle  # type: ignore[index]
    meta["regularMarketTime"] -= int(fault.number("hours", 3) * 3600)  # type: ignore[index]


_WHOLE = "period1=0&period2=9999999999&interval=1d&events=div%7Csplit"
VENDOR = Vendor(
    hosts=("query1.finance.yahoo.com", "query2.finance.yahoo.com"),
    answer=answer,
    examples={
        f"query1.finance.yahoo.com{PREFIX}%5ESMP?{_WHOLE}": "f109d82e2d0c0dbf6096e49c387bea7c",
        f"query1.finance.yahoo.com{PREFIX}NA?{_WHOLE}": "dabf4a5fe7bb0860f06105a8ed2136f4",
        f"query1.finance.yahoo.com{PREFIX}ZQH26.CBT?{_WHOLE}": "7b9cd79c70849036375865b35ec8f487",
    },
    table=table,
    window=("period1", "period2"),
    faults={
        "split_lost": OwnFault(
            "split-adjusted prices without the split's event; n (20), factor (2) where there was no split",
            spoil=_of_chart(_split_lost),
        ),
        "dividend": OwnFault("the newest dividends times a factor; n (1), factor (10)", spoil=_of_chart(_dividend)),
        "event": OwnFault(
            "one event more on a newest bar, under as many keys as copies; kind (dividends), value (1), n (1), copies (1)",
            spoil=_of_chart(_event),
        ),
        "no_events": OwnFault("the vendor lists no split and no payout", spoil=_of_chart(_no_events)),
        "intraday": OwnFault(
            "the last bar as it stood in mid-session, stamped as finished; hours (3)", spoil=_of_chart(_intraday)
        ),
    },
)
