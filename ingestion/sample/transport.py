"""The sample vendors as an httpx transport: same URLs and bytes as the real ones, no socket.

Belongs here: which vendor answers which host, and the injection of faults. Does not: any wire format.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote

import httpx

from ingestion.sample import cboe_csv, coinbase_json, fred_csv, ishares_xml, sp500_csv, yahoo_chart
from ingestion.sample.answer import Answer, json_answer
from ingestion.sample.clock import SAMPLE_NOW
from ingestion.sample.faults import Fault
from ingestion.sample.world import World, world

__all__ = ["FAULT_VARIABLE", "SAMPLE_NOW", "Fault", "SampleTransport"]

FAULT_VARIABLE = "UPDRAFT_SAMPLE_FAULT"
Vendor = Callable[[World, str, Mapping[str, str], datetime], Answer]
VENDORS: dict[str, Vendor] = {
    "query1.finance.yahoo.com": yahoo_chart.answer,
    "query2.finance.yahoo.com": yahoo_chart.answer,
    "raw.githubusercontent.com": sp500_csv.answer,
    "fred.stlouisfed.org": fred_csv.answer,
    "cdn.cboe.com": cboe_csv.answer,
    "www.blackrock.com": ishares_xml.answer,
    "api.exchange.coinbase.com": coinbase_json.answer,
}
_BUILDING = threading.Lock()


class _Drip(httpx.SyncByteStream):
    """A body that comes slowly."""

    def __init__(self, fault: Fault, body: bytes) -> None:
        self._fault, self._body = fault, body

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._fault.chunks(self._body):
            time.sleep(self._fault.number("seconds", 0.05))
            yield chunk


class SampleTransport(httpx.BaseTransport):
    """Answers as the vendors would have at ``now``: nothing that became public later is in any answer."""

    def __init__(self, now: datetime = SAMPLE_NOW, fault: Fault | None = None) -> None:
        """``fault`` None means the one in the environment variable UPDRAFT_SAMPLE_FAULT, if it is set.

        Raises ValueError for a ``now`` without a time zone or a fault that cannot be read.
        """
        if now.tzinfo is None:
            raise ValueError(f"now must carry a time zone: {now!r}")
        text = os.environ.get(FAULT_VARIABLE, "")
        self._now = now
        self._fault = fault or (Fault.from_text(text) if text else None)
        self._hits = 0
        self._counting = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered in process."""
        path, _, query_text = request.url.raw_path.decode("ascii").partition("?")
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        host = request.url.host
        fault = self._acting(unquote(f"{host}{path}" + (f"?{query_text}" if query_text else "")))
        now = self._now
        if fault and fault.kind == "frozen":
            now -= timedelta(days=fault.number("days", 5))
        if host not in VENDORS:
            answer = json_answer({"error": f"no sample vendor answers for {host}"}, 404)
        elif request.method != "GET":
            answer = json_answer({"error": f"the sample vendors answer GET only, not {request.method}"}, 405)
        else:
            with _BUILDING:
                market = world()
            if fault and fault.kind == "missing_symbols":
                answer = VENDORS[host](market, "/missing", {}, now)
            else:
                answer = VENDORS[host](market, unquote(path), query, now)
            if fault:
                answer = fault.spoil(answer)
        status, headers, body = answer
        if fault and fault.kind == "drip":
            return httpx.Response(status, headers=headers, stream=_Drip(fault, body), request=request)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body), request=request)

    def _acting(self, url: str) -> Fault | None:
        """The fault, if it acts on this request; counts the hits of a fault that heals."""
        fault = self._fault
        if fault is None or not fault.matches(url):
            return None
        if fault.kind == "missing_symbols" and not fault.is_missing(url):
            return None
        with self._counting:
            self._hits += 1
            times = int(fault.number("times", 0))
            return fault if times == 0 or self._hits <= times else None
