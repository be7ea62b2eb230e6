"""The sample vendors as an httpx transport: same URLs and bytes as the real ones, no socket.

Belongs here: which vendor answers which host, and the injection of faults. Does not: any wire format.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote

import httpx

from ingestion.sample import (
    alfred_csv,
    cboe_csv,
    coinbase_json,
    fault_streams,
    fault_wire,
    fred_csv,
    ishares_xml,
    llama_json,
    sp500_csv,
    ssga_xlsx,
    yahoo_chart,
)
from ingestion.sample.answer import Answer, json_answer
from ingestion.sample.clock import SAMPLE_NOW
from ingestion.sample.faults import Fault, faults_from_text, spoil
from ingestion.sample.world import World, world

__all__ = ["FAULT_VARIABLE", "SAMPLE_NOW", "Fault", "SampleTransport"]

FAULT_VARIABLE = "UPDRAFT_SAMPLE_FAULT"
Vendor = Callable[[World, str, Mapping[str, str], datetime], Answer]
VENDORS: dict[str, Vendor] = {
    "query1.finance.yahoo.com": yahoo_chart.answer,
    "query2.finance.yahoo.com": yahoo_chart.answer,
    "raw.githubusercontent.com": sp500_csv.answer,
    "fred.stlouisfed.org": fred_csv.answer,
    "alfred.stlouisfed.org": alfred_csv.answer,
    "cdn.cboe.com": cboe_csv.answer,
    "www.blackrock.com": ishares_xml.answer,
    "api.exchange.coinbase.com": coinbase_json.answer,
    "www.ssga.com": ssga_xlsx.answer,
    "stablecoins.llama.fi": llama_json.answer,
}
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
            self._faults = faults_from_text(os.environ.get(FAULT_VARIABLE, ""))
        else:
            self._faults = (fault,) if isinstance(fault, Fault) else tuple(fault)
        self._hits = [0] * len(self._faults)
        self._counting = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered in process."""
        path, _, query_text = request.url.raw_path.decode("ascii").partition("?")
        url = unquote(f"{request.url.host}{path}" + (f"?{query_text}" if query_text else ""))
        acting = self._acting(url)
        for fault in acting:
            if fault.kind in fault_wire.RAISED:
                raise httpx.ConnectError(fault_wire.RAISED[fault.kind], request=request)
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        status, headers, body = self._answer(request, unquote(path), query, url, acting)
        stream: httpx.SyncByteStream = httpx.ByteStream(body)
        for fault in acting:
            if fault.kind == "drip":
                stream = fault_streams.Drip(fault, body)
            elif fault.kind == "huge_body":
                stream = fault_streams.Huge(fault, body)
            elif fault.kind == "short_body":
                stream = fault_streams.Short(body, headers["content-length"])
        return httpx.Response(status, headers=headers, stream=stream, request=request)

    def _answer(
        self, request: httpx.Request, path: str, query: dict[str, str], url: str, acting: Sequence[Fault]
    ) -> Answer:
        host, now = request.url.host, self._now
        if host not in VENDORS:
            return json_answer({"error": f"no sample vendor answers for {host}"}, 404)
        if request.method != "GET":
            return json_answer({"error": f"the sample vendors answer GET only, not {request.method}"}, 405)
        for fault in acting:
            if fault.kind == "frozen":
                now -= timedelta(days=fault.number("days", 5))
            elif fault.kind == "other_window":
                query = fault_wire.asked_instead(fault, query, now)
            elif fault.kind == "ignore_vintage":
                today = fred_csv.published_day(now).isoformat()
                query = {"id": query.get("id", "").partition(",")[0], "vintage_date": today}
            elif fault.kind == "instead":
                path, query = fault_wire.another_question(fault, path, query)
            elif fault.kind == "missing_symbols":
                path, query = "/missing", {}
            elif fault.kind == "key_echo":
                return fault_wire.echo(fault, url)
        with _BUILDING:
            market = world()
        answer = VENDORS[host](market, path, query, now)
        for fault in acting:
            answer = spoil(fault, answer)
        return answer

    def _acting(self, url: str) -> list[Fault]:
        """The faults that act on this request, in the order given; counts the hits of those that heal."""
        acting = []
        for n, fault in enumerate(self._faults):
            if not fault.matches(url) or (fault.kind == "missing_symbols" and not fault_wire.is_missing(fault, url)):
                continue
            with self._counting:
                self._hits[n] += 1
                times = int(fault.number("times", 0))
                if times == 0 or self._hits[n] <= times:
                    acting.append(fault)
        return acting
