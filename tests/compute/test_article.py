"""The source article, line by line: every line is told, and what states something rests on things that exist.

The article itself is not part of the project. Whether line numbers and kinds are its own was compared by hand.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
LINES = 197
KINDS = {
    *("driver", "mechanism", "indicator", "criterion", "scenario", "precedent", "claim", "snapshot", "checklist"),
    *("implication", "misconception", "heading", "promotion", "blank"),
}
SILENT = {"heading", "promotion", "blank"}
# Rows of tables that a line names by their id.
IDS = {
    "durability_tests": {"breadth", "macro", "earnings", "policy", "flows"},
    "misconceptions": {f"MI{n}" for n in range(1, 6)},
    "scenarios": {*(f"SC-B{n}" for n in range(1, 5)), *(f"SC-R{n}" for n in range(1, 5))},
    "weekly_checklist": {f"CK{n}" for n in range(1, 7)},
}


@cache
def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def known() -> dict[str, set[str]]:
    """What a link may name, by its kind."""
    return {
        "reading": {row["reading_id"] for row in seed("indicators")},
        "claim": {row["claim_id"] for row in seed("claims") if row["world"] == "real"},
        "mart": {path.stem for path in (PROJECT / "models" / "marts").glob("*.yml")},
    }


def wrong(link: dict[str, str]) -> str:
    """Why a link leads nowhere; empty where it leads somewhere."""
    kind, mart, name = link["target_kind"], link["mart"], link["target_id"]
    if kind not in known():
        return f"no kind {kind!r}"
    if mart not in known()["mart"]:
        return f"no table {mart!r}"
    if kind != "mart":
        home = {"reading": "indicator_readings", "claim": "claims_audit"}[kind]
        return "" if name in known()[kind] and mart == home else f"no {kind} {name!r} in {mart}"
    return "" if not name or name in IDS.get(mart, set()) else f"no row {name!r} in {mart}"


def test_every_line_is_told_once() -> None:
    assert [int(row["line_no"]) for row in seed("article")] == list(range(1, LINES + 1))
    assert {row["kind"] for row in seed("article")} == KINDS


@pytest.mark.parametrize("row", [r for r in seed("article") if r["kind"] != "blank"], ids=lambda r: r["line_no"])
def test_a_line_is_in_few_words_of_ours_and_rests_on_something(row: dict[str, str]) -> None:
    words = row["paraphrase"].split()
    links = [link for link in seed("article_targets") if link["line_no"] == row["line_no"]]
    assert 1 <= len(words) <= 12
    assert [int(link["link_no"]) for link in links] == list(range(1, len(links) + 1))
    assert bool(links) == (row["kind"] not in SILENT), f"line {row['line_no']} states something and rests on nothing"
    assert [why for link in links if (why := wrong(link))] == []


def test_no_link_hangs_on_a_blank_line() -> None:
    told = {row["line_no"] for row in seed("article") if row["kind"] not in SILENT}
    assert {link["line_no"] for link in seed("article_targets")} == told


def test_every_claim_of_the_real_press_stands_on_a_line() -> None:
    assert {link["target_id"] for link in seed("article_targets") if link["target_kind"] == "claim"} == known()["claim"]


def test_lines_that_name_ids_name_all_of_them() -> None:
    for mart, ids in IDS.items():
        assert {link["target_id"] for link in seed("article_targets") if link["mart"] == mart} - {""} == ids


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ({"target_kind": "reading", "mart": "indicator_readings", "target_id": "XX01"}, "no reading"),
        ({"target_kind": "claim", "mart": "claims_audit", "target_id": "S01"}, "no claim"),
        ({"target_kind": "mart", "mart": "gossip", "target_id": ""}, "no table"),
        ({"target_kind": "mart", "mart": "scenarios", "target_id": "SC-X9"}, "no row"),
        ({"target_kind": "rumour", "mart": "scenarios", "target_id": ""}, "no kind"),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(link: dict[str, str], why: str) -> None:
    assert wrong(link).startswith(why)
