"""Faults on demand: how a sample vendor can misbehave, so that tests and drills need no real outage.

Belongs here: the list of kinds and their choice. Does not: what a kind does (``fault_wire`` and ``fault_streams``: the
connection and the bytes; ``fault_data``: values and rows), when the product should notice (tests say that). A fault is written
``kind@substring[;name=value…]``, several joined by ``|``, and acts on every request whose decoded URL
(``host/path?query``) contains the substring.

| kind | effect | parameters (default) |
|---|---|---|
| html_200 | an HTML page with status 200 | |
| json_error | status 200, a JSON note instead of data | text |
| status | that status with a short text | code (503), retry_after (none) |
| dns, tls | no connection: the host has no address, its certificate is bad | |
| redirect | status 302 to a forbidden place | to (the cloud's metadata address) |
| not_modified | status 304 although nothing was known | |
| key_echo | status 400 that repeats the whole question, keys included | |
| empty_body | status 200, no bytes | |
| truncate | the body ends in the middle of a row | keep: share of the body kept (0.6) |
| short_body | the same with the true content-length: the connection breaks | keep (0.6) |
| drip | the true body, one chunk at a time | seconds (0.05) between chunks, size (1) of a chunk |
| gzip_bomb | a small body that unpacks to very many zeros | mib (256) |
| huge_body | the body over and over | mib (10240) |
| huge_headers | very many headers | n (10000) |
| bom, utf16, charset | a byte order mark; another encoding; a Latin-1 letter and header | |
| bad_json | the body is no longer JSON (or gains an unbalanced quote in a CSV) | |
| wrong_symbol | the answer is about another symbol than asked | symbol (WRONG) |
| frozen | the vendor has stood still: what it knew some days ago | days (5) |
| other_window | the vendor ignores the days asked for and answers an earlier window | days (400) |
| instead | the answer to another question, as of a cache that ignores part of the address | name (the part asked), to (the part answered) |
| ignore_vintage | the vendor ignores ``vintage_date``: one column, today's | |
| lookahead | values of the last vintage under the names of all asked | |
| missing_symbols | these symbols are not found | symbols (comma separated), share of all (0) |
| scale | newest values times a factor | n (1; 0: all), factor (100), column a+b (prices, else all values) |
| price_x10 | ``scale`` of prices by ten | n (1) |
| unit | all values times a factor, as from percent to basis points | factor (100), column |
| sign | newest values negative | n (1), column |
| flat | the newest values all equal the first of them (of the close, where there is one) | n (5), column |
| swap | two columns exchanged in the newest rows | n (1), a (high), b (low) |
| duplicate | the newest row stands twice | |
| drop | rows are missing | n (1), skip: newest rows that stay (0) |
| weekend | a row for the Saturday after the newest | |
| future | the newest row once more, days later | days (7) |
| date_shift | every row under another day | days (1) |
| nan | the newest price or value is NaN | |
| literal | the newest value is a literal | text (Infinity), column |
| split_lost | split-adjusted prices without the split's event | n (20), factor (2) where there was no split |
| dividend | the newest dividends times a factor | n (1), factor (10) |
| event | one event more on a newest bar, under as many keys as copies | kind (dividends), value (1), n (1), copies (1) |
| no_events | the vendor lists no split and no payout | |
| intraday | the last bar as it stood in mid-session, stamped as finished | hours (3) |
| survivors | a list of stays without those that ended | |
| cell | one cell of a list is another text | row (1; 0: of every row), column, text |
| row_gone | rows of a list that begin with a text are missing | text |
| half_list | every second line of a list is missing | |

Every kind takes ``times``: it acts on so many matching requests and then heals (0: for ever).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from ingestion.sample import fault_data, fault_wire
from ingestion.sample.answer import Answer
from ingestion.sample.fault_text import Fault, read

__all__ = ["KINDS", "Fault", "fault_from_text", "faults_from_text", "spoil"]


def _price_x10(fault: Fault, answer: Answer) -> Answer:
    tenfold = Fault("scale", fault.where, {"factor": "10", **fault.options, "column": "open+high+low+close"})
    return fault_data.edit(tenfold, answer)


def _nan(fault: Fault, answer: Answer) -> Answer:
    """NaN as the newest value: last close of a chart, newest candle's close, newest NAV, last cell of a CSV."""
    status, headers, body = answer
    if "excel" in headers.get("content-type", ""):
        return status, headers, re.sub(rb'"Number">[^<]*<', b'"Number">NaN<', body, count=1)
    if "json" not in headers.get("content-type", ""):
        return status, headers, re.sub(rb",[^,\n]*\n\Z", b",NaN\n", body)
    value = json.loads(body)
    if isinstance(value, list):
        value[0][4] = float("nan")
    else:
        value["chart"]["result"][0]["indicators"]["quote"][0]["close"][-1] = float("nan")
    return status, headers, json.dumps(value, separators=(",", ":")).encode()


SPOILERS: Mapping[str, Callable[[Fault, Answer], Answer]] = {
    **fault_wire.SPOILERS,
    **fault_data.SPOILERS,
    "price_x10": _price_x10,
    "nan": _nan,
}
# Kinds that act on the question or on the connection, in the transport.
ASKED = frozenset(
    ("frozen", "other_window", "instead", "ignore_vintage", "missing_symbols", "drip", "huge_body", "key_echo")
)
KINDS = frozenset(SPOILERS) | ASKED | frozenset(fault_wire.RAISED)


def fault_from_text(text: str) -> Fault:
    """Parse ``kind@substring[;name=value…]``. Raises ValueError that names the kinds and the form."""
    return read(text, KINDS)


def faults_from_text(text: str) -> tuple[Fault, ...]:
    """Parse faults joined by ``|``; nothing for an empty text."""
    return tuple(fault_from_text(part) for part in text.split("|")) if text else ()


def spoil(fault: Fault, answer: Answer) -> Answer:
    """The answer as the faulty vendor gives it; kinds of ``ASKED`` act elsewhere and leave it."""
    act = SPOILERS.get(fault.kind)
    return act(fault, answer) if act else answer
