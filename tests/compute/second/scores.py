"""What is said of readings: unit, five-year percentile, direction; the evidence and the score of each driver.

Belongs here: what follows from the published value and status of a reading and the vocabulary. Does not: the values.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second import cross_asset, fiscal, leadership, macro_readings, policy_readings, surveys, uncertainty, valuation
from second.facts import World, micros
from second.rates import curve_move
from second.volatility import headline, percentile

FIVE_YEARS, LEAST = 1260, 252
OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
KEY = ["reading_id", "entity_id", "session_date"]


@cache
def published(world: World) -> pl.DataFrame:
    """Readings as they are published."""
    return world.published("indicator_readings")


@cache
def vocabulary(world: World) -> dict[str, dict[str, str]]:
    """Seed rows by reading."""
    return {row["reading_id"]: row for row in world.seed("indicators")}


def _direction(row: dict[str, str], value: float) -> str | None:
    if row["higher_is"] == "context":
        return None
    for word in ("bullish", "bearish"):
        if row[f"{word}_op"] and OPS[row[f"{word}_op"]](value, float(row[f"{word}_at"])):
            return word
    return "neutral"


def said_of_readings(world: World) -> pl.DataFrame:
    """unit, percentile_5y, direction, words and coverage of every published reading."""
    frames = []
    old = macro_readings.rebuilt(world) | policy_readings.rebuilt(world) | valuation.rebuilt(world)
    old |= uncertainty.rebuilt(world) | fiscal.rebuilt(world) | surveys.rebuilt(world)
    first = min(world.at[day] for day in published(world)["session_date"])
    for (reading_id, entity), one in published(world).group_by(["reading_id", "entity_id"], maintain_order=True):
        row = vocabulary(world)[str(reading_id)]
        at = np.array([world.at[day] - first for day in one["session_date"]])
        ok = one["status"].to_numpy() == "OK"
        value = one["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        # what was known then is ranked among its like, and so is what was not
        is_old = np.array([(str(reading_id), day) in old for day in one["session_date"]], dtype=bool)
        rank = np.full(len(at), np.nan)
        for kind in (ok & ~is_old, ok & is_old):
            series = np.full(len(world.days) - first, np.nan)
            series[at[kind]] = value[kind]
            rank[kind] = percentile(series, FIVE_YEARS, LEAST)[at[kind]]
        said: Sequence[str | None] | None = None
        if reading_id == "MP06_class":
            said = curve_move(world).name
        elif reading_id == "LC02_quadrant":
            said = leadership.quadrants(world)[str(entity)]
        elif str(reading_id).startswith("XA05"):
            said = cross_asset.regimes(world, str(reading_id))
        texts = [
            said[world.at[day]] if said is not None and is_ok else None
            for day, is_ok in zip(one["session_date"], ok, strict=True)
        ]
        if str(reading_id) in ("VS07_implied", "VS07_realised"):
            texts = ["outside 0 to 1" if v < 0 or v > 1 else None for v in np.where(ok, value, np.nan)]
        words = [_direction(row, v) if is_ok else None for v, is_ok in zip(value, ok, strict=True)]
        share = one["n_used"].cast(pl.Float64) / one["n_expected"].cast(pl.Float64)
        frames.append(
            one.select(KEY).with_columns(
                unit=pl.lit(row["unit"]), percentile_5y=pl.Series(np.where(ok, rank, np.nan)), coverage=share,
                direction=pl.Series(words, dtype=pl.String), value_text=pl.Series(texts, dtype=pl.String), is_reconstructed=pl.Series(is_old),
            )
        )  # fmt: skip
    return pl.concat(frames)


def driver_evidence(world: World) -> pl.DataFrame:
    """Every reading with a weight beside its driver; entities share the weight of their reading."""
    drivers = pl.DataFrame(
        [(r["reading_id"], r["driver_id"], float(r["weight"])) for r in world.seed("indicators") if float(r["weight"])],
        ["reading_id", "driver_id", "whole"],
        orient="row",
    )
    beside = published(world).join(drivers, on="reading_id")
    entities = beside.group_by("reading_id", "session_date").agg(pl.len().alias("entities"))
    shared = beside.join(entities, on=["reading_id", "session_date"])
    return shared.select(
        "driver_id", *KEY, "value", "unit", "percentile_5y", "direction", "status", "is_reconstructed", "known_at",
        weight=pl.col("whole") / pl.col("entities"),
    )  # fmt: skip


def _missing(due: Sequence[str], counted: set[str], absent: Mapping[str, Sequence[str]]) -> str | None:
    """Every reading that is due and does not count, with the first of its reasons."""
    said = []
    for reading in due:
        if reading not in counted:
            whys = absent.get(reading, ["NOT_AVAILABLE"])
            said.append(f"{reading} {'RECONSTRUCTED' if 'RECONSTRUCTED' in whys else min(whys)}")
    return ", ".join(said) or None


def driver_scorecard(world: World) -> pl.DataFrame:
    """One row per driver and session since the first reading."""
    expected: dict[str, Fraction] = defaultdict(Fraction)
    for row in world.seed("indicators"):
        expected[row["driver_id"]] += Fraction(row["weight"])
    evidence = driver_evidence(world).filter(pl.col("weight") > 0)
    scored = evidence.filter(~pl.col("is_reconstructed"))
    absent: dict[tuple[str, Any], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    counted: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for driver, day, reading, status, old in evidence.select(
        "driver_id", "session_date", "reading_id", "status", "is_reconstructed"
    ).iter_rows():
        if status == "OK" and not old:
            counted[driver, day].add(reading)
        absent[driver, day][reading].append("RECONSTRUCTED" if status == "OK" else status)
    due: dict[str, list[str]] = defaultdict(list)
    for row in world.seed("indicators"):
        if float(row["weight"]):
            due[row["driver_id"]].append(row["reading_id"])
    told: dict[tuple[str, Any], list[tuple[str, float, str | None]]] = defaultdict(list)
    for driver, day, status, weight, word in scored.select(
        "driver_id", "session_date", "status", "weight", "direction"
    ).iter_rows():
        told[driver, day].append((status, weight, word))
    start = min(published(world)["session_date"])
    rows = []
    for driver in [r["driver_id"] for r in world.seed("drivers")]:
        whole = float(expected.get(driver, 0))
        for n, day in enumerate(world.days):
            if day < start:
                continue
            held = [(weight, word) for status, weight, word in told.get((driver, day), []) if status == "OK"]
            weight = sum(w for w, _ in held)
            points = sum(w * {"bullish": 1, "bearish": -1}.get(word or "", 0) for w, word in held)
            status = "NOT_AVAILABLE" if not whole else "OK" if weight >= whole / 2 - 1e-6 else "LOW_COVERAGE"
            score = points / weight if status == "OK" else None
            word = None if score is None else "bullish" if score >= 0.25 else "bearish" if score <= -0.25 else "neutral"
            rows.append(
                (
                    driver,
                    day,
                    score,
                    word,
                    weight / whole if whole else 0.0,
                    len(held),
                    _missing(sorted(due[driver]), counted[driver, day], absent[driver, day]),
                    status,
                    float(world.snapshots[n]),
                )
            )
    names = ["driver_id", "session_date", "score", "direction", "coverage", "readings", "missing", "status", "known_at"]
    return pl.DataFrame(rows, names, orient="row", infer_schema_length=None)


def daily_panel(world: World) -> pl.DataFrame:
    """One row per session since 2015, a column per reading of seeds/panel_columns.csv."""
    told = published(world)
    index = headline(world)
    close = index.along(index.bars["close"], len(world.days))
    known = index.along(index.known.astype(float), len(world.days))
    columns = {row["reading_id"]: row["column_name"] for row in world.seed("panel_columns")}
    cells: dict[date, dict[str, tuple[float | None, str, bool, float]]] = {}
    rows = told.filter(pl.col("reading_id").is_in(list(columns)))
    for row in rows.iter_rows(named=True):
        cell = (row["value"], row["status"], bool(row["is_reconstructed"]), float(micros(row["known_at"])))
        by_name = cells.setdefault(row["session_date"], {})
        assert columns[row["reading_id"]] not in by_name, f"{row['reading_id']} speaks of several things"
        by_name[columns[row["reading_id"]]] = cell
    found = []
    for n, day in enumerate(world.days):
        if day < date(2015, 1, 2):
            continue
        there = cells.get(day, {})
        words = {name: there[name][1] if name in there else "NOT_AVAILABLE" for name in sorted(columns.values())}
        has_close = not np.isnan(close[n])
        values = {name: there[name][0] if words[name] == "OK" else None for name in columns.values()}
        old = [name for name in words if words[name] == "OK" and there[name][2]]
        moments = [cell[3] for cell in there.values()] or [float(world.snapshots[n])]
        found.append(
            {
                "session_date": day, "index_id": index.instrument_id if has_close else None,
                "index_close": close[n] if has_close else None, "status_index": "OK" if has_close else "NOT_PUBLISHED",
                **values, "n_values": sum(word == "OK" for word in words.values()),
                "missing": ", ".join(f"{name} {word}" for name, word in words.items() if word != "OK") or None,
                "reconstructed": ", ".join(old) or None,
                "known_at": max(moments + [known[n]] * has_close),
            }
        )  # fmt: skip
    return pl.DataFrame(found, infer_schema_length=None)
