"""The files of policy uncertainty. By day: day, month and year in columns of their own, oldest first, no weekday left out.
By month: an .xlsx with a column per kind of policy, years as text, a note at the end.

Belongs here: the layouts, and which days are still counted anew: those of the running month and of the one before. A day
is in its file from 09:00 New York of the next, a month in its from the noon of the fifteenth of the next. In December 2025 all
months were counted anew. Does not: the values.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ingestion import calendar
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.table import Cell, Table, csv_table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.workbooks import Cell as SheetCell
from ingestion.sample.world.clock import REWRITTEN_AT
from ingestion.sample.world.market import World
from ingestion.sample.world.uncertainty import policy, policy_months

HOST, PATH = "www.policyuncertainty.com", "/media/All_Daily_Policy_Data.csv"
HEADER = "day,month,year,daily_policy_index"
OUT_AT = 9  # New York
MONTHLY = "/media/Categorical_EPU_Data.xlsx"
MONTH_OUT = (15, 12)  # day of the next month, hour of New York
ANEW = 1.01  # all months, since they were counted anew
KINDS = {
    "overall": "1. Economic Policy Uncertainty", "monetary": "2. Monetary policy",
    "fiscal": "Fiscal Policy (Taxes OR Spending)", "taxes": "3. Taxes", "spending": "4. Government spending",
    "health_care": "5. Health care", "security": "6. National security", "entitlements": "7. Entitlement programs",
    "regulation": "8. Regulation", "financial_regulation": "Financial Regulation", "trade": "9. Trade policy",
    "debt": "10. Sovereign debt, currency crises",
}  # fmt: skip
NOTE = "Source: made up. Nobody counted."


def _settled_before(today: date) -> date:
    """The first day that is still counted anew."""
    return (today.replace(day=1) - timedelta(1)).replace(day=1)


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The file as it stood."""
    local, held = asked_at.astimezone(calendar.NEW_YORK), policy()
    if path == MONTHLY:
        return _months(local, asked_at >= REWRITTEN_AT)
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


def _months(local: datetime, is_anew: bool) -> Reply:
    """The workbook of months as it stood."""
    held, (day, hour), lines = policy_months(), MONTH_OUT, list[list[SheetCell]]()
    for n, first in enumerate(held.firsts):
        after = (first + timedelta(31)).replace(day=day)
        if (local.date(), local.hour) < (after, hour):
            break
        told: list[SheetCell] = [round(held.values[kind][n] * (ANEW if is_anew else 1.0), 6) for kind in KINDS]
        lines.append([str(first.year), float(first.month), *told])
    if not lines:
        return text_reply("Not Found", "text/html", 404)
    return 200, {"content-type": XLSX}, xlsx({"Indices": [["Year", "Month", *KINDS.values()], *lines, [NOTE]]})


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
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}": "d97afe7b82f80445e9be946f472700e6",
        f"{HOST}{MONTHLY}": "7eb8ff266e59963043112dc25e952ee2",
    },
    table=table,
)
