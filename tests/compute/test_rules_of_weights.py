"""The gate's rules about who carried the index, on tables of a few rows: sound ones pass, each fault fails its rules by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from rules_shown import failing, marts_with, rules_of

ABOUT = ("contributions", "contribution_windows", "concentration_daily")
RULES = rules_of(ABOUT, but=r"\w+_in_vocabulary")
DAY = "2026-01-15"
# One evening of four lines of three companies, A with two, that weigh .25 at most.
LINES = {"EQ:A1": 0.125, "EQ:A2": 0.125, "EQ:B": 0.25, "EQ:C": 0.25, "EQ:D": 0.25}
ROWS: dict[str, list[dict[str, Any]]] = {
    "dim_universe": [{"universe_id": "U"}],
    "dim_instrument": [{"instrument_id": name} for name in LINES],
    "contributions": [
        {"index_id": "X", "window_id": "1d", "session_date": DAY, "instrument_id": name, "window_start": "2026-01-14",
         "weight_start": weight, "weight_source": "spy_holdings", "contribution_pp": 0.25}
        for name, weight in LINES.items()
    ],
    "contribution_windows": [
        {"index_id": "X", "universe_id": "U", "window_id": "1d", "session_date": DAY, "window_start": "2026-01-14",
         "index_return_pp": 1.3125, "explained_pp": 1.25, "residual_pp": 0.0625, "n_instruments": 5,
         "weight_source": "spy_holdings", "status": "OK"}
    ],
    "concentration_daily": [
        {"universe_id": "U", "session_date": DAY, "top1_weight": 0.25, "top5_weight": 1, "top7_weight": 1,
         "top10_weight": 1, "hhi": 0.25, "effective_n": 4, "members": 5, "n_weighed": 5, "coverage": 0.99,
         "weight_source": "spy_holdings", "status_weights": "OK"}
    ],
}  # fmt: skip
FAULTS = {
    "a class of shares counted twice": (
        "INSERT INTO marts.contributions SELECT * REPLACE ('EQ:A3' AS instrument_id) FROM marts.contributions"
        " WHERE instrument_id = 'EQ:A1'",
        {"contributions.weights_sum_to_one", "contributions.instrument_id_joins",
         "contribution_windows.parts_and_residual_sum"},
    ),
    "a class of shares counted twice everywhere": (
        "UPDATE marts.concentration_daily SET top1_weight = 0.4, hhi = 0.28, effective_n = 1 / 0.28",
        {"concentration_daily.no_company_is_a_quarter"},
    ),
    "weights that sum to six tenths": (
        "UPDATE marts.contributions SET weight_start = 0.6 * weight_start",
        {"contributions.weights_sum_to_one"},
    ),
    "a weight below nothing": (
        "UPDATE marts.contributions SET weight_start = CASE instrument_id WHEN 'EQ:A1' THEN -0.125 WHEN 'EQ:A2' THEN 0.375"
        " ELSE weight_start END",
        {"contributions.weights_are_shares"},
    ),
    "a day of which a point is unexplained": (
        "UPDATE marts.contribution_windows SET index_return_pp = 2.25, residual_pp = 1",
        {"contribution_windows.residual_of_a_day", "contribution_windows.residual_is_small"},
    ),
    "days that are often a fifth of a point off": (
        "UPDATE marts.contribution_windows SET index_return_pp = 1.5, residual_pp = 0.25",
        {"contribution_windows.residual_is_small"},
    ),
    "parts that are not the whole": (
        "UPDATE marts.contribution_windows SET residual_pp = 0.125",
        {"contribution_windows.parts_and_residual_sum", "contribution_windows.residual_is_small"},
    ),
    "a stock that moves the index by more than it is": (
        "UPDATE marts.contributions SET contribution_pp = CASE instrument_id WHEN 'EQ:A1' THEN 125 ELSE -30.9375 END",
        {"contributions.parts_of_a_sane_size"},
    ),
    "weights of six tenths of the trading": (
        "UPDATE marts.concentration_daily SET coverage = 0.6",
        {"concentration_daily.covered"},
    ),
    "seven that weigh less than five": (
        "UPDATE marts.concentration_daily SET top7_weight = 0.5",
        {"concentration_daily.larger_sets_weigh_more"},
    ),
    "an index that is not the inverse of its number": (
        "UPDATE marts.concentration_daily SET effective_n = 5",
        {"concentration_daily.the_index_is_the_inverse"},
    ),
    "a universe nobody knows": (
        "UPDATE marts.concentration_daily SET universe_id = 'V'; UPDATE marts.contribution_windows SET universe_id = 'V'",
        {"concentration_daily.universe_id_joins", "contribution_windows.universe_id_joins"},
    ),
}  # fmt: skip


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with marts_with(ROWS) as con:
        yield con


def test_sound_tables_pass(marts: duckdb.DuckDBPyConnection) -> None:
    assert failing(marts, RULES) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_rules(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, expected = FAULTS[fault]
    marts.execute(sql)
    assert failing(marts, RULES) == expected


def test_every_rule_of_these_marts_has_a_fault() -> None:
    shown = {rule for _, rules in FAULTS.values() for rule in rules}
    assert set(RULES) == shown
