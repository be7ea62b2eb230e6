"""Vendors that say 'nothing there' with status 400: dead symbols must neither be errors nor open the breaker."""

from __future__ import annotations

import httpx
import pytest
import wire

from ingestion.fetch import ask
from ingestion.http import BREAKER_AFTER, Client
from ingestion.registry import source
from ingestion.source import Request
from ingestion.transport import Vendors

DEAD = b'{"chart":{"result":null,"error":{"code":"Bad Request","description":"Data doesn\'t exist for startDate = 1, endDate = 2"}}}'


def yahoo(status: int, body: bytes) -> Client:
    reply = httpx.MockTransport(lambda request: httpx.Response(status, stream=httpx.ByteStream(body)))
    return Client(Vendors("base", "http://127.0.0.1:9"), lambda: wire.NOW, transport=reply, sleep=lambda seconds: None)


def question(symbol: str) -> Request:
    day = wire.NOW.date()
    return Request(symbol, f"https://query1.finance.yahoo.com/v8/finance/chart/{symbol}", day, day, wire.NOW)


def test_dead_symbols_with_status_400_are_empty_and_leave_the_host_alone() -> None:
    with yahoo(400, DEAD) as client:
        said = [
            ask(client, source("yahoo_bars"), question(f"X{n}"), lambda: wire.NOW).outcome
            for n in range(BREAKER_AFTER + 2)
        ]
    assert said == ["empty"] * (BREAKER_AFTER + 2)


@pytest.mark.parametrize("status", [400, 422])
def test_any_other_body_with_such_a_status_stays_an_error(status: int) -> None:
    with yahoo(status, b"<html>no</html>") as client:
        received = ask(client, source("yahoo_bars"), question("AAPL"), lambda: wire.NOW)
    assert received.outcome == "error" and f"HTTP {status}" in received.note


def test_data_is_never_taken_from_a_refusal(server: wire.Server) -> None:
    with wire.client(server.base) as client:
        server.replies = [wire.reply(wire.GOOD, "400 Bad Request")]
        received = ask(client, wire.source(), wire.request(), lambda: wire.NOW)
    assert received.outcome == "error" and received.frame is None
