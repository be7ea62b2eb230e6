"""Where the bytes come from: the built-in sample vendors, the real vendors, or a base URL that answers like them.

Belongs here: parsing ``UPDRAFT_VENDORS`` and choosing the httpx transport. Does not: retries, deadlines, parsing.
The whole path after the transport is the same for all three.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

import httpcore
import httpx

_ENDS: ContextVar[float] = ContextVar("ends", default=float("inf"))


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendors mode. ``base`` is set for base-URL vendors: ``https://HOST/PATH`` is asked as ``BASE/HOST/PATH``."""

    mode: Literal["sample", "live", "base"]
    base: str = ""

    @classmethod
    def from_text(cls, text: str) -> Vendors:
        """Parse ``sample``, ``live`` or an http(s) URL. Raises ValueError with what is allowed."""
        if text == "sample":
            return cls("sample")
        if text == "live":
            return cls("live")
        with contextlib.suppress(ValueError):
            parts = urlsplit(text)
            plain = not (parts.query or parts.fragment or "@" in parts.netloc)
            if parts.scheme in ("http", "https") and parts.hostname and plain and parts.port != 0:
                return cls("base", text.rstrip("/"))
        raise ValueError(f"vendors must be 'sample', 'live' or a base URL such as http://127.0.0.1:8099, not {text!r}")

    @property
    def world(self) -> Literal["sample", "real"]:
        """Which seeds apply."""
        return "sample" if self.mode == "sample" else "real"

    @property
    def slug(self) -> str:
        """The home folder's name: one home per vendors mode."""
        return (
            self.mode
            if self.mode != "base"
            else re.sub(r"[^A-Za-z0-9.]+", "-", urlsplit(self.base).netloc + urlsplit(self.base).path).strip("-")
        )

    @property
    def is_paced(self) -> bool:
        """Pace belongs to the real vendors' hosts; the sample and mirrors need none."""
        return self.mode == "live"

    def __str__(self) -> str:
        """The text it was parsed from."""
        return self.base or self.mode


@contextlib.contextmanager
def total_deadline(ends: float) -> Iterator[None]:
    """No read, write or handshake of this thread outlasts ``ends`` (monotonic seconds).

    httpx has a timeout for each read only: a server that drips the bytes of a header could hold a request for weeks.
    """
    token = _ENDS.set(ends)
    try:
        yield
    finally:
        _ENDS.reset(token)


def _left(timeout: float | None) -> float:
    left = _ENDS.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the total deadline has passed")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(super().connect_tcp(host, port, _left(timeout), local_address, socket_options))


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # reads the certificates: 50 ms


class SocketTransport(httpx.HTTPTransport):
    """httpx over sockets that obey :func:`total_deadline`."""

    def __init__(self) -> None:
        """HTTP/1.1; retries are the client's."""
        super().__init__(verify=_trusted(), http2=False, retries=0)
        self._pool = httpcore.ConnectionPool(ssl_context=_trusted(), keepalive_expiry=5.0, network_backend=_Backend())


class BaseUrlTransport(httpx.BaseTransport):
    """Sends ``https://HOST/PATH?QUERY`` as ``BASE/HOST/PATH?QUERY``; the path's escapes are kept as they are."""

    def __init__(self, base: str) -> None:
        """``base`` is a URL without a trailing slash."""
        self._base = base
        self._inner = SocketTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Rewrite the address and the Host header, nothing else."""
        target = httpx.URL(f"{self._base}/{request.url.host}{request.url.raw_path.decode('ascii')}")
        request.headers["Host"] = target.netloc.decode("ascii")
        return self._inner.handle_request(
            httpx.Request(
                request.method, target, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )

    def close(self) -> None:
        """Close the connection pool."""
        self._inner.close()


def open_transport(vendors: Vendors, now: datetime) -> httpx.BaseTransport:
    """The transport of a vendors mode. ``now`` is the moment the sample world has reached."""
    if vendors.mode == "sample":
        from ingestion.sample.transport import SampleTransport

        return SampleTransport(now)
    if vendors.mode == "base":
        return BaseUrlTransport(vendors.base)
    return SocketTransport()
