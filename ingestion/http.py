"""The one HTTP client: deadlines, byte caps, retries, pace, circuit breaker, redirects, redaction.

Belongs here: everything about treating a vendor's host well and distrusting its answer's size and speed.
Does not: what an answer means (``parse``), where it is kept (``warehouse``). It raises; it never returns "empty".
"""

from __future__ import annotations

import contextlib
import logging
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
from functools import lru_cache
from urllib.parse import quote, urlsplit

import httpx

from ingestion.source import CONTACT, NoSuchSeries, Request, Source, VendorError
from ingestion.transport import Vendors, open_transport, total_deadline

DEADLINE_SECONDS = 60.0  # from the first byte sent to the last received, all tries and redirects together
TRIES = 3
BREAKER_AFTER = 5  # consecutive failures of one host; then the host is left alone for the rest of the run
UNREACHABLE_AFTER = 3  # connections in a row that one address did not take
UNREACHABLE_SECONDS = 120.0  # for how long such an address is left alone, by every dataset of this process
CONNECT_SECONDS = 5.0
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
KEPT_HEADERS = ("content-type", "content-length", "etag", "last-modified", "date", "retry-after", "x-replay-lookahead")
STALL_SECONDS = 20.0  # the longest silence accepted inside the deadline
LEAST_SECRET = 8  # shorter values are not keys, and blanking them would tear data
_SECRET = r"[\w-]*(?:key|token|secret|password|crumb|signature)"
_SECRET_PAIR = re.compile(rf"(?i)({_SECRET})(=|%3D|[\"']\s*:\s*[\"'])([^&\s\"'<>]+)")
_SECRET_PARAM = re.compile(rf"(?i){_SECRET}$")
_SECRET_HEADER = re.compile(r"(?i)authorization|cookie|key|token|secret")
_SECRET_ENV = re.compile(r"(?i)(_API_KEY|_TOKEN|_SECRET|_PASSWORD)$")


class HttpError(VendorError):
    """The vendor answered with a status that is not data, or did not answer. ``answer`` holds what was received."""

    answer: Response | None = None
    is_final: bool = False  # asking again cannot help: what the vendor sent is refused on principle
    is_unreachable: bool = False  # there was no connection to ask on


class HostLeftAlone(VendorError):
    """Not asked: the host failed too often in this run."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: redacted URL, status, headers kept, decompressed body and the moment it was received (UTC)."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime


@lru_cache(maxsize=256)
def _secret_parameters(url: str) -> frozenset[str]:
    return frozenset(value for name, value in httpx.URL(url).params.multi_items() if _SECRET_PARAM.match(name))


def secrets_of(request: Request | None = None) -> list[str]:
    """Values that must appear nowhere, longest first: of key-like environment variables and of a request's own keys."""
    values = {value.strip() for name, value in os.environ.items() if _SECRET_ENV.search(name)}
    if request is not None:
        values |= _secret_parameters(request.url)
        for name, value in request.headers:
            if _SECRET_HEADER.search(name):
                values |= {value.strip(), *value.split()}
    long = {value for value in values if len(value) >= LEAST_SECRET}
    return sorted(long | {quote(value, safe="") for value in long}, key=len, reverse=True)


def _key_of(source: Source) -> str:
    return os.environ.get(source.key_variable, "").strip() if source.key_variable else ""


def lacking(source: Source, vendors: Vendors) -> str:
    """The environment variable without which the vendor is not asked and which is not set: of its key, or the contact.

    Empty where nothing is lacking. The built-in vendors need no contact; a mirror wants what the vendor wants.
    """
    if source.key_variable and not _key_of(source):
        return source.key_variable
    is_anonymous = source.needs_contact and vendors.mode != "sample" and "@" not in os.environ.get(CONTACT, "")
    return CONTACT if is_anonymous else ""


def redact(text: str, request: Request | None = None) -> str:
    """``text`` without secrets: ``key=value`` pairs that look like one, and the values of :func:`secrets_of`."""
    clean = _SECRET_PAIR.sub(r"\1\2REDACTED", text)
    for value in secrets_of(request):
        clean = clean.replace(value, "REDACTED")
    return clean


def _without_secrets(body: bytes, request: Request) -> bytes:
    """A vendor may echo a key; landing must not keep it. Only exact values go, so data is never touched by a guess."""
    for value in secrets_of(request):
        body = body.replace(value.encode(), b"REDACTED")
    return body


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True


logging.getLogger("httpx").addFilter(_redact_record)  # logs whole URLs
for _trace in ("httpcore.connection", "httpcore.http11"):  # log whole header lines, in which a vendor may echo a key
    logging.getLogger(_trace).addFilter(lambda record: False)


