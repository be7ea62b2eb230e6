"""The answer, read from a published generation: what moved, what the evidence says, what is missing.

Belongs here: queries on ``marts`` and ``meta`` of the served file, as one plain structure. Does not: layout (``show``).
Every figure comes with the mart it stands in; nothing is computed here that a mart does not hold.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.store import Home, reader


@dataclass(frozen=True)
class Figure:
    """One published number with its unit, place and, where it is missing, the reason."""

    label: str
    value: float | str | None
    unit: str
    where: str
    note: str = ""


@dataclass(frozen=True)
class Driver:
    """One driver's score of the day and the readings behind it."""

    driver_id: str
    name: str
    role: str
    score: float | None
    direction: str | None
    status: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What Updraft says about one session."""

    session_date: date
    as_of: str
    generation: str
    vendors: str
    world: str
    is_sample: bool
    headline: str
    verdict: str
    figures: tuple[Figure, ...]
    drivers: tuple[Driver, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=())


def read(home: Home, elsewhere: Path | None = None) -> Answer:
    """The answer of the served generation (or of the newest one kept in ``elsewhere``). Raises HomeError if none."""
    file = home.door
    if elsewhere is not None and (kept := sorted(elsewhere.glob("*/updraft.duckdb"))):
        file = kept[-1]
    con = reader(file)
    try:
        return _answer(con)
    finally:
        con.close()


def to_json(answer: Answer) -> str:
    """The answer as JSON, dates as ISO text."""
    return json.dumps(
        asdict(answer), indent=1, default=lambda v: v.isoformat() if isinstance(v, (date, datetime)) else str(v)
    )


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _one(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> dict[str, Any]:
    found = _rows(con, sql, *values)
    return found[0] if found else {}


def _answer(con: duckdb.DuckDBPyConnection) -> Answer:
    receipt = _one(con, "SELECT * FROM meta.receipt")
    index = _one(con, "SELECT * FROM marts.dim_instrument WHERE role = 'headline'")
    rally = _one(
        con,
        "SELECT * FROM marts.rally_daily WHERE index_id = ? AND is_default ORDER BY session_date DESC LIMIT 1",
        index["instrument_id"],
    )
    day = rally["session_date"]
    bar = _one(
        con,
        "SELECT * FROM marts.market_daily WHERE instrument_id = ? AND session_date = ?",
        index["instrument_id"],
        day,
    )
    episode = _one(con, "SELECT * FROM marts.rally_episodes WHERE episode_id = ?", rally["episode_id"])
    drivers = _drivers(con, day)
    figures = [
        *_market(index, bar, rally, episode),
        *_breadth(con, day),
        *_cross_asset(con, day),
        *_volatility(con, day),
        *_rates(con, day),
    ]
    health = _rows(
        con, "SELECT * FROM marts.source_health WHERE session_date = ? AND state <> 'ok' ORDER BY dataset", day
    )
    missing = [f"{d.name}: {_because(d.status)}" for d in drivers if d.score is None]
    missing += [
        f"{h['dataset']}: {h['state']}" + (f", newest observation {h['last_observation']}" if h["state"] == "stale" else "")
        + (f", {h['missing'] or 0} unknown and {h['failed'] or 0} failed of {h['requested']} asked" if h["state"] in ("partial", "failed") else "")
        for h in health
    ]  # fmt: skip
    warned = _rows(
        con, "SELECT rule_id FROM meta.verdicts WHERE outcome = 'failed' AND severity = 'warning' ORDER BY rule_id"
    )
    return Answer(
        session_date=day,
        as_of=receipt["as_of"],
        generation=receipt["generation"],
        vendors=receipt["vendors"],
        world=receipt["world"],
        is_sample=receipt["world"] == "sample",
        headline=_headline(index, bar, rally, episode),
        verdict=_verdict(rally, drivers),
        figures=tuple(figures),
        drivers=tuple(drivers),
        missing=tuple(missing),
        warnings=tuple(row["rule_id"] for row in warned),
    )


def _headline(index: dict[str, Any], bar: dict[str, Any], rally: dict[str, Any], episode: dict[str, Any]) -> str:
    name, close = index["name"], bar["close"]
    if rally["state"] == "RALLY":
        tail = (
            "the old peak is recovered"
            if episode.get("recovered_date")
            else f"{rally['retraced']:.0f} % of the fall is retraced"
        )
        return (
            f"{name} closed at {close:,.2f} and is up {rally['gain']:.1f} % in {rally['age_sessions']} sessions since the low of "
            f"{episode['trough_date']} ({episode['trough_level']:,.2f}, {episode['depth']:.1f} % below its peak); {tail}."
        )
    if rally["state"] == "DOWN":
        return f"{name} closed at {close:,.2f}, {-rally['drawdown']:.1f} % below its highest close: it is falling, no rally is confirmed."
    return f"{name} closed at {close:,.2f}, {-rally['drawdown']:.1f} % below its highest close: no fall of 5 % to recover from."


def _verdict(rally: dict[str, Any], drivers: list[Driver]) -> str:
    spoken = [d for d in drivers if d.score is not None]
    up = [d.name for d in spoken if d.direction == "bullish"]
    down = [d.name for d in spoken if d.direction == "bearish"]
    parts = [f"{len(up)} of {len(spoken)} scored drivers point up" + (f" ({', '.join(up)})" if up else "")]
    parts.append(f"{len(down)} point down" + (f" ({', '.join(down)})" if down else ""))
    parts.append(f"{len(drivers) - len(spoken)} abstain")
    tail = "Whether it lasts is not scored yet: no durability verdict and no probability are published."
    return "; ".join(parts) + ". Agreement is not cause: no attribution is published yet. " + tail


def _market(index: dict[str, Any], bar: dict[str, Any], rally: dict[str, Any], episode: dict[str, Any]) -> list[Figure]:
    found = [
        Figure(f"{index['name']} close", bar["close"], "index", "market_daily.close"),
        Figure("change on the day", bar["return_1d"], "pct", "market_daily.return_1d"),
        Figure("drawdown from the highest close", rally["drawdown"], "pct", "rally_daily.drawdown"),
        Figure("state", rally["state"].lower(), "text", "rally_daily.state", "5 % fall, 5 % rise, 10 % fade"),
    ]
    if rally["state"] == "RALLY":
        found += [
            Figure(
                "gain since the trough", rally["gain"], "pct", "rally_daily.gain", f"trough {episode['trough_date']}"
            ),
            Figure(
                "age of the rally",
                rally["age_sessions"],
                "sessions",
                "rally_daily.age_sessions",
                f"known since {episode['up_confirmed_date']}",
            ),
        ]
    return found


def _breadth(con: duckdb.DuckDBPyConnection, day: date) -> list[Figure]:
    row = _one(
        con,
        "SELECT * FROM marts.breadth_daily WHERE is_default AND segment_type = 'universe' AND session_date = ?",
        day,
    )
    if not row:
        return [Figure("market breadth", None, "pct", "breadth_daily", "no row for this session")]
    floor = f"{row['coverage']:.1%} of {row['members']} members" if row["members"] else "no membership asked for"
    sma, counts = row["status_sma"], row["status_counts"]
    return [
        Figure(
            "members above their 50-day average",
            row["pct_above_sma50"],
            "pct",
            "breadth_daily.pct_above_sma50",
            _note(sma, floor),
        ),
        Figure(
            "members above their 200-day average",
            row["pct_above_sma200"],
            "pct",
            "breadth_daily.pct_above_sma200",
            _note(sma, floor),
        ),
        Figure("advancers", row["advancers"], "count", "breadth_daily.advancers", _note(counts, floor)),
        Figure("decliners", row["decliners"], "count", "breadth_daily.decliners", _note(counts, floor)),
        Figure(
            "new 52-week highs",
            row["new_highs_52w"],
            "count",
            "breadth_daily.new_highs_52w",
            _note(row["status_52w"], floor),
        ),
        Figure(
            "new 52-week lows",
            row["new_lows_52w"],
            "count",
            "breadth_daily.new_lows_52w",
            _note(row["status_52w"], floor),
        ),
    ]


def _cross_asset(con: duckdb.DuckDBPyConnection, day: date) -> list[Figure]:
    row = _one(
        con,
        "SELECT * FROM marts.cross_asset_correlation WHERE asset_y = 'BTC' AND window_sessions = 60 AND is_default AND session_date = ?"
        " AND asset_x IN ('SPX', 'SMP')",
        day,
    )
    if not row:
        return [
            Figure(
                "60-session correlation with bitcoin",
                None,
                "ratio",
                "cross_asset_correlation",
                "no row for this session",
            )
        ]
    interval = (
        f"95 % interval {row['ci_low']:.2f} to {row['ci_high']:.2f}, n = {row['n_obs']}"
        if row["status"] == "OK"
        else _because(row["status"])
    )
    return [
        Figure(
            "60-session correlation with bitcoin",
            row["correlation"],
            "ratio",
            "cross_asset_correlation.correlation",
            interval,
        )
    ]


def _volatility(con: duckdb.DuckDBPyConnection, day: date) -> list[Figure]:
    row = _one(con, "SELECT * FROM marts.volatility_sentiment_daily WHERE session_date = ?", day)
    if not row:
        return [Figure("VIX", None, "index", "volatility_sentiment_daily", "no row for this session")]
    rank = (
        f"percentile {row['vix_percentile_252']:.0f} of the year"
        if row["vix_percentile_252"] is not None
        else _because(row["status_percentile"])
    )
    return [
        Figure(
            "VIX",
            row["vix"],
            "index",
            "volatility_sentiment_daily.vix",
            rank if row["vix"] is not None else _because(row["status"]),
        ),
        Figure(
            "VIX3M / VIX - 1",
            row["term_slope_3m"],
            "ratio",
            "volatility_sentiment_daily.term_slope_3m",
            _note(row["status_term_3m"], "above 0 is calm"),
        ),
    ]


def _rates(con: duckdb.DuckDBPyConnection, day: date) -> list[Figure]:
    rows = _rows(
        con,
        "SELECT m.*, s.name, s.unit FROM marts.macro_as_known m JOIN marts.dim_series s USING (series_id)"
        " WHERE m.session_date = ? AND series_id IN ('DGS10', 'DGS2', 'DFII10', 'DFEDTARU') ORDER BY series_id DESC",
        day,
    )
    return [
        Figure(r["name"], r["value"], r["unit"], "macro_as_known.value", _note(r["status"], f"of {r['obs_period']}"))
        for r in rows
    ]


def _drivers(con: duckdb.DuckDBPyConnection, day: date) -> list[Driver]:
    rows = _rows(
        con,
        "SELECT s.*, d.name, d.role FROM marts.driver_scorecard s JOIN marts.dim_driver d USING (driver_id)"
        " WHERE s.session_date = ? ORDER BY d.sort_order",
        day,
    )
    evidence = _rows(
        con,
        "SELECT e.*, i.name, i.unit FROM marts.driver_evidence e JOIN marts.dim_indicator i USING (reading_id)"
        " WHERE e.session_date = ? AND e.weight > 0 ORDER BY e.driver_id, e.weight DESC, e.reading_id",
        day,
    )
    return [
        Driver(
            r["driver_id"], r["name"], r["role"], r["score"], r["direction"], r["status"],
            tuple(_evidence(e) for e in evidence if e["driver_id"] == r["driver_id"]),
        )
        for r in rows
    ]  # fmt: skip


def _evidence(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return f"{row['name']}: {_because(row['status'])}"
    return f"{row['name']} {row['value']:,.4g} {row['unit']} ({row['direction']})"


def _note(status: str, text: str) -> str:
    return text if status == "OK" else f"{_because(status)}; {text}"


def _because(status: str) -> str:
    words = {
        "WARMUP": "not enough history yet",
        "LOW_COVERAGE": "too few inputs have a value",
        "STALE_INPUT": "the newest input is too old",
        "NOT_PUBLISHED": "not published by the session's snapshot",
        "UNDEFINED": "not defined for these inputs",
        "ILL_CONDITIONED": "the inputs do not determine it",
        "NOT_AVAILABLE": "no source is held",
    }
    return f"{status} ({words[status]})" if status in words else status
