"""How the sample tests ask: one URL, one moment, perhaps one fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from ingestion.sample.registry import faults_from_text
from ingestion.sample.transport import SAMPLE_NOW, SampleTransport

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask() -> Ask:
    """``ask(url, now=SAMPLE_NOW, fault=None)`` → the whole response."""

    def get(url: str, now: datetime = SAMPLE_NOW, fault: str | None = None) -> httpx.Response:
        transport = SampleTransport(now, faults_from_text(fault) if fault else None)
        with httpx.Client(transport=transport) as client:
            return client.get(url)

    return get


@pytest.fixture
def chart(ask: Ask) -> Callable[..., Any]:
    """``chart(symbol, first, last, …)`` → ``chart.result[0]`` of Yahoo's answer; epochs or the whole history."""

    def get(symbol: str, first: int = 0, last: int = 9999999999, **more: Any) -> Any:
        url = f"https://query1.finance.yahoo.com/v8/finance/chart/{symbol}?period1={first}&period2={last}"
        answer = ask(url + "&interval=1d&events=div%7Csplit&includePrePost=false", **more)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)["chart"]["result"][0]

    return get
