"""Releases of the month: which surprised most, and the table of all of them with the decisions of the central bank.

Belongs here: what ``events`` says of figures and decisions. Does not: speeches, what is expected of releases to come.
"""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import figure
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, amount, quantity, reason, short_day, signed_quantity

_DAYS = 31
_SOURCES = {
    "kalshi": "prediction market",
    "seed": "survey, as reported",
    "nowcast": "nowcast, Cleveland Fed",
    "zq": "futures, market-implied",
}


def since(session: date) -> date:
    """The first day of the releases that are shown at ``session``."""
    return session - timedelta(_DAYS - 1)


def largest(con: duckdb.DuckDBPyConnection, session: date) -> list[Row]:
    """The two largest surprises, without sign, among the newest release of each figure."""
    return rows(
        con,
        "WITH newest AS (SELECT * FROM marts.events"
        " WHERE kind = 'release' AND session_date <= ? AND date >= ?"
        " QUALIFY row_number() OVER (PARTITION BY measure_id ORDER BY known_at DESC, event_id) = 1)"
        " SELECT title, date, unit, actual, previous, expected, surprise_z, status, status_surprise_z FROM newest"
        " ORDER BY abs(surprise_z) DESC NULLS LAST, known_at DESC, event_id LIMIT 2",
        session, since(session),
    )  # fmt: skip


def in_short(title: str) -> str:
    """The name of a figure as a line of a terminal has room for it."""
    return title.replace(", change over ", ", over ")


def expectation(row: Row) -> str:
    """What a figure is set against: ``expected 0.3%``, or ``before 0.2%`` where nothing is held; else nothing."""
    for word, value in (("expected", row["expected"]), ("before", row["previous"])):
        if value is not None:
            return f"{word} {quantity(value, row['unit'])}"
    return ""


def releases(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """A row per figure and decision of the last 31 days, newest first."""
    found = rows(
        con,
        "SELECT *, timezone('America/New_York', known_at) AS moment FROM marts.events"
        " WHERE kind IN ('release', 'fomc') AND session_date <= ? AND date >= ?"
        " ORDER BY known_at DESC, event_id",
        now.session, since(now.session),
    )  # fmt: skip
    title = f"Releases and decisions since {short_day(since(now.session))}"
    if not found:
        why = f"{NONE} no decision in this time, and of no release what was printed first is held"
        return figure(title, tag("p", why, class_="absent"))
    lines: list[list[Child]] = [
        [
            tag("span", row["title"], tag("small", _moment(row)), class_="name"),
            _actual(row),
            _expected(row),
            _surprise(row),
        ]
        for row in found
    ]
    head = ("Figure, moment in New York", "Actual", "Expected or before", "Surprise, z")
    return table(title, head, lines, (1, 2, 3), "releases")


def _moment(row: Row) -> str:
    return f"{short_day(row['moment'])}, {row['moment']:%H:%M}"


def _absent(status: str) -> Element:
    return tag("span", f"{NONE} ", tag("small", reason(status)), class_="name absent")


def _actual(row: Row) -> Element:
    if row["actual"] is None:
        return _absent(row["status"])
    said = signed_quantity if row["kind"] == "fomc" else quantity
    return tag("span", said(row["actual"], row["unit"]), class_="value")


def _expected(row: Row) -> Element:
    """What was expected and who says so; where nobody is held, the figure of the period before."""
    value, source = row["expected"], _SOURCES.get(row["expected_source"], row["expected_source"])
    if value is None:
        value, source = row["previous"], "before"
    if value is None:
        return _absent("NOT_AVAILABLE")
    said = signed_quantity if row["kind"] == "fomc" else quantity
    return tag("span", said(value, row["unit"]), tag("small", source), class_="name")


def _surprise(row: Row) -> Element:
    """Actual less what stands beside it; of a release also how large that is among the earlier surprises of its kind."""
    if row["surprise"] is None:
        return _absent(row["status_surprise"])
    said = signed_quantity(row["surprise"], row["unit"])
    if row["kind"] == "fomc":
        return tag("span", said)
    z = row["surprise_z"]
    size = f"{amount(z, 'z')} z" if z is not None else f"no z: {reason(row['status_surprise_z'])}"
    return tag("span", said, tag("small", size), class_="name")
