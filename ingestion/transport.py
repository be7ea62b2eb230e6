"""Where the bytes come from: the built-in sample vendors, the real vendors, or a base URL that answers like them.

Belongs here: parsing ``UPDRAFT_VENDORS`` and choosing the httpx transport. Does not: retries, deadlines, parsing.
The whole path after the transport is the same for all three.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import httpx


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
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and not parts.query and "@" not in parts.netloc:
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


class BaseUrlTransport(httpx.BaseTransport):
    """Sends ``https://HOST/PATH?QUERY`` as ``BASE/HOST/PATH?QUERY``; the path's escapes are kept as they are."""

    def __init__(self, base: str) -> None:
        """``base`` is a URL without a trailing slash."""
        self._base = base
        self._inner = httpx.HTTPTransport(http2=False, retries=0)

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
    return httpx.HTTPTransport(http2=False, retries=0)
