"""The gate's rules about rates, odds and events on tables of a few rows: sound ones pass, each fault fails its rule by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from rules_shown import failing, marts_with, rules_of

ABOUT = ("rates_daily", "rate_expectations", "rate_distribution", "events")
RULES = rules_of(ABOUT, but=r"\w+_joins")
ROWS = {
    "rates_daily": [
        {"session_date": "2025-12-09", "target_low": 3.75, "target_high": 4.0, "y2": 3.5, "y10": 4.125, "s2s10_bp": 62.5,
         "effr_less_lower_bp": 8, "treasury_less_fred": 0.0},
        {"session_date": "2025-12-10", "target_low": 3.5, "target_high": 3.75, "y2": 3.5, "y10": 4.125, "s2s10_bp": 62.5,
         "effr_less_lower_bp": 8, "treasury_less_fred": 0.0},
    ],
    "events": [
        {"event_id": f"fomc:{day}", "date": day, "session_date": day, "kind": "fomc", "actual": move}
        for day, move in (("2025-10-29", 0.0), ("2025-12-10", -25.0), ("2026-01-28", None))
    ],
    "rate_distribution": [
        {"session_date": "2025-12-10", "meeting_date": "2026-01-28", "variant": "anchor_both", "source": "zq",
         "range_low": low, "range_high": low + 0.25, "probability": chance}
        for low, chance in ((3.25, 0.25), (3.5, 0.75))
    ],
    "rate_expectations": [
        {"session_date": day, "meeting_date": "2026-01-28", "variant": "anchor_both", "source": "zq", "span": "meeting",
         "p_cut": 0.25, "p_hold": 0.75, "p_hike": 0.0, "step_cut": 0.25, "step_hold": 0.75, "step_hike": 0.0,
         "start_rate": 3.625, "expected_rate": 3.5625, "expected_bp": -6.25, "is_default": True, "is_poor_fit": False,
         "status": "OK"}
        for day in ("2025-12-09", "2025-12-10")
    ],
}  # fmt: skip
FAULTS = {
    "a meeting moved to another day": (
        "UPDATE marts.events SET date = DATE '2025-12-03', session_date = DATE '2025-12-03'"
        " WHERE event_id = 'fomc:2025-12-10'; UPDATE marts.events SET actual = 0 WHERE event_id = 'fomc:2026-01-28'",
        {"rates_daily.target_moves_at_meetings"},
    ),
    "a move without a meeting that the calendar knows": (
        "INSERT INTO marts.rates_daily (session_date, target_low, target_high)"
        " VALUES (DATE '2025-12-18', 3.5, 3.75), (DATE '2025-12-19', 3.25, 3.5)",
        {"rates_daily.target_moves_at_meetings_since"},
    ),
    "a hike of a hundred percent": (
        "UPDATE marts.rate_expectations SET p_hike = 1, p_hold = 0, p_cut = 0 WHERE session_date = DATE '2025-12-10'",
        {"rate_expectations.odds_are_those_of_the_ranges", "rate_expectations.a_certain_move_was_priced_before"},
    ),
    "odds that do not sum to one": (
        "UPDATE marts.rate_expectations SET p_hold = 0.5",
        {"rate_expectations.odds_sum_to_one"},
    ),
    "a negative chance": (
        "UPDATE marts.rate_expectations SET step_cut = -0.25, step_hold = 1.25",
        {"rate_expectations.odds_are_odds"},
    ),
    "expectations of a meeting that is over": (
        "UPDATE marts.rate_expectations SET session_date = DATE '2026-01-28' WHERE session_date = DATE '2025-12-09'",
        {"rate_expectations.meetings_lie_ahead"},
    ),
    "a price of another scale": (
        "UPDATE marts.rate_expectations SET expected_rate = 5.5 WHERE session_date = DATE '2025-12-10'",
        {"rate_expectations.steps_no_meeting_makes"},
    ),
    "neighbours that cannot both be right": (
        "UPDATE marts.rate_expectations SET fit_resid_bp = 30, is_poor_fit = true WHERE session_date = DATE '2025-12-10'",
        {"rate_expectations.neighbours_fit", "rate_expectations.neighbours_fit_well"},
    ),
    "a curve that stands still": (
        "UPDATE marts.rate_expectations SET status = 'SUSPECT_INPUT' WHERE session_date = DATE '2025-12-10'",
        {"rate_expectations.prices_are_believed"},
    ),
    "ranges that leave something out": (
        "DELETE FROM marts.rate_distribution WHERE range_low = 3.25",
        {"rate_distribution.ranges_sum_to_one", "rate_distribution.mean_is_what_is_expected",
         "rate_expectations.odds_are_those_of_the_ranges"},
    ),
    "a mean of other ranges": (
        "UPDATE marts.rate_expectations SET expected_bp = -12.5 WHERE session_date = DATE '2025-12-10'",
        {"rate_distribution.mean_is_what_is_expected"},
    ),
    "a range of another width": (
        "UPDATE marts.rate_distribution SET range_high = range_low + 0.5",
        {"rate_distribution.a_quarter_point_wide"},
    ),
    "yields in basis points": ("UPDATE marts.rates_daily SET y10 = 412.5, s2s10_bp = 40900", {"rates_daily.yields_in_range"}),
    "a slope of other yields": ("UPDATE marts.rates_daily SET s2s10_bp = -62.5", {"rates_daily.slopes_are_differences"}),
    "ends of the range exchanged": (
        "UPDATE marts.rates_daily SET target_low = target_high, target_high = target_low",
        {"rates_daily.range_ordered", "rate_distribution.mean_is_what_is_expected",
         "rate_expectations.odds_are_those_of_the_ranges"},
    ),
    "a class of the curve that its parts deny": (
        "UPDATE marts.rates_daily SET level_move_bp = -10, slope_move_bp = 10, curve_move = 'bear_steepener'",
        {"rates_daily.move_is_named_by_its_parts"},
    ),
    "vendors that disagree about yields": (
        "UPDATE marts.rates_daily SET treasury_less_fred = 0.01",
        {"rates_daily.vendors_agree_on_yields", "rates_daily.vendors_agreed_on_yields"},
    ),
    "an effective rate outside its range": (
        "UPDATE marts.rates_daily SET effr_less_lower_bp = -40",
        {"rates_daily.effective_rate_in_its_range"},
    ),
    "a surprise against something else": (
        "UPDATE marts.events SET surprise = -5, expected = -15, surprise_kind = 'market', expected_source = 'zq'"
        " WHERE event_id = 'fomc:2025-12-10'",
        {"events.surprise_is_a_difference"},
    ),
    "an expectation of nobody": (
        "UPDATE marts.events SET expected = -15 WHERE event_id = 'fomc:2025-12-10'",
        {"events.expectation_says_its_source"},
    ),
    "a surprise without its kind": (
        "UPDATE marts.events SET surprise = -10, expected = -15, expected_source = 'zq' WHERE event_id = 'fomc:2025-12-10'",
        {"events.surprise_says_its_kind"},
    ),
    "an event before its day": (
        "UPDATE marts.events SET date = session_date + 1 WHERE event_id = 'fomc:2025-10-29'",
        {"events.nothing_before_its_day"},
    ),
    "a move of an eighth": (
        "UPDATE marts.events SET actual = -12.5 WHERE event_id = 'fomc:2025-12-10'",
        {"events.decisions_are_quarter_points"},
    ),
}  # fmt: skip


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with marts_with(ROWS) as con:
        yield con


def test_sound_tables_pass(marts: duckdb.DuckDBPyConnection) -> None:
    assert failing(marts, RULES) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_rule(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, expected = FAULTS[fault]
    marts.execute(sql)
    assert failing(marts, RULES) == expected


def test_every_rule_of_these_marts_has_a_fault() -> None:
    shown = {rule for _, rules in FAULTS.values() for rule in rules}
    # what these tables cannot show: rates of other sources, first prints (a whole build does)
    assert set(RULES) - shown <= {
        "rate_expectations.rates_in_range", "rate_distribution.odds_are_odds", "events.figures_are_first_prints",
    } | {name for name in RULES if re.search(r"\.(\w+_in_vocabulary|\w+_values)$", name)}  # fmt: skip
