"""The gate's rules about readings and scores on tables of a few rows: sound ones pass, each fault is refused by its rule; and
rules of marts that may be empty judge them even when they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from warehouse import gate

TABLES = {
    "dim_indicator": "SELECT 'a' AS reading_id, 'pp' AS unit, 1.0 AS weight UNION ALL SELECT 'b', 'bp', 0.5",
    "indicator_readings": """
        SELECT r AS reading_id, e AS entity_id, DATE '2025-01-02' AS session_date, v AS value, s AS status, d AS direction,
            u AS unit, DATE '2025-01-02' AS obs_period, FALSE AS is_reconstructed
        FROM (VALUES ('a', 'energy', 1.0, 'OK', 'bullish', 'pp'), ('a', 'health_care', NULL, 'STALE_INPUT', NULL, 'pp'),
            ('b', 'US', 2.0, 'OK', 'bearish', 'bp')) AS t(r, e, v, s, d, u)""",
    "dim_driver": "SELECT 'x' AS driver_id",
    "driver_evidence": """
        SELECT 'x' AS driver_id, DATE '2025-01-02' AS session_date, r AS reading_id, e AS entity_id, d AS direction,
            w AS weight, s AS status, FALSE AS is_reconstructed
        FROM (VALUES ('a', 'energy', 'bullish', 0.5, 'OK'), ('a', 'health_care', NULL, 0.5, 'STALE_INPUT'),
            ('b', 'US', 'bearish', 0.5, 'OK')) AS t(r, e, d, w, s)""",
    "driver_scorecard": """
        SELECT 'x' AS driver_id, DATE '2025-01-02' AS session_date, 0.0 AS score, 'neutral' AS direction,
            2.0 / 3 AS coverage, 'OK' AS status""",
}
ABOUT = ("indicator_readings", "driver_evidence", "driver_scorecard")
STRUCTURAL = ("rows", "key_unique", "key_complete", "finite", "known_by_as_of")
NOT_HERE = {"driver_scorecard.all_drivers_every_session"}  # these tables have one driver
FAULTS = {
    "a reading nobody declared": (
        "INSERT INTO marts.indicator_readings SELECT * REPLACE ('c' AS reading_id, NULL AS unit, NULL AS direction)"
        " FROM marts.indicator_readings WHERE reading_id = 'b'",
        {"indicator_readings.reading_declared"},
    ),
    "a declared reading without rows": (
        "INSERT INTO marts.dim_indicator VALUES ('silent', 'pct', 0)",
        {"indicator_readings.every_indicator_read"},
    ),
    "a value under another unit": (
        "UPDATE marts.indicator_readings SET unit = 'pct' WHERE reading_id = 'b'",
        {"indicator_readings.unit_is_that_of_the_reading"},
    ),
    "coverage of six": ("UPDATE marts.driver_scorecard SET coverage = 6", {"driver_scorecard.coverage_is_a_share"}),
    "coverage below nothing": (
        "UPDATE marts.driver_scorecard SET coverage = -0.5",
        {"driver_scorecard.coverage_is_a_share"},
    ),
    "a score above one": (
        "UPDATE marts.driver_scorecard SET score = 1.5",
        {"driver_scorecard.scores_in_range", "driver_scorecard.score_is_its_evidence"},
    ),
    "every entity with the whole weight": (
        "UPDATE marts.driver_evidence SET weight = 1 WHERE reading_id = 'a'",
        {"driver_evidence.entities_share_the_weight", "driver_scorecard.score_is_its_evidence"},
    ),
}


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts")
        for name, sql in TABLES.items():
            con.execute(f"CREATE TABLE marts.{name} AS {sql}")
        yield con


@cache
def rules() -> dict[str, gate.Rule]:
    return {rule.rule_id: rule for mart in ABOUT for rule in gate.load_rules()[mart]}


def refusing(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Critical rules of the three marts that do not hold; the expectations they use are few and said here in Python."""
    found = set()
    structural = {
        f"{mart}.{name}"
        for mart in ABOUT
        for name in ("rows", "key_unique", "key_complete", "finite", "known_by_as_of")
    }
    for rule_id, rule in rules().items():
        if rule_id in structural | NOT_HERE or rule.severity != "critical":
            continue
        column = rule.arguments["column"]
        values = con.execute(f"SELECT {column} FROM ({rule.frame.strip().rstrip(';')})").fetchall()
        if rule.expect == "expect_column_values_to_be_between":
            low, high = rule.arguments["min_value"], rule.arguments["max_value"]
            holds = all(low <= value <= high for (value,) in values)
        else:
            assert rule.expect == "expect_column_values_to_be_in_set", rule
            holds = all(value in rule.arguments["value_set"] for (value,) in values)
        found |= set() if holds else {rule_id}
    return found


def test_sound_tables_pass(marts: duckdb.DuckDBPyConnection) -> None:
    assert refusing(marts) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_its_rule(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, expected = FAULTS[fault]
    marts.execute(sql)
    assert refusing(marts) == expected


PAGES = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
MAY_BE_EMPTY = [
    path.stem for path in sorted(gate.RULES.glob("*.yml")) if "may_be_empty" in yaml.safe_load(path.read_text())
]


@pytest.mark.parametrize("mart", MAY_BE_EMPTY)
def test_a_mart_that_may_be_empty_can_be_judged_empty(mart: str) -> None:
    """An optional vendor that never answered leaves its marts empty: a rule without evidence has failed, and would refuse."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts")
        con.execute("CREATE SCHEMA meta")
        con.execute("CREATE TABLE meta.revisions (mart VARCHAR, kind VARCHAR)")
        for page in PAGES.glob("*.yml"):
            columns = yaml.safe_load(page.read_text())["models"][0]["columns"]
            con.execute(
                f"CREATE TABLE marts.{page.stem} ({', '.join(c['name'] + ' ' + c['data_type'] for c in columns)})"
            )
        silent = []
        for rule in gate.load_rules()[mart]:
            # the structural ones look at the whole table and say themselves that it may be empty
            if rule.needs_previous or rule.rule_id.split(".")[1] in STRUCTURAL:
                continue
            found = con.execute(rule.frame).fetchall()
            if len(found) < rule.least_rows or any(None in row for row in found):
                silent.append(rule.rule_id)
    assert not silent, f"without rows these rules have no evidence: {silent}"
