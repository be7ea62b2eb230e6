"""Coinbase: low before high, newest first, gaps, running candles, and its two kinds of no."""

import json
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest

from ingestion.source import EmptyAnswer, NoSuchSeries, ShapeError
from ingestion.sources import coinbase

R = p.request("BTC-USD/86400/2026-01-01")


def test_candles_are_read_in_the_vendors_order() -> None:
    frame = coinbase.parse(p.GOOD_CANDLES, R)
    assert frame.select("product", "granularity_s", "low", "high", "open", "close", "volume").rows() == [
        ("BTC-USD", 86400, 90.0, 105.0, 95.5, 100.0, 3.25),
        ("BTC-USD", 86400, 95.0, 115.0, 100.0, 110.0, 2.5),
    ]
    assert frame["start_at"].dt.date().to_list() == [date(2026, 1, 13), date(2026, 1, 15)]
    assert coinbase.known_at(frame)[-1] == datetime(2026, 1, 16, tzinfo=UTC)


def test_a_candle_counts_from_the_moment_it_ends() -> None:
    just_before = p.request("BTC-USD/86400", datetime(2026, 1, 15, 23, 59, 59, tzinfo=UTC))
    assert coinbase.parse(p.GOOD_CANDLES, just_before).height == 1
    at_end = p.request("BTC-USD/86400", datetime(2026, 1, 16, tzinfo=UTC))
    assert coinbase.parse(p.GOOD_CANDLES, at_end).height == 2


def test_minute_candles_belong_to_a_minute_series() -> None:
    minutes = json.dumps([[1517443740, 10106, 10120.21, 10106.01, 10120.21, 2.85]]).encode()
    assert coinbase.parse(minutes, p.request("BTC-USD/60"))["granularity_s"].to_list() == [60]
    with pytest.raises(ShapeError, match="multiples of 86400"):
        coinbase.parse(minutes, R)


def test_empty_and_unknown() -> None:
    with pytest.raises(EmptyAnswer):
        coinbase.parse(b"[]", R)
    with pytest.raises(EmptyAnswer):
        coinbase.parse(b"[[1768521600,100,130,110,120,5.5]]", R)
    with pytest.raises(NoSuchSeries):
        coinbase.parse(b'{"message":"Unsupported granularity"}', R)
    with pytest.raises(NoSuchSeries):
        coinbase.parse(b'{"message":"NotFound"}', R)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        p.HTML,
        b'{"message":"Public rate limit exceeded"}',
        p.GOOD_CANDLES[:-20],
        b"[[1768435200,95,115,100,110]]",
        b"[[1768435200000,95,115,100,110,2.5]]",
        b'[["2026-01-15",95,115,100,110,2.5]]',
        b'[[1768435200,"95","115","100","110","2.5"]]',
        b"[[1768435200,95,1e999,100,110,2.5]]",
        b"[[null,95,115,100,110,2.5]]",
        b"[1768435200,95,115,100,110,2.5]",
    ],
)
def test_anything_else_is_a_shape_error(body: bytes) -> None:
    with pytest.raises(ShapeError):
        coinbase.parse(body, R)


def test_impossible_candles_are_caught() -> None:
    bad = coinbase.parse(b"[[1768435200,95,90,100,110,-2.5]]", R)
    caught = {r.name for r in coinbase.SOURCES[0].rules if bad.select(r.bad.fill_null(False)).to_series().any()}
    assert caught == {"high_below_low", "close_outside_range", "volume_negative"}
    assert isinstance(bad, pl.DataFrame)
