"""What people say of the market: managers' exposure to stocks (VS11).

Belongs here: readings of surveys and of the tone of the news. Does not: prices of options (``options``, ``volatility``).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from second.facts import World, micros
from second.readings import shaped

SPANS = (52, 156)
FRESH = 14  # days


def managers_began(world: World) -> int:
    """The first session whose snapshot knew a survey."""
    first = world.first_snapshot(min(map(micros, world.firsts("naaim_exposure")["known_at"])))
    assert first is not None
    return first


def managers(world: World) -> pl.DataFrame:
    """VS11: the newest survey told by each session, among those of a year and of three."""
    rows = world.firsts("naaim_exposure").sort("observed_on").iter_rows(named=True)
    told = [(r["observed_on"], r["exposure"], micros(r["known_at"])) for r in rows]
    kept: dict[date, tuple[int, date, float]] = {}
    for n, (day, value, known) in enumerate(told):
        if any(later < known for _, _, later in told[n + 1 :]):
            continue
        week = day - timedelta(day.weekday())
        if week not in kept or (kept[week][0], -kept[week][1].toordinal()) > (known, -day.toordinal()):
            kept[week] = (known, day, value)
    weeks = sorted(kept)
    found = []
    newest, at = [], 0
    for n, moment in enumerate(world.snapshots):
        while at < len(weeks) and kept[weeks[at]][0] <= moment:
            at += 1
        if at:
            newest.append((n, at - 1))
    on = np.array([n for n, _ in newest])
    surveys = [kept[weeks[k]] for _, k in newest]
    known, period = [s[0] for s in surveys], np.array([s[1] for s in surveys], dtype="datetime64[D]")
    stale = np.array([(world.days[n] - s[1]).days > FRESH for n, s in zip(on, surveys, strict=True)])
    value = [s[2] for s in surveys]
    word = np.where(stale, "STALE_INPUT", "OK")
    found.append(shaped("VS11", "NAAIM", world, on, value, word, 1, 1, known, period))
    for span in SPANS:
        places, distances = {}, {}
        for k, week in enumerate(weeks):
            now = kept[week][2]
            before = np.array([kept[w][2] for w in weeks[:k] if w >= week - timedelta(weeks=span)])
            past = np.array([kept[w][2] for w in weeks[: k + 1] if w > week - timedelta(weeks=span)])
            words = []
            for size, begin in (
                (past.size, week - timedelta(weeks=span - 1)),
                (before.size, week - timedelta(weeks=span)),
            ):
                words.append("OK" if size >= 0.9 * span else "WARMUP" if weeks[0] > begin else "LOW_COVERAGE")
            spread = before.std(ddof=1) if before.size > 1 else 0.0
            rank = 100 * ((past < now).sum() + (past == now).sum() / 2) / past.size
            places[k] = (rank, words[0], past.size)
            distances[k] = ((now - before.mean()) / spread if spread > 1e-12 else np.nan, words[1], before.size)
        for kind, all_of in (("pct", places), ("z", distances)):
            mine = [all_of[k] for _, k in newest]
            word = np.where(stale, "STALE_INPUT", [m[1] for m in mine])
            found.append(
                shaped(
                    f"VS11_{kind}_{span}", "NAAIM", world, on, [m[0] for m in mine], word, [m[2] for m in mine], span,
                    known, period,
                )
            )  # fmt: skip
    return pl.concat(found)
