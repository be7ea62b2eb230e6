"""What happened in the world, dated, as a strip below the price: a row for each kind, a letter for each event.

Belongs here: which events are shown, where they stand and how they are said. Does not: the price (``pictures``), drawing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot
from warehouse.report.markup import tag
from warehouse.report.query import rows
from warehouse.report.wording import counted, short_day

_KINDS = {"geopolitical": "World", "policy": "Policy", "crypto": "Crypto"}  # kind of event to its row, from the top
_ROW = 22  # pixels
_APART = 0.06  # of the width: two letters closer than this cover each other on a narrow screen


@dataclass(frozen=True)
class Event:
    """One event: the session that could answer first (its place among those drawn), its letter and its words."""

    at: int
    kind: str
    letter: str
    said: str


def events(con: duckdb.DuckDBPyConnection, sessions: Sequence[date]) -> list[Event]:
    """What happened in the world and in crypto within ``sessions``, oldest first, as far as it was known in the last."""
    found = rows(
        con,
        "SELECT coalesce(obs_period, date) AS happened_on, date AS known_on, kind, title FROM marts.events"
        " WHERE kind IN (SELECT unnest(?::VARCHAR[])) AND session_date <= ? AND coalesce(obs_period, date) BETWEEN ? AND ?"
        " ORDER BY 1, event_id",
        list(_KINDS), sessions[-1], sessions[0], sessions[-1],
    )  # fmt: skip
    made = []
    for n, row in enumerate(found):
        late = row["known_on"] > row["happened_on"]
        known = f", known {short_day(row['known_on'])}" if late else ""
        said = f"{short_day(row['happened_on'])}: {row['title']}{known}"
        made.append(Event(bisect_left(sessions, row["happened_on"]), row["kind"], _letter(n), said))
    return made


def _letter(n: int) -> str:
    """a to z, then aa, ab …: as a list of letters counts."""
    return (_letter(n // 26 - 1) if n >= 26 else "") + chr(ord("a") + n % 26)


def strip(found: Sequence[Event], last: int) -> list[Element]:
    """The rows with their letters, on the time axis of the price (0 to ``last``)."""
    if not found:
        return []
    lines = _lines(found, last)
    plot = Plot(38 + _ROW * len(lines), (0, last), (-len(lines), 0))
    named = {-n - 0.5: kind for n, (kind, _) in enumerate(lines) if n == 0 or lines[n - 1][0] != kind}
    plot.grid(list(named), lambda y: _KINDS[named[y]])
    for n, (kind, members) in enumerate(lines):
        for event in members:
            plot.upright(event.at, "world")
            plot.badge(event.at, -n - 0.5, event.letter, is_fixed=True, said=event.said, class_=kind)
    title = "What happened in the world"
    described = "; ".join(f"{_KINDS[event.kind]}, {event.said}" for event in found)
    return [
        tag("p", f"{title}: {counted(len(found), 'event')}, each at its day or the session after it", class_="strip"),
        plot.element("world", title, f"{described}."),
    ]


def _lines(found: Sequence[Event], last: int) -> list[tuple[str, list[Event]]]:
    """The events by kind, from the top; a kind has a further line where letters would cover each other on a narrow screen."""
    made: list[tuple[str, list[Event]]] = []
    for kind in _KINDS:
        mine: list[list[Event]] = []
        for event in found:
            if event.kind == kind:
                free = (line for line in mine if event.at - line[-1].at >= _APART * last)
                line = next(free, None)
                if line is None:
                    mine.append([event])
                else:
                    line.append(event)
        made += [(kind, line) for line in mine]
    return made


def listing(found: Sequence[Event]) -> Element | None:
    """What each letter stands for."""
    return tag("ol", *(tag("li", event.said) for event in found), class_="marks", type="a") if found else None
