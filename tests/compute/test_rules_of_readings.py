"""The gate's rules about readings and scores on tables of a few rows: sound ones pass, each fault is refused by its rule; and
rules of marts that may be empty judge them even when they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest
import yaml
from rules_shown import create_marts, failing, rules_of

from orchestration.manifest import marts as specs
from warehouse import gate
from warehouse.rulebook import RULES, load_rules

TABLES = {
    "dim_indicator": "SELECT 'a' AS reading_id, 'pp' AS unit, 1.0 AS weight, 'plain' AS because, 'x' AS driver_id"
    " UNION ALL SELECT 'b', 'bp', 0.5, 'half', 'x'",
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
ABOUT = ("indicator_readings", "driver_evidence", "driver_scorecard", "dim_indicator")
NOT_HERE = {"driver_scorecard.all_drivers_every_session"}  # these tables have one driver
SHOWN = {name: rule for name, rule in rules_of(ABOUT).items() if rule.severity == "critical" and name not in NOT_HERE}
FAULTS = {
    "a reading nobody declared": (
        "INSERT INTO marts.indicator_readings SELECT * REPLACE ('c' AS reading_id, NULL AS unit, NULL AS direction)"
        " FROM marts.indicator_readings WHERE reading_id = 'b'",
        {"indicator_readings.reading_id_joins"},
    ),
    "a declared reading without rows": (
        "INSERT INTO marts.dim_indicator VALUES ('silent', 'pct', 0, NULL, 'x')",
        {"indicator_readings.every_indicator_read"},
    ),
    "a weight without a reason": (
        "UPDATE marts.dim_indicator SET because = NULL WHERE reading_id = 'a'",
        {"dim_indicator.weight_has_its_reason"},
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


def test_sound_tables_pass(marts: duckdb.DuckDBPyConnection) -> None:
    assert failing(marts, SHOWN) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_its_rule(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, expected = FAULTS[fault]
    marts.execute(sql)
    assert failing(marts, SHOWN) == expected


MAY_BE_EMPTY = [path.stem for path in sorted(RULES.glob("*.yml")) if "may_be_empty" in yaml.safe_load(path.read_text())]


@pytest.mark.parametrize("mart", MAY_BE_EMPTY)
def test_a_mart_that_may_be_empty_can_be_judged_empty(mart: str) -> None:
    """An optional vendor that never answered leaves its marts empty: a rule without evidence has failed, and would refuse."""
    with duckdb.connect() as con:
        create_marts(con)
        con.execute("CREATE SCHEMA meta; CREATE TABLE meta.revisions (mart VARCHAR, kind VARCHAR)")
        (verdicts,) = [
            gate.judge(con, {mart: load_rules(specs())[mart]}, [mart], datetime(2026, 1, 16, tzinfo=UTC), False)
        ]
    assert [(v.rule_id, v.error or v.observed) for v in verdicts if v.outcome == "failed"] == []
