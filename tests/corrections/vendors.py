"""A tiny market whose vendors change their minds: what they say on an evening, and random histories of corrections.

Belongs here: the state of the vendors, the events that change it, the answers it gives. Does not: loading and publishing
them (``evenings``).
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from facts import Received, Response

from ingestion.calendar import sessions
from ingestion.source import Request

NEW_YORK = ZoneInfo("America/New_York")
FIRST, EVENINGS = date(2024, 9, 3), [d for d in sessions() if date(2025, 12, 31) <= d <= date(2026, 1, 14)]
STOCKS = ("AAQ", "BBQ", "CCQ", "DDQ", "EEQ", "FFQ", "GGQ", "HHQ", "JJQ", "KKQ", "LLQ", "MMQ")
FUNDS = ("SBRD", "SGOV")
INDICES = ("^SMP", "^SMT")
SECTORS = ("Information Technology", "Financials", "Energy")
OVERLAP = timedelta(days=14)
LIST_HEAD = "Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded"


def at_nine(day: date) -> datetime:
    """21:00 New York: an hour after the as-of moment of the evening's build."""
    return datetime.combine(day, time(21), NEW_YORK).astimezone(UTC)


def _opening(day: date) -> int:
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp())


@dataclass
class Vendors:
    """What the vendors hold by now. Closes are in cents as traded; ``hidden`` bars are held back until their day comes."""

    days: list[date]
    closes: dict[str, dict[date, int]] = field(default_factory=dict)
    splits: dict[str, dict[date, int]] = field(default_factory=dict)
    dividends: dict[str, dict[date, float]] = field(default_factory=dict)
    hidden: dict[tuple[str, date], date] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    stays: dict[str, tuple[date, date | None]] = field(default_factory=dict)
    yields: dict[date, float] = field(default_factory=dict)
    jobless: dict[date, int] = field(default_factory=dict)

    @classmethod
    def at_rest(cls, seed: int) -> Vendors:
        """A quiet market up to the last evening, nothing corrected yet."""
        draw = random.Random(seed)
        days = [d for d in sessions() if FIRST <= d <= EVENINGS[-1]]
        made = cls(days)
        for number, symbol in enumerate((*INDICES, *FUNDS, *STOCKS)):
            price = 20_000 + 700 * number
            wave = 0.004 if symbol != "SGOV" else 0.001
            path: dict[date, int] = {}
            for n, day in enumerate(days):
                price = max(
                    2_000, round(price * (1 + wave * math.sin(n / 17 + number) / 4 + draw.uniform(-wave, wave)))
                )
                path[day] = price
            made.closes[symbol] = path
            made.splits[symbol], made.dividends[symbol] = {}, {}
        for fund in FUNDS:
            made.dividends[fund] = {day: 0.4 for day in days[20::60]}
        made.members = {symbol: SECTORS[n % 3] for n, symbol in enumerate(STOCKS)}
        made.stays = {symbol: (date(2020, 1, 2), None) for symbol in STOCKS}
        made.stays["ZZQ"] = (date(2020, 1, 2), date(2024, 12, 2))  # who left, and has no bars
        made.yields = {day: round(4 + 0.3 * math.sin(n / 30), 2) for n, day in enumerate(days)}
        made.jobless = {FIRST + timedelta(days=4 + 7 * n): 220_000 + 1_000 * draw.randrange(-9, 9) for n in range(72)}
        return made

    def answers(self, evening: date, *, whole: bool) -> dict[str, list[Received]]:
        """Every vendor's answer on an evening, by dataset; without ``whole`` bars reach back for the overlap only."""
        first = FIRST if whole else evening - OVERLAP
        return {
            "yahoo_bars": [self._received(s, self._chart(s, first, evening), first, evening) for s in sorted(self.closes)],
            "sp500_constituents": [self._received("constituents", self._list(), date(1900, 1, 1), evening)],
            "sp500_spells": [self._received("spells", self._stays(), date(1900, 1, 1), evening)],
            "fred_observations": [
                self._received("DGS10", self._series("DGS10", self.yields, evening, 1), FIRST, evening),
                self._received("ICSA", self._series("ICSA", self.jobless, evening, 5), FIRST, evening),
            ],
        }  # fmt: skip

    def _received(self, series: str, body: bytes, first: date, evening: date) -> Received:
        moment = at_nine(evening)
        asked = Request(series, "https://vendor.example/", first, evening, moment, whole=first <= FIRST)
        return Received(asked, "data", "", Response("https://vendor.example/", 200, {}, body), moment)

    def _chart(self, symbol: str, first: date, evening: date) -> bytes:
        seen = {d: c for d, c in self.closes[symbol].items() if first <= d <= evening}
        seen = {d: c for d, c in seen.items() if self.hidden.get((symbol, d), d) <= evening}
        splits = {d: r for d, r in self.splits[symbol].items() if d <= evening}

        def adjusted(day: date, price: float) -> float:
            for ex_date, ratio in splits.items():
                price = price / ratio if day < ex_date else price
            return price

        close = [round(adjusted(d, c / 100), 6) for d, c in seen.items()]
        stock = symbol[0] != "^"
        volume = [round(1_000_000 / adjusted(d, 1)) if stock else 0 for d in seen]
        events: dict[str, Any] = {}
        inside = {d: r for d, r in splits.items() if d >= first}
        if inside:
            events["splits"] = {
                str(_opening(d)): {"date": _opening(d), "numerator": r, "denominator": 1, "splitRatio": f"{r}:1"}
                for d, r in inside.items()
            }
        paid = {d: a for d, a in self.dividends[symbol].items() if first <= d <= evening}
        if paid:
            events["dividends"] = {
                str(_opening(d)): {"date": _opening(d), "amount": round(adjusted(d, a), 6)} for d, a in paid.items()
            }
        end = int(datetime.combine(evening, time(16), NEW_YORK).timestamp())
        kind = "INDEX" if not stock else "ETF" if symbol in FUNDS else "EQUITY"
        result = {
            "meta": {"currency": "USD", "symbol": symbol, "instrumentType": kind, "exchangeTimezoneName": "America/New_York",
                     "currentTradingPeriod": {"regular": {"start": end - 23400, "end": end}}, "dataGranularity": "1d"},
            "timestamp": [_opening(d) for d in seen],
            **({"events": events} if events else {}),
            "indicators": {
                "quote": [{"open": close, "high": [p * 1.004 for p in close], "low": [p * 0.996 for p in close],
                           "close": close, "volume": volume}],
                "adjclose": [{"adjclose": close}],
            },
        }  # fmt: skip
        return json.dumps({"chart": {"result": [result], "error": None}}).encode()

    def _list(self) -> bytes:
        rows = [
            f'{s},Company {s},{sector},Things,"Oslo, Norway",2020-01-02,{1000 + n},1990'
            for n, (s, sector) in enumerate(sorted(self.members.items()))
        ]
        return "\n".join([LIST_HEAD, *rows, ""]).encode()

    def _stays(self) -> bytes:
        rows = [f"{s},{start},{end or ''}" for s, (start, end) in sorted(self.stays.items())]
        return "\n".join(["ticker,start_date,end_date", *rows, ""]).encode()

    @staticmethod
    def _series(name: str, values: dict[date, Any], evening: date, lag: int) -> bytes:
        rows = [f"{d},{v}" for d, v in sorted(values.items()) if d + timedelta(days=lag) <= evening]
        return "\n".join([f"observation_date,{name}", *rows, ""]).encode()


