"""FRED's JSON interface: every figure of a released statistic with the days on which it was the published one.

Belongs here: the query, validity intervals cut to the days asked, the layouts of answers and errors. Does not: the figures
(``world.prints``). Values are texts, "." is none, the default layout is XML, and a key is 32 small letters and digits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, json_reply, text_reply
from ingestion.sample.table import Table, json_bytes
from ingestion.sample.vendor import OwnFault, Query, Vendor
from ingestion.sample.world.market import World
from ingestion.sample.world.prints import EPOCH
from ingestion.sample.world.releases import published_day

HOST, PATH = "api.stlouisfed.org", "/fred/series/observations"
MOST = 100_000
LAST_DAY = date(9999, 12, 31)
KEY = re.compile(r"[a-z0-9]{32}")
NO_KEY = "is not a 32 character alpha-numeric lower-case string"
READ_MORE = "Read https://fred.stlouisfed.org/docs/api/api_key.html for more information."
Spell = tuple[date, date, date, str]  # period, first and last day on which the value was the published one, value


def _spells(world: World, series: str, today: date) -> Iterator[Spell]:
    """Every value of every period, by period and day; all that was public at the end of ``today``."""
    held = world.prints[series]
    digits = held.final.digits
    days = [EPOCH + timedelta(int(n)) for n in np.unique(held.first) if n <= (today - EPOCH).days]
    texts = [["." if math.isnan(v) else f"{v:.{digits}f}" for v in held.on(day).tolist()] for day in days]
    for n, period in enumerate(held.final.periods):
        began = [k for k in range(len(days)) if texts[k][n] != (texts[k - 1][n] if k else ".")]
        for k, following in zip(began, [*began[1:], None], strict=False):
            last = LAST_DAY if following is None else days[following] - timedelta(1)
            yield period, days[k], last, texts[k][n]


def _bad(reason: str, *, is_json: bool) -> Reply:
    said = f"Bad Request.  {reason}"
    if is_json:
        return json_reply({"error_code": 400, "error_message": said}, 400)
    return text_reply(
        f'<?xml version="1.0" encoding="utf-8" ?>\n<error code="400" message={quoteattr(said)}/>\n', "text/xml", 400
    )


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """``series_id`` between ``realtime_start`` and ``realtime_end`` (both today by default), from ``observation_start`` on."""
    is_json = query.get("file_type") == "json"
    series = query.get("series_id", "").upper()
    wrong = (
        f"Variable api_key is not set.  {READ_MORE}" if "api_key" not in query
        else f"The value for variable api_key {NO_KEY}.  {READ_MORE}" if not KEY.fullmatch(query["api_key"])
        else "The series does not exist." if path != PATH or series not in world.prints
        else ""
    )  # fmt: skip
    if wrong:
        return _bad(wrong, is_json=is_json)
    today = published_day(asked_at)
    try:
        first, last, since = (
            date.fromisoformat(query.get(name, default))
            for name, default in (
                ("realtime_start", str(today)), ("realtime_end", str(today)), ("observation_start", "1776-07-04"),
            )
        )  # fmt: skip
        limit, offset = int(query.get("limit", MOST)), int(query.get("offset", 0))
    except ValueError:
        return _bad("A variable is not of its type.", is_json=is_json)
    if not 1 <= limit <= MOST or offset < 0 or first > last:
        return _bad("A variable is out of its range.", is_json=is_json)
    rows = [
        {"realtime_start": str(max(a, first)), "realtime_end": str(min(b, last)), "date": str(period), "value": value}
        for period, a, b, value in _spells(world, series, today)
        if a <= last and b >= first and period >= since
    ]
    head = {
        "realtime_start": str(first), "realtime_end": str(last), "observation_start": str(since),
        "observation_end": str(LAST_DAY), "units": "lin", "output_type": 1, "file_type": "json" if is_json else "xml",
        "order_by": "observation_date", "sort_order": "asc", "count": len(rows), "offset": offset, "limit": limit,
    }  # fmt: skip
    rows = rows[offset : offset + limit]
    if is_json:
        return json_reply({**head, "observations": rows})
    lines = [f"  <observation {_attributes(row)}/>" for row in rows]
    text = "\n".join(
        ['<?xml version="1.0" encoding="utf-8" ?>', f"<observations {_attributes(head)}>", *lines, "</observations>"]
    )
    return text_reply(f"{text}\n", "text/xml")


def _attributes(fields: dict[str, Any]) -> str:
    return " ".join(f"{name}={quoteattr(str(value))}" for name, value in fields.items())


def table(answer: Reply) -> Table | None:
    """Periods and values of a JSON answer, in its order; validity stays with the row's place."""
    if b'"observations":[{' not in answer[2]:
        return None
    held = json.loads(answer[2])
    rows = held["observations"]
    digits = max(len(row["value"].partition(".")[2]) for row in rows)

    def write(table: Table) -> bytes:
        made = []
        for number, (day, value) in enumerate(table.rows):
            text = f"{value:.{digits}f}" if isinstance(value, float) else "." if value is None else value
            made.append({**rows[min(number, len(rows) - 1)], "date": day, "value": text})
        return json_bytes({**held, "count": len(made), "observations": made})

    cells = [[row["date"], None if row["value"] == "." else float(row["value"])] for row in rows]
    return Table(["date", "value"], cells, write)


def _ignore_realtime(fault: Fault, query: Query, now: datetime) -> Query:
    return {name: value for name, value in query.items() if not name.startswith("realtime_")}


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}?series_id=PAYEMS&realtime_start=1776-07-04&realtime_end=9999-12-31&file_type=json"
        "&api_key=abcdefghijklmnopqrstuvwxyz123456": "b142f9eb7d3f5468b20d69d4faf3e965",
        f"{HOST}{PATH}?series_id=GDP&api_key=abcdefghijklmnopqrstuvwxyz123456": "13cc1bb8fccaabd613b576072f365ae8",
    },
    table=table,
    window=("observation_start", "observation_end"),
    series=lambda path, query: query.get("series_id", ""),
    faults={
        "ignore_realtime": OwnFault("the vendor ignores the real-time days: today's figures only", ask=_ignore_realtime)
    },
)
