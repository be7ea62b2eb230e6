"""The newer vendors: hourly candles, the second fund sponsor's workbook, stablecoins; and vendors that rewrite their past."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pytest

from ingestion import calendar
from ingestion.sample.transport import SAMPLE_NOW
from ingestion.sample.vendors import cboe, yahoo
from ingestion.sample.world.clock import REWRITTEN_AT
from ingestion.sample.world.market import world

CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"
COINS = "https://stablecoins.llama.fi/stablecoincharts/all"
Get = Callable[..., Any]


def _days(result: Any) -> list[date]:
    return [datetime.fromtimestamp(t, calendar.NEW_YORK).date() for t in result["timestamp"]]


def test_hourly_candles_lie_inside_their_day(ask: Get) -> None:
    window = "&start=2025-03-08T00:00:00Z&end=2025-03-10T23:00:00Z"
    hours = ask(CANDLES.replace("86400", "3600") + window).json()
    days = {row[0]: row for row in ask(CANDLES + window).json()}
    assert len(hours) == 72
    for start, day in days.items():
        mine = [row for row in reversed(hours) if start <= row[0] < start + 86400]
        assert (mine[0][3], mine[-1][4]) == (day[3], day[4])
        assert (min(row[1] for row in mine), max(row[2] for row in mine)) == (day[1], day[2])
        assert all(a[4] == b[3] for a, b in itertools.pairwise(mine))
        assert all(low <= min(o, c) <= max(o, c) <= high for _, low, high, o, c, _ in mine)
    running = ask(CANDLES.replace("86400", "3600"), SAMPLE_NOW + timedelta(minutes=20)).json()
    assert running[0][0] == int(SAMPLE_NOW.timestamp())
    assert running[0][5] < running[1][5]
    assert len(running) == 300
    assert ask(CANDLES.replace("86400", "60")).status_code == 400


def test_history_of_the_second_sponsor(ask: Get) -> None:
    url = "https://www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-{}.xlsx"
    rows = list(
        openpyxl.load_workbook(io.BytesIO(ask(url.format("slrg")).content))["navhist"].iter_rows(values_only=True)
    )
    assert rows[0][1] == "Sample Large Companies Trust"
    assert rows[1][1] == "SLRG®"
    assert rows[3] == ("Date", "NAV", "Shares Outstanding", "Total Net Assets")
    assert rows[4][0] == "14-Jan-2026"
    assert rows[4][3] == pytest.approx(rows[4][1] * rows[4][2], abs=0.01)
    days = [row for row in rows[4:] if row[1] is not None]
    assert days[-1] == ("02-Jan-2014", 180.0, "-", "-")
    saturday = datetime(2026, 1, 10, 18, tzinfo=UTC)
    early = openpyxl.load_workbook(io.BytesIO(ask(url.format("slrg"), saturday).content))["navhist"]
    assert early["A5"].value == "08-Jan-2026"
    assert ask(url.format("nope")).status_code == 404


def test_money_that_leaves_stocks_goes_to_bonds() -> None:
    flows = world().drivers.returns["flows"]
    stocks, bonds = (world().trusts[name].shares for name in ("SLRG", "SGOV"))
    assert np.corrcoef(stocks[3:] / stocks[2:-1] - 1, flows[2:-1])[0, 1] > 0.6
    assert np.corrcoef(bonds[3:] / bonds[2:-1] - 1, flows[2:-1])[0, 1] < -0.6


def test_stablecoins(ask: Get) -> None:
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    rows, later = ask(COINS, now).json(), ask(COINS, now + timedelta(hours=13)).json()
    assert [int(row["date"]) % 86400 for row in rows] == [0] * len(rows)
    assert datetime.fromtimestamp(int(rows[-1]["date"]), UTC).date() == now.date()
    values = [row["totalCirculatingUSD"]["peggedUSD"] for row in rows]
    assert min(values) > 1e9
    assert rows[:-1] == later[: len(rows) - 1]
    assert rows[-1] != later[len(rows) - 1]  # the running day
    assert len(later) == len(rows) + 1


def test_vendors_rewrite_their_past(ask: Get, chart: Get) -> None:
    before, after = REWRITTEN_AT - timedelta(seconds=1), REWRITTEN_AT
    url = "https://cdn.cboe.com/api/global/us_indices/daily_prices/{}_History.csv"
    old, new = (ask(url.format("VIX"), now).text.splitlines() for now in (before, after))
    changed = [a[:10] for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [f"{day:%m/%d/%Y}" for day in cboe.CHANGED]
    assert ask(url.format("VIX3M"), before).text == ask(url.format("VIX3M"), after).text
    first, second = (chart("GEAQ", now=now) for now in (before, after))
    quotes = [result["indicators"]["quote"][0] for result in (first, second)]
    differs = [n for n in range(len(first["timestamp"])) if any(quotes[0][c][n] != quotes[1][c][n] for c in quotes[0])]
    assert [_days(first)[n] for n in differs] == [yahoo.CORRECTED_DAY]
    assert quotes[0]["close"][differs[0]] < quotes[1]["close"][differs[0]]
