"""The rally beside every earlier one of the same rule, by age.

Belongs here: which episodes are drawn, how many there are, and what may not be read into them. Does not: drawing.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, ticks
from warehouse.report.markup import tag
from warehouse.report.pictures import capital, figure, key
from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import counted, short_day, signed

Path = list[tuple[float, float | None]]
_CAVEAT = (
    " These are precedents, not a forecast: each had its own circumstances, and how it ended is known only in hindsight."
    " A line starts at its low, which could be recognised only once the rise was confirmed, and stops where the end was."
)


def precedents(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """Gain by age of the open (else the last) rally beside every earlier one of the same rule."""
    focus = now.episode
    if not focus:
        return [tag("p", f"No rally has been confirmed ({now.rule_words}) in the history held.", class_="absent")]
    earlier = one(
        con,
        "SELECT count(*) AS n, count(*) FILTER (age_sessions > ?) AS longer, max(age_sessions) AS oldest"
        " FROM marts.rally_episodes WHERE index_id = ? AND rule = ? AND episode_no < ?",
        focus["age_sessions"], now.index_id, now.rule, focus["episode_no"],
    )  # fmt: skip
    shown = min(max(126, 2 * focus["age_sessions"]), max(earlier["oldest"] or 0, focus["age_sessions"] + 10))
    drawn, recovered = _paths(con, now, shown)
    name = "the open rally" if now.is_rally else f"the last rally, ended {short_day(focus['end_confirmed_date'])}"
    back, fell = recovered.count(True), recovered.count(False)
    legend = [("focus", name)]
    legend += [("back", f"earlier, reached the old peak (n = {back})")] if back else []
    legend += [("fell", f"earlier, ended short of it (n = {fell})")] if fell else []
    age, gain = drawn[-1][-1]
    title = "Gain since the low, by age in sessions"
    said = f"{capital(name)}: {signed(gain or 0)}% after {counted(int(age), 'session')}; {earlier['n']} earlier ones."
    plot = _plot(drawn, recovered, shown)
    return [
        figure(title, plot.element("paths", title, said), key(*legend)),
        tag("p", _note(now, earlier), class_="aside"),
    ]


def _paths(con: duckdb.DuckDBPyConnection, now: Standing, shown: int) -> tuple[list[Path], list[bool]]:
    """Paths of the earlier episodes and, last, the one in focus; whether each earlier one reached its old peak."""
    paths: dict[int, Path] = {}
    recovered: dict[int, bool] = {}
    for row in rows(
        con,
        "SELECT e.episode_no, e.recovered_date, 100 * (m.close / e.trough_level - 1) AS gain,"
        " row_number() OVER (PARTITION BY e.episode_no ORDER BY m.session_date) - 1 AS age"
        " FROM marts.rally_episodes e JOIN marts.market_daily m ON m.instrument_id = e.index_id"
        " AND m.session_date BETWEEN e.trough_date AND coalesce(e.end_confirmed_date, e.built_for_session)"
        " WHERE e.index_id = ? AND e.rule = ? AND e.episode_no <= ? ORDER BY e.episode_no, m.session_date",
        now.index_id, now.rule, now.episode["episode_no"],
    ):  # fmt: skip
        if row["age"] <= shown:
            paths.setdefault(row["episode_no"], []).append((row["age"], row["gain"]))
            recovered[row["episode_no"]] = row["recovered_date"] is not None
    recovered.pop(now.episode["episode_no"])
    return list(paths.values()), list(recovered.values())


def _plot(drawn: list[Path], recovered: list[bool], shown: int) -> Plot:
    gains = [gain for path in drawn for _, gain in path if gain is not None]
    low, high = min(gains) - 1, max(gains) * 1.06 + 1
    plot = Plot(320, (0, shown), (low, high))
    plot.grid(ticks(low, high), lambda v: f"{signed(v, 0)}%")
    for age in ticks(0, shown, 6):
        plot.axis(age, f"{age:.0f}")
    for path, reached in zip(drawn, recovered, strict=False):
        plot.line(path, "back" if reached else "fell")
    plot.line(drawn[-1], "focus")
    age, gain = drawn[-1][-1]
    if gain is not None:
        plot.dot(age, gain, "focus")
        before = next((y for _, y in reversed(drawn[-1][:-1]) if y is not None), gain)
        plot.note(age, gain, f"{signed(gain)}%", "focus", is_above=gain >= before)
    return plot


def _note(now: Standing, earlier: Row) -> str:
    if not earlier["n"]:
        return f"No earlier rally ({now.rule_words}) is held (n = 0), so there is nothing to compare with."
    age = counted(now.episode["age_sessions"], "session")
    lived = f"outlived the {age} this one has lasted so far" if now.is_rally else f"outlived the {age} it lasted"
    return (
        f"{capital(counted(earlier['n'], 'earlier rally'))} of {now.index['name']} ({now.rule_words}):"
        f" {earlier['longer']} {lived}.{_CAVEAT}"
    )
