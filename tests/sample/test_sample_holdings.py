"""Lists of holdings of the sample: the same part of each member, at its close, and nothing that was not public."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from ingestion.sample.transport import SAMPLE_NOW
from ingestion.sample.world import holdings
from ingestion.sample.world.clock import clock
from ingestion.sample.world.market import world

SSGA = "https://www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-{}.xlsx"
ISHARES = "https://www.ishares.com/us/products/{}/sample-broad-market-etf/1467271812596.ajax?fileType=csv&fileName=SBRD_holdings"
Get = Callable[..., Any]


def workbook(body: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(body))["holdings"].iter_rows(values_only=True))


def test_the_broad_list_is_the_worlds(ask: Get) -> None:
    rows = workbook(ask(SSGA.format("slrg")).content)
    assert [row[1] for row in rows[:3]] == ["Sample Large Companies Trust", "SLRG", "As of 14-Jan-2026"]
    assert rows[4] == ("Name", "Ticker", "Identifier", "SEDOL", "Weight", "Sector", "Shares Held", "Local Currency")
    lines = rows[5 : next(n for n, row in enumerate(rows[5:], 5) if row[0] is None)]
    firms, t = world().companies, clock().index(clock().days[-2])
    members = firms.capital[t] * firms.member[t]
    stocks = [line for line in lines if line[1] != "-"]
    assert len(stocks) == int(firms.member[t].sum())
    assert [line[0] for line in lines if line[1] == "-"] == ["US DOLLAR", "CONTRA SAMPLE CLAIM"]
    assert sum(line[4] for line in lines) == pytest.approx(99.9, abs=0.001)
    by_weight = sorted((100.0 * holdings.STOCKS * part / members.sum() for part in members if part), reverse=True)
    assert [line[4] for line in stocks] == pytest.approx(by_weight, abs=1e-5)
    tickers = {line[1] for line in stocks}
    assert {"NA", "TRUE", "HRN.B", "BZWV", "NZRA"} <= tickers  # two lines of one issuer are two lines
    assert len({line[2] for line in lines}) == len(lines)


def test_a_sector_fund_holds_its_sector_alone() -> None:
    held = holdings.held(world(), "SCMS", len(clock().days) - 1)
    assert {one.company.sector for one in held if one.company} == {"Communication Services"}
    assert {one.symbol for one in held} >= {"BZWV", "NZRA"}


def test_a_split_changes_the_shares_and_not_the_weight() -> None:
    """JNCQ, two for one on 2025-06-09."""
    ex = clock().index(datetime(2025, 6, 9, tzinfo=UTC).date())
    before, after = (
        next(one for one in holdings.held(world(), "SLRG", t) if one.symbol == "JNCQ") for t in (ex - 1, ex)
    )
    assert after.shares == 2 * before.shares
    assert after.weight == pytest.approx(before.weight, rel=0.1)


def test_the_list_with_sectors(ask: Get) -> None:
    lines = ask(ISHARES.format("900001")).content.decode("utf-8-sig").split("\n")
    assert lines[:2] == ["Sample Broad Market ETF", 'Fund Holdings as of,"Jan 14, 2026"']
    assert (lines[8], lines[9].split(",")[:3]) == ("\N{NO-BREAK SPACE}", ["Ticker", "Name", "Sector"])
    rows = list(csv.DictReader(lines[9 : lines.index("\N{NO-BREAK SPACE}", 9)]))
    held = {row["Ticker"]: row for row in rows}
    assert "HRNB" in held and held["BZWV"]["Sector"] == "Communication"
    first = rows[0]
    value, shares, price = (float(first[name].replace(",", "")) for name in ("Market Value", "Shares", "Price"))
    assert value == pytest.approx(shares * price, abs=0.01)
    assert ask(ISHARES.format("900002")).status_code == 404
    assert ask(SSGA.format("sgov")).status_code == 404


def test_the_list_of_a_day_is_public_the_next_morning(ask: Get) -> None:
    morning = datetime(2026, 1, 15, 13, 59, tzinfo=UTC)
    assert workbook(ask(SSGA.format("slrg"), morning).content)[2][1] == "As of 13-Jan-2026"
    nine = morning.replace(hour=14, minute=0)
    assert workbook(ask(SSGA.format("slrg"), nine).content)[2][1] == "As of 14-Jan-2026"
    assert ask(SSGA.format("slrg"), nine).content == ask(SSGA.format("slrg"), SAMPLE_NOW).content
    assert "Jan 13, 2026" in ask(ISHARES.format("900001"), morning).text
