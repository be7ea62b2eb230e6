"""``macro_as_known`` and ``macro_vintages``: what publications said, session by session and figure by figure.

Belongs here: the two tables. Does not: what was said when (``macro``, ``rates``), what was expected (``releases``).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from second.facts import World
from second.macro import changes, histories, is_rebuilt, is_stale
from second.rates import known_values, spoken
from second.releases import Figure, figures


def _word(one: Figure | None, name: str) -> str:
    """Why a surprise is missing: nobody knows, unless the release has figures of its own and says."""
    if one is None or one.surprise is None:
        return "NOT_AVAILABLE"
    return str(getattr(one, name))


def _released(world: World, series: dict[str, str]) -> list[dict[str, Any]]:
    history = histories(world).get(series["series_id"])
    if history is None:
        return []
    told = [
        f for f in (f for fs in figures(world).values() for f in fs) if f.measure["series_id"] == series["series_id"]
    ]
    judged = {f.period: f for f in told if f.measure["is_primary"] == "true"}
    made: dict[int, dict[str, Any]] = {}
    rows = []
    for n, day in enumerate(world.days):
        snapshot = int(world.snapshots[n])
        said = history.at(snapshot) if day >= date.fromisoformat(series["history_from"]) else None
        if said is None:
            continue
        if id(said) not in made:
            made[id(said)] = changes(said, series, history.first_period)
        found, stale = made[id(said)], is_stale(said, snapshot, series["frequency"])
        one = judged.get(said.newest)
        one = one if one is not None and one.known <= snapshot else None
        shown = None if stale else one
        is_first = said.newest in history.first_prints and not is_rebuilt(said, series)
        row = {
            "series_id": series["series_id"], "session_date": day, "obs_period": said.newest,
            "value": None if stale else said.panel[said.newest], "released_at": said.released,
            "value_first": history.first_value[said.newest] if is_first else None,
            "is_reconstructed": is_rebuilt(said, series),
            "status_first": "OK" if is_first else "NOT_AVAILABLE",
            "expected": shown.expected if shown else None, "expected_source": shown.source if shown else None,
            "surprise": shown.surprise if shown else None, "surprise_kind": shown.kind if shown else None,
            "surprise_z": shown.z if shown else None,
            "status_surprise": "STALE_INPUT" if stale else _word(one, "status_surprise"),
            "status_surprise_z": "STALE_INPUT" if stale else _word(one, "status_z"),
            "source": "alfred" if said.source == "vintage" else "fred",
            "value_final": history.last_value[said.newest],
            "vintage_source": said.source,
            "staleness_sessions": n - world.last_snapshot(said.released), "known_at": snapshot,
            "status": "STALE_INPUT" if stale else "OK",
        }  # fmt: skip
        for name in ("mom", "yoy", "ann_3m"):
            word = "STALE_INPUT" if stale else found[f"status_{name}"]
            row[name], row[f"status_{name}"] = found[name] if word == "OK" else None, word
        rows.append(row)
    return rows


def _daily_rows(world: World, series: dict[str, str]) -> pl.DataFrame:
    known = known_values(world, series["series_id"])
    if not known.has.any():
        return pl.DataFrame()
    on = np.arange(np.flatnonzero(known.has)[0], len(world.days))
    firsts: dict[date, float | None] = {}
    lasts: dict[date, float | None] = {}
    for _, day, value, _ in sorted(spoken(world)[series["series_id"]], key=lambda t: t[0]):
        firsts.setdefault(day, value)
        lasts[day] = value
    days = [known.day[n] for n in on]
    rebuilt = series["revision_kind"] == "vintage"
    nothing, none = [None] * on.size, ["NOT_AVAILABLE"] * on.size
    return pl.DataFrame(
        {
            "session_date": world.dates[on], "obs_period": days, "released_at": known.known[on].astype(float),
            "value": known.value[on], "value_first": [None if rebuilt else firsts[d] for d in days],  # type: ignore[index]
            "value_final": [lasts[d] for d in days], "staleness_sessions": known.age[on].astype(float),  # type: ignore[index]
            "status": list(known.status[on]), "known_at": world.snapshots[on].astype(float),
            "source": [known.who[n] for n in on],
            **{name: nothing for name in ("mom", "yoy", "ann_3m", "expected", "surprise", "surprise_z")},
            **{f"status_{name}": none for name in ("mom", "yoy", "ann_3m", "surprise", "surprise_z")},
        }
    ).with_columns(
        series_id=pl.lit(series["series_id"]), vintage_source=pl.lit("daily"), surprise_kind=pl.lit(None, pl.String),
        expected_source=pl.lit(None, pl.String), is_reconstructed=pl.lit(rebuilt),
        status_first=pl.lit("NOT_AVAILABLE" if rebuilt else "OK"),
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
        [
            f.with_columns(pl.col(pl.Null, pl.Int64).exclude("surprise_kind", "expected_source").cast(pl.Float64))
            for f in frames
        ],
        how="diagonal",
    )


def macro_vintages(world: World) -> pl.DataFrame:
    """Every value a period had while its source spoke, in the order in which they became known."""
    rows = []
    series = {row["series_id"]: row for row in world.seed("series")}
    awaited = {
        (f.measure["series_id"], f.period, f.known): f.expected
        for told in figures(world).values()
        for f in told
        if f.measure["is_primary"] == "true"
    }
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
                    expected = awaited.get((series_id, day, said.known)) if number == 1 else None
                    rows.append((
                        series_id, day, number, word, value, said.source, rebuilt, world.days[n], float(said.known), expected
                    ))  # fmt: skip
    names = [
        *("series_id", "obs_period", "vintage_no", "status_vintage_no", "value", "vintage_source", "is_reconstructed"),
        *("session_date", "known_at", "expected"),
    ]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
