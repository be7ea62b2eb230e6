"""The project on a market small enough to read: it builds, its unit tests hold, later news changes no earlier row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import tiny_market
import yaml

from ingestion import calendar
from orchestration.manifest import read_manifest

MARTS = {"market_daily": "* EXCLUDE (close_adj_final)", "breadth_daily": "*", "rally_daily": "*"}


def rows(build: Path, until: str = tiny_market.EARLIER) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(build), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return {
            mart: con.execute(
                f"SELECT {what} FROM marts.{mart} WHERE session_date <= ? ORDER BY ALL", [until]
            ).fetchall()
            for mart, what in MARTS.items()
        }


def one(build: Path, sql: str) -> tuple[Any, ...]:
    with duckdb.connect(str(build), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        found = con.execute(sql).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_every_unit_test_was_run_and_holds(built: dict[str, Any]) -> None:
    """The build as of the last day is that of the whole project, unit tests included: each that is written was run."""
    pages = [
        yaml.safe_load(path.read_text()) or {}
        for path in (Path(__file__).resolve().parents[2] / "dbt_project" / "models").rglob("*.yml")
    ]
    written = {test["name"] for page in pages for test in page.get("unit_tests", [])}
    assert len(written) > 90
    assert {name: built["statuses"].get(name) for name in written} == dict.fromkeys(written, "pass")


def test_every_data_test_was_run_and_holds(built: dict[str, Any]) -> None:
    """Keys of staging and intermediate models, and the contract of readings. Marts have none: the gate judges them."""
    of_models = {n["name"]: n for n in read_manifest()["nodes"].values() if n["resource_type"] == "test"}
    assert len(of_models) > 60
    assert {name: built["statuses"].get(name) for name in of_models} == dict.fromkeys(of_models, "pass")
    assert not [name for name, node in of_models.items() if "marts" in node["fqn"]]


def test_nothing_at_all_still_builds(built: dict[str, Any]) -> None:
    """Core tier before its first answer: tables exist and are empty; breadth says NOT_AVAILABLE rather than nothing."""
    assert one(
        built["nothing"], "SELECT DISTINCT status_counts, status_sma, status_52w, members FROM marts.breadth_daily"
    ) == (*("NOT_AVAILABLE",) * 3, None)
    every_session = one(
        built["nothing"], "SELECT count(*) FROM intermediate.int_calendar WHERE session_date >= DATE '2015-01-02'"
    )
    said = one(built["nothing"], "SELECT count(*) FROM marts.breadth_daily WHERE universe_id = 'SAMPLE_PIT'")
    assert said == every_session and said[0] > 252


def test_later_news_changes_no_earlier_row(built: dict[str, Any]) -> None:
    then, now = rows(built["then"]), rows(built["now"])
    for mart in MARTS:
        assert len(then[mart]) > 200, f"{mart} has nothing to compare"
        assert then[mart] == now[mart], f"{mart} changed before {tiny_market.EARLIER}"


def test_the_comparison_is_not_vacuous(built: dict[str, Any]) -> None:
    """The same revisions, had they been known from the start, do change the compared rows of both marts they touch."""
    now, early = rows(built["now"]), rows(built["always_known"])
    assert now["market_daily"] != early["market_daily"]
    assert now["breadth_daily"] != early["breadth_daily"]


def test_no_row_lies_after_as_of(built: dict[str, Any]) -> None:
    for mart in MARTS:
        last, known = one(built["then"], f"SELECT max(session_date), max(known_at) FROM marts.{mart}")
        assert str(last) == tiny_market.EARLIER and known <= calendar.snapshot_at(last)


def test_a_split_is_not_a_fall(built: dict[str, Any]) -> None:
    """A halves on 2025-02-10 by a 2:1 split: its move is that of the unsplit path, its past rows keep their level."""
    sql = (
        "SELECT close, close_split, abs(return_1d) < 20 FROM marts.market_daily"
        " WHERE instrument_id = 'EQ:A' AND session_date = '{}'"
    )
    before, after = one(built["now"], sql.format("2025-02-07")), one(built["now"], sql.format("2025-02-10"))
    assert before[0] == before[1] and after[1] == pytest.approx(2 * after[0]) and after[2]


def test_an_end_learnt_late_ends_membership_when_it_was_learnt(built: dict[str, Any]) -> None:
    sql = "SELECT valid_to FROM intermediate.int_membership WHERE universe_id = 'SAMPLE_PIT' AND instrument_id = 'EQ:D'"
    assert one(built["then"], sql) == (None,)
    assert one(built["now"], sql) == (
        calendar.last_snapshot(tiny_market.SEEN_LATER).astimezone(calendar.NEW_YORK).date(),
    )


def test_counts_add_up_and_zero_volume_is_never_unchanged(built: dict[str, Any]) -> None:
    wrong = (
        "SELECT count(*) FROM marts.breadth_daily"
        " WHERE status_counts = 'OK' AND advancers + decliners + unchanged + untraded <> members"
    )
    assert one(built["now"], wrong) == (0,)
    moves = "SELECT count(*), count(*) FILTER (move = 'untraded') FROM marts.market_daily WHERE volume = 0"
    assert one(built["now"], moves) == (1, 1)
