"""The connectors accept the sample vendors' answers, and what they parse is what the world holds, to the cent."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from ingestion import seeds
from ingestion.fetch import Received, ask
from ingestion.http import Client
from ingestion.registry import all_sources
from ingestion.sample.transport import SAMPLE_NOW, SampleTransport
from ingestion.sample.world.market import world
from ingestion.source import FetchState
from ingestion.sources import yahoo
from ingestion.transport import Vendors

# a list of today, the newest items or the last two years, not a history
OF_THE_DAY = {
    "sp500_constituents",
    "kalshi_markets",
    "fed_rss",
    "nasdaq_forecast",
    "spy_holdings",
    "sector_holdings",
    "ivv_holdings",
    "finra_short_interest",
    "ici_flows",
}
NOT_ASKED = {"ORQT", "WZBN", "ENZQ.1"}  # never members; sold before its symbol was given to another company
# days on which no company reports; lines that a company never had in its reports; sessions before the first file
HAS_GAPS = {"nasdaq_earnings_calendar", "sec_companyconcept", "cboe_put_call"}
BEGINS_LATE = {"atlantafed_mpt", "cboe_put_call"}  # their sample vendors begin in 2025 and 2024
Loaded = dict[str, tuple[list[Received], pl.DataFrame]]


def _load(now: datetime) -> Loaded:
    """Everything a first full fetch brings, by dataset; of vendors that want a key with one."""
    loaded: Loaded = {}
    with (
        pytest.MonkeyPatch.context() as patch,
        Client(Vendors("sample"), lambda: now, transport=SampleTransport(now)) as client,
    ):
        for variable in {source.key_variable for source in all_sources() if source.key_variable}:
            patch.setenv(variable, "0123456789abcdef" * 2)
        for source in all_sources():
            if source.requests is None:
                continue
            frames = {name: frame for name, (_, frame) in loaded.items()}
            state = FetchState("full", {name: seeds.of_world(name, "sample") for name in source.seeds}, {}, frames)
            got = [ask(client, source, request, lambda: now) for request in source.requests(state, now)]
            held = [r.frame for r in got if r.frame is not None]
            if held or source.dataset not in BEGINS_LATE:
                loaded[source.dataset] = got, pl.concat(held)
    return loaded


def _by_rule(frame: pl.DataFrame) -> pl.DataFrame:
    """Without statistics whose listed release dates may be earlier than the lag rule's day (dbt puts them in)."""
    if "series_id" not in frame.columns or "vintage_date" in frame.columns:
        return frame
    return frame.filter(~pl.col("series_id").is_in(list(world().prints)))


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return _load(SAMPLE_NOW)


def test_every_question_is_answered_with_data_that_breaks_no_rule(loaded: Loaded) -> None:
    for source in all_sources():
        if source.requests is None:
            continue
        got, frame = loaded[source.dataset]
        fine = {"data", "empty"} if source.dataset in HAS_GAPS else {"data"}
        assert {r.outcome for r in got} == fine, [(r.request.series, r.note) for r in got if r.outcome != "data"]
        assert {
            rule.name: frame.filter(rule.bad).height for rule in source.rules if frame.filter(rule.bad).height
        } == {}
        assert frame.select(pl.struct(source.key).is_duplicated().any()).item() is False
        assert (source.known_at(_by_rule(frame)).drop_nulls() <= SAMPLE_NOW).all()


def test_bars_as_traded_are_the_worlds_to_the_cent(loaded: Loaded) -> None:
    frame, market = loaded["yahoo_bars"][1], world()
    assert set(frame["symbol"]) == {c for c in market.bars if c not in NOT_ASKED}
    for symbol, bars in market.bars.items():
        if symbol in NOT_ASKED:
            continue
        held = frame.filter(pl.col("symbol") == symbol).sort("session_date")
        assert tuple(held["session_date"]) == market.clock.days[bars.start : bars.start + len(bars.close)]
        for name in ("open", "high", "low", "close", "volume"):
            assert np.array_equal(held[name].to_numpy(), getattr(bars, name)), (symbol, name)


def test_actions_as_paid_are_the_worlds(loaded: Loaded) -> None:
    source = next(s for s in all_sources() if s.dataset == "yahoo_actions")
    market = world()
    for received in loaded["yahoo_bars"][0]:
        bars = market.bars[received.request.series]
        if not bars.dividends:
            continue
        assert received.answer is not None
        held = (
            source.parse(received.answer.body, received.request).filter(pl.col("action") == "dividend").sort("ex_date")
        )
        assert held["ex_date"].to_list() == [market.clock.days[day] for day, _ in bars.dividends]
        assert held["value"].to_list() == pytest.approx([cash for _, cash in bars.dividends], abs=yahoo.FROM_A_CENT)


def test_an_earlier_clock_loads_an_earlier_world(loaded: Loaded) -> None:
    now = datetime(2018, 6, 12, 1, tzinfo=UTC)
    early = _load(now)
    for source in all_sources():
        # members since after this day; a tracker that begins later
        if source.requests is None or source.dataset in {"sp500_constituents", *BEGINS_LATE}:
            continue
        frame = early[source.dataset][1]
        assert (source.known_at(_by_rule(frame)).drop_nulls() <= now).all()
        assert source.dataset in OF_THE_DAY or frame.height < loaded[source.dataset][1].height
