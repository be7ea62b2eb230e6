"""The made-up companies: traps, sizes, sectors, listings, endings, splits, symbols that change hands, index changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from ingestion import calendar
from ingestion.sample.world import changes
from ingestion.sample.world.companies import OFFER_SESSIONS, member_counts
from ingestion.sample.world.directory import COMPANIES, SECTORS, SPELLS, members_on
from ingestion.sample.world.market import World, world

Get = Callable[..., Any]


@pytest.fixture(scope="module")
def market() -> World:
    return world()


def test_the_directory_has_its_traps() -> None:
    symbols = [c.symbol for c in COMPANIES]
    assert {"NA", "TRUE", "HRN-B"} <= set(symbols)
    assert [s for s, n in Counter(symbols).items() if n > 1] == ["ENZQ"]
    assert len({c.key for c in COMPANIES}) == len({c.name for c in COMPANIES}) == len(COMPANIES) >= 150
    # two lines of one issuer, and nobody else shares a number
    assert [
        [c.symbol for c in COMPANIES if c.cik == n] for n, held in Counter(c.cik for c in COMPANIES).items() if held > 1
    ] == [["BZWV", "NZRA"]]
    assert all(re.fullmatch(r"[A-Z]{2,4}(-B)?", s) for s in symbols)


def test_sizes_span_two_orders_of_magnitude_and_sectors_have_ten_members(market: World) -> None:
    for t in (1, 1500, -1):
        capital = market.companies.capital[t][market.companies.member[t]]
        assert capital.max() / capital.min() > 100
    counts = member_counts(market.companies.member)
    assert set(counts) == set(SECTORS)
    assert len(SECTORS) == 11
    assert sum(int(n[-1]) >= 10 for n in counts.values()) >= 9
    assert sum(int(n.min()) < 10 for n in counts.values()) in range(1, 4)  # low coverage occurs
    total = market.companies.member.sum(axis=1)
    assert total.min() >= 120
    assert total.max() <= 130


def test_enough_happens(market: World) -> None:
    late = [c for c in COMPANIES if c.listed > market.clock.days[0]]
    assert len(late) >= 8
    assert Counter(c.ending for c in COMPANIES if c.ending) == {"merger": 5, "bankruptcy": 3}
    splits = [split for c in COMPANIES for split in c.splits]
    assert len(splits) >= 12
    assert {(4, 1), (3, 2), (1, 8)} <= {split[1:] for split in splits}
    assert len(changes.CHANGES) >= 25
    member_ever = {n for n, _, _ in SPELLS}
    spares = [c for n, c in enumerate(COMPANIES) if n not in member_ever]
    assert len(spares) >= 2
    assert [c.symbol for n, c in enumerate(COMPANIES) if sum(m == n for m, _, _ in SPELLS) == 2] == ["GLYQ"]


def test_every_day_of_the_timeline_is_a_session_and_names_a_company() -> None:
    days = [day for day, _, _ in changes.CHANGES] + [day for splits in changes.SPLITS.values() for day, _, _ in splits]
    days += [day for day, _ in changes.ENDED.values()] + list(changes.LISTED.values())
    assert set(days) <= set(calendar.sessions())
    named = {symbol for _, *pair in changes.CHANGES for symbol in pair if symbol}
    named |= set(changes.SPLITS) | set(changes.ENDED) | set(changes.LISTED) | changes.NEVER | set(changes.RENAMED)
    known = {c.symbol for c in COMPANIES} | set(changes.NEWCOMER_SYMBOL)
    assert named <= known


def test_members_are_listed_and_trade(market: World) -> None:
    assert not (market.companies.member & (market.companies.capital == 0.0)).any()
    for n, start, stop in SPELLS:
        company = COMPANIES[n]
        assert company.last_bar is None or (stop is not None and stop > company.last_bar)
        assert stop is None or stop > start
    assert len({c.key for c, _ in members_on(date(2026, 1, 15))}) == int(market.companies.member[-1].sum())


def test_endings_look_like_endings(market: World) -> None:
    for company in COMPANIES:
        if company.last_bar is None:
            continue
        bars = market.bars[company.key]
        assert market.clock.days[bars.start + len(bars.close) - 1] == company.last_bar
        if company.ending == "bankruptcy":
            assert bars.close[-1] < 0.35 * bars.close[-30]
        else:  # pinned at the price offered
            offer = bars.close[-OFFER_SESSIONS:]
            assert bars.close[-OFFER_SESSIONS - 1] / bars.close[-OFFER_SESSIONS - 2] > 1.15
            assert offer.max() / offer.min() < 1.02


def test_a_split_changes_the_price_and_not_the_value(market: World) -> None:
    for n, company in enumerate(COMPANIES):
        bars = market.bars[company.key]
        assert [(market.clock.days[day], new, old) for day, new, old in bars.splits] == list(company.splits)
        for day, new, old in bars.splits:
            t = day - bars.start
            assert bars.close[t] * new / old == pytest.approx(bars.close[t - 1], rel=0.12)
            capital = market.companies.capital[:, n]
            assert capital[day] == pytest.approx(capital[day - 1], rel=0.12)


def test_a_renamed_company_keeps_its_history_and_a_reused_symbol_does_not(chart: Get, ask: Get) -> None:
    url = "https://query1.finance.yahoo.com/v8/finance/chart/{}?period1=0&period2=9999999999&interval=1d"
    before, after = datetime(2021, 10, 28, 3, tzinfo=UTC), datetime(2021, 10, 29, 3, tzinfo=UTC)
    assert [ask(url.format(s), before).status_code for s in ("FCBQ", "VXSC")] == [200, 404]
    assert [ask(url.format(s), after).status_code for s in ("FCBQ", "VXSC")] == [404, 200]
    old, new = chart("FCBQ", now=before), chart("VXSC", now=after)
    assert (old["meta"]["symbol"], new["meta"]["symbol"]) == ("FCBQ", "VXSC")
    assert new["indicators"]["quote"][0]["close"][: len(old["timestamp"])] == old["indicators"]["quote"][0]["close"]
    bought = chart("ENZQ", now=datetime(2020, 9, 16, 3, tzinfo=UTC))
    listed = chart("ENZQ", now=datetime(2020, 9, 17, 3, tzinfo=UTC))
    assert bought["meta"]["longName"] == "Enzaquil"
    assert listed["meta"]["longName"] == "Zenquora"
    assert len(listed["timestamp"]) == 1
    first = [datetime.fromtimestamp(r["timestamp"][0], calendar.NEW_YORK).date() for r in (bought, listed)]
    assert first == [date(2014, 1, 2), date(2020, 9, 16)]


def test_index_weights_are_not_led_by_one_company(market: World) -> None:
    capital = market.companies.capital * market.companies.member
    assert float((capital.max(axis=1) / capital.sum(axis=1)).max()) < 0.12
    assert np.isfinite(capital).all()
