"""Statistics as they were known at each session's snapshot: ``macro_as_known`` and ``macro_vintages``.

Belongs here: what each publication said, period by period, and changes inside one publication. Does not: readings made
of them (``readings``).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import numpy as np
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


def _published(world: World, series: dict[str, str]) -> list[tuple[int, date, float]]:
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


def _vintages(world: World, series_id: str) -> list[tuple[int, date, float | None]]:
    rows = _all_vintages(world).filter(pl.col("series_id") == series_id)
    return [
        (micros(known), day, value)
        for known, day, value in rows.select("known_at", "observation_date", "value").iter_rows()
    ]


@cache
def _all_vintages(world: World) -> pl.DataFrame:
    return world.firsts("alfred_vintages").sort("known_at", "vintage_date", "observation_date")


def _speakers(vintages: list[int], figures: list[tuple[int, date, float]], until: int) -> list[tuple[int, str]]:
    """From when on which source speaks. The plain file waits four days for a vintage, unless none came for 100 days."""
    events = [(known, "vintage") for known in vintages]
    began: dict[date, int] = {}
    for public, day, _ in figures:
        began.setdefault(day, public)
    for public in began.values():
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
        "vintage": _vintages(world, series["series_id"]),
        "lag_rule": _published(world, series),
    }
    speakers = _speakers(sorted({known for known, _, _ in told["vintage"]}), told["lag_rule"], micros(world.as_of))
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


def _surprises(history: History, series: dict[str, str]) -> dict[date, tuple[int, float | None]]:
    """Newest period → when it came and what it brought beyond the release before, as that stood just before."""
    found: dict[date, tuple[int, float | None]] = {}
    before: tuple[Said, Any] | None = None
    for said in history.said:
        now = changes(said, series, history.first_period)["headline"]
        if before and said.newest > before[0].newest and said.newest not in found:
            is_known = now is not None and before[1] is not None
            is_known = is_known and not is_rebuilt(said, series) and not is_rebuilt(before[0], series)
            found[said.newest] = (said.known, now - before[1] if is_known else None)
        before = (said, now)
    return found


def is_stale(said: Said, snapshot: int, frequency: str) -> bool:
    """A figure that came out so long ago that the next one was due."""
    age = (moment(snapshot).date() - moment(said.released).date()).days
    return age > {"W": 10, "WF": 10, "Q": 130}.get(frequency, 45)


def _released(world: World, series: dict[str, str]) -> list[dict[str, Any]]:
    history = histories(world).get(series["series_id"])
    if history is None:
        return []
    surprises, made = _surprises(history, series), {}
    rows = []
    for n, day in enumerate(world.days):
        snapshot = int(world.snapshots[n])
        said = history.at(snapshot) if day >= date.fromisoformat(series["history_from"]) else None
        if said is None:
            continue
        if id(said) not in made:
            made[id(said)] = changes(said, series, history.first_period)
        found, stale = made[id(said)], is_stale(said, snapshot, series["frequency"])
        came, surprise = surprises.get(said.newest, (None, None))
        surprise = surprise if came is not None and came <= snapshot and not stale else None
        is_first = said.newest in history.first_prints and not is_rebuilt(said, series)
        row = {
            "series_id": series["series_id"], "session_date": day, "obs_period": said.newest,
            "value": None if stale else said.panel[said.newest], "released_at": said.released,
            "value_first": history.first_value[said.newest] if is_first else None,
            "is_reconstructed": is_rebuilt(said, series),
            "status_first": "OK" if is_first else "NOT_AVAILABLE",
            "status_surprise": "STALE_INPUT" if stale else "NOT_AVAILABLE" if surprise is None else "OK",
            "value_final": history.last_value[said.newest],
            "surprise": surprise, "surprise_kind": None if surprise is None else "prior", "vintage_source": said.source,
            "staleness_sessions": n - world.last_snapshot(said.released), "known_at": snapshot,
            "status": "STALE_INPUT" if stale else "OK",
        }  # fmt: skip
        for name in ("mom", "yoy", "ann_3m"):
            word = "STALE_INPUT" if stale else found[f"status_{name}"]
            row[name], row[f"status_{name}"] = found[name] if word == "OK" else None, word
        rows.append(row)
    return rows


@cache
def daily(world: World) -> dict[str, list[tuple[int, int, float]]]:
    """Daily series → (known, position of the session of the observation, value): each the newest observation then."""
    found: dict[str, list[tuple[int, date, float | None, int]]] = {}
    for row in world.versions("fred_observations").iter_rows(named=True):
        found.setdefault(row["series_id"], []).append((micros(row["known_at"]), row["observation_date"], row["value"]))  # type: ignore[arg-type]
    newest: dict[str, list[Any]] = {}
    for series in world.seed("series"):
        if not series["release_id"]:
            latest, kept = date.min, []
            for known, day, value in sorted(found.get(series["series_id"], []), key=lambda r: r[:2]):  # type: ignore[misc]
                if day >= latest:
                    latest = day
                    kept.append((known, day, value))
            newest[series["series_id"]] = kept
    return newest


def known_values(world: World, series_id: str) -> dict[str, np.ndarray]:
    """Per session: value (NaN), position of the observation's session (-1), known (0), and how many sessions old it is."""
    told = daily(world)[series_id]
    moments = [known for known, _, _ in told]
    size = len(world.days)
    found = {"value": np.full(size, np.nan), "known": np.zeros(size, dtype=np.int64), "age": np.full(size, -1)}
    days: list[date | None] = [None] * size
    for n in range(size):
        k = bisect_right(moments, int(world.snapshots[n])) - 1
        if k >= 0:
            known, day, value = told[k]
            found["value"][n] = np.nan if value is None else value
            found["known"][n], days[n] = known, day
            found["age"][n] = n - world.session_on_or_before(day)
    return found | {"day": days}  # type: ignore[dict-item]


