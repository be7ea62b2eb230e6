"""Coinbase Exchange candles: ``[time, low, high, open, close, volume]``, newest first, at most 300 a call.

Belongs here: paging rules, field order and the unfinished candle of the running day or hour. Does not: prices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.market import World

PATH = re.compile(r"/products/([\w-]+)/candles")
LENGTHS = (86400, 3600)
LIMIT = 300
FIELDS = ("time", "low", "high", "open", "close", "volume")
TOO_MANY = "granularity too small for the requested time range. Count of aggregations requested exceeds 300"


def _moment(text: str) -> int:
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return int(float(text))
    moment = datetime.fromisoformat(text)
    return epoch(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """Candles that start between ``start`` and ``end`` (ISO 8601 or epoch seconds, inclusive), of ``granularity`` seconds."""
    named = PATH.fullmatch(path)
    if not named or (named[1], LENGTHS[0]) not in world.candles:
        return json_reply({"message": "NotFound"}, 404)
    length = int(query.get("granularity", "60")) if query.get("granularity", "60").isdigit() else 0
    if length not in LENGTHS:
        return json_reply({"message": "Unsupported granularity"}, 400)
    held, now = world.candles[named[1], length], epoch(asked_at)
    try:
        last = _moment(query["end"]) if query.get("end") else now
        first = _moment(query["start"]) if query.get("start") else last - LIMIT * length
    except ValueError:
        return json_reply({"message": "Invalid start or end"}, 400)
    if last - first > LIMIT * length:
        return json_reply({"message": TOO_MANY}, 400)
    rows: list[list[float]] = []
    lo, hi = (int(n) for n in np.searchsorted(held.start, [first, min(last, now - 1) + 1]))
    for n in range(hi - 1, lo - 1, -1):
        start, opened, close = int(held.start[n]), float(held.open[n]), float(held.close[n])
        low, high, volume = float(held.low[n]), float(held.high[n]), float(held.volume[n])
        if start + length > now:
            share = (now - start) / length
            close = round(opened + share * (close - opened), 2)
            low, high, volume = min(opened, close), max(opened, close), round(volume * share, 8)
        rows.append([start, low, high, opened, close, volume])
    return json_reply(rows[:LIMIT])


def table(answer: Reply) -> Table | None:
    """Candles, oldest first; the day is epoch seconds."""
    if not answer[2].startswith(b"[["):
        return None
    rows: list[list[Cell]] = [[float(value) for value in row] for row in reversed(json.loads(answer[2]))]
    return Table(list(FIELDS), rows, lambda t: json_bytes([[int(row[0] or 0), *row[1:]] for row in reversed(t.rows)]))


VENDOR = Vendor(
    hosts=("api.exchange.coinbase.com",),
    answer=answer,
    examples={
        "api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400": "f0a54d0442720a442e4e1f263c9e4031",
        "api.exchange.coinbase.com/products/ETH-USD/candles?granularity=3600": "3a7541e65d57d4e299cc7738410e6ebf",
    },
    table=table,
    window=("start", "end"),
)
