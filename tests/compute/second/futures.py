"""Who is long and short in index futures: FL11, FL17 and their rows of ``positioning``.

Belongs here: reports as known session by session, three years of them. Does not: short positions in stocks (``shorts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from second.facts import World, micros
from second.readings import shaped

WEEKS, FRESH = 156, 14
SIDES = {"assets": ("asset_manager_long", "asset_manager_short"), "leveraged": ("leveraged_long", "leveraged_short")}
NAMES = {"sp500": "13874A", "nasdaq100": "209742", "russell2000": "239742"}
Z, RANK = "z", "percentile"


@dataclass(frozen=True)
class Judged:
    """One report of one kind of trader: net length in percent, and where it stands among those of three years."""

    day: date
    known: int
    net: float
    z: float
    rank: float
    earlier: int
    window: int
    word_z: str
    word_rank: str


@cache
def judged(world: World, code: str, side: str) -> list[Judged]:
    """The reports of a contract that came in order, oldest first."""
    rows = [
        r for r in world.firsts("cftc_tff").iter_rows(named=True) if r["contract_code"] == code and r["open_interest"]
    ]
    rows.sort(key=lambda r: r["report_date"])
    kept = []
    earliest = None
    for row in reversed(rows):
        known = micros(row["known_at"])
        if earliest is None or known <= earliest:
            kept.append(row)
        earliest = known if earliest is None else min(earliest, known)
    by_week: dict[date, float] = {}
    found = []
    begin = None
    for row in reversed(kept):
        long, short = (row[name] for name in SIDES[side])
        net = 100 * (long - short) / row["open_interest"]
        monday = row["report_date"] - timedelta(row["report_date"].weekday())
        begin = begin or monday
        weeks = [monday - timedelta(weeks=k) for k in range(1, WEEKS + 1)]
        before = np.array([by_week[w] for w in weeks if w in by_week])
        past = np.append(before if weeks[-1] not in by_week else before[:-1], net)
        spread = before.std(ddof=1) if before.size > 1 else 0.0
        young = [begin > monday - timedelta(weeks=k) for k in (WEEKS, WEEKS - 1)]
        word_z = "WARMUP" if young[0] else "LOW_COVERAGE"
        if before.size == WEEKS:
            word_z = "OK" if spread > 1e-12 else "UNDEFINED"
        word_rank = "OK" if past.size == WEEKS else "WARMUP" if young[1] else "LOW_COVERAGE"
        found.append(
            Judged(
                row["report_date"], micros(row["known_at"]), net,
                (net - before.mean()) / spread if word_z == "OK" else np.nan,
                100 * ((past < net).sum() + (past == net).sum() / 2) / past.size if word_rank == "OK" else np.nan,
                before.size, past.size, word_z, word_rank,
            )
        )  # fmt: skip
        by_week[monday] = net
    return found


@cache
def _by_session(world: World, code: str, side: str) -> list[tuple[int, Judged, bool]]:
    """Session, the newest report out by then, whether it is fresh."""
    told: list[tuple[int, Judged, bool]] = []
    reports = judged(world, code, side)
    for n, moment in enumerate(world.snapshots):
        out = [r for r in reports if r.known <= moment] if n == 0 else None
        newest = out[-1] if out else told[-1][1] if told else None
        start = reports.index(newest) + 1 if newest else 0
        for report in reports[start:]:
            if report.known > moment:
                break
            newest = report
        if newest is not None:
            told.append((n, newest, (world.days[n] - newest.day).days <= FRESH))
    return told


def _reading(world: World, reading_id: str, code: str, side: str, kind: str) -> pl.DataFrame:
    told = _by_session(world, code, side)
    value = [r.z if kind == Z else r.rank if kind == RANK else r.net for _, r, _ in told]
    word = [
        "STALE_INPUT" if not is_fresh else r.word_z if kind == Z else r.word_rank if kind == RANK else "OK"
        for _, r, is_fresh in told
    ]
    used = [r.earlier if kind == Z else r.window if kind == RANK else 1 for _, r, _ in told]
    return shaped(
        reading_id, code, world, np.array([n for n, _, _ in told]), value, np.array(word), used, WEEKS if kind else 1,
        [r.known for _, r, _ in told], np.array([r.day for _, r, _ in told], dtype="datetime64[D]"),
    )  # fmt: skip


def _levels() -> list[tuple[str, str, str]]:
    return [(f"FL11_{side}_{name}", code, side) for name, code in NAMES.items() for side in SIDES]


def readings(world: World) -> pl.DataFrame:
    """FL11 and FL17."""
    frames = [_reading(world, reading_id, code, side, "") for reading_id, code, side in _levels()]
    frames += [
        _reading(world, "FL11_leveraged_sp500_z", NAMES["sp500"], "leveraged", Z),
        _reading(world, "FL11_leveraged_sp500_pct", NAMES["sp500"], "leveraged", RANK),
        _reading(world, "FL17", NAMES["sp500"], "assets", Z),
    ]
    return pl.concat(frames)


def positioning(world: World) -> pl.DataFrame:
    """The rows of the mart."""
    frames = []
    for reading_id, code, side in _levels():
        value, z, rank = (_reading(world, reading_id, code, side, kind) for kind in ("", Z, RANK))
        frames.append(
            value.select(
                pl.lit(reading_id).alias("series_id"), "session_date", "value", "n_used", "n_expected", "status", "known_at",
                report_date="obs_period",
            ).with_columns(
                z=z["value"].fill_nan(None), percentile=rank["value"].fill_nan(None), status_z=z["status"],
                status_percentile=rank["status"],
            )
        )  # fmt: skip
    return pl.concat(frames)
