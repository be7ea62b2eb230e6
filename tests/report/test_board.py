"""What the published asset shows in Dagster: the table of drivers, the plot, the table of a mart's rules."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree.ElementTree import Element

import pytest
from tiny_generation import generation

from orchestration import board
from warehouse.gate import Verdict
from warehouse.report.answer import answer_of

ROWS = [(date(2025, 1, 2) + timedelta(days=i), 2300.0 + 2 * i) for i in range(250)]


def texts(picture: Element) -> list[tuple[str, float, str]]:
    """(text, x, anchor) of every label."""
    return [(e.text or "", float(e.get("x", 0)), e.get("text-anchor", "")) for e in picture.iter("text")]


def test_each_driver_has_a_row_that_says_what_decides_or_why_it_abstains() -> None:
    found = answer_of(generation())
    lines = board.driver_table(found).splitlines()
    assert lines[0] == f"{found.conclusion.sentence} {found.evidence}"
    rows = [line.split(" | ") for line in lines[4:]]
    assert [row[0].removeprefix("| ") for row in rows] == [driver.name for driver in found.drivers]
    for row, driver in zip(rows, found.drivers, strict=True):
        assert row[3].removesuffix("|").strip() == ("; ".join(driver.evidence) or driver.why)
        assert (row[1] == "–") is (driver.score is None)
        assert "-0" not in row[1] and "+0.00" not in row[1]


@pytest.mark.parametrize("start", [3, 120, 240])
def test_the_plot_has_round_lines_and_its_words_inside(start: int) -> None:
    said = texts(board._plot("Index", ROWS, ROWS[start][0]))
    levels = [float(text.replace(",", "")) for text, _, anchor in said if anchor == "end" and text[:1].isdigit()]
    assert len(levels) >= 3 and all(level % 100 == 0 for level in levels)
    ((_, x, anchor),) = [one for one in said if one[0].startswith("rally since")]
    wide = 150  # of the words, at most
    assert (x + wide <= board._WIDE) if anchor == "start" else (x - wide >= 0)


def test_a_plot_without_a_rally_says_nothing_of_one() -> None:
    assert not [text for text, *_ in texts(board._plot("Index", ROWS, None)) if "rally" in text]


def test_failed_rules_come_first_and_their_words_break_no_table() -> None:
    def verdict(rule: str, outcome: str, observed: str) -> Verdict:
        return Verdict(f"mart.{rule}", "mart", "warning", outcome, "expect", observed, "because | it must", "")  # type: ignore[arg-type]

    lines = board.rule_table([verdict("a", "passed", "1"), verdict("b", "failed", "x|y\nz")]).splitlines()
    assert lines[2].startswith("| b |") and lines[3].startswith("| a |")
    assert lines[2].replace("\\|", "").count("|") == 6
