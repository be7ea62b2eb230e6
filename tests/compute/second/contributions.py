"""Who carried the index: contributions, their windows, concentration; LC04 to LC11.

Belongs here: what weights of the evening before made of price returns, and what follows from it: the marts
``contributions``, ``contribution_windows`` and ``concentration_daily``. Does not: the weights themselves (``weights``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second import volatility
from second.facts import FOR_EVER, World, micros
from second.prices import prices
from second.rallies import histories
from second.readings import shaped
from second.weights import Weighed, default_universe, weighed

TOPS = (1, 5, 7, 10)
MONTH = 20
LEAST = 0.005  # move of the index below which a share of it says nothing
NAMES = {"20d": "20d", "since_trough": "trough"}  # window → how the marts call it
TAILS = {"20d": "20", "since_trough": "trough"}  # and the readings


@dataclass(frozen=True)
class Days:
    """Per session of the calendar: the index's own move (NaN: none), and by stock what it weighed and added."""

    index_id: str
    close: np.ndarray
    index_known: np.ndarray
    move: np.ndarray
    weight: np.ndarray  # of the evening before, among today's members; NaN: none
    added: np.ndarray  # weight times price return; 0 where the stock did not trade
    link: np.ndarray
    known: np.ndarray
    is_there: np.ndarray  # weights the evening before, and a move of the index


@dataclass(frozen=True)
class Window:
    """One window of one session. ``parts``: by row of the matrix what each stock added; None unless status is OK."""

    window_id: str
    end: int
    start: int | None
    change: float
    status: str
    source: str | None
    known: float
    parts: dict[int, float] | None
    weight_start: np.ndarray | None


def _carino(change: Any) -> Any:
    """ln(1 + R) / R, and 1 where nothing moved."""
    change = np.asarray(change, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(change) < 1e-12, 1.0, np.log1p(change) / change)


@cache
def days(world: World) -> Days:
    """Every session."""
    told, size = weighed(world), len(world.days)
    index = volatility.headline(world)
    close = index.along(index.ticks.astype(float), size)
    seen = index.along(index.known.astype(float), size)
    move, index_known = np.full(size, np.nan), np.full(size, np.nan)
    move[1:] = close[1:] / close[:-1] - 1
    index_known[1:] = np.maximum(seen[1:], seen[:-1])
    weight = told.at_open()
    change, known = np.full(weight.shape, np.nan), told.known_at_open()
    # what is known of a member's own close counts even where it did not trade the evening before
    for row, name in enumerate(told.names):
        p = prices(world).get(name)
        if p is not None:
            level = p.along(np.where(p.is_traded, p.bars["close"] * p.split, np.nan), size)
            change[row, 1:] = level[1:] / level[:-1] - 1
            there = p.at[p.is_traded]
            known[row, there] = np.maximum(known[row, there], p.known[p.is_traded])
    known = np.maximum(known, np.where(np.isnan(told.at_close()), 0, told.known))
    added = np.where(np.isnan(weight), 0.0, weight * np.nan_to_num(change))
    is_there = ~np.isnan(weight).all(axis=0) & ~np.isnan(move)
    whole = np.maximum(np.where(np.isnan(weight), 0, known).max(axis=0), np.nan_to_num(index_known))
    return Days(index.instrument_id, close, seen, move, weight, added, _carino(move), whole, is_there)


def _troughs(world: World) -> dict[int, int]:
    """Session → session of the trough of the headline index's open rally."""
    for p, rule, told in histories(world):
        if p.role == "headline" and rule["is_default"] == "true":
            return {int(p.at[n]): int(p.at[r.trough]) for n, r in enumerate(told.open_then) if r is not None}
    raise AssertionError("no rally of the headline index under the default rule")


@cache
def windows(world: World) -> list[Window]:
    """The last session, the last twenty, and since the trough, per session since anything has a size."""
    told, day, troughs = weighed(world), days(world), _troughs(world)
    found = []
    for t in range(told.first, len(world.days)):
        for window_id, start in (("1d", t - 1), ("20d", t - MONTH), ("since_trough", troughs.get(t))):
            found.append(_window(told, day, window_id, t, start))
    return found


