"""Tables of how things stand: days, instruments, symbols, memberships, and the health of each input.

Belongs here: their computed columns. Does not: what they copy from a seed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from ingestion import registry
from second.facts import FOR_EVER, World, micros
from second.funds import week_ends

SESSIONS_OF_HEALTH = 252


def dim_calendar(world: World) -> pl.DataFrame:
    """Every day up to the newest session."""
    listed = [(date.fromisoformat(row["date"]), row) for row in world.seed("calendar")]
    open_days = [day for day, row in listed if row["is_session"] == "true"]
    last_of: dict[str, dict[Any, date]] = {"week": {}, "month": {}}
    for day in open_days:
        last_of["week"][day - timedelta(day.weekday())] = day
        last_of["month"][day.year, day.month] = day
    rows = []
    for day, row in listed:
        if day > world.days[-1]:
            break
        is_open = day in world.at
        rows.append(
            {
                "date": day, "is_session": is_open,
                "is_suspected_closure": row["is_session"] == "true" and not is_open,
                "session_no": world.at[day] + 1 if is_open else None,
                "is_latest": day == world.days[-1], "is_half_day": row["is_half_day"] == "true",
                "is_bond_day": row["is_bond_day"] == "true",
                "week_end": last_of["week"][day - timedelta(day.weekday())] if is_open else None,
                "month_end": last_of["month"][day.year, day.month] if is_open else None,
                "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "known_at": int(world.snapshots[-1]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _met(world: World) -> dict[str, dict[str, Any]]:
    """Every instrument: those of the seed, stocks met in bars or lists, former members without bars."""
    bars = world.newest("yahoo_bars").filter(pl.col("session_date").is_in(world.days)).sort("session_date")
    seen = {
        row["symbol"]: row
        for row in bars.group_by("symbol")
        .agg(
            pl.col("session_date").min().alias("first"), pl.col("session_date").max().alias("last"), pl.last("currency")
        )
        .iter_rows(named=True)
    }
    nothing = {"first": None, "last": None, "currency": None}
    found: dict[str, dict[str, Any]] = {}
    for row in world.instruments:
        is_asked = row["asset_class"] not in ("crypto", "volatility")
        own = seen.get(row["symbol"], nothing) if is_asked else nothing
        found[row["instrument_id"]] = {
            **own, "symbol": row["symbol"] or None, "name": row["name"], "asset_class": row["asset_class"], "role": row["role"],
            "sector_id": row["sector_id"] or None, "sub_industry": None, "issuer_id": None, "history_from": row["history_from"],
        }  # fmt: skip
    listed = {r["symbol"]: r for r in world.newest("sp500_constituents").iter_rows(named=True) if r["is_present"]}
    named = {row["symbol"] for row in world.instruments if row["symbol"]}
    for symbol in sorted((set(seen) - named) | set(listed)):
        row = listed.get(symbol, {})
        slug = re.sub("[^a-z0-9]+", "_", (row.get("sector") or "").lower()).strip("_") or None
        found[world.owner(symbol)] = {
            **seen.get(symbol, nothing), "symbol": symbol, "name": row.get("name") or symbol, "asset_class": "stock",
            "role": "stock", "sector_id": slug, "sub_industry": row.get("sub_industry"),
            "issuer_id": f"CIK:{row['cik']}" if row.get("cik") is not None else None, "history_from": None,
        }  # fmt: skip
    for by in world.stays.values():
        for name in sorted(set(by) - set(found)):
            symbols = [r for r in world.dated_symbols if r["instrument_id"] == name]
            symbol = max(symbols, key=lambda r: r["valid_from"])["symbol"] if symbols else name.removeprefix("EQ:")
            found[name] = {
                **nothing, "symbol": symbol, "name": symbol, "asset_class": "stock", "role": "stock", "sector_id": None,
                "sub_industry": None, "issuer_id": None, "history_from": None,
            }  # fmt: skip
    return found


def dim_instrument(world: World) -> pl.DataFrame:
    """Every instrument, as of the newest session."""
    columns = ("symbol", "name", "asset_class", "role", "sector_id", "sub_industry", "issuer_id", "currency")
    rows = [
        {
            "instrument_id": name,
            **{c: row[c] for c in columns},
            "first_session": row["first"],
            "last_session": row["last"],
        }
        for name, row in _met(world).items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def dim_symbol(world: World) -> pl.DataFrame:
    """The symbols each instrument has had."""
    newest, rows = world.days[-1], []
    for name, row in _met(world).items():
        dated = [r for r in world.dated_symbols if r["instrument_id"] == name and r["valid_from"] <= str(newest)]
        for r in dated:
            until = date.fromisoformat(r["valid_to"]) if r["valid_to"] else None
            rows.append(
                (name, date.fromisoformat(r["valid_from"]), r["symbol"], until if until and until <= newest else None)
            )
        if not dated and row["symbol"]:
            stays = [stay for by in world.stays.values() for stay in by.get(name, [])]
            since = row["first"] or (date.fromisoformat(row["history_from"]) if row["history_from"] else None)
            end = max((stay.end for stay in stays), default=FOR_EVER)
            until = end if since is None and end <= newest else None
            since = since or min((stay.first for stay in stays), default=date(1990, 1, 2))
            rows.append((name, since, row["symbol"], until))
    return pl.DataFrame(
        rows, ["instrument_id", "valid_from", "symbol", "valid_to"], orient="row", infer_schema_length=None
    )


def universe_membership(world: World) -> pl.DataFrame:
    """Every stay."""
    rows = [
        {
            "universe_id": universe["universe_id"], "instrument_id": name, "valid_from": stay.first,
            "valid_to": stay.end if stay.end < FOR_EVER else None, "announced_at": stay.announced, "source": stay.source,
            "is_point_in_time": universe["is_point_in_time"] == "true", "known_at": stay.known,
        }
        for universe in world.seed("universes")
        for name, stays in world.stays[universe["universe_id"]].items()
        for stay in stays
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _reach(world: World, dataset: str) -> tuple[list[int], list[date]]:
    """How far a dataset reached, step by step: when, and the newest observation then."""
    source = registry.source(dataset)
    apart = {"alfred_vintages": "vintage_date", "fred_api_vintages": "realtime_start", "sec_companyconcept": "filed"}
    day = apart.get(dataset, source.observed)
    rows = world.versions(dataset).filter(pl.col(day).is_not_null())
    top_of = rows.group_by("known_at").agg(pl.col(day).cast(pl.Date).max().alias("day"))
    newest = {micros(known): seen for known, seen in top_of.iter_rows()}
    moments, days, top = sorted(newest), [], date.min
    for known in moments:
        top = max(top, newest[known])
        days.append(top)
    return moments, days


def _asked(world: World) -> dict[tuple[str, int], dict[str, str]]:
    """(dataset, session) → the last word on each series asked then; a question belongs to the last snapshot that had passed."""
    log = world.rows("SELECT * FROM raw.fetch_log").sort("fetched_at", pl.col("outcome") == "data", "sha256")
    found: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    every = [date.fromisoformat(r["date"]) for r in world.seed("calendar") if r["is_session"] == "true"]
    for row in log.iter_rows(named=True):
        n = world.last_snapshot(micros(row["fetched_at"]))
        if n >= 0 and (n + 1 < len(world.days) or row["fetched_at"] < _next_snapshot(every, world.days[-1])):
            found[row["dataset"], n][row["series"]] = row["outcome"]
    return found


def _next_snapshot(every: list[date], day: date) -> Any:
    from ingestion import calendar

    return calendar.snapshot_at(every[bisect_right(every, day)])


KIND = {s.dataset: s.grid.kind for s in registry.all_sources() if s.grid} | {"yahoo_bars": "session"}
BARS = tuple(s.dataset for s in registry.all_sources() if s.versions == "newest")


def _held(world: World, dataset: str) -> dict[tuple[str, str], dict[date, int]]:
    """(series, which days are expected of it) → day → when it was known."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    if dataset == "yahoo_bars":
        asset = {r["symbol"]: (r["instrument_id"], r["asset_class"]) for r in world.instruments if r["symbol"]}
        for row in world.newest(dataset).filter(pl.col("close") > 0).iter_rows(named=True):
            name, kind = asset.get(row["symbol"], (world.owner(row["symbol"]), "stock"))
            if kind in ("index", "etf", "stock"):
                found[name, "session"][row["session_date"]] = micros(row["known_at"])
        return found
    if dataset == "fred_observations":
        series = {r["series_id"]: r for r in world.seed("series")}
        for row in world.firsts(dataset).iter_rows(named=True):
            one = series[row["series_id"]]
            kinds = {"W": "week", "WF": "friday", "Q": "quarter"}
            kind = kinds.get(one["frequency"], "month") if one["release_id"] else "bond_day"
            found[row["series_id"], kind][row["observation_date"]] = micros(row["known_at"])
        return found
    source = registry.source(dataset)
    rows = world.newest(dataset) if dataset in BARS else world.firsts(dataset)
    if dataset == "coinbase_candles":
        rows = rows.filter(pl.col("granularity_s") == 86_400)
    if dataset == "cboe_index_history":
        rows = rows.filter(pl.col("close") > 0)
    name = {"coinbase_candles": "product"}.get(dataset, source.series_column)
    days = rows[source.observed].cast(pl.Date)
    names = rows[name].to_list() if name else ["all"] * rows.height
    for series_id, day, known in zip(names, days, rows["known_at"], strict=True):
        found[series_id, KIND[dataset]][day] = micros(known)
    return found


