"""The calendar file: a reader of RFC 5545 gets back what the table says; same bytes every time; hostile text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from warehouse.report.week import render_week

RECEIPT = {"as_of": "2026-01-16 01:00:00+00:00", "world": "real"}
HOSTILE = 'Firm, "Söhne" & Co; 100 %\\ \r\nEND:VEVENT\nBEGIN:VEVENT ' + "überlang " * 20


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'America/New_York'")
    made.execute("CREATE SCHEMA marts")
    made.execute("""
        CREATE TABLE marts.dates_ahead AS
        SELECT DATE '2026-01-15' AS session_date, * FROM (VALUES
            (DATE '2026-01-22', 'release', 'claims', 'Claims', TIMESTAMPTZ '2026-01-22 13:30:00+00', 'rule', NULL),
            (DATE '2026-01-19', 'closed', 'exchange', 'The exchange is shut', NULL, 'listed', NULL),
            (DATE '2026-01-21', 'earnings', 'EQ:BIG', ?, NULL, 'expected', 0.0123))
            AS t(event_date, kind, event_key, title, starts_at, known_by, index_weight)
    """, [HOSTILE])  # fmt: skip
    yield made
    made.close()


def parsed(text: str) -> list[dict[str, str]]:
    """Events by property, after the rules of RFC 5545: CRLF, folding, escapes, BEGIN and END in pairs."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    raw = text.removesuffix("\r\n").split("\r\n")
    assert all(0 < len(line.encode()) <= 75 for line in raw)
    lines: list[str] = []
    for line in raw:
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    events: list[dict[str, str]] = []
    is_open = False
    head = {}
    for line in lines[1:-1]:
        name, value = line.split(":", 1)
        if name in ("BEGIN", "END"):
            assert value == "VEVENT" and is_open is (name == "END")
            is_open = name == "BEGIN"
            if is_open:
                events.append({})
        elif is_open:
            assert name not in events[-1]
            events[-1][name] = _unescaped(value) if name in ("SUMMARY", "DESCRIPTION") else value
        else:
            head[name] = value
    assert not is_open and head["VERSION"] == "2.0" and head["PRODID"]
    return events


def _unescaped(value: str) -> str:
    out, letters = "", iter(value)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters)
            assert escaped in "\\;,nN"
            out += "\n" if escaped in "nN" else escaped
        else:
            assert letter not in ";,"
            out += letter
    return out


def moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_a_reader_gets_back_what_the_table_says(con: duckdb.DuckDBPyConnection) -> None:
    shut, report, claims = parsed(render_week(con, RECEIPT))
    assert [e["SUMMARY"] for e in (shut, claims)] == ["The exchange is shut", "Claims"]
    assert report["SUMMARY"] == HOSTILE.replace("\r\n", "\n")
    assert shut["DTSTART;VALUE=DATE"] == "20260119" and shut["DTEND;VALUE=DATE"] == "20260120"
    assert moment(claims["DTSTART"]) == datetime(2026, 1, 22, 13, 30, tzinfo=UTC)
    assert moment(claims["DTEND"]) > moment(claims["DTSTART"])
    assert {moment(e["DTSTAMP"]) for e in (shut, report, claims)} == {datetime(2026, 1, 16, 1, tzinfo=UTC)}
    assert claims["DESCRIPTION"] == "As known on 2026-01-15. By its rule."
    assert report["DESCRIPTION"].endswith("such days move. Weight in the index 1.2 %.")
    assert len({e["UID"] for e in (shut, report, claims)}) == 3
    assert report["UID"] == "20260121-earnings-eq-big@updraft.invalid"


def test_the_same_generation_gives_the_same_bytes(con: duckdb.DuckDBPyConnection) -> None:
    text = render_week(con, RECEIPT)
    con.execute("SET TimeZone = 'Asia/Tokyo'")
    con.execute("CREATE OR REPLACE TABLE marts.dates_ahead AS FROM marts.dates_ahead ORDER BY title DESC")
    assert render_week(con, RECEIPT) == text


def test_the_sample_says_so_in_each_event(con: duckdb.DuckDBPyConnection) -> None:
    events = parsed(render_week(con, RECEIPT | {"world": "sample"}))
    assert all(e["SUMMARY"].startswith("SAMPLE: ") and "SAMPLE DATA" in e["DESCRIPTION"] for e in events)


def test_an_empty_week_is_a_calendar(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.dates_ahead")
    assert parsed(render_week(con, RECEIPT)) == []


def test_the_parser_sees_a_broken_file(con: duckdb.DuckDBPyConnection) -> None:
    text = render_week(con, RECEIPT)
    for broken in (
        text.replace("\r\n", "\n"), text.replace("END:VEVENT\r\n", "", 1), text.replace("\r\n ", ""),
        text.replace("\\,", ","), text.replace("END:VCALENDAR\r\n", ""),
    ):  # fmt: skip
        with pytest.raises((AssertionError, ValueError)):
            parsed(broken)
