"""The examples of SQL give what they promise on the sample, and the trap each names is a real one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import answer, show
from warehouse.database import reader
from warehouse.home import REPO, Home

EXAMPLES = sorted((REPO / "warehouse" / "examples").glob("*.sql"))
HEADLINE = "index_id = 'IX:SMP' AND is_default"


@pytest.fixture(scope="module")
def con(published: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = reader(published.door)
    yield opened
    opened.close()


def example(con: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    (path,) = [path for path in EXAMPLES if path.stem[3:] == name]
    return rows(con, path.read_text())


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return con.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_asks_names_its_trap_and_stands_in_the_readme(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("-- ") and lines[0].endswith("?")
    assert any(line.startswith("-- Trap: ") for line in lines)
    assert path.name in (REPO / "README.md").read_text()


def test_they_are_numbered() -> None:
    assert [int(path.name[:2]) for path in EXAMPLES] == list(range(1, 24))


def test_highs_with_weak_breadth(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "highs_with_weak_breadth")
    highs = {
        day
        for (day,) in con.execute(
            f"SELECT session_date FROM marts.rally_daily WHERE {HEADLINE} AND drawdown = 0"
        ).fetchall()
    }
    weak = dict(con.execute(
        "SELECT session_date, pct_above_sma50 FROM marts.breadth_daily WHERE segment_id = 'SAMPLE_PIT' AND pct_above_sma50 < 60"
    ).fetchall())  # fmt: skip
    assert {row["session_date"] for row in found} == highs & weak.keys() and 0 < len(found) < len(highs) / 10
    assert all(row["pct_above_sma50"] == weak[row["session_date"]] for row in found)
    unsaid = "SELECT count(*) FROM marts.breadth_daily WHERE segment_id = 'SAMPLE_PIT' AND status_sma <> 'OK'"
    assert one(con, unsaid) > 0, "without days that say nothing there is no trap"


def test_breadth_at_each_confirmation(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "breadth_at_each_confirmation")
    assert len(found) == one(con, f"SELECT count(*) FROM marts.rally_episodes WHERE {HEADLINE}") > 10
    assert all(row["up_confirmed_date"] > row["trough_date"] for row in found)
    at_low = dict(
        con.execute(
            "SELECT session_date, pct_above_sma50 FROM marts.breadth_daily WHERE segment_id = 'SAMPLE_PIT'"
        ).fetchall()
    )
    known = [row for row in found if row["status_sma"] == "OK" and at_low[row["trough_date"]] is not None]
    assert len(known) >= len(found) - 2 and all(row["pct_above_sma50"] > at_low[row["trough_date"]] for row in known)


def test_vintages_of_a_month(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "vintages_of_a_month")
    assert [row["vintage_no"] for row in found] == [1, 2, 3]
    assert sum(row["revised_by"] or 0 for row in found) == found[-1]["value"] - found[0]["value"] != 0
    for row in found:
        told = one(con, "SELECT value FROM marts.macro_as_known WHERE series_id = 'PAYEMS' AND obs_period = DATE '2025-06-01'"
                   f" AND session_date = DATE '{found[0]['known_from']}'")  # fmt: skip
        assert told == found[0]["value"]
        assert row["known_from"] >= found[0]["known_from"]
    final = one(
        con,
        "SELECT DISTINCT value_final FROM marts.macro_as_known WHERE series_id = 'PAYEMS' AND obs_period = DATE '2025-06-01'",
    )
    assert final == found[-1]["value"] != found[0]["value"]


def test_correlation_by_year(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "correlation_by_year")
    assert [row["year"] for row in found] == list(range(2015, 2027))
    assert all(row["ci_low"] < row["correlation"] < row["ci_high"] and 240 <= row["n_obs"] <= 252 for row in found)
    several = one(con, "SELECT max(n) FROM (SELECT count(*) AS n FROM marts.cross_asset_correlation WHERE asset_x = 'SMP'"
                  " AND asset_y = 'BTC' AND window_sessions = 252 GROUP BY session_date)")  # fmt: skip
    assert several > 1, "without several rows a day there is no trap"


def test_sectors_since_the_low(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "sectors_since_the_low")
    assert len(found) == 11 and {row["trough_date"] for row in found} == {date(2025, 11, 11)}
    told = {row["sector"]: row["total_return_pct"] for row in found}
    compounded = dict(con.execute(
        "SELECT s.name, 100 * (exp(sum(ln(1 + m.return_1d / 100))) - 1) FROM marts.market_daily m JOIN marts.dim_instrument i"
        " USING (instrument_id) JOIN marts.dim_sector s USING (sector_id) WHERE i.role = 'sector_etf'"
        " AND m.session_date > DATE '2025-11-11' GROUP BY 1"
    ).fetchall())  # fmt: skip
    assert told == pytest.approx(compounded, abs=0.01)
    traded = dict(con.execute(
        "SELECT s.name, 100 * (arg_max(m.close, session_date) / arg_min(m.close, session_date) - 1) FROM marts.market_daily m"
        " JOIN marts.dim_instrument i USING (instrument_id) JOIN marts.dim_sector s USING (sector_id) WHERE i.role = 'sector_etf'"
        " AND m.session_date >= DATE '2025-11-11' GROUP BY 1"
    ).fetchall())  # fmt: skip
    assert max(told[sector] - traded[sector] for sector in told) > 0.2, "without dividends there is no trap"


def test_fate_of_past_rallies(con: duckdb.DuckDBPyConnection) -> None:
    found = {row["end_kind"]: row for row in example(con, "fate_of_past_rallies")}
    ended = f"SELECT count(*) FROM marts.rally_episodes WHERE {HEADLINE} AND status = 'ended'"
    assert sum(row["rallies"] for row in found.values()) == one(con, ended)
    assert found["completed"]["won_back"] == found["completed"]["rallies"] > 0 == found["failed"]["won_back"]
    assert one(con, f"SELECT count(*) FROM marts.rally_episodes WHERE {HEADLINE} AND is_right_censored") == 1


def test_vix_at_trough_and_confirmation(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "vix_at_trough_and_confirmation")
    assert len(found) == one(con, f"SELECT count(*) FROM marts.rally_episodes WHERE {HEADLINE}")
    calmer = sum(row["vix_at_confirmation"] < row["vix_at_low"] for row in found)
    assert calmer > 0.9 * len(found), "fear is highest near a low"


def test_cpi_known_in_the_shutdown(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "cpi_known_in_the_shutdown")
    assert [(row["obs_period"].month, row["status"]) for row in found] == [
        (8, "OK"), (9, "OK"), (9, "STALE_INPUT"), (11, "OK"), (12, "OK")
    ]  # fmt: skip
    assert [row["value"] is None for row in found] == [False, False, True, False, False]
    assert found[1]["from_session"] == date(2025, 10, 24) and found[3]["from_session"] == date(2025, 12, 18)
    assert all(later["from_session"] > earlier["to_session"] for earlier, later in pairwise(found))


def test_index_after_each_rate_cut(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "index_after_each_rate_cut")
    with (REPO / "dbt_project" / "seeds" / "policy_meetings.csv").open(newline="") as file:
        held = [row for row in csv.DictReader(file) if row["world"] == "sample" and row["target_upper_after"]]
    steps = [
        (
            date.fromisoformat(row["meeting_date"]),
            round(100 * (float(row["target_upper_after"]) - float(before["target_upper_after"]))),
        )
        for before, row in pairwise(held)
    ]
    cuts = [(day, step) for day, step in steps if step < 0 and day > date(2014, 1, 2)]
    assert [row["change_bp"] for row in found] == [step for _, step in cuts]
    assert all(
        row["known_on"] >= day and (row["known_on"] - day).days <= 5 for row, (day, _) in zip(found, cuts, strict=True)
    )
    closes = [row[0] for row in con.execute(
        "SELECT close FROM marts.market_daily WHERE instrument_id = 'IX:SMP' AND session_date >= ? ORDER BY session_date",
        [found[0]["known_on"]],
    ).fetchall()]  # fmt: skip
    assert found[0]["return_20_sessions_pct"] == pytest.approx(100 * (closes[20] / closes[0] - 1), abs=0.01)


def test_drivers_at_each_confirmation(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "drivers_at_each_confirmation")
    assert all(row["scored"] + row["silent"] == 10 and row["up"] + row["down"] <= row["scored"] for row in found)
    assert all(len((row["pointed_up"] or "").split(", ")) == max(row["up"], 1) for row in found)
    assert min(row["silent"] for row in found) > 0, "without silent drivers there is no trap"


def test_money_since_the_low(con: duckdb.DuckDBPyConnection) -> None:
    found = {row["fund_category"]: row for row in example(con, "money_since_the_low")}
    total = one(con, "SELECT sum(net_flow_usd) / 1e6 FROM marts.flows_daily WHERE fund_category = 'equity_us' AND NOT is_heartbeat"
                " AND session_date > DATE '2025-11-11' AND status = 'OK'")  # fmt: skip
    assert found["equity_us"]["net_flow_usd_million"] == pytest.approx(total, abs=1)
    assert found["equity_sector"]["funds"] == 11
    both = sum(found[kind]["net_flow_usd_million"] for kind in ("equity_us", "equity_sector"))
    assert both > 1.05 * total, "without flows of sector funds there is no trap"


def test_members_far_from_their_highs(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "members_far_from_their_highs")
    members = {row[0] for row in con.execute(
        "SELECT i.symbol FROM marts.universe_membership u JOIN marts.dim_instrument i USING (instrument_id)"
        " WHERE universe_id = 'SAMPLE_PIT' AND valid_to IS NULL"
    ).fetchall()}  # fmt: skip
    assert {row["symbol"] for row in found} <= members and all(row["name"] != row["symbol"] for row in found)
    falls = [row["drawdown"] for row in found]
    assert falls == sorted(falls) and len(falls) == 10
    assert falls[0] == one(con, "SELECT min(drawdown) FROM marts.market_daily m JOIN marts.dim_instrument i USING (instrument_id)"
                           " WHERE i.asset_class = 'stock' AND session_date = (SELECT max(session_date) FROM marts.breadth_daily)")  # fmt: skip


def test_odds_of_the_next_meeting(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "odds_of_the_next_meeting")
    assert {(row["session_date"], row["meeting_date"]) for row in found} == {(date(2026, 1, 15), date(2026, 1, 21))}
    assert sum(row["probability"] for row in found) == pytest.approx(1, abs=1e-3)
    low = one(con, "SELECT target_low FROM marts.rates_daily ORDER BY session_date DESC LIMIT 1")
    hold = one(con, "SELECT p_hold FROM marts.rate_expectations WHERE is_default AND span = 'meeting'"
                    " AND session_date = DATE '2026-01-15' ORDER BY meeting_date LIMIT 1")  # fmt: skip
    assert {row["range_low"]: row["probability"] for row in found}[low] == pytest.approx(hold, abs=1e-4)
    every = one(con, "SELECT sum(probability) FROM marts.rate_distribution WHERE session_date = DATE '2026-01-15'"
                     " AND meeting_date = DATE '2026-01-21'")  # fmt: skip
    assert every > 1.5, "with one method only there is no trap"


def test_rates_of_the_last_month(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "rates_of_the_last_month")
    assert len(found) == 22 and found[0]["session_date"] == date(2026, 1, 15)
    assert all(row["yield_source"] == "treasury" for row in found)
    assert found[0]["y10_move_bp"] == pytest.approx(100 * (found[0]["y10"] - found[1]["y10"]), abs=0.05)
    holidays = rows(con, "SELECT session_date, carried_from FROM marts.rates_daily WHERE carried_from IS NOT NULL")
    assert {"session_date": date(2025, 11, 11), "carried_from": date(2025, 11, 10)} in holidays, "no trap"


def test_surprises_of_the_quarter(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "surprises_of_the_quarter")
    sizes = [abs(row["surprise_z"]) for row in found]
    assert len(found) == 12 and sizes == sorted(sizes, reverse=True)
    assert {row["surprise_kind"] for row in found} == {"prior", "nowcast"}, "with one kind only there is no trap"
    assert all((row["expected_source"] is None) == (row["surprise_kind"] == "prior") for row in found)


def test_who_carried_it(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "who_carried_it")
    assert len(found) == 10
    points = [row["points"] for row in found]
    assert points == sorted(points, reverse=True)
    whole, window = con.execute(
        "SELECT index_return_pp, window_id FROM marts.contribution_windows WHERE status = 'OK'"
        " ORDER BY session_date DESC, window_id DESC LIMIT 1"
    ).fetchall()[0]
    assert window == "since_trough" and {row["index_points"] for row in found} == {round(whole, 2)}
    assert all(abs(row["pct_of_move"] - 100 * row["points"] / whole) < 0.1 for row in found)


def test_season_by_sector(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "season_by_sector")
    assert len(found) == 11
    assert all((row["beat_pct"] is None) == (row["status_beats"] != "OK") for row in found)
    assert sum(row["reports_in_ten_days"] for row in found) > 0


def test_price_answers_reports(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "price_answers_reports")
    assert {row["outcome"] for row in found} == {"beat", "in_line", "miss"}
    told = con.execute(
        "SELECT count(*) FROM marts.earnings_calendar WHERE status_return = 'OK' AND outcome IS NOT NULL"
    )
    assert sum(row["reports"] for row in found) == told.fetchall()[0][0]
    assert "unknown" not in {row["timing"] for row in found}


def test_ten_indicators(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "ten_indicators")
    assert {row["n"] for row in found} == set(range(1, 11))
    assert all((row["value"] is None) == (row["status"] != "OK") for row in found)
    told = dict(
        con.execute(
            "SELECT reading_id, round(value, 3) FROM marts.indicator_readings WHERE session_date ="
            " (SELECT max(session_date) FROM marts.indicator_readings) AND entity_id <> 'none'"
        ).fetchall()
    )
    once = [row["reading_id"] for row in found]
    assert len(once) == len(set(once)), "a reading of several things must be chosen by its entity"
    assert all(row["value"] == told[row["reading_id"]] for row in found if row["reading_id"] != "FL05_week")
    several = one(con, "SELECT count(DISTINCT entity_id) FROM marts.indicator_readings WHERE reading_id = 'FL05_week'")
    assert several > 1, "no trap"


def test_panel_after_lows(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "panel_after_lows")
    episodes = one(
        con, f"SELECT count(*) FROM marts.rally_episodes WHERE {HEADLINE} AND up_confirmed_date >= DATE '2015-01-02'"
    )
    assert len(found) == episodes > 5
    assert all(row["up_confirmed_date"] > row["trough_date"] for row in found), "no trap"
    vix = dict(con.execute("SELECT session_date, round(vix, 1) FROM marts.volatility_sentiment_daily").fetchall())
    assert [row["vix"] for row in found] == [vix[row["up_confirmed_date"]] for row in found]


def test_failed_tests_by_distance(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "failed_tests_by_distance")
    told = [row for row in found if row["status"] == "OK"]
    assert told and len(told) < len(found), "without a test that is not told there is no trap"
    assert found[: len(told)] == told and all(row["distance"] is None for row in found[len(told) :])
    near = [abs(row["distance"]) / max(abs(row["threshold"]), 1) for row in told]
    assert near == sorted(near)


def test_causes_of_past_rallies(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "causes_of_past_rallies")
    assert len(found) > 5 and {row["named"] for row in found} > {"not identified"}
    layers = one(con, "SELECT count(DISTINCT layer) FROM marts.rally_attribution WHERE window_id = 'since_trough'")
    assert layers == 5, "with one layer there is no trap"


def test_rallies_at_this_age(con: duckdb.DuckDBPyConnection) -> None:
    found = example(con, "rallies_at_this_age")
    age = one(con, "SELECT age_sessions FROM marts.answer_daily ORDER BY session_date DESC LIMIT 1")
    running, *earlier = found
    assert running["is_sustained"] is None and len(earlier) > 10
    for row in earlier:
        close, low = (
            one(con, f"SELECT close FROM marts.market_daily WHERE instrument_id = 'IX:SMP' AND session_date = (SELECT session_date FROM"
                     f" marts.dim_calendar c JOIN marts.market_daily m ON m.session_date = c.date AND m.instrument_id = 'IX:SMP' WHERE"
                     f" c.date >= DATE '{row['trough_date']}' ORDER BY c.date LIMIT 1 OFFSET {n})")
            for n in (age, 0)
        )  # fmt: skip
        assert row["gain"] == pytest.approx(100 * (close / low - 1), abs=1e-6)


def test_the_answer_in_the_readme_is_the_samples(published: Home) -> None:
    """But for the name of the generation, which holds a hash of the code."""
    text = (REPO / "README.md").read_text()
    block = text[text.index(" SAMPLE DATA  invented") :]
    shown = block[: block.index("```")].rstrip().splitlines()
    said = [line.plain.rstrip() for line in show.conclusion_lines(answer.read(published), 80)]
    assert shown[:-1] == said[:-1] and shown[-1].split(" · ")[0] == said[-1].split(" · ")[0]