def _daily_rows(world: World, series: dict[str, str]) -> pl.DataFrame:
    known = known_values(world, series["series_id"])
    since = world.session_on_or_after(date.fromisoformat(series["history_from"]))
    seen = np.flatnonzero(known["known"] > 0)
    on = seen[seen >= (since or 0)]
    if not on.size:
        return pl.DataFrame()
    on = np.arange(on[0], len(world.days))
    firsts, lasts = {}, {}
    rows = world.versions("fred_observations").filter(pl.col("series_id") == series["series_id"])
    for day, value in rows.select("observation_date", "value").iter_rows():
        firsts.setdefault(day, value)
        lasts[day] = value
    days = [known["day"][n] for n in on]
    is_stale_ = known["age"][on] > (15 if series["lag_rule"].startswith("days_") else 3)
    rebuilt = series["revision_kind"] == "vintage"
    nothing, none = [None] * on.size, ["NOT_AVAILABLE"] * on.size
    return pl.DataFrame(
        {
            "session_date": world.dates[on], "obs_period": days, "released_at": known["known"][on].astype(float),
            "value": np.where(is_stale_, np.nan, known["value"][on]), "value_first": [None if rebuilt else firsts[d] for d in days],
            "value_final": [lasts[d] for d in days], "staleness_sessions": known["age"][on].astype(float),
            "status": np.where(is_stale_, "STALE_INPUT", "OK"), "known_at": world.snapshots[on].astype(float),
            **{name: nothing for name in ("mom", "yoy", "ann_3m", "surprise")},
            **{f"status_{name}": none for name in ("mom", "yoy", "ann_3m")},
        }
    ).with_columns(
        series_id=pl.lit(series["series_id"]), vintage_source=pl.lit("daily"), surprise_kind=pl.lit(None, pl.String),
        is_reconstructed=pl.lit(rebuilt), status_first=pl.lit("NOT_AVAILABLE" if rebuilt else "OK"), status_surprise=pl.lit("NOT_AVAILABLE"),
    )  # fmt: skip


def macro_as_known(world: World) -> pl.DataFrame:
    """One row per series and session since its first figure."""
    frames = []
    for series in world.seed("series"):
        if series["release_id"]:
            rows = _released(world, series)
            frames += [pl.DataFrame(rows, infer_schema_length=None)] if rows else []
        else:
            frame = _daily_rows(world, series)
            frames += [frame] if frame.height else []
    return pl.concat(
        [f.with_columns(pl.col(pl.Null, pl.Int64).exclude("surprise_kind").cast(pl.Float64)) for f in frames],
        how="diagonal",
    )


def macro_vintages(world: World) -> pl.DataFrame:
    """Every value a period had while its source spoke, in the order in which they became known."""
    rows = []
    series = {row["series_id"]: row for row in world.seed("series")}
    for series_id, history in histories(world).items():
        last: dict[date, list[Any]] = {}
        lost: set[date] = set()  # periods of which nobody can say any more how many figures there were
        for said in history.said:
            for day, value in said.panel.items():
                no, before = last.get(day, (0, None))
                if no and value == before:
                    continue
                last[day] = [no + 1, value]
                n = world.first_snapshot(said.known)
                if n is not None:
                    rebuilt = is_rebuilt(said, series[series_id])
                    lost.update([day] if rebuilt else [])
                    number = no + 1 if day in history.first_prints and day not in lost else None
                    word = "OK" if number else "NOT_AVAILABLE"
                    rows.append(
                        (series_id, day, number, word, value, said.source, rebuilt, world.days[n], float(said.known))
                    )
    names = [
        *("series_id", "obs_period", "vintage_no", "status_vintage_no", "value", "vintage_source", "is_reconstructed"),
        *("session_date", "known_at"),
    ]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
