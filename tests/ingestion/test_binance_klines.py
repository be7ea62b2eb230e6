"""Binance: arrays of twelve with prices as texts, in Tether dollars; the running day is dropped."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.binance_klines import GOOD, UNKNOWN

from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import binance

ASKED = p.request("BTCUSDT")
# One hour of a real answer, as another program keeps it: the same twelve fields of another length
HOUR = b'[[1710327600000,"1.0","2.0","0.5","1.5","0.2",1710331199999,"0.3",55,"0.1","0.15","0"]]'


def changed(at: int, value: Any) -> bytes:
    answer = json.loads(GOOD)
    answer[0][at] = value
    return json.dumps(answer).encode()


def test_prices_are_texts_and_the_running_day_is_dropped() -> None:
    frame = binance.parse(GOOD, ASKED)
    assert frame.rows() == [
        ("BTCUSDT", date(2026, 1, 13), 91000.1, 92800.0, 90500.5, 92000.25, 812.5),
        ("BTCUSDT", date(2026, 1, 14), 92000.25, 93000.0, 91100.0, 91500.0, 640.25),
    ]
    assert binance.known_at(frame)[0] == datetime(2026, 1, 14, tzinfo=UTC)
    assert binance.hole(frame, ASKED) is None
    assert binance.hole(frame.vstack(frame[1:].with_columns(observed_on=date(2026, 1, 16))), ASKED) == date(2026, 1, 15)


@pytest.mark.parametrize(
    "body",
    [
        HOUR,
        changed(0, 1768262400000000),  # microseconds, as in the vendor's archives
        changed(0, 1768262400),
        changed(6, 1768348800000),
        changed(1, 91000.1),
        changed(4, "many"),
        GOOD.replace(b',"0"]', b"]"),
        b'{"code":0,"msg":"Service unavailable from a restricted location"}',
        b"<html>451</html>",
    ],
)
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        binance.parse(body, ASKED)


def test_a_pair_that_is_not_there_is_nothing() -> None:
    for body in (UNKNOWN, b"[]"):
        with pytest.raises(EmptyAnswer):
            binance.parse(body, ASKED)


def test_one_page_then_an_overlap() -> None:
    ids = pl.DataFrame({"instrument_id": ["CR:BTC", "CR:BTC"], "vendor": ["binance", "other"], "id": ["BTCUSDT", "x"]})
    given = {"instruments": pl.DataFrame({"instrument_id": ["CR:BTC"]}), "instrument_ids": ids}
    (first,) = binance.requests(FetchState("core", given), p.ASKED)
    yesterday = p.ASKED.astimezone(UTC).date() - timedelta(1)
    assert (first.series, first.first, first.last) == ("BTCUSDT", yesterday - timedelta(999), yesterday)
    start = int(datetime(first.first.year, first.first.month, first.first.day, tzinfo=UTC).timestamp()) * 1000
    assert first.url.endswith(f"symbol=BTCUSDT&interval=1d&startTime={start}&limit=1000")
    mark = Covered(first.first, date(2026, 1, 12), p.ASKED - timedelta(3), "data")
    (again,) = binance.requests(FetchState("core", given, {"BTCUSDT": mark}), p.ASKED)
    assert again.first == date(2026, 1, 7)
    old = Covered(date(2020, 1, 1), date(2021, 1, 1), p.ASKED - timedelta(900), "data")
    (page,) = binance.requests(FetchState("core", given, {"BTCUSDT": old}), p.ASKED)
    assert page.first == first.first
    done = Covered(first.first, yesterday, p.ASKED, "data")
    assert not list(binance.requests(FetchState("core", given, {"BTCUSDT": done}), p.ASKED))
