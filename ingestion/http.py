"""The one HTTP client: deadlines, byte caps, retries, pace, circuit breaker, redirects, redaction.

Belongs here: everything about treating a vendor's host well and distrusting its answer's size and speed.
Does not: what an answer means (``parse``), where it is kept (``warehouse``). It raises; it never returns "empty".
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ingestion.source import NoSuchSeries, Request, Source, VendorError
from ingestion.transport import Vendors, open_transport

DEADLINE_SECONDS = 60.0  # from the first byte sent to the last received, all tries and redirects together
TRIES = 3
BREAKER_AFTER = 5  # consecutive failures of one host; then the host is left alone for the rest of the run
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
KEPT_HEADERS = ("content-type", "content-length", "etag", "last-modified", "date", "retry-after", "x-replay-lookahead")
_SECRET_NAME = re.compile(r"(?i)\b(api[_-]?key|apikey|token|access[_-]?key|secret|password|crumb)=([^&\s\"']+)")
_SECRET_ENV = re.compile(r"(?i)(_API_KEY|_TOKEN|_SECRET|_PASSWORD)$")


class HttpError(VendorError):
    """The vendor answered with a status that is not data, or did not answer. ``answer`` holds what was received."""

    answer: Answer | None = None


class HostLeftAlone(VendorError):
    """Not asked: the host failed too often in this run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: redacted URL, status, the headers kept, decompressed body and the moment it was received (UTC)."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime


def redact(text: str) -> str:
    """``text`` without secrets: values of key-like query parameters and of key-like environment variables."""
    clean = _SECRET_NAME.sub(r"\1=REDACTED", text)
    for name, value in os.environ.items():
        if _SECRET_ENV.search(name) and len(value) >= 8:
            clean = clean.replace(value, "REDACTED")
    return clean