def _holes(world: World, dataset: str) -> list[tuple[str, date, int, int | None]]:
    """(series, day expected, when a later one was known, when its own came after all)."""
    since = world.days[-1] - timedelta(800)
    every = [since + timedelta(n) for n in range(801 + 400)]
    bond = {date.fromisoformat(r["date"]) for r in world.seed("calendar") if r["is_bond_day"] == "true"}
    grid = {
        "session": [d for d in world.days if d >= since], "bond_day": [d for d in world.days if d >= since and d in bond],
        "day": every, "week": [d for d in every if d.isoweekday() == 6], "month": [d for d in every if d.day == 1],
        "friday": [d for d in every if d.isoweekday() == 5],
        "quarter": [d for d in every if d.day == 1 and d.month in (1, 4, 7, 10)],
    }  # fmt: skip
    releases = {r["series_id"]: r["release_id"] for r in world.seed("series")}
    never = {(r["release_id"], r["obs_period"]) for r in world.seed("release_dates") if not r["release_date"]}
    found = []
    for (name, kind), held in _held(world, dataset).items():
        days = [d for d in grid[kind] if d in held]
        for n, (a, b) in enumerate(pairwise(days)):
            opened = min(held[d] for d in days[n + 1 :])
            gone = [d for d in grid[kind] if a < d < b and (releases.get(name), str(d)) not in never]
            found += [(name, d, opened, None) for d in gone]
            if opened < held[a] and dataset not in BARS:
                found.append((name, a, opened, held[a]))
    return found


