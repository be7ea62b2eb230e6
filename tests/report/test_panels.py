"""Volatility and sentiment, flows, positioning, crypto and the events of the world: drawn as held, or said why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import duckdb
import lxml.html
import pytest
from lxml.html import HtmlElement
from tiny_generation import RECEIPT, SESSIONS, generation

from warehouse.report.page import render_page
from warehouse.report.wording import MINUS, quantity

LAST = SESSIONS[-1]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = generation()
    yield made
    made.close()


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split()).replace(MINUS, "-")


def part(con: duckdb.DuckDBPyConnection, name: str) -> HtmlElement:
    root: HtmlElement = lxml.html.fromstring(render_page(con, RECEIPT))
    return root.get_element_by_id(name)


def picture(section: HtmlElement, caption: str) -> HtmlElement:
    (found,) = [f for f in section.findall(".//figure") if words(f.find("figcaption")).startswith(caption)]
    return found


def cells(section: HtmlElement, caption: str) -> dict[str, list[HtmlElement]]:
    (found,) = [t for t in section.findall(".//table") if words(t.find("caption")).startswith(caption)]
    return {words(row[0]): list(row[1:]) for row in found.findall("tbody/tr")}


def bars(figure: HtmlElement, class_: str) -> int:
    return sum(str(path.get("d")).count("M") for path in figure.iterfind(f".//path[@class='bars {class_}']"))


# --- volatility and sentiment


def year(con: duckdb.DuckDBPyConnection) -> None:
    """The last 40 sessions of the mart: the VIX whole, stocks' puts from the eleventh on, SKEW up to the last but one."""
    con.execute("DELETE FROM marts.volatility_sentiment_daily")
    for i, day in enumerate(SESSIONS[-40:]):
        late, last = i >= 10, i == 39
        con.execute(
            "INSERT INTO marts.volatility_sentiment_daily (session_date, vix, status, status_percentile, realised_vol_21, status_vol_risk_premium,"
            " term_slope_3m, status_term_3m, put_call_equity_percentile, status_put_call_equity_percentile,"
            " status_put_call_index_percentile, skew_percentile_252, status_skew_percentile, status_protection_demand,"
            " status_implied_correlation, status_realised_correlation, hot_names, status_hot_names)"
            " VALUES (?, ?, 'OK', 'WARMUP', 12, 'OK', ?, 'OK', ?, ?, 'NOT_AVAILABLE', ?, ?, 'WARMUP', 'LOW_COVERAGE', 'LOW_COVERAGE', ?, 'OK')",
            [day, 15 + i / 10, 0.1 - i / 100, 40.0 if late else None, "OK" if late else "WARMUP",
             None if last else 77.0, "STALE_INPUT" if last else "OK", i in (5, 6, 20)],
        )  # fmt: skip


def test_a_line_that_starts_late_or_ends_early_says_why(con: duckdb.DuckDBPyConnection) -> None:
    year(con)
    section = part(con, "sentiment")
    said = {words(f.find("figcaption")).split("volatility_")[0]: words(f) for f in section.findall(".//figure")}
    assert len(said) == 6
    start = SESSIONS[-30]
    assert (
        f"Of stocks: before {start.day} {start:%b} {start.year} not enough history yet; of indices: – no source"
        in (said["Puts against calls: percentile of a year, high is fear"])
    )
    assert "– the newest input is too old." in said["SKEW: percentile of a year"]
    assert said["Demand for protection, 0 to 100"].endswith("– not enough history yet")
    assert said["Correlation of the members"].endswith("– too few inputs have a value")
    assert "not enough" not in said["VIX and realised volatility"]


def test_the_last_value_is_written_and_none_where_it_is_missing(con: duckdb.DuckDBPyConnection) -> None:
    year(con)
    section = part(con, "sentiment")
    assert words(picture(section, "VIX").find(".//text[@class='end']")) == "18.9"
    assert words(picture(section, "Term").find(".//text[@class='end']")) == "-0.29"
    assert picture(section, "SKEW").find(".//text[@class='end']") is None
    assert "SKEW: from 77 to 77, last missing" in words(picture(section, "SKEW").find(".//desc"))


