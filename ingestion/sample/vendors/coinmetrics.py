"""Coin Metrics' community answer: a list of days whose counts are texts and whose moments have nine decimals.

Belongs here: the layout, paging, and when a day is finished. Does not: the counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.market import World

HOST = "community-api.coinmetrics.io"
PATH = "/v4/timeseries/asset-metrics"
DAY, FINISHED_AFTER = 86400, 4 * 3600
COUNTS = {"AdrActCnt": "addresses", "TxCnt": "transactions"}
COINS = {"FeeTotNtv": "fees", "FlowInExNtv": "inflow", "FlowOutExNtv": "outflow"}
METRICS = COUNTS | COINS
LARGEST, USUAL = 10_000, 100


def _refused(status: int, kind: str, message: str) -> Reply:
    return json_reply({"error": {"type": kind, "message": message}}, status)


def _text(metric: str, value: float) -> str:
    return str(int(value)) if metric in COUNTS else f"{value:.8f}"


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """Days of one coin from ``start_time`` on that were finished by then, at most ``page_size``, oldest first."""
    if path != PATH:
        return _refused(404, "not_found", "Not found.")
    held = world.usage.get(query.get("assets", ""))
    if held is None:
        return _refused(
            400, "bad_parameter", f"Bad parameter 'assets'. Value '{query.get('assets')}' is not supported."
        )
    metrics = [name for name in query.get("metrics", "").split(",") if name in METRICS]
    if not metrics:
        return _refused(403, "forbidden", "Requested metrics are not available with supplied credentials.")
    stop = int(np.searchsorted(held.start, epoch(asked_at) - DAY - FINISHED_AFTER, side="right"))
    since = datetime.fromisoformat(query.get("start_time", "1970-01-01")).replace(tzinfo=UTC)
    first = int(np.searchsorted(held.start, epoch(since)))
    end = min(stop, first + min(int(query.get("page_size", USUAL)), LARGEST))
    rows = [
        {
            "asset": query["assets"],
            "time": f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d}T00:00:00.000000000Z",
            **{name: _text(name, float(getattr(held, METRICS[name])[n])) for name in metrics},
        }
        for n, start in enumerate(held.start[first:end].tolist(), start=first)
    ]
    more = {"next_page_token": "made.up", "next_page_url": f"https://{HOST}{PATH}?next_page_token=made.up"}
    return json_reply({"data": rows, **(more if end < stop else {})})


def table(answer: Reply) -> Table | None:
    """Day (as the vendor spells it) and counts, oldest first."""
    if not answer[2].startswith(b'{"data":[{'):
        return None
    told = json.loads(answer[2])
    names = [name for name in told["data"][0] if name in METRICS]
    coin = told["data"][0]["asset"]

    def write(table: Table) -> bytes:
        days = [
            {
                "asset": coin,
                "time": row[0],
                **{n: _text(n, v) if isinstance(v, float) else v for n, v in zip(names, row[1:], strict=True)},
            }
            for row in table.rows
        ]
        return json_bytes({**told, "data": days})

    rows: list[list[Cell]] = [[day["time"], *(float(day[name]) for name in names)] for day in told["data"]]
    return Table(["time", *names], rows, write, day="%Y-%m-%dT00:00:00.000000000Z")


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}?assets=btc&metrics=AdrActCnt,TxCnt&frequency=1d&start_time=2014-01-02&page_size=10000": "3ef8c4b771a462654678c2bdc9e4e5c9",
        f"{HOST}{PATH}?assets=btc&metrics=FlowInExNtv&frequency=1d&start_time=2014-01-02&page_size=10000": "efac2e7431f4f433b4085378097d53ca",
    },
    table=table,
    series=lambda path, query: query.get("assets", ""),
)
