"""Faults on demand: how a sample vendor can misbehave, so that tests and drills need no real outage.

Belongs here: what a fault does to an answer. Does not: when the product should notice (tests say that). A fault is
written ``kind@substring[;name=value…]`` and acts on every request whose decoded URL (``host/path?query``) contains the
substring.

| kind | effect | parameters (default) |
|---|---|---|
| html_200 | an HTML page with status 200 | |
| status | that status with a short text | code (503), retry_after (none) |
| price_x10 | open, high, low and close of the last n bars of a chart times 10 | n (1) |
| truncate | the body ends in the middle of a row | keep: share of the body kept (0.6) |
| empty_body | status 200, no bytes | |
| drip | the true body, one chunk at a time | seconds (0.05) between chunks, size (1) of a chunk |
| wrong_symbol | the answer is about another symbol than asked | symbol (WRONG) |
| frozen | the vendor has stood still: what it knew some days ago | days (5) |
| nan | the newest price or value is NaN | |
| bad_json | the body is no longer JSON (or gains an unbalanced quote in a CSV) | |
| missing_symbols | these symbols are not found | symbols (comma separated) |

Every kind takes ``times``: it acts on so many matching requests and then heals (0: for ever).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from ingestion.sample.answer import Answer

Kind = Literal[
    "html_200", "status", "price_x10", "truncate", "empty_body", "drip", "wrong_symbol", "frozen", "nan", "bad_json",
    "missing_symbols",
]  # fmt: skip

PAGE = b"<!DOCTYPE html><html><head><title>Please log in</title></head><body><h1>One more step</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """One fault: what, on which URLs, with which parameters (all text, as in the environment variable)."""

    kind: Kind
    where: str
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> Fault:
        """Parse ``kind@substring[;name=value…]``. Raises ValueError that names the kinds and the form."""
        head, *rest = text.split(";")
        kind, at, where = head.partition("@")
        pairs = [part.partition("=") for part in rest]
        if kind not in get_args(Kind) or not at or not where or not all(name and sign for name, sign, _ in pairs):
            raise ValueError(
                f"a sample fault is written kind@substring[;name=value], kind one of {', '.join(get_args(Kind))}; "
                f"got {text!r}"
            )
        return cls(kind, where, {name: value for name, _, value in pairs})  # type: ignore[arg-type]

    def matches(self, url: str) -> bool:
        """Whether the fault acts on a decoded ``host/path?query``."""
        return self.where in url

    def number(self, name: str, default: float) -> float:
        """A numeric parameter."""
        return float(self.options.get(name, default))

    def is_missing(self, url: str) -> bool:
        """Whether ``missing_symbols`` hits this URL: a listed symbol is its last path part."""
        symbols = self.options.get("symbols", "").split(",")
        return self.kind == "missing_symbols" and url.partition("?")[0].rpartition("/")[2] in symbols

    def spoil(self, answer: Answer) -> Answer:
        """The answer as the faulty vendor gives it. ``frozen``, ``drip``, ``missing_symbols`` act in the transport."""
        act = SPOILERS.get(self.kind)
        return act(self, answer) if act else answer

    def chunks(self, body: bytes) -> Iterator[bytes]:
        """The pieces of a dripping body."""
        size = int(self.number("size", 1))
        for start in range(0, len(body), size):
            yield body[start : start + size]


def _is_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("content-type", "")


def _html_200(fault: Fault, answer: Answer) -> Answer:
    return 200, {"content-type": "text/html; charset=utf-8"}, PAGE


def _status(fault: Fault, answer: Answer) -> Answer:
    code = int(fault.number("code", 503))
    after = {"retry-after": fault.options["retry_after"]} if "retry_after" in fault.options else {}
    return code, {"content-type": "text/plain", **after}, f"fault injected: status {code}".encode()


def _empty_body(fault: Fault, answer: Answer) -> Answer:
    return answer[0], answer[1], b""


def _truncate(fault: Fault, answer: Answer) -> Answer:
    """The first part of the body, cut one character after the last separator, so that the last cell is wrong."""
    status, headers, body = answer
    cut = body[: int(len(body) * fault.number("keep", 0.6))]
    return status, headers, cut[: max(cut.rfind(b","), cut.rfind(b">")) + 2].rstrip()


def _bad_json(fault: Fault, answer: Answer) -> Answer:
    status, headers, body = answer
    return status, headers, body[:-1] + b",}" if _is_json(headers) else body + b'"\n'


def _price_x10(fault: Fault, answer: Answer) -> Answer:
    status, headers, body = answer
    chart, last = json.loads(body), int(fault.number("n", 1))
    for result in chart["chart"]["result"] or ():
        quote = result["indicators"]["quote"][0]
        for name in ("open", "high", "low", "close"):
            values = quote.get(name, [])
            quote[name] = values[:-last] + [round(value * 10, 4) for value in values[-last:]]
    return status, headers, json.dumps(chart, separators=(",", ":")).encode()


def _wrong_symbol(fault: Fault, answer: Answer) -> Answer:
    """Charts carry the symbol in ``meta``; CSV files in the last column's name."""
    status, headers, body = answer
    symbol = fault.options.get("symbol", "WRONG").encode()
    if _is_json(headers):
        return status, headers, re.sub(rb'"symbol":"[^"]*"', b'"symbol":"' + symbol + b'"', body, count=1)
    head, _, rest = body.partition(b"\n")
    return status, headers, head.rpartition(b",")[0] + b"," + symbol + b"\n" + rest


def _nan(fault: Fault, answer: Answer) -> Answer:
    """NaN as the newest value: last close of a chart, newest candle's close, newest NAV, last cell of a CSV."""
    status, headers, body = answer
    if "excel" in headers.get("content-type", ""):
        return status, headers, re.sub(rb'"Number">[^<]*<', b'"Number">NaN<', body, count=1)
    if not _is_json(headers):
        return status, headers, re.sub(rb",[^,\n]*\n\Z", b",NaN\n", body)
    value = json.loads(body)
    if isinstance(value, list):
        value[0][4] = float("nan")
    else:
        value["chart"]["result"][0]["indicators"]["quote"][0]["close"][-1] = float("nan")
    return status, headers, json.dumps(value, separators=(",", ":")).encode()


SPOILERS: Mapping[str, Callable[[Fault, Answer], Answer]] = {
    "html_200": _html_200,
    "status": _status,
    "price_x10": _price_x10,
    "truncate": _truncate,
    "empty_body": _empty_body,
    "wrong_symbol": _wrong_symbol,
    "nan": _nan,
    "bad_json": _bad_json,
}
