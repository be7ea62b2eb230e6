"""Cboe's files: whole histories of volatility indices (US dates, oldest first, six decimals; some have one value a day),
and puts against calls by session (JSON, ratios as text, the morning after).

Belongs here: the files, and the old days whose values it quietly changed. Does not: levels, volumes. A name it does not have
is the file host's XML with status 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

import numpy as np

from ingestion.calendar import NEW_YORK
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Table, csv_table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import REWRITTEN_AT, Floats, clock
from ingestion.sample.world.market import World
from ingestion.sample.world.volatility import SINGLE

PATH = re.compile(r"/api/global/us_indices/daily_prices/(\w+)_History\.csv")
OPTIONS = re.compile(r"/data/us/options/market_statistics/daily/(\d{4}-\d{2}-\d{2})_daily_options")
FIRST_OPTIONS, LISTED_SINCE = date(2024, 12, 2), date(2025, 1, 2)  # first file; the sum of all products is a list since
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)

CHANGED = {  # VIX: index points added to the open and the close of a day, in answers since REWRITTEN_AT
    date(2018, 2, 8): (0.43, 0.0),
    date(2020, 3, 9): (-0.61, 0.0),
    date(2022, 9, 28): (0.0, -0.37),
    date(2025, 10, 20): (0.25, 0.18),
}


def rewritten(
    name: str, opened: Floats, high: Floats, low: Floats, close: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """The columns of an index file after the vendor changed its past."""
    if name != "VIX":
        return opened, high, low, close
    opened, close = opened.copy(), close.copy()
    for day, (at_open, at_close) in CHANGED.items():
        n = clock().index(day)
        opened[n], close[n] = round(opened[n] + at_open, 2), round(close[n] + at_close, 2)
    return opened, np.maximum(high, np.maximum(opened, close)), np.minimum(low, np.minimum(opened, close)), close


def _rows(calls: float, puts: float) -> list[dict[str, str | int]]:
    """The rows of a block: what was traded, and what is open (a few days' trading)."""
    return [
        {"name": name, "call": int(times * calls), "put": int(times * puts), "total": int(times * (calls + puts))}
        for name, times in (("VOLUME", 1), ("OPEN INTEREST", 40))
    ]


def _daily_options(world: World, day: date, asked_at: datetime) -> Reply:
    """Puts against calls of a session, from the morning after on."""
    is_public = FIRST_OPTIONS <= day < asked_at.astimezone(NEW_YORK).date() and day in world.clock.days
    if not is_public:
        return text_reply(DENIED, "application/xml", 403)
    n = world.clock.index(day)
    traded = {kind: (float(calls[n]), float(puts[n])) for kind, (calls, puts) in world.options.items()}
    total = (sum(calls for calls, _ in traded.values()), sum(puts for _, puts in traded.values()))
    named = {
        "TOTAL": total, "INDEX": traded["index"], "EXCHANGE TRADED PRODUCTS": traded["etp"], "EQUITY": traded["equity"],
        "OEX": (0.0, 0.0),
    }  # fmt: skip
    ratios = [
        {"name": f"{name} PUT/CALL RATIO", "value": f"{puts / calls if calls else 0.0:.2f}"}
        for name, (calls, puts) in named.items()
    ]
    sums = _rows(*total)
    told = {
        "ratios": ratios,
        "SUM OF ALL PRODUCTS": sums if day >= LISTED_SINCE else sums[0],
        "INDEX OPTIONS": _rows(*traded["index"]),
        "EXCHANGE TRADED PRODUCTS": _rows(*traded["etp"]),
        "EQUITY OPTIONS": _rows(*traded["equity"]),
        "OEX": _rows(0.0, 0.0),
    }
    return 200, {"content-type": "application/json"}, json_bytes(told)


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The history of one index up to the last session that had closed at ``asked_at``, or the options of one session."""
    of_options = OPTIONS.fullmatch(path)
    if of_options:
        try:
            return _daily_options(world, date.fromisoformat(of_options[1]), asked_at)
        except ValueError:
            return text_reply(DENIED, "application/xml", 403)
    named = PATH.fullmatch(path)
    held = world.volatility.get(named[1]) if named else None
    done = int(np.searchsorted(world.clock.close_at, epoch(asked_at), side="right"))
    if named is None or held is None or done == 0:
        return text_reply(DENIED, "application/xml", 403)
    shown: tuple[Floats, ...] = (held.open, held.high, held.low, held.close)
    if asked_at >= REWRITTEN_AT:
        shown = rewritten(named[1], held.open, held.high, held.low, held.close)
    header = "DATE,OPEN,HIGH,LOW,CLOSE"
    if named[1] in SINGLE:
        header, shown = f"DATE,{named[1]}", shown[3:]
    columns = [values[:done].tolist() for values in shown]
    lines = [header]
    for day, *values in zip(world.clock.days[:done], *columns, strict=True):
        lines.append(f"{day:%m/%d/%Y}," + ",".join(f"{value:.6f}" for value in values))
    return text_reply("\n".join(lines) + "\n", "text/csv")


def table(answer: Reply) -> Table | None:
    """Oldest day first."""
    return csv_table(answer[2], "%m/%d/%Y") if answer[2].startswith(b"DATE,") else None


VENDOR = Vendor(
    hosts=("cdn.cboe.com",),
    answer=answer,
    examples={
        "cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv": "71aa26d8df5f86c8ff99dcc69bf8db8a",
        "cdn.cboe.com/api/global/us_indices/daily_prices/VIX9D_History.csv": "80e3b86c0f3e4027c58dbaab90b96bc2",
        "cdn.cboe.com/api/global/us_indices/daily_prices/SKEW_History.csv": "c1bea6d7c138e2f7e3a14991ad7f5c60",
        "cdn.cboe.com/data/us/options/market_statistics/daily/2026-01-14_daily_options": "b891e71645831f7dd9869a1f68731726",
        "cdn.cboe.com/data/us/options/market_statistics/daily/2024-12-30_daily_options": "2204ebeae14c901110998fb9960d52a3",
    },
    table=table,
)
