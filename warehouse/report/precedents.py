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
    bands = _bands(con, now, shown)
    title = _finding(bands, age, gain, name)
    said = f"{capital(name)}: {signed(gain or 0)}% after {counted(int(age), 'session')}; {earlier['n']} earlier ones."
    plot = _plot(drawn, recovered, shown, bands)
    legend += [("interval", "8 in 10 of the earlier ones still open at that age, and their median")] if bands else []
    return [
        figure(title, plot.element("paths", title, said), key(*legend)),
        tag("p", _note(now, earlier), class_="aside"),
    ]


def _paths(con: duckdb.DuckDBPyConnection, now: Standing, shown: int) -> tuple[list[Path], list[bool]]:
    """Paths of the earlier episodes and, last, the one in focus; whether each earlier one reached its old peak. A path begins
    at its low and goes on where it was confirmed; beyond the first quarter every third session is enough for a line.
    """
    paths: dict[int, Path] = {}
    recovered: dict[int, bool] = {}
    for row in rows(
        con,
        "SELECT e.episode_no, e.recovered_date, d.gain, d.age_sessions AS age FROM marts.rally_episodes e"
        " JOIN marts.rally_daily d ON d.index_id = e.index_id AND d.rule = e.rule AND d.episode_id = e.episode_id"
        " WHERE e.index_id = ? AND e.rule = ? AND e.episode_no <= ? AND d.session_date <= ? AND d.age_sessions <= ?"
        " ORDER BY e.episode_no, d.session_date",
        now.index_id, now.rule, now.episode["episode_no"], now.session, shown,
    ):  # fmt: skip
        path = paths.setdefault(row["episode_no"], [(0, 0.0)])
        is_focus = row["episode_no"] == now.episode["episode_no"]
        if is_focus or row["age"] <= 21 or row["age"] % 3 == 0:
            path.append((row["age"], row["gain"]))
        recovered[row["episode_no"]] = row["recovered_date"] is not None
    focus = paths.pop(now.episode["episode_no"], [(0, 0.0)])
    recovered.pop(now.episode["episode_no"], None)
    return [*paths.values(), focus], list(recovered.values())


def _bands(con: duckdb.DuckDBPyConnection, now: Standing, shown: int) -> list[Row]:
    """Per age the 10th, 50th and 90th percentile of the gain of the earlier rallies that were still open, where ten were."""
    return rows(
        con,
        "SELECT d.age_sessions AS age, quantile_cont(d.gain, 0.1) AS low, quantile_cont(d.gain, 0.5) AS middle,"
        " quantile_cont(d.gain, 0.9) AS high, count(*) AS n FROM marts.rally_daily d JOIN marts.rally_episodes e"
        " ON e.index_id = d.index_id AND e.rule = d.rule AND e.episode_id = d.episode_id"
        " WHERE d.index_id = ? AND d.rule = ? AND e.episode_no < ? AND d.age_sessions BETWEEN 1 AND ?"
        " GROUP BY 1 HAVING count(*) >= 10 ORDER BY 1",
        now.index_id, now.rule, now.episode["episode_no"], shown,
    )  # fmt: skip


def _finding(bands: list[Row], age: float, gain: float | None, name: str) -> str:
    """Where the rally stands among those still open at its age."""
    here = next((row for row in bands if row["age"] == age), None)
    if here is None or gain is None:
        return f"{capital(name)}: gain since the low, by age in sessions"
    place = (
        "above nine in ten"
        if gain > here["high"]
        else "below nine in ten"
        if gain < here["low"]
        else "within the middle eight in ten"
    )
    return f"{capital(name)} stands {place} of {here['n']} earlier rallies at this age ({signed(gain)}%, median {signed(here['middle'])}%)"


def _plot(drawn: list[Path], recovered: list[bool], shown: int, bands: list[Row]) -> Plot:
    gains = [gain for path in drawn for _, gain in path if gain is not None]
    low, high = min(gains) - 1, max(gains) * 1.06 + 1
    plot = Plot(320, (0, shown), (low, high))
    plot.grid(ticks(low, high), lambda v: f"{signed(v, 0)}%")
    for age in ticks(0, shown, 6):
        plot.axis(age, f"{age:.0f}")
    plot.between([(row["age"], row["low"], row["high"]) for row in bands], "interval")
    plot.line([(row["age"], row["middle"]) for row in bands], "middle")
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