# --- what may happen on an evening; each takes the vendors, the evening's place in EVENINGS and a source of chance, and
# returns (dataset, kind): what the revisions of this or a later generation must tell, or None where nothing is revised
Told = tuple[str, str] | None
Event = Callable[[Vendors, int, random.Random], Told]


def _earlier(vendors: Vendors, n: int, draw: random.Random) -> date:
    """A session among the seven before an evening."""
    place = vendors.days.index(EVENINGS[n])
    return vendors.days[place - draw.randint(1, 7)]


def restated_bar(vendors: Vendors, n: int, draw: random.Random) -> Told:
    symbol = draw.choice((*STOCKS, *FUNDS, *INDICES))
    day = _earlier(vendors, n, draw)
    vendors.closes[symbol][day] += draw.choice((-17, -3, 5, 40))
    return "yahoo_bars", "restated_bar"


def late_bar(vendors: Vendors, n: int, draw: random.Random) -> Told:
    symbol = draw.choice((*STOCKS, "SGOV", "^SMT"))
    after = EVENINGS[min(n + draw.randint(1, 2), len(EVENINGS) - 1)]
    vendors.hidden[(symbol, EVENINGS[n])] = after
    return ("yahoo_bars", "late_arrival") if after > EVENINGS[n] else None


def vanished_bar(vendors: Vendors, n: int, draw: random.Random) -> Told:
    symbol, day = draw.choice((*STOCKS, *FUNDS)), _earlier(vendors, n, draw)
    vendors.hidden[(symbol, day)] = date.max
    return "yahoo_bars", "vendor_rewrite"


