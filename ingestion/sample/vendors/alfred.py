"""ALFRED's graph CSV: a released statistic as it was printed on past days, one column per vintage.

Belongs here: the file and its query of comma-separated lists. Does not: the figures. A vintage shows what its day had at
its end; a period it did not have is blank. A day whose releases are not out yet is not a vintage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.table import csv_answer
from ingestion.sample.vendor import OwnFault, Query, Vendor
from ingestion.sample.vendors.fred import NOT_FOUND
from ingestion.sample.world.market import World
from ingestion.sample.world.releases import published_day

PATH = "/graph/alfredgraph.csv"
MOST = 12
BAD = "<!DOCTYPE html><html><head><title>Bad Request</title></head><body><h1>400 Bad Request</h1>{}</body></html>"


def _bad(reason: str) -> Reply:
    return text_reply(BAD.format(reason), "text/html", 400)


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """``id`` repeated once per ``vintage_date``, both lists; ``cosd`` and ``coed`` one each, or one for all."""
    names = query.get("id", "").upper().split(",")
    held = world.prints.get(names[0])
    if path != PATH or held is None or set(names) != {names[0]}:
        return text_reply(NOT_FOUND, "text/html", 404)
    try:
        vintages = [date.fromisoformat(day) for day in query.get("vintage_date", "").split(",")]
        starts, ends = (
            [date.fromisoformat(day) for day in query[name].split(",")] if query.get(name) else [default]
            for name, default in (("cosd", date.min), ("coed", date.max))
        )
    except ValueError:
        return _bad("dates are YYYY-MM-DD")
    size = len(vintages)
    if size != len(names) or size > MOST or len(starts) not in (1, size) or len(ends) not in (1, size):
        return _bad(f"one id, cosd and coed per vintage_date, at most {MOST}")
    if max(vintages) > published_day(asked_at):
        return _bad("a vintage_date lies ahead")
    columns = []
    for n, day in enumerate(vintages):
        first, last = starts[n % len(starts)], ends[n % len(ends)]
        values = zip(held.final.periods, held.on(day).tolist(), strict=True)
        columns.append({p: v for p, v in values if not math.isnan(v) and first <= p <= last})
    digits = held.final.digits
    rows = sorted(set().union(*columns))
    lines = ["observation_date," + ",".join(f"{names[0]}_{day:%Y%m%d}" for day in vintages)]
    for period in rows:
        lines.append(f"{period}," + ",".join(f"{c[period]:.{digits}f}" if period in c else "" for c in columns))
    status, headers, body = text_reply("\n".join(lines) + "\n", "text/csv")
    return status, {**headers, "content-disposition": f'attachment; filename="{names[0]}.csv"'}, body


def _ignore_vintage(fault: Fault, query: Query, now: datetime) -> Query:
    return {"id": query.get("id", "").partition(",")[0], "vintage_date": published_day(now).isoformat()}


def _lookahead(fault: Fault, answer: Reply) -> Reply:
    """Each vintage column repeats the last one."""
    status, headers, body = answer
    first, *rest = body.decode().splitlines()
    rows = [line.split(",") for line in rest]
    lines = [",".join([row[0], *[row[-1]] * (len(row) - 1)]) for row in rows]
    return status, headers, ("\n".join([first, *lines]) + "\n").encode()


VENDOR = Vendor(
    hosts=("alfred.stlouisfed.org",),
    answer=answer,
    examples={
        f"alfred.stlouisfed.org{PATH}?id=PAYEMS,PAYEMS&vintage_date=2024-02-09,2024-03-08": "49dccaf8cfe78b6d9e21d04310af81f1",
    },
    table=csv_answer,
    window=("cosd", "coed"),
    series=lambda path, query: query.get("id", "").partition(",")[0],
    faults={
        "ignore_vintage": OwnFault("the vendor ignores ``vintage_date``: one column, today's", ask=_ignore_vintage),
        "lookahead": OwnFault("values of the last vintage under the names of all asked", spoil=_lookahead),
    },
)