def test_stress_and_hot_names_are_shaded(con: duckdb.DuckDBPyConnection) -> None:
    year(con)
    section = part(con, "sentiment")
    assert len(picture(section, "VIX").findall(".//rect[@class='band hot']")) == 2
    assert "hot names, calm index" in words(picture(section, "VIX"))
    assert picture(section, "Term").find(".//rect[@class='cell fall']") is not None
    con.execute("UPDATE marts.volatility_sentiment_daily SET hot_names = false")
    assert "hot names" not in words(picture(part(con, "sentiment"), "VIX"))


def test_without_a_row_of_the_session_there_are_no_pictures(con: duckdb.DuckDBPyConnection) -> None:
    year(con)
    con.execute("DELETE FROM marts.volatility_sentiment_daily WHERE session_date = ?", [LAST])
    assert "– no row for this session" in words(part(con, "sentiment"))
    assert not part(con, "sentiment").findall(".//svg")


# --- flows


def test_flows_have_a_bar_a_week_for_each_vendor(con: duckdb.DuckDBPyConnection) -> None:
    section = part(con, "flows")
    captions = [words(f.find("figcaption")) for f in section.findall(".//figure")]
    assert [c.split(",")[0] for c in captions] == ["US equity", "Government bonds"]
    weeks = sum(day.weekday() == 4 for day in SESSIONS)
    equity = picture(section, "US equity")
    assert (bars(equity, "inmain"), bars(equity, "inpast")) == (weeks, weeks)
    assert "iShares: -0.50%, -0.5 z, inflow in 6 of 12 weeks" in words(equity)
    assert "Weeks without a bar" not in words(equity)


def test_a_week_without_a_flow_has_no_bar_and_is_named(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "DELETE FROM marts.flows_weekly WHERE source = 'ishares' AND week_end IN ('2025-03-14', '2025-03-21');"
        "UPDATE marts.flows_weekly SET net_flow_pct_aum = NULL, status = 'SUSPECT_INPUT'"
        " WHERE category = 'bond_gov' AND week_end = '2025-05-02'"
    )
    section = part(con, "flows")
    weeks = sum(day.weekday() == 4 for day in SESSIONS)
    equity, bond = picture(section, "US equity"), picture(section, "Government bonds")
    assert (bars(equity, "inmain"), bars(equity, "inpast")) == (weeks - 2, weeks)
    assert "Weeks without a bar. iShares 14 Mar 2025, 21 Mar 2025: not published by then." in words(equity)
    assert bars(bond, "inmain") == weeks - 1
    assert "State Street: – the newest input is in doubt" in words(bond)


def test_weeks_in_doubt_are_marked(con: duckdb.DuckDBPyConnection) -> None:
    (mark,) = picture(part(con, "flows"), "US equity").findall(".//circle[@class='dot suspect']")
    friday = SESSIONS[70] + timedelta(4 - SESSIONS[70].weekday())
    assert words(mark).startswith(
        f"State Street, week to {friday.day} {friday:%b} {friday.year}: share count of a fund in doubt"
    )
    assert "share count of a fund in doubt" in words(picture(part(con, "flows"), "US equity").find("ul"))
    con.execute("UPDATE marts.flows_daily SET is_suspect = false, is_heartbeat = true")
    section = part(con, "flows")
    assert not section.findall(".//circle[@class='dot suspect']")
    assert len(section.findall(".//circle[@class='dot undone']")) == 1


def test_a_category_that_ended_is_not_silently_gone(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO marts.flows_weekly (category, week_end, session_date, source, net_flow_pct_aum, status)"
        " VALUES ('gold', '2024-06-07', '2024-06-07', 'ssga', 1.5, 'OK')"
    )
    assert "the newest known is of the week to 7 Jun 2024" in words(picture(part(con, "flows"), "Gold"))
    con.execute("DELETE FROM marts.flows_weekly")
    assert "– no flow of a fund is known" in words(part(con, "flows"))


