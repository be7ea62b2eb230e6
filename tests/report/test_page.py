"""The page: whole, harmless, the same every time, honest about what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import lxml.html
import pytest
from lxml.html import HtmlElement
from tiny_generation import RECEIPT, SESSIONS, generation

import warehouse.report
from warehouse.report.answer import QUESTION
from warehouse.report.page import render_page
from warehouse.report.readings import SHOWN
from warehouse.report.standing import ReportError

HOSTILE = '<script>alert("x")</script><img src="https://example.org/x">&amp;\x07\u202e'
LAST = SESSIONS[-1].isoformat()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = generation()
    yield made
    made.close()


def page(con: duckdb.DuckDBPyConnection, **changes: str) -> HtmlElement:
    return lxml.html.fromstring(render_page(con, RECEIPT | changes))


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(root: HtmlElement, name: str) -> str:
    return words(root.get_element_by_id(name))


def test_one_heading_and_its_parts_in_order(con: duckdb.DuckDBPyConnection) -> None:
    root = page(con)
    assert [words(h) for h in root.findall(".//h1")] == [QUESTION]
    parts = [s.get("id") for s in root.findall(".//section") if s.get("id")]
    assert parts == [
        *(
            "ages",
            "weekly",
            "carried",
            "account",
            "policy",
            "durability",
            "calendar",
            "price",
            "breadth",
            "drivers",
            "earnings",
            "flows",
            "sentiment",
            "crypto",
            "scenarios",
            "claims",
            "article",
            "week",
            "figures",
            "missing",
            "provenance",
        )
    ]
    ids = [e.get("id") for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids))
    assert [a.get("href") for a in root.findall(".//nav/a")] == [f"#{part}" for part in parts]
    assert all(e.get("aria-labelledby") in ids for e in root.findall(".//section[@id]"))
    assert root.get("lang") == "en"


def test_every_table_can_be_read_aloud(con: duckdb.DuckDBPyConnection) -> None:
    tables = page(con).findall(".//table")
    assert len(tables) >= 8
    for found in tables:
        head = found.findall("thead/tr/th")
        assert words(found.find("caption"))
        assert head
        assert all(th.get("scope") == "col" and words(th) for th in head)
        for row in found.findall("tbody/tr"):
            assert len(row) == len(head)
            assert row[0].tag == "th"
            assert row[0].get("scope") == "row"


def test_every_picture_has_a_name_and_a_description(con: duckdb.DuckDBPyConnection) -> None:
    images = [svg for svg in page(con).iter("svg") if svg.get("aria-hidden") != "true"]
    assert [svg.get("aria-labelledby") for svg in images] == [
        f"{name}-title"
        for name in (
            *("dots", "paths", "weekly-shocks", "sector-map", "account", "policy-path", "curve", "price", "drawdown"),
            *(
                "breadth-50",
                "breadth-200",
                "flows-equity_us",
                "flows-bond_gov",
                "vix",
                "term-slope-3m",
                "correlation-btc",
            ),
        )
    ]
    for svg in images:
        assert svg.get("role") == "img"
        assert words(svg.find("title"))
        assert words(svg.find("desc"))
        assert svg.find("desc").get("id") == svg.get("aria-describedby")


def test_nothing_is_fetched(con: duckdb.DuckDBPyConnection) -> None:
    html = render_page(con, RECEIPT)
    assert not re.search(r"https?:|src=|url\((?!#)|@import|<script|<link|<iframe|\bon\w+=", html, re.I)
    assert "default-src 'none'" in html


def test_text_of_tables_is_text(con: duckdb.DuckDBPyConnection) -> None:
    for table, column in (
        ("marts.dim_instrument", "name"), ("marts.dim_driver", "name"), ("marts.dim_driver", "description"),
        ("marts.dim_sector", "name"), ("marts.dim_indicator", "name"), ("marts.dim_series", "name"),
        ("marts.source_health", "missing_names"), ("marts.source_health", "state"), ("meta.verdicts", "because"),
        ("meta.verdicts", "observed"), ("meta.quarantine", "because"), ("meta.freshness", "vendor"),
        ("meta.content", "sha256"), ("marts.driver_scorecard", "status"), ("marts.events", "title"),
    ):  # fmt: skip
        con.execute(f"UPDATE {table} SET {column} = ?", [HOSTILE])
    root = page(con, generation=HOSTILE, vendors=HOSTILE, clock=HOSTILE, code_version=HOSTILE)
    assert not list(root.iter("script", "img"))
    text = root.text_content()
    assert text.count('<script>alert("x")</script>') >= 15
    assert "\x07" not in text
    assert "\u202e" not in text


def test_the_same_generation_gives_the_same_bytes() -> None:
    first, second = generation(), generation(is_reversed=True)
    second.execute("SET threads = 1")
    assert render_page(first, RECEIPT) == render_page(second, RECEIPT) == render_page(first, RECEIPT)


def test_only_the_sample_world_has_the_banner(con: duckdb.DuckDBPyConnection) -> None:
    assert "SAMPLE DATA" in words(page(con).find(".//*[@role='note']"))
    assert "made up" in section(page(con), "provenance")
    real = page(con, world="real", vendors="live")
    assert real.find(".//*[@role='note']") is None
    assert "SAMPLE" not in words(real.find("body"))
    assert "stands under their terms" in section(real, "provenance")
    assert "US government work" in section(real, "provenance")


def test_the_open_rally_is_marked_and_set_beside_the_earlier_one(con: duckdb.DuckDBPyConnection) -> None:
    root = page(con)
    marks = [words(li) for li in root.findall(".//section[@id='price']//ol/li")]
    assert [mark.split(": ")[1] for mark in marks] == [
        "peak", "fall of 5% confirmed", "low", "rise of 5% confirmed, known as a rally from here on",
    ]  # fmt: skip
    assert "the open rally" in section(root, "ages")
    assert "1 earlier rally of Tiny Index (5% fall, 5% rise): 0 outlived the 44 sessions" in section(root, "ages")
    assert "(n = 1)" in section(root, "ages")
    assert "not a forecast" in section(root, "ages")


def test_without_an_open_rally_the_last_one_is_shown(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.rally_episodes WHERE episode_no = 2")
    con.execute(
        "UPDATE marts.rally_daily SET state = 'DOWN', episode_id = NULL, gain = NULL, retraced = NULL, age_sessions = NULL,"
        " status = 'UNDEFINED' WHERE session_date = ?",
        [LAST],
    )
    con.execute("UPDATE marts.answer_daily SET state = 'DOWN', headline = 'Tiny Index: no rally yet.'")
    root = page(con)
    assert "6 May 2025: Tiny Index: no rally yet." in words(root.find(".//header"))
    assert root.find(".//*[@class='answer-strip']") is None
    assert "end of the rally confirmed" in section(root, "price")
    assert "the last rally, ended" in section(root, "ages")
    assert "nothing to compare with" in section(root, "ages")


def test_before_the_first_rally(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.rally_episodes")
    con.execute(
        "UPDATE marts.rally_daily SET state = 'UP', episode_id = NULL, gain = NULL, retraced = NULL, age_sessions = NULL"
    )
    con.execute("UPDATE marts.answer_daily SET state = 'UP', headline = 'Tiny Index: no sell-off to come back from.'")
    root = page(con)
    assert "no sell-off to come back from" in words(root.find(".//header"))
    assert "No rally has been confirmed" in section(root, "ages")


def test_missing_values_say_why(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE marts.breadth_daily SET pct_above_sma50 = NULL, pct_above_sma200 = NULL, status_sma = 'LOW_COVERAGE'"
    )
    for table in ("volatility_sentiment_daily", "cross_asset_correlation", "rates_daily", "crypto_daily"):
        con.execute(f"DELETE FROM marts.{table}")
    con.execute("UPDATE marts.driver_evidence SET value = NULL, direction = NULL, status = 'STALE_INPUT'")
    root = page(con)
    cells = {words(row[0]): words(row[1]) for row in root.findall(".//section[@id='figures']//tbody/tr")}
    assert cells and all(said == "–" for name, said in cells.items() if "average" in name or "VIX" in name)
    assert "too few inputs have a value" in section(root, "figures")
    assert section(root, "figures").count("no row for this session") == 10 + sum(map(len, SHOWN.values()))
    assert section(root, "breadth").count("– too few inputs have a value") == 4
    assert "Macro data – no scored reading is built for it yet" in section(root, "drivers")
    assert "Real yield change the newest input is too old" in section(root, "drivers")


def test_a_sector_of_few_says_that_it_is_small(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE marts.breadth_daily SET members = 3, pct_above_sma50 = NULL, pct_above_sma200 = NULL,"
        " status_sma = 'LOW_COVERAGE' WHERE segment_type = 'sector'"
    )
    assert "fewer than 4 members" in section(page(con), "breadth")


def test_without_members(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.breadth_daily WHERE segment_type = 'sector'")
    con.execute(
        "UPDATE marts.breadth_daily SET members = NULL, coverage = NULL, advancers = NULL, pct_above_sma50 = NULL,"
        " pct_above_sma200 = NULL, status_counts = 'NOT_AVAILABLE', status_sma = 'NOT_AVAILABLE'"
    )
    root = page(con)
    assert "no list of members is held" in section(root, "figures")
    assert section(root, "breadth").count("no list of members is held") == 2
    assert "no sector breadth" in section(root, "breadth")


def test_gate_sources_and_provenance(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("INSERT INTO meta.revisions VALUES ('bars', 'new'), ('bars', 'new'), ('bars', 'restated_bar')")
    root = page(con, previous="000000-aaaaaaaa")
    missing, origin = section(root, "missing"), section(root, "provenance")
    assert "2 rules judged" in missing
    assert "1 warning." in missing
    assert "m.thin Some of it is missing. Seen: 0.8" in missing
    assert "bars: partial, 1 unknown to the vendor and 0 failed of 3 asked" in missing
    assert "bars GONE" in missing
    assert "price_not_positive" in missing
    assert "2025-05-07 00:00 UTC" in origin
    assert "2 new, 1 restated_bar" in origin
    assert "a" * 64 in origin
    assert "this is the first" in section(page(con), "provenance")


def test_a_generation_without_an_index_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.dim_instrument")
    with pytest.raises(ReportError, match="dim_instrument"):
        render_page(con, RECEIPT)


def test_colours_of_text_have_contrast() -> None:
    style = (Path(warehouse.report.__file__).parent / "style.css").read_text()
    schemes = re.findall(r":root \{(.*?)\}", style, re.S)
    assert len(schemes) == 3
    for scheme in schemes[:2]:
        colour = dict(re.findall(r"--([\w-]+): (#\w{6})\b", scheme))
        pairs = [
            (name, paper) for name in ("ink", "soft", "up", "down", "flat", "main") for paper in ("paper", "sheet")
        ]
        for front, back in [*pairs, ("banner-ink", "banner")]:
            assert _contrast(colour[front], colour[back]) >= 4.5, (front, back)
        assert _contrast(colour["past"], colour["paper"]) >= 3


def _contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    shades = []
    for text in (one, other):
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        shades.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(shades) + 0.05) / (min(shades) + 0.05)


def test_the_first_screen_holds_the_answer(con: duckdb.DuckDBPyConnection) -> None:
    root = page(con)
    header = words(root.find(".//header"))
    for said in (
        "Why: easier policy expected (+5.0), of +7.8 points",
        "+8.1%",
        "Why: 1 cause named",
        "Will it last: unproven",
        "12 of 20 tests hold, 31 are asked",
        "4 of 10 past rallies of this age lasted",
        "Earnings too few inputs have a value",
    ):
        assert said in header, said
    dots = [e.get("class") for e in root.findall(".//svg[@class='hundred']/circle")]
    assert (dots.count("kept"), dots.count("held"), dots.count("broke")) == (40, 10, 50)
    lamps = [e.get("class") for e in root.findall(".//ul[@class='lamps']/li/span")]
    assert lamps == ["lamp lit", "lamp half", "lamp dark", "lamp out", "lamp lit"]


def test_bands_are_hatched_and_only_named_shocks_are_coloured(con: duckdb.DuckDBPyConnection) -> None:
    root = page(con)
    bars = root.findall(".//ul[@class='shocks']/li")
    colours = {words(bar).split()[0]: [r.get("class") for r in bar.findall(".//rect")] for bar in bars}
    assert colours == {
        "Monetary": ["open", "bullish"], "Growth": ["open", "unnamed"], "Hedging": ["open", "unnamed"], "Common": ["open", "unnamed"],
    }  # fmt: skip
    assert root.find(".//pattern[@id='hatch']") is not None


def test_pictures_of_the_answer_say_their_finding_and_give_their_numbers(con: duckdb.DuckDBPyConnection) -> None:
    root = page(con)
    assert "moved the index most over the last 6 stretches of five sessions" in section(root, "weekly")
    assert "By the account, the real yield made +8.0 of +7.8 points" in section(root, "account")
    assert "No kind of event moved it beyond chance" in section(root, "calendar")
    assert "Breadth: 1 of 1 test hold" in section(root, "durability")
    links = root.findall(".//a[@download]")
    assert [link.get("download") for link in links] == ["shocks_by_five_sessions.csv", "account.csv"]
    assert all(link.get("href").startswith("data:text/csv") for link in links)


def test_what_the_answer_lacks_is_said_in_its_place(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "DELETE FROM marts.rally_attribution; DELETE FROM marts.durability_tests; DELETE FROM marts.durability_skill"
    )
    con.execute("UPDATE marts.answer_daily SET status_cause = 'WARMUP'")
    root = page(con)
    assert "Not told: not enough history yet." in words(root.find(".//header"))
    assert all("–" in section(root, part) for part in ("weekly", "account", "calendar", "durability"))
