"""DefiLlama's chart of all stablecoins: a list of days whose ``date`` is a text of epoch seconds; the last day is running.

Belongs here: the file. Does not: the supply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import numpy as np

from ingestion.sample.reply import Reply, epoch, json_reply, text_reply
from ingestion.sample.table import Table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.market import World

PATH = "/stablecoincharts/all"
DAY = 86400
VALUE = "totalCirculatingUSD"


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """Every UTC day up to the running one, whose value is on its way from yesterday's to its own."""
    held, now = world.stablecoins, epoch(asked_at)
    size = int(np.searchsorted(held.start, now, side="right"))
    if path != PATH or size == 0:
        return text_reply("Not found", "text/plain", 404)
    usd, coins = held.usd[:size].copy(), held.coins[:size].copy()
    if size > 1:
        share = min(1.0, (now - int(held.start[size - 1])) / DAY)
        for running in (usd, coins):
            running[-1] = round(float(running[-2] + share * (running[-1] - running[-2])), 2)
    rows = [
        {
            "date": str(start),
            "totalCirculating": {"peggedUSD": count},
            "totalUnreleased": {"peggedUSD": 0},
            VALUE: {"peggedUSD": value},
            "totalMintedUSD": {"peggedUSD": round(value * 1.01, 2)},
            "totalBridgedToUSD": {"peggedUSD": 0},
        }
        for start, value, count in zip(held.start[:size].tolist(), usd.tolist(), coins.tolist(), strict=True)
    ]
    return json_reply(rows)


def table(answer: Reply) -> Table | None:
    """Day (the digits of epoch seconds) and dollars, oldest first."""
    if not answer[2].startswith(b'[{"date"'):
        return None
    days = json.loads(answer[2])
    by_day = {day["date"]: day for day in days}

    def write(table: Table) -> bytes:
        return json_bytes([{**by_day.get(str(d), days[-1]), "date": d, VALUE: {"peggedUSD": v}} for d, v in table.rows])

    return Table(["date", VALUE], [[day["date"], float(day[VALUE]["peggedUSD"])] for day in days], write)


VENDOR = Vendor(
    hosts=("stablecoins.llama.fi",),
    answer=answer,
    examples={
        f"stablecoins.llama.fi{PATH}": "0dd9bc3bc31adf24806181766ec97d69",
    },
    table=table,
)
