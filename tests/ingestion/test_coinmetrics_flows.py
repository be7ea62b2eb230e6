"""Coin Metrics' fees and exchange flows: one metric an answer; one that takes a key is nothing, and no error."""

import json
from datetime import UTC, date, timedelta
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.coinmetrics_flows import GOOD, NOT_FREE, UNKNOWN

from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, ShapeError
from ingestion.sources import coinmetrics

ASKED = p.request("btc/FeeTotNtv")
SOURCE = next(source for source in coinmetrics.SOURCES if source.dataset == "coinmetrics_flows")


def changed(**day: Any) -> bytes:
    answer = json.loads(GOOD)
    answer["data"][0] |= day
    return json.dumps(answer).encode()


def test_days_with_a_figure_that_are_over() -> None:
    frame = coinmetrics.parse_flows(GOOD, ASKED)
    assert frame.rows() == [
        ("btc/FeeTotNtv", date(2026, 1, 12), 4.25),
        ("btc/FeeTotNtv", date(2026, 1, 13), 3.12500001),
    ]


@pytest.mark.parametrize(
    "body",
    [
        changed(FeeTotNtv=4.25),
        changed(FeeTotNtv="many"),
        changed(time="2026-01-13"),
        changed(asset="eth"),
        GOOD.replace(b"FeeTotNtv", b"FeeMeanNtv"),
        b"[]",
    ],
)
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        coinmetrics.parse_flows(body, ASKED)


def test_a_metric_that_takes_a_key_is_nothing() -> None:
    """The host answers 403 then; without the word it is a refusal of something else."""
    with pytest.raises(EmptyAnswer):
        coinmetrics.parse_flows(NOT_FREE, ASKED)
    with pytest.raises(NoSuchSeries):
        coinmetrics.parse_flows(UNKNOWN, ASKED)
    assert SOURCE.absent == (403, b'"forbidden"') and SOURCE.absent[1] in NOT_FREE


def test_each_metric_of_a_coin_is_asked_on_its_own() -> None:
    seed = pl.DataFrame({"symbol": ["BTC-USD"], "asset_class": ["crypto"], "history_from": [date(2015, 1, 1)]})
    asked = list(coinmetrics.flow_requests(FetchState("core", {"instruments": seed}), p.ASKED))
    assert [r.series for r in asked] == ["btc/FeeTotNtv", "btc/FlowInExNtv", "btc/FlowOutExNtv"]
    assert "assets=btc&metrics=FlowInExNtv&frequency=1d&start_time=2015-01-01" in asked[1].url
    refused = Covered(date(2015, 1, 1), date(2026, 1, 14), p.ASKED - timedelta(1), "empty", None, 3)
    state = FetchState("core", {"instruments": seed}, {"btc/FlowInExNtv": refused})
    assert [r.series for r in coinmetrics.flow_requests(state, p.ASKED)] == ["btc/FeeTotNtv", "btc/FlowOutExNtv"]


def test_coins_are_above_zero() -> None:
    (rule,) = SOURCE.rules
    frame = pl.DataFrame({"coins": [1.0, 0.0, -1.0, float("inf")]})
    assert frame.select(rule.bad).to_series().to_list() == [False, True, True, True]
    assert coinmetrics.known_at(coinmetrics.parse_flows(GOOD, ASKED))[0].astimezone(UTC).hour == 12