def split(vendors: Vendors, n: int, draw: random.Random) -> Told:
    """In time: news of its day, which revises nothing."""
    symbol, ratio = draw.choice(STOCKS), draw.choice((2, 4))
    if vendors.splits[symbol]:
        return None
    vendors.splits[symbol][EVENINGS[n]] = ratio
    for day in vendors.closes[symbol]:
        if day >= EVENINGS[n]:
            vendors.closes[symbol][day] //= ratio
    return None


def dividend(vendors: Vendors, n: int, draw: random.Random) -> Told:
    vendors.dividends[draw.choice(STOCKS)][EVENINGS[n]] = draw.choice((0.25, 0.7))
    return None


def late_dividend(vendors: Vendors, n: int, draw: random.Random) -> Told:
    vendors.dividends[draw.choice(STOCKS)][_earlier(vendors, n, draw)] = draw.choice((0.3, 0.9))
    return "yahoo_actions", "corporate_action"


def changed_dividend(vendors: Vendors, n: int, draw: random.Random) -> Told:
    held = [(s, d) for s, paid in vendors.dividends.items() for d in paid if EVENINGS[n] - OVERLAP <= d < EVENINGS[n]]
    if not held:
        return None
    symbol, day = draw.choice(sorted(held))
    vendors.dividends[symbol][day] = round(vendors.dividends[symbol][day] + 0.05, 2)
    return "yahoo_actions", "corporate_action"


def member_leaves_list(vendors: Vendors, n: int, draw: random.Random) -> Told:
    if len(vendors.members) < len(STOCKS):
        return None
    vendors.members.pop(draw.choice(sorted(vendors.members)))
    return "sp500_constituents", "vendor_rewrite"


def sector_changes(vendors: Vendors, n: int, draw: random.Random) -> Told:
    symbol = draw.choice(sorted(vendors.members))
    other = [s for s in SECTORS if s != vendors.members[symbol]]
    vendors.members[symbol] = draw.choice(other)
    return "sp500_constituents", "vendor_rewrite"


def stay_ends(vendors: Vendors, n: int, draw: random.Random) -> Told:
    """Announced late: the last day lies a few sessions back."""
    lasting = sorted(s for s, (_, end) in vendors.stays.items() if end is None)
    if len(lasting) < len(STOCKS):
        return None
    symbol = draw.choice(lasting)
    vendors.stays[symbol] = (vendors.stays[symbol][0], _earlier(vendors, n, draw))
    return "sp500_spells", "vendor_rewrite"


def yield_restated(vendors: Vendors, n: int, draw: random.Random) -> Told:
    day = _earlier(vendors, n, draw) - timedelta(days=7)
    if day not in vendors.yields:
        return None
    vendors.yields[day] = round(vendors.yields[day] + 0.02, 2)
    return "fred_observations", "vintage"


def claims_revised(vendors: Vendors, n: int, draw: random.Random) -> Told:
    known = [d for d in sorted(vendors.jobless) if d + timedelta(days=5) <= EVENINGS[n - 1]]
    vendors.jobless[known[-draw.randint(1, 3)]] += draw.choice((-3_000, 2_000))
    return "fred_observations", "vintage"


EVENTS: tuple[Event, ...] = (
    restated_bar, late_bar, vanished_bar, split, dividend, late_dividend, changed_dividend, member_leaves_list,
    sector_changes, stay_ends, yield_restated, claims_revised,
)  # fmt: skip


def history(seed: int) -> list[list[Event]]:
    """What happens on each evening after the first: none, one or several events, every kind over a few histories."""
    draw = random.Random(seed)
    return [[], *([draw.choice(EVENTS) for _ in range(draw.choice((0, 1, 1, 2, 4)))] for _ in EVENINGS[1:])]
