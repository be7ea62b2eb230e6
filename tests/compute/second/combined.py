"""What flows into all long-term funds: FL05.

Belongs here: weeks and months as told first. Does not: flows of single funds (``funds``).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second.facts import World, micros
from second.readings import shaped

FRESH = {"week": 17, "month": 70}  # days a period counts after its end
KINDS = (
    *("total", "equity", "equity_domestic", "equity_world", "hybrid", "bond", "bond_taxable", "bond_municipal"),
    "commodity",
)


@cache
def _told(world: World, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Periods that came in order: when each was known, and its row."""
    rows = [r for r in world.firsts("ici_flows").iter_rows(named=True) if r["period_kind"] == kind]
    rows.sort(key=lambda r: r["period_end"], reverse=True)
    kept: list[tuple[int, dict[str, Any]]] = []
    earliest = None
    for row in rows:
        known = micros(row["known_at"])
        if earliest is None or known <= earliest:
            kept.insert(0, (known, row))
        earliest = known if earliest is None else min(earliest, known)
    return kept


def since(world: World, kind: str) -> int:
    """Position of the first session that knew of a period."""
    first = world.first_snapshot(_told(world, kind)[0][0])
    assert first is not None
    return first


def flows(world: World) -> pl.DataFrame:
    """FL05 by kind of fund."""
    frames = []
    for kind, fresh in FRESH.items():
        told = _told(world, kind)
        moments = np.array([known for known, _ in told])
        on = np.arange(since(world, kind), len(world.days))
        newest = [told[int(np.searchsorted(moments, world.snapshots[n], side="right")) - 1] for n in on]
        ends = np.array([row["period_end"] for _, row in newest], dtype="datetime64[D]")
        age = (world.dates[on] - ends).astype(int)
        word = np.where(age <= fresh, "OK", "STALE_INPUT")
        for entity in KINDS:
            value = [row[f"{entity}_usd"] for _, row in newest]
            known = [moment for moment, _ in newest]
            frames.append(shaped(f"FL05_{kind}", entity, world, on, value, word, 1, 1, known, ends))
    return pl.concat(frames)
