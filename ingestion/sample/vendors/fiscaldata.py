"""Fiscal Data's tables of the Daily Treasury Statement: JSON of texts, ``null`` written out, pages told by ``links.next``.

Belongs here: two tables, the filter, pages of at most 10,000 rows. Does not: amounts (``world.treasury_cash``). Quirks kept:
since 2022-04-18 each balance has a line of its own and the closing one stands in the column of opening balances; labels of
debt changed their spelling; totals are lines without a category, and subtotals stand among the lines.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache

import polars as pl

from ingestion import calendar
from ingestion.sample.reply import Reply, epoch, json_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.world.market import World
from ingestion.sample.world.treasury_cash import REVENUE, SPENDING, Day, days

HOST, BASE = "api.fiscaldata.treasury.gov", "/services/api/fiscal_service/v1/accounting/dts/"
CASH, FLOWS = "operating_cash_balance", "deposits_withdrawals_operating_cash"
TWO_LINES, NEW_LABELS = date(2022, 4, 18), date(2023, 2, 14)
NAMED_SINCE = date(2021, 10, 1)
NULL, LARGEST = "null", 10_000
ACCOUNT = "Treasury General Account"


@lru_cache(1)
def _public() -> list[int]:
    """When each statement was out, epoch seconds: noon of the next working day, four hours before it has to be."""
    after = calendar.federal_days_after(pl.Series([one.day for one in days()], dtype=pl.Date), 1)
    return calendar.at_new_york(after, 12).dt.epoch("s").to_list()


def _cash(one: Day) -> list[dict[str, str]]:
    day = {"record_date": str(one.day)}
    if one.day < TWO_LINES:
        name = f"{ACCOUNT} (TGA)" if one.day >= NAMED_SINCE else "Federal Reserve Account"
        return [
            {**day, "account_type": name, "close_today_bal": str(one.closing), "open_today_bal": str(one.opening)},
            {
                **day,
                "account_type": "Total Operating Balance",
                "close_today_bal": str(one.closing),
                "open_today_bal": NULL,
            },
        ]
    lines = (
        ("(TGA) Opening Balance", one.opening), ("Total Deposits", sum(one.revenue) + one.issues),
        ("Total Withdrawals", sum(one.spending) + one.redemptions), ("(TGA) Closing Balance", one.closing),
    )  # fmt: skip
    return [
        {**day, "account_type": f"{ACCOUNT} {name}", "close_today_bal": NULL, "open_today_bal": str(amount)}
        for name, amount in lines
    ]


def _flows(one: Day) -> list[dict[str, str]]:
    table = "(Table III-B)" if one.day >= NEW_LABELS else "(Table IIIB)"
    found = []
    for side, names, amounts, label, debt in (
        ("Deposits", REVENUE, one.revenue, "Public Debt Cash Issues", one.issues),
        ("Withdrawals", SPENDING, one.spending, "Public Debt Cash Redemp.", one.redemptions),
    ):
        lines = [
            (f"{ACCOUNT} (TGA)", names[0], str(amounts[0])),
            *((f"{ACCOUNT} (TGA)", name, str(amount)) for name, amount in zip(names[1:], amounts[1:], strict=True)),
            (f"{ACCOUNT} (TGA)", f"Sub-Total {side}", str(sum(amounts))),
            (f"{ACCOUNT} (TGA)", f"{label} {table}", str(debt)),
            (f"{ACCOUNT} Total {side}", NULL, str(sum(amounts) + debt)),
        ]
        found += [
            {
                "record_date": str(one.day), "account_type": account, "transaction_type": side,
                "transaction_catg": category, "transaction_today_amt": amount,
            }
            for account, category, amount in lines
        ]  # fmt: skip
    return found


def answer(market: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The rows of the days asked that were out, one page of them."""
    name = path.removeprefix(BASE)
    if name not in (CASH, FLOWS):
        return json_reply({"error": "Endpoint Not Found", "message": f"Endpoint {path} does not exist."}, 404)
    bounds = dict(part.rsplit(":", 1) for part in query.get("filter", "").split(",") if part)
    first, last = bounds.get("record_date:gte", ""), bounds.get("record_date:lte", "9999")
    out = [
        one
        for one, public in zip(days(), _public(), strict=True)
        if first <= str(one.day) <= last and public <= epoch(asked_at)
    ]
    rows = [row for one in out for row in (_cash(one) if name == CASH else _flows(one))]
    size, page = min(int(query.get("page[size]", "100")), LARGEST), int(query.get("page[number]", "1"))
    pages = max(1, -(-len(rows) // size))
    fields = query.get("fields", "").split(",") if query.get("fields") else list(rows[0]) if rows else []

    def link(number: int) -> str | None:
        return f"&page%5Bnumber%5D={number}&page%5Bsize%5D={size}" if 1 <= number <= pages else None

    told = [{field: row[field] for field in fields} for row in rows[(page - 1) * size : page * size]]
    return json_reply(
        {
            "data": told,
            "meta": {"count": len(told), "total-count": len(rows), "total-pages": pages},
            "links": {
                "self": link(page), "first": link(1), "prev": link(page - 1), "next": link(page + 1), "last": link(pages),
            },
        }
    )  # fmt: skip


def table(answer: Reply) -> Table | None:
    """All fields of each line, the day first, amounts as numbers, oldest first."""
    if not answer[2].startswith(b'{"data":[{'):
        return None
    held = json.loads(answer[2])
    names = list(held["data"][0])
    amounts = {"open_today_bal", "close_today_bal", "transaction_today_amt"}

    def write(table: Table) -> bytes:
        told = [
            {
                name: NULL if cell is None else str(round(cell)) if isinstance(cell, float) else cell
                for name, cell in zip(names, row, strict=True)
            }
            for row in table.rows
        ]
        return json.dumps({**held, "data": told}, separators=(",", ":")).encode()

    def cell(name: str, text: str) -> Cell:
        return text if name not in amounts else None if text == NULL else float(text)

    return Table(names, [[cell(name, line[name]) for name in names] for line in held["data"]], write)


def _series(path: str, query: Query) -> str:
    return f"{path.removeprefix(BASE)} {query.get('filter', '')}"


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{BASE}{CASH}?filter=record_date:gte:2025-10-01,record_date:lte:2026-09-30&page[size]=10000": "bc24a27745995c36ed2f6e67d6f128f8",
        f"{HOST}{BASE}{FLOWS}?filter=record_date:gte:2025-12-01,record_date:lte:2025-12-31&page[size]=10000": "6abe82d75f64fc799e11fbaccc3abe3c",
    },
    table=table,
    series=_series,
)
