"""The boards a reader looks at first: snapshot, weekly checklist, what the advance did to a holder.

Belongs here: which figure stands, how it moved, what lay ahead. Does not: the readings and scenarios themselves.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from ingestion import calendar
from second.earnings import calendar_rows
from second.facts import FOR_EVER, World, micros
from second.prices import prices
from second.rallies import histories
from second.scenarios import sessions, states, terms, world_terms
from second.scores import published, vocabulary
from second.volatility import closes, headline
from second.weights import weighed

TITLES = {"fomc": "Policy decision", "cpi": "Consumer prices", "claims": "Initial claims", "jobs": "Employment report"}
Shown = dict[date, tuple[Any, ...]]
NOTHING = (None, None, None, None, False)


def _reading(world: World, reading_id: str, entity: str | None) -> Shown:
    """By session: value, words, rank, direction, whether rebuilt, status. The row of nobody gives way to any other."""
    rows = published(world).filter(pl.col("reading_id") == reading_id).sort("entity_id")
    found: Shown = {}
    for name, day, *said in rows.select(
        *(
            "entity_id",
            "session_date",
            "value",
            "value_text",
            "percentile_5y",
            "direction",
            "is_reconstructed",
            "status",
        )
    ).iter_rows():
        if entity in (None, name) or name == "none":
            if (name == "none" and day in found) or (name != "none" and day in found and found[day][-1] != "none"):
                continue
            found[day] = (*said, name)
    return {day: said[:-1] for day, said in found.items()}


def _rally(world: World, field: str) -> Shown:
    index = headline(world)
    told = next(t for p, rule, t in histories(world) if p is index and rule["is_default"] == "true")
    t, found, record = index.ticks.astype(float), {}, None
    top = 0.0
    for n, at in enumerate(index.at):
        if t[n] >= top:
            top, record = t[n], at
        rally = told.open_then[n]
        if field == "since_record":
            value = float(at - record)
        elif rally is None:
            value = None
        else:
            low, peak = t[rally.trough], t[rally.peak]
            value = {
                "age_sessions": float(at - index.at[rally.trough]),
                "gain": round(100 * (t[n] / low - 1), 6),
                "retraced": round(100 * (t[n] - low) / (peak - low), 6),
            }[field]
        status = "OK" if value is not None else "UNDEFINED"
        found[world.days[at]] = (value, None, None, None, False, status)
    return found


def _durability(world: World, field: str) -> Shown:
    status = "status_composite" if field == "composite" else "status_probability"
    told = world.published("durability").select("session_date", field, "verdict", status)
    return {
        day: (value, verdict if field == "composite" and value is not None else None, None, None, False, why)
        for day, value, verdict, why in told.iter_rows()
    }


def _scenario(world: World, name: str) -> Shown:
    kind = next(row["kind"] for row in world.seed("scenario_list") if row["scenario_id"] == name)
    combines = next(row["combines"] for row in world.seed("scenario_list") if row["scenario_id"] == name)
    found: Shown = {}
    for n, (day, state) in enumerate(zip(sessions(world), states(world)[name], strict=True)):
        status = "OK"
        if state is None:
            mine = [terms(world)[name, int(t["term_no"])][n] for t in world_terms(world, name)]
            unknown = next((t for t in mine if t[1] is None), None)
            status = unknown[2] if unknown and combines in ("all", "any") else "NOT_AVAILABLE"
        words = None if state is None else "holds" if state else "does not hold"
        found[day] = (None if state is None else float(state), words, None, kind if state else None, False, status)
    return found


def _reports(world: World, basket: str) -> tuple[Shown, dict[date, tuple[date, str]]]:
    """Companies of a theme whose report was expected that evening, and the next of them."""
    told = calendar_rows(world)
    ahead = [r["known"] for r in told if r["known"] < micros(_new_york(r["report_date"], 0))]
    members = [row for row in world.seed("basket_members") if row["basket_id"] == basket]
    shown: Shown = {}
    following: dict[date, tuple[date, str]] = {}
    for day in sessions(world):
        now = micros(calendar.snapshot_at(day))
        if not ahead or now < min(ahead):
            continue
        seen: dict[str, tuple[date, str]] = {}
        for row in told:
            is_known = row["is_present"] and row["known"] <= now and (row["until"] is None or row["until"] > now)
            inside = is_known and row["report_date"] > day and any(
                m["instrument_id"] == world.owner(row["symbol"], row["report_date"])
                and m["valid_from"] <= str(day) < (m["valid_to"] or str(FOR_EVER))
                for m in members
            )  # fmt: skip
            if inside:
                name = world.owner(row["symbol"], row["report_date"])
                seen[name] = min(seen.get(name, (FOR_EVER, "")), (row["report_date"], row["name"]))
        shown[day] = (float(len(seen)), None, None, None, False, "OK")
        if seen:
            following[day] = min(seen.values())
    return shown, following


def _new_york(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=calendar.NEW_YORK)


@cache
def _next_dates(world: World, kind: str) -> dict[date, date]:
    """What lay ahead of each session, as known then."""
    found: dict[date, date] = {}
    if kind == "fomc":
        for day in sessions(world):
            now = calendar.snapshot_at(day)
            dates = []
            for row in world.seed("policy_meetings"):
                met = date.fromisoformat(row["meeting_date"])
                hour, minute = (int(x) for x in row["statement_time"].split(":")[:2])
                said = _new_york(met, hour, minute)
                known = (
                    _new_york(date.fromisoformat(row["announced_on"]), 17) if row["is_scheduled"] == "true" else said
                )
                off = date.fromisoformat(row["cancelled_on"]) if row["cancelled_on"] else None
                gone = off is not None and _new_york(off, 17) <= now
                if met > day and known <= now and not gone:
                    dates.append(met)
            if dates:
                found[day] = min(dates)
        return found
    listed = [row for row in world.seed("release_dates") if row["release_id"] == kind]
    if kind == "claims":
        moved = {date.fromisoformat(row["obs_period"]): row for row in listed}
        ends = [date(2014, 12, 27) + timedelta(7 * n) for n in range(1300)]
        dated = []
        for end in ends:
            row = moved.get(end)
            when = date.fromisoformat(row["release_date"]) if row and row["release_date"] else end + timedelta(5)
            dated.append((when, row["note"] if row else ""))
    else:
        dated = [(date.fromisoformat(row["release_date"]), row["note"]) for row in listed if row["release_date"]]
    for day in sessions(world):
        following = [one for one in dated if one[0] > day]
        if following:
            when = min(one[0] for one in following)
            put_off = any(note.startswith("delayed") for d, note in following if d == when)
            if not put_off and when - day <= timedelta(45):
                found[day] = when
    return found


Following = dict[date, tuple[date, str]]


def _named(world: World, item: dict[str, str]) -> tuple[list[tuple[str, Shown]], Following]:
    """The rows of an item by name, and what its own calendar has ahead."""
    source, subject, name = item["source"], item["subject"], item["item_id"]
    if source == "reading":
        return [(name, _reading(world, subject, item["entity_id"] or None))], {}
    if source == "facts":
        facts = sorted({row["fact_id"] for row in world.seed("corporate_facts")})
        return [(f"{name}:{fact}", _reading(world, subject, fact)) for fact in facts], {}
    if source == "scenarios":
        listed = [row["scenario_id"] for row in world.seed("scenario_list")]
        return [(f"{name}:{one}", _scenario(world, one)) for one in listed], {}
    if source == "durability":
        return [(name, _durability(world, subject))], {}
    shown, following = _reports(world, subject) if source == "reports" else ({}, {})
    return [(name, _rally(world, subject) if source == "rally" else shown)], following


def _standing(world: World, shown: Shown) -> list[tuple[date | None, tuple[Any, ...]]]:
    """Per session the newest that was said, five sessions at the longest, and of which session."""
    found: list[tuple[date | None, tuple[Any, ...]]] = []
    order, last = sorted(shown), -1
    for day in sessions(world):
        while last + 1 < len(order) and order[last + 1] <= day:
            last += 1
        if last < 0:
            found.append((None, (*NOTHING, "NOT_AVAILABLE")))
        elif world.at[day] - world.at[order[last]] > 5:
            found.append((None, (*NOTHING, "STALE_INPUT")))
        else:
            found.append((order[last], shown[order[last]]))
    return found


def _board(world: World, board: str) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    days = sessions(world)
    for item in [row for row in world.seed("board_items") if row["board"] == board]:
        kind = item["next_kind"]
        named, following = _named(world, item)
        if kind in TITLES:
            following = {day: (when, TITLES[kind]) for day, when in _next_dates(world, kind).items()}
        unit = item["unit"] or vocabulary(world)[item["subject"]]["unit"]
        for name, shown in named:
            told = _standing(world, shown)
            for n, (day, (of, said)) in enumerate(zip(days, told, strict=True)):
                value, before = said[0], told[n - 5][1][0] if n >= 5 else None
                when, title = following.get(day, (None, None))
                rows.append(
                    {
                        "item_id": name, "session_date": day, "value": value, "value_text": said[1],
                        "value_date": of if value is not None else None,
                        "chg_1w": value - before if value is not None and before is not None else None,
                        "percentile_5y": said[2], "direction": said[3], "is_stale": said[5] == "STALE_INPUT",
                        "is_reconstructed": value is not None and bool(said[4]), "next_date": when, "next_title": title,
                        "status": said[5], "unit": unit,
                    }
                )  # fmt: skip
    kinds: dict[str, Any] = dict.fromkeys(("value", "chg_1w", "percentile_5y"), pl.Float64)
    kinds |= dict.fromkeys(("value_text", "direction", "next_title"), pl.String)
    kinds |= dict.fromkeys(("value_date", "next_date"), pl.Date)
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)


def weekly_checklist(world: World) -> pl.DataFrame:
    """CK1 to CK6."""
    return _board(world, "weekly")


def snapshot(world: World) -> pl.DataFrame:
    """SN1 to SN6."""
    return _board(world, "snapshot")


def _drift(names: list[str], now: np.ndarray, then: np.ndarray, rank: int) -> tuple[float | None, str | None]:
    """Change of the weight of the line of a rank, where it had one at the trough."""
    held = sorted((-w, name, k) for k, (name, w) in enumerate(zip(names, now, strict=True)) if w > 0)
    if len(held) < rank or not then[held[rank - 1][2]] > 0:
        return None, None
    _, name, k = held[rank - 1]
    return 100 * (now[k] / then[k] - 1), name


def implications(world: World) -> pl.DataFrame:
    """Weights, drift, the balanced portfolio, the week of the options."""
    index, lines = headline(world), weighed(world)
    told = next(t for p, rule, t in histories(world) if p is index and rule["is_default"] == "true")
    size = len(world.days)
    close = index.along(index.ticks / 10_000, size)
    vix = closes(world)["VIX"][0]
    trough = np.full(size, -1)
    for n, rally in zip(index.at, told.open_then, strict=True):
        trough[n] = index.at[rally.trough] if rally else -1
    legs = {}
    for row in world.seed("balanced_portfolio"):
        p = prices(world)[row["instrument_id"]]
        worth = np.where(p.is_traded, p.total_return, np.nan)
        legs[row["leg"]] = (float(row["share"]), p.along(worth, size))
    weight = lines.at_close()
    rows = []
    for item in world.seed("implication_items"):
        source, subject = item["source"], item["subject"]
        read = _reading(world, subject, None) if source == "reading" else {}
        for n in index.at:
            day = world.days[n]
            if day < sessions(world)[0]:
                continue
            value, status, of, since = None, "NOT_AVAILABLE", None, None
            if source == "reading" and day in read:
                value, status = read[day][0], read[day][5]
            if source in ("drift", "balanced"):
                since = world.days[trough[n]] if trough[n] >= 0 else None
                status = "NOT_AVAILABLE" if since else "UNDEFINED"
            if source == "drift" and since:
                value, of = _drift(lines.names, weight[:, n], weight[:, trough[n]], int(item["rank"]))
            if source == "balanced" and since:
                stock, bond = (share * level[n] / level[trough[n]] for share, level in (legs["stocks"], legs["bonds"]))
                if not np.isnan(stock + bond):
                    value = stock / (stock + bond) if subject == "stocks" else 100 * (stock + bond - 1)
            if source == "range" and vix[n] > 0:
                width = vix[n] / np.sqrt(252 / 5)
                value = width if subject == "width" else close[n] * (1 + (-1 if subject == "low" else 1) * width / 100)
            rows.append(
                {
                    "index_id": index.instrument_id, "session_date": day, "item_id": item["item_id"], "instrument_id": of,
                    "since_date": since, "value": value, "status": "OK" if value is not None else status,
                }
            )  # fmt: skip
    kinds = {"value": pl.Float64, "instrument_id": pl.String, "since_date": pl.Date}
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)
