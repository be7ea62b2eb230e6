"""Policy and macro: what the market prices, the curve and the releases, on the page and in the answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

import duckdb
import pytest
from lxml.html import HtmlElement
from test_page import page, section, words
from test_terminal import plain
from tiny_generation import SESSIONS, generation

from warehouse.report import policy, releases
from warehouse.report.answer import answer_of
from warehouse.report.standing import standing
from warehouse.report.wording import MINUS, MOVES

LAST = SESSIONS[-1].isoformat()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = generation()
    yield made
    made.close()


def lines_of(con: duckdb.DuckDBPyConnection, group: str) -> list[str]:
    """The lines of a group in a terminal of 80 columns, spaces folded."""
    lines = plain(answer_of(con), 80)
    start = next(i for i, line in enumerate(lines) if line.startswith(group))
    return [" ".join(line.split()) for line in lines[start + 1 : lines.index("", start)]]


def plot(con: duckdb.DuckDBPyConnection, name: str) -> HtmlElement:
    """The picture of that name on the page."""
    return next(svg for svg in page(con).iter("svg") if svg.get("aria-labelledby") == f"{name}-title")


def marks(picture: HtmlElement | Element, class_: str) -> int:
    return sum(class_ in (e.get("class") or "").split() for e in picture.iter())


def table(con: duckdb.DuckDBPyConnection, name: str) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in page(con).findall(f".//table[@class='{name}']/tbody/tr")]


def test_the_answer_says_what_the_market_prices_and_that_it_is_a_price(con: duckdb.DuckDBPyConnection) -> None:
    assert lines_of(con, "POLICY  market-implied: a price, not a forecast") == [
        "Cut / hold / hike, 7 May 2025 26% / 74% / 0% cut +4.7 pp in 5 sessions",
        f"Cuts (hikes below 0), a year ahead 0.60 cuts rate {MINUS}123 bp in 20 sessions",
    ]
    places = {f.label: f.where for f in answer_of(con).figures if f.group == "Policy"}
    assert places["Chance of a cut, 7 May 2025"] == "rate_expectations.p_cut"
    assert places["Change of the chance of a cut"] == "indicator_readings.value"


def test_a_change_that_is_missing_has_a_line_with_its_reason(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE marts.indicator_readings SET value = NULL, status = 'WARMUP' WHERE reading_id = 'MP03_12m_d20'")
    assert lines_of(con, "POLICY")[1:] == [
        "Cuts (hikes below 0), a year ahead 0.60 cuts of 25 bp; below 0 are hikes",
        "Change priced for a year ahead – not enough history yet",
    ]


def test_without_futures_the_answer_and_the_page_say_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.rate_expectations WHERE source = 'zq'; DELETE FROM marts.rate_distribution")
    con.execute("UPDATE marts.indicator_readings SET value = NULL, status = 'NOT_AVAILABLE'")
    con.execute("UPDATE marts.rates_daily SET cuts_priced_12m = NULL, status_path = 'NOT_AVAILABLE'")
    assert lines_of(con, "POLICY") == [
        "Cut / hold / hike, next meeting – / – / – no source is held",
        "Cuts (hikes below 0), a year ahead – no source is held",
    ]
    assert "no path: fed funds futures of this session give no rate (no source is held)" in section(page(con), "policy")
    assert not [svg for svg in page(con).iter("svg") if svg.get("aria-labelledby") == "policy-path-title"]
    assert not table(con, "odds")


def test_odds_that_are_not_determined_say_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE marts.rate_expectations SET p_cut = NULL, p_hold = NULL, p_hike = NULL,"
        " status_probability = 'ILL_CONDITIONED' WHERE is_default; DELETE FROM marts.rate_distribution"
    )
    assert lines_of(con, "POLICY")[0] == "Cut / hold / hike, 7 May 2025 – / – / – not determined by the inputs"
    assert table(con, "odds")[0] == [
        "7 May 2025", *["– not determined by the inputs"] * 3, "4.26%", "– not determined by the inputs",
    ]  # fmt: skip
    assert "No chances of ranges: not determined by the inputs" in section(page(con), "policy")


def test_a_meeting_without_a_rate_leaves_a_gap(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE marts.rate_expectations SET expected_rate = NULL, start_rate = NULL, status = 'ILL_CONDITIONED'"
        " WHERE is_default AND meeting_date = '2025-05-07'"
    )
    assert table(con, "odds")[0][4] == "– not determined by the inputs"
    assert "Rate after each meeting: 18 Jun 2025 4.20%" in words(plot(con, "policy-path").find("desc"))
    (path,) = [e for e in plot(con, "policy-path").iter("path") if "main" in e.get("class")]
    assert float(path.get("d")[1:].split(" ")[0]) > 0  # the line does not begin at the left edge


def test_the_path_has_every_source_the_fan_the_range_and_the_pale_line(con: duckdb.DuckDBPyConnection) -> None:
    picture = plot(con, "policy-path")
    counts = {
        name: marks(picture, name) for name in ("fan", "target", "main", "ghost", "month", "kalshi", "mpt", "bills")
    }
    # a chance below 2 percent is not drawn: seven of the eight ranges of the default method
    assert counts == {"fan": 7, "target": 1, "main": 1, "ghost": 1, "month": 2, "kalshi": 1, "mpt": 1, "bills": 1}
    said = section(page(con), "policy")
    assert "futures on 8 Apr 2025" in said and "target range now, 4.25–4.50%" in said
    assert "disagree by more than 3 bp at the meeting of 30 Jul 2025" in said
    assert "7 May 2025 4.26%; 18 Jun 2025 4.20%" in words(picture.find("desc"))
    levels = [float(t.text.rstrip("%")) for t in picture.iter("text") if t.text.endswith("%")]
    assert max(levels) == 4.5  # the other method's 9.99 is not in the picture


def test_the_fan_ends_where_the_next_meeting_begins(con: duckdb.DuckDBPyConnection) -> None:
    cells = [rect for rect in plot(con, "policy-path").iter("rect") if "fan" in rect.get("class")]
    left = sorted({float(cell.get("x").rstrip("%")) for cell in cells})
    for cell in cells:
        ends = float(cell.get("x").rstrip("%")) + float(cell.get("width").rstrip("%"))
        following = [x for x in left if x > float(cell.get("x").rstrip("%"))]
        assert not following or ends == pytest.approx(following[0], abs=0.02)
    strength = [float(cell.get("fill-opacity")) for cell in cells]
    assert strength[0] < strength[1] and max(strength) == strength[-1]


def test_steps_begin_today_and_change_at_the_meetings() -> None:
    def meeting(day: int, rate: float | None) -> dict[str, object]:
        return {"meeting_date": SESSIONS[day], "start_rate": 4.0, "expected_rate": rate}

    days = [session.toordinal() for session in SESSIONS]
    made = policy._steps([meeting(0, 3.9), meeting(20, 3.8), meeting(30, None), meeting(40, 3.6)], days[10], days[50])
    assert made == [
        (days[10], 3.9), (days[20], 3.9), (days[20], 3.8), (days[30], 3.8), (days[30], None), (days[40], None),
        (days[40], 3.6), (days[50], 3.6),
    ]  # fmt: skip
    assert all(before[0] <= after[0] for before, after in pairwise(made))


def test_without_the_earlier_path_the_page_says_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM marts.rate_expectations WHERE session_date < ?", [LAST])
    assert marks(plot(con, "policy-path"), "ghost") == 0
    assert "What futures priced 20 sessions before is not held" in section(page(con), "policy")


def test_the_odds_of_each_meeting(con: duckdb.DuckDBPyConnection) -> None:
    assert table(con, "odds") == [
        ["7 May 2025", "26%", "74%", "0%", "4.26%", "4.25–4.50% 74%"],
        ["18 Jun 2025", "52%", "48%", "0%", "4.20%", "4.00–4.25% 52%"],
        ["30 Jul 2025", "80%", "20%", "0%", "4.13%", "4.00–4.25% 80%"],
        ["17 Sep 2025", ">99%", "<1%", "0%", "4.08%", "4.00–4.25% >99%"],
    ]
    assert "Market-implied chance" in section(page(con), "policy")


def test_the_curve_says_how_it_moved_and_what_is_missing(con: duckdb.DuckDBPyConnection) -> None:
    said = section(page(con), "policy")
    assert f"Bear flattener over 20 sessions: yields rose, short ones more (level +30 bp, slope {MINUS}20 bp)." in said
    assert "8 Apr 2025, 20 sessions before" in said
    con.execute("UPDATE marts.rates_daily SET y5 = NULL, status_y5 = 'STALE_INPUT' WHERE session_date = ?", [LAST])
    con.execute("UPDATE marts.rates_daily SET curve_move = NULL, status_move = 'WARMUP' WHERE session_date = ?", [LAST])
    said = section(page(con), "policy")
    assert "5y: – the newest input is too old" in said
    assert "How the curve moved over 20 sessions: – not enough history yet." in said
    picture = plot(con, "curve")
    assert [t.text for t in picture.iter("text") if "note" in t.get("class")] == ["4.30%", "3.78%", "3.82%", "4.50%"]
    (today,) = [path for path in picture.iter("path") if "main" in path.get("class")]
    assert today.get("d").count("M") == 2  # the line breaks where a yield is missing
    con.execute("DELETE FROM marts.rates_daily WHERE session_date = ?", [LAST])
    assert "no yields: no row for this session" in section(page(con), "policy")


def test_every_class_of_the_curve_has_words(con: duckdb.DuckDBPyConnection) -> None:
    for name, (short, long) in MOVES.items():
        con.execute("UPDATE marts.rates_daily SET curve_move = ?", [name])
        assert long in section(page(con), "policy")
        assert [f for f in answer_of(con).figures if f.note == f"{short}, 20 sessions"]


def test_term_premia_of_a_later_download_are_marked(con: duckdb.DuckDBPyConnection) -> None:
    assert "○" not in section(page(con), "policy")
    con.execute("UPDATE marts.rates_daily SET is_acm_reconstructed = true")
    assert "○ from today's figures, which nobody knew then" in section(page(con), "policy")
    assert "Adrian, Crump and Moench ○" in section(page(con), "policy")


def test_whose_yield_and_of_which_day() -> None:
    con = generation()
    assert "10-year Treasury yield 3.82% Treasury" in lines_of(con, "RATES")
    con.execute("UPDATE marts.rates_daily SET carried_from = '2025-05-05', yield_source = 'fred'")
    con.execute("UPDATE marts.rates_daily SET breakeven10 = NULL, status_breakeven = 'NOT_PUBLISHED'")
    assert lines_of(con, "RATES") == [
        "2-year Treasury yield 3.78% of 5 May 2025",
        "10-year Treasury yield 3.82% FRED, of 5 May 2025",
        "10-year less 2-year yield 4.00 bp bear flattener, 20 sessions",
        "10-year real Treasury yield 1.84% not of the 10-year's day",
        "10-year term premium 0.61% Adrian, Crump and Moench",
        "Policy rate, target range 4.25% / 4.50%",
    ]
    con.execute("UPDATE marts.rates_daily SET y10 = NULL, status_y10 = 'STALE_INPUT'")
    assert "10-year Treasury yield – the newest input is too old" in lines_of(con, "RATES")


def test_the_answer_tells_the_largest_surprises_of_the_newest_releases(con: duckdb.DuckDBPyConnection) -> None:
    head = "MACRO  largest surprises since 6 Apr 2025; z: in standard deviations"
    assert lines_of(con, head) == [
        f"Retail sales, over a month 1.40% before {MINUS}0.3%, +2.41 z",
        f"Consumption prices, over a month 0.20% expected 0.26%, {MINUS}1.33 z",
    ]
    con.execute("UPDATE marts.events SET surprise_z = NULL, status_surprise_z = 'WARMUP'")
    assert lines_of(con, head)[:2] == [
        f"Retail sales, over a month 1.40% before {MINUS}0.3%", "Surprise of that release – not enough history yet",
    ]  # fmt: skip
    con.execute("DELETE FROM marts.events")
    assert lines_of(con, head) == ["Releases of 31 days – no first print is held"]


def test_a_row_per_release_and_decision_of_the_month(con: duckdb.DuckDBPyConnection) -> None:
    assert table(con, "releases") == [
        ["Retail sales, change over a month6 May 2025, 08:30", "1.4%", f"{MINUS}0.3%before", "+1.7 pp+2.41 z"],
        ["Payrolls, persons added2 May 2025, 08:30", "189,000", "60,000nowcast, Cleveland Fed",
         "+129,000no z: not enough history yet"],
        ["Initial claims1 May 2025, 08:30", "238,000", "228,000before", "+10,000+0.92 z"],
        ["Consumption prices, change over a month30 Apr 2025, 08:30", "0.2%", "0.26%nowcast, Cleveland Fed",
         f"{MINUS}0.06 pp{MINUS}1.33 z"],
        ["Initial claims24 Apr 2025, 08:30", "299,000", "228,000before", "+71,000+9.99 z"],
        ["Policy decision: target -25 bp16 Apr 2025, 14:00", f"{MINUS}25 bp", f"{MINUS}20.5 bpfutures, market-implied",
         f"{MINUS}4.5 bp"],
        ["Consumer prices, change over a month10 Apr 2025, 08:30", "– not published by then",
         "0.33%nowcast, Cleveland Fed", "– not published by then"],
    ]  # fmt: skip
    con.execute("DELETE FROM marts.events WHERE kind <> 'speech'")
    assert not table(con, "releases")
    assert "of no release what was printed first is held" in section(page(con), "policy")


def test_what_a_session_did_not_know_is_not_shown(con: duckdb.DuckDBPyConnection) -> None:
    """What came after the snapshot, if only in the evening, has no place in the session, on the page or in the answer."""
    con.execute("UPDATE marts.events SET session_date = '2025-05-07' WHERE measure_id = 'retail_mom'")
    assert "Retail" not in words(releases_of(con))
    assert "Retail" not in " ".join(lines_of(con, "MACRO"))


def releases_of(con: duckdb.DuckDBPyConnection) -> HtmlElement:
    found = page(con).find(".//table[@class='releases']")
    assert found is not None and releases.since(standing(con).session).isoformat() == "2025-04-06"
    return found
