"""What the published asset shows in the Dagster UI: the driver table, a price plot, the rules of each mart.

Belongs here: Markdown and a self-contained picture made from a published generation. Does not: the page for readers
(``warehouse.report``), or any figure of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date
from xml.etree.ElementTree import Element, tostring

from orchestration import answer
from warehouse.database import reader
from warehouse.gate import Verdict
from warehouse.home import Home
from warehouse.report.charts import ticks
from warehouse.report.markup import tag
from warehouse.report.wording import NONE, short_day, signed

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 260, 56, 12, 26, 26
_SESSIONS = 252
_MARK = {"bullish": "▲ up", "bearish": "▼ down", "neutral": "●\N{NO-BREAK SPACE}neutral"}
_INK, _FAINT, _LINE, _BAND = "#1f2933", "#cbd2d9", "#1259c3", "#d9f0e3"


def driver_table(found: answer.Answer) -> str:
    """The drivers of the newest session as Markdown: score, where it points, the evidence or why it abstains."""
    lines = [
        f"{found.conclusion.sentence} {found.evidence}",
        "",
        "| driver | score | points | evidence |",
        "|---|---:|---|---|",
    ]
    for driver in found.drivers:
        score = signed(driver.score, 2) if driver.score is not None else NONE
        said = "; ".join(driver.evidence) or driver.why
        lines.append(f"| {driver.name} | {score} | {_MARK.get(driver.direction or '', 'abstains')} | {_cell(said)} |")
    return "\n".join(lines)


def rule_table(verdicts: Iterable[Verdict]) -> str:
    """The verdicts on one mart as Markdown, failed ones first."""
    lines = ["| rule | severity | outcome | seen | because |", "|---|---|---|---|---|"]
    for v in sorted(verdicts, key=lambda v: (v.outcome != "failed", v.rule_id)):
        seen = v.error or v.observed
        name = v.rule_id.partition(".")[2]
        lines.append(f"| {name} | {v.severity} | {v.outcome} | {_cell(seen)} | {_cell(v.because)} |")
    return "\n".join(lines)


def price_plot(home: Home) -> str:
    """Closes of the headline index over the last year, the open rally shaded, as a Markdown image."""
    con = reader(home.door)
    try:
        index_id, name = con.execute(
            "SELECT r.index_id, i.name FROM marts.rally_daily r JOIN marts.dim_instrument i ON i.instrument_id = r.index_id"
            " WHERE r.is_default ORDER BY r.session_date DESC LIMIT 1"
        ).fetchall()[0]
        rows = con.execute(
            "SELECT session_date, close FROM marts.market_daily WHERE instrument_id = ? AND close IS NOT NULL"
            " ORDER BY session_date DESC LIMIT ?",
            [index_id, _SESSIONS],
        ).fetchall()[::-1]
        low = con.execute(
            "SELECT e.trough_date FROM marts.rally_episodes e WHERE e.index_id = ? AND e.is_default AND e.status = 'active'"
            " ORDER BY e.trough_date DESC LIMIT 1",
            [index_id],
        ).fetchone()
    finally:
        con.close()
    picture = _plot(name, rows, low[0] if low else None)
    text = base64.b64encode(tostring(picture)).decode()
    return f"![{name}: closes of the last {len(rows)} sessions](data:image/svg+xml;base64,{text})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:400]


def _plot(name: str, rows: list[tuple[date, float]], trough: date | None) -> Element:
    closes = [close for _, close in rows]
    low, high = min(closes), max(closes)
    room = (high - low) * 0.08 or 1.0
    low, high = low - room, high + room

    def x(i: int) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * i / max(len(rows) - 1, 1)

    def y(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _BOTTOM) * (high - value) / (high - low)

    def text(at_x: float, at_y: float, said: str, anchor: str = "start", weight: str = "400") -> Element:
        return tag("text", said, x=f"{at_x:.1f}", y=f"{at_y:.1f}", text_anchor=anchor, font_weight=weight, fill=_INK)

    parts = [tag("rect", width=_WIDE, height=_HIGH, fill="#ffffff")]
    start = next((i for i, (day, _) in enumerate(rows) if trough is not None and day >= trough), None)
    if start is not None and trough is not None and trough >= rows[0][0]:
        parts.append(
            tag("rect", x=f"{x(start):.1f}", y=_TOP, width=f"{x(len(rows) - 1) - x(start):.1f}",
                height=_HIGH - _TOP - _BOTTOM, fill=_BAND)
        )  # fmt: skip
        side, anchor = (x(start) + 4, "start") if start < len(rows) / 2 else (x(len(rows) - 1) - 4, "end")
        parts.append(text(side, _HIGH - _BOTTOM - 6, f"rally since {short_day(trough)}", anchor))
    for value in ticks(low, high):
        parts.append(
            tag("line", x1=_LEFT, x2=_WIDE - _RIGHT, y1=f"{y(value):.1f}", y2=f"{y(value):.1f}", stroke=_FAINT)
        )
        parts.append(text(_LEFT - 6, y(value) + 4, f"{value:,.0f}", "end"))
    for i in range(1, len(rows)):
        if rows[i][0].month != rows[i - 1][0].month and rows[i][0].month in (1, 4, 7, 10):
            parts.append(text(x(i), _HIGH - 8, f"{rows[i][0]:%b %Y}", "middle"))
    points = " ".join(f"{x(i):.1f},{y(close):.1f}" for i, close in enumerate(closes))
    parts.append(tag("polyline", points=points, fill="none", stroke=_LINE, stroke_width=1.8))
    parts.append(tag("circle", cx=f"{x(len(rows) - 1):.1f}", cy=f"{y(closes[-1]):.1f}", r=3.5, fill=_LINE))
    parts.append(text(_LEFT, 17, f"{name}: {closes[-1]:,.2f} on {short_day(rows[-1][0])}", weight="600"))
    return tag(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDE} {_HIGH}", width=_WIDE, height=_HIGH,
        font_family="sans-serif", font_size=12,
    )  # fmt: skip
