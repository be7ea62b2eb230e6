"""Faults of the connection and of the bytes: what a client must survive before it reads a single value.

Belongs here: statuses, cut and inflated bodies, encodings, pages instead of data, vendors that ignore what was asked.
Does not: how a fault is written (``text``), bodies that never end (``streams``), plausible wrong values (``rows``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from zlib import crc32

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply

PAGE = b"<!DOCTYPE html><html><head><title>Please log in</title></head><body><h1>One more step</h1></body></html>"
MIB = 2**20


def _is_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("content-type", "")


def _html_200(fault: Fault, answer: Reply) -> Reply:
    return 200, {"content-type": "text/html; charset=utf-8"}, PAGE


def _json_error(fault: Fault, answer: Reply) -> Reply:
    text = fault.options.get("text", "Thank you for using our service; your rate limit is reached.")
    return 200, {"content-type": "application/json"}, b'{"Note":"' + text.encode() + b'"}'


def _status(fault: Fault, answer: Reply) -> Reply:
    code = int(fault.number("code", 503))
    after = {"retry-after": fault.options["retry_after"]} if "retry_after" in fault.options else {}
    return code, {"content-type": "text/plain", **after}, f"fault injected: status {code}".encode()


def _empty_body(fault: Fault, answer: Reply) -> Reply:
    return answer[0], answer[1], b""


def _cut(fault: Fault, answer: Reply) -> bytes:
    """The first part of the body, cut one character after the last separator, so that the last cell is wrong."""
    body = answer[2]
    cut = body[: int(len(body) * fault.number("keep", 0.6))]
    return cut[: max(cut.rfind(b","), cut.rfind(b">")) + 2].rstrip()


def _truncate(fault: Fault, answer: Reply) -> Reply:
    return answer[0], answer[1], _cut(fault, answer)


def _bad_json(fault: Fault, answer: Reply) -> Reply:
    status, headers, body = answer
    return status, headers, body[:-1] + b",}" if _is_json(headers) else body + b'"\n'


def _wrong_symbol(fault: Fault, answer: Reply) -> Reply:
    """Charts carry the symbol in ``meta``; CSV files in the last column's name."""
    status, headers, body = answer
    symbol = fault.options.get("symbol", "WRONG").encode()
    if _is_json(headers):
        return status, headers, re.sub(rb'"symbol":"[^"]*"', b'"symbol":"' + symbol + b'"', body, count=1)
    head, _, rest = body.partition(b"\n")
    return status, headers, head.rpartition(b",")[0] + b"," + symbol + b"\n" + rest


def _bom(fault: Fault, answer: Reply) -> Reply:
    return answer[0], answer[1], b"\xef\xbb\xbf" + answer[2]


def _utf16(fault: Fault, answer: Reply) -> Reply:
    return answer[0], answer[1], answer[2].decode("utf-8", "replace").encode("utf-16")


def _charset(fault: Fault, answer: Reply) -> Reply:
    """A header that promises Latin-1 and a first letter that is not UTF-8."""
    kind = answer[1].get("content-type", "text/plain").partition(";")[0]
    return answer[0], {**answer[1], "content-type": f"{kind}; charset=iso-8859-1"}, b"\xe9" + answer[2][1:]


def _redirect(fault: Fault, answer: Reply) -> Reply:
    return 302, {"location": fault.options.get("to", "http://169.254.169.254/latest/meta-data/")}, b""


def _not_modified(fault: Fault, answer: Reply) -> Reply:
    return 304, {"etag": '"the-same-as-ever"'}, b""


def _huge_headers(fault: Fault, answer: Reply) -> Reply:
    more = {f"x-filler-{n}": "x" * 100 for n in range(int(fault.number("n", 10_000)))}
    return answer[0], {**answer[1], **more}, answer[2]


def _gzip_bomb(fault: Fault, answer: Reply) -> Reply:
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(bytes(MIB)) for _ in range(int(fault.number("mib", 256)))]
    return answer[0], {**answer[1], "content-encoding": "gzip"}, b"".join([*packed, packer.flush()])


def _short_body(fault: Fault, answer: Reply) -> Reply:
    return answer[0], {**answer[1], "content-length": str(len(answer[2]))}, _cut(fault, answer)


SPOILERS: Mapping[str, Callable[[Fault, Reply], Reply]] = {
    "html_200": _html_200,
    "json_error": _json_error,
    "status": _status,
    "empty_body": _empty_body,
    "truncate": _truncate,
    "short_body": _short_body,
    "wrong_symbol": _wrong_symbol,
    "bad_json": _bad_json,
    "bom": _bom,
    "utf16": _utf16,
    "charset": _charset,
    "redirect": _redirect,
    "not_modified": _not_modified,
    "huge_headers": _huge_headers,
    "gzip_bomb": _gzip_bomb,
}
RAISED: Mapping[str, str] = {
    "dns": "[Errno -2] Name or service not known",
    "tls": "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
}


def echo(url: str) -> Reply:
    """A refusal that repeats the whole question, keys included."""
    text = f'{{"error_code":400,"error_message":"Bad Request. The value of {url} is not valid."}}'
    return 400, {"content-type": "application/json"}, text.encode()


def asked_instead(fault: Fault, query: Mapping[str, str], window: Collection[str], now: datetime) -> dict[str, str]:
    """The question a vendor answers that ignores the days asked for: the names in ``window`` are ``days`` earlier."""
    days = int(fault.number("days", 400))
    held = dict(query)
    for name in window:
        value = query.get(name, "")
        if value.isdigit():
            held[name] = str(max(0, min(int(value), int(now.timestamp())) - days * 86400))
        elif value:
            parts = [datetime.fromisoformat(part) - timedelta(days) for part in value.split(",")]
            form = "%Y-%m-%dT%H:%M:%SZ" if "T" in value else "%Y-%m-%d"
            held[name] = ",".join(f"{part:{form}}" for part in parts)
    return held


def another_question(fault: Fault, path: str, query: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The question a cache on the way answers: in path and query, ``name`` replaced by ``to``."""
    name, to = fault.options.get("name", ""), fault.options.get("to", "")
    return path.replace(name, to), {key: value.replace(name, to) for key, value in query.items()}


def is_missing(fault: Fault, series: str) -> bool:
    """Whether ``missing_symbols`` hits a question about this series: it is listed or in the share."""
    listed = fault.options.get("symbols", "").split(",")
    return series in listed or crc32(series.encode()) % 1000 < 1000 * fault.number("share", 0.0)
