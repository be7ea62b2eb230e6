"""The path of the policy rate that the market prices, and the Treasury's curve.

Belongs here: what is read from the marts for these pictures, their captions and descriptions. Does not: drawing
(``charts``), releases (``releases``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, ticks
from warehouse.report.figures import KNOWN_LATER, Figure, acm_note, beside_10_years, rate, rates_of
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import capital, figure, key, no_figure
from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.tables import figure_table
from warehouse.report.wording import MOVES, NONE, month, number, quantity, reason, short_day, signed_quantity

_AHEAD = timedelta(730)
_BEFORE = 20  # sessions back to the pale lines
_LEAST = 0.02  # a smaller chance is not drawn
_TABLED = 8  # meetings in the table
_MATURITIES = (("m3", "3m"), ("y2", "2y"), ("y5", "5y"), ("y10", "10y"), ("y30", "30y"))
_SOURCES = {  # the other sources, each with its mark
    "kalshi": "prediction market (Kalshi), after the meeting",
    "mpt": "Atlanta Fed's tracker, mean of three months",
    "bills": "3-month bill, mean until then, premium included",
}
Path = list[tuple[float, float | None]]


def path(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """The rate after each meeting that futures price, with the chance of each range; then the odds as a table."""
    told = rows(
        con,
        "SELECT * FROM marts.rate_expectations WHERE session_date = ? AND meeting_date <= ?"
        " ORDER BY source, meeting_date, variant",
        now.session, now.session + _AHEAD,
    )  # fmt: skip
    title = "Policy rate, market-implied: a price, not a forecast"
    meetings = [row for row in told if row["is_default"] and row["span"] == "meeting"]
    if not any(row["expected_rate"] is not None for row in meetings):
        return [no_figure(title, _without_futures(con, now, meetings))]
    ranges = rows(
        con,
        "SELECT d.meeting_date, d.range_low, d.range_high, d.probability FROM marts.rate_distribution d"
        " JOIN marts.rate_expectations e USING (session_date, meeting_date, variant, source)"
        " WHERE d.session_date = ? AND d.meeting_date <= ? AND e.is_default AND e.span = 'meeting'"
        " ORDER BY d.meeting_date, d.range_low",
        now.session, now.session + _AHEAD,
    )  # fmt: skip
    return [_picture(con, now, title, told, meetings, ranges), _odds(meetings, ranges)]


def _without_futures(con: duckdb.DuckDBPyConnection, now: Standing, meetings: Sequence[Row]) -> str:
    """Why there is no path."""
    asked = one(
        con,
        "SELECT status FROM marts.indicator_readings WHERE session_date = ? AND reading_id = 'MP02_12m'",
        now.session,
    )
    status = meetings[0]["status"] if meetings else asked.get("status", "NOT_AVAILABLE")
    return f"no path: fed funds futures of this session give no rate ({reason(status)})"


def _picture(
    con: duckdb.DuckDBPyConnection,
    now: Standing,
    title: str,
    told: Sequence[Row],
    meetings: Sequence[Row],
    ranges: Sequence[Row],
) -> Element:
    rates = rates_of(con, now.session)
    months = [row for row in told if row["is_default"] and row["span"] == "month" and row["expected_rate"] is not None]
    others = [row for row in told if row["source"] in _SOURCES and row["expected_rate"] is not None]
    start, last = now.session.toordinal(), meetings[-1]["meeting_date"].toordinal()
    stop = months[0]["meeting_date"].toordinal() if months else last + 45
    end = months[-1]["meeting_date"].toordinal() + 30 if months else stop
    before, ghost = _ghost(con, now)
    line = _steps(meetings, start, stop)
    pale = _steps(ghost, start, max(start, min(stop, ghost[-1]["meeting_date"].toordinal() + 45))) if ghost else []
    drawn = [row for row in ranges if row["probability"] >= _LEAST]
    levels = [
        *(y for _, y in (*line, *pale) if y is not None),
        *(row["expected_rate"] for row in (*months, *others)),
        *(row[edge] for row in drawn for edge in ("range_low", "range_high")),
        *(rates[edge] for edge in ("target_low", "target_high") if rates.get(edge) is not None),
    ]
    room = 0.06 * (max(levels) - min(levels))
    low, high = min(levels) - room, max(levels) + room
    plot = Plot(340, (start, end), (low, high))
    plot.grid(_quarter_points(low, high), lambda v: f"{number(v)}%")
    legend = [("main", "futures: rate after each meeting")]
    if drawn:
        _fan(plot, drawn, meetings, stop)
        legend.append(("fan", "the stronger, the likelier the range"))
    if rates.get("target_low") is not None and rates.get("target_high") is not None:
        plot.level(rates["target_low"], rates["target_high"], "target")
        legend.append(("target", f"target range now, {_range(rates['target_low'], rates['target_high'])}"))
    if pale:
        plot.line(pale, "ghost")
        legend.append(("ghost", f"futures on {short_day(before)}"))
    plot.line(line, "main")
    for row in months:
        plot.dot(row["meeting_date"].toordinal() + 14, row["expected_rate"], "month")
    legend += [("month", "futures: months beyond the known meetings")] if months else []
    legend += _others(plot, others, now.session, end)
    _quarters(plot, start, end)
    final = next(row for row in reversed(meetings) if row["expected_rate"] is not None)
    described = "; ".join(
        f"{short_day(row['meeting_date'])} {number(row['expected_rate'])}%"
        for row in meetings
        if row["expected_rate"] is not None
    )
    newest = (months[-1] if months else final)["expected_rate"]
    plot.end(newest, f"{number(newest)}%")
    absent = [] if pale else [f"what futures priced {_BEFORE} sessions before is not held"]
    absent += [] if drawn else [f"no chances of ranges: {reason(meetings[0]['status_probability'])}"]
    if poor := [short_day(row["meeting_date"]) for row in meetings if row["is_poor_fit"]]:
        absent.append(f"prices of neighbouring months disagree by more than 3 bp at the meeting of {', '.join(poor)}")
    return figure(
        title,
        plot.element("policy-path", title, f"Rate after each meeting: {described}."),
        key(*legend),
        tag("p", f"{capital('; '.join(absent))}.", class_="soft small") if absent else None,
    )


def _quarter_points(low: float, high: float) -> list[float]:
    """Rates within the edges at which a target range can end; fewer where they would stand too close."""
    step = next((s for s in (0.25, 0.5, 1.0) if high - low <= 7 * s), 2.0)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _ghost(con: duckdb.DuckDBPyConnection, now: Standing) -> tuple[date, list[Row]]:
    """The path of 20 sessions before and its day; empty where it is not held."""
    then = one(
        con,
        "SELECT session_date FROM marts.rates_daily WHERE session_date <= ? ORDER BY session_date DESC LIMIT 1 OFFSET ?",
        now.session, _BEFORE,
    ).get("session_date", now.session)  # fmt: skip
    return then, rows(
        con,
        "SELECT meeting_date, start_rate, expected_rate FROM marts.rate_expectations"
        " WHERE session_date = ? AND session_date < ? AND is_default AND span = 'meeting' AND meeting_date <= ?"
        " AND expected_rate IS NOT NULL ORDER BY meeting_date",
        then, now.session, now.session + _AHEAD,
    )  # fmt: skip


def _steps(meetings: Sequence[Row], start: int, stop: int) -> Path:
    """The rate from ``start`` on as steps at the meetings; the step of a meeting without a rate is left out."""
    level = meetings[0]["start_rate"]
    made: Path = []
    for row in meetings:
        at = row["meeting_date"].toordinal()
        if at > start:
            made += [(max(start, made[-1][0] if made else start), level), (at, level)]
        level = row["expected_rate"]
    return [*made, (max(start, made[-1][0] if made else start), level), (stop, level)]


def _fan(plot: Plot, ranges: Sequence[Row], meetings: Sequence[Row], stop: int) -> None:
    """A rectangle per range from its meeting to the next, as strong as its chance."""
    days = [row["meeting_date"].toordinal() for row in meetings]
    until = dict(zip(days, [*days[1:], stop], strict=True))
    for row in ranges:
        at = row["meeting_date"].toordinal()
        plot.cell((at, row["range_low"]), (until[at], row["range_high"]), "fan", 0.06 + 0.45 * row["probability"])


def _others(plot: Plot, others: Sequence[Row], session: date, end: int) -> list[tuple[str, str]]:
    """Marks of the other sources as far as the picture reaches, and their entries of the key."""
    seen = set()
    for row in others:
        at, y, source = row["meeting_date"].toordinal(), row["expected_rate"], row["source"]
        if at > end:
            continue
        if row["span"] == "meeting":
            plot.dot(at, y, source)
        else:
            x = session.toordinal() if row["span"] == "mean_until" else at
            plot.line([(x, y), (min(end, at if row["span"] == "mean_until" else at + 91), y)], source)
        seen.add(source)
    return [(source, words) for source, words in _SOURCES.items() if source in seen]


def _quarters(plot: Plot, start: int, end: int) -> None:
    """A label at the first day of each quarter: the year in January, else the month."""
    for day in map(date.fromordinal, range(start + 1, end)):
        if day.day == 1 and day.month in (1, 4, 7, 10):
            plot.axis(day.toordinal(), str(day.year) if day.month == 1 else month(day))


def _range(low: float, high: float) -> str:
    return f"{number(low)}\N{EN DASH}{number(high)}%"


def _odds(meetings: Sequence[Row], ranges: Sequence[Row]) -> Element:
    """The next meetings: chance of a lower, the same, a higher range, the likeliest one, the rate after."""
    lines: list[list[Child]] = []
    for row in meetings[:_TABLED]:
        here = [r for r in ranges if r["meeting_date"] == row["meeting_date"]]
        top = max(here, key=lambda r: (r["probability"], -r["range_low"]), default=None)
        absent = f"{NONE} {reason(row['status_probability'])}"
        chances: list[Child] = [
            absent if row[column] is None else quantity(row[column], "probability")
            for column in ("p_cut", "p_hold", "p_hike")
        ]
        likeliest = tag(
            "span", _range(top["range_low"], top["range_high"]),
            tag("span", f" {quantity(top['probability'], 'probability')}", class_="soft"),
        ) if top else absent  # fmt: skip
        after = row["expected_rate"]
        said = f"{NONE} {reason(row['status'])}" if after is None else f"{number(after)}%"
        lines.append([short_day(row["meeting_date"]), *chances, said, likeliest])
    caption = "Market-implied chance that the range is lower, the same or higher than now after each meeting"
    return table(
        caption, ("Meeting", "Lower", "Same", "Higher", "Rate after", "Likeliest range"), lines, (1, 2, 3, 4, 5), "odds"
    )


def curve(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """The Treasury's curve against 20 sessions before; real yield, breakeven and term premium beside it."""
    found = rows(
        con,
        "SELECT * FROM marts.rates_daily WHERE session_date <= ? ORDER BY session_date DESC LIMIT ?",
        now.session, _BEFORE + 1,
    )  # fmt: skip
    title = "Treasury yields by maturity"
    today = found[0] if found and found[0]["session_date"] == now.session else {}
    if not any(today.get(column) is not None for column, _ in _MATURITIES):
        why = f"no yields: {reason(today['status_y10'])}" if today else "no yields: no row for this session"
        return [no_figure(title, why)]
    then = found[_BEFORE] if len(found) > _BEFORE else {}
    made_of = "What the yields are made of" + (f"; {KNOWN_LATER}" if today["is_acm_reconstructed"] else "")
    return [_curve(title, today, then), figure_table(made_of, _parts(today))]


