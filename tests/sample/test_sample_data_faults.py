"""Faults in values and rows: each is really in the bytes of every format it can be in, and only where it was put."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import openpyxl  # type: ignore[import-untyped]
import pytest

from ingestion import calendar
from ingestion.sample.registry import table_of
from ingestion.sample.table import ISO_DAY, Table

NA = "https://query1.finance.yahoo.com/v8/finance/chart/NA?period1=0&period2=9999999999&interval=1d&events=div%7Csplit"
VIX = "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv"
FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10"
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"
FUND = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
    "?component=fundDownload&portfolioId=900001"
)
TRUST = "https://www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-sgov.xlsx"
COINS = "https://stablecoins.llama.fi/stablecoincharts/all"
LISTS = "https://raw.githubusercontent.com/"
SPELLS = LISTS + "fja05680/sp500/master/sp500_ticker_start_end.csv"
CONSTITUENTS = LISTS + "datasets/s-and-p-500-companies/main/data/constituents.csv"
VINTAGES = "https://alfred.stlouisfed.org/graph/alfredgraph.csv?id=PAYEMS,PAYEMS&vintage_date=2024-02-09,2024-03-08"
FORMATS = {"chart": NA, "vix": VIX, "fred": FRED, "candles": CANDLES, "fund": FUND, "trust": TRUST, "coins": COINS}
EARLY = datetime(2018, 6, 1, 1, tzinfo=UTC)  # shorter files
Get = Callable[..., Any]


def _table(answer: httpx.Response) -> Table:
    table = table_of(answer.url.host, (answer.status_code, dict(answer.headers), answer.content))
    assert table is not None
    return table


def _rows(answer: httpx.Response) -> list[list[Any]]:
    return _table(answer).rows


def _chart(answer: httpx.Response) -> Any:
    return json.loads(answer.text)["chart"]["result"][0]


@pytest.mark.parametrize("url", FORMATS.values(), ids=FORMATS)
def test_a_table_written_back_is_the_same_rows(ask: Get, url: str) -> None:
    answer = ask(url, EARLY)
    table = table_of(answer.url.host, (200, dict(answer.headers), answer.content))
    assert table is not None
    again = table_of(answer.url.host, (200, dict(answer.headers), table.write(table)))
    assert again is not None
    assert again.rows == table.rows
    assert len(table.rows) >= 180
    if "json" not in answer.headers["content-type"]:
        assert len(table.write(table)) == pytest.approx(len(answer.content), rel=0.02)


@pytest.mark.parametrize("url", FORMATS.values(), ids=FORMATS)
def test_scale_multiplies_the_newest_values_only(ask: Get, url: str) -> None:
    good, bad = _rows(ask(url, EARLY)), _rows(ask(url, EARLY, fault="scale@/;n=2;factor=100"))
    assert bad[:-2] == good[:-2]
    for old, new in zip(good[-2:], bad[-2:], strict=True):
        changed = [n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        assert changed
        assert [new[n] for n in changed] == pytest.approx([100 * old[n] for n in changed], rel=1e-3)


def test_scale_of_one_column_and_of_all_rows(ask: Get) -> None:
    good, bad = _rows(ask(FUND)), _rows(ask(FUND, fault="scale@/;n=0;factor=0.01;column=shares outstanding"))
    assert [row[:3] for row in bad] == [row[:3] for row in good]
    assert bad[-1][3] == pytest.approx(good[-1][3] * 0.01)
    assert bad[100][3] == pytest.approx(good[100][3] * 0.01)
    with pytest.raises(ValueError, match="names columns"):
        ask(FUND, fault="scale@/;column=nothing")


@pytest.mark.parametrize("url", FORMATS.values(), ids=FORMATS)
def test_rows_come_twice_go_missing_and_lie_ahead(ask: Get, url: str) -> None:
    table = _table(ask(url, EARLY))
    good = table.rows
    twice = _rows(ask(url, EARLY, fault="duplicate@/"))
    assert twice == [*good, good[-1]]
    assert _rows(ask(url, EARLY, fault="drop@/;n=2")) == good[:-2]
    assert _rows(ask(url, EARLY, fault="drop@/;n=2;skip=3")) == good[:-5] + good[-3:]
    ahead = _rows(ask(url, EARLY, fault="future@/;days=9"))
    assert ahead[-1] == [table.later(good[-1][0], 9), *good[-1][1:]]
    moved = _rows(ask(url, EARLY, fault="date_shift@/"))
    assert [row[0] for row in moved] == [table.later(row[0], 1) for row in good]
    assert [row[1:] for row in moved] == [row[1:] for row in good]


def test_days_of_every_spelling_move() -> None:
    for form, day, later in (
        (ISO_DAY, "2025-12-31", "2026-01-01"),
        ("%m/%d/%Y", "12/31/2025", "01/01/2026"),
        ("%b %d, %Y", "Dec 31, 2025", "Jan 01, 2026"),
        ("%d-%b-%Y", "31-Dec-2025", "01-Jan-2026"),
        (ISO_DAY, "1767139200", "1767225600"),
        (ISO_DAY, 1767139200.0, 1767225600.0),
    ):
        table = Table([], [], lambda t: b"", form)
        assert table.later(day, 1) == later
        assert table.weekday(day) == date(2025, 12, 31).weekday()


def test_a_workbook_with_a_fault_still_opens(ask: Get) -> None:
    body = ask(TRUST, fault="duplicate@/|scale@/;factor=10;column=nav").content
    rows = list(openpyxl.load_workbook(io.BytesIO(body), read_only=True)["navhist"].iter_rows(values_only=True))
    assert rows[4][0] == rows[5][0] == "14-Jan-2026"
    assert rows[4][1] == pytest.approx(10 * rows[5][1])


def test_weekend_bar_is_a_saturday(ask: Get) -> None:
    bad = _chart(ask(NA, fault="weekend@chart/NA"))
    assert datetime.fromtimestamp(bad["timestamp"][-1], calendar.NEW_YORK).date() == date(2026, 1, 17)
    assert _rows(ask(VIX, fault="weekend@cboe"))[-1][0] == "01/17/2026"


def test_flat_swap_and_sign(ask: Get) -> None:
    good = _chart(ask(NA))["indicators"]["quote"][0]
    flat = _chart(ask(NA, fault="flat@/;n=4"))["indicators"]["quote"][0]
    assert set(flat["close"][-4:]) == set(flat["open"][-4:]) == {good["close"][-4]}
    assert flat["close"][:-4] == good["close"][:-4]
    swapped = _chart(ask(NA, fault="swap@/;n=2"))["indicators"]["quote"][0]
    assert (swapped["high"][-2:], swapped["low"][-2:]) == (good["low"][-2:], good["high"][-2:])
    turned = _chart(ask(NA, fault="swap@/;a=close;b=volume"))["indicators"]["quote"][0]
    assert (turned["close"][-1], turned["volume"][-1]) == (good["volume"][-1], int(good["close"][-1]))
    negative = _chart(ask(NA, fault="sign@/;column=close"))["indicators"]["quote"][0]
    assert negative["close"][-1] == -good["close"][-1]
    assert negative["open"] == good["open"]


@pytest.mark.parametrize("text", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_literal_stands_bare_in_the_answer(ask: Get, text: str) -> None:
    assert f",{text}]" in ask(NA, fault=f"literal@/;text={text}").text
    assert ask(FRED, fault=f"literal@/;text={text}").text.endswith(f",{text}\n")
    assert f">{text}</ss:Data>" in ask(FUND, fault=f"literal@/;text={text};column=nav per share").text


def test_unit_changes_every_value(ask: Get) -> None:
    good, bad = (list(csv.reader(io.StringIO(ask(FRED, fault=f).text))) for f in (None, "unit@/"))
    assert [float(b[1]) for b in bad[1:] if b[1]] == pytest.approx([100 * float(g[1]) for g in good[1:] if g[1]])
    assert [row[0] for row in bad] == [row[0] for row in good]


def test_a_split_without_its_event(ask: Get) -> None:
    good, bad = _chart(ask(NA)), _chart(ask(NA, fault="split_lost@/"))
    assert "splits" in good["events"]
    assert "splits" not in bad["events"]
    assert bad["events"]["dividends"] == good["events"]["dividends"]
    assert bad["indicators"] == good["indicators"]  # already divided for a split nobody is told of
    plain = NA.replace("/NA?", "/GEAQ?")
    good, bad = (_chart(ask(plain, fault=f))["indicators"]["quote"][0]["close"] for f in (None, "split_lost@/;n=20"))
    assert bad[-20:] == good[-20:]
    assert bad[-21] == pytest.approx(good[-21] / 2, abs=1e-3)


def test_a_dividend_tenfold(ask: Get) -> None:
    good, bad = (_chart(ask(NA, fault=f))["events"]["dividends"] for f in (None, "dividend@/"))
    newest = max(good)
    assert bad[newest]["amount"] == pytest.approx(10 * good[newest]["amount"])
    assert {k: v for k, v in bad.items() if k != newest} == {k: v for k, v in good.items() if k != newest}


def test_an_intraday_bar_is_dated_like_a_final_one(ask: Get) -> None:
    good, bad = _chart(ask(NA)), _chart(ask(NA, fault="intraday@/"))
    assert bad["timestamp"] == good["timestamp"]
    assert bad["meta"]["regularMarketTime"] == good["meta"]["regularMarketTime"] - 3 * 3600
    quote = bad["indicators"]["quote"][0]
    assert quote["close"][-1] == pytest.approx((quote["high"][-1] + quote["low"][-1]) / 2, abs=0.01)
    assert quote["close"][-1] != good["indicators"]["quote"][0]["close"][-1]


def test_lists_of_survivors_and_of_half_the_members(ask: Get) -> None:
    good, bad = (list(csv.DictReader(io.StringIO(ask(SPELLS, fault=f).text))) for f in (None, "survivors@/"))
    assert bad == [row for row in good if not row["end_date"]]
    assert len(bad) < len(good)
    members = ask(CONSTITUENTS).text.count("\n") - 1
    assert ask(CONSTITUENTS, fault="half_list@/").text.count("\n") - 1 == (members + 1) // 2


def test_vintages_that_are_not(ask: Get) -> None:
    good = list(csv.DictReader(io.StringIO(ask(VINTAGES).text)))
    ahead = list(csv.DictReader(io.StringIO(ask(VINTAGES, fault="lookahead@alfred").text)))
    assert [row["PAYEMS_20240209"] for row in ahead] == [row["PAYEMS_20240308"] for row in good]
    ignored = ask(VINTAGES, fault="ignore_vintage@alfred").text
    assert ignored.splitlines()[0] == "observation_date,PAYEMS_20260115"


def test_another_window_than_asked(ask: Get) -> None:
    url = FRED + "&cosd=2025-11-01&coed=2026-01-15"
    days = [row[0] for row in _rows(ask(url, fault="other_window@fred;days=365"))]
    assert (days[0], days[-1]) == ("2024-11-01", "2025-01-15")
    assert _chart(ask(NA, fault="other_window@/"))["timestamp"][-1] < datetime(2024, 12, 15, tzinfo=UTC).timestamp()
    page = CANDLES + "&start=2025-12-01T00:00:00Z&end=2026-01-10T00:00:00Z"
    newest = ask(page, fault="other_window@/;days=365").json()[0][0]
    assert datetime.fromtimestamp(newest, UTC).date() == date(2025, 1, 10)


def test_a_share_of_all_symbols_or_a_list_of_them_is_missing(ask: Get) -> None:
    symbols = ["NA", "TRUE", "QBRT", "VYXA", "BNKO", "LDGR", "GEAQ", "RAYL", "MDXQ", "VITQ", "PTRQ", "PLOM"]
    urls = [NA.replace("/NA?", f"/{symbol}?") for symbol in symbols]
    codes = [ask(url, fault="missing_symbols@yahoo;share=0.5").status_code for url in urls]
    assert 3 <= codes.count(404) <= 9
    assert set(codes) == {200, 404}
    fault = "missing_symbols@fred;symbols=DGS2,DGS10"
    assert [ask(FRED.replace("DGS10", s), fault=fault).status_code for s in ("DGS10", "DGS30")] == [404, 200]
