"""Why the gate refused: verdicts with the rows they are about and the vendor bytes behind those rows, kept for a person.

Belongs here: the file of a refusal, written and read. Does not: judging (``gate``), what a person decides (``decisions``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import generations
from warehouse.candidate import BuildFacts
from warehouse.database import quoted
from warehouse.files import atomic_write
from warehouse.gate import Verdict
from warehouse.home import Home

_BYTES = ("answer", "fetched_at", "pack")


@dataclass(frozen=True)
class Refusal:
    """A refusal that still stands: nothing was published since. ``rules`` are the verdicts that refuse, as written."""

    path: Path
    as_of: str
    rules: tuple[Mapping[str, Any], ...]


def with_bytes(con: duckdb.DuckDBPyConnection, verdict: Verdict) -> Verdict:
    """The verdict, each shown row with the answer it comes from where the rule names ``dataset``, ``entity``, ``observed``.

    ``con`` has the build file attached as ``build``.
    """
    return replace(verdict, rows=tuple({**row, **_bytes_behind(con, row)} for row in verdict.rows))


def _bytes_behind(con: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    if not {"dataset", "entity", "observed"} <= set(row):
        return {}
    key, observed = con.execute(
        "SELECT list(column_name ORDER BY column_index) FILTER (column_index = 1), list(column_name) FILTER (data_type = 'DATE')"
        " FROM duckdb_columns() WHERE database_name = 'build' AND schema_name = 'raw' AND table_name = ?",
        [row["dataset"]],
    ).fetchall()[0]
    if not key or not observed:
        return {}
    found = con.execute(
        f"SELECT f.landing_sha256, f.fetched_at, l.pack FROM build.raw.{quoted(row['dataset'])} f"
        " LEFT JOIN build.raw.fetch_log l ON l.dataset = ? AND l.sha256 = f.landing_sha256 AND l.fetched_at = f.fetched_at"
        f" WHERE CAST(f.{quoted(key[0])} AS VARCHAR) = ? AND f.{quoted(observed[0])} = CAST(? AS DATE) ORDER BY ALL LIMIT 1",
        [row["dataset"], row["entity"], row["observed"]],
    ).fetchone()
    return {name: str(value) for name, value in zip(_BYTES, found or (), strict=False)}


def keep(home: Home, facts: BuildFacts, kept: str, verdicts: Sequence[Verdict]) -> Path:
    """Write a refusal down; returns the file."""
    at = home.refusals / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{facts.build_id}.json"
    told = [{**asdict(v), "evidence": _without_bytes(v).evidence} for v in verdicts]
    reasons = {"build_id": facts.build_id, "as_of": str(facts.as_of), "served": kept, "verdicts": told}
    atomic_write(at, json.dumps(reasons, indent=1, default=str).encode())
    return at


def _without_bytes(verdict: Verdict) -> Verdict:
    """As the gate saw it: the same evidence has the same name whichever answer it came in."""
    return replace(verdict, rows=tuple({k: v for k, v in row.items() if k not in _BYTES} for row in verdict.rows))


def standing(home: Home) -> Refusal | None:
    """The newest refusal, unless something was published after it."""
    files = sorted(home.refusals.glob("*.json")) if home.refusals.exists() else []
    if not files:
        return None
    text = json.loads(files[-1].read_text())
    now = generations.published(home)
    refused_at = datetime.strptime(files[-1].name.split("Z-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    if now is not None and datetime.fromisoformat(now.receipt["built_at"]) > refused_at:
        return None
    failed = [v for v in text["verdicts"] if v["severity"] == "critical" and v["outcome"] == "failed"]
    return Refusal(files[-1], text["as_of"], tuple(failed))
