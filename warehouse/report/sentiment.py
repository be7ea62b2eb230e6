"""Volatility and sentiment over a year as small pictures on one time axis.

Belongs here: which columns are drawn together, and what their pictures say. Does not: any statistic (dbt), drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, decimals, ticks
from warehouse.report.markup import tag
from warehouse.report.pictures import capital, figure, key, no_figure, quarters
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NO_ROW, NONE, number, reason, short_day

_YEAR = 252
_MART = "volatility_sentiment_daily"


@dataclass(frozen=True)
class Line:
    """A column, the column that says why it is missing, and its words."""

    column: str
    status: str
    words: str


@dataclass(frozen=True)
class Panel:
    """One picture: its lines, the first of them the main one. ``edges`` are the ends of a fixed scale; values at or below
    ``sunk`` are shaded, which means ``sunk_words``."""

    title: str
    lines: tuple[Line, ...]
    places: int = 0
    edges: tuple[float, float] | None = None
    sunk: float | None = None
    sunk_words: str = ""


_VIX = "vix"
PANELS = (
    Panel(
        "VIX and realised volatility",
        (Line(_VIX, "status", "VIX"), Line("realised_vol_21", "status_vol_risk_premium", "realised, 21 sessions")),
    ),
    Panel(
        "Term structure: 3-month index over VIX, less 1",
        (Line("term_slope_3m", "status_term_3m", "3 months over VIX"),), 2, None, 0.0, "at or below 0: stress",
    ),
    Panel(
        "Puts against calls: percentile of a year, high is fear",
        (
            Line("put_call_equity_percentile", "status_put_call_equity_percentile", "of stocks"),
            Line("put_call_index_percentile", "status_put_call_index_percentile", "of indices"),
        ), 0, (0, 100),
    ),
    Panel(
        "SKEW: percentile of a year", (Line("skew_percentile_252", "status_skew_percentile", "SKEW"),), 0, (0, 100),
    ),
    Panel(
        "Demand for protection, 0 to 100",
        (Line("protection_demand", "status_protection_demand", "demand"),), 0, (0, 100),
    ),
    Panel(
        "Correlation of the members",
        (
            Line("implied_correlation", "status_implied_correlation", "implied by the VIX"),
            Line("realised_correlation", "status_realised_correlation", "realised"),
        ), 2,
    ),
)  # fmt: skip


def panels(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """Every picture over the last year; a line that is missing at the end, or was at the start, says why."""
    found = rows(
        con,
        f"SELECT * FROM marts.{_MART} WHERE session_date <= ? ORDER BY session_date DESC LIMIT ?",
        now.session, _YEAR,
    )[::-1]  # fmt: skip
    if not found or found[-1]["session_date"] != now.session:
        return [no_figure("Volatility and sentiment", NO_ROW)]
    return [_panel(panel, found) for panel in PANELS]


def _panel(panel: Panel, found: Sequence[Row]) -> Element:
    main = panel.lines[0]
    where = f"{_MART}.{main.column}"
    values = {line.column: [row[line.column] for row in found] for line in panel.lines}
    held = [value for line in panel.lines for value in values[line.column] if value is not None]
    if not held:
        return no_figure(panel.title, reason(found[-1][main.status]), where)
    low, high = panel.edges or _edges(held, panel.sunk)
    plot = Plot(150, (0, len(found) - 1), (low, high))
    levels = (0.0, 50.0, 100.0) if panel.edges else ticks(low, high, 3)
    plot.grid(levels, lambda v: number(v, decimals(levels)))
    entries = []
    if panel.sunk is not None and low < panel.sunk:
        plot.level(low, panel.sunk, "fall")
        entries.append(("fall", panel.sunk_words))
    if main.column == _VIX and _hot(plot, found):
        entries.append(("hot", "hot names, calm index"))
    lines = list(zip(("main", "ghost"), panel.lines, strict=False))
    for class_, line in reversed(lines):
        plot.line(list(enumerate(values[line.column])), class_)
    if len(lines) > 1:
        entries = [(class_, line.words) for class_, line in lines] + entries
    last = values[main.column][-1]
    if last is not None:
        plot.end(last, number(last, panel.places or (0 if panel.edges else 1)))
    quarters(plot, [row["session_date"] for row in found])
    described = "; ".join(_described(line, values[line.column], panel.places) for line in panel.lines)
    name = main.column.replace("_", "-")
    return figure(
        panel.title,
        plot.element(name, panel.title, f"{described}."),
        key(*entries) if entries else None,
        _gaps(panel, found),
        where=where,
    )


def _hot(plot: Plot, found: Sequence[Row]) -> bool:
    """Shades the sessions on which many members moved while the index looked calm; whether there are any."""
    at = 0
    is_any = False
    for is_hot, members in groupby(found, lambda row: bool(row["hot_names"])):
        n = len(list(members))
        if is_hot:
            plot.band(at - 0.5, at + n - 0.5, "hot")
            is_any = True
        at += n
    return is_any


def _edges(held: Sequence[float], sunk: float | None) -> tuple[float, float]:
    low, high = min(held), max(held)
    if sunk is not None:
        low, high = min(low, sunk), max(high, sunk)
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def _gaps(panel: Panel, found: Sequence[Row]) -> Element | None:
    """Why a line stops before the last session, or starts after the first; what all lines share is said once."""
    said: dict[str, list[str]] = {}
    for line in panel.lines:
        if words := _missing(line, found):
            said.setdefault(words, []).append(line.words)
    parts = [
        words if len(names) == len(panel.lines) else f"{' and '.join(names)}: {words}" for words, names in said.items()
    ]
    return tag("p", capital("; ".join(parts)) + ".", class_="soft small") if parts else None


def _missing(line: Line, found: Sequence[Row]) -> str:
    values = [row[line.column] for row in found]
    if values[-1] is None:
        return f"{NONE} {reason(found[-1][line.status])}"
    start = next(i for i, value in enumerate(values) if value is not None)
    if not start:
        return ""
    return f"before {short_day(found[start]['session_date'])} {reason(found[start - 1][line.status])}"


def _described(line: Line, values: Sequence[float | None], places: int) -> str:
    held = [value for value in values if value is not None]
    if not held:
        return f"{line.words}: no value"
    last = values[-1]
    said = "missing" if last is None else number(last, places)
    return f"{line.words}: from {number(min(held), places)} to {number(max(held), places)}, last {said}"
