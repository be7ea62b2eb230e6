"""Yahoo's chart v8 answer: split-adjusted as of the moment asked, dividends only in adjclose, float32 prices.

Belongs here: the wire format and its quirks. Does not: prices. Quirks kept: no bars in the window means no
``timestamp`` and ``quote:[{}]``; events stand only inside the window although they adjust outside it; whole numbers
lose their point; while a session runs, the last row is live and stamped with the moment of the last trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

import numpy as np

from ingestion.calendar import NEW_YORK
from ingestion.sample import rewrites
from ingestion.sample.answer import Answer, epoch, json_answer
from ingestion.sample.bars import Bars
from ingestion.sample.clock import Clock, Floats, Ints
from ingestion.sample.world import World

PREFIX = "/v8/finance/chart/"
RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]
FIELDS = ("open", "high", "low", "close")


def _error(status: int, code: str, description: str) -> Answer:
    return json_answer({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


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
        columns = {name: getattr(bars, name)[:size].copy() for name in FIELDS}
        volume = bars.volume[:size].copy()
        if now < epoch(rewrites.REWRITTEN_AT):
            rewrites.yahoo(bars.symbol, bars.start, columns, volume)
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


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Answer:
    """The chart of one symbol for ``period1 <= bar < period2`` (epoch seconds), as it looked at ``asked_at``."""
    symbol, now = unquote(path.removeprefix(PREFIX)).upper(), epoch(asked_at)
    bars = world.bars_of(symbol, asked_at.astimezone(NEW_YORK).date())
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
        return json_answer({"chart": {"result": [result], "error": None}})
    result["timestamp"] = held.stamps[first:stop]
    events = held.events(first, stop) if "div" in query.get("events", "") or "split" in query.get("events", "") else {}
    if events:
        result["events"] = events
    quote: dict[str, object] = {name: held.price[name][first:stop] for name in FIELDS}
    quote["volume"] = held.volume[first:stop]
    result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": held.adjusted_close()[first:stop]}]}
    return json_answer({"chart": {"result": [result], "error": None}})
