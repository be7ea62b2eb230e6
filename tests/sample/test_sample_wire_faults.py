"""Faults of the connection: refusals, redirects, bodies that break, inflate or never end; and several faults at once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ingestion.sample.registry import fault_from_text, faults_from_text, table_of
from ingestion.sample.transport import FAULT_VARIABLE, SampleTransport

VIX = "https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv"
FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10"
FUND = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
    "?component=fundDownload&portfolioId=900001"
)
Get = Callable[..., Any]


def _newest(answer: httpx.Response) -> Any:
    table = table_of(answer.url.host, (answer.status_code, dict(answer.headers), answer.content))
    assert table is not None
    return table.rows[-1][1]


@pytest.mark.parametrize("kind", ["dns", "tls"])
def test_no_connection(ask: Get, kind: str) -> None:
    with pytest.raises(httpx.ConnectError, match=r"not known|CERTIFICATE"):
        ask(VIX, fault=f"{kind}@cboe")
    assert ask(FRED, fault=f"{kind}@cboe").status_code == 200


def test_statuses_redirects_and_echoes(ask: Get) -> None:
    for code in (403, 410, 429, 500):
        assert ask(VIX, fault=f"status@cboe;code={code}").status_code == code
    assert "retry-after" not in ask(VIX, fault="status@cboe;code=429").headers
    moved = ask(VIX, fault="redirect@cboe;to=file:///etc/passwd")
    assert (moved.status_code, moved.headers["location"]) == (302, "file:///etc/passwd")
    assert (ask(VIX, fault="not_modified@cboe").status_code, ask(VIX, fault="not_modified@cboe").content) == (304, b"")
    refused = ask(FRED + "&api_key=canary-0123456789", fault="key_echo@fred")
    assert refused.status_code == 400
    assert "canary-0123456789" in refused.text


def test_bodies_that_break_inflate_and_change_letters(ask: Get) -> None:
    good = ask(VIX)
    with pytest.raises(httpx.RemoteProtocolError, match=f"expected {len(good.content)}"):
        ask(VIX, fault="short_body@cboe")
    with (
        httpx.Client(transport=SampleTransport(fault=fault_from_text("gzip_bomb@cboe;mib=3"))) as client,
        client.stream("GET", VIX) as bomb,
    ):
        packed = b"".join(bomb.iter_raw())
    assert len(packed) < 10_000
    assert len(gzip.decompress(packed)) == 3 * 2**20
    assert len(ask(VIX, fault="huge_headers@cboe;n=500").headers) > 500
    assert 3 * 2**20 <= len(ask(VIX, fault="huge_body@cboe;mib=3").content) < 5 * 2**20
    assert ask(VIX, fault="bom@cboe").content == b"\xef\xbb\xbf" + good.content
    assert ask(VIX, fault="utf16@cboe").content.decode("utf-16") == good.text
    assert "iso-8859-1" in ask(VIX, fault="charset@cboe").headers["content-type"]
    assert ask(VIX, fault="charset@cboe").content[:1] == b"\xe9"
    assert "rate limit" in ask(VIX, fault="json_error@cboe").json()["Note"]


def test_several_faults_at_once(ask: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "html_200@cdn.cboe.com|scale@id=DGS10;factor=10|status@blackrock;code=429;times=1"
    assert [fault.kind for fault in faults_from_text(text)] == ["html_200", "scale", "status"]
    monkeypatch.setenv(FAULT_VARIABLE, text)
    with httpx.Client(transport=SampleTransport()) as client:
        assert client.get(VIX).text.startswith("<!DOCTYPE")
        assert _newest(client.get(FRED)) == pytest.approx(10 * _newest(ask(FRED, fault="drip@nowhere")))
        assert [client.get(FUND).status_code for _ in range(2)] == [429, 200]


def test_the_same_fault_twice_counts_each_of_its_hits() -> None:
    faults = faults_from_text("status@cboe;code=500;times=1|bom@cboe;times=2")
    with httpx.Client(transport=SampleTransport(fault=faults)) as client:
        answers = [client.get(VIX) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 200, 200]
    assert [answer.content[:3] == b"\xef\xbb\xbf" for answer in answers] == [True, True, False]