def _open_holes(holes: list[tuple[str, date, int, int | None]], day: date, snapshot: int) -> dict[str, Any]:
    seen = [
        (expected, name)
        for name, expected, opened, filled in holes
        if opened <= snapshot and (filled is None or filled > snapshot) and expected > day - timedelta(366)
    ]
    newest = max(seen, default=(None, None))
    return {"holes": len(seen), "newest_hole": newest[0], "newest_hole_name": newest[1]}


def source_health(world: World) -> pl.DataFrame:
    """One row per dataset and each of the last 252 sessions."""
    asked, rows = _asked(world), []
    for row in world.seed("datasets"):
        dataset, moments, days = row["dataset"], *_reach(world, row["dataset"])
        is_judged = row["cadence"] in ("session", "daily")
        holes = _holes(world, dataset) if is_judged else []
        for n in range(len(world.days) - SESSIONS_OF_HEALTH, len(world.days)):
            k = bisect_right(moments, int(world.snapshots[n])) - 1
            reached = days[k] if k >= 0 else None
            age = n - max(world.session_on_or_before(min(reached, world.days[n])), -1) if reached else None
            told = asked.get((dataset, n))
            outcomes = list(told.values()) if told else []
            bad = sorted({re.sub("/[^/]*$", "", s) for s, o in (told or {}).items() if o in ("missing", "error")})
            counts = {
                "requested": len(outcomes), "returned": sum(o in ("data", "empty") for o in outcomes),
                "missing": outcomes.count("missing"), "failed": outcomes.count("error"),
            }  # fmt: skip
            limit = int(row["stale_after_sessions"]) if row["stale_after_sessions"] else None
            if counts["failed"] and not counts["returned"]:
                state = "failed"
            elif reached is None:
                state = "no_key" if row["key_variable"] and not told else "not_held"  # the sample needs no contact
            elif limit is not None and age is not None and age > limit:
                state = "stale"
            else:
                state = "partial" if counts["failed"] or counts["missing"] else "ok"
            due = world.days[n - int(row["lag_sessions"])] if row["lag_sessions"] else None
            rows.append(
                {
                    "dataset": dataset, "session_date": world.days[n], "last_observation": reached,
                    "last_known_at": moments[k] if k >= 0 else None, "expected_observation": due, "staleness_sessions": age,
                    **{name: value if told else None for name, value in counts.items()},
                    **(
                        _open_holes(holes, world.days[n], int(world.snapshots[n]))
                        if is_judged
                        else dict.fromkeys(("holes", "newest_hole", "newest_hole_name"))
                    ),
                    "missing_names": ", ".join(bad) or None, "state": state, "known_at": int(world.snapshots[n]),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


__all__ = ["dim_calendar", "dim_instrument", "dim_symbol", "source_health", "universe_membership", "week_ends"]
