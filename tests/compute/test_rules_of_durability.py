"""The gate's rules about durability on tables of a few rows: sound ones pass, each fault is refused by its rule.

Belongs here: faults a rule must refuse, by name. Does not: what every mart is held to (``tests/warehouse``).
"""

from __future__ import annotations

import duckdb
import pytest
from rules_shown import create_marts, failing, rules_of

ABOUT = (
    *("durability", "durability_tests", "durability_skill", "durability_correlations", "verdict_track_record"),
    "episode_statistics",
)
RULES = rules_of(ABOUT, but=r"\w+_joins|\w+_vocabulary|\w+_values|built_for_session\w*")
DAYS = "(VALUES (DATE '2025-01-02'), (DATE '2025-01-03')) AS d(day)"
TABLES = {
    "dim_calendar": f"SELECT day AS date, true AS is_session FROM {DAYS}",
    "dim_instrument": "SELECT 'X' AS instrument_id, 'headline' AS role",
    "rally_daily": f"SELECT 'X' AS index_id, 'r' AS rule, day AS session_date, true AS is_default, 'X:r:1' AS episode_id FROM {DAYS}",
    "rally_episodes": """
        SELECT 'X' AS index_id, 'r' AS rule, 'X:r:1' AS episode_id, true AS is_default, 'ended' AS status, false AS is_left_censored""",
    "market_daily": "SELECT 'X' AS instrument_id, day AS session_date, 100.0 AS close FROM " + DAYS,
    "durability_tests": f"""
        SELECT 'X' AS index_id, day AS session_date, criterion, test_id, value, '>=' AS op, 50.0 AS threshold, is_passed,
            value - 50 AS distance, value - 1 AS value_low, value + 1 AS value_high, 'OK' AS status
        FROM {DAYS} CROSS JOIN (VALUES ('macro', 'a', 60.0, true), ('macro', 'b', 40.0, false)) AS t(criterion, test_id, value, is_passed)""",
    "durability": f"""
        SELECT 'X' AS index_id, day AS session_date, 'X:r:1' AS episode_id, 0.5 AS score_macro, 0.5 AS composite, 2 AS n_tests_told,
            1 AS n_tests_passed, 'unproven' AS verdict, (4 + 0.9) / 12 AS p_sustained, 0.5 AS p_trough_holds, 0.6 AS p_higher,
            'age_matched' AS probability_kind, 'age_matched' AS benchmark_kind, 4 AS k_sustained, 5 AS k_trough_holds, 6 AS k_higher,
            10 AS n_known, (4 + 0.9) / 12 AS p_sustained_age_matched, 0.3 AS p_sustained_barrier, 0.35 AS p_sustained_model, 1.0 AS e_value,
            0.25 AS brier_age_matched, 0.26 AS brier_barrier, 0.27 AS brier_model FROM {DAYS}""",
    "verdict_track_record": """
        SELECT 'X' AS index_id, 'X:r:1' AS episode_id, 0 AS age, DATE '2025-01-02' AS session_date, DATE '2025-01-03' AS settles_on,
            true AS trough_holds, true AS is_higher, true AS is_sustained, 'unproven' AS verdict, 'age_matched' AS probability_kind""",
    "durability_skill": """
        SELECT 'X' AS index_id, DATE '2025-01-03' AS session_date, kind, brier, 0.25 AS brier_benchmark, 1 AS n_decisions,
            0 AS n_after_freeze FROM (VALUES ('age_matched', 0.25), ('barrier', 0.26), ('benchmark', 0.25), ('model', 0.27),
            ('breadth', 0.2), ('macro', 0.2), ('earnings', 0.2), ('policy', 0.2), ('flows', 0.2)) AS k(kind, brier)""",
    "durability_correlations": "SELECT 'a' AS test_x, 'b' AS test_y, DATE '2025-01-02' AS session_date, 0.4 AS correlation",
    "episode_statistics": """
        SELECT 'X' AS index_id, 'r' AS rule, 'all' AS drawdown_class, 'all' AS end_kind, 'depth' AS measure, 'pct' AS unit, 1 AS n_episodes,
            1 AS n, 1.0 AS share_of_episodes, -6.0 AS mean, -9.0 AS p10, -8.0 AS p25, -7.0 AS p50, -6.0 AS p75, -5.0 AS p90,
            -9.0 AS null_p10, -7.0 AS null_p50, -5.0 AS null_p90, 1.0 AS null_share_of_episodes, 16.0 AS null_yearly_deviation,
            7.0 AS null_yearly_mean""",
}
LAST = "WHERE session_date = DATE '2025-01-03'"
FAULTS = {
    "a sub-test that vanishes": (
        f"DELETE FROM marts.durability_tests {LAST} AND test_id = 'b';"
        f" UPDATE marts.durability SET n_tests_told = 1, score_macro = 1 {LAST}",
        {"durability_tests.every_test_every_session"},
    ),
    "a session without sub-tests": (
        "DELETE FROM marts.durability_tests WHERE session_date = DATE '2025-01-02'",
        {"durability_tests.every_session_since_2015"},
    ),
    "an answer that is not in the row": (
        "UPDATE marts.durability_tests SET op = '<=', distance = -distance",
        {"durability_tests.the_answer_follows_from_the_row", "durability_tests.distance_is_to_the_threshold"},
    ),
    "a distance to elsewhere": (
        "UPDATE marts.durability_tests SET distance = distance + 1",
        {"durability_tests.distance_is_to_the_threshold"},
    ),
    "a value outside its bounds": (
        "UPDATE marts.durability_tests SET value_high = value_low",
        {"durability_tests.bounds_hold_the_value"},
    ),
    "a session without an answer": (f"DELETE FROM marts.durability {LAST}", {"durability.every_close_of_the_headline_index"}),
    "the verdict of another rally": ("UPDATE marts.durability SET episode_id = 'X:r:0'", {"durability.a_verdict_is_of_a_rally"}),
    "a composite above one": ("UPDATE marts.durability SET composite = 1.1", {"durability.scores_are_shares"}),
    "a score of other tests": ("UPDATE marts.durability SET score_macro = 0.6", {"durability.scores_follow_from_the_tests"}),
    "83, 64 and 46 of 100": (
        "UPDATE marts.durability SET p_sustained = 0.46, p_trough_holds = 0.83, p_higher = 0.64, probability_kind = 'barrier',"
        " p_sustained_barrier = 0.46",
        {"durability.three_outcomes_are_possible_together"},
    ),
    "sustained more often than higher": (
        "UPDATE marts.durability SET k_higher = 3",
        {"durability.three_outcomes_are_possible_together"},
    ),
    "a chance of nothing": (
        "UPDATE marts.durability SET p_higher = 1.2, p_trough_holds = 0.5",
        {"durability.chances_are_inside", "durability.three_outcomes_are_possible_together"},
    ),
    "a base rate of other counts": (
        "UPDATE marts.durability SET k_sustained = 3",
        {"durability.base_rate_is_its_counts"},
    ),
    "a headline of another kind": ("UPDATE marts.durability SET probability_kind = 'barrier'", {"durability.headline_is_its_kind"}),
    "a model with a shut gate": (
        "UPDATE marts.durability SET probability_kind = 'model', p_sustained = 0.35",
        {"durability.the_model_needs_its_gate"},
    ),
    "a model that lost its stake": (
        "UPDATE marts.durability SET probability_kind = 'model', p_sustained = 0.35, e_value = 30;"
        f" UPDATE marts.durability SET e_value = 0.5 {LAST}",
        {"durability.the_model_needs_its_gate"},
    ),
    "wealth below nothing": ("UPDATE marts.durability SET e_value = 0", {"durability.errors_are_errors"}),
    "a word nobody knows": ("UPDATE marts.durability SET verdict = 'strong'", {"durability.words"}),
    "an index without a name": ("UPDATE marts.durability SET index_id = 'Y'", {"durability.index_has_a_name"}),
    "a rally without a record": (
        "UPDATE marts.verdict_track_record SET age = 21",
        {"verdict_track_record.every_rally_from_its_first_day"},
    ),
    "sustained although the trough broke": (
        "UPDATE marts.verdict_track_record SET trough_holds = false",
        {"verdict_track_record.sustained_is_both"},
    ),
    "higher although lower": (
        f"UPDATE marts.market_daily SET close = 99 {LAST}",
        {"verdict_track_record.outcomes_follow_from_the_closes"},
    ),
    "an outcome before it was said": (
        "UPDATE marts.verdict_track_record SET settles_on = DATE '2025-01-02'",
        {"verdict_track_record.settled_after_it_was_said"},
    ),
    "a verdict of another word": ("UPDATE marts.verdict_track_record SET verdict = 'strong'", {"verdict_track_record.words"}),
    "a kind that vanishes": ("DELETE FROM marts.durability_skill WHERE kind = 'flows'", {"durability_skill.all_kinds"}),
    "an error above one": ("UPDATE marts.durability_skill SET brier = 1.5 WHERE kind = 'flows'", {"durability_skill.errors_are_errors"}),
    "another error than durability": (
        "UPDATE marts.durability_skill SET brier = 0.2 WHERE kind = 'barrier'",
        {"durability_skill.as_durability_says"},
    ),
    "a correlation above one": ("UPDATE marts.durability_correlations SET correlation = 1.1", {"durability_correlations.in_range"}),
    "a pair that vanishes": (
        "INSERT INTO marts.durability_correlations (test_x, test_y, session_date) VALUES ('a', 'c', DATE '2025-01-02')",
        {"durability_correlations.every_pair"},
    ),
    "more than the whole": ("UPDATE marts.episode_statistics SET share_of_episodes = 1.2", {"episode_statistics.shares"}),
    "quantiles upside down": ("UPDATE marts.episode_statistics SET p75 = -9", {"episode_statistics.quantiles_in_order"}),
    "a rally left out": (
        "INSERT INTO marts.rally_episodes (index_id, rule, episode_id, status, is_left_censored) VALUES ('X', 'r', 'X:r:2', 'ended', false)",
        {"episode_statistics.ended_rallies_are_counted"},
    ),
    "walks of another thing": (
        "UPDATE marts.episode_statistics SET null_yearly_deviation = 200",
        {"episode_statistics.the_walks_are_of_the_index"},
    ),
}  # fmt: skip


def judged(change: str = "") -> set[str]:
    with duckdb.connect() as con:
        create_marts(con)
        for mart, rows in TABLES.items():
            con.execute(f"INSERT INTO marts.{mart} BY NAME {rows}")
        con.execute(change or "SELECT 1")
        return failing(con, RULES)


def test_sound_tables_pass() -> None:
    assert judged() == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_its_rule(fault: str) -> None:
    change, expected = FAULTS[fault]
    assert judged(change) == expected


def test_every_rule_has_a_fault() -> None:
    assert set(RULES) == set().union(*(expected for _, expected in FAULTS.values()))
