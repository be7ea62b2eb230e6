"""Readings as figures of the day, and the tally of a driver."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from tiny_generation import SESSIONS, generation

from orchestration import show_answer
from warehouse.report.answer import answer_of
from warehouse.report.readings import SHOWN

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
LAST = SESSIONS[-1]


def told(con: duckdb.DuckDBPyConnection, reading_id: str, value: float | None, **more: object) -> None:
    row = {"unit": "pct", "status": "OK", "percentile_5y": None, "value_text": None} | more
    con.execute(
        "INSERT INTO marts.indicator_readings (reading_id, entity_id, session_date, value, unit, status, percentile_5y, value_text)"
        " VALUES (?, 'x', ?, ?, ?, ?, ?, ?)",
        [reading_id, LAST, value, row["unit"], row["status"], row["percentile_5y"], row["value_text"]],
    )


def test_the_list_names_readings_that_are_declared_in_words_that_fit() -> None:
    with (SEEDS / "indicators.csv").open(newline="") as file:
        declared = {row["reading_id"] for row in csv.DictReader(file)}
    shown = [one for members in SHOWN.values() for one in members]
    assert {one.reading_id for one in shown} <= declared
    assert len({one.reading_id for one in shown}) == len(shown)
    assert max(len(one.label) for one in shown) <= 36


@pytest.mark.parametrize(
    ("reading_id", "value", "more", "cell", "note"),
    [
        ("VS04", 140.0, {"unit": "index", "percentile_5y": 87.6}, 140.0, "percentile 88 of 5 years"),
        ("VS10", 1.0, {"unit": "flag", "percentile_5y": 99.0}, 1.0, ""),
        ("XA05_btc", 2.0, {"value_text": "MOD", "percentile_5y": 50.0}, "moderate", ""),
        ("TE06", 0.5, {"unit": "ratio"}, 0.5, ""),
        ("FL09_yoy", None, {"status": "STALE_INPUT"}, None, "the newest input is too old"),
    ],
)
def test_a_reading_has_its_percentile_or_its_reason(
    reading_id: str, value: float | None, more: dict[str, object], cell: object, note: str
) -> None:
    con = generation()
    told(con, reading_id, value, **more)
    label = next(one.label for members in SHOWN.values() for one in members if one.reading_id == reading_id)
    (figure,) = [figure for figure in answer_of(con).figures if figure.label == label]
    assert (figure.value, figure.note, figure.where) == (cell, note, "indicator_readings.value")


def test_a_reading_that_is_missing_and_one_that_does_not_count_are_told_apart() -> None:
    con = generation()
    con.execute(
        "INSERT INTO marts.dim_indicator (reading_id, name, short_name, unit, driver_id) VALUES"
        " ('A', 'First of two', 'a', 'pct', 'policy'), ('B', 'Second of two', 'b', 'pct', 'policy');"
        "INSERT INTO marts.driver_evidence (driver_id, reading_id, entity_id, session_date, value, direction, weight, status,"
        " is_reconstructed) SELECT 'policy', t.reading_id, 'US', session_date, v, NULL, 1, s, is_late FROM marts.driver_evidence e,"
        " (VALUES ('A', NULL, 'NOT_PUBLISHED', false), ('B', 1.5, 'OK', true)) AS t(reading_id, v, s, is_late)"
        " WHERE e.reading_id = 'MP07'"
    )
    found = answer_of(con)
    whole = [line.plain for line in show_answer.lines(found, 80)]
    at = next(i for i, line in enumerate(whole) if line.endswith("Monetary policy"))
    assert whole[at + 1 : at + 4] == [
        "    – First of two  not published by then",
        "    ○ Second of two  1.5%",
        "    ▼ Real yield change  48 bp  (up if ≤ 10, down if ≥ 30)",
    ]
