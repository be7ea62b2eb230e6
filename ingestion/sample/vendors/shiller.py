"""Shiller's workbook of the long history: one .xls, months as 1871.01 (.1 is October), the newest ones estimated.

Belongs here: the layout with its header over eight rows and its notes below, and what the newest months lack: the last
one has the price and yield of its first session, three have no earnings yet, consumer prices are carried on until they
are printed. Does not: earnings of the index and the past before the world (``world.valuation``), consumer prices
(``world.prints``). The real history begins in 1871, this one in 2004; ten years of earnings are there from 2014 on.
"""

from __future__ import annotations

import math
from datetime import date, datetime

import numpy as np

from ingestion import calendar
from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLS, Cell, xls
from ingestion.sample.world.clock import clock
from ingestion.sample.world.market import World
from ingestion.sample.world.releases import published_day
from ingestion.sample.world.valuation import RISE_OF_PRICES, Month, months

HOST = "img1.wsimg.com"
PATH = "/blobby/go/e5e77e0b-59d1-44d9-ab25-4763ac982e53/downloads/ie_data.xls"
UNTOLD = 3  # newest months without earnings and dividends
PAID = 0.38  # of the earnings, as dividends
AVERAGED = 120  # months of earnings
PRICES = "CPIAUCNS"
HEADER: list[list[Cell]] = [
    [None],
    ['Stock Market Data Used in "Sample Exuberance"', *[None] * 11, "Cyclically"],
    ["Nobody measured these", *[None] * 11, "Adjusted"],
    [*[None] * 12, "Price"],
    [*[None] * 4, "  Consumer", *[None] * 4, None, None, None, "Earnings"],
    [None, "S&P", None, None, "Price", None, "Long", None, None, None, None, None, "Ratio"],
    [
        None,
        "Comp.",
        "Dividend",
        "Earnings",
        "Index",
        "Date  ",
        "Interest",
        "Real",
        "Real",
        None,
        "Real",
        None,
        "P/E10 or",
    ],
    ["Date", "P", "D", "E", "CPI", "Fraction", "Rate GS10", "Price", "Dividend", None, "Earnings", None, "CAPE"],
]
NOTE: list[Cell] = [None, "The last price is that of the month's first session", None, None, "CPI estimated"]


def _consumer_prices(world: World, told: list[Month], day: date) -> list[float]:
    """The printed index of each month; months without one have that before, older ones are made backwards."""
    held = world.prints[PRICES]
    printed = dict(zip(held.final.periods, held.on(day).tolist(), strict=True))
    first = next(n for n, month in enumerate(told) if not math.isnan(printed.get(month.first, math.nan)))
    found: list[float] = []
    for month in told[first:]:
        value = printed.get(month.first, math.nan)
        found.append(found[-1] if math.isnan(value) else value)
    for _ in range(first):
        found.insert(0, round(found[0] / (1.0 + RISE_OF_PRICES), 3))
    return found


def _lines(world: World, asked_at: datetime) -> list[list[Cell]]:
    """The months up to that of the last close before ``asked_at``."""
    session = int(np.searchsorted(clock().close_at, epoch(asked_at), side="right")) - 1
    today = clock().days[max(0, session)]
    told = [month for month in months() if month.first <= today]
    prices = _consumer_prices(world, told, published_day(asked_at))
    lines: list[list[Cell]] = []
    real: list[float] = []  # earnings after inflation
    for n, month in enumerate(told):
        is_last = n == len(told) - 1
        level = month.closes[0] if is_last and month.closes else month.level
        bond = month.start_yield if is_last else month.ten_year
        average = sum(real[-AVERAGED:]) / AVERAGED if len(real) >= AVERAGED else None
        cape: Cell = "NA" if average is None else round(level / prices[n] / average, 6)
        earned: list[Cell] = [None, None]
        if n < len(told) - UNTOLD:
            earned = [round(PAID * month.earnings, 4), round(month.earnings, 4)]
            real.append(month.earnings / prices[n])
        lines.append(
            [
                round(month.first.year + month.first.month / 100.0, 2), round(level, 4), *earned, prices[n],
                round(month.first.year + (month.first.month - 0.5) / 12.0, 6), round(bond, 4), None, None, None, None,
                None, cape,
            ]
        )  # fmt: skip
    return lines


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook as it stood."""
    if path != PATH or asked_at.astimezone(calendar.NEW_YORK).date() < clock().days[0]:
        return text_reply("Not Found", "text/html", 404)
    return 200, {"content-type": XLS}, xls("Data", [*HEADER, *_lines(world, asked_at), NOTE])


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}": "cb650a9afd9df2ea9c77eecdff920ddb"},
)
