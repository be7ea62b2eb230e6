"""Every fault the sample vendors can be told to have is really in the bytes, and nowhere else."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from ingestion.sample.faults import kinds
from ingestion.sample.registry import all_vendors, fault_from_text, fault_kinds
from ingestion.sample.transport import FAULT_VARIABLE, SampleTransport

CHART = (
    "https://query1.finance.yahoo.com/v8/finance/chart/{}?period1=0&period2=9999999999&interval=1d&events=div%7Csplit"
)
VIX = "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv"
FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10"
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"
FUND = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
    "?component=fundDownload&portfolioId=900001"
)
Get = Callable[..., Any]


def _quote(answer: httpx.Response) -> dict[str, list[float]]:
    quote: dict[str, list[float]] = json.loads(answer.text)["chart"]["result"][0]["indicators"]["quote"][0]
    return quote


def test_a_fault_is_read_from_text() -> None:
    fault = fault_from_text("status@cdn.cboe.com;code=429;retry_after=7")
    assert (fault.kind, fault.where, dict(fault.options)) == (
        "status",
        "cdn.cboe.com",
        {"code": "429", "retry_after": "7"},
    )


@pytest.mark.parametrize("text", ["html_200", "html_200@", "no_such@cdn", "status@cdn;code", "@cdn"])
def test_a_fault_that_cannot_be_read_says_how_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"kind@substring.*html_200"):
        fault_from_text(text)


def test_the_environment_names_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FAULT_VARIABLE, "empty_body@cdn.cboe.com")
    with httpx.Client(transport=SampleTransport()) as client:
        assert client.get(VIX).content == b""
        assert client.get(FRED).content != b""


LISTED = "https://raw.githubusercontent.com/fja05680/sp500/master/sp500_ticker_start_end.csv"
VINTAGES = "https://alfred.stlouisfed.org/graph/alfredgraph.csv?id=PAYEMS,PAYEMS&vintage_date=2024-02-09,2024-03-08"
BETS = "https://api.elections.kalshi.com/trade-api/v2/markets?series_ticker=KXFED&status=open"
FIGURES = "https://data.sec.gov/api/xbrl/companyconcept/CIK0009100001/us-gaap/NetIncomeLoss.json"
FILINGS = "https://data.sec.gov/submissions/CIK0009100001.json"
PRESS = "https://www.federalreserve.gov/feeds/press_monetary.xml"
ALL_VINTAGES = (
    "https://api.stlouisfed.org/fred/series/observations?series_id=PAYEMS&file_type=json"
    "&realtime_start=1776-07-04&realtime_end=9999-12-31&api_key=" + "0123456789abcdef" * 2
)
EARNINGS = "https://www.alphavantage.co/query?function=EARNINGS&symbol=NA&apikey=" + "0123456789abcdef" * 2
BROKEN = frozenset(("dns", "tls", "short_body"))  # no whole answer comes
HOLDINGS = "https://www.ishares.com/us/products/900001/sample-broad-market-etf/1467271812596.ajax?fileType=csv"
OWN_URL = {  # kinds that need another answer than a chart's
    "survivors": LISTED, "half_list": LISTED, "cell": LISTED, "row_gone": LISTED, "ignore_vintage": VINTAGES, "lookahead": VINTAGES, "html_200": VIX,
    "bom": VIX, "utf16": FRED, "unit": FRED, "crossed": BETS, "entities": PRESS, "ignore_realtime": ALL_VINTAGES,
    "other_fund": HOLDINGS, "other_day": "https://cdn.finra.org/equity/otcmarket/biweekly/shrt20251231.csv",
    "limited": EARNINGS,
    "unfiled": FIGURES, "ragged": FILINGS,
}  # fmt: skip
OPTIONS = {
    "cell": ";row=2;column=end_date;text=soon",
    "row_gone": ";text=N",
    "instead": ";name=NA;to=TRUE",
    "missing_symbols": ";symbols=NA",
    "gzip_bomb": ";mib=2",
    "huge_headers": ";n=5",
    "drip": ";seconds=0;size=9999",
    "huge_body": ";mib=2",
}
SAME_BODY = frozenset(("drip", "huge_headers"))


@pytest.mark.parametrize("kind", sorted(fault_kinds() - BROKEN))
def test_a_fault_changes_its_vendor_and_no_other(ask: Get, kind: str) -> None:
    url = OWN_URL.get(kind, CHART.format("NA"))
    where = url.removeprefix("https://")[:40] if kind in OWN_URL else "finance/chart/NA?"
    fault = f"{kind}@{where}{OPTIONS.get(kind, '')}"
    good, bad = ask(url), ask(url, fault=fault)
    changed = (good.status_code, good.content) != (bad.status_code, bad.content)
    assert changed is (kind not in SAME_BODY)
    for other in (CHART.format("TRUE"), CANDLES, FUND):
        assert ask(other, fault=fault).content == ask(other).content


def test_the_table_of_the_module_names_every_kind_that_any_vendor_can_have() -> None:
    told = {
        name.strip() for row in re.findall(r"^\| ([\w, ]+) \|", kinds.__doc__ or "", re.M) for name in row.split(",")
    }
    assert told - {"kind"} == kinds.KINDS
    own = [fault for vendor in all_vendors().values() for fault in vendor.faults.values()]
    assert own
    assert all(fault.effect and (fault.ask or fault.spoil) for fault in own)


def test_html_with_status_200(ask: Get) -> None:
    answer = ask(FRED, fault="html_200@fred.stlouisfed.org")
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_status_with_retry_after_heals_after_so_many_times() -> None:
    fault = fault_from_text("status@cdn.cboe.com;code=429;retry_after=1;times=2")
    with httpx.Client(transport=SampleTransport(fault=fault)) as client:
        answers = [client.get(VIX) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"


def test_prices_times_ten(ask: Get) -> None:
    good, bad = (_quote(ask(CHART.format("NA"), fault=fault)) for fault in (None, "price_x10@chart/NA?;n=3"))
    for name in ("open", "high", "low", "close"):
        assert bad[name][:-3] == good[name][:-3]
        assert bad[name][-3:] == pytest.approx([10 * value for value in good[name][-3:]])
    assert bad["volume"] == good["volume"]


@pytest.mark.parametrize("url", [VIX, FRED, CHART.format("NA"), CANDLES, FUND])
def test_truncation_ends_inside_a_cell(ask: Get, url: str) -> None:
    good, bad = ask(url).content, ask(url, fault="truncate@.").content
    assert good.startswith(bad)
    assert 0.5 * len(good) < len(bad) < 0.7 * len(good)
    assert not bad.endswith(b"\n")


def test_drip_is_the_true_body_in_pieces(ask: Get) -> None:
    fault = fault_from_text("drip@cdn.cboe.com;seconds=0;size=1000")
    with httpx.Client(transport=SampleTransport(fault=fault)) as client, client.stream("GET", VIX) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 10
    assert b"".join(pieces) == ask(VIX).content


def test_wrong_symbol(ask: Get) -> None:
    fault = "wrong_symbol@/;symbol=TRUE"
    assert json.loads(ask(CHART.format("NA"), fault=fault).text)["chart"]["result"][0]["meta"]["symbol"] == "TRUE"
    assert ask(FRED, fault=fault).text.splitlines()[0] == "observation_date,TRUE"


def test_frozen_answers_what_was_known_days_ago(ask: Get) -> None:
    bad = ask(VIX, fault="frozen@cdn.cboe.com;days=3").text
    assert ask(VIX).text.startswith(bad)
    assert bad.splitlines()[-1].startswith("01/12/2026")
    moved = ask(VIX, datetime.fromisoformat("2026-01-10T01:00:00+00:00"), fault="frozen@cdn.cboe.com;days=1").text
    assert moved.splitlines()[-1].startswith("01/08/2026")


def test_nan(ask: Get) -> None:
    assert math.isnan(_quote(ask(CHART.format("NA"), fault="nan@chart/NA"))["close"][-1])
    assert math.isnan(json.loads(ask(CANDLES, fault="nan@coinbase").text)[0][4])
    assert ask(FRED, fault="nan@fred").text.endswith(",NaN\n")
    assert ">NaN</ss:Data>" in ask(FUND, fault="nan@blackrock").text


def test_bad_json(ask: Get) -> None:
    for url in (CHART.format("NA"), CANDLES):
        with pytest.raises(json.JSONDecodeError):
            json.loads(ask(url, fault="bad_json@/").text)


def test_missing_symbols(ask: Get) -> None:
    fault = "missing_symbols@finance.yahoo.com;symbols=NA,QBRT"
    codes = [ask(CHART.format(symbol), fault=fault).status_code for symbol in ("NA", "QBRT", "TRUE")]
    assert codes == [404, 404, 200]


def test_now_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SampleTransport(datetime(2026, 1, 16, 1))  # noqa: DTZ001
