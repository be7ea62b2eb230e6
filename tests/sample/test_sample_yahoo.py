"""The sample's Yahoo answers: format, quirks, split adjustment as of the moment asked, speed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ingestion import calendar
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.market import world

Get = Callable[..., Any]


def _days(result: Any) -> list[date]:
    return [datetime.fromtimestamp(t, calendar.NEW_YORK).date() for t in result["timestamp"]]


def test_yahoo_meta_and_columns(chart: Get) -> None:
    for symbol, kind in {"%5ESMP": "INDEX", "SBRD": "ETF", "NA": "EQUITY", "CL=F": "FUTURE", "HRN-B": "EQUITY"}.items():
        result = chart(symbol)
        meta, quote = result["meta"], result["indicators"]["quote"][0]
        assert meta["symbol"] == symbol.replace("%5E", "^")
        assert (meta["instrumentType"], meta["currency"], meta["dataGranularity"]) == (kind, "USD", "1d")
        assert meta["exchangeTimezoneName"] == "America/New_York"
        assert set(quote) == {"open", "high", "low", "close", "volume"}
        assert {len(values) for values in quote.values()} == {len(result["timestamp"])}
        first = datetime.fromtimestamp(result["timestamp"][0], calendar.NEW_YORK)
        assert (first.hour, first.minute) == ((0, 0) if kind == "FUTURE" else (9, 30))
        assert meta["regularMarketTime"] == int(datetime(2026, 1, 15, 21, tzinfo=UTC).timestamp())


def test_yahoo_prices_are_float32_and_whole_numbers_have_no_point(chart: Get, ask: Get) -> None:
    quote = chart("NA")["indicators"]["quote"][0]
    closes = np.array(quote["close"], dtype=np.float64)
    assert (closes.astype(np.float32).astype(np.float64) == closes).all()
    assert (np.round(closes, 2) != closes).any()
    url = "https://query1.finance.yahoo.com/v8/finance/chart/PLOM?period1=0&period2=9999999999&interval=1d"
    assert any(
        isinstance(value, int)
        for value in json.loads(ask(url).text)["chart"]["result"][0]["indicators"]["quote"][0]["close"]
    )
    assert ".0," not in ask(url).text


def test_yahoo_without_bars_in_the_window_has_no_timestamps(chart: Get) -> None:
    saturday = int(datetime(2025, 12, 6, tzinfo=UTC).timestamp())
    result = chart("NA", saturday, saturday + 86400)
    assert "timestamp" not in result
    assert result["indicators"] == {"quote": [{}]}


def test_yahoo_does_not_know_a_symbol(ask: Get) -> None:
    answer = ask("https://query1.finance.yahoo.com/v8/finance/chart/NOPE?period1=0&period2=1&interval=1d")
    assert answer.status_code == 404
    assert answer.json()["chart"]["error"]["code"] == "Not Found"


def test_a_contract_lives_36_months_and_is_forgotten_a_year_after_its_own(ask: Get) -> None:
    def days(symbol: str, now: datetime) -> list[int]:
        url = f"https://query1.finance.yahoo.com/v8/finance/chart/{symbol}?period1=0&period2=9999999999&interval=1d"
        answer = ask(url, now)
        return [] if answer.status_code == 404 else answer.json()["chart"]["result"][0]["timestamp"]

    january = datetime(2026, 1, 16, 2, tzinfo=UTC)
    assert (
        not days("ZQG29.CBT", january) and len(days("ZQF29.CBT", january)) == 10
    )  # listed since the first of the month
    assert datetime.fromtimestamp(days("ZQZ25.CBT", january)[-1], UTC).date() == date(2025, 12, 31)
    assert days("ZQF25.CBT", january) and not days("ZQZ24.CBT", january)
    assert days("ZQZ24.CBT", datetime(2025, 12, 30, 2, tzinfo=UTC))


def test_yahoo_adjusts_for_splits_known_when_asked_and_only_those(chart: Get) -> None:
    before, after = datetime(2022, 6, 11, 1, tzinfo=UTC), datetime(2022, 6, 14, 1, tzinfo=UTC)
    bars = world().bars["NA"]
    early, late = chart("NA", now=before), chart("NA", now=after)
    assert early["indicators"]["quote"][0]["close"] == np.float32(bars.close[: len(early["timestamp"])]).tolist()
    first_early, first_late = (r["indicators"]["quote"][0]["close"][0] for r in (early, late))
    assert first_early == pytest.approx(4 * first_late, rel=1e-6)
    assert "splits" not in early["events"]
    (split,) = late["events"]["splits"].values()
    assert (split["numerator"], split["denominator"], split["splitRatio"]) == (4, 1, "4:1")
    volumes = [r["indicators"]["quote"][0]["volume"][0] for r in (early, late)]
    assert volumes[1] == 4 * volumes[0]


def test_yahoo_events_stand_only_inside_the_window_but_adjust_outside_it(chart: Get) -> None:
    year = 2021
    first, last = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    result = chart("NA", first, last)
    assert "splits" not in result["events"]  # the split of 2022 lies after the window …
    as_traded = world().bars["NA"].close[world().clock.index(_days(result)[0])]
    assert result["indicators"]["quote"][0]["close"][0] == pytest.approx(as_traded / 4, rel=1e-6)  # … and adjusts it
    assert len(result["events"]["dividends"]) == 4
    assert {int(key) for key in result["events"]["dividends"]} <= set(result["timestamp"])
    adjusted, close = result["indicators"]["adjclose"][0]["adjclose"], result["indicators"]["quote"][0]["close"]
    assert all(a < c for a, c in zip(adjusted, close, strict=True))
    newest = chart("NA")["indicators"]
    assert newest["adjclose"][0]["adjclose"][-1] == newest["quote"][0]["close"][-1]


def test_yahoo_shows_a_live_bar_while_the_session_runs(chart: Get) -> None:
    noon = datetime(2025, 12, 10, 17, tzinfo=UTC)
    live, done = chart("NA", now=noon), chart("NA", now=noon + timedelta(hours=5))
    assert live["timestamp"][-1] == live["meta"]["regularMarketTime"] == int(noon.timestamp())
    assert _days(live) == _days(done)
    assert live["indicators"]["quote"][0]["volume"][-1] < done["indicators"]["quote"][0]["volume"][-1]
    assert chart("NA", now=datetime(2025, 12, 10, 14, tzinfo=UTC))["timestamp"] == live["timestamp"][:-1]


def test_delisted_and_listed_companies(chart: Get, ask: Get) -> None:
    assert _days(chart("UNDW"))[-1] == date(2023, 10, 6)
    assert _days(chart("PXLM"))[0] == date(2021, 5, 18)
    later = int(datetime(2024, 1, 2, tzinfo=UTC).timestamp())
    assert chart("UNDW", later)["indicators"] == {"quote": [{}]}
    url = "https://query1.finance.yahoo.com/v8/finance/chart/PXLM?period1=0&period2=9999999999&interval=1d"
    assert ask(url, datetime(2021, 5, 17, 22, tzinfo=UTC)).status_code == 404


def test_every_company_answers(ask: Get) -> None:
    for symbol in (c.symbol for c in COMPANIES):
        url = f"https://query1.finance.yahoo.com/v8/finance/chart/{symbol}?period1=0&period2=9999999999"
        assert ask(url + "&interval=1d&events=div%7Csplit").status_code == 200
