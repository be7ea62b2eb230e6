"""What the move came from, in pictures: shocks of each stretch of five sessions, the account, the half-days of events.

Belongs here: what is read from the marts for these pictures, their findings as titles and their descriptions. Does not:
drawing (``charts``), the first screen (``strip``).
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, signed_bar, ticks
from warehouse.report.conclusion import Conclusion, Part
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import capital, figure, key, no_figure
from warehouse.report.query import rows
from warehouse.report.takeaway import take_away
from warehouse.report.wording import NONE, number, reason, short_day, signed

_SHOCKS = ("growth", "monetary", "hedging", "common")
_WEEKS = 52
_WEEKLY = """
SELECT session_date, component, contribution_pp, move_pp
FROM marts.rally_attribution
WHERE layer = 'shocks' AND window_id = '5d' AND status = 'OK' AND session_date = ANY(?)
ORDER BY session_date, component"""


def weekly(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """Stacked bars of the four shocks over each five sessions back from the newest, with the index's move as dots."""
    caption = "Which news moved the index, five sessions at a time"
    place = "rally_attribution.contribution_pp"
    last = [
        row["session_date"]
        for row in rows(
            con,
            "SELECT DISTINCT session_date FROM marts.rally_attribution WHERE layer = 'shocks' AND window_id = '5d' AND status = 'OK'"
            " AND index_id = ? AND session_date <= ? ORDER BY 1 DESC LIMIT ?",
            found.index_id, found.session, 5 * _WEEKS,
        )
    ]  # fmt: skip
    ends = last[::5][::-1]
    if not ends or last[0] != found.session:
        return no_figure(caption, reason("WARMUP"), place)
    told: dict[object, dict[str, float]] = {}
    moves: dict[object, float] = {}
    for row in rows(con, _WEEKLY, ends):
        if row["component"] in _SHOCKS:
            told.setdefault(row["session_date"], {})[row["component"]] = row["contribution_pp"]
            moves[row["session_date"]] = row["move_pp"]
    up = [sum(max(v, 0) for v in told[day].values()) for day in ends]
    down = [sum(min(v, 0) for v in told[day].values()) for day in ends]
    high, low = max(*up, *moves.values(), 1.0) * 1.08, min(*down, *moves.values(), -1.0) * 1.08
    plot = Plot(260, (-0.6, len(ends) - 0.4), (low, high))
    plot.grid(ticks(low, high), lambda v: signed(v, 0))
    for name in _SHOCKS:
        plot.stacks([(i, *_stretch(told[day], name)) for i, day in enumerate(ends)], 0.78, f"shock-{name}")
    for i, day in enumerate(ends):
        plot.dot(i, moves[day], "move")
    step = max(1, len(ends) // 6)
    for i in range(len(ends) - 1, -1, -step):
        plot.axis(i, short_day(ends[i]))
    if found.low_date is not None:
        since = next((i for i, day in enumerate(ends) if day > found.low_date), None)
        if since is not None:
            plot.upright(since - 0.5)
    total = {name: sum(told[day].get(name, 0.0) for day in ends) for name in _SHOCKS}
    most = max(total, key=lambda name: abs(total[name]))
    names = {part.component: part.name for part in found.shocks} or dict(zip(_SHOCKS, _SHOCKS, strict=True))
    title = f"{names.get(most, most)} moved the index most over the last {len(ends)} stretches of five sessions"
    described = "; ".join(f"{names.get(n, n)} {signed(total[n], 1)} points in all" for n in _SHOCKS)
    return figure(
        title,
        plot.element("weekly-shocks", title, described),
        key(*((f"shock-{name}", names.get(name, name)) for name in _SHOCKS), ("move", "move of the index")),
        tag("p", "Medians over all rotations that fit the signs; points of 100 x log return. What they leave is not drawn.", class_="small soft"),
        take_away(
            "shocks_by_five_sessions",
            f"Source: yields of the Treasury and closes of the index, to {short_day(found.session)}; unit: points of log return.",
            _WEEKLY.replace("= ANY(?)", "> DATE '" + str(ends[0]) + "'"),
            ["session_date", *_SHOCKS, "move"],
            [[day, *(round(told[day].get(n, 0.0), 4) for n in _SHOCKS), round(moves[day], 4)] for day in ends],
        ),
        where=place,
    )  # fmt: skip


def _stretch(told: dict[str, float], name: str) -> tuple[float, float]:
    """Where the bar of one shock begins and ends: on those of the same sign before it."""
    value = told.get(name, 0.0)
    before = sum(
        told.get(other, 0.0) for other in _SHOCKS[: _SHOCKS.index(name)] if (told.get(other, 0.0) >= 0) == (value >= 0)
    )
    return before, before + value


def account(found: Conclusion) -> Element:
    """The accounting waterfall: earnings, real yield, gap, dividends, one after the other up to the total return."""
    caption, place = "The account of the move: earnings, yields, dividends", "rally_attribution.contribution_pp"
    order = ("earnings", "real_rate", "gap", "dividend")
    told = {part.component: part for part in found.account}
    if not all(name in told for name in order):
        return no_figure(caption, reason("LOW_COVERAGE"), place)
    parts = [told[name] for name in order]
    total = sum(part.points for part in parts)
    runs: list[tuple[float, float]] = []
    level = 0.0
    for part in parts:
        runs.append((level, level + part.points))
        level += part.points
    edges = [0.0, total, *(end for run in runs for end in run)]
    low, high = min(edges) - 0.8, max(edges) + 0.8
    plot = Plot(240, (-0.6, len(parts) + 0.6), (low, high))
    plot.grid(ticks(low, high), lambda v: signed(v, 0))
    plot.across(0, "zero")
    for way, is_up in (("up", True), ("down", False)):
        plot.stacks([(i, *run) for i, run in enumerate(runs) if (run[1] >= run[0]) == is_up], 0.62, f"fall-{way}")
    plot.stacks([(len(parts), 0.0, total)], 0.62, "fall-total")
    for i, (part, run) in enumerate(zip(parts, runs, strict=True)):
        plot.note(i, max(run), signed(part.points, 1), "plain")
        plot.axis(i, _SHORT[part.component])
    plot.note(len(parts), max(total, 0.0), signed(total, 1), "plain")
    plot.axis(len(parts), "Return")
    most = max(parts, key=lambda part: abs(part.points))
    title = f"By the account, {_WORDS[most.component]} made {signed(most.points, 1)} of {signed(total, 1)} points"
    said = "; ".join(f"{part.name} {signed(part.points, 1)}" for part in parts)
    return figure(
        title,
        plot.element("account", title, said),
        tag("p", "An account, no cause: the gap also holds news of growth. Points of log return, with dividends.", class_="small soft"),
        take_away(
            "account", f"Source: reports to the SEC, real yields of the Treasury, to {short_day(found.session)}.",
            "SELECT component, contribution_pp, share_of_move\nFROM marts.rally_attribution\n"
            f"WHERE layer = 'accounting' AND session_date = DATE '{found.session}'",
            ["component", "points"], [[part.component, round(part.points, 6)] for part in parts],
        ),
        where=place,
    )  # fmt: skip


_SHORT = {"earnings": "Earnings", "real_rate": "Real yield", "gap": "Gap", "dividend": "Dividends"}
_WORDS = {
    "earnings": "earnings",
    "real_rate": "the real yield",
    "gap": "the earnings-yield gap",
    "dividend": "dividends",
}


def half_days(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """Per kind of event: sessions, what fell on its half-days, and whether other days would have done as much."""
    told = rows(
        con,
        "SELECT component_name, n, contribution_pp, share_of_move, p_permutation, q_value, is_named FROM marts.rally_attribution"
        " WHERE layer = 'calendar' AND window_id = 'since_trough' AND index_id = ? AND session_date = ? AND status = 'OK'"
        " AND n IS NOT NULL ORDER BY abs(contribution_pp) DESC, component",
        found.index_id, found.session,
    )  # fmt: skip
    if not told:
        return tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")
    edge = max(abs(row["contribution_pp"]) for row in told) or 1.0
    named = [row["component_name"] for row in told if row["is_named"]]
    title = (
        f"{capital(', '.join(named))} moved it beyond chance" if named else "No kind of event moved it beyond chance"
    )
    body: list[list[Child]] = [
        [
            row["component_name"],
            str(row["n"]),
            tag(
                "span",
                signed_bar(
                    row["contribution_pp"] / edge,
                    "bullish" if row["contribution_pp"] >= 0 else "bearish",
                    is_signed=True,
                ),
            ),
            signed(row["contribution_pp"], 2),
            NONE if row["p_permutation"] is None else number(row["p_permutation"], 2),
            NONE if row["q_value"] is None else number(row["q_value"], 2),
        ]
        for row in told
    ]
    rest = (
        ""
        if found.untagged is None
        else f" {signed(found.untagged, 1)} of {signed(found.move or 0, 1)} points fell on none of them."
    )
    return tag(
        "div",
        table(title, ["Event", "Sessions", "Of the move", "Points", "p", "q"], body, numeric=(1, 3, 4, 5), class_="events"),
        tag(
            "p", "Releases of 08:30 own the night before the open, decisions of the central bank the session. p: share of 2,000 draws of"
            " other days of the same weekday that did as much; q after Benjamini and Hochberg; – where there are too few days."
            + rest, class_="small soft",
        ),
    )  # fmt: skip


def sectors(found: Conclusion) -> Element | None:
    """Sectors by what they added; None where no weights are held."""
    told = [part for part in found.sectors if part.component != "residual"]
    if not told:
        return None
    edge = max(abs(part.points) for part in told) or 1.0
    left = next((part.points for part in found.sectors if part.component == "residual"), 0.0)
    title = f"{told[0].name} added most of {signed(sum(p.points for p in found.sectors), 1)} points"
    body: list[list[Child]] = [[part.name, tag("span", _bar(part, edge)), signed(part.points, 2)] for part in told]
    body.append(["Left unexplained", tag("span"), signed(left, 2)])
    return table(title, ["Sector", "Of the move", "Points"], body, numeric=(2,), class_="by-sector")


def _bar(part: Part, edge: float) -> Element:
    return signed_bar(part.points / edge, "bullish" if part.points >= 0 else "bearish", is_signed=True)
