"""A generation of ninety sessions and three drivers, in memory, with the columns that the marts' contracts declare.

One rally that ended (low at session 8) and one that is open (low at session 45).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import yaml

MARTS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
RECEIPT: dict[str, Any] = {
    "generation": "000001-0123abcd", "as_of": "2025-05-07 00:00:00+00:00", "vendors": "sample", "world": "sample",
    "tier": "full", "clock": "2025-05-07T00:00:00+00:00", "code_version": "c0de", "inputs_sha256": "1" * 64,
    "previous": None,
}  # fmt: skip
SESSIONS = [day for n in range(126) if (day := date(2025, 1, 1) + timedelta(n)).weekday() < 5][:90]
TURNS = ((0, 100.0), (8, 90.0), (30, 110.0), (45, 99.0), (89, 107.0))
META = {
    "receipt": "generation, as_of, vendors, world",
    "verdicts": "rule_id, severity, outcome, observed, because, error",
    "content": "mart, sha256",
    "freshness": "dataset, vendor",
    "quarantine": "dataset, rule, because, rows",
    "revisions": "dataset, kind",
}


def close(i: int) -> float:
    """The close of session ``i``: straight lines between ``TURNS``."""
    (a, low), (b, high) = next(pair for pair in pairwise(TURNS) if pair[0][0] <= i <= pair[1][0])
    return round(low + (high - low) * (i - a) / (b - a), 2)


@lru_cache(1)
def _tables() -> tuple[str, ...]:
    """Statements that make every mart as its contract declares it, and what is read of ``meta``."""
    made = []
    for path in sorted(MARTS.glob("*.yml")):
        for model in yaml.load(path.read_text(), yaml.CSafeLoader)["models"]:
            columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in model["columns"])
            made.append(f'CREATE TABLE marts."{model["name"]}" ({columns})')
    for name, columns in META.items():
        made.append(f"CREATE TABLE meta.{name} ({', '.join(f'{c} VARCHAR' for c in columns.split(', '))})")
    return (*made, "ALTER TABLE meta.quarantine ALTER rows TYPE BIGINT")


def generation(is_reversed: bool = False) -> duckdb.DuckDBPyConnection:
    """Schemas ``marts`` and ``meta`` with rows; ``is_reversed`` inserts them in the opposite order."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA marts; CREATE SCHEMA meta")
    for statement in _tables():
        con.execute(statement)
    for table, rows in _rows().items():
        names = sorted({name for row in rows for name in row})
        ordered = rows[::-1] if is_reversed else rows
        marks = ", ".join(f"({', '.join('?' for _ in names)})" for _ in ordered)
        con.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {marks}", [row.get(n) for row in ordered for n in names]
        )
    return con


