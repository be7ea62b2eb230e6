"""Faults on demand: how a sample vendor can misbehave, so that tests and drills need no real outage.

Belongs here: the list of kinds that any vendor can have, and their choice. Does not: what a kind does (``wire`` and
``streams``: the connection and the bytes; ``rows``: values and rows), kinds that one format alone can have (the vendor
declares them), when the product should notice (tests say that). A fault is written
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
| nan | ``literal`` with the text NaN | column |
| literal | the newest value is a literal | text (Infinity), column |
| cell | one cell of a list is another text | row (1; 0: of every row), column, text |
| row_gone | rows of a list that begin with a text are missing | text |
| half_list | every second line of a list is missing | |

Every kind takes ``times``: it acts on so many matching requests and then heals (0: for ever).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingestion.sample.faults import rows, wire
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply
from ingestion.sample.table import Table

# Kinds that act on the question or on the connection, in the transport.
ASKED = frozenset(("frozen", "other_window", "instead", "missing_symbols", "drip", "huge_body", "key_echo"))
KINDS = frozenset(wire.SPOILERS) | frozenset(rows.EDITS) | frozenset(rows.LINES) | ASKED | frozenset(wire.RAISED)


def spoil(fault: Fault, answer: Reply, table_of: Callable[[Reply], Table | None]) -> Reply:
    """The answer as the faulty vendor gives it; kinds of ``ASKED`` act elsewhere and leave it.

    ``table_of`` gives the rows of an answer; one without rows stays as it is.
    """
    plain: Mapping[str, Callable[[Fault, Reply], Reply]] = {**wire.SPOILERS, **rows.LINES}
    if fault.kind in plain:
        return plain[fault.kind](fault, answer)
    table = table_of(answer) if fault.kind in rows.EDITS else None
    if table is None or not table.rows:
        return answer
    rows.EDITS[fault.kind](fault, table)
    return answer[0], answer[1], table.write(table)
