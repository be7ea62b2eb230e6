"""The answer: every figure has a place that exists, every gap a reason, and no sentence claims what is not known."""

from __future__ import annotations

import pytest
from tiny_generation import generation

from warehouse.report.answer import AGREEMENT, Gap, answer_of
from warehouse.report.charts import ticks
from warehouse.report.figures import GROUPS
from warehouse.report.readings import SHOWN
from warehouse.report.wording import (
    amount,
    counted,
    moved,
    number,
    quantity,
    rally_rule,
    signed,
    signed_quantity,
    with_unit,
)


def test_sentences() -> None:
    found = answer_of(generation())
    assert found.headline == (
        "Tiny Index closed at 107.00 on 6 May 2025, up 8.1% in the 44 sessions since its low of 5 March 2025 (99.00),"
        " which ended a fall of 10.0%. It has won back 73% of that fall."
    )
    assert found.evidence == (
        "Of 2 drivers, 1 can be scored: none points up, 1 points down (Monetary policy); 1 abstains."
        " Of 1 confirmation, 1 can be scored: 1 points up (Market breadth), none points down. " + AGREEMENT
    )
    assert found.is_sample
    assert found.warnings == ("m.thin",)
    assert found.missing == (
        Gap("Macro data", "no scored reading is built for it yet"),
        Gap("bars", "partial, 1 unknown to the vendor and 0 failed of 3 asked"),
    )
    assert found.in_short == (
        ("Drivers", "0 up, 1 down, 0 neutral, 1 not scored"),
        ("Confirmations", "1 up, 0 down, 0 neutral, 0 not scored"),
    )


def test_a_rally_that_is_back_at_its_peak() -> None:
    con = generation()
    con.execute("UPDATE marts.rally_episodes SET recovered_date = '2025-05-05' WHERE episode_no = 2")
    con.execute("UPDATE marts.rally_daily SET drawdown = -0.02")
    said = answer_of(con).headline
    assert said.endswith("It was back at its old peak on 5 May 2025 and now stands at its highest close.")


def test_every_figure_stands_in_a_column() -> None:
    con = generation()
    columns = {
        f"{table}.{column}"
        for table, column in con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
        ).fetchall()
    }
    full = answer_of(con)
    for table in (
        "breadth_daily", "cross_asset_correlation", "volatility_sentiment_daily", "rates_daily", "rate_expectations", "events",
        "indicator_readings", "contribution_windows", "earnings_season", "valuation_daily", "return_decomposition",
    ):  # fmt: skip
        con.execute(f"DELETE FROM marts.{table}")
    empty = answer_of(con)
    for found in (full, empty):
        assert {f.where for f in found.figures} <= columns
        assert [group for group in GROUPS if any(f.group == group for f in found.figures)] == list(GROUPS)
        assert all(f.note for f in found.figures if f.value is None)
    assert sum(f.value is None for f in empty.figures) == 27 + sum(map(len, SHOWN.values()))


def test_drivers_show_what_decides() -> None:
    policy, macro, _ = answer_of(generation()).drivers
    assert policy.evidence == ("Real yield change 48 bp (bearish)",)
    assert [(r.rule, r.said) for r in policy.readings] == [("up if ≤ 10, down if ≥ 30", "48 bp")]
    assert macro.score is None
    assert macro.why


@pytest.mark.parametrize(
    ("unit", "low", "high", "rule"),
    [
        ("share", 0.4, 0.625, "up if ≤ 40, down if ≥ 62.50"),
        ("bp", 10.0, 30.0, "up if ≤ 10, down if ≥ 30"),
        ("flag", None, 1.0, "down if yes"),
    ],
)
def test_thresholds_are_said_in_the_unit_of_the_value(unit: str, low: float | None, high: float, rule: str) -> None:
    con = generation()
    con.execute("UPDATE marts.dim_indicator SET unit = ?, bullish_at = ?, bearish_at = ?", [unit, low, high])
    assert [r.rule for r in answer_of(con).drivers[0].readings] == [rule]