def _rows() -> dict[str, list[dict[str, Any]]]:
    last = SESSIONS[-1]
    today = {"session_date": last, "known_at": datetime(2025, 5, 7, tzinfo=UTC)}
    episode = {"index_id": "IX:T", "rule": "5_5_10", "fall_pct": 5, "rise_pct": 5, "fade_pct": 10, "is_default": True}
    return {
        "marts.dim_instrument": [{"instrument_id": "IX:T", "name": "Tiny Index", "role": "headline"}],
        "marts.market_daily": [
            {"instrument_id": "IX:T", "session_date": day, "close": close(i), "return_1d": 0.5, "status_return": "OK"}
            for i, day in enumerate(SESSIONS)
        ],
        "marts.rally_daily": [_rally_day(i) for i in range(90)],
        "marts.rally_episodes": [
            episode | {"episode_id": "first", "episode_no": 1, "status": "ended", "end_kind": "completed",
             "peak_date": SESSIONS[0], "peak_level": 100.0, "fall_confirmed_date": SESSIONS[4],
             "trough_date": SESSIONS[8], "trough_level": 90.0, "depth": -10.0, "sessions_peak_to_trough": 8,
             "up_confirmed_date": SESSIONS[13], "recovered_date": SESSIONS[19], "high_date": SESSIONS[30],
             "end_confirmed_date": SESSIONS[38], "age_sessions": 30, "built_for_session": last},
            episode | {"episode_id": "second", "episode_no": 2, "status": "active",
             "peak_date": SESSIONS[30], "peak_level": 110.0, "fall_confirmed_date": SESSIONS[38],
             "trough_date": SESSIONS[45], "trough_level": 99.0, "depth": -10.0, "sessions_peak_to_trough": 15,
             "up_confirmed_date": SESSIONS[73], "high_date": last, "age_sessions": 44, "built_for_session": last},
        ],
        "marts.breadth_daily": [
            {"universe_id": "T_PIT", "segment_type": "universe", "segment_id": "T_PIT", "session_date": day,
             "members": 20, "advancers": 13, "decliners": 7, "pct_above_sma50": 40.0 + i / 3, "pct_above_sma200": 60.0,
             "new_highs_52w": 2, "new_lows_52w": 0, "coverage": 1.0, "is_default": True, "status_counts": "OK",
             "status_sma": "OK", "status_52w": "OK"}
            for i, day in enumerate(SESSIONS)
        ] + [
            {"universe_id": "T_PIT", "segment_type": "sector", "segment_id": "energy", "members": 4, "is_default": True,
             "pct_above_sma50": 75.0, "pct_above_sma200": 25.0, "status_sma": "OK"} | today
        ],
        "marts.dim_universe": [{"universe_id": "T_PIT", "min_sector_members": 4}],
        "marts.dim_sector": [{"sector_id": "energy", "name": "Energy", "sort_order": 7}],
        "marts.cross_asset_correlation": [
            {"asset_x": "SMP", "asset_y": "BTC", "window_sessions": 60, "alignment": "utc_day", "lag_sessions": 0,
             "correlation": -0.25, "ci_low": -0.47, "ci_high": 0.01, "n_obs": 60, "is_default": True, "status": "OK"} | today
        ],
        "marts.volatility_sentiment_daily": [
            {"vix": 14.6, "vix_percentile_252": 38.5, "term_slope_3m": 0.24, "realised_vol_21": 12.0,
             "vol_risk_premium": 2.6, "status": "OK", "status_percentile": "OK", "status_term_3m": "OK",
             "status_vol_risk_premium": "OK"} | today
        ],
        "marts.dim_series": [
            {"series_id": "DGS10", "name": "10-year yield", "unit": "pct", "licence_note": "US government work"}
        ],
        "marts.macro_as_known": [
            {"series_id": "DGS10", "value": 3.83, "obs_period": SESSIONS[-2], "status": "OK"} | today
        ],
        "marts.dim_driver": [
            {"driver_id": "policy", "name": "Monetary policy", "short_name": "Monetary policy", "role": "driver", "sort_order": 1,
             "description": "Rates"},
            {"driver_id": "macro", "name": "Macro data", "short_name": "Macro data", "role": "driver", "sort_order": 4, "description": "Jobs"},
            {"driver_id": "breadth", "name": "Market breadth", "short_name": "Market breadth", "role": "confirmation", "sort_order": 11},
        ],
        "marts.driver_scorecard": [
            {"driver_id": "policy", "score": -0.5, "direction": "bearish", "coverage": 1.0, "status": "OK"} | today,
            {"driver_id": "macro", "coverage": 0.0, "status": "NOT_AVAILABLE"} | today,
            {"driver_id": "breadth", "score": 1.0, "direction": "bullish", "coverage": 1.0, "status": "OK"} | today,
        ],
        "marts.dim_indicator": [
            {"reading_id": "MP07", "name": "Real yield change", "short_name": "real yield", "unit": "bp", "driver_id": "policy", "bullish_op": "<=",
             "bullish_at": 10.0, "bearish_op": ">=", "bearish_at": 30.0}
        ],
        "marts.driver_evidence": [
            {"driver_id": "policy", "reading_id": "MP07", "entity_id": "US", "value": 48.0, "direction": "bearish",
             "weight": 1.0, "status": "OK"} | today
        ],
        "marts.source_health": [
            {"dataset": "bars", "criticality": "required", "last_observation": last, "expected_observation": last,
             "staleness_sessions": 0, "requested": 3, "returned": 2, "missing": 1, "failed": 0, "missing_names": "GONE",
             "state": "partial"} | today
        ],
        "meta.receipt": [{k: RECEIPT[k] for k in ("generation", "as_of", "vendors", "world")}],
        "meta.verdicts": [
            {"rule_id": "m.fine", "severity": "critical", "outcome": "passed", "because": "", "observed": "", "error": ""},
            {"rule_id": "m.thin", "severity": "warning", "outcome": "failed", "because": "Some of it is missing.",
             "observed": '{"partial_unexpected_list": [0.8]}', "error": ""},
        ],
        "meta.content": [{"mart": "rally_daily", "sha256": "a" * 64}],
        "meta.freshness": [{"dataset": "bars", "vendor": "vend"}],
        "meta.quarantine": [{"dataset": "bars", "rule": "price_not_positive", "because": "prices are above 0", "rows": 2}],
    }  # fmt: skip


def _rally_day(i: int) -> dict[str, Any]:
    """The machine's state: DOWN, a rally from 13 to 37, DOWN, a rally from 73."""
    number, low = (1, 8) if 13 <= i < 38 else (2, 45) if i >= 73 else (0, 0)
    top = max(close(k) for k in range(i + 1))
    row = {
        "index_id": "IX:T", "rule": "5_5_10", "session_date": SESSIONS[i], "is_default": True,
        "state": "RALLY" if number else "DOWN", "drawdown": round(100 * (close(i) / top - 1), 6),
        "status": "OK" if number else "UNDEFINED",
    }  # fmt: skip
    if number:
        row |= {
            "episode_id": ("first", "second")[number - 1], "age_sessions": i - low,
            "gain": round(100 * (close(i) / close(low) - 1), 6), "retraced": 72.7,
        }  # fmt: skip
    return row
