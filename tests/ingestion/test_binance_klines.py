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

ASKED = p.request("BTCUSDT/2025-11-02")
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


def test_pages_on_a_fixed_grid_then_an_overlap() -> None:
    ids = pl.DataFrame({"instrument_id": ["CR:BTC", "CR:BTC"], "vendor": ["binance", "other"], "id": ["BTCUSDT", "x"]})
    given = {"instruments": pl.DataFrame({"instrument_id": ["CR:BTC"]}), "instrument_ids": ids}

    def asked(covered: dict[str, Covered], as_of: datetime = p.ASKED) -> list[tuple[str, date, date]]:
        return [(r.series, r.first, r.last) for r in binance.requests(FetchState("core", given, covered), as_of)]

    yesterday = date(2026, 1, 15)
    pages = [date(2017, 8, 17), date(2020, 5, 13), date(2023, 2, 7), date(2025, 11, 3)]
    ends = [*(first - timedelta(1) for first in pages[1:]), yesterday]
    assert asked({}) == [(f"BTCUSDT/{first}", first, end) for first, end in zip(pages, ends, strict=True)]
    old, new = list(binance.requests(FetchState("core", given), p.ASKED))[::3]
    assert old.url.endswith("symbol=BTCUSDT&interval=1d&startTime=1502928000000&endTime=1589327999999&limit=1000")
    held = {f"BTCUSDT/{first}": Covered(first, end, p.ASKED) for first, end in zip(pages, ends, strict=True)}
    assert asked(held) == []
    assert asked(held, p.ASKED + timedelta(1)) == [(new.series, date(2026, 1, 10), date(2026, 1, 16))]
    # a page that had not ended when it was asked, and one whose hole is due, are asked again
    early = Covered(pages[2], ends[2], datetime(2025, 11, 2, 12, tzinfo=UTC), hole=date(2024, 1, 1))
    assert asked(held | {f"BTCUSDT/{pages[2]}": early})[0][0] == f"BTCUSDT/{pages[2]}"
    late = Covered(pages[1], ends[1], p.ASKED - timedelta(1), hole=date(2021, 1, 1), hole_since=p.ASKED - timedelta(1))
    assert asked(held | {f"BTCUSDT/{pages[1]}": late}) == [(f"BTCUSDT/{pages[1]}", pages[1], ends[1])]
    never = Covered(pages[0], ends[0], p.ASKED - timedelta(1), "empty", None, 3)
    assert asked(held | {f"BTCUSDT/{pages[0]}": never}) == []
