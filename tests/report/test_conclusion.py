"""The conclusion: its sentence, its terminal of 24 lines, its first screen, and any earlier session."""

from __future__ import annotations

import json
from dataclasses import replace

import duckdb
import pytest
from tiny_generation import RECEIPT, SESSIONS, generation

from orchestration import answer, show_conclusion
from warehouse.report.conclusion import Conclusion, Part, as_json, conclusion_of, to_markdown
from warehouse.report.standing import ReportError


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return generation()


def plain(found: Conclusion, width: int = 80) -> list[str]:
    gaps = ["drivers without a score: commodities, fiscal policy"]
    return [
        line.plain
        for line in show_conclusion.lines(found, width, is_sample=True, gaps=gaps, generation="000001-0123abcd")
    ]


def test_the_sentence_says_move_cause_and_chances(con: duckdb.DuckDBPyConnection) -> None:
    assert conclusion_of(con).sentence == (
        "Tiny Index rose 8.1% in the 44 sessions from its low of 5 March 2025 to 6 May 2025. Why: easier policy expected (+5.0), of"
        " +7.8 points. Of 10 past rallies at this age 4 were sustained; the checklist says unproven."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE marts.rally_attribution SET is_named = false", "Why is not identified: no kind of news"),
        (
            "UPDATE marts.rally_attribution SET is_named = false, contribution_pp = 3 WHERE component IN ('hedging', 'common', 'monetary')",
            "Why is not identified: news of growth and policy make about +4.5 of +7.8 points; about +6.0 left no net trace in yields,",
        ),
        ("UPDATE marts.answer_daily SET status_cause = 'WARMUP'", "Why is not told: not enough history yet."),
        ("UPDATE marts.answer_daily SET verdict = 'abstains'", "4 were sustained; the checklist abstains."),
        (
            "UPDATE marts.durability SET status_probability = 'UNDEFINED'; UPDATE marts.answer_daily SET status_probability = 'UNDEFINED'",
            "Whether it lasts is not told: not defined for these inputs.",
        ),
        (
            "UPDATE marts.rally_attribution SET is_named = true WHERE component = 'hedging'",
            "easier policy expected (+5.0), of +7.8 points; against it more fear (\N{MINUS SIGN}0.5).",
        ),
    ],
)
def test_what_is_not_known_is_said(con: duckdb.DuckDBPyConnection, change: str, said: str) -> None:
    con.execute(change)
    assert said in conclusion_of(con).sentence


@pytest.mark.parametrize("width", [80, 100, 140])
def test_24_lines_of_any_width(con: duckdb.DuckDBPyConnection, width: int) -> None:
    shown = plain(conclusion_of(con), width)
    assert len(shown) <= show_conclusion.MOST and max(map(len, shown)) <= width


def test_long_names_take_no_more_room(con: duckdb.DuckDBPyConnection) -> None:
    """Names as long as real ones, every kind of event named, many tests missing, every driver silent."""
    con.execute(
        "UPDATE marts.dim_instrument SET name = 'Dow Jones Industrial Average Company' || substr(instrument_id, 4)"
    )
    con.execute(
        "UPDATE marts.rally_attribution SET is_named = true, component_name = 'Risk premium of bonds and stocks' WHERE layer = 'calendar'"
    )
    con.execute(
        "UPDATE marts.durability_tests SET is_passed = NULL, value = NULL, distance = NULL, status = 'NOT_AVAILABLE' WHERE unit = 'flag'"
    )
    found = conclusion_of(con)
    carriers = tuple(Part(str(n), "Marquerita Restaurants International Holdings", 1.25) for n in range(5))
    shown = plain(replace(found, carriers=carriers, sectors=(Part("a", "Consumer discretionary", 2.0),) * 3))
    assert len(shown) <= show_conclusion.MOST and max(map(len, shown)) <= 80


def test_the_terminal_says_all_of_it(con: duckdb.DuckDBPyConnection) -> None:
    shown = "\n".join(plain(conclusion_of(con)))
    for said in (
        "WHY    of +7.8 points",
        "▲ Monetary",
        "+5.0     +2.0 … +9.0  named",
        "· Hedging",
        "not identified",
        "drift +1.0, unidentified +0.6",
        "unproven: 12 of 20 tests hold (31 asked)",
        "◐ macro 50  · earnings –  ○ policy 20  ● flows 70",
        "of 100 past rallies at this age: low held 50, higher 60, sustained 40 (n 10)",
        "chance 41 in 100 (age matched, Brier 0.240); the checklist has no proven skill",
        "FLIPS  Most members above their 50-day average (holds: 69.67%, needs ≥ 60%)",
        "1 test of the checklist (1 not published by then)",
        "AS OF  6 May 2025, 20:00 New York",
    ):
        assert said in shown, f"{said!r} not in\n{shown}"


def test_an_earlier_session_answers_for_itself(con: duckdb.DuckDBPyConnection) -> None:
    found = conclusion_of(con, SESSIONS[71])
    assert found.session == SESSIONS[70] and found.state == "DOWN" and not found.shocks
    assert [line for line in plain(found) if line.startswith(("WHY", "LAST?", "FLIPS"))] == []
    with pytest.raises(ReportError, match="the first is"):
        conclusion_of(con, SESSIONS[3])


def test_json_names_the_rows_it_stands_in(con: duckdb.DuckDBPyConnection) -> None:
    found = conclusion_of(con)
    told = json.loads(answer.to_json(found))
    assert told["named"] == ["monetary"] and told["flips"][0] == "breadth_50"
    assert f"answer_daily?index_id=IX:T&session_date={SESSIONS[-1]}" in told["evidence"]
    assert any(place.endswith("episode_id=second&window_id=since_trough") for place in told["evidence"])
    assert as_json(found)["chances"]["sustained"] == 4


def test_markdown_can_be_quoted(con: duckdb.DuckDBPyConnection) -> None:
    text = to_markdown(conclusion_of(con), RECEIPT)
    assert text.startswith("> Tiny Index rose 8.1%") and "| Monetary | +5.0 | +2.0 … +9.0 | yes |" in text
    assert "| **sum** | **+7.8** | | |" in text and "generation 000001-0123abcd" in text and "SAMPLE DATA" in text
