"""Bodies that come slowly, break off or do not end: faults of time and length.

Belongs here: the streams. Does not: faults of a whole answer (``wire``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from ingestion.sample.faults.text import Fault

MIB = 2**20


class Drip(httpx.SyncByteStream):
    """A body that comes slowly."""

    def __init__(self, fault: Fault, body: bytes) -> None:
        """``body`` in chunks of ``size``, ``seconds`` apart."""
        self._fault, self._body = fault, body

    def __iter__(self) -> Iterator[bytes]:
        """The chunks."""
        size = int(self._fault.number("size", 1))
        for start in range(0, len(self._body), size):
            time.sleep(self._fault.number("seconds", 0.05))
            yield self._body[start : start + size]


class Short(httpx.SyncByteStream):
    """A body that ends before its promised length, as an HTTP library reports it."""

    def __init__(self, body: bytes, promised: str) -> None:
        """``body`` is what arrives."""
        self._body, self._promised = body, promised

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, then the error."""
        yield self._body
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._body)} bytes, expected {self._promised})"
        )


class Huge(httpx.SyncByteStream):
    """A body over and over, so many MiB of it."""

    def __init__(self, fault: Fault, body: bytes) -> None:
        """``body`` is repeated."""
        self._fault, self._body = fault, body

    def __iter__(self) -> Iterator[bytes]:
        """One MiB or more at a time."""
        block = self._body * (MIB // max(1, len(self._body)) + 1)
        for _ in range(int(self._fault.number("mib", 10_240))):
            yield block