def _window(told: Weighed, day: Days, window_id: str, t: int, start: int | None) -> Window:
    inside = np.arange(t if start is None else start + 1, t + 1)
    ends = [t] if start is None else [t, start]
    seen = [told.told_at[t], *(day.index_known[n] for n in ends if not np.isnan(day.index_known[n]))]
    seen += [day.known[n] for n in inside if start is not None and day.is_there[n] and n >= told.first]
    newest = max(seen)
    change = np.nan if start is None else day.close[t] / day.close[start] - 1
    if start is None:
        return Window(window_id, t, None, np.nan, "UNDEFINED", None, newest, None, None)
    if np.isnan(change) or not day.is_there[inside].all():
        word = str(told.status[t]) if told.status[t] != "OK" else "WARMUP"
        return Window(window_id, t, start, change, word, None, newest, None, None)
    sources = {told.source[n - 1] for n in inside}
    rows = np.flatnonzero((~np.isnan(day.weight[:, inside])).any(axis=1))
    linked = (day.added[np.ix_(rows, inside)] * day.link[inside]).sum(axis=1) / _carino(change)
    parts = dict(zip(rows.tolist(), linked.tolist(), strict=True))
    source = sources.pop() if len(sources) == 1 else "mixed"
    return Window(window_id, t, start, change, "OK", source, newest, parts, day.weight[:, start + 1])


def contributions(world: World) -> pl.DataFrame:
    """One row per window, session and stock that was a member on a day of it."""
    told, day, frames = weighed(world), days(world), []
    for w in windows(world):
        if w.parts is None or w.weight_start is None or w.start is None:
            continue
        rows = list(w.parts)
        frames.append(
            pl.DataFrame(
                {
                    "instrument_id": [told.names[row] for row in rows],
                    "weight_start": w.weight_start[rows],
                    "contribution_pp": 100 * np.array(list(w.parts.values())),
                }
            ).with_columns(
                index_id=pl.lit(day.index_id), window_id=pl.lit(w.window_id), weight_source=pl.lit(w.source),
                session_date=pl.lit(world.days[w.end]), window_start=pl.lit(world.days[w.start]), known_at=pl.lit(w.known),
            )
        )  # fmt: skip
    return pl.concat(frames)


