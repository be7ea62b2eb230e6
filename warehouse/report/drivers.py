"""The thirteen drivers of the day and the readings behind each score.

Belongs here: reading scorecard and evidence, saying why a driver abstains. Does not: scoring (dbt), layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.report.query import Row, rows
from warehouse.report.wording import NONE, RECONSTRUCTED, number, quantity, reason

_OPS = {">=": "≥", "<=": "≤"}


@dataclass(frozen=True)
class Reading:
    """One scored reading: its value, what it says, and the thresholds that decide."""

    label: str
    value: float | None
    unit: str
    direction: str | None
    rule: str
    status: str
    is_reconstructed: bool = False  # made of figures nobody knew at the time; the score does not count it
    short_name: str = ""
    unit_words: str = ""  # what a sentence says after the value, where the unit does not say all

    @property
    def said(self) -> str:
        """The value with its unit, or why there is none."""
        if self.value is None:
            return reason(self.status)
        return self.measure + (f", {RECONSTRUCTED}" if self.is_reconstructed else "")

    @property
    def measure(self) -> str:
        """The value with its unit in words, ``1.05 times their 26-week low``; an en dash where there is none."""
        if self.value is None:
            return NONE
        return f"{quantity(self.value, self.unit)} {self.unit_words}".rstrip()

    @property
    def points(self) -> str | None:
        """Where it points, as far as it counts."""
        return None if self.is_reconstructed else self.direction


@dataclass(frozen=True)
class Driver:
    """One driver's score of the day and the readings behind it. ``why`` is filled when the driver abstains."""

    driver_id: str
    name: str
    role: str
    score: float | None
    direction: str | None
    status: str
    evidence: tuple[str, ...]
    description: str = ""
    why: str = ""
    readings: tuple[Reading, ...] = ()
    short_name: str = ""


def drivers(con: duckdb.DuckDBPyConnection, session: date) -> tuple[Driver, ...]:
    """Every driver with a row for ``session``, in reading order."""
    scored = rows(
        con,
        "SELECT s.*, d.name, d.short_name, d.role, d.description"
        " FROM marts.driver_scorecard s JOIN marts.dim_driver d USING (driver_id)"
        " WHERE s.session_date = ? ORDER BY d.sort_order, s.driver_id",
        session,
    )
    evidence = rows(
        con,
        "SELECT e.*, i.name, i.short_name, i.unit, i.unit_words, i.bullish_op, i.bullish_at, i.bearish_op, i.bearish_at"
        " FROM marts.driver_evidence e JOIN marts.dim_indicator i USING (reading_id)"
        " WHERE e.session_date = ? AND e.weight > 0"
        " ORDER BY e.driver_id, e.weight DESC, e.reading_id, e.entity_id",
        session,
    )
    return tuple(
        _driver(row, tuple(_reading(e) for e in evidence if e["driver_id"] == row["driver_id"])) for row in scored
    )


def _driver(row: Row, readings: tuple[Reading, ...]) -> Driver:
    why = {
        "OK": "",
        "NOT_AVAILABLE": "no scored reading is built for it yet",
        "LOW_COVERAGE": f"{row['coverage']:.0%} of its weight has a value, half is needed{_absent(readings)}",
    }.get(row["status"], reason(row["status"]))
    return Driver(
        row["driver_id"], row["name"], row["role"], row["score"], row["direction"], row["status"],
        tuple(f"{r.label} {r.said}" + (f" ({r.points})" if r.points else "") for r in readings),
        row["description"] or "", why + _uncounted(why, readings), readings, row["short_name"] or row["name"],
    )  # fmt: skip


def _absent(readings: tuple[Reading, ...]) -> str:
    """Which readings of a driver that abstains have no value, each once and with its reason."""
    missing = {r.short_name: reason(r.status) for r in readings if r.value is None}
    return "; without: " + ", ".join(f"{name} ({why})" for name, why in missing.items()) if missing else ""


def _uncounted(why: str, readings: tuple[Reading, ...]) -> str:
    """What a driver that abstains says of readings that have a value and do not count."""
    names = [r.label for r in readings if r.is_reconstructed and r.value is not None]
    return f"; {RECONSTRUCTED}, so not counted: {', '.join(names)}" if why and names else ""


def _reading(row: Row) -> Reading:
    return Reading(
        row["name"],
        row["value"],
        row["unit"],
        row["direction"],
        _rule(row),
        row["status"],
        bool(row["is_reconstructed"]),
        row["short_name"] or row["name"],
        row["unit_words"] or "",
    )


def _rule(row: Row) -> str:
    """The two thresholds in words and in the unit the value is said in: ``up if ≥ 60, down if ≤ 40``, ``down if yes``."""
    parts = []
    for side, word in (("bullish", "up"), ("bearish", "down")):
        op, at = row[f"{side}_op"], row[f"{side}_at"]
        if op is not None and at is not None:
            when = "yes" if row["unit"] == "flag" else f"{_OPS.get(op, op)} {_bound(at, row['unit'])}"
            parts.append(f"{word} if {when}")
    return ", ".join(parts)


def _bound(at: float, unit: str) -> str:
    if unit in ("share", "probability"):  # which are said in percent
        at = round(100 * at, 6)
    return number(at, 0 if at == int(at) else 2)
