"""Coin Metrics: counts are texts, moments have nine decimals, and an answer has one page."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.coinmetrics_assets import GOOD, UNKNOWN

from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, ShapeError
from ingestion.sources import coinmetrics

ASKED = p.request("btc")


def changed(**day: Any) -> bytes:
    answer = json.loads(GOOD)
    answer["data"][0] |= day
    return json.dumps(answer).encode()


def test_a_running_day_is_dropped_and_a_missing_count_is_none() -> None:
    frame = coinmetrics.parse(GOOD, ASKED)
    assert frame.rows() == [
        ("btc", date(2026, 1, 13), 640112, 401337),
        ("btc", date(2026, 1, 14), None, 398001),
    ]
    assert coinmetrics.known_at(frame)[0] == datetime(2026, 1, 14, 12, tzinfo=UTC)
    assert coinmetrics.hole(frame, ASKED) is None
    assert coinmetrics.hole(frame.vstack(frame[1:].with_columns(observed_on=date(2026, 1, 16))), ASKED) == date(
        2026, 1, 15
    )


def test_a_metric_the_vendor_does_not_have_is_none() -> None:
    """It is left out of the rows; without any of them the answer is another one."""
    answer = json.loads(GOOD)
    for day in answer["data"]:
        del day["AdrActCnt"]
    assert coinmetrics.parse(json.dumps(answer).encode(), ASKED)["active_addresses"].null_count() == 2
    for day in answer["data"]:
        del day["TxCnt"]
    with pytest.raises(ShapeError, match="must be told"):
        coinmetrics.parse(json.dumps(answer).encode(), ASKED)


@pytest.mark.parametrize(
    "body",
    [
        changed(AdrActCnt=640112),
        changed(AdrActCnt="640112.5"),
        changed(TxCnt="many"),
        changed(time="2026-01-13T00:00:00Z"),
        changed(time="2026-01-13T01:00:00.000000000Z"),
        changed(time=None),
        changed(asset="eth"),
        GOOD.replace(b'"next_page_url":null', b'"next_page_url":"https://vendor.example/next"'),
        b'{"error":{"type":"forbidden","message":"not available with supplied credentials"}}',
        b'{"data":{}}',
        b"[]",
    ],
)
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        coinmetrics.parse(body, ASKED)


def test_an_unknown_coin_and_nothing_are_told_apart() -> None:
    with pytest.raises(NoSuchSeries):
        coinmetrics.parse(UNKNOWN, ASKED)
    with pytest.raises(EmptyAnswer):
        coinmetrics.parse(b'{"data":[]}', ASKED)


def test_counts_are_above_zero() -> None:
    (rule,) = coinmetrics.SOURCES[0].rules
    frame = pl.DataFrame({"active_addresses": [1, 0, None, 1], "transactions": [1, 1, 1, -1]})
    assert frame.select(rule.bad).to_series().to_list() == [False, True, False, True]


def test_a_known_coin_is_asked_again_for_what_a_quarter_needs() -> None:
    seed = pl.DataFrame(
        {"symbol": ["BTC-USD", "^GSPC"], "asset_class": ["crypto", "index"], "history_from": [date(2015, 1, 1)] * 2}
    )
    (first,) = coinmetrics.requests(FetchState("core", {"instruments": seed}), p.ASKED)
    assert (first.series, first.first, first.whole) == ("btc", date(2015, 1, 1), True)
    assert "assets=btc&metrics=AdrActCnt,TxCnt&frequency=1d&start_time=2015-01-01&page_size=10000" in first.url
    day = p.ASKED - timedelta(1)
    mark = Covered(date(2015, 1, 1), date(2026, 1, 14), day, "data")
    (again,) = coinmetrics.requests(FetchState("core", {"instruments": seed}, {"btc": mark}), p.ASKED)
    assert again.first == date(2026, 1, 14) - coinmetrics.OVERLAP and not again.whole
    mark = Covered(date(2015, 1, 1), date(2026, 1, 15), p.ASKED, "data")
    assert not list(coinmetrics.requests(FetchState("core", {"instruments": seed}, {"btc": mark}), p.ASKED))
