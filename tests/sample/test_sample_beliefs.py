"""What the sample's market and banks believe and say: bets, estimates of inflation, feeds. Nothing before its time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from lxml import etree

from ingestion.sample.vendors import clevelandfed, kalshi
from ingestion.sample.world.clock import clock, normal
from ingestion.sample.world.market import world
from ingestion.sample.world.releases import released

Get = Callable[..., Any]
BETS = "https://api.elections.kalshi.com/trade-api/v2/markets?status=open&limit=1000&series_ticker="
CHART = f"https://{clevelandfed.HOST}{clevelandfed.PATH}?sc_lang=en"
FEED = "https://www.federalreserve.gov/feeds/{}.xml"
EVENING = datetime(2026, 1, 16, 1, tzinfo=UTC)


def bets(ask: Get, series: str, now: datetime = EVENING) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask(BETS + series, now).text)["markets"]
    return found


def price(market: dict[str, Any]) -> float:
    return (float(market["yes_bid_dollars"]) + float(market["yes_ask_dollars"])) / 2


def by_event(markets: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    events: dict[str, list[dict[str, Any]]] = {}
    for market in markets:
        events.setdefault(market["event_ticker"], []).append(market)
    return events


def test_the_ladder_of_rates_is_what_the_market_expects(ask: Get) -> None:
    ladders = by_event(bets(ask, "KXFED"))
    assert list(ladders) == ["KXFED-26JAN", "KXFED-26MAR", "KXFED-26MAY", "KXFED-26JUN"]
    session = clock().index(date(2026, 1, 15))
    for event, rungs in ladders.items():
        prices = [price(rung) for rung in rungs]
        assert prices == sorted(prices, reverse=True)
        meeting = datetime.fromisoformat(rungs[0]["close_time"]).date()
        odds = world().expectations.odds(session, meeting)
        mean = sum(change * chance for change, chance in odds.items())
        # the mean of a ladder: its lowest level, and a quarter for each further rung that is passed
        passed = sum(min(1.0, max(0.0, value)) for value in prices)
        expected = rungs[0]["floor_strike"] + 0.25 * passed
        assert expected == pytest.approx(3.5 + mean, abs=0.03), event


def test_what_a_meeting_decides_adds_up(ask: Get) -> None:
    for event, outcomes in by_event(bets(ask, "KXFEDDECISION")).items():
        assert [one["ticker"].rpartition("-")[2] for one in outcomes] == ["C26", "C25", "H0", "H25", "H26"]
        assert sum(price(one) for one in outcomes) == pytest.approx(1.0, abs=0.05), event
        assert all("floor_strike" not in one for one in outcomes)


def test_a_bet_is_open_until_its_question_is_about_to_be_answered(ask: Get) -> None:
    meeting = datetime(2025, 12, 10, 19, tzinfo=UTC)  # 14:00 New York
    before, after = meeting.replace(hour=18, minute=54), meeting.replace(hour=18, minute=55)
    assert "KXFED-25DEC" in by_event(bets(ask, "KXFED", before))
    assert "KXFED-25DEC" not in by_event(bets(ask, "KXFED", after))
    release = released("jobs", date(2025, 12, 1))
    assert release is not None
    morning = datetime.combine(release, datetime.min.time(), UTC)
    assert set(by_event(bets(ask, "KXU3", morning.replace(hour=13, minute=24)))) == {"KXU3-25DEC"}
    assert bets(ask, "KXU3", morning.replace(hour=13, minute=26)) == []  # published within minutes
    assert set(by_event(bets(ask, "KXU3", morning.replace(hour=13, minute=31)))) == {"KXU3-26JAN"}


@pytest.mark.parametrize("series", sorted(kalshi.STATISTICS))
def test_bets_on_a_release_lie_around_what_will_be_printed(ask: Get, series: str) -> None:
    about, misses = kalshi.STATISTICS[series], []
    for month in range(1, 9):  # a closed office disturbs the autumn
        period = date(2025, month, 1)
        out = released(about.release, period)
        assert out is not None
        rungs = bets(ask, series, datetime.combine(out, datetime.min.time(), UTC).replace(hour=1))
        assert {rung["event_ticker"] for rung in rungs} == {f"{series}-{period:%y%b}".upper()}
        levels = np.array([rung["floor_strike"] for rung in rungs]) + about.ladder.tick / 2
        chances = np.array([price(rung) for rung in rungs])
        assert (np.diff(chances) <= 0).all() and len(rungs) == 9
        held = world().prints[about.name]
        n = held.final.periods.index(period)
        error = about.error * float(normal(f"kalshi error {series}", len(held.final.periods))[n])
        if chances[0] > 0.5 > chances[-1]:
            median = float(np.interp(0.5, chances[::-1], levels[::-1]))
            misses.append(median - about.value(held.on(out), n) - error)
    assert len(misses) >= 5
    assert np.abs(misses).max() < 0.3 * about.ladder.step  # prices are whole cents, and the curve is not a line


def test_growth_is_asked_of_the_quarter_whose_estimate_comes_next(ask: Get) -> None:
    rungs = bets(ask, "KXGDP")
    assert {rung["event_ticker"] for rung in rungs} == {"KXGDP-26JAN30"}
    assert "in Q4 2025?" in rungs[0]["title"]
    release = datetime(2025, 10, 30, 12, tzinfo=UTC)  # 08:30 New York is 12:30
    assert bets(ask, "KXGDP", release.replace(minute=24))[0]["event_ticker"] == "KXGDP-25OCT30"
    assert bets(ask, "KXGDP", release.replace(minute=26)) == []
    assert bets(ask, "KXGDP", release.replace(minute=30))[0]["event_ticker"] == "KXGDP-26JAN30"


def test_a_change_from_a_month_that_was_never_published_is_no_question(ask: Get) -> None:
    assert bets(ask, "KXCPI", datetime(2025, 12, 2, 1, tzinfo=UTC)) == []
    assert bets(ask, "KXCPIYOY", datetime(2025, 12, 2, 1, tzinfo=UTC)) != []


def test_pages_and_what_is_not_a_question(ask: Get) -> None:
    whole = bets(ask, "KXFED")
    url, cursor, pieces = BETS.replace("1000", "10") + "KXFED", "", []
    for _ in range(9):
        answer = json.loads(ask(f"{url}&cursor={cursor}").text)
        pieces += answer["markets"]
        cursor = answer["cursor"]
        if not cursor:
            break
    assert pieces == whole
    assert json.loads(ask(BETS + "KXNOPE").text) == {"markets": [], "cursor": ""}
    assert ask(BETS.replace("1000", "5000") + "KXFED").status_code == 400
    assert ask(BETS.replace("markets", "nothing") + "KXFED").status_code == 404


def test_an_estimate_nears_the_first_print_and_ends_with_it(ask: Get) -> None:
    charts = {chart["chart"]["subcaption"]: chart for chart in json.loads(ask(CHART).text)}
    assert next(iter(charts)) == "2018-1" and next(reversed(charts)) == "2026-1"
    first, last = [], []
    for name, statistic, release, scale in clevelandfed.MEASURES:
        held = world().prints[statistic]
        for month in range(1, 9):
            period = date(2025, month, 1)
            out = released(release, period)
            assert out is not None
            n, figures = held.final.periods.index(period), held.on(out)
            truth = 100 * (figures[n] / figures[n - 1] - 1)
            lines = {line["seriesname"]: line["data"] for line in charts[f"2025-{month}"]["dataset"]}
            labels = [c["label"] for c in charts[f"2025-{month}"]["categories"][0]["category"] if "vline" not in c]
            told = [point["value"] for point in lines[name]]
            ends = labels.index(f"{out:%m/%d}")
            assert all(told[:ends]) and not any(told[ends:])
            actual = [point["value"] for point in lines[f"Actual {name}"]]
            assert float(actual[ends]) == pytest.approx(truth, abs=1e-9) and sum(map(bool, actual)) == 1
            first.append((float(told[0]) - truth) / scale)
            last.append((float(told[ends - 1]) - truth) / scale)
    assert np.std(last) < 0.7 * np.std(first)
    assert 0.01 < np.std(last) < 0.08


def test_no_estimate_before_its_hour_and_none_ends_without_a_figure(ask: Get) -> None:
    def newest(now: datetime) -> str:
        chart = json.loads(ask(CHART, now).text)[-1]
        return str(chart["categories"][0]["category"][-1]["label"])

    assert newest(datetime(2026, 1, 15, 14, 59, tzinfo=UTC)) == "01/14"
    assert newest(datetime(2026, 1, 15, 15, 0, tzinfo=UTC)) == "01/15"
    october = next(c for c in json.loads(ask(CHART).text) if c["chart"]["subcaption"] == "2025-10")
    lines = {line["seriesname"]: line["data"] for line in october["dataset"]}
    assert not any(point["value"] for point in lines["Actual CPI Inflation"])  # never published
    assert any(point["value"] for point in lines["Actual PCE Inflation"])


def test_a_feed_shows_the_fifteen_newest_and_nothing_to_come(ask: Get) -> None:
    def items(feed: str, now: datetime = EVENING) -> list[tuple[str, str]]:
        body = ask(FEED.format(feed), now).content
        assert body.startswith(b"\xef\xbb\xbf<?xml") and b"\r\n" in body
        root = etree.fromstring(body[3:])
        return [(i.findtext("title") or "", (i.findtext("pubDate") or "").strip()) for i in root.iter("item")]

    press = items("press_monetary")
    assert len(press) == 15 and press[0][1] == "Tue, 6 Jan 2026 19:00:00 GMT"
    assert press[1] == (
        "Minutes of the Federal Open Market Committee, December 9-10, 2025",
        "Wed, 31 Dec 2025 19:00:00 GMT",
    )
    meeting = datetime(2025, 12, 10, 18, 59, tzinfo=UTC)
    statement = ("Federal Reserve issues FOMC statement", "Wed, 10 Dec 2025 19:00:00 GMT")
    assert statement not in items("press_monetary", meeting)
    assert items("press_monetary", meeting.replace(hour=19, minute=0))[0] == statement
    speeches = items("speeches")
    assert len(speeches) == 15 and speeches[0] == ("Hazel, Payments", "Tue, 13 Jan 2026 17:30:00 GMT")
    assert b"&#39;" in ask(FEED.format("speeches")).content
    assert ask(FEED.format("press_other")).status_code == 404
