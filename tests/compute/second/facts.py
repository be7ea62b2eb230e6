"""What the second computations start from: facts of ``raw`` as known at a moment, seeds, the calendar.

Belongs here: reading, dating by session, who was a member and of which sector. Does not: any figure that is published.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import polars as pl

from ingestion import calendar, registry

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
FOR_EVER = date(9999, 12, 31)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, so that moments stand in arrays."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    """The other way."""
    return EPOCH + timedelta(microseconds=int(value))


def _reader(file: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(file), read_only=True)
    con.execute("SET TimeZone = 'UTC'")
    return con


class Stay(NamedTuple):
    """One membership, [first, end) in days, and when it was announced and last spoken of (microseconds)."""

    first: date
    end: date
    announced: int
    known: int
    source: str


class World:
    """The facts of one build file as of a moment. Everything is read once, when first wanted."""

    def __init__(self, build: Path, as_of: datetime, world: str = "sample") -> None:
        self.build, self.as_of, self.world = build, as_of, world
        self.marts = build  # the file whose marts are compared
        self.days = [day for day in calendar.sessions() if calendar.snapshot_at(day) <= as_of]
        self.dates = np.array(self.days, dtype="datetime64[D]")
        self.at = {day: n for n, day in enumerate(self.days)}
        self.snapshots = np.array([micros(calendar.snapshot_at(day)) for day in self.days])

    def published(self, mart: str) -> pl.DataFrame:
        """A mart as it is."""
        return self.rows(f'SELECT * FROM marts."{mart}"', self.marts)

    def rows(self, sql: str, file: Path | None = None) -> pl.DataFrame:
        """A statement against the build file, or another."""
        if file not in (None, self.build):
            with _reader(file) as con:
                return con.execute(sql).pl()
        return self._facts.execute(sql).pl()

    @cached_property
    def _facts(self) -> duckdb.DuckDBPyConnection:
        return _reader(self.build)

    def versions(self, dataset: str) -> pl.DataFrame:
        """Every version known by then, oldest first."""
        both = f"SELECT * FROM raw.{dataset} UNION ALL BY NAME SELECT * FROM raw.{dataset}_superseded"
        frame = self.rows(f"SELECT * FROM ({both})").filter(pl.col("known_at") <= self.as_of)
        return frame.sort("known_at", "fetched_at", "landing_sha256")

    def firsts(self, dataset: str) -> pl.DataFrame:
        """The first version of each fact."""
        return self.versions(dataset).unique(registry.source(dataset).key, keep="first", maintain_order=True)

    def newest(self, dataset: str) -> pl.DataFrame:
        """The newest version of each fact."""
        return self.versions(dataset).unique(registry.source(dataset).key, keep="last", maintain_order=True)

    def seed(self, name: str) -> list[dict[str, str]]:
        """Rows of a seed, those of this world where it has several."""
        with (SEEDS / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [row for row in rows if row.get("world", self.world) == self.world]

    def session_on_or_after(self, day: date) -> int | None:
        """Position of the first session on or after a day; None past the newest."""
        n = bisect_left(self.days, day)
        return n if n < len(self.days) else None

    def session_on_or_before(self, day: date) -> int:
        """Position of the last session on or before a day; -1 before the first."""
        return bisect_right(self.days, day) - 1

    def first_snapshot(self, known: int) -> int | None:
        """Position of the first session whose snapshot knew it; None where none did."""
        n = int(np.searchsorted(self.snapshots, known, side="left"))
        return n if n < len(self.days) else None

    def last_snapshot(self, known: int) -> int:
        """Position of the last session whose snapshot had passed; -1 before the first."""
        return int(np.searchsorted(self.snapshots, known, side="right")) - 1

    @cached_property
    def instruments(self) -> list[dict[str, str]]:
        """Those asked for by name."""
        return self.seed("instruments")

    @cached_property
    def dated_symbols(self) -> list[dict[str, str]]:
        """Instruments that were renamed, and symbols that had another owner."""
        return self.seed("instrument_symbols")

    def owner(self, symbol: str, day: date | None = None) -> str:
        """The stock a symbol means on a day; without one: today."""
        for row in self.dated_symbols:
            start, end = row["valid_from"], row["valid_to"] or str(FOR_EVER)
            is_meant = not row["valid_to"] if day is None else start <= str(day) < end
            if row["symbol"] == symbol and is_meant:
                return row["instrument_id"]
        return f"EQ:{symbol}"

    @cached_property
    def reused(self) -> set[str]:
        """Instruments whose symbol was somebody else's before."""
        gone = {(row["symbol"], row["instrument_id"]) for row in self.dated_symbols if row["valid_to"]}
        return {self.owner(symbol) for symbol, former in gone if self.owner(symbol) != former}

    @cached_property
    def stays(self) -> dict[str, dict[str, list[Stay]]]:
        """Universe → instrument → its memberships, as known day by day."""
        found = {}
        for universe in self.seed("universes"):
            facts = self._spells() if universe["dataset"] == "sp500_spells" else self._listed()
            found[universe["universe_id"]] = {name: self._merged(spans) for name, spans in facts.items()}
        return found

    def _spells(self) -> dict[str, list[Stay]]:
        by_fact: dict[tuple[str, date], list[dict[str, Any]]] = {}
        for row in self.versions("sp500_spells").iter_rows(named=True):
            by_fact.setdefault((row["symbol"], row["start_date"]), []).append(row)
        found: dict[str, list[Stay]] = {}
        for (symbol, start), told in by_fact.items():
            found.setdefault(self.owner(symbol, start), []).extend(self._spans(told, "end_date"))
        return found

    def _listed(self) -> dict[str, list[Stay]]:
        by_fact: dict[str, list[dict[str, Any]]] = {}
        for row in self.versions("sp500_constituents").iter_rows(named=True):
            by_fact.setdefault(row["symbol"], []).append(row)
        found: dict[str, list[Stay]] = {}
        for symbol, told in by_fact.items():
            found.setdefault(self.owner(symbol), []).extend(self._spans(told, None))
        return found

    def _spans(self, told: list[dict[str, Any]], end: str | None) -> list[Stay]:
        """Each version speaks from the first snapshot that knew it until the next one does."""
        starts = [self.first_snapshot(micros(row["known_at"])) for row in told]
        spans = []
        for n, (row, start) in enumerate(zip(told, starts, strict=True)):
            if start is None or row.get("is_present") is False:
                continue
            later = next((s for s in starts[n + 1 :] if s is not None), None)
            until = [self.days[later]] if later is not None else []
            if end and row[end] is not None and row[end] <= self.days[-1]:
                until.append(row[end])
            last = min([*until, FOR_EVER])
            if self.days[start] < last:
                known = micros(row["known_at"])
                spans.append(Stay(self.days[start], last, known, known, row["source"]))
        return spans

    def _merged(self, spans: list[Stay]) -> list[Stay]:
        """Spans that touch are one stay; an end counts as known at the snapshot of its session."""
        merged: list[Stay] = []
        for span in sorted(spans):
            if merged and span.first <= merged[-1].end:
                before = merged.pop()
                span = Stay(  # noqa: PLW2901
                    before.first, max(before.end, span.end), min(before.announced, span.announced),
                    max(before.known, span.known), min(before.source, span.source),
                )  # fmt: skip
            merged.append(span)
        ended = []
        for stay in merged:
            n = self.session_on_or_after(stay.end) if stay.end < FOR_EVER else None
            ended.append(stay if n is None else stay._replace(known=max(stay.known, int(self.snapshots[n]))))
        return ended

    @cached_property
    def sectors(self) -> dict[str, list[tuple[int, str | None]]]:
        """Stock → the sector labels it was given, each from the position of a session on."""
        found: dict[str, list[tuple[int, str | None]]] = {}
        for row in self.versions("sp500_constituents").iter_rows(named=True):
            start = self.first_snapshot(micros(row["known_at"]))
            if row["is_present"] and start is not None:
                slug = re.sub("[^a-z0-9]+", "_", (row["sector"] or "").lower()).strip("_") or None
                found.setdefault(self.owner(row["symbol"]), []).append((start, slug))
        return found

    def mask(self, stays: list[Stay]) -> np.ndarray:
        """True on the sessions of the stays."""
        inside = np.zeros(len(self.days), dtype=bool)
        for stay in stays:
            inside[bisect_left(self.days, stay.first) : bisect_left(self.days, stay.end)] = True
        return inside
