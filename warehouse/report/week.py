"""The dates ahead as a calendar file (RFC 5545) that any calendar program reads.

Belongs here: the form of the file. Does not: which dates there are (mart ``dates_ahead``). The same generation and receipt
give the same bytes; there is no clock here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from warehouse.report.query import rows

_SQL = "SELECT * FROM marts.dates_ahead ORDER BY event_date, kind, event_key"
_LINE = 75  # octets, without the line's end
_MINUTES = {"release": 15, "fomc": 60, "rebalance": 15, "expiry": 15, "half_day": 15}
_KNOWN_BY = {
    "listed": "By the official calendar.",
    "rule": "By its rule.",
    "expected": "As a vendor expects it; such days move.",
    "hindsight": "By a later schedule than the one that was known then.",
}


def render_week(con: duckdb.DuckDBPyConnection, receipt: Mapping[str, Any]) -> str:
    """The calendar of the generation that ``con`` reads: one event per row of ``dates_ahead``, times in UTC."""
    as_of = datetime.fromisoformat(receipt["as_of"]).astimezone(UTC)
    is_sample = receipt["world"] == "sample"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Updraft//Dates ahead//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"NAME:{_text('Updraft: dates ahead')}", f"X-WR-CALNAME:{_text('Updraft: dates ahead')}",
    ]  # fmt: skip
    for row in rows(con, _SQL):
        lines += _event(row, as_of, is_sample)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(row: Mapping[str, Any], as_of: datetime, is_sample: bool) -> list[str]:
    said = [f"As known on {row['session_date']}.", _KNOWN_BY[row["known_by"]]]
    if row["index_weight"] is not None:
        said.append(f"Weight in the index {100 * row['index_weight']:.1f} %.")
    if is_sample:
        said.append("SAMPLE DATA: an invented market.")
    return [
        "BEGIN:VEVENT",
        f"UID:{row['event_date']:%Y%m%d}-{row['kind']}-{_plain(row['event_key'])}@updraft.invalid",
        f"DTSTAMP:{as_of:%Y%m%dT%H%M%SZ}",
        *_when(row["event_date"], row["starts_at"], row["kind"]),
        f"SUMMARY:{_text(('SAMPLE: ' if is_sample else '') + row['title'])}",
        f"DESCRIPTION:{_text(' '.join(said))}",
        f"CATEGORIES:{row['kind'].upper()}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _when(day: date, starts_at: datetime | None, kind: str) -> list[str]:
    if starts_at is None:
        return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(1):%Y%m%d}"]
    start = starts_at.astimezone(UTC)
    end = start + timedelta(minutes=_MINUTES.get(kind, 15))
    return [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}"]


def _plain(text: str) -> str:
    """Letters, digits and hyphens of an id."""
    return "".join(letter if letter.isalnum() else "-" for letter in text).lower()


def _text(text: str) -> str:
    """A value of type TEXT: backslash, semicolon, comma and line ends are escaped."""
    for letter, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(letter, escaped)
    return text


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets; parts after the first begin with a space, and no letter is cut."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
