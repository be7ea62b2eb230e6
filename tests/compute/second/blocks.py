"""Volume on alternative trading systems: FL16.

Belongs here: weeks entered by hand. Does not: prices or volumes of single stocks.
"""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import polars as pl

from ingestion.calendar import NEW_YORK
from second.facts import World, micros
from second.readings import shaped

FRESH, TOLD = 35, time(18)  # days a week counts after its end; New York


def ats(world: World) -> pl.DataFrame:
    """FL16 session by session."""
    weeks = []
    for row in world.seed("ats_weeks"):
        told = datetime.combine(date.fromisoformat(row["published_on"]), TOLD, NEW_YORK)
        shares, trades, every = (float(row[name]) for name in ("ats_shares", "ats_trades", "all_shares"))
        weeks.append((micros(told), date.fromisoformat(row["week_end"]), 100 * shares / every, shares / trades))
    weeks.sort()
    on, rows = [], []
    for n, moment in enumerate(world.snapshots):
        out = [week for week in weeks if week[0] <= moment]
        if out:
            on.append(n)
            rows.append(out[-1])
    ends = np.array([end for _, end, _, _ in rows], dtype="datetime64[D]")
    at = np.array(on)
    word = np.where((world.dates[at] - ends).astype(int) <= FRESH, "OK", "STALE_INPUT")
    known = [told for told, _, _, _ in rows]
    return pl.concat(
        [
            shaped("FL16_ats_share", "US", world, at, [r[2] for r in rows], word, 1, 1, known, ends),
            shaped("FL16_trade_size", "US", world, at, [r[3] for r in rows], word, 1, 1, known, ends),
        ]
    )
