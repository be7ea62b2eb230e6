"""The sample vendors as an httpx transport: same URLs and bytes as the real ones, no socket.

Belongs here: one request and the faults that act on it. Does not: any wire format, any list of vendors (``registry``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote

import httpx

from ingestion.sample import registry
from ingestion.sample.faults import kinds, streams, wire
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply, json_reply
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import SAMPLE_NOW
from ingestion.sample.world.market import world

__all__ = ["FAULT_VARIABLE", "SAMPLE_NOW", "Fault", "SampleTransport"]

FAULT_VARIABLE = "UPDRAFT_SAMPLE_FAULT"
_BUILDING = threading.Lock()


class SampleTransport(httpx.BaseTransport):
    """Answers as the vendors would have at ``now``: nothing that became public later is in any answer."""

    def __init__(self, now: datetime = SAMPLE_NOW, fault: Fault | Sequence[Fault] | None = None) -> None:
        """``fault`` None means those in the environment variable UPDRAFT_SAMPLE_FAULT, if it is set.

        Raises ValueError for a ``now`` without a time zone or a fault that cannot be read.
        """
        if now.tzinfo is None:
            raise ValueError(f"now must carry a time zone: {now!r}")
        self._now = now
        if fault is None:
            self._faults = registry.faults_from_text(os.environ.get(FAULT_VARIABLE, ""))
        else:
            self._faults = (fault,) if isinstance(fault, Fault) else tuple(fault)
        self._hits = [0] * len(self._faults)
        self._counting = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered in process."""
        path, _, query_text = request.url.raw_path.decode("ascii").partition("?")
        path, query = unquote(path), dict(parse_qsl(query_text, keep_blank_values=True))
        vendor = registry.vendor_of(request.url.host)
        url = unquote(f"{request.url.host}{path}" + (f"?{query_text}" if query_text else ""))
        acting = self._acting(url, vendor.series(path, query) if vendor else "")
        for fault in acting:
            if fault.kind in wire.RAISED:
                raise httpx.ConnectError(wire.RAISED[fault.kind], request=request)
        if vendor is None:
            answer = json_reply({"error": f"no sample vendor answers for {request.url.host}"}, 404)
        elif request.method != "GET":
            answer = json_reply({"error": f"the sample vendors answer GET only, not {request.method}"}, 405)
        elif any(fault.kind == "key_echo" for fault in acting):
            answer = wire.echo(url)
        else:
            answer = self._answer(vendor, path, query, acting)
        status, headers, body = answer
        stream: httpx.SyncByteStream = httpx.ByteStream(body)
        for fault in acting:
            if fault.kind == "drip":
                stream = streams.Drip(fault, body)
            elif fault.kind == "huge_body":
                stream = streams.Huge(fault, body)
            elif fault.kind == "short_body":
                stream = streams.Short(body, headers["content-length"])
        return httpx.Response(status, headers=headers, stream=stream, request=request)

    def _answer(self, vendor: Vendor, path: str, query: Mapping[str, str], acting: Sequence[Fault]) -> Reply:
        now = self._now
        for fault in acting:
            own = vendor.faults.get(fault.kind)
            if fault.kind == "frozen":
                now -= timedelta(days=fault.number("days", 5))
            elif fault.kind == "other_window":
                query = wire.asked_instead(fault, query, vendor.window, now)
            elif fault.kind == "instead":
                path, query = wire.another_question(fault, path, query)
            elif fault.kind == "missing_symbols":
                path, query = "/missing", {}
            elif own and own.ask:
                query = own.ask(fault, query, now)
        with _BUILDING:
            market = world()
        answer = vendor.answer(market, path, query, now)
        for fault in acting:
            own = vendor.faults.get(fault.kind)
            if own:
                answer = own.spoil(fault, answer) if own.spoil else answer
            else:
                answer = kinds.spoil(fault, answer, lambda a: vendor.table(a) if a[0] == 200 else None)
        return answer

    def _acting(self, url: str, series: str) -> list[Fault]:
        """The faults that act on this request, in the order given; counts the hits of those that heal."""
        acting = []
        for n, fault in enumerate(self._faults):
            if not fault.matches(url) or (fault.kind == "missing_symbols" and not wire.is_missing(fault, series)):
                continue
            with self._counting:
                self._hits[n] += 1
                times = int(fault.number("times", 0))
                if times == 0 or self._hits[n] <= times:
                    acting.append(fault)
        return acting