def contribution_windows(world: World) -> pl.DataFrame:
    """The whole of each window. What is explained is the sum of what ``contributions`` prints, to nine digits."""
    day, universe, rows = days(world), default_universe(world)["universe_id"], []
    for w in windows(world):
        whole = explained = None
        if w.parts is not None:
            whole, explained = round(100 * w.change, 9), sum(round(100 * part, 9) for part in w.parts.values())
        has_start = w.start is not None and not np.isnan(day.close[w.start])
        rows.append(
            {
                "index_id": day.index_id, "universe_id": universe, "window_id": w.window_id,
                "session_date": world.days[w.end], "window_start": world.days[w.start or 0] if has_start else None,
                "index_return_pp": whole, "explained_pp": explained,
                "residual_pp": None if whole is None or explained is None else whole - explained,
                "n_instruments": None if w.parts is None else len(w.parts),
                "weight_source": w.source, "status": w.status, "known_at": w.known,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _by_issuer(told: Weighed, t: int, amounts: dict[int, float]) -> dict[str, float]:
    """Amounts of lines, summed over the lines of an issuer."""
    found: dict[str, float] = {}
    for row, amount in amounts.items():
        issuer = told.issuer[row, t]
        found[issuer] = found.get(issuer, 0.0) + amount
    return found


def _largest(amounts: dict[str, float], n: int) -> list[str]:
    return sorted(amounts, key=lambda issuer: (-round(amounts[issuer], 13), issuer))[:n]


@cache
def concentration(world: World) -> list[dict[str, Any]]:
    """Per session since anything has a size: how concentrated, and who made the windows. Missing is None."""
    told, closing, rests = weighed(world), weighed(world).at_close(), _without_the_largest(world)
    by_end = {(w.window_id, w.end): w for w in windows(world)}
    found = []
    for t in range(told.first, len(world.days)):
        row: dict[str, Any] = {"at": t, "status_weights": str(told.status[t])}
        if told.status[t] == "OK":
            rows = np.flatnonzero(~np.isnan(closing[:, t]))
            weights = _by_issuer(told, t, {int(n): closing[n, t] for n in rows})
            for n in TOPS:
                row[f"top{n}_weight"] = sum(weights[issuer] for issuer in _largest(weights, n))
            row["hhi"] = sum(w * w for w in weights.values())
            row["effective_n"] = 1 / row["hhi"]
        for window_id, name in NAMES.items():
            row |= {f"{k}_{name}": v for k, v in _carriers(told, by_end[window_id, t]).items()}
        lately = rests[t - MONTH + 1 : t + 1]
        is_whole = not np.isnan(lately).any()
        row["ex_top10_return_20d"] = 100 * np.expm1(lately.sum()) if is_whole else None
        word = row["status_weights"]
        row["status_ex_top10"] = "OK" if is_whole else "WARMUP" if word == "OK" else word
        found.append(row)
    return found


def _carriers(told: Weighed, w: Window) -> dict[str, Any]:
    """Who made a window: figures without a status (``contributors``) and those that need a move of half a percent."""
    found: dict[str, Any] = {"window": w.status, "status": w.status}
    if w.parts is None or w.weight_start is None:
        return found
    parts = _by_issuer(told, w.end, w.parts)
    began = _by_issuer(told, w.end, {row: float(np.nan_to_num(w.weight_start[row])) for row in w.parts})
    squares = sum(part * part for part in parts.values())
    found["contributors"] = sum(abs(part) for part in parts.values()) ** 2 / squares if squares else None
    if abs(w.change) < LEAST:
        return found | {"status": "UNDEFINED"}
    biggest = _largest(began, 10)
    return found | {
        "by_size": sum(parts[issuer] for issuer in biggest) / w.change,
        "by_gain": sum(parts[issuer] for issuer in _largest(parts, 10)) / w.change,
        "weight": sum(began[issuer] for issuer in biggest),
    }


def _without_the_largest(world: World) -> np.ndarray:
    """Log return per session of all but the ten issuers that were largest the evening before; NaN: none."""
    told, day = weighed(world), days(world)
    found = np.full(len(world.days), np.nan)
    for t in np.flatnonzero(day.is_there).tolist():
        rows = np.flatnonzero(~np.isnan(day.weight[:, t])).tolist()
        gone = _largest(_by_issuer(told, t, {int(n): day.weight[n, t] for n in rows}), 10)
        rest = [row for row in rows if told.issuer[row, t] not in gone]
        if rest:
            found[t] = np.log1p(day.added[rest, t].sum() / day.weight[rest, t].sum())
    return found


def concentration_daily(world: World) -> pl.DataFrame:
    """The mart."""
    told, universe, rows = weighed(world), default_universe(world)["universe_id"], []
    for c in concentration(world):
        t = c["at"]
        row: dict[str, Any] = {"universe_id": universe, "session_date": world.days[t]}
        row |= {name: c.get(name) for name in (*(f"top{n}_weight" for n in TOPS), "hhi", "effective_n")}
        for name in NAMES.values():
            is_said = c[f"status_{name}"] == "OK"
            for column, key in (
                ("top10_contribution_share", "by_size"), ("top10_gainers_share", "by_gain"),
                ("top10_weight_start", "weight"), ("effective_contributors", "contributors"),
            ):  # fmt: skip
                row[f"{column}_{name}"] = c.get(f"{key}_{name}") if is_said else None
            row[f"status_{name}"] = c[f"status_{name}"]
        row |= {name: c[name] for name in ("ex_top10_return_20d", "status_ex_top10", "status_weights")}
        row |= {
            "n_weighed": told.n_sized[t], "members": told.members[t], "coverage": told.coverage[t],
            "weight_source": told.source[t], "known_at": told.told_at[t],
        }  # fmt: skip
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _told(world: World, reading_id: str, column: str, status: str) -> pl.DataFrame:
    """A reading that says a figure of ``concentration``, of every session."""
    told, rows = weighed(world), concentration(world)
    on = np.array([row["at"] for row in rows])
    value = np.array([row.get(column) for row in rows], dtype=float)
    word = np.array([row[status] for row in rows])
    universe = default_universe(world)["universe_id"]
    return shaped(
        reading_id, universe, world, on, value, word, told.n_sized[on], told.members[on], told.told_at[on]
    )  # fmt: skip


def shares(world: World) -> pl.DataFrame:
    """LC04, LC05 and LC08 to LC10."""
    found = [_told(world, f"LC04_top{n}", f"top{n}_weight", "status_weights") for n in TOPS]
    found += [_told(world, f"LC05_{k}", c, "status_weights") for k, c in (("hhi", "hhi"), ("n", "effective_n"))]
    for window_id, name in NAMES.items():
        tail = TAILS[window_id]
        found += [_told(world, f"LC08_{k}_{tail}", f"by_{k}_{name}", f"status_{name}") for k in ("size", "gain")]
        found.append(_told(world, f"LC10_{tail}", f"contributors_{name}", f"window_{name}"))
    found.append(_told(world, "LC09_20", "ex_top10_return_20d", "status_ex_top10"))
    return pl.concat(found)


def residuals(world: World) -> pl.DataFrame:
    """LC06 and LC07: what members leave unexplained, in basis points."""
    told, day, found = weighed(world), days(world), []
    for window_id, reading_id in (
        ("1d", "LC06_residual"), ("20d", "LC07_residual_20"), ("since_trough", "LC07_residual_trough"),
    ):  # fmt: skip
        meant = [w for w in windows(world) if w.window_id == window_id]
        on = np.array([w.end for w in meant])
        value = [np.nan if w.parts is None else 10_000 * (w.change - sum(w.parts.values())) for w in meant]
        word = np.array([w.status for w in meant])
        known = np.array([w.known for w in meant])
        found.append(
            shaped(reading_id, day.index_id, world, on, value, word, told.n_sized[on], told.members[on], known)
        )
    return pl.concat(found)


def themes(world: World) -> pl.DataFrame:
    """LC11: what dated lists of stocks returned, dividends included, and what they added to the index."""
    told, day, size = weighed(world), days(world), len(world.days)
    listed: dict[str, np.ndarray] = {}
    for named in world.seed("basket_members"):
        mask = listed.setdefault(named["basket_id"], np.zeros((len(told.names), size), dtype=bool))
        last = np.datetime64(named["valid_to"] or str(FOR_EVER))
        is_on = (world.dates >= np.datetime64(named["valid_from"])) & (world.dates < last)
        mask[told.names.index(named["instrument_id"])] |= is_on
    gain, seen = np.full(day.weight.shape, np.nan), np.zeros(day.weight.shape)
    for row, name in enumerate(told.names):
        p = prices(world).get(name)
        if p is not None:
            level = p.along(np.where(p.is_traded, p.total_return, np.nan), size)
            gain[row, 1:] = level[1:] / level[:-1] - 1
            seen[row, p.at] = p.known
    seen = np.fmax(seen, np.fmax(told.known_at_open(), np.where(np.isnan(told.at_close()), 0, told.known)))
    by_end = {(w.window_id, w.end): w for w in windows(world)}
    found = []
    for basket, mask in listed.items():
        on = np.flatnonzero(mask.any(axis=0))
        on = on[on >= told.first]
        counts = mask & ~np.isnan(day.weight) & ~np.isnan(gain)
        used, expected = counts.sum(axis=0), mask.sum(axis=0)
        weight = np.where(counts, day.weight, 0).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            grew = np.log1p(np.where(counts, day.weight * gain, 0).sum(axis=0) / weight)
        value = np.array([100 * np.expm1(grew[t - MONTH + 1 : t + 1].sum()) for t in on])
        word = np.where(
            ~np.isnan(value), "OK",
            np.where(told.status[on] != "OK", told.status[on], np.where(used[on] == 0, "LOW_COVERAGE", "WARMUP")),
        )  # fmt: skip
        newest = np.where(counts, seen, 0).max(axis=0)
        lately = pl.Series(newest).rolling_max(MONTH, min_samples=1).to_numpy()
        newest = np.where(newest > 0, lately, told.told_at)
        found.append(shaped("LC11_return_20", basket, world, on, value, word, used[on], expected[on], newest[on]))
        for window_id, tail in TAILS.items():
            values, words = [], []
            for t in on:
                w = by_end[window_id, int(t)]
                inside = [row for row in w.parts or () if mask[row, t]]
                values.append(100 * sum((w.parts or {})[row] for row in inside) if inside else np.nan)
                words.append("LOW_COVERAGE" if w.status == "OK" and not inside else w.status)
            known = np.array([by_end[window_id, int(t)].known for t in on])
            found.append(
                shaped(f"LC11_added_{tail}", basket, world, on, values, np.array(words), used[on], expected[on], known)
            )
    return pl.concat(found)


def inside_sectors(world: World) -> pl.DataFrame:
    """LC04_sector: what the five largest issuers make of each sector fund's newest file, while it is fresh."""
    sector = {r["symbol"]: r["sector_id"] for r in world.instruments if r["role"] == "sector_etf"}
    number = {r["symbol"]: str(r["cik"]) for r in world.newest("sp500_constituents").iter_rows(named=True)}
    told = []
    for (fund, day), file in world.newest("sector_holdings").group_by(["fund", "as_of_date"], maintain_order=True):
        by_issuer: dict[str, float] = {}
        for row in file.filter(pl.col("is_equity"), pl.col("weight") > 0).iter_rows(named=True):
            issuer = number.get(row["ticker"].replace(".", "-"), row["ticker"])
            by_issuer[issuer] = by_issuer.get(issuer, 0.0) + row["weight"]
        top = sum(sorted(by_issuer.values(), reverse=True)[:5]) / sum(by_issuer.values())
        known = micros(min(file["known_at"].to_list()))
        told.append((sector[str(fund)], day, known, top, len(by_issuer)))
    assert len({fund for fund, *_ in told}) == len(told), "one file of each fund: the newest is the only one"
    frames = []
    for name, day, known, top, size in told:
        first = world.first_snapshot(known)
        assert first is not None
        at = np.arange(first, len(world.days))
        age = at - world.session_on_or_before(day)
        frames.append(
            shaped(
                "LC04_sector",
                name,
                world,
                at,
                np.full(len(at), top),
                np.where(age > 5, "STALE_INPUT", "OK"),
                size,
                size,
                np.full(len(at), known),
            )
        )
    return pl.concat(frames)