def test_kinds_of_fund_in_order_with_one_zero(con: duckdb.DuckDBPyConnection) -> None:
    found = cells(part(con, "flows"), "All long-term funds, mutual funds included: week to 30 Apr 2025")
    assert {name: words(row[0]) for name, row in found.items()} == {
        "Equity": "-6.9", "of it US": "-4.5", "Bonds": "+3.0", "All of them": "-3.9",
    }  # fmt: skip
    assert found["Bonds"][0].findall(".//rect")[1].get("x") == "50.0%"
    con.execute("UPDATE marts.indicator_readings SET value = NULL, status = 'STALE_INPUT' WHERE entity_id = 'bond'")
    assert words(cells(part(con, "flows"), "All long-term")["Bonds"][0]) == "– the newest input is too old"


def test_stocks_that_added_and_took_away_have_one_zero(con: duckdb.DuckDBPyConnection) -> None:
    found = cells(part(con, "carried"), "Who carried it")
    rise, fall = (next(row for name, row in found.items() if name.startswith(f"Company {c}")) for c in "AJ")
    assert (words(rise[0])[0], words(fall[0])[0]) == ("+", "-")
    assert rise[0].findall(".//rect")[1].get("x") == "50.0%"
    assert float(fall[0].findall(".//rect")[1].get("x").rstrip("%")) < 50


# --- positioning


def test_positioning_has_a_dot_its_value_and_the_day_it_was_known(con: duckdb.DuckDBPyConnection) -> None:
    found = cells(part(con, "flows"), "Positioning")
    debt = found["Margin debtpositioning FL09_debit"]
    assert [words(cell) for cell in debt] == ["56", "US$ 404.8 billion", "31 Mar 2025known 6 May 2025"]
    assert debt[0].find(".//circle").get("cx") == "56.3%"
    futures = found["FL11_assets_sp500positioning FL11_assets_sp500"]
    assert [words(cell) for cell in futures] == ["– the newest input is too old", "–", "15 Apr 2025known 6 May 2025"]
    assert futures[0].find(".//circle") is None


