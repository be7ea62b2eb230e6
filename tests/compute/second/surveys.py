"""What people say of the market: managers' exposure to stocks (VS11), the tone of the news (VS12).

Belongs here: readings of surveys and of the tone of the news. Does not: prices of options (``options``, ``volatility``).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

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


@cache
def _tones(world: World) -> list[tuple[int, date, float, int, dict[date, tuple[float, int]]]]:
    """Per session: its newest day, the tone, when that was seen first, and a year of days with what was known when."""
    told = world.versions("sf_news_sentiment")
    begin = min(map(micros, told["first_seen_at"]))
    queue = []
    for row in told.iter_rows(named=True):
        known, seen = micros(row["known_at"]), micros(row["first_seen_at"])
        queue.append((known if seen == begin else max(known, seen), row["observed_on"], row["sentiment"], seen))
    queue.sort(key=lambda one: one[:2])
    held: dict[date, tuple[float, int, int]] = {}
    place, found = 0, []
    newest = date.min
    for n, moment in enumerate(world.snapshots):
        while place < len(queue) and queue[place][0] <= moment:
            known, day, value, seen = queue[place]
            held[day], newest, place = (value, known, seen), max(newest, day), place + 1
        if held and world.days[n] >= date(2015, 1, 2):
            year = {d: held[d][:2] for d in (newest - timedelta(k) for k in range(365)) if d in held}
            found.append((n, newest, held[newest][0], held[newest][2], year))
    return found


def tone_began(world: World) -> int:
    """The first session that has a tone."""
    return _tones(world)[0][0]


def tone(world: World) -> pl.DataFrame:
    """VS12: all in the words of the newest file told by each session."""
    told = _tones(world)
    on = np.array([n for n, *_ in told])
    period = np.array([day for _, day, *_ in told], dtype="datetime64[D]")
    stale = np.array([(world.days[n] - day).days > 21 for n, day, *_ in told])
    now = np.array([value for _, _, value, *_ in told])
    known = [year[day][1] for _, day, _, _, year in told]
    before = [year.get(day - timedelta(20), (np.nan, 0)) for _, day, _, _, year in told]
    change = now - np.array([value for value, _ in before])
    size = np.array([len(year) for *_, year in told])
    years = [np.array([value for value, _ in year.values()]) for *_, year in told]
    rank = [100 * ((y < v).sum() + (y == v).sum() / 2) / y.size for y, v in zip(years, now, strict=True)]
    late = "STALE_INPUT"
    return pl.concat(
        [
            shaped("VS12", "US", world, on, now, np.where(stale, late, "OK"), 1, 1, known, period),
            shaped(
                "VS12_d20", "US", world, on, change, np.where(stale, late, np.where(np.isnan(change), "WARMUP", "OK")),
                np.where(np.isnan(change), 1, 2), 2, [max(k, b) for k, (_, b) in zip(known, before, strict=True)], period,
            ),
            shaped(
                "VS12_pct", "US", world, on, rank, np.where(stale, late, np.where(size < 0.9 * 365, "WARMUP", "OK")), size,
                365, [max(k for _, k in year.values()) for *_, year in told], period,
            ),
        ]
    )  # fmt: skip


def rebuilt(world: World) -> set[tuple[str, date]]:
    """Sessions and readings of VS12 made of a file that was not held yet."""
    ids = ("VS12", "VS12_d20", "VS12_pct")
    return {(name, world.days[n]) for n, _, _, seen, _ in _tones(world) if seen > world.snapshots[n] for name in ids}
