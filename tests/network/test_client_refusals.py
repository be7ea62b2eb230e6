"""What the client does when a vendor refuses, drips, lies about length, or floods."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import wire

from ingestion.http import BREAKER_AFTER, TRIES, Client, HostLeftAlone, HttpError
from ingestion.source import NoSuchSeries, VendorError
from ingestion.transport import Vendors

GZIP = "Content-Encoding: gzip"


def refused(base: str, found: str, source: Any = None, **more: Any) -> HttpError:
    with wire.client(base, **more) as client, pytest.raises(HttpError, match=found) as caught:
        client.get(source or wire.source(), wire.request())
    return caught.value


def test_an_answer_is_kept_with_its_moment_and_headers(server: wire.Server) -> None:
    server.says(wire.reply(wire.GOOD, "200 OK", 'ETag: "a1"', "X-Other: no"))
    with wire.client(server.base) as client:
        answer = client.get(wire.source(), wire.request())
    assert (answer.status, answer.body, answer.fetched_at) == (200, wire.GOOD, wire.NOW)
    assert answer.headers == {"etag": '"a1"', "content-length": str(len(wire.GOOD))}
    assert answer.url == f"https://{wire.HOST}/numbers.csv"


def test_identification_carries_the_contact(server: wire.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_CONTACT", "desk@vendor.example")
    with wire.client(server.base) as client:
        client.get(wire.source(), wire.request())
    assert b"User-Agent: updraft/0.1 (research; desk@vendor.example)" in server.heard[0]


@pytest.mark.parametrize("status", ["408 Late", "429 Too Many", "500 Oops", "502 Bad", "503 Busy", "504 Slow"])
def test_passing_trouble_is_asked_again_a_few_times(server: wire.Server, status: str) -> None:
    server.says(wire.reply(b"busy", status))
    slept = wire.Slept()
    error = refused(server.base, f"HTTP {status[:3]}: busy", sleep=slept)
    assert len(server.heard) == TRIES == 3
    assert all(0.2 * 2**n <= wait <= 1.0 * 2**n for n, wait in enumerate(slept.seconds)), "backs off, with jitter"
    assert error.answer is not None and error.answer.body == b"busy"


def test_waits_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = wire.Slept()
    with monkeypatch.context() as patch:
        patch.setattr("random.uniform", lambda low, high: high)
        refused("http://127.0.0.1:9", "no connection", sleep=slept, transport=_unreachable())
    assert slept.seconds == [1.0, 2.0]
    slept = wire.Slept()
    refused("http://127.0.0.1:9", "no connection", sleep=slept, transport=_unreachable())
    refused("http://127.0.0.1:9", "no connection", sleep=slept, transport=_unreachable())
    assert len(set(slept.seconds)) == len(slept.seconds)


@pytest.mark.parametrize(
    "status", ["400 No", "401 Who", "403 Forbidden", "410 Gone", "451 Law", "204 Empty", "304 Same"]
)
def test_a_verdict_is_not_asked_again(server: wire.Server, status: str) -> None:
    server.says(wire.reply(b"", status))
    error = refused(server.base, f"HTTP {status[:3]}")
    assert len(server.heard) == 1
    assert error.answer is not None and error.answer.status == int(status[:3])


def test_recovery_on_the_second_try_is_an_answer(server: wire.Server) -> None:
    server.says(wire.reply(b"", "503 Busy"), wire.reply())
    with wire.client(server.base) as client:
        assert client.get(wire.source(), wire.request()).body == wire.GOOD


def test_an_unknown_series_is_told_apart(server: wire.Server) -> None:
    server.says(wire.reply(b"no such file", "404 Not Found"))
    with wire.client(server.base) as client, pytest.raises(NoSuchSeries, match="no such file"):
        client.get(wire.source(), wire.request())
    assert len(server.heard) == 1


def _http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("after", "least", "most"),
    [("7", 7, 7), (9, 5, 10), (-100, 0, 0), ("soon", 5, 5), ("²", 5, 5), ("Mon, 01 Jan 2001 00:00:00 -0000", 5, 5)],
)
def test_retry_after_is_honoured(server: wire.Server, after: str | int, least: float, most: float) -> None:
    """Seconds, an HTTP date, or something unreadable, which still means: not at once."""
    line = b"Retry-After: " + (after if isinstance(after, str) else _http_date(after)).encode("latin-1")
    answer = wire.reply(b"", "429 Too Many").replace(b"\r\n", b"\r\n" + line + b"\r\n", 1)
    server.says(answer)
    slept = wire.Slept()
    error = refused(server.base, "HTTP 429", sleep=slept)
    assert len(slept.seconds) == TRIES - 1 and all(least <= wait <= most for wait in slept.seconds)
    assert "run again later" in str(error)


def test_a_retry_after_beyond_the_deadline_ends_the_question(server: wire.Server) -> None:
    server.says(wire.reply(b"", "429 Too Many", "Retry-After: 86400"))
    slept = wire.Slept()
    refused(server.base, "HTTP 429", sleep=slept)
    assert (len(server.heard), slept.seconds) == (1, [])


def _unreachable() -> httpx.MockTransport:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    return httpx.MockTransport(fail)


def test_a_closed_port_is_an_error_after_bounded_tries() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    slept = wire.Slept()
    refused(f"http://127.0.0.1:{port}", "no connection to 127.0.0.1", sleep=slept)
    assert len(slept.seconds) == TRIES - 1


def test_an_address_that_takes_no_connection_is_left_alone_by_every_dataset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    refused(base, "no connection", sleep=wire.Slept())
    slept = wire.Slept()
    with wire.client(base, sleep=slept) as another, pytest.raises(HostLeftAlone) as left:
        another.get(wire.source(), wire.request())
    assert f"no connection to 127.0.0.1:{port}" in str(left.value) and slept.seconds == []


Speech = Callable[[socket.socket, bytes], None]


def drip(data: bytes, pause: float = 0.02) -> Speech:
    """One byte at a time: no single read is ever late. Raises OSError when the listener has gone."""

    def send(connection: socket.socket, _: bytes) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return send


@pytest.mark.parametrize(
    "slow",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, 0.005),
        drip(b"HTTP/1.1 200 OK\r\n" + b"X-Endless: " + b"x" * 9999),
        lambda connection, _: time.sleep(60),
    ],
    ids=["body", "header", "silence"],
)
def test_the_deadline_is_total_not_per_read(server: wire.Server, slow: Speech) -> None:
    """Each answer would take the better part of a minute; it is refused while the server still speaks."""
    finished = threading.Event()

    def speak(connection: socket.socket, asked: bytes) -> None:
        slow(connection, asked)
        finished.set()

    server.says(speak)
    refused(server.base, r"no complete answer within 0\.5 s", deadline_seconds=0.5)
    assert not finished.is_set()


def test_tries_and_redirects_share_one_deadline(server: wire.Server) -> None:
    def slow(connection: socket.socket, _: bytes) -> None:
        time.sleep(0.2)
        connection.sendall(wire.reply(b"", "503 Busy"))

    server.says(slow)
    refused(server.base, "HTTP 503|no complete", deadline_seconds=0.3, sleep=time.sleep)
    assert len(server.heard) < TRIES, "a try has a deadline of its own"


@pytest.mark.parametrize(
    "answer",
    [
        wire.reply(wire.GOOD, "200 OK", length=len(wire.GOOD) + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nday,v\r\n5\r\nal",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"not http at all\r\n\r\n",
        b"",
    ],
    ids=["content-length", "chunked", "header", "no-http", "nothing"],
)
def test_an_exchange_that_breaks_off_is_no_answer(server: wire.Server, answer: bytes) -> None:
    server.says(answer)
    refused(server.base, "remote protocol error|read error")
    assert len(server.heard) == TRIES


def test_compressed_bodies_are_read(server: wire.Server) -> None:
    for body, coding in ((gzip.compress(wire.GOOD), "gzip"), (zlib.compress(wire.GOOD), "deflate")):
        server.says(wire.reply(body, "200 OK", f"Content-Encoding: {coding}"))
        with wire.client(server.base) as client:
            assert client.get(wire.source(), wire.request()).body == wire.GOOD


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (gzip.compress(wire.GOOD)[:-9], "cut short"),
        (gzip.compress(wire.GOOD)[:12], "cut short"),
        (gzip.compress(wire.GOOD)[:-8] + bytes(8), "error: Error -3"),
        (gzip.compress(wire.GOOD) + gzip.compress(b"2026-01-16,9\n"), "follow the end"),
        (wire.GOOD, "error: Error -3"),
    ],
    ids=["cut", "cut-early", "checksum", "second-member", "not-gzip"],
)
def test_a_damaged_compressed_body_is_an_error(server: wire.Server, body: bytes, found: str) -> None:
    server.says(wire.reply(body, "200 OK", GZIP))
    refused(server.base, found)


def test_a_coding_that_was_not_asked_for_is_an_error(server: wire.Server) -> None:
    server.says(wire.reply(b"\x8b\x00\x80", "200 OK", "Content-Encoding: br"))
    refused(server.base, "content-encoding 'br' was not asked for")
    assert len(server.heard) == 1
    assert b"Accept-Encoding: gzip\r\n" in server.heard[0]


def flood(head: bytes, block: bytes, blocks: int) -> tuple[wire.Reply, list[int]]:
    sent: list[int] = []

    def send(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        for _ in range(blocks):
            connection.sendall(block)
            sent.append(len(block))

    return send, sent


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()


def endless_trailer() -> bytes:
    return gzip.compress(b"x") + bytes(16 * 2**20)


@pytest.mark.parametrize("body", [bomb(), gzip.compress(bomb()), endless_trailer()], ids=["bomb", "double", "trailer"])
def test_a_bomb_stays_small_in_memory(server: wire.Server, body: bytes) -> None:
    """64 MiB behind 64 KiB, and 16 MiB hidden after the end of a tiny stream."""
    send, _ = flood(wire.reply(b"", "200 OK", GZIP, length=len(body)), body, 1)
    server.says(send)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        with wire.client(server.base) as client, contextlib.suppress(HttpError):
            answer = client.get(wire.source(max_bytes=2**20), wire.request())
            assert len(answer.body) <= 2**20
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 6 * 2**20


def test_a_body_over_the_cap_is_refused_once_and_early(server: wire.Server) -> None:
    send, sent = flood(b"HTTP/1.1 200 OK\r\n\r\n", bytes(2**16), 1000)
    server.says(send)
    error = refused(server.base, "larger than the cap of 1000000 bytes", wire.source(max_bytes=1_000_000))
    assert error.is_final and len(server.heard) == 1, "asking again would only download it again"
    assert sum(sent) < 20 * 2**20


def test_a_body_of_exactly_the_cap_is_accepted(server: wire.Server) -> None:
    server.says(wire.reply(bytes(1000)))
    with wire.client(server.base) as client:
        assert len(client.get(wire.source(max_bytes=1000), wire.request()).body) == 1000
    refused(server.base, "larger than the cap", wire.source(max_bytes=999))


def test_a_million_headers_are_refused(server: wire.Server) -> None:
    send, _ = flood(b"HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n" * 1000, 1000)
    server.says(send)
    refused(server.base, "remote protocol error|read error")


def test_a_host_that_keeps_failing_is_left_alone(server: wire.Server) -> None:
    server.says(wire.reply(b"", "403 Forbidden"))
    with wire.client(server.base) as client:
        for _ in range(BREAKER_AFTER):
            with pytest.raises(HttpError):
                client.get(wire.source(), wire.request())
        with pytest.raises(HostLeftAlone, match=f"{wire.HOST} failed 5 times in a row"):
            client.get(wire.source(), wire.request())
        assert len(server.heard) == BREAKER_AFTER == 5
        server.says(wire.reply())
        assert client.get(wire.source(), wire.request(host=wire.SIBLING)).status == 200, "other hosts go on"


@pytest.mark.parametrize("between", [wire.reply(), wire.reply(b"", "404 Not Found")], ids=["data", "missing"])
def test_only_failures_in_a_row_count(server: wire.Server, between: bytes) -> None:
    """A 404 is the answer of a host that is well."""
    bad = wire.reply(b"", "403 Forbidden")
    server.says(*[bad] * 4, between, *[bad] * 4, wire.reply())
    with wire.client(server.base) as client:
        for _ in range(9):
            with contextlib.suppress(VendorError):
                client.get(wire.source(), wire.request())
        assert client.get(wire.source(), wire.request()).body == wire.GOOD


def test_a_host_that_says_a_file_is_not_there_is_well(server: wire.Server) -> None:
    """In the words its source declares; the same status in other words is a failure like any other."""
    source = wire.source(absent=(403, b"<Code>AccessDenied</Code>"))
    denied = wire.reply(b"<Error><Code>AccessDenied</Code></Error>", "403 Forbidden")
    server.says(*[denied] * 9, wire.reply(b"", "403 Forbidden"))
    with wire.client(server.base) as client:
        for _ in range(9):
            with pytest.raises(HttpError):
                client.get(source, wire.request())
        for _ in range(BREAKER_AFTER):
            with pytest.raises(HttpError):
                client.get(source, wire.request())
        with pytest.raises(HostLeftAlone):
            client.get(source, wire.request())


def paced(mode: str, questions: int) -> list[float]:
    slept = wire.Slept()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(wire.GOOD)))
    vendors = Vendors("live") if mode == "live" else Vendors("base", "http://127.0.0.1:9")
    with Client(vendors, lambda: wire.NOW, transport=transport, sleep=slept) as client:
        threads = [
            threading.Thread(target=client.get, args=(wire.source(pace_seconds=2.0), wire.request()))
            for _ in range(questions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sorted(slept.seconds)


@pytest.mark.parametrize(("is_the_vendors", "waits"), [(False, [0.0, 0.0, 2.0]), (True, [0.0, 2.0, 4.0])])
def test_a_vendor_can_have_one_pace_for_all_its_hosts(is_the_vendors: bool, waits: list[float]) -> None:
    """The SEC counts the questions to all its hosts together."""
    slept = wire.Slept()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(wire.GOOD)))
    asked = wire.source(pace_seconds=2.0, pace_is_the_vendors=is_the_vendors)
    with Client(Vendors("live"), lambda: wire.NOW, transport=transport, sleep=slept) as client:
        for host in (wire.HOST, wire.SIBLING, wire.HOST):
            client.get(asked, wire.request(host=host))
    assert slept.seconds == pytest.approx(waits, abs=0.2)


def test_datasets_of_one_process_share_the_pace_of_a_host() -> None:
    """Each dataset has a client of its own."""
    first, second = (Client(Vendors("live"), lambda: wire.NOW) for _ in range(2))
    waits = [client._turns.taken("a host of this test", 2.0) for client in (first, second)]
    assert waits == pytest.approx([0.0, 2.0], abs=0.2)


def test_pace_belongs_to_live_hosts() -> None:
    assert paced("base", 3) == []
    waits = paced("live", 3)
    assert len(waits) == 3
    assert waits == pytest.approx([0.0, 2.0, 4.0], abs=0.2), "threads queue up for one host"