class _Reachability:
    """Which addresses took no connection lately; threads and clients may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: dict[str, int] = defaultdict(int)
        self._until: dict[str, float] = {}

    def is_left_alone(self, address: str) -> bool:
        with self._lock:
            return time.monotonic() < self._until.get(address, 0.0)

    def refused(self, address: str) -> None:
        with self._lock:
            self._refused[address] += 1
            if self._refused[address] >= UNREACHABLE_AFTER:
                self._until[address] = time.monotonic() + UNREACHABLE_SECONDS
                self._refused[address] = 0

    def taken(self, address: str) -> None:
        with self._lock:
            self._refused.pop(address, None)
            self._until.pop(address, None)


class _Turns:
    """When each host, or vendor, may be asked again; threads and clients may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = defaultdict(float)

    def taken(self, whose: str, pace: float) -> float:
        """Take the next turn; returns the seconds to wait for it."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._free_at[whose])
            self._free_at[whose] = start + pace
        return start - now


# each dataset has a client of its own; a dead network is dead for all of them, and a host sees all of them
_REACHABILITY, _TURNS = _Reachability(), _Turns()


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
        contact = os.environ.get(CONTACT, "no contact given")
        self._http = httpx.Client(
            transport=transport or open_transport(vendors, clock()),
            follow_redirects=False,
            trust_env=vendors.mode == "live",
            headers={"User-Agent": f"updraft/0.1 (research; {contact})", "Accept": "*/*", "Accept-Encoding": "gzip"},
        )
        self._lock = threading.Lock()
        self._failures: dict[str, int] = defaultdict(int)
        self._reachability = _REACHABILITY if transport is None else _Reachability()
        self._turns = _TURNS if transport is None else _Turns()

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, source: Source, request: Request) -> Response:
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
        address = self._address(host)
        if self._reachability.is_left_alone(address):
            raise HostLeftAlone(
                source.dataset, request.series, "the vendor must be reachable",
                f"no connection to {address}", "Check the network, then run again.",
            )  # fmt: skip
        ends = time.monotonic() + self._deadline
        problem: HttpError | None = None
        for attempt in range(TRIES):
            self._wait_turn(source.vendor if source.pace_is_the_vendors else host, source.pace_seconds)
            try:
                answer = self._ask(source, request, ends)
            except HttpError as error:
                problem = error
                (self._reachability.refused if error.is_unreachable else self._reachability.taken)(address)
                wait = _backoff(attempt, error.answer)
                is_last = attempt == TRIES - 1 or self._reachability.is_left_alone(address)
                if is_last or time.monotonic() + wait >= ends or not _may_retry(error):
                    break
                self._sleep(wait)
                continue
            self._reachability.taken(address)
            with self._lock:
                self._failures[host] = 0
            return answer
        assert problem is not None
        # A host that says a question is wrong (400, 404, 422) is well; one that refuses or fails is not.
        is_missing = problem.answer is not None and problem.answer.status == 404
        is_well = problem.answer is not None and (
            problem.answer.status in (400, 404, 422) or says_absent(source, problem.answer)
        )
        with self._lock:
            self._failures[host] = 0 if is_well else self._failures[host] + 1
        if is_missing:
            raise NoSuchSeries(source.dataset, request.series, "the vendor must know the series", problem.found)
        raise problem

    def _address(self, host: str) -> str:
        """Where a host's questions go: to the base URL's server where there is one."""
        return urlsplit(self._vendors.base).netloc or host

    def _wait_turn(self, whose: str, pace: float) -> None:
        if self._vendors.is_paced and pace > 0:
            self._sleep(self._turns.taken(whose, pace))

    def _ask(self, source: Source, request: Request, ends: float) -> Response:
        url = httpx.URL(request.url)
        if source.key_variable:
            key = _key_of(source)
            if len(key) < LEAST_SECRET:  # it could not be told from data, so it could not be kept out of landing
                found = f"a shorter one, or none, in {source.key_variable}"
                raise self._error(
                    source, request, f"a key has at least {LEAST_SECRET} characters, not {found}", None, is_final=True
                )
            url = url.copy_add_param(source.key_parameter, key)
        for _ in range(4):
            answer, location = self._once(source, request, url, ends)
            if answer.status not in (301, 302, 303, 307, 308):
                if answer.status != 200:
                    raise self._error(source, request, f"HTTP {answer.status}: {_excerpt(answer.body)}", answer)
                return answer
            url = self._redirected(source, request, url, location, answer)
        raise self._error(source, request, "more than 3 redirects", answer)

    def _redirected(
        self, source: Source, request: Request, url: httpx.URL, location: str, answer: Response
    ) -> httpx.URL:
        """Where a redirect leads, if that is https on the default port of an allowed host."""
        target: httpx.URL | None = None
        with contextlib.suppress(httpx.InvalidURL, ValueError):
            target = url.join(location) if location else None
        if target is None:
            raise self._error(source, request, f"redirect to nowhere: {location[:80]!r}", answer)
        if target.scheme != "https" or target.host not in source.hosts or target.port is not None:
            asked = f"{target.scheme}://{target.netloc.decode('ascii', 'replace')}"
            raise self._error(source, request, f"redirect to {asked} is not among the hosts allowed", answer)
        return target

    def _once(self, source: Source, request: Request, url: httpx.URL, ends: float) -> tuple[Response, str]:
        """One exchange: the answer, redacted, and the redirect target as it came."""
        late, is_unreachable = f"no complete answer within {self._deadline:g} s", False
        left = ends - time.monotonic()
        if left <= 0:
            raise self._error(source, request, late, None)
        try:
            with (
                total_deadline(ends),
                self._http.stream(
                    "GET",
                    url,
                    headers=dict(request.headers),
                    timeout=httpx.Timeout(min(left, STALL_SECONDS), connect=min(left, CONNECT_SECONDS)),
                ) as reply,
            ):
                body = _without_secrets(self._body(source, request, reply, ends), request)
                kept = {k: redact(v, request) for k, v in reply.headers.items() if k in KEPT_HEADERS}
                answer = Response(redact(str(url), request), reply.status_code, kept, body, self._clock())
                return answer, reply.headers.get("location", "")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem, is_unreachable = (
                f"no connection to {self._address(url.host)}: {error or 'it did not answer in time'}",
                True,
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, zlib.error) as error:
            problem = late if time.monotonic() >= ends else f"{_words(error)}: {error}"
        # Raised outside the handler: as context, the client's own exception would carry the URL with its key.
        failed = self._error(source, request, problem, None)
        failed.is_unreachable = is_unreachable
        raise failed

    def _body(self, source: Source, request: Request, reply: httpx.Response, ends: float) -> bytes:
        """The decompressed body, never more than ``max_bytes`` of it in memory."""
        coding = reply.headers.get("content-encoding", "identity").lower()
        if coding not in ("gzip", "deflate", "identity"):
            raise self._error(source, request, f"content-encoding {coding!r} was not asked for", None, is_final=True)
        gzip = None if coding == "identity" else zlib.decompressobj(wbits=47)
        parts: list[bytes] = []
        size = received = 0
        for chunk in reply.iter_raw():
            rest = chunk
            received += len(chunk)
            while rest:
                if gzip is None:
                    out, rest = rest, b""
                else:
                    out = gzip.decompress(rest, 2**20)
                    rest = gzip.unconsumed_tail
                size += len(out)
                if max(size, received) > source.max_bytes:
                    found = f"body is larger than the cap of {source.max_bytes} bytes"
                    raise self._error(source, request, found, None, is_final=True)
                parts.append(out)
            if gzip is not None and gzip.unused_data:
                raise self._error(source, request, "bytes follow the end of the compressed body", None)
            if time.monotonic() > ends:
                raise self._error(source, request, f"no complete answer within {self._deadline:g} s", None)
        if gzip is not None and not gzip.eof:
            raise self._error(source, request, "compressed body is cut short", None)
        return b"".join(parts)

    def _error(
        self, source: Source, request: Request, found: str, answer: Response | None, *, is_final: bool = False
    ) -> HttpError:
        hint = "Vendor asks for patience: run again later." if answer and answer.status == 429 else ""
        if answer and source.key_variable and source.key_parameter.encode() in answer.body:
            hint = f"The vendor does not take the key: check the value of {source.key_variable}."
        clean = redact(found, request)
        error = HttpError(source.dataset, request.series, "the vendor must answer with data", clean, hint)
        error.answer, error.is_final = answer, is_final
        return error


def says_absent(source: Source, answer: Response) -> bool:
    """Whether the vendor says, in its own way (``Source.absent``), that a file is not there (yet)."""
    return source.absent is not None and answer.status == source.absent[0] and source.absent[1] in answer.body


def _words(error: Exception) -> str:
    """The name of an exception as words: RemoteProtocolError becomes 'remote protocol error'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()


def _may_retry(error: HttpError) -> bool:
    return not error.is_final and (error.answer is None or error.answer.status in RETRY_STATUS)


def _backoff(attempt: int, answer: Response | None) -> float:
    """Seconds to wait: Retry-After (seconds or HTTP date) where given, else exponential with full jitter."""
    after = answer.headers.get("retry-after", "") if answer else ""
    if after.isascii() and after.isdigit():
        return float(after)
    if after:
        try:
            until: datetime = parsedate_to_datetime(after)
            return max(0.0, (until - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return 5.0  # a Retry-After nobody can read still means: not at once
    return random.uniform(0.2, 1.0) * 2.0**attempt


def _excerpt(body: bytes) -> str:
    return redact(" ".join(body[:200].decode("utf-8", "replace").split()))
