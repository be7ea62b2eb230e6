"""Statistics as they were known at each session's snapshot: what each publication said.

Belongs here: what was said, period by period, and changes inside one publication. Does not: tables of it
(``macro_tables``), readings made of it (``macro_readings``), what was expected (``releases``).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import polars as pl

from ingestion.calendar import NEW_YORK
from second.facts import World, micros, moment

DAY = 86_400_000_000
Panel = dict[date, float]


@dataclass(frozen=True)
class Said:
    """What a series said from a moment on: its panel, from which source, and when the newest period first came."""

    known: int
    source: str
    panel: Panel
    newest: date
    released: int


@dataclass(frozen=True)
class History:
    """Everything one released series said, in order; its first period, and the first and last word on each period."""

    said: list[Said]
    first_period: date
    first_value: Panel
    last_value: Panel
    first_prints: set[date]  # periods whose first word is what was printed first

    def at(self, snapshot: int) -> Said | None:
        """What was known at a snapshot."""
        n = bisect_right(self.said, snapshot, key=lambda said: said.known) - 1
        return self.said[n] if n >= 0 else None


def back(period: date, count: int, frequency: str) -> date:
    """The period so many weeks, months or quarters before."""
    if frequency in ("W", "WF"):
        return period - timedelta(7 * count)
    months = period.year * 12 + period.month - 1 - count * (3 if frequency == "Q" else 1)
    return date(months // 12, months % 12 + 1, 1)


def published_figures(world: World, series: dict[str, str]) -> list[tuple[int, date, float]]:
    """Figures of the plain file with the moment each was public, in that order."""
    listed = {
        row["obs_period"]: row["release_date"]
        for row in world.seed("release_dates")
        if row["release_id"] == series["release_id"] and row["release_date"]
    }
    both = "SELECT * FROM raw.fred_observations UNION ALL BY NAME SELECT * FROM raw.fred_observations_superseded"
    rows = world.rows(f"SELECT * FROM ({both}) WHERE series_id = '{series['series_id']}'")
    seen: set[date] = set()
    found = []
    for row in rows.sort("known_at", "fetched_at", "landing_sha256").iter_rows(named=True):
        day = row["observation_date"]
        public = micros(row["known_at"])
        if str(day) in listed:
            stated = datetime.combine(date.fromisoformat(listed[str(day)]), time(8, 30), NEW_YORK)
            public = micros(stated) if day not in seen else max(public, micros(stated))
        seen.add(day)
        if row["value"] is not None and public <= micros(world.as_of):
            found.append((public, day, row["value"]))
    return sorted(found)


def published_vintages(world: World, series_id: str) -> list[tuple[int, date, float | None]]:
    rows = _all_vintages(world).filter(pl.col("series_id") == series_id)
    return [
        (micros(known), day, value)
        for known, day, value in rows.select("known_at", "observation_date", "value").iter_rows()
    ]


@cache
def _all_vintages(world: World) -> pl.DataFrame:
    return world.firsts("alfred_vintages").sort("known_at", "vintage_date", "observation_date")


def _speakers(
    told: list[tuple[int, date, float | None]], figures: list[tuple[int, date, float]], until: int
) -> list[tuple[int, str]]:
    """From when on which source speaks. The plain file waits four days for a vintage, unless none came for 100 days.

    It says nothing of a period that a vintage told before it.
    """
    vintages, first_told = sorted({known for known, _, _ in told}), dict[date, int]()
    for known, day, _ in told:
        first_told[day] = min(known, first_told.get(day, known))
    events = [(known, "vintage") for known in vintages]
    began: dict[date, int] = {}
    for public, day, _ in figures:
        began.setdefault(day, public)
    for day, public in began.items():
        if first_told.get(day, public + 1) <= public:
            continue
        before = vintages[bisect_right(vintages, public) - 1] if vintages and vintages[0] <= public else None
        n = bisect_right(vintages, public + 4 * DAY) - 1
        follows = n >= 0 and vintages[n] >= public - DAY // 2
        if not follows:
            is_alone = before is None or before < public - 100 * DAY
            events.append((public if is_alone else public + 4 * DAY, "lag_rule"))
    spoken: dict[int, str] = {}
    for known, source in events:
        if known <= until:
            spoken[known] = max(source, spoken.get(known, source))
    return sorted(spoken.items())


@cache
def histories(world: World) -> dict[str, History]:
    """Every released series that is held."""
    found = {}
    for series in world.seed("series"):
        if series["release_id"]:
            history = _history(world, series)
            if history:
                found[series["series_id"]] = history
    return found


def _history(world: World, series: dict[str, str]) -> History | None:
    told: dict[str, list[tuple[int, date, Any]]] = {
        "vintage": published_vintages(world, series["series_id"]),
        "lag_rule": published_figures(world, series),
    }
    speakers = _speakers(told["vintage"], told["lag_rule"], micros(world.as_of))
    panels: dict[str, dict[date, Any]] = {"vintage": {}, "lag_rule": {}}
    began: dict[str, dict[date, int]] = {"vintage": {}, "lag_rule": {}}
    at = {known: source for known, source in speakers}
    changes: dict[int, list[tuple[str, date, Any]]] = {known: [] for known in at}
    for source, rows in told.items():
        for known, day, value in rows:
            changes.setdefault(known, []).append((source, day, value))
    reach = timedelta(days=420)
    said: list[Said] = []
    first_value, last_value, first_prints = {}, {}, set()
    sources: set[str] = set()
    speaks: str | None = None
    for known in sorted(changes):
        is_changed = known in at and at[known] != speaks
        speaks = at.get(known, speaks)
        for source, day, value in changes[known]:
            before = panels[source].get(day, began)  # a marker: nothing yet
            if before is began or value != before:
                is_changed = True
                panels[source][day] = value
                began[source].setdefault(day, known)
        if speaks is None or not is_changed or not panels[speaks]:
            continue
        newest = max(panels[speaks])
        oldest = newest - reach if series["frequency"] in ("W", "WF") else back(newest, 40, "M")
        panel = {day: value for day, value in panels[speaks].items() if oldest < day <= newest}
        said.append(Said(known, speaks, panel, newest, began[speaks][newest]))
        is_opening = speaks not in sources  # the first word of a source repeats what others had printed before
        sources.add(speaks)
        for day, value in panel.items():
            if day not in first_value and not is_rebuilt(said[-1], series) and not (is_opening and day < newest):
                first_prints.add(day)
            first_value.setdefault(day, value)
            last_value[day] = value
    every = [*panels["vintage"], *panels["lag_rule"]]
    return History(said, min(every), first_value, last_value, first_prints) if said else None


def is_rebuilt(said: Said, series: dict[str, str]) -> bool:
    """Newest figures of a series that gets revised, under an old date."""
    return said.source == "lag_rule" and series["revision_kind"] == "vintage"


def reason(panel: Panel, newest: date, needed: list[date], first_period: date) -> str:
    """OK, or why a value that needs these periods is missing."""
    if all(panel.get(day) is not None for day in needed):
        return "OK"
    return "WARMUP" if min([*needed, newest]) < first_period else "NOT_PUBLISHED"


def changes(said: Said, series: dict[str, str], first_period: date) -> dict[str, Any]:
    """mom, yoy, ann_3m, ann_6m with their reasons (``status_…``), and the figure a release is judged by (``headline``)."""
    frequency, unit = series["frequency"], series["unit"]
    x = {k: said.panel.get(back(said.newest, k, frequency)) for k in (0, 1, 3, 4, 6, 12, 52)}
    year = {"W": 52, "WF": 52, "Q": 4}.get(frequency, 12)
    in_points = unit in ("pct", "z")

    def change(k: int, power: int) -> float | None:
        if x[0] is None or x[k] is None:
            return None
        if in_points:
            return x[0] - x[k] if power == 1 else None
        return 100 * ((x[0] / x[k]) ** power - 1) if x[k] else None

    found: dict[str, Any] = {}
    for name, k, power in (("mom", 1, 1), ("yoy", year, 1), ("ann_3m", 3, 4), ("ann_6m", 6, 2)):
        why = reason(said.panel, said.newest, [back(said.newest, k, frequency)], first_period)
        if power > 1 and (unit == "pct" or frequency != "M"):
            found[name], found[f"status_{name}"] = None, "NOT_AVAILABLE"
        else:
            found[name], found[f"status_{name}"] = change(k, power), why
    if in_points or unit == "count":
        found["headline"] = x[0]
    elif unit == "thousand":
        found["headline"] = None if x[0] is None or x[1] is None else x[0] - x[1]
    else:
        found["headline"] = found["mom"]
    return found


def is_stale(said: Said, snapshot: int, frequency: str) -> bool:
    """A figure that came out so long ago that the next one was due."""
    age = (moment(snapshot).date() - moment(said.released).date()).days
    return age > {"W": 10, "WF": 10, "Q": 130}.get(frequency, 45)