def test_a_value_without_a_percentile_keeps_its_value(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE marts.positioning SET percentile = NULL, status_percentile = 'WARMUP' WHERE status = 'OK'")
    row = cells(part(con, "flows"), "Positioning")["Margin debtpositioning FL09_debit"]
    assert [words(cell) for cell in row[:2]] == ["– not enough history yet", "US$ 404.8 billion"]


def test_large_sums_are_said_in_billions() -> None:
    assert quantity(-115_368_000_000.0, "usd") == f"US$ {MINUS}115.4 billion"
    assert quantity(999_000_000.0, "usd") == "US$ 999,000,000"


# --- crypto


def correlated(con: duckdb.DuckDBPyConnection) -> None:
    """30 sessions: regime HIGH in the first ten, then MOD; no correlation in the twentieth."""
    con.execute("DELETE FROM marts.cross_asset_correlation")
    for i, day in enumerate(SESSIONS[-30:]):
        gone = i == 19
        con.execute(
            "INSERT INTO marts.cross_asset_correlation (session_date, asset_x, asset_y, window_sessions, alignment, lag_sessions,"
            " correlation, ci_low, ci_high, n_obs, regime, is_default, status, status_regime)"
            " VALUES (?, 'SMP', 'BTC', 60, 'nyse_close', 0, ?, ?, ?, 60, ?, true, ?, 'OK')",
            [day, *((None, None, None) if gone else (0.3, 0.05, 0.5)), "HIGH" if i < 10 else "MOD",
             "LOW_COVERAGE" if gone else "OK"],
        )  # fmt: skip


def test_the_correlation_has_its_interval_with_a_gap_where_there_is_none(con: duckdb.DuckDBPyConnection) -> None:
    correlated(con)
    figure = picture(part(con, "crypto"), "Bitcoin")
    assert len(figure.findall(".//path[@class='area interval']")) == 2
    assert str(figure.find(".//path[@class='line main']").get("d")).count("M") == 2
    assert len(figure.findall(".//line[@class='across bound']")) == 3
    since = SESSIONS[-20]
    assert "0.30, interval 0.05 to 0.50; 0 lies outside it. Regime: moderate, since" in words(figure)
    assert f"since {since.day} {since:%b} {since.year};" in words(figure)
    assert "– no row for this session" in words(picture(part(con, "crypto"), "Ether"))


def test_an_interval_with_zero_and_prices_of_another_hour_are_said(con: duckdb.DuckDBPyConnection) -> None:
    said = words(picture(part(con, "crypto"), "Bitcoin"))
    assert "-0.25, interval -0.47 to 0.01; 0 lies within it; of UTC days, which close hours later. Regime: –" in said


def test_a_missing_correlation_says_why(con: duckdb.DuckDBPyConnection) -> None:
    correlated(con)
    con.execute(
        "UPDATE marts.cross_asset_correlation SET correlation = NULL, status = 'LOW_COVERAGE' WHERE session_date = ?",
        [LAST],
    )
    section = part(con, "crypto")
    assert "No value: too few inputs have a value." in words(picture(section, "Bitcoin"))
    row = cells(section, "Correlation with the index by window")["Bitcoin, 60 sessions"]
    assert [words(cell) for cell in row] == ["– too few inputs have a value", "–"]


def test_windows_have_their_intervals_drawn(con: duckdb.DuckDBPyConnection) -> None:
    row = cells(part(con, "crypto"), "Correlation with the index by window")["Bitcoin, 60 sessions"]
    assert [words(cell) for cell in row] == ["-0.25", "-0.47 … 0.01"]
    assert row[0].find(".//rect").get("x") == "26.5%"
    assert row[0].find(".//rect").get("width") == "24.0%"


def test_only_the_canonical_row_of_a_window_is_shown(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO marts.cross_asset_correlation (session_date, asset_x, asset_y, window_sessions, alignment, lag_sessions,"
        " correlation, ci_low, ci_high, n_obs, is_default, status)"
        " VALUES ($1, 'SMP', 'BTC', 60, 'utc_day', 1, 0.9, 0.8, 0.95, 60, false, 'OK'),"
        " ($1, 'BTC', 'ETH', 60, 'utc_day', 0, 0.9, 0.8, 0.95, 60, true, 'OK')",
        [LAST],
    )
    section = part(con, "crypto")
    (by_window,) = [t for t in section.findall(".//table") if t.get("class") == "windows"]
    assert [words(row) for row in by_window.findall("tbody/tr")] == ["Bitcoin, 60 sessions-0.25-0.47 … 0.01"]
    assert "-0.25, interval" in words(picture(section, "Bitcoin"))


def test_the_weekend_is_the_one_at_the_close(con: duckdb.DuckDBPyConnection) -> None:
    name = "Return over the last days without a sessioncrypto_daily.weekend_return"
    day = f"{SESSIONS[-2].day} {SESSIONS[-2]:%b} {SESSIONS[-2].year}"
    bitcoin, ether = cells(part(con, "crypto"), "Each coin of its own")[name]
    assert (words(bitcoin), words(ether)) == (f"-2.50%before {day}", "– no row for this session")
    con.execute("DELETE FROM marts.crypto_daily WHERE alignment = 'nyse_close'")
    bitcoin, _ = cells(part(con, "crypto"), "Each coin of its own")[name]
    assert words(bitcoin) == f"-9.00%before {day}, UTC days"


def test_measures_of_both_coins_side_by_side(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO marts.indicator_readings (reading_id, entity_id, session_date, value, value_text, unit, status) VALUES"
        " ('XA04_btc_60', 'x', $1, 1.25, NULL, 'ratio', 'OK'), ('XA04_eth_60', 'x', $1, NULL, NULL, 'ratio', 'WARMUP'),"
        " ('XA05_btc', 'x', $1, 2, 'HIGH', 'count', 'OK'), ('XA11_eth_addresses', 'x', $1, 4.04, NULL, 'pct', 'OK')",
        [LAST],
    )
    section = part(con, "crypto")
    beside, alone = cells(section, "Each coin and the index"), cells(section, "Each coin of its own")
    assert [words(c) for c in beside["Beta, 60 sessionsXA04_btc_60, XA04_eth_60"]] == [
        "1.25",
        "– not enough history yet",
    ]
    assert words(beside["Regime of the correlationXA05_btc, XA05_eth"][0]) == "high"
    (addresses,) = [row for name, row in alone.items() if name.startswith("Active addresses")]
    assert [words(c) for c in addresses] == ["– no row for this session", "+4.0%"]


def test_every_panel_says_why_where_its_mart_is_empty(con: duckdb.DuckDBPyConnection) -> None:
    for mart in ("volatility_sentiment_daily", "flows_weekly", "flows_daily", "positioning", "cross_asset_correlation",
                 "crypto_daily", "indicator_readings", "dim_calendar"):  # fmt: skip
        con.execute(f"DELETE FROM marts.{mart}")
    for name, reasons in (("sentiment", 1), ("flows", 3), ("crypto", 3)):
        section = part(con, name)
        assert not list(section.iter("svg"))
        absent = [words(e) for e in section.findall(".//p[@class='absent']")]
        assert len(absent) == reasons and all(said.startswith("– ") for said in absent)
    coins = cells(part(con, "crypto"), "Each coin and the index")
    assert {words(cell) for row in coins.values() for cell in row} == {"– no row for this session"}


# --- events of the world


def happened(con: duckdb.DuckDBPyConnection, kind: str, day: date, title: str, known: date | None = None) -> None:
    known = known or day
    con.execute(
        "INSERT INTO marts.events (event_id, date, session_date, obs_period, kind, title, known_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [f"{kind}:{day}", known, known, None if kind == "crypto" else day, kind, title,
         datetime(known.year, known.month, known.day, 12, tzinfo=UTC)],
    )  # fmt: skip


def strip(section: HtmlElement) -> HtmlElement:
    (found,) = [svg for svg in section.iter("svg") if svg.get("aria-labelledby") == "world-title"]
    return found


def test_events_have_a_row_a_letter_and_words(con: duckdb.DuckDBPyConnection) -> None:
    happened(con, "crypto", SESSIONS[-9], "A halving")
    happened(con, "geopolitical", SESSIONS[-40], "A shock", SESSIONS[-36])
    happened(con, "policy", SESSIONS[-3], "A quarrel")
    happened(con, "speech", SESSIONS[-3], "A speech")
    happened(con, "geopolitical", SESSIONS[-2], "Not known yet", LAST + timedelta(1))
    section = part(con, "price")
    listing = [words(li) for li in section.findall(".//ol[@type='a']/li")]
    days = [f"{d.day} {d:%b} {d.year}" for d in (SESSIONS[-40], SESSIONS[-36], SESSIONS[-9], SESSIONS[-3])]
    assert listing == [f"{days[0]}: A shock, known {days[1]}", f"{days[2]}: A halving", f"{days[3]}: A quarrel"]
    drawn = strip(section)
    marks = {words(g.find("text")): g for g in drawn.findall("g")}
    assert {letter: words(g.find("title")) for letter, g in marks.items()} == dict(zip("abc", listing, strict=True))
    assert [g.find("circle").get("class") for g in marks.values()] == [
        "badge geopolitical",
        "badge policy",
        "badge crypto",
    ]
    assert [words(t) for t in drawn.findall("text[@class='tick']")] == ["World", "Policy", "Crypto"]
    assert len(section.findall(".//line[@class='upright world']")) == 2 * len(
        listing
    )  # through the strip and the price


def test_letters_that_would_cover_each_other_stand_on_further_lines(con: duckdb.DuckDBPyConnection) -> None:
    for back in (60, 59, 58, 20):
        happened(con, "geopolitical", SESSIONS[-back], "A shock")
    drawn = strip(part(con, "price"))
    down = {words(g.find("text")): float(g.find("circle").get("cy")) for g in drawn.findall("g")}
    assert down["a"] < down["b"] < down["c"] and down["d"] == down["a"]
    assert [words(t) for t in drawn.findall("text[@class='tick']")] == ["World"]


def test_letters_go_on_after_z(con: duckdb.DuckDBPyConnection) -> None:
    for back in range(80, 51, -1):
        happened(con, "policy", SESSIONS[-back], "A quarrel")
    letters = sorted((words(g.find("text")) for g in strip(part(con, "price")).findall("g")), key=lambda n: (len(n), n))
    assert letters[0] == "a" and letters[25:28] == ["z", "aa", "ab"]


def test_without_events_there_is_no_strip(con: duckdb.DuckDBPyConnection) -> None:
    section = part(con, "price")
    assert not re.search("What happened in the world", words(section))
    assert not section.findall(".//ol[@type='a']")
