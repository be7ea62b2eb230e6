"""A generation of ninety sessions and three drivers, in memory, with the columns that the marts' contracts declare.

One rally that ended (low at session 8) and one that is open (low at session 45).
"""

from __future__ import annotations

from collections.abc import Sequence
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
        "marts.dim_instrument": [
            {"instrument_id": "IX:T", "name": "Tiny Index", "role": "headline"},
            *({"instrument_id": f"EQ:{c}", "name": f"Company {c}", "symbol": c, "role": "stock"} for c in "ABCDEFGHIJKL"),
            {"instrument_id": "EQ:M", "name": "M", "symbol": "M", "role": "stock"},
        ],
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
        "marts.dim_calendar": [
            {"date": day, "is_session": True, "week_end": day + timedelta(4 - day.weekday())} for day in SESSIONS
        ],
        "marts.flows_weekly": [
            {"category": category, "week_end": day, "session_date": day, "source": source, "net_flow_pct_aum": part * (-1) ** n,
             "net_flow_usd": 1e6, "z_52w": -0.5, "persistence_12w": 6, "status": "OK", "status_z": "OK"}
            for category, source, part in (("bond_gov", "ssga", 0.25), ("equity_us", "ishares", 0.5), ("equity_us", "ssga", 1.0))
            for n, day in enumerate(day for day in SESSIONS if day.weekday() == 4)
        ],
        "marts.flows_daily": [
            {"instrument_id": "ETF:T", "session_date": SESSIONS[70], "source": "ssga", "fund_category": "equity_us",
             "is_suspect": True, "status": "SUSPECT_INPUT"}
        ],
        "marts.positioning": [
            {"series_id": "FL09_debit", "value": 404.75e9, "percentile": 56.3, "report_date": date(2025, 3, 31), "status": "OK",
             "status_percentile": "OK"} | today,
            {"series_id": "FL11_assets_sp500", "report_date": date(2025, 4, 15), "status": "STALE_INPUT",
             "status_percentile": "STALE_INPUT"} | today,
        ],
        "marts.crypto_daily": [
            {"instrument_id": "CR:BTC", "session_date": SESSIONS[-2], "alignment": how, "weekend_return": back, "status": "OK"}
            for how, back in (("utc_day", -9.0), ("nyse_close", -2.5))
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
             "bullish_at": 10.0, "bearish_op": ">=", "bearish_at": 30.0},
            {"reading_id": "FL09_debit", "name": "Margin debt", "unit": "usd"},
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
        "marts.rates_daily": [_rates_day(i) for i in range(90)],
        "marts.rate_expectations": [
            *_path(last, (("2025-05-07", 0.26), ("2025-06-18", 0.52), ("2025-07-30", 0.8), ("2025-09-17", 0.996)), 4.33),
            *_path(SESSIONS[-21], (("2025-04-16", 0.1), ("2025-05-07", 0.2), ("2025-06-18", 0.3)), 4.33),
            *({"session_date": last, "meeting_date": date(2025, n, 1), "variant": "anchor_both", "source": "zq", "span": "month",
               "expected_rate": 4.0, "is_default": True, "status": "OK", "status_probability": "NOT_AVAILABLE"}
              for n in (10, 11)),
            _priced("2025-05-07", "cme_doc", "zq", "meeting", 9.99),
            _priced("2025-06-18", "ladder", "kalshi", "meeting", 4.2),
            _priced("2025-06-18", "window", "mpt", "window_3m", 4.21),
            _priced("2025-08-06", "bill_3m", "bills", "mean_until", 4.3),
        ],
        "marts.rate_distribution": [
            {"session_date": last, "meeting_date": date.fromisoformat(on), "variant": variant, "source": "zq", "range_low": low,
             "range_high": low + 0.25, "probability": p}
            for variant in ("anchor_both", "cme_doc")
            for on, cut in (("2025-05-07", 0.26), ("2025-06-18", 0.52), ("2025-07-30", 0.8), ("2025-09-17", 0.996))
            for low, p in ((4.0, cut), (4.25, 1 - cut))
        ],
        "marts.indicator_readings": [
            {"reading_id": reading, "entity_id": "US", "session_date": last, "value": value, "status": "OK"}
            for reading, value in (("MP04_cut", 0.26), ("MP04_cut_d5", 4.65), ("MP03_12m_d20", -123.46), ("MP02_12m", 4.0),
                                   ("EA12_next5", 6.25))
        ] + [
            {"reading_id": "FL05_week", "entity_id": kind, "session_date": last, "value": value, "unit": "usd", "status": "OK",
             "obs_period": date(2025, 4, 30)}
            for kind, value in (("equity", -6.9e9), ("equity_domestic", -4.5e9), ("bond", 3.0e9), ("total", -3.9e9))
        ],
        "marts.events": [
            _printed("retail_mom", "Retail sales, change over a month", "2025-05-06 12:30", 1.4, -0.3, None, 2.41),
            _printed("pce_mom", "Consumption prices, change over a month", "2025-04-30 12:30", 0.2, 0.2, 0.256, -1.33),
            _printed("claims", "Initial claims", "2025-05-01 12:30", 238000, 228000, None, 0.92),
            _printed("claims", "Initial claims", "2025-04-24 12:30", 299000, 228000, None, 9.99),
            _printed("payrolls", "Payrolls, persons added", "2025-05-02 12:30", 189000, 207000, 60000, None),
            _printed("cpi_mom", "Consumer prices, change over a month", "2025-04-10 12:30", None, 0.2, 0.33, None),
            _printed("wages_mom", "Hourly earnings, change over a month", "2025-03-07 13:30", 0.9, 0.2, 0.3, 8.0),
            {"event_id": "fomc:2025-04-16", "date": date(2025, 4, 16), "session_date": date(2025, 4, 16), "kind": "fomc",
             "title": "Policy decision: target -25 bp", "unit": "bp", "actual": -25.0, "expected": -20.5,
             "expected_source": "zq", "surprise": -4.5, "surprise_kind": "market", "status": "OK", "status_surprise": "OK",
             "status_surprise_z": "NOT_AVAILABLE", "known_at": datetime(2025, 4, 16, 18, tzinfo=UTC)},
            {"event_id": "speech:x", "date": last, "session_date": last, "kind": "speech", "title": "A speech",
             "status": "NOT_AVAILABLE", "known_at": datetime(2025, 5, 6, 15, tzinfo=UTC)},
        ],
        "marts.contribution_windows": [
            {"index_id": "IX:T", "universe_id": "T_PIT", "window_id": "since_trough", "window_start": SESSIONS[45],
             "index_return_pp": 8.08, "explained_pp": 8.0, "residual_pp": 0.08, "weight_source": "edgar_shares", "status": "OK"}
            | today,
            {"index_id": "IX:T", "universe_id": "T_PIT", "window_id": "20d", "window_start": SESSIONS[69],
             "index_return_pp": 2.5, "explained_pp": 2.4, "residual_pp": 0.1, "weight_source": "edgar_shares", "status": "OK"} | today,
        ],
        "marts.contributions": [
            {"index_id": "IX:T", "window_id": window, "instrument_id": f"EQ:{c}", "contribution_pp": part * (3.0 - 0.4 * n),
             "weight_start": None if c == "B" else 0.05, "weight_source": "edgar_shares"} | today
            for window, part in (("since_trough", 1.0), ("20d", 0.25))
            for n, c in enumerate("ABCDEFGHIJKL")
        ],
        "marts.concentration_daily": [
            {"universe_id": "T_PIT", "top1_weight": 0.08, "top10_weight": 0.4, "n_weighed": 12, "members": 12,
             "top10_contribution_share_trough": 0.75, "top10_weight_start_trough": 0.45, "effective_contributors_trough": 6.4,
             "status_weights": "OK", "status_trough": "OK", "status_20d": "UNDEFINED", "status_ex_top10": "OK"} | today
        ],
        "marts.sector_leadership_daily": [
            {"sector_id": "energy", "return_20d": 5.6, "relative_strength_20d": -0.6, "rank_20d": 1, "week_end": SESSIONS[-3],
             "rotation_x": 101.5, "rotation_y": 99.25, "rotation_quadrant": "weakening", "status_return": "OK",
             "status_strength": "OK", "status_rank": "OK", "status_rotation": "OK"} | today
        ],
        "marts.earnings_season": [
            {"segment_type": kind, "segment_id": name, "fiscal_quarter": date(2025, 1, 1), "source": "nasdaq", "members": members,
             "reported": reported, "reported_share": reported / members, "beat_rate": 80.0, "in_line_rate": 5.0, "miss_rate": 15.0,
             "surprise_pct": 4.25, "blended_growth": 8.25, "median_growth": 3.5, "growing_share": 60.0, "streak": 3,
             "status_beats": "OK", "status_surprise": "OK", "status_growth": "OK", "status_guidance": "NOT_AVAILABLE"} | today
            for kind, name, members, reported in (("universe", "T_PIT", 20, 9), ("sector", "energy", 4, 1))
        ],
        "marts.earnings_calendar": [
            {"instrument_id": f"EQ:{c}", "report_date": day, "timing": timing, "forecast_eps": 1.25, "index_weight": weight,
             "is_ahead": True, "status": "NOT_PUBLISHED"} | today
            for c, day, timing, weight in (
                ("A", date(2025, 5, 8), "amc", 0.05), ("B", date(2025, 5, 7), "unknown", 0.01), ("C", date(2025, 5, 30), "bmo", 0.2),
                ("M", date(2025, 5, 9), "bmo", None),
            )
        ],
        "marts.valuation_daily": [
            {"index_id": "IX:T", "pe": 24.65, "pe_fwd": 22.31, "earnings_yield_gap": 2.22, "erp_implied": 3.51, "coverage": 0.91,
             "status_pe": "OK", "status_pe_fwd": "OK", "status_gap": "OK", "status_erp_implied": "OK"} | today
        ],
        "marts.return_decomposition": [
            {"index_id": "IX:T", "window_id": "since_trough", "earnings_pp": 0.6, "real_rate_pp": 8.5, "gap_pp": -1.04,
             "status_total": "OK"} | today
        ],
        "marts.answer_daily": [
            {"index_id": "IX:T", "state": "DOWN", "headline": "Tiny Index: no rally yet.", "status": "UNDEFINED", "status_cause": "UNDEFINED",
             "status_verdict": "UNDEFINED", "status_probability": "UNDEFINED", "session_date": SESSIONS[70]},
            {"index_id": "IX:T", "state": "RALLY", "headline": "Tiny Index rose.", "episode_id": "second", "window_start": SESSIONS[45],
             "age_sessions": 44, "move_since_trough": 8.080808, "move_pp": 7.8, "named_drivers": "monetary", "unexplained_pp": 2.8,
             "verdict": "unproven", "composite": 0.6, "probability": 0.41, "probability_kind": "age_matched", "p_sustained": 0.41,
             "p_trough_holds": 0.55, "p_higher": 0.64, "k_sustained": 4, "k_trough_holds": 5, "k_higher": 6, "n_known": 10,
             "missing": "macro_sahm NOT_PUBLISHED", "status": "OK", "status_cause": "OK", "status_verdict": "OK",
             "status_probability": "OK"} | today,
        ],
        "marts.rally_attribution": [
            *(_part("shocks", name, words, points, *band) for name, words, points, *band in (
                ("monetary", "easier policy expected", 5.0, 2.0, 9.0), ("growth", "better growth news", 1.5, -1.0, 4.0),
                ("hedging", "more fear", -0.5, -3.0, 2.0), ("common", "a lower risk premium", 0.25, -2.0, 3.0),
                ("drift", "the usual rise", 1.0), ("unidentified", "not told apart", 0.55))),
            *(_part("calendar", name, name, points, n=n) for name, points, n in (("fomc", 2.0, 1), ("cpi", -1.0, 2), ("untagged", 6.8, None))),
            *(_part("accounting", name, name, points) for name, points in (
                ("earnings", 0.5), ("real_rate", 8.0), ("gap", -1.0), ("dividend", 0.3), ("residual", 0.0))),
            *(_part("constituents", name, name, points) for name, points in (("energy", 6.0), ("residual", 1.8))),
            *(_part("shocks", name, name, 0.4, -1.0, 1.0) | {"window_id": "5d", "session_date": day, "move_pp": 1.5}
              for day in SESSIONS[-30:] for name in ("growth", "monetary", "hedging", "common")),
        ],
        "marts.durability": [
            {"index_id": "IX:T", "score_breadth": 1.0, "score_macro": 0.5, "score_earnings": None, "score_policy": 0.2, "score_flows": 0.7,
             "status_breadth": "OK", "status_macro": "OK", "status_earnings": "LOW_COVERAGE", "status_policy": "OK", "status_flows": "OK",
             "n_tests": 31, "n_tests_told": 20, "n_tests_passed": 12, "verdict": "unproven", "n_known": 10, "k_sustained": 4,
             "k_trough_holds": 5, "k_higher": 6, "p_sustained": 0.41, "p_trough_holds": 0.55, "p_higher": 0.64,
             "probability_kind": "age_matched", "e_value": 1.0, "brier_age_matched": 0.24, "status_probability": "OK"} | today
        ],
        "marts.durability_tests": [
            {"index_id": "IX:T", "criterion": criterion, "test_id": name, "label": label, "measure": "R", "value": value, "op": op,
             "threshold": threshold, "unit": unit, "is_passed": passed, "distance": distance, "status": status} | today
            for criterion, name, label, value, op, threshold, unit, passed, distance, status in (
                ("breadth", "breadth_50", "Most members above their 50-day average", 69.67, ">=", 60.0, "pct", True, 9.67, "OK"),
                ("macro", "macro_sahm", "Unemployment gives no recession signal", None, "<", 0.3, "pp", None, None, "NOT_PUBLISHED"),
                ("policy", "policy_easing", "Easing is under way", 0.0, ">=", 1.0, "flag", False, -1.0, "OK"),
                ("policy", "policy_cuts", "No fewer cuts priced than 60 sessions before", 2.5, "<=", 0.0, "bp", False, -2.5, "OK"),
            )
        ],
        "marts.durability_skill": [
            {"index_id": "IX:T", "kind": kind, "brier": 0.24, "brier_benchmark": 0.24, "n_decisions": 8, "n_episodes": 2, "status": "OK"}
            | today for kind in ("benchmark", "age_matched")
        ],
        "marts.verdict_track_record": [
            {"index_id": "IX:T", "episode_id": "first", "age": 0, "session_date": SESSIONS[13], "p_sustained": 0.41, "is_sustained": False,
             "settles_on": SESSIONS[38], "status_outcome": "OK"}
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


def _part(
    layer: str,
    name: str,
    words: str,
    points: float,
    low: float | None = None,
    high: float | None = None,
    n: int | None = 3,
) -> dict[str, Any]:
    """A part of the move since the low; a shock whose band keeps its sign is named."""
    move = {"constituents": 8.080808}.get(layer, 7.8)
    return {
        "index_id": "IX:T", "episode_id": "second", "window_id": "since_trough", "session_date": SESSIONS[-1], "layer": layer,
        "component": name, "component_name": name.capitalize(), "words": words, "contribution_pp": points, "move_pp": move, "p05": low,
        "p95": high, "n": n, "is_named": low is not None and high is not None and low * high > 0, "is_residual": name == "residual",
        "status": "OK", "status_part": "OK",
    }  # fmt: skip


def _rates_day(i: int) -> dict[str, Any]:
    """Yields that rise by 0.01 a session, short ones by 0.02; the target range 4.25 to 4.50."""
    yields = {"m3": 4.3, "y2": 2.0 + 0.02 * i, "y5": 3.9, "y10": 2.93 + 0.01 * i, "y30": 4.5}
    held = yields | {
        "effr": 4.33, "target_low": 4.25, "target_high": 4.5, "s2s10_bp": 93.0 - i, "s3m10_bp": -48.0, "tips10": 1.84,
        "breakeven10": 1.98, "term_premium_acm": 0.61, "expected_rate_acm": 3.2, "term_premium_kw": 0.43,
        "cuts_priced_12m": 0.6, "level_move_bp": 30.0, "slope_move_bp": -20.0,
    }  # fmt: skip
    names = ("effr", "target", "m3", "y2", "y5", "y10", "y30", "s2s10", "s3m10", "tips10", "breakeven", "acm",
             "expected_acm", "kw", "path", "move")  # fmt: skip
    return {"session_date": SESSIONS[i], "curve_move": "bear_flattener", "yield_source": "treasury",
            "is_acm_reconstructed": False} | held | {f"status_{name}": "OK" for name in names}  # fmt: skip


def _path(session: date, cuts: Sequence[tuple[str, float]], rate: float) -> list[dict[str, Any]]:
    """What futures price at ``session``: per meeting the chance of a lower range by then, a quarter point of it each."""
    made, before = [], rate
    for on, cut in cuts:
        after = rate - 0.25 * cut
        made.append(
            {"session_date": session, "meeting_date": date.fromisoformat(on), "variant": "anchor_both", "source": "zq",
             "span": "meeting", "p_cut": cut, "p_hold": 1 - cut, "p_hike": 0.0, "start_rate": before,
             "expected_rate": after, "is_poor_fit": on == "2025-07-30", "is_default": True, "status": "OK",
             "status_probability": "OK"}
        )  # fmt: skip
        before = after
    return made


def _priced(on: str, variant: str, source: str, span: str, rate: float) -> dict[str, Any]:
    """What another method or source expects at the last session."""
    return {"session_date": SESSIONS[-1], "meeting_date": date.fromisoformat(on), "variant": variant, "source": source,
            "span": span, "expected_rate": rate, "is_default": False, "status": "OK"}  # fmt: skip


def _printed(
    measure: str,
    title: str,
    moment: str,
    actual: float | None,
    previous: float,
    expected: float | None,
    z: float | None,
) -> dict[str, Any]:
    """A release: what was printed, before, expected (nobody, or a nowcast), the surprise in deviations."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    against = previous if expected is None else expected
    return {
        "event_id": f"release:{measure}:{at.date()}", "date": at.date(), "session_date": at.date(), "kind": "release",
        "title": title, "measure_id": measure, "unit": "count" if previous > 100 else "pct", "actual": actual,
        "previous": previous, "expected": expected, "expected_source": None if expected is None else "nowcast",
        "surprise": None if actual is None else round(actual - against, 6), "surprise_z": z, "known_at": at,
        "status": "NOT_PUBLISHED" if actual is None else "OK",
        "status_surprise": "NOT_PUBLISHED" if actual is None else "OK",
        "status_surprise_z": "NOT_PUBLISHED" if actual is None else "WARMUP" if z is None else "OK",
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
