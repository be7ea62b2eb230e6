"""The CFTC's reports from its Socrata service: a list of rows, numbers as texts, codes padded with a blank.

Belongs here: the rows and the question (``$where`` a contract and a first day, ``$select``, ``$limit``). Does not: positions
(``world.positions``). Quirks kept: 1,000 rows unless a limit is told, an object with ``error`` for what is not understood.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.world.market import World
from ingestion.sample.world.positions import Report, reports

HOST, PATH = "publicreporting.cftc.gov", "/resource/gpe5-46if.json"
DAY = "report_date_as_yyyy_mm_dd"
_WHERE = re.compile(rf"cftc_contract_market_code='(\w+)'(?: AND {DAY}>='(\d{{4}}-\d\d-\d\d)T00:00:00\.000')?")
_NUMBERS = (
    "open_interest_all", "dealer_positions_long_all", "dealer_positions_short_all", "asset_mgr_positions_long",
    "asset_mgr_positions_short", "lev_money_positions_long", "lev_money_positions_short",
)  # fmt: skip


def _row(one: Report) -> dict[str, str]:
    counts = (one.open_interest, *one.dealer, *one.asset, *one.leveraged)
    return {
        "id": f"{one.day:%y%m%d}{one.code}F",
        "market_and_exchange_names": f"{one.name} - CHICAGO MERCANTILE EXCHANGE",
        DAY: f"{one.day}T00:00:00.000",
        "contract_market_name": one.name,
        "cftc_contract_market_code": one.code,
        "cftc_market_code": "CME ",
        **{field: str(count) for field, count in zip(_NUMBERS, counts, strict=True)},
    }


def answer(market: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The reports of one contract that were out, oldest first."""
    asked = _WHERE.fullmatch(query.get("$where", ""))
    if path != PATH:
        return json_reply({"code": "dataset.missing", "error": True, "message": "Not found"}, 404)
    if asked is None:
        return json_reply({"code": "query.soql.type-mismatch", "error": True, "message": "Query not understood"}, 400)
    code, first = asked[1], asked[2] or ""
    out = [r for r in reports() if r.code == code and str(r.day) >= first and r.public_at <= epoch(asked_at)]
    rows = [_row(one) for one in out][: int(query.get("$limit", "1000"))]
    wanted = query.get("$select", "")
    names = wanted.split(",") if wanted else None
    return json_reply([{k: v for k, v in row.items() if names is None or k in names} for row in rows])


def table(answer: Reply) -> Table | None:
    """Day and counts, oldest first."""
    if not answer[2].startswith(b"[{"):
        return None
    reported = json.loads(answer[2])
    by_day = {row[DAY]: row for row in reported}

    def text(value: Cell) -> str:
        return str(round(value)) if isinstance(value, float) else str(value)

    def write(table: Table) -> bytes:
        told = [
            {**by_day.get(str(d), reported[-1]), DAY: d, **{n: text(v) for n, v in zip(_NUMBERS, counts, strict=True)}}
            for d, *counts in table.rows
        ]
        return json.dumps(told, separators=(",", ":")).encode()

    rows: list[list[Cell]] = [[row[DAY], *(float(row[name]) for name in _NUMBERS)] for row in reported]
    return Table([DAY, *_NUMBERS], rows, write, "%Y-%m-%dT00:00:00.000")


def _series(path: str, query: Query) -> str:
    asked = _WHERE.fullmatch(query.get("$where", ""))
    return asked[1] if asked else ""


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}?$where=cftc_contract_market_code='13874A'&$limit=5000": "f2f910981d51d13989dd262b7d2ead25"
    },
    table=table,
    series=_series,
)
