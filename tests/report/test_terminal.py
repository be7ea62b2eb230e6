"""The terminal: at 80, 100 and 140 columns no line is longer than the width, and no figure, date or name is broken."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tiny_generation import SESSIONS, generation

from orchestration import answer, show, show_answer
from orchestration.health import InputStatus, Status
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.report import wording
from warehouse.report.answer import Answer, answer_of

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
DATE = re.compile(r"\b\d{1,2} (?:[A-Z][a-z]+) \d{4}\b")
RATES = tuple(f"status_{name}" for name in ("y2", "y10", "s2s10", "tips10", "breakeven", "acm", "target", "path"))
WIDTHS = pytest.mark.parametrize("width", [80, 100, 140])


def crowded() -> duckdb.DuckDBPyConnection:
    """The tiny generation with every scored reading of the vocabulary at work, all of one driver, and long names."""
    con = generation()
    con.execute("UPDATE marts.dim_instrument SET name = 'Dow Jones Industrial Average'")
    with (SEEDS / "indicators.csv").open(newline="") as file:
        scored = [row for row in csv.DictReader(file) if float(row["weight"]) > 0]
    con.execute("DELETE FROM marts.driver_evidence; DELETE FROM marts.dim_indicator")
    for i, row in enumerate(scored):
        con.execute(
            "INSERT INTO marts.dim_indicator (reading_id, name, short_name, unit, unit_words, driver_id) VALUES (?, ?, ?, ?, ?, 'policy')",
            [row["reading_id"], row["name"], row["short_name"], row["unit"], row["unit_words"] or None],
        )
        con.execute(
            "INSERT INTO marts.driver_evidence (driver_id, reading_id, entity_id, session_date, value, direction, weight, status,"
            " is_reconstructed) VALUES ('policy', ?, 'US', ?, ?, ?, 1, ?, ?)",
            [
                row["reading_id"],
                SESSIONS[-1],
                None if i == 2 else -123456.789,
                "bearish",
                "NOT_PUBLISHED" if i == 2 else "OK",
                i == 3,
            ],
        )
    return con


def plain(found: Answer, width: int) -> list[str]:
    return [line.plain for line in show_answer.lines(found, width)]


@WIDTHS
def test_no_line_is_longer_than_the_terminal_and_nothing_is_lost(width: int) -> None:
    found = answer_of(crowded())
    lines = plain(found, width)
    assert max(map(len, lines)) <= width
    spaced = " ".join(" ".join(lines).split())
    briefed = {figure.line for figure in found.figures if figure.brief and figure.value is not None}
    for figure in found.figures:
        said = figure.brief if figure.line in briefed else figure.note
        assert [line for line in lines if said in line], figure
        assert [line for line in lines if wording.with_unit(figure.value, figure.unit) in line or figure.brief in line]
    for reading in found.drivers[0].readings:
        said = reading.measure if reading.value is not None else reading.said
        assert f"{reading.label} {said}" + f" ({reading.rule})" * bool(reading.rule) in spaced, reading
    assert [day for line in lines for day in DATE.findall(line)] == DATE.findall(spaced)
    assert "Dow Jones Industrial Average closed at" in "\n".join(lines)


@WIDTHS
def test_a_figure_is_one_line_with_its_unit(width: int) -> None:
    lines = plain(answer_of(generation()), width)
    (above,) = [line for line in lines if "50-day" in line]
    assert above[:50] == f"  {'Members above their 50-day average':<36}{'69.67%':>12}"
    assert [line[38:50].strip() for line in lines if "Advancers / decliners" in line] == ["13 / 7"]
    assert not [line for line in lines if line.strip().startswith("Decliners")]
    assert any(line.startswith("BREADTH  20 members, 100.0% covered") for line in lines)
    assert ("breadth_daily.pct_above_sma50" in above) == (width == 140)


def test_the_order_is_headline_verdict_drivers_figures_missing() -> None:
    lines = plain(answer_of(generation()), 80)
    places = [
        next(i for i, line in enumerate(lines) if line.startswith(start))
        for start in (
            "Tiny Index closed",
            "Drivers ",
            "Confirmations ",
            "DRIVERS",
            "MARKET",
            "MISSING",
        )
    ]
    assert places == sorted(places) and places[2] - places[1] == 1


def test_drivers_say_what_decides_what_is_not_scored_and_what_does_not_count() -> None:
    lines = plain(answer_of(crowded()), 140)
    (head,) = [line for line in lines if line.startswith("DRIVERS")]
    assert "○ from today's figures, not counted" in head
    assert f"  ▼ {wording.MINUS}0.50  Monetary policy" in lines
    assert "  –        Not scored       macro data" in lines
    assert not [line for line in lines if line.startswith("  Macro data:")]
    with (SEEDS / "indicators.csv").open(newline="") as file:
        missing = [row["name"] for row in csv.DictReader(file) if float(row["weight"]) > 0][2]
    assert f"  {missing}: not published by then" in lines


def test_notes_fit_beside_a_figure() -> None:
    """A reason or a note of 28 letters ends at column 80."""
    statuses = [*wording._REASONS, "OK"]
    assert all(len(wording.reason(status)) <= wording.NOTE for status in statuses)
    con = generation()
    for status in statuses:
        for table, columns in (
            ("breadth_daily", ("status_counts", "status_sma", "status_52w")),
            ("volatility_sentiment_daily", ("status", "status_term_3m", "status_percentile", "status_vol_risk_premium")),
            ("cross_asset_correlation", ("status",)), ("market_daily", ("status_return",)),
            ("rates_daily", RATES), ("rate_expectations", ("status_probability",)), ("indicator_readings", ("status",)),
            ("events", ("status", "status_surprise", "status_surprise_z")),
        ):  # fmt: skip
            con.execute(f"UPDATE marts.{table} SET {', '.join(f'{c} = ?' for c in columns)}", [status] * len(columns))
        con.execute("UPDATE marts.rates_daily SET is_acm_reconstructed = true, carried_from = '2025-12-30'")
        found = answer_of(con)
        assert not [f.note for f in found.figures if len(f.note) > wording.NOTE]
        assert max(map(len, plain(found, 80))) <= 80


def test_every_release_fits_beside_a_large_figure() -> None:
    con = generation()
    con.execute("DELETE FROM marts.events WHERE measure_id <> 'retail_mom'")
    with (SEEDS / "release_measures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            large = -1234567 if row["unit"] == "count" else -12.34
            con.execute("UPDATE marts.events SET title = ?, unit = ?, actual = ?", [row["name"], row["unit"], large])
            lines = plain(answer_of(con), 80)
            value = wording.with_unit(large, row["unit"])
            assert [line for line in lines if line[:50].endswith(f" {value}") and line[50:52] == "  "], row["name"]


def test_every_scored_reading_and_every_driver_has_a_short_name() -> None:
    with (SEEDS / "indicators.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            is_scored = float(row["weight"]) > 0
            assert bool(row["short_name"]) == is_scored, (
                f"{row['reading_id']}: short_name is for scored readings, and for all of them"
            )
            assert len(row["short_name"]) <= 16, f"{row['reading_id']}: {row['short_name']!r} has more than 16 letters"
    with (SEEDS / "drivers.csv").open(newline="") as file:
        assert all(0 < len(row["short_name"]) <= 18 for row in csv.DictReader(file))


@pytest.mark.parametrize(
    ("older", "named"),
    [
        ("ALTER TABLE marts.dim_driver DROP short_name", "short_name"),
        ("DROP TABLE marts.rates_daily", "rates_daily"),
        ("DROP TABLE marts.rate_expectations", "rate_expectations"),
        ("DROP TABLE marts.events", "events"),
        ("ALTER TABLE marts.events DROP surprise_z", "surprise_z"),
    ],
)
def test_a_generation_of_another_version_of_the_code_says_what_to_do(tmp_path: Path, older: str, named: str) -> None:
    con = generation()
    con.execute(older)
    con.execute(f"ATTACH '{tmp_path / 'updraft.duckdb'}' AS file; COPY FROM DATABASE memory TO file; DETACH file")
    with pytest.raises(HomeError, match=rf"another version of the code .*{named}.* Run: updraft run"):
        answer.read(Home(tmp_path))


def test_status_fits_80_columns_and_says_what_is_required() -> None:
    rows = (
        InputStatus("defillama_stablecoins12", "optional", "2026-01-15", "2026-01-15", "0", "ok", "2026-01-16"),
        InputStatus("yahoo_bars", "required", "2026-01-12", "2026-01-15", "3", "not_held", "2026-01-16"),
        InputStatus("sp500_spells", "optional", str(date(2024, 12, 9)), "–", "275", "stale", "–"),
        InputStatus("fred_api_vintages", "optional", "–", "–", "–", "no_key", "–"),
    )
    lines = [line.plain for line in show.status_lines(Status(0, "fresh", rows))]
    assert max(map(len, lines)) <= 80
    assert lines[3].split() == ["yahoo_bars", "2026-01-12", "2026-01-15", "3", "not", "held", "*", "2026-01-16"]
    assert len({line.rindex("attempt") if "attempt" in line else line.rindex("2026-01-16") for line in lines[1:4]}) == 1
    assert lines[5].split()[-3:] == ["no", "key", "–"] and lines[-1].startswith("no key: asked once you set its key")
    assert "no key" not in show.status_lines(Status(0, "fresh", rows[:3]))[-1].plain
    sec = InputStatus("sec_companyconcept", "optional", "–", "–", "–", "no_contact", "2026-01-16")
    lines = [line.plain for line in show.status_lines(Status(0, "fresh", (*rows[:3], sec)))]
    assert max(map(len, lines)) <= 80 and lines[5].index("2026-01-16") == lines[2].rindex("2026-01-16")
    assert lines[-1] == "no contact: asked in the full tier once UPDRAFT_CONTACT is your mail address."


def test_what_is_not_asked_for_want_of_a_key_is_not_missing() -> None:
    con = generation()
    con.execute(
        "INSERT INTO marts.source_health BY NAME SELECT * REPLACE ('fred_api_vintages' AS dataset, 'no_key' AS state)"
        " FROM marts.source_health"
    )
    found = answer_of(con)
    assert found.no_key == ("fred_api_vintages",) and "fred_api_vintages" not in {gap.what for gap in found.missing}
    assert plain(found, 80)[-1] == "Not asked, no key is set: fred_api_vintages"
    assert not [line for line in plain(answer_of(generation()), 80) if "no key" in line]


def test_what_is_not_asked_for_want_of_a_contact_is_missing_and_says_what_to_set() -> None:
    con = generation()
    con.execute(
        "INSERT INTO marts.source_health BY NAME SELECT * REPLACE ('sec_submissions' AS dataset, 'no_contact' AS state)"
        " FROM marts.source_health"
    )
    found = answer_of(con)
    assert found.no_key == ()
    said = {gap.what: gap.why for gap in found.missing}["sec_submissions"]
    assert said == "not asked: the SEC wants a contact (set UPDRAFT_CONTACT, full tier)"
