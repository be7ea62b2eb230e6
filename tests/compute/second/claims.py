"""Claims of the press, judged again: facts of each index, theme and session, then the predicates of the seed.

Belongs here: the facts, and what a verdict and its figures say. Does not: the predicates (they are the seed's own text), and
tables that other modules compute again: of those the published rows are judged.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import polars as pl

from second import volatility
from second.contributions import windows
from second.facts import FOR_EVER, World
from second.funds import week_ends
from second.prices import YEAR, Prices, prices
from second.rallies import histories
from second.volatility import percentile
from second.weights import weighed


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
    record = pl.Series(np.where(np.isnan(top), np.nan, t > top)).fill_nan(None) == 1
    return pl.DataFrame(
        {
            "session_date": world.dates[p.at], "close": t / 10_000, "previous_close": before / 10_000,
            "return_pct": 100 * (t / before - 1), "highest_before": top / 10_000, "is_record": record,
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


def _closes(rows: list[dict[str, Any]]) -> str:
    rows = sorted(rows, key=lambda r: (r["session_date"], r["index_id"]))
    if len(rows) <= 6:
        return "; ".join(_figure(row) for row in rows)
    close = [row["close"] for row in rows]
    text = f"{len(rows)} sessions {rows[0]['session_date']} to {rows[-1]['session_date']}"
    text += f": closes {min(close):,.2f} to {max(close):,.2f}, records {sum(bool(r['is_record']) for r in rows)}"
    text += f", within 2 % of the high {sum(r['drawdown_pct'] > -2 for r in rows)}"
    troughs = sorted({str(r["rally_trough_date"]) for r in rows if r["rally_trough_date"]})
    return f"{text}, lows of rallies {' '.join(troughs)}"


def claim_facts(world: World) -> pl.DataFrame:
    """The mart: the facts of each index, and how two rates moved beside the headline index."""
    rates = world.published("rates_daily").sort("session_date").to_dicts()
    moved = {}
    for before, row in pairwise(rates):
        is_new = row["carried_from"] is None and before["carried_from"] is None
        for name, column in (("y10_change_bp", "y10"), ("gap_change_bp", "earnings_yield_gap")):
            both = is_new and row[column] is not None and before[column] is not None
            moved[row["session_date"], name] = 100 * (row[column] - before[column]) if both else None
    headline = next(i["instrument_id"] for i in world.instruments if i["role"] == "headline")
    found = facts(world)
    keys = list(found.select("index_id", "session_date").iter_rows())
    return found.with_columns(
        *(
            pl.Series(name, [moved.get((day, name)) if index == headline else None for index, day in keys], pl.Float64)
            for name in ("y10_change_bp", "gap_change_bp")
        ),
        known_at=pl.Series([int(world.snapshots[world.at[day]]) for _, day in keys]),
    )


def cited_figures(world: World) -> pl.DataFrame:
    """The mart: from which session each printed figure is known."""
    printed = [(r["figure_id"], r) for r in world.seed("printed_figures")]
    printed += [(r["fact_id"], r | {"subject": r["issuer"], "what": r["metric"], "said_by": r["issuer"]})
                for r in world.seed("corporate_facts")]  # fmt: skip
    rows = []
    for name, r in printed:
        published = date.fromisoformat(r["published_on"])
        n = world.session_on_or_after(published)
        if n is not None:
            rows.append(
                {
                    "figure_id": name, "period_end": date.fromisoformat(r["period_end"]), "published_on": published,
                    "session_date": world.days[n], "subject": r["subject"], "what": r["what"], "value": float(r["value"]),
                    "unit": r["unit"], "said_by": r["said_by"], "source": r["source"], "known_at": int(world.snapshots[n]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def theme_daily(world: World) -> pl.DataFrame:
    """The mart: the mean of each theme's stocks, what they added, and its place among groups that share no stock."""
    told, size, headline = weighed(world), len(world.days), volatility.headline(world)
    names = {b["basket_id"]: b for b in world.seed("baskets")}
    listed: dict[str, np.ndarray] = {name: np.zeros((len(told.names), size), dtype=bool) for name in names}
    for row in world.seed("basket_members"):
        last = np.datetime64(row["valid_to"] or str(FOR_EVER))
        is_on = (world.dates >= np.datetime64(row["valid_from"])) & (world.dates < last)
        listed[row["basket_id"]][told.names.index(row["instrument_id"])] |= is_on
    gain = np.full((len(told.names), size), np.nan)
    for n, name in enumerate(told.names):
        p = prices(world).get(name)
        if p is not None:
            level = p.along(np.where(p.is_traded, p.total_return, np.nan), size)
            gain[n, 1:] = level[1:] / level[:-1] - 1
    close = headline.along(headline.ticks.astype(float), size)
    windows_of = {w.end: w for w in windows(world) if w.window_id == "1d"}
    rows = []
    for t in np.flatnonzero(world.dates >= np.datetime64("2015-01-02")):
        on = {name: np.flatnonzero(mask[:, t] & told.member[:, t]) for name, mask in listed.items()}
        window = windows_of.get(int(t))
        parts = window.parts if window else None
        added = {n: sum(parts[r] for r in rs if r in parts) if any(r in parts for r in rs) else None
                 for n, rs in on.items()} if parts else dict.fromkeys(on)  # fmt: skip
        groups = {n: v for n, v in added.items() if names[n]["is_industry"] == "true" and v is not None}
        for r, part in (parts or {}).items():
            labels = [s for start, s in world.sectors.get(told.names[r], []) if start <= t]
            is_themed = any(r in on[n] for n in on if names[n]["is_industry"] == "true")
            if labels and labels[-1] and not is_themed:
                groups[f"rest of {labels[-1]}"] = groups.get(f"rest of {labels[-1]}", 0.0) + part  # type: ignore[operator]
        why = window.status if window else "NOT_AVAILABLE"
        for name, rs in on.items():
            if not rs.size:
                continue
            seen = gain[rs, t][~np.isnan(gain[rs, t])]
            is_enough, is_apart = seen.size >= 0.9 * rs.size, names[name]["is_industry"] == "true"
            place = 1 + sum(v > groups[name] + 1e-15 for v in groups.values()) if name in groups else None  # type: ignore[operator]
            lacks = "LOW_COVERAGE" if why == "OK" else why
            rows.append(
                {
                    "theme_id": name, "session_date": world.days[t], "name": names[name]["name"], "listed": rs.size,
                    "seen": seen.size, "return_pct": 100 * seen.mean() if is_enough else None,
                    "index_return_pct": 100 * (close[t] / close[t - 1] - 1),
                    "contribution_pp": None if added[name] is None else 100 * added[name],  # type: ignore[operator]
                    "contribution_rank": place, "n_groups": len(groups) if place else None,
                    "status_return": "OK" if is_enough else "LOW_COVERAGE",
                    "status_index": "NOT_PUBLISHED" if np.isnan(close[t] / close[t - 1]) else "OK",
                    "status_contribution": lacks if added[name] is None else "OK",
                    "status_rank": "OK" if place else lacks if is_apart else "UNDEFINED",
                    "known_at": int(world.snapshots[t]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


TABLES = {"claim_facts": claim_facts, "cited_figures": cited_figures, "theme_daily": theme_daily}
WORDS = {None: "NO_DATA", 1.0: "TRUE", 0.0: "FALSE"}


def _judged(con: duckdb.DuckDBPyConnection, part: dict[str, str], until: date) -> tuple[float | None, str, int]:
    """Share true, figures and rows of one part."""
    day = "greatest(session_date, effective_session)" if part["facts"] == "earnings_calendar" else "session_date"
    about = con.sql(f"SELECT * FROM {part['facts']} WHERE ({part['rows_sql']}) AND {day} <= DATE '{until}'").pl()
    if not about.height:
        return None, "nothing is known of it yet", 0
    con.register("about", about)
    (share,) = con.execute(f"SELECT CAST(({part['predicate_sql']}) AS DOUBLE) FROM about").fetchone() or (None,)
    if part["found_sql"]:
        (found,) = con.execute(f"SELECT {part['found_sql']} FROM about").fetchone() or (None,)
    else:
        found = _closes(about.to_dicts())
    if found is None:
        column = {"concentration_daily": "status_20d", "market_daily": "status_return", "theme_daily": "status_rank"}
        words = about[column.get(part["facts"], "status")].unique().sort().to_list()
        found = ", ".join(word for word in words if word != "OK") or "nothing is known of it yet"
    return share, found, about.height


@cache
def _parts(world: World) -> list[dict[str, Any]]:
    """Every part of every claim that is out, judged as of its report and as of now."""
    claims, rows = {c["claim_id"]: c for c in world.seed("claims")}, []
    with duckdb.connect() as con:
        parts = world.seed("claim_parts_judged")
        for name in {part["facts"] for part in parts}:
            con.register(name, TABLES[name](world) if name in TABLES else world.published(name))
        for part in parts:
            reported = date.fromisoformat(claims[part["claim_id"]]["reported_on"])
            if reported <= world.days[-1]:
                until = world.days[world.session_on_or_before(reported)]
                then, now = _judged(con, part, until), _judged(con, part, world.days[-1])
                rows.append(part | {"session_date": until, "then": then, "now": now})
    return rows


def claim_parts(world: World) -> pl.DataFrame:
    """The mart."""
    return pl.DataFrame(
        [
            {
                "claim_id": p["claim_id"], "part_no": int(p["part_no"]), "session_date": p["session_date"],
                "known_at": int(world.snapshots[world.at[p["session_date"]]]),
                **{f"share_{m}": p[m][0] for m in ("then", "now")},
                **{f"verdict_{m}": WORDS.get(p[m][0], "PARTLY") for m in ("then", "now")},
                **{f"found_{m}": p[m][1] for m in ("then", "now")},
                **{f"rows_{m}": p[m][2] for m in ("then", "now")},
            }
            for p in _parts(world)
        ],
        infer_schema_length=None,
    )  # fmt: skip


def _verdict(shares: list[float | None], settles: str, until: date) -> str:
    known = [s for s in shares if s is not None]
    if not shares:
        return "NOT_TESTABLE"
    if date.fromisoformat(settles) > until:
        return "OPEN"
    if len(known) < len(shares) and not (any(s < 1 for s in known) and any(s > 0 for s in known)):
        return "NO_DATA"
    return "TRUE" if all(s == 1 for s in known) else "PARTLY" if any(s > 0 for s in known) else "FALSE"


def _said(parts: list[dict[str, Any]], m: str) -> str:
    if len(parts) < 2:
        return str(parts[0][m][1]) if parts else "nothing here can judge it"
    return "; ".join(
        f"{p['label']}: {WORDS.get(p[m][0], 'PARTLY') + ', ' if p['role'] == 'judged' else ''}{p[m][1]}" for p in parts
    )


def claims_audit(world: World) -> pl.DataFrame:
    """One row per claim that is out."""
    rows = []
    for claim in world.seed("claims"):
        reported = date.fromisoformat(claim["reported_on"])
        if reported > world.days[-1]:
            continue
        until = world.days[world.session_on_or_before(reported)]
        parts = [p for p in _parts(world) if p["claim_id"] == claim["claim_id"]]
        judged = [p for p in parts if p["role"] == "judged"]
        rows.append(
            {
                "claim_id": claim["claim_id"], "session_date": until, "parts": len(judged),
                "verdict_then": _verdict([p["then"][0] for p in judged], claim["settles_on"], until),
                "found_text": _said(parts, "then"),
                "verdict_now": _verdict([p["now"][0] for p in judged], claim["settles_on"], world.days[-1]),
                "found_text_now": _said(parts, "now"), "judged_until": world.days[-1],
                "known_at": int(world.snapshots[world.at[until]]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
