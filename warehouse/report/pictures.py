"""The pictures of the day: price and drawdown of the headline index, breadth over a year.

Belongs here: what is read from the marts for a picture, its caption and its description. Does not: drawing
(``charts``), earlier rallies (``precedents``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report import world
from warehouse.report.charts import Plot, ticks
from warehouse.report.markup import Child, tag
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NO_MEMBERS, NONE, counted, month, number, reason, short_day

_MONTHS_18, _YEAR = 378, 252


def figure(caption: str, *content: Child, where: str = "") -> Element:
    """A picture under its caption; ``where`` is the ``mart.column`` it shows."""
    return tag("figure", tag("figcaption", caption, place(where) if where else None), *content)


def no_figure(caption: str, why: str, where: str = "") -> Element:
    """What stands in the place of a picture that cannot be drawn: a dash and why."""
    return figure(caption, tag("p", f"{NONE} {why}", class_="absent"), where=where)


def absent(why: str) -> Element:
    """What stands in the place of a value that is missing: a dash and why."""
    return tag("span", f"{NONE} {why}", class_="absent")


def place(where: str) -> Element:
    """The name of a cell, which may break after its dots and underscores."""
    parts = [part for part in re.split(r"(?<=[._])", where) if part]
    return tag("code", *(child for part in parts for child in (part, tag("wbr"))))


def key(*entries: tuple[str, str]) -> Element:
    """A legend: what each colour or line stands for, in words."""
    return tag("ul", *(tag("li", tag("span", class_=f"swatch {name}"), said) for name, said in entries), class_="key")


def quarters(plot: Plot, sessions: Sequence[date]) -> None:
    """A label at the first session of each quarter: the year in January, else the month."""
    for i, (before, now) in enumerate(pairwise(sessions), start=1):
        if now.month != before.month and now.month in (1, 4, 7, 10):
            plot.axis(i, str(now.year) if now.month == 1 else month(now))


def price(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """Closes of the last 18 months (back to the peak of an open rally) with the rally shaded, drawdown below."""
    episode = now.episode
    span = _MONTHS_18
    if now.is_rally:
        span = max(span, episode["age_sessions"] + episode["sessions_peak_to_trough"] + 21)
    found = rows(
        con,
        "SELECT m.session_date, m.close, r.drawdown FROM marts.market_daily m JOIN marts.rally_daily r"
        " ON r.index_id = m.instrument_id AND r.session_date = m.session_date AND r.is_default"
        " WHERE m.instrument_id = ? AND m.close IS NOT NULL AND m.session_date <= ? ORDER BY m.session_date DESC LIMIT ?",
        now.index_id, now.session, span,
    )[::-1]  # fmt: skip
    sessions = [row["session_date"] for row in found]
    at = {session: i for i, session in enumerate(sessions)}
    last = len(found) - 1
    closes = [row["close"] for row in found]
    room = (max(closes) - min(closes)) * 0.06
    plot = Plot(320, (0, last), (min(closes) - room, max(closes) + room))
    below = Plot(110, (0, last), (min(-6.0, *(row["drawdown"] * 1.08 for row in found)), 0))
    plot.grid(ticks(min(closes) - room, max(closes) + room), lambda v: number(v, 0))
    below.grid([v for v in (0, -5, -10, -20, -30, -40, -50) if v >= _floor(found)], lambda v: f"{number(v, 0)}%")
    stretches = _stretches(now) if episode else []
    for start, end, name in stretches:
        if end >= sessions[0]:
            for each in (plot, below):
                each.band(at.get(start, 0), at.get(end, last), name)
    marks = [m for m in _marks(now) if m[0] in at] if episode else []
    if episode and episode["up_confirmed_date"] in at:
        plot.upright(at[episode["up_confirmed_date"]])
    plot.line(list(enumerate(closes)), "main")
    below.area([(i, row["drawdown"]) for i, row in enumerate(found)], 0, "sunk")
    for i, (session, _) in enumerate(marks, start=1):
        plot.badge(at[session], closes[at[session]], i)
    plot.end(closes[-1], number(closes[-1], 0))
    happened = world.events(con, sessions)
    for event in happened:
        plot.upright(event.at, "world")
    quarters(plot, sessions)
    quarters(below, sessions)
    listing = [f"{short_day(session)} at {number(closes[at[session]])}: {words}" for session, words in marks]
    shaded = (
        [("fall", "peak to low"), ("rally", "low to now" if now.is_rally else "low to the end of the last rally")]
        if any(end >= sessions[0] for _, end, _ in stretches)
        else []
    )
    described = (
        f"Daily closes from {short_day(sessions[0])} to {short_day(sessions[-1])}: lowest {number(min(closes))},"
        f" highest {number(max(closes))}, last {number(closes[-1])}. {'; '.join(listing)}"
    )
    sunk = min(row["drawdown"] for row in found)
    return figure(
        f"{now.index['name']}, daily closes",
        plot.element("price", f"{now.index['name']}, daily closes", described),
        *world.strip(happened, last),
        tag("p", "Drawdown: close against the highest close held so far", class_="strip"),
        below.element("drawdown", "Drawdown", f"Deepest {number(sunk, 1)}%, now {number(found[-1]['drawdown'], 1)}%."),
        key(*shaded) if shaded else None,
        tag("ol", *(tag("li", words) for words in listing), class_="marks") if listing else None,
        world.listing(happened),
    )


def _floor(found: Sequence[Row]) -> float:
    """The lowest drawdown line worth drawing."""
    return min(-5.0, *(float(row["drawdown"]) * 1.08 for row in found))


def _stretches(now: Standing) -> list[tuple[date, date, str]]:
    episode = now.episode
    until = episode["end_confirmed_date"] or now.session
    return [(episode["peak_date"], episode["trough_date"], "fall"), (episode["trough_date"], until, "rally")]


def _marks(now: Standing) -> list[tuple[date, str]]:
    """What is dated about the episode, oldest first; several things of one session share a mark."""
    e = now.episode
    dated: dict[date, list[str]] = {}
    for session, words in (
        (e["peak_date"], "peak"),
        (e["fall_confirmed_date"], f"fall of {e['fall_pct']}% confirmed"),
        (e["trough_date"], "low"),
        (e["up_confirmed_date"], f"rise of {e['rise_pct']}% confirmed, known as a rally from here on"),
        (e["recovered_date"], "old peak back"),
        (None if now.is_rally else e["high_date"], "high of the rally"),
        (e["end_confirmed_date"], "end of the rally confirmed"),
    ):
        if session is not None:
            dated.setdefault(session, []).append(words)
    return [(session, ", ".join(words)) for session, words in sorted(dated.items())]


def capital(text: str) -> str:
    """``text`` as the start of a sentence."""
    return text[:1].upper() + text[1:]


def breadth(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """Small multiples over a year: members above their 50- and 200-day averages."""
    found = rows(
        con,
        "SELECT session_date, members, pct_above_sma50, pct_above_sma200, status_sma FROM marts.breadth_daily"
        " WHERE is_default AND segment_type = 'universe' AND session_date <= ? ORDER BY session_date DESC LIMIT ?",
        now.session, _YEAR,
    )[::-1]  # fmt: skip
    made = []
    for days in (50, 200):
        values = [row[f"pct_above_sma{days}"] for row in found]
        title = f"Members above their {days}-day average, %"
        if all(value is None for value in values):
            why = _absent(found[-1]) if found else "no row for this session"
            made.append(no_figure(title, why))
            continue
        plot = Plot(150, (0, len(values) - 1), (0, 100))
        plot.grid((0, 50, 100), lambda v: f"{v:.0f}%")
        plot.area(list(enumerate(values)), 0, "wash")
        plot.line(list(enumerate(values)), "main")
        held = [value for value in values if value is not None]
        if values[-1] is not None:
            plot.end(values[-1], f"{values[-1]:.0f}%")
        quarters(plot, [row["session_date"] for row in found])
        said = f"From {min(held):.0f}% to {max(held):.0f}% over {counted(len(held), 'session')}."
        last = f" Last: {held[-1]:.0f}%." if values[-1] is not None else " The last value is missing."
        made.append(figure(title, plot.element(f"breadth-{days}", title, said + last)))
    return made


def _absent(row: Row) -> str:
    return NO_MEMBERS if row["members"] is None else reason(row["status_sma"])
