"""Who carried the index and the earnings season, on the page and in the answer."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from test_page import page, section
from test_policy import lines_of, marks, plot, table
from tiny_generation import generation

from warehouse.report.answer import answer_of


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = generation()
    yield made
    made.close()


def test_the_answer_says_who_carried_it_and_that_it_is_arithmetic(con: duckdb.DuckDBPyConnection) -> None:
    assert lines_of(con, "WHO CARRIED IT  points of the index since the low; arithmetic, not cause") == [
        "Company A 3.00 pp weighed 5.0% then",
        "Company B 2.60 pp joined since",
        "Company C 2.20 pp weighed 5.0% then",
        "Ten largest: part of the move 75.0% with 45% of the weight",
        "Left unexplained 0.08 pp of 8.08 pp",
    ]
    assert lines_of(con, "EARNINGS  reports for Q1 2025") == [
        "Companies that reported 9 of 20 members",
        "Beat the forecast 80.00% missed 15%",
        "Earnings against a year before 8.25% median company 3.5%",
        "Quarters of growth in a row 3 the running one counted",
        "Weight that reports in 5 sessions 6.25% EA12_next5",
    ]


def test_valuation_stands_beside_the_parts_of_the_return(con: duckdb.DuckDBPyConnection) -> None:
    assert lines_of(con, "VALUATION") == [
        "Price / earnings, last 4 quarters 24.65 91% covered",
        "Price / earnings, next 4 quarters 22.31 as analysts expect",
        "Earnings-yield gap 2.22% less 10-year real yield",
        "Implied premium (Damodaran) 3.51% of the month",
        "Return since the low 0.60 pp / 8.50 pp / \N{MINUS SIGN}1.04 pp earnings/real yield/gap",
    ]


def test_the_table_sums_ten_the_rest_and_the_residual(con: duckdb.DuckDBPyConnection) -> None:
    lines = table(con, "carried")
    assert len(lines) == 13
    assert lines[0] == ["Company A A", "+3.00", "5.0%"] and lines[1][2] == "\N{EN DASH}"
    shown = [float(line[1].replace("\N{MINUS SIGN}", "-")) for line in lines]
    assert lines[10][0] == "The other 2" and lines[11][0] == "Left unexplained" and lines[12][0] == "Tiny Index"
    told = con.execute(
        "SELECT sum(contribution_pp) FROM marts.contributions WHERE window_id = 'since_trough'"
    ).fetchone()
    assert told and abs(sum(shown[:11]) - told[0]) < 0.02
    assert "The ten largest made 75% of it, with 45% of the weight when it began." in section(page(con), "carried")
    assert "Weights: shares as reported." in section(page(con), "carried")


def test_without_a_rally_the_last_twenty_sessions_are_told(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE marts.contribution_windows SET status = 'UNDEFINED', index_return_pp = NULL WHERE window_id = 'since_trough'"
    )
    assert (
        lines_of(con, "WHO CARRIED IT  points of the index in 20 sessions")[0] == "Company A 0.75 pp weighed 5.0% then"
    )
    assert lines_of(con, "WHO CARRIED IT")[3].endswith("not defined for these inputs")


def test_missing_weights_say_why(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE marts.contribution_windows SET status = 'STALE_INPUT'")
    assert "weights of the members are missing: the newest input is too old" in section(page(con), "carried")
    assert lines_of(con, "WHO CARRIED IT") == ["Contributions of stocks \N{EN DASH} the newest input is too old"]


def test_a_sector_stands_where_it_stands(con: duckdb.DuckDBPyConnection) -> None:
    assert marks(plot(con, "sector-map"), "badge") == 1
    told = section(page(con), "carried")
    assert "Energy: weakening; 5.6%, \N{MINUS SIGN}0.6 pp against the index" in told
    con.execute("UPDATE marts.sector_leadership_daily SET status_rotation = 'WARMUP'")
    assert "not enough history yet" in section(page(con), "carried")


def test_badges_of_the_map_do_not_move_away_from_each_other(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("INSERT INTO marts.dim_sector (sector_id, name, sort_order) VALUES ('utilities', 'Utilities', 9)")
    con.execute(
        "INSERT INTO marts.sector_leadership_daily BY NAME SELECT * REPLACE ('utilities' AS sector_id, 2 AS rank_20d)"
        " FROM marts.sector_leadership_daily"
    )
    circles = [e for e in plot(con, "sector-map").iter("circle") if e.get("class") == "badge"]
    assert len(circles) == 2 and len({(e.get("cx"), e.get("cy")) for e in circles}) == 1


def test_the_season_in_sentences(con: duckdb.DuckDBPyConnection) -> None:
    told = section(page(con), "earnings")
    assert "For Q1 2025, 9 of 20 companies (45%) have reported. 80% beat the forecast, 5% met it, 15% missed." in told
    assert "+8.2% against a year before, the 3rd quarter of growth in a row" in told
    assert "Revisions: no forecasts are held." in told
    con.execute("UPDATE marts.earnings_season SET status_growth = 'LOW_COVERAGE', blended_growth = NULL, streak = NULL")
    assert "Growth is not told: too few inputs have a value." in section(page(con), "earnings")
    con.execute("DELETE FROM marts.earnings_season")
    assert "no calendar of reports is held" in section(page(con), "earnings")


def test_the_heaviest_reports_ahead_by_day(con: duckdb.DuckDBPyConnection) -> None:
    lines = table(con, "ahead")
    assert lines == [
        ["Company B B", "7 May 2025 hour not told", "1.25", "1.0%"],
        ["Company A A", "8 May 2025 after the close", "1.25", "5.0%"],
    ]


def test_every_cell_of_the_answer_is_one_of_a_mart(con: duckdb.DuckDBPyConnection) -> None:
    for figure in answer_of(con).figures:
        if figure.group in ("Who carried it", "Earnings") and isinstance(figure.value, float):
            mart, column = figure.where.split(".")
            held = {row[0] for row in con.execute(f"SELECT {column} FROM marts.{mart}").fetchall()}
            assert figure.value in held, figure