class Client:
    """One client for a run; threads may share it. Use as a context manager."""

    def __init__(
        self,
        vendors: Vendors,
        clock: Callable[[], datetime],
        *,
        transport: httpx.BaseTransport | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``clock`` stamps answers (UTC); ``transport`` replaces the mode's own in tests."""
        self._vendors, self._clock, self._deadline, self._sleep = vendors, clock, deadline_seconds, sleep
        contact = os.environ.get("UPDRAFT_CONTACT", "no contact given")
        self._http = httpx.Client(
            transport=transport or open_transport(vendors, clock()),
            follow_redirects=False,
            trust_env=vendors.mode == "live",
            headers={"User-Agent": f"updraft/0.1 (research; {contact})", "Accept": "*/*", "Accept-Encoding": "gzip"},
        )
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = defaultdict(float)
        self._failures: dict[str, int] = defaultdict(int)

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, source: Source, request: Request) -> Answer:
        """Ask once, with retries. Raises NoSuchSeries on 404, HttpError on any other refusal, HostLeftAlone if open."""
        host = httpx.URL(request.url).host
        if host not in source.hosts:
            raise HttpError(source.dataset, request.series, f"host must be one of {source.hosts}", host)
        if self._failures[host] >= BREAKER_AFTER:
            raise HostLeftAlone(
                source.dataset,
                request.series,
                f"{host} failed {BREAKER_AFTER} times in a row",
                "not asked",
                "Run again later.",
            )
        ends = time.monotonic() + self._deadline
        problem: HttpError | None = None
        for attempt in range(TRIES):
            self._wait_turn(host, source.pace_seconds)
            try:
                answer = self._ask(source, request, ends)
            except HttpError as error:
                problem = error
                wait = _backoff(attempt, error.answer)
                if time.monotonic() + wait >= ends or attempt == TRIES - 1 or not _may_retry(error):
                    break
                self._sleep(wait)
                continue
            with self._lock:
                self._failures[host] = 0
            return answer
        assert problem is not None
        status = problem.answer.status if problem.answer else 0
        if status == 404:
            missing = NoSuchSeries(source.dataset, request.series, "the vendor must know the series", problem.found)
            missing.__cause__ = None
            raise missing from None
        with self._lock:
            self._failures[host] += 1
        raise problem from None

    def _wait_turn(self, host: str, pace: float) -> None:
        if not self._vendors.is_paced or pace <= 0:
            return
        with self._lock:
            start = max(time.monotonic(), self._free_at[host])
            self._free_at[host] = start + pace
        self._sleep(max(0.0, start - time.monotonic()))

    def _ask(self, source: Source, request: Request, ends: float) -> Answer:
        url = httpx.URL(request.url)
        for _ in range(4):
            answer = self._once(source, request, url, ends)
            if answer.status not in (301, 302, 303, 307, 308):
                if answer.status != 200:
                    raise self._error(source, request, f"HTTP {answer.status}: {_excerpt(answer.body)}", answer)
                return answer
            url = url.join(answer.headers.get("location", ""))
            if url.scheme != "https" or url.host not in source.hosts:
                raise self._error(
                    source, request, f"redirect to {url.scheme}://{url.host} is not among the hosts allowed", answer
                )
        raise self._error(source, request, "more than 3 redirects", None)

    def _once(self, source: Source, request: Request, url: httpx.URL, ends: float) -> Answer:
        left = ends - time.monotonic()
        if left <= 0:
            raise self._error(source, request, f"no complete answer within {self._deadline:.0f} s", None)
        try:
            with self._http.stream(
                "GET", url, headers=dict(request.headers), timeout=httpx.Timeout(min(left, 20.0))
            ) as reply:
                body = self._body(source, request, reply, ends)
                kept = {k: redact(v) for k, v in reply.headers.items() if k in KEPT_HEADERS or k == "location"}
                return Answer(redact(str(url)), reply.status_code, kept, body, self._clock())
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise self._error(source, request, f"{type(error).__name__}: {error}", None) from None

    def _body(self, source: Source, request: Request, reply: httpx.Response, ends: float) -> bytes:
        """The decompressed body, never more than ``max_bytes`` of it in memory."""
        gzip = (
            zlib.decompressobj(wbits=47)
            if reply.headers.get("content-encoding", "").lower() in ("gzip", "deflate")
            else None
        )
        parts: list[bytes] = []
        size = 0
        for chunk in reply.iter_raw():
            rest = chunk
            while rest:
                if gzip is None:
                    out, rest = rest, b""
                else:
                    out = gzip.decompress(rest, 2**20)
                    rest = gzip.unconsumed_tail
                size += len(out)
                if size > source.max_bytes:
                    raise self._error(source, request, f"body is larger than the cap of {source.max_bytes} bytes", None)
                parts.append(out)
            if time.monotonic() > ends:
                raise self._error(source, request, f"no complete answer within {self._deadline:.0f} s", None)
        if gzip is not None and not gzip.eof:
            raise self._error(source, request, "compressed body is cut short", None)
        return b"".join(parts)

    def _error(self, source: Source, request: Request, found: str, answer: Answer | None) -> HttpError:
        hint = "Vendor asks for patience: run again later." if answer and answer.status == 429 else ""
        error = HttpError(source.dataset, request.series, "the vendor must answer with data", redact(found), hint)
        error.answer = answer
        return error


def _may_retry(error: HttpError) -> bool:
    return error.answer is None or error.answer.status in RETRY_STATUS


def _backoff(attempt: int, answer: Answer | None) -> float:
    """Seconds to wait: Retry-After (seconds or HTTP date) where given, else exponential with full jitter."""
    after = answer.headers.get("retry-after", "") if answer else ""
    if after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return 5.0  # a Retry-After nobody can read still means: not at once
    return random.uniform(0.2, 1.0) * 2**attempt


def _excerpt(body: bytes) -> str:
    return redact(" ".join(body[:200].decode("utf-8", "replace").split()))