def test_what_nobody_knew_then_says_so_and_points_nowhere() -> None:
    con = generation()
    con.execute("UPDATE marts.driver_evidence SET is_reconstructed = true")
    con.execute(
        "UPDATE marts.driver_scorecard SET score = NULL, direction = NULL, status = 'LOW_COVERAGE', coverage = 0 WHERE driver_id = 'policy'"
    )
    policy = answer_of(con).drivers[0]
    assert policy.evidence == ("Real yield change 48 bp, from today's figures",)
    assert policy.why.endswith("half is needed; from today's figures, so not counted: Real yield change")
    con.execute("UPDATE marts.rates_daily SET is_acm_reconstructed = true")
    found = answer_of(con)
    noted = [figure.note for figure in found.figures if figure.where == "rates_daily.term_premium_acm"]
    assert noted and all(note.endswith(" ○") for note in noted)
    assert found.shared["Rates"] == "○ from today's figures, which nobody knew then"


def test_a_warning_names_what_it_is_about() -> None:
    """Days and series that a rule's evidence lists are told; counts are not."""
    con = generation()
    con.execute(
        """UPDATE meta.verdicts SET observed = '{"partial_unexpected_list": ["2026-01-14"]}' WHERE rule_id = 'm.thin'"""
    )
    assert answer_of(con).warnings == ("m.thin: 2026-01-14",)
    con.execute("""UPDATE meta.verdicts SET observed = '{"partial_unexpected_list": [3.0]}' WHERE rule_id = 'm.thin'""")
    assert answer_of(con).warnings == ("m.thin",)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(-1234.567), "\N{MINUS SIGN}1,234.57"),
        (number(-0.001), "0.00"),
        (amount(-0.00038, "ratio"), "\N{MINUS SIGN}0.0004"),
        (amount(0.0, "ratio"), "0.00"),
        (amount(-0.3, "count"), "0"),
        (quantity(-0.00038, "ratio"), "\N{MINUS SIGN}0.0004"),
        (signed(0.04), "0.0"),
        (signed(13.79), "+13.8"),
        (quantity(-48.0, "bp"), "\N{MINUS SIGN}48 bp"),
        (quantity(0.65, "share"), "65.0%"),
        (quantity(80.0, "pct"), "80%"),
        (quantity(181_666.67, "count"), "181,667"),
        (quantity(4.3, "count"), "4.3"),
        (with_unit(83.4711, "pct"), "83.47%"),
        (with_unit(44, "sessions"), "44 sessions"),
        (with_unit(None, "pct"), "–"),
        (with_unit(0.26, "probability"), "26%"),
        (quantity(0.26, "probability"), "26%"),
        (with_unit(0.0, "probability"), "0%"),
        (with_unit(0.004, "probability"), "<1%"),
        (with_unit(0.996, "probability"), ">99%"),
        (with_unit(1.0, "probability"), "100%"),
        (with_unit(1.0, "flag"), "yes"),
        (quantity(0.0, "flag"), "no"),
        (quantity(2.41, "z"), "+2.41 z"),
        (amount(-1.333, "z"), "\N{MINUS SIGN}1.33"),
        (with_unit(0.6, "cuts"), "0.60 cuts"),
        (signed_quantity(1.7, "pct"), "+1.7 pp"),
        (signed_quantity(-4.5, "bp"), "\N{MINUS SIGN}4.5 bp"),
        (signed_quantity(10_000.0, "count"), "+10,000"),
        (moved(4.65, "pp"), "+4.7 pp"),
        (moved(-123.46, "bp"), "\N{MINUS SIGN}123 bp"),
        (rally_rule("5_5_10"), "5% fall, 5% rise"),
        (counted(1, "rally"), "1 rally"),
        (counted(2, "rally"), "2 rallies"),
    ],
)
def test_numbers_in_words(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize("edges", [(0.0, 1.0), (-3.2, 61.0), (1890.0, 2650.0), (99.5, 110.6), (7.0, 7.0)])
def test_ticks_are_round_and_inside(edges: tuple[float, float]) -> None:
    found = ticks(*edges)
    assert 1 <= len(found) <= 6
    assert edges[0] - 1e-9 <= min(found) <= max(found) <= edges[1] + 1e-9
