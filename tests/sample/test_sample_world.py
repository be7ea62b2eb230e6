"""The sample world is the same everywhere, keeps its promises and holds the episodes its answer key names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingestion.sample.registry import all_vendors
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.drivers import drivers
from ingestion.sample.world.episodes import EPISODES, Episode
from ingestion.sample.world.havens import PLANS
from ingestion.sample.world.market import World, world
from ingestion.sample.world.story import DRIVERS, LEGS, RATE_COST

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib, httpx, json
from ingestion.sample.registry import all_vendors
from ingestion.sample.transport import SampleTransport
with httpx.Client(transport=SampleTransport()) as client:
    print(json.dumps({
        url: hashlib.sha256(client.get("https://" + url).content).hexdigest()[:32]
        for vendor in all_vendors().values() for url in vendor.examples
    }))
"""


@pytest.fixture(scope="module")
def market() -> World:
    return world()


def _digests_in_a_fresh_process(hash_seed: str, zone: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
    environment.pop("UPDRAFT_SAMPLE_FAULT", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_same_bytes_in_every_process_on_every_machine() -> None:
    pinned = {url: digest for vendor in all_vendors().values() for url, digest in vendor.examples.items()}
    assert len(pinned) > 12
    for hash_seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        found = _digests_in_a_fresh_process(hash_seed, zone)
        changed = {url: digest for url, digest in found.items() if pinned[url] != digest}
        assert not changed, (
            f"these answers changed; if the world or the format was changed on purpose, pin {changed} in `examples` "
            "of the vendor's file in ingestion/sample/vendors"
        )


def rally_episodes(
    closes: list[float], fall: float = 0.05, up: float = 0.05, big: float = 0.10
) -> list[list[int | str]]:
    """Three-state machine (UP, DOWN, RALLY): [peak, trough, position of the confirmation, how it ended]."""
    found: list[list[int | str]] = []
    state, peak, low, high, recovered = "UP", 0, 0, 0, False
    for t, price in enumerate(closes):
        if state == "UP":
            peak = t if price > closes[peak] else peak
            if price <= closes[peak] * (1 - fall):
                state, low = "DOWN", t
        elif state == "DOWN":
            if price < closes[low]:
                low = t
            elif price >= closes[low] * (1 + up) or price >= closes[peak]:
                state, high, recovered = "RALLY", t, price >= closes[peak]
                found.append([peak, low, t, "active"])
        else:
            high = t if price > closes[high] else high
            recovered = recovered or price >= closes[peak]
            if price < closes[low]:
                state, low, found[-1][3] = "DOWN", t, "failed"
            elif price <= closes[high] * (1 - (fall if recovered else big)):
                found[-1][3] = "completed" if recovered else "faded"
                state, peak, low = "DOWN", high, t
    return found


def test_the_state_machine_of_this_test_finds_the_worked_example() -> None:
    closes = [100, 104, 98, 95, 99, 101, 94, 90, 94.5, 97, 89, 85, 90, 96, 101, 104.5, 110, 104, 99]
    assert rally_episodes(closes) == [[1, 3, 5, "failed"], [1, 7, 8, "failed"], [1, 11, 12, "completed"]]


def test_the_answer_key_names_exactly_the_episodes_in_the_closes(market: World) -> None:
    closes = market.bars["^SMP"].close.tolist()
    found = rally_episodes(closes)
    days = market.clock.days
    assert [(days[peak], days[low]) for peak, low, _, _ in found] == [(e.peak, e.trough) for e in EPISODES]  # type: ignore[index]
    assert [end for *_, end in found].count("failed") == 1
    assert found[-1][3] == "active"
    assert 40 <= len(days) - 1 - int(found[-1][1]) <= 60
    depths = [closes[int(low)] / closes[int(peak)] - 1 for peak, low, _, _ in found]
    assert min(depths) < -0.20
    assert max(depths) <= -0.05


def rallies(market: World) -> list[tuple[Episode, slice, slice]]:
    """Each episode with the sessions of its fall and of its rise to the highest close before the next low."""
    closes, index = market.bars["^SMP"].close, market.clock.index
    found = []
    for episode, after in zip(EPISODES, [*EPISODES[1:], None], strict=True):
        peak, low = index(episode.peak), index(episode.trough)
        end = index(after.trough) if after else len(closes)
        high = low + int(closes[low:end].argmax())
        found.append((episode, slice(peak + 1, low + 1), slice(low + 1, high + 1)))
    return found


def test_each_episode_was_caused_by_the_drivers_it_names(market: World) -> None:
    for episode, fall, rise in rallies(market):
        fell = {name: float(market.drivers.returns[name][fall].sum()) for name in DRIVERS}
        rose = {name: float(market.drivers.returns[name][rise].sum()) for name in DRIVERS}
        assert min(fell, key=lambda name: fell[name]) == episode.fall, (episode.trough, fell)
        assert max(rose, key=lambda name: rose[name]) == episode.rally, (episode.trough, rose)
    assert {e.rally for e in EPISODES} == set(DRIVERS)
    assert {e.fall for e in EPISODES} == set(DRIVERS) - {"short_covering"}
    assert len(EPISODES) >= 20


def test_a_cause_explains_at_most_half_of_the_daily_returns_of_its_rally(market: World) -> None:
    for episode, _, rise in rallies(market):
        if episode.rally != "none":
            daily = np.corrcoef(market.drivers.returns[episode.rally][rise], market.drivers.market[rise])[0, 1] ** 2
            assert daily <= 0.5, (episode.trough, daily)


def test_the_most_shorted_lead_a_short_covering(market: World) -> None:
    shorted = np.array([c.short_interest for c in COMPANIES])
    capital = market.companies.capital
    for episode, _, rise in rallies(market):
        before, after = capital[rise.start - 1], capital[rise.stop - 1]
        held = (before > 0) & (after > 0)
        most = held & (shorted >= np.sort(shorted)[-20])
        lead = float(np.median(after[most] / before[most]) - np.median(after[held & ~most] / before[held & ~most]))
        if episode.rally == "short_covering":
            assert lead > 0.03, (episode.trough, lead)


def test_the_leading_sector_leads_where_a_sector_is_the_cause(market: World) -> None:
    for episode, _, rise in rallies(market):
        if episode.rally == "sector":
            leader = market.drivers.leader[rise.start]
            level = market.companies.sector_levels
            gained = {name: float(path[rise.stop - 1] / path[rise.start - 1]) for name, path in level.items()}
            assert gained[leader] > 1.1 * float(np.median(list(gained.values()))), (episode.trough, gained)


def test_decoys_move_with_the_market_and_are_in_no_driver(market: World) -> None:
    assert not {"oil", "volatility", "bitcoin"} & set(DRIVERS)
    oil = market.bars["CL=F"].close
    assert np.corrcoef(oil[1:] / oil[:-1] - 1, market.drivers.market[1:])[0, 1] > 0.25


def test_drivers_sum_to_the_market_and_the_market_to_the_index(market: World) -> None:
    level = market.companies.index_level
    assert np.abs(level[1:] / level[:-1] - 1 - market.drivers.market[1:]).max() < 1e-4  # cents of the members' closes
    assert np.allclose(sum(drivers().returns[name] for name in DRIVERS), market.drivers.market, atol=1e-15)
    assert all(abs(sum(leg.parts.values()) - leg.move) < 1e-12 for leg in LEGS)


def test_the_index_is_the_members_weighted_by_capital(market: World) -> None:
    capital, member, level = market.companies.capital, market.companies.member, market.companies.index_level
    for t in (1, 700, 1450, 1451, 1627, 2020, 3000):
        held = member[t]
        assert level[t] / level[t - 1] == pytest.approx(capital[t][held].sum() / capital[t - 1][held].sum(), abs=1e-12)


def test_yields_move_with_the_rates_driver_and_share_counts_with_the_flow_driver(market: World) -> None:
    ten = market.observations["DGS10"]
    held = dict(zip(ten.days, ten.values.tolist(), strict=True))
    inside = [d for d in market.clock.days if d in held and not np.isnan(held[d])]
    rates = dict(zip(market.clock.days, np.cumsum(market.drivers.returns["rates"]).tolist(), strict=True))
    first, last = inside[0], inside[-1]
    assert held[last] - held[first] == pytest.approx(-(rates[last] - rates[first]) / RATE_COST, abs=0.011)
    shares = market.funds["900001"].shares
    moved = shares[3:] / shares[2:-1] - 1
    flows = market.drivers.returns["flows"]
    assert np.corrcoef(moved, flows[2:-1])[0, 1] > 0.8
    assert abs(np.corrcoef(moved, flows[3:])[0, 1]) < 0.5  # a session later, not the same day
    assert (shares[2:] % 50_000 == 0).all()
    assert np.isnan(shares[:2]).all()


def test_breakeven_is_nominal_less_real_to_the_digit(market: World) -> None:
    nominal, real, breakeven = (market.observations[name].values for name in ("DGS10", "DFII10", "T10YIE"))
    shown = ~np.isnan(nominal)
    assert (np.isnan(real) == ~shown).all()
    assert (np.round(nominal[shown] - real[shown], 2) == breakeven[shown]).all()


def test_magnitudes_are_those_of_a_market(market: World) -> None:
    index = market.bars["^SMP"].close
    assert 0.13 < float((index[1:] / index[:-1] - 1).std()) * np.sqrt(252) < 0.17
    assert 13 < float(np.median(market.volatility["VIX"].close)) < 20
    assert float(market.volatility["VIX"].close.max()) > 30
    coin, moves = (
        market.candles["BTC-USD", 86400],
        dict(zip(market.clock.days, market.drivers.market.tolist(), strict=True)),
    )
    days = [datetime.fromtimestamp(start, UTC).date() for start in coin.start.tolist()]
    change = np.concatenate([[0.0], coin.close[1:] / coin.close[:-1] - 1])
    pairs = [(moves[day], moved) for day, moved in zip(days, change.tolist(), strict=True) if day in moves]
    assert 0.4 < np.corrcoef(np.array(pairs).T)[0, 1] < 0.5
    assert {day.weekday() for day in days} == set(range(7))


def test_bars_hold_their_own_prices_and_half_days_are_quiet(market: World) -> None:
    for bars in market.bars.values():
        assert (bars.high >= np.maximum(bars.open, bars.close)).all(), bars.symbol
        assert (bars.low <= np.minimum(bars.open, bars.close)).all(), bars.symbol
        assert (bars.low > 0).all()
        digits = PLANS[bars.symbol][-1] if bars.symbol in PLANS else 2
        for prices in (bars.open, bars.high, bars.low, bars.close):
            assert (np.round(prices, digits) == prices).all()
    half = market.clock.half
    volume = market.bars["^SMP"].volume
    assert half.sum() > 25
    assert np.median(volume[half]) < 0.6 * np.median(volume[~half])
