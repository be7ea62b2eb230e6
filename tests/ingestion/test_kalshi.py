"""Kalshi's contracts: dollars and cents kept apart, each kind of statement, pages, ladders that contradict themselves."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.kalshi_markets import CENTS, GOOD, LADDER, market, page

from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import kalshi

KALSHI = source("kalshi_markets")


def read(*markets: dict[str, Any], series: str = "KXFED") -> pl.DataFrame:
    return kalshi.parse(page(*markets), p.request(series))


def broken(frame: pl.DataFrame, rule: str) -> list[str]:
    bad = next(one.bad for one in KALSHI.rules if one.name == rule)
    return frame.filter(bad.fill_null(False))["ticker"].to_list()


def test_a_page_of_contracts() -> None:
    frame = kalshi.parse(GOOD, p.request("KXFED"))
    row = frame.row(0, named=True)
    assert row["ticker"] == "KXFED-26JAN-T3.50" and row["event_ticker"] == "KXFED-26JAN"
    assert (row["yes_bid"], row["yes_ask"], row["last_price"]) == (0.91, 0.93, 0.92)
    assert (row["volume"], row["open_interest"]) == (10369.92, 6579.63)
    assert row["observed_on"] == date(2026, 1, 15)  # 20:00 New York, already the 16th in UTC
    assert row["close_at"] == datetime(2026, 1, 21, 18, 55, tzinfo=UTC)
    assert row["expected_expiration_at"] == datetime(2026, 1, 21, 19, 5, 0, 123456, tzinfo=UTC)
    # "above 3.5" may name its level twice; a range has two; nobody bids for the last rung and it was never traded
    assert frame["strike"].to_list() == [3.5, 3.75, 4.0, 3.5]
    assert frame["cap_strike"].to_list() == [None, None, None, 3.75]
    assert frame.row(2, named=True)["yes_bid"] == 0.0 and frame.row(2, named=True)["last_price"] is None
    assert frame["next_page"].unique().to_list() == ["CgsI"]


def test_statements_below_a_level_name_it_as_their_cap_and_words_name_none() -> None:
    frame = read(
        market("A", "less", cap_strike=4.0), market("B", "custom", custom_strike={"Cut": ">25"}, floor_strike=9.0)
    )
    assert frame.select("strike", "cap_strike").rows() == [(4.0, None), (None, None)]
    assert broken(frame, "strike_missing") == []
    lost = read(market("T1", floor_strike=None), market("T2", "between", cap_strike=None))
    assert broken(lost, "strike_missing") == ["KXFED-26JAN-T1", "KXFED-26JAN-T2"]


def test_cents_and_dollars_mean_the_same_price() -> None:
    cents = read(market("T4", yes_bid=42, yes_ask=44, last_price=43, volume=120, **CENTS))
    dollars = read(market("T4", volume_fp="120"))
    assert cents.equals(dollars)
    assert read(market("T4", yes_ask_dollars="0.0000"))["yes_ask"].to_list() == [None]  # nobody sells for nothing
    both = read(market("T4", yes_bid=42, yes_ask=0, last_price=43))  # 0 cents: a field that is no longer served
    assert both.select("yes_bid", "yes_ask").row(0) == (0.42, 0.44)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({**CENTS, "yes_bid": 0.42}, "yes_bid must be whole cents"),
        ({**CENTS, "yes_bid": "42"}, "yes_bid must be whole cents"),
        ({**CENTS, "yes_bid": True}, "yes_bid must be whole cents"),
        ({"yes_bid": 42, "yes_bid_dollars": "0.5200"}, "must agree"),
        ({"yes_bid": 42, "yes_bid_dollars": "42.0000"}, "must agree"),
        ({"yes_bid_dollars": "$0.42"}, "yes_bid_dollars must be a decimal number"),
        ({"yes_bid_dollars": "nan"}, "yes_bid_dollars must be a decimal number"),
        ({"close_time": "2026-01-21T18:55:00"}, "close_time must say its time zone"),
        ({"ticker": ""}, "ticker must be a text"),
        ({"event_ticker": "KXCPI-26JAN"}, "every contract must belong to KXFED"),
        ({"event_ticker": "KXFEDDECISION-26JAN"}, "every contract must belong to KXFED"),
    ],
)
def test_what_is_not_such_a_contract_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        read(market("T4", **fields))


def test_a_page_whose_prices_are_cents_is_refused_and_one_price_is_set_aside() -> None:
    def dear(one: dict[str, Any]) -> dict[str, Any]:
        return {
            **one,
            **{
                name: f"{float(one[name]) * 100:.4f}"
                for name in one
                if name.startswith(("yes_", "last_")) and "dollars" in name
            },
        }

    with pytest.raises(ShapeError, match="prices must be dollars of a contract that pays one; found: 7 of 8 above 1"):
        read(*map(dear, LADDER))
    others = [market(f"T{n}") for n in range(5, 20)]
    frame = read(dear(LADDER[0]), *others)
    assert broken(frame, "price_outside_unit") == ["KXFED-26JAN-T3.50"]
    assert broken(read(market("T5", yes_bid_dollars="0.5000")), "bid_above_ask") == ["KXFED-26JAN-T5"]


def test_a_ladder_that_can_be_bought_below_and_sold_above_is_set_aside_whole() -> None:
    assert broken(read(*LADDER), "ladder_crosses") == []
    dear = market("T4.00", yes_bid_dollars="0.5500", yes_ask_dollars="0.5700")
    crossed = [LADDER[2], LADDER[1], dear]  # 4.00 is bid at 55, 3.75 asked at 44; in any order
    crossed[0] = LADDER[0]
    other = {**LADDER[0], "event_ticker": "KXFED-26MAR", "ticker": "KXFED-26MAR-T3.50"}
    assert broken(read(*crossed, other), "ladder_crosses") == [one["ticker"] for one in crossed]
    assert broken(read(*reversed(crossed)), "ladder_crosses") == [one["ticker"] for one in reversed(crossed)]
    slightly = market("T4.00", yes_bid_dollars="0.5300", yes_ask_dollars="0.5700")  # nine cents: thin, not wrong
    assert broken(read(LADDER[0], LADDER[1], slightly), "ladder_crosses") == []
    below = market("B", "less", cap_strike=4.0, yes_bid_dollars="0.9900", yes_ask_dollars="1.0000")
    assert broken(read(*LADDER, below), "ladder_crosses") == []


def test_a_further_page_is_a_question_of_its_own() -> None:
    (first, *_) = kalshi.requests(FetchState("core"), p.ASKED)
    assert first.series == "KXFED" and first.first == first.last == date(2026, 1, 15)
    frame = kalshi.parse(GOOD, first)
    second = kalshi.follow_up(frame, first)
    assert second is not None and second.series == "KXFED/2"
    assert second.url == f"{first.url}&cursor=CgsI"
    again = kalshi.follow_up(kalshi.parse(page(*LADDER, cursor="a+b/="), second), second)
    assert again is not None and again.url == f"{first.url}&cursor=a%2Bb%2F%3D" and again.series == "KXFED/3"
    assert kalshi.parse(GOOD, second)["series_ticker"].unique().to_list() == ["KXFED"]
    assert kalshi.follow_up(kalshi.parse(page(*LADDER), again), again) is None
    last = p.request(f"KXFED/{kalshi.MOST_PAGES}")
    assert kalshi.follow_up(frame, last) is None  # a mark that never ends


def test_each_series_is_asked_once_an_evening() -> None:
    asked = {one.series: one for one in kalshi.requests(FetchState("core"), p.ASKED)}
    assert set(asked) == set(kalshi.SERIES)
    day = date(2026, 1, 15)
    covered = {"KXFED": Covered(day, day, p.ASKED), "KXGDP": Covered(day, day, p.ASKED, "empty", nothings=1)}
    rest = {one.series for one in kalshi.requests(FetchState("core", covered=covered), p.ASKED)}
    assert rest == set(kalshi.SERIES) - {"KXFED", "KXGDP"}


def test_nothing_open_is_nothing_and_other_bodies_are_errors() -> None:
    with pytest.raises(EmptyAnswer, match="no open contract"):
        read()
    for body in (
        b'{"markets":{}}',
        b'{"error":{"code":"x"}}',
        b'{"markets":[1]}',
        b'{"markets":[],"cursor":1}',
        p.HTML,
        p.NOTE,
    ):
        with pytest.raises(ShapeError):
            kalshi.parse(body, p.request("KXFED"))
    doubled = GOOD[:-1] + b',"markets":[]}'
    with pytest.raises(ShapeError, match="each JSON key must appear once"):
        kalshi.parse(doubled, p.request("KXFED"))


def test_a_price_is_known_when_it_is_received() -> None:
    frame = kalshi.parse(GOOD, p.request("KXFED"))
    assert kalshi.known_at(frame).null_count() == frame.height
    assert json.loads(GOOD)["markets"][0]["status"] == frame["status"][0]
