"""Falls and rallies of the indices, told from closes: the columns of ``rally_daily`` and ``rally_episodes``.

Belongs here: the rules of a fall, a rally and its end, in whole percents of ticks. Does not: anything but index closes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second.facts import World
from second.prices import Prices, prices


@dataclass
class Episode:
    """A rally; positions are of closes."""

    peak: int
    fallen: int
    trough: int
    confirmed: int
    high: int
    recovered: int | None = None
    ended: int | None = None
    how: str | None = None


@dataclass
class Told:
    """What is known after each close: the state, and the rally that is open."""

    states: list[str] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    open_then: list[Episode | None] = field(default_factory=list)


def tell(ticks: list[int], fall: int, rise: int, fade: int) -> Told:
    """Follow the closes once. Percents are of integers, so a close at a threshold is decided exactly."""
    told = Told()
    peak, low, fallen = 0, None, None  # low: lowest close since the fall was confirmed
    rally: Episode | None = None
    for t, p in enumerate(ticks):
        if rally is not None:
            if p > ticks[rally.high]:
                rally.high = t
            if rally.recovered is None and p >= ticks[rally.peak]:
                rally.recovered = t
            limit = fade if rally.recovered is None else fall
            if p < ticks[rally.trough]:
                rally.how = "failed"
            elif p * 100 <= ticks[rally.high] * (100 - limit):
                rally.how = "faded" if rally.recovered is None else "completed"
                peak, fallen = rally.high, t
            if rally.how:
                rally.ended, low, rally = t, t, None
        elif low is None:
            if p > ticks[peak]:
                peak = t
            elif p * 100 <= ticks[peak] * (100 - fall):
                low, fallen = t, t
        elif p < ticks[low]:
            low = t
        elif p * 100 >= ticks[low] * (100 + rise) or p >= ticks[peak]:
            assert fallen is not None
            rally = Episode(peak, fallen, low, t, t, t if p >= ticks[peak] else None)
            told.episodes.append(rally)
        told.states.append("RALLY" if rally else "UP" if low is None else "DOWN")
        told.open_then.append(rally)
    return told


@cache
def histories(world: World) -> list[tuple[Prices, dict[str, str], Told]]:
    """Every index under every rule."""
    found = []
    for p in prices(world).values():
        if p.asset_class == "index":
            for rule in world.seed("rally_rules"):
                percents = (int(rule[k]) for k in ("fall_pct", "rise_pct", "fade_pct"))
                found.append((p, rule, tell(p.ticks.tolist(), *percents)))
    return found


def rally_daily(world: World) -> pl.DataFrame:
    """One row per index, rule and session."""
    frames = []
    for p, rule, told in histories(world):
        t = p.ticks.astype(float)
        fallen = 100 * (t / np.maximum.accumulate(t) - 1)
        top = np.maximum.accumulate(p.ticks)
        deep = [
            next(
                (word for share, word in ((80, "bear"), (90, "correction"), (95, "pullback")) if 100 * a <= share * b),
                "none",
            )
            for a, b in zip(p.ticks.tolist(), top.tolist(), strict=True)
        ]
        rows: dict[str, list[Any]] = {name: [] for name in ("episode_id", "age_sessions", "gain", "retraced")}
        for n, rally in enumerate(told.open_then):
            low, high = (t[rally.trough], t[rally.peak]) if rally else (np.nan, np.nan)
            name = f"{p.instrument_id}:{rule['rule']}:{world.days[p.at[rally.confirmed]]}" if rally else None
            rows["episode_id"].append(name)
            rows["age_sessions"].append(float(p.at[n] - p.at[rally.trough]) if rally else np.nan)
            rows["gain"].append(100 * (t[n] / low - 1))
            rows["retraced"].append(100 * (t[n] - low) / (high - low))
        frames.append(
            pl.DataFrame(
                {
                    "session_date": world.dates[p.at],
                    "state": told.states,
                    **rows,
                    "drawdown": fallen,
                    "drawdown_class": deep,
                }
                | {"status": ["OK" if s == "RALLY" else "UNDEFINED" for s in told.states]}
                | {"known_at": np.maximum(p.known, world.snapshots[p.at])}
            ).with_columns(
                index_id=pl.lit(p.instrument_id),
                rule=pl.lit(rule["rule"]),
                is_default=pl.lit(rule["is_default"] == "true"),
            )
        )
    return pl.concat(frames)


def rally_episodes(world: World) -> pl.DataFrame:
    """One row per rally, as it stands at the newest close of its index."""
    rows = []
    for p, rule, told in histories(world):
        t, days, close = p.ticks, [world.days[n] for n in p.at], p.bars["close"]
        top = np.maximum.accumulate(t)

        def change(a: int, b: int, t: np.ndarray = t) -> float:
            return 100 * (int(t[a]) / int(t[b]) - 1)

        def sessions(a: int, b: int, p: Prices = p) -> int:
            return int(p.at[a] - p.at[b])

        for number, e in enumerate(told.episodes):
            now = len(t) - 1 if e.ended is None else e.ended
            rows.append(
                {
                    "index_id": p.instrument_id, "rule": rule["rule"],
                    "episode_id": f"{p.instrument_id}:{rule['rule']}:{days[e.confirmed]}", "episode_no": number + 1,
                    "built_for_session": days[-1], "status": "active" if e.ended is None else "ended", "end_kind": e.how,
                    "peak_date": days[e.peak], "peak_level": close[e.peak], "ath_peak_level": top[e.peak] / 10_000,
                    "fall_confirmed_date": days[e.fallen], "trough_date": days[e.trough], "trough_level": close[e.trough],
                    "depth": change(e.trough, e.peak), "depth_vs_ath": 100 * (t[e.trough] / top[e.trough] - 1),
                    "sessions_peak_to_trough": sessions(e.trough, e.peak), "up_confirmed_date": days[e.confirmed],
                    "recovered_date": days[e.recovered] if e.recovered is not None else None,
                    "sessions_trough_to_recovery": sessions(e.recovered, e.trough) if e.recovered is not None else None,
                    "high_date": days[e.high], "high_level": close[e.high],
                    "gain_trough_to_high": change(e.high, e.trough),
                    "end_confirmed_date": days[e.ended] if e.ended is not None else None,
                    "age_sessions": sessions(now, e.trough), "age_days": (days[now] - days[e.trough]).days,
                    "gain_now": change(now, e.trough),
                    "pct_retraced": 100 * float(t[now] - t[e.trough]) / float(t[e.peak] - t[e.trough]),
                    "is_left_censored": e.peak == told.episodes[0].peak, "is_right_censored": e.ended is None,
                    "is_default": rule["is_default"] == "true",
                    "known_at": max(int(p.known[now]), int(world.snapshots[p.at[now]])),
                    **{k: int(rule[k]) for k in ("fall_pct", "rise_pct", "fade_pct")},
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