def _curve(title: str, today: Row, then: Row) -> Element:
    held = [row[column] for row in (today, then) for column, _ in _MATURITIES if row.get(column) is not None]
    room = max(0.1, 0.2 * (max(held) - min(held)))
    low, high = min(held) - room, max(held) + room
    plot = Plot(300, (-0.25, len(_MATURITIES) - 0.75), (low, high))
    plot.grid(ticks(low, high), lambda v: f"{number(v)}%")
    legend = [("main", short_day(today["session_date"]))]
    if then:
        plot.line([(i, then[column]) for i, (column, _) in enumerate(_MATURITIES)], "ghost")
        legend.append(("ghost", f"{short_day(then['session_date'])}, {_BEFORE} sessions before"))
    plot.line([(i, today[column]) for i, (column, _) in enumerate(_MATURITIES)], "main")
    for i, (column, name) in enumerate(_MATURITIES):
        plot.axis(i, name)
        if (y := today[column]) is not None:
            plot.dot(i, y, "main")
            beside = [today[c] for c, _ in _MATURITIES[max(0, i - 1) : i + 2] if today[c] is not None]
            plot.note(i, y, f"{number(y)}%", "main", is_above=y >= sum(beside) / len(beside))
    missing = [
        f"{name}: {NONE} {reason(today[f'status_{column}'])}" for column, name in _MATURITIES if today[column] is None
    ]
    said = "; ".join(f"{name} {number(today[c])}%" for c, name in _MATURITIES if today[c] is not None)
    return figure(
        title,
        plot.element("curve", title, f"{said}. {_move(today)}"),
        key(*legend),
        tag("p", _move(today), class_="aside"),
        tag("p", "; ".join(missing), class_="absent") if missing else None,
    )


def _move(today: Row) -> str:
    """How the curve moved, in words, with the two measures that decide."""
    if today["curve_move"] is None:
        return f"How the curve moved over {_BEFORE} sessions: {NONE} {reason(today['status_move'])}."
    name, words = MOVES[today["curve_move"]]
    level, slope = (signed_quantity(today[f"{part}_move_bp"], "bp") for part in ("level", "slope"))
    return f"{capital(name)} over {_BEFORE} sessions: {words} (level {level}, slope {slope})."


def _parts(row: Row) -> list[Figure]:
    return [
        rate(row, "10-year real yield", "tips10", "status_tips10", beside_10_years(row, "status_breakeven")),
        rate(row, "10-year breakeven inflation", "breakeven10", "status_breakeven", "nominal less real yield"),
        rate(row, "10-year term premium", "term_premium_acm", "status_acm", acm_note(row)),
        rate(row, "Expected short rates, 10 years", "expected_rate_acm", "status_expected_acm", acm_note(row)),
        rate(row, "10-year term premium", "term_premium_kw", "status_kw", "Kim and Wright"),
    ]
