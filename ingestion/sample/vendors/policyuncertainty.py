"""The daily file of policy uncertainty: day, month and year in columns of their own, oldest first, no weekday left out.

Belongs here: the layout, and which days are still counted anew: those of the running month and of the one before. A day
is in the file from 09:00 New York of the next. Does not: the values.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ingestion import calendar
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.table import Cell, Table, csv_table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.world.market import World
from ingestion.sample.world.uncertainty import policy

HOST, PATH = "www.policyuncertainty.com", "/media/All_Daily_Policy_Data.csv"
HEADER = "day,month,year,daily_policy_index"
OUT_AT = 9  # New York


def _settled_before(today: date) -> date:
    """The first day that is still counted anew."""
    return (today.replace(day=1) - timedelta(1)).replace(day=1)


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The file as it stood."""
    local, held = asked_at.astimezone(calendar.NEW_YORK), policy()
    newest = local.date() - timedelta(1 if local.hour >= OUT_AT else 2)
    if path != PATH or newest < held.days[0]:
        return text_reply("Not Found", "text/html", 404)
    open_from = _settled_before(local.date())
    lines = [
        f"{day.day},{day.month},{day.year},{(first if day >= open_from else again):.2f}"
        for day, first, again in zip(held.days, held.first.tolist(), held.later.tolist(), strict=True)
        if day <= newest
    ]
    return text_reply("\n".join([HEADER, *lines]) + "\n", "text/csv")


def table(answer: Reply) -> Table | None:
    """Day as YYYY-MM-DD and value, oldest first."""
    if not answer[2].startswith(HEADER.encode()):
        return None
    found = csv_table(answer[2])
    if found is None:
        return None
    rows: list[list[Cell]] = [
        ["-".join(f"{float(part or 0):02.0f}" for part in (year, month, day)), value]
        for day, month, year, value in found.rows
    ]

    def write(table: Table) -> bytes:
        lines = [HEADER]
        for day, value in table.rows:
            year, month, number = str(day).split("-")
            lines.append(f"{int(number)},{int(month)},{year},{value}")
        return ("\n".join(lines) + "\n").encode()

    return Table(["day", "daily_policy_index"], rows, write)


VENDOR = Vendor(
    hosts=(HOST,), answer=answer, examples={f"{HOST}{PATH}": "d97afe7b82f80445e9be946f472700e6"}, table=table
)
