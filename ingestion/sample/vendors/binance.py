"""Binance's candles per day: arrays of twelve, oldest first, prices as texts, moments in milliseconds, the running day last.

Belongs here: the layout, the limit of a page, and that a Tether dollar is worth a little more or less than a dollar. Does
not: the coins' prices in dollars (``world.crypto``).
"""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np

from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.world.market import World

HOST, PATH = "data-api.binance.vision", "/api/v3/klines"
DAY = 86_400
PAIRS = {"BTCUSDT": "BTC-USD", "ETHUSDT": "ETH-USD"}
LARGEST, USUAL = 1000, 500
FIELDS = ("time", "open", "high", "low", "close", "volume")


def _in_tether(day: int) -> float:
    """Tethers for a dollar: 0.9995 to 1.0005, in steps that repeat every eleven days."""
    return 1.0 + (day // DAY * 7 % 11 - 5) / 10_000


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """Candles that start at ``startTime`` or later, at most ``limit``; the running one is cut where it stands."""
    if path != PATH:
        return json_reply({"code": -1100, "msg": "Illegal characters found in a parameter."}, 404)
    product = PAIRS.get(query.get("symbol", ""))
    if product is None:
        return json_reply({"code": -1121, "msg": "Invalid symbol."}, 400)
    if query.get("interval") != "1d":
        return json_reply({"code": -1120, "msg": "Invalid interval."}, 400)
    held, now = world.candles[product, DAY], epoch(asked_at)
    limit = min(int(query.get("limit", USUAL)), LARGEST)
    stop = int(np.searchsorted(held.start, now))
    if query.get("endTime"):
        stop = min(stop, int(np.searchsorted(held.start, int(query["endTime"]) // 1000, side="right")))
    since = query.get("startTime")
    first = int(np.searchsorted(held.start, -(-int(since) // 1000))) if since else max(0, stop - limit)
    rows = []
    for n in range(first, min(stop, first + limit)):
        start = int(held.start[n])
        share = min(1.0, (now - start) / DAY)
        opened, high, low, close = (float(part[n]) for part in (held.open, held.high, held.low, held.close))
        if share < 1.0:
            close = opened + share * (close - opened)
            high, low = max(opened, close), min(opened, close)
        prices = [f"{value * _in_tether(start):.8f}" for value in (opened, high, low, close)]
        volume = float(held.volume[n]) * share
        turned = f"{volume * close:.8f}"
        rows.append(
            [start * 1000, *prices, f"{volume:.8f}", (start + DAY) * 1000 - 1, turned, 900, f"{volume / 2:.8f}", turned, "0"]
        )  # fmt: skip
    return json_reply(rows)


def table(answer: Reply) -> Table | None:
    """Start in epoch seconds, prices and volume, oldest first."""
    if not answer[2].startswith(b"[["):
        return None
    told = json.loads(answer[2])
    rests = {row[0] // 1000: row[6:] for row in told}
    rows: list[list[Cell]] = [[row[0] / 1000, *(float(value) for value in row[1:6])] for row in told]

    def write(table: Table) -> bytes:
        lines = []
        for row in table.rows:
            start = int(row[0] or 0)
            prices = [f"{value:.8f}" if isinstance(value, float) else value for value in row[1:]]
            rest = rests.get(start, [start * 1000 + DAY * 1000 - 1, *next(iter(rests.values()))[1:]])
            lines.append([start * 1000, *prices, *rest])
        return json_bytes(lines)

    return Table(list(FIELDS), rows, write)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}?symbol=BTCUSDT&interval=1d&startTime=1735689600000&limit=1000": "948ecf2c22875a27b79b97b8449393d8"
    },
    table=table,
    series=lambda path, query: query.get("symbol", ""),
    seed_rows={
        "instrument_ids.csv": lambda: [f"sample,CR:{pair.split('-')[0]},binance,{name}" for name, pair in PAIRS.items()]
    },
)
