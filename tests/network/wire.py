"""A loopback server that says exactly the bytes a test wants, and the source and client that ask it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from ingestion.body import Body, guarded
from ingestion.http import Client
from ingestion.source import Column, Request, Source
from ingestion.transport import Vendors

HOST, SIBLING = "data.vendor.example", "files.vendor.example"
NOW = datetime(2026, 1, 16, 1, tzinfo=UTC)
Reply = bytes | Callable[[socket.socket, bytes], None]
COLUMNS = {
    "day": Column(pl.Date(), "date", "Day of the observation"),
    "value": Column(pl.Float64(), "ratio", "What was observed"),
}
GOOD = b"day,value\n2026-01-14,1.5\n2026-01-15,2.5\n"


@guarded("numbers", COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    table = body.csv(list(COLUMNS))
    days = body.dates(table["day"], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    return pl.DataFrame([days, table["value"].cast(pl.Float64, strict=True)])


def source(**changes: Any) -> Source:
    known_at = pl.Series([NOW], dtype=pl.Datetime("us", "UTC"))
    declared: dict[str, Any] = {
        "dataset": "numbers", "vendor": "vendor", "title": "Numbers", "columns": COLUMNS, "key": ("day",),
        "observed": "day", "cadence": "daily", "tier": "core",
        "criticality": "required", "licence": "none", "known_at": lambda frame: known_at, "parse": parse,
        "hosts": (HOST, SIBLING),
    }  # fmt: skip
    return Source(**declared | changes)


def request(series: str = "one", path: str = "/numbers.csv", host: str = HOST, **more: Any) -> Request:
    return Request(series, f"https://{host}{path}", date(2026, 1, 1), date(2026, 1, 15), NOW, **more)


def reply(body: bytes = GOOD, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """A whole HTTP/1.1 answer. ``length`` states another Content-Length than the true one; -1 states none."""
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Server:
    """Answers the nth connection with the nth reply, the last one for ever; keeps what was asked."""

    base: str = ""
    replies: list[Reply] = field(default_factory=lambda: [reply()])
    heard: list[bytes] = field(default_factory=list)

    def says(self, *replies: Reply) -> None:
        self.replies = list(replies)

    @property
    def targets(self) -> list[str]:
        return [text.split(b" ")[1].decode() for text in self.heard]

    def answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with contextlib.suppress(OSError), connection:
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += connection.recv(65536)
            self.heard.append(asked)
            what = self.replies[min(len(self.heard), len(self.replies)) - 1]
            if callable(what):
                what(connection, asked)
            else:
                connection.sendall(what)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server on a free loopback port, gone at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=server.answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()


@dataclass
class Slept:
    """Stands in for time.sleep and remembers."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def client(base: str, **more: Any) -> Client:
    return Client(Vendors("base", base), lambda: NOW, **{"sleep": lambda seconds: None} | more)
