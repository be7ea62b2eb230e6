"""Claims of the press, judged again: facts of each index and session from closes, then the predicates of the seed.

Belongs here: the facts, and what a verdict and its figures say. Does not: the predicates (they are the seed's own text).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl

from second.facts import World
from second.funds import week_ends
from second.prices import YEAR, Prices, prices
from second.rallies import histories
from second.volatility import percentile


def facts(world: World) -> pl.DataFrame:
    """One row per index and session."""
    near, ends, frames = _members_near_high(world), np.array(week_ends(world)), []
    for p in prices(world).values():
        if p.asset_class == "index":
            frames.append(_of_index(world, p, ends, near))
    return pl.concat(frames)


def _of_index(world: World, p: Prices, ends: np.ndarray, near: np.ndarray) -> pl.DataFrame:
    t = p.ticks.astype(float)
    before = np.concatenate([[np.nan], t[:-1]])
    top = np.concatenate([[np.nan], np.maximum.accumulate(t)[:-1]])
    spread = pl.Series(np.log(t / before)).fill_nan(None).rolling_std(YEAR, min_samples=2).to_numpy()
    week, high = ends[p.at], np.floor(p.bars["high"] * p.split * 10_000 + 0.5)
    low = np.floor(p.bars["low"] * p.split * 10_000 + 0.5)
    last_of = {w: n for n, w in enumerate(week)}
    order = sorted(last_of)
    earlier = dict(zip(order[1:], order, strict=False))
    week_before = np.array([t[last_of[earlier[w]]] if w in earlier else np.nan for w in week])
    calm = np.array([spread[last_of[earlier[w]]] if w in earlier else np.nan for w in week], dtype=float)
    is_end = p.at == week
    span = np.full(t.size, np.nan)
    for n in np.flatnonzero(is_end):
        inside = np.flatnonzero(week[: n + 1] == week[n])
        if calm[n] > 0:
            span[n] = (high[inside].max() - low[inside].min()) / week_before[n] / (calm[n] * np.sqrt(5))
    ranked = np.full(t.size, np.nan)
    held = np.flatnonzero(~np.isnan(span))
    ranked[held] = percentile(span[held], 52, 1)
    rallies = next(told for q, rule, told in histories(world) if q is p and rule["is_default"] == "true")
    trough = [world.days[p.at[e.trough]] if e else None for e in rallies.open_then]
    return pl.DataFrame(
        {
            "session_date": world.dates[p.at], "close": t / 10_000, "previous_close": before / 10_000,
            "return_pct": 100 * (t / before - 1), "highest_before": top / 10_000, "is_record": t > top,
            "drawdown_pct": 100 * (t / np.maximum.accumulate(t) - 1), "is_week_end": is_end,
            "week_return_pct": 100 * (t / week_before - 1), "week_range_percentile": ranked, "rally_trough_date": trough,
            "members_near_high_share": near[p.at] if p.role == "headline" else np.full(t.size, np.nan),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None), index_id=pl.lit(p.instrument_id))  # fmt: skip


def _members_near_high(world: World) -> np.ndarray:
    """Share of the members that stand at most 5 % under their highest close of 252 bars, where 95 % of them have one."""
    universe = next(u["universe_id"] for u in world.seed("universes") if u["is_default"] == "true")
    members, seen, near = (np.zeros(len(world.days)) for _ in range(3))
    since = min(date.fromisoformat(c["reported_on"]) for c in world.seed("claims")) - timedelta(400)
    start = (world.session_on_or_after(since + timedelta(1)) or 0, len(world.days))[0]
    for name, stays in world.stays[universe].items():
        inside = world.mask(stays)
        members += inside
        p = prices(world).get(name)
        if p is None:
            continue
        kept = p.is_traded & (p.at >= start)
        at, t = p.at[kept], p.ticks[kept]
        top = pl.Series(t).rolling_max(YEAR, min_samples=1).to_numpy()
        mine = inside[at]
        seen[at[mine]] += 1
        near[at[mine]] += (100 * t >= 95 * top)[mine]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((seen > 0) & (seen >= 0.95 * members), near / seen, np.nan)


def _figure(row: dict[str, Any]) -> str:
    parts = [f"{row['index_id']} {row['session_date']}: close {row['close']:,.2f}"]
    if row["return_pct"] is not None and row["week_return_pct"] is not None:
        parts.append(f" (day {row['return_pct']:+.2f} %, week {row['week_return_pct']:+.2f} %)")
    if row["highest_before"] is not None:
        parts.append(f", highest close before {row['highest_before']:,.2f}")
    if row["week_range_percentile"] is not None:
        parts.append(f", range of the week at percentile {row['week_range_percentile']:.0f}")
    if row["members_near_high_share"] is not None:
        parts.append(f", {100 * row['members_near_high_share']:.0f} % of members near their high")
    return "".join(parts)


def _found(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "no close yet of the sessions the claim is about"
    rows = sorted(rows, key=lambda r: (r["session_date"], r["index_id"]))
    if len(rows) <= 6:
        return "; ".join(_figure(row) for row in rows)
    close = [row["close"] for row in rows]
    text = f"{len(rows)} sessions {rows[0]['session_date']} to {rows[-1]['session_date']}"
    text += f": closes {min(close):,.2f} to {max(close):,.2f}, records {sum(bool(r['is_record']) for r in rows)}"
    text += f", within 2 % of the high {sum(r['drawdown_pct'] > -2 for r in rows)}"
    troughs = sorted({str(r["rally_trough_date"]) for r in rows if r["rally_trough_date"]})
    return f"{text}, lows of rallies {' '.join(troughs)}"


def _judged(con: duckdb.DuckDBPyConnection, claim: dict[str, str], until: date) -> tuple[str, str]:
    rows = con.sql(
        f"SELECT * FROM facts WHERE ({claim['sessions_sql'] or 'false'}) AND session_date <= DATE '{until}'"
    ).pl()
    found = _found(rows.to_dicts())
    if not claim["predicate_sql"]:
        return "NOT_TESTABLE", found
    if date.fromisoformat(claim["settles_on"]) > until:
        return "OPEN", found
    con.register("about", rows)
    (share,) = con.execute(f"SELECT CAST(({claim['predicate_sql']}) AS DOUBLE) FROM about").fetchone() or (None,)
    if not rows.height or share is None:
        return "NO_DATA", found
    return {1.0: "TRUE", 0.0: "FALSE"}.get(share, "PARTLY"), found


def claims_audit(world: World) -> pl.DataFrame:
    """One row per claim that is out."""
    rows = []
    with duckdb.connect() as con:
        con.register("facts", facts(world))
        for claim in world.seed("claims"):
            reported = date.fromisoformat(claim["reported_on"])
            if reported <= world.days[-1]:
                until = world.days[world.session_on_or_before(reported)]
                then, found = _judged(con, claim, until)
                now, found_now = _judged(con, claim, world.days[-1])
                rows.append(
                    {
                        "claim_id": claim["claim_id"], "session_date": until, "verdict_then": then, "found_text": found,
                        "verdict_now": now, "found_text_now": found_now, "judged_until": world.days[-1],
                        "known_at": int(world.snapshots[world.at[until]]),
                    }
                )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
