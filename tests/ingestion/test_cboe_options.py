"""Puts against calls: what is read of a session, which files are refused, in which order the history is asked and from when."""

from datetime import UTC, date, datetime
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads import cboe_put_call as options

from ingestion import calendar
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import cboe_options

CBOE = source("cboe_put_call")
R = p.request(options.SERIES)
DAY = date(2026, 1, 14)
SNAPSHOT = datetime(2026, 1, 16, 1, tzinfo=UTC)  # 20:00 New York of 2026-01-15


def asked(as_of: datetime = SNAPSHOT, tier: Any = "full", **covered: Covered) -> list[str]:
    marks = {name.removeprefix("d").replace("_", "-"): mark for name, mark in covered.items()}
    assert CBOE.requests is not None
    return [one.series for one in CBOE.requests(FetchState(tier, {}, marks), as_of)]


def broken(frame: pl.DataFrame) -> list[str]:
    return [rule.name for rule in CBOE.rules if frame.filter(rule.bad.fill_null(False)).height]


def test_four_products_are_read_and_volumes_that_are_not_told_are_null() -> None:
    frame = CBOE.parse(options.GOOD, R)
    assert frame.rows() == [
        (DAY, "total", 0.80, 1000.0, 800.0),
        (DAY, "index", 1.25, 200.0, 250.0),
        (DAY, "etp", 1.00, None, None),
        (DAY, "equity", 0.50, 700.0, 350.0),
    ]
    assert broken(frame) == []


def test_the_sum_was_one_object_in_older_files() -> None:
    assert CBOE.parse(options.OLDER, R).equals(CBOE.parse(options.GOOD, R))


def test_no_trade_is_told_as_zero_and_is_not_missing() -> None:
    frame = CBOE.parse(options.told({**options.RATIOS, "INDEX": "0.00"}, INDEX_OPTIONS=options.block(0, 0)), R)
    assert frame.filter(product="index").row(0) == (DAY, "index", 0.0, 0.0, 0.0)
    assert broken(frame) == []


def test_a_ratio_that_contradicts_its_volumes_is_set_aside() -> None:
    # a ratio told with one decimal too few, and one that agrees to the half of a hundredth
    assert broken(CBOE.parse(options.told({**options.RATIOS, "EQUITY": "5.00"}), R)) == ["ratio_contradicts_volumes"]
    assert broken(CBOE.parse(options.told(EQUITY_OPTIONS=options.block(1000, 505)), R)) == []
    assert broken(CBOE.parse(options.told({**options.RATIOS, "INDEX": "101.00"}, INDEX_OPTIONS=None), R)) == [
        "ratio_impossible"
    ]


def test_a_file_counts_from_the_morning_after_the_session() -> None:
    frame = pl.DataFrame({"session_date": [DAY, date(2026, 1, 16)]})
    # the 19th is a holiday
    assert CBOE.known_at(frame).to_list() == [
        datetime(2026, 1, 15, 14, tzinfo=UTC),
        datetime(2026, 1, 20, 14, tzinfo=UTC),
    ]


def test_a_file_that_is_not_there_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        CBOE.parse(options.NOT_THERE, R)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must not be empty"),
        (p.HTML, "must be JSON"),
        (options.GOOD[:-9], "declared shape"),
        (b"[]", "the answer must be an object"),
        (b'{"ratios": {}}', "must hold ratios"),
        (options.told({}), "must hold ratios"),
        (options.told({k: v for k, v in options.RATIOS.items() if k != "EQUITY"}), "EQUITY.* must be told"),
        (options.told({**options.RATIOS, "TOTAL": 0.8}), "a text with two decimals"),
        (options.told({**options.RATIOS, "TOTAL": "0.8"}), "a text with two decimals"),
        (options.told({**options.RATIOS, "OEX": "n/a"}), "a text with two decimals"),
        (options.GOOD.replace(b"OEX PUT/CALL RATIO", b"OEX PUTS TO CALLS"), "must end with PUT/CALL RATIO"),
        (options.GOOD.replace(b'"OEX PUT/CALL', b'"INDEX PUT/CALL'), "must be told once"),
        (options.told(INDEX_OPTIONS="none"), "must be a list or an object"),
        (options.told(INDEX_OPTIONS=[]), "must hold one row VOLUME"),
        (options.told(INDEX_OPTIONS=[{"name": "VOLUME", "call": 1, "put": 2, "total": 4}]), "must add up"),
        (options.told(INDEX_OPTIONS=[{"name": "VOLUME", "call": "1", "put": 2, "total": 3}]), "whole numbers"),
    ],
)
def test_another_shape_is_refused(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        CBOE.parse(body, R)


def test_the_history_is_asked_backwards_so_many_at_once() -> None:
    first = asked()
    # the file of the 15th appears on the 16th
    assert first[:2] == ["2026-01-14", "2026-01-13"] and len(first) == cboe_options.PER_RUN
    held = {f"d{day.replace('-', '_')}": Covered(DAY, DAY, SNAPSHOT) for day in first}
    then = asked(**held)
    assert len(then) == cboe_options.PER_RUN and max(then) < min(first)
    assert asked(tier="core") == []


def test_the_history_ends_with_the_first_file() -> None:
    held = {
        f"d{str(day).replace('-', '_')}": Covered(DAY, DAY, SNAPSHOT)
        for day in calendar.sessions()
        if day > date(2019, 10, 8)
    }
    assert asked(**held) == ["2019-10-08", "2019-10-07"]


def test_a_session_without_a_file_waits_longer_each_time() -> None:
    nothing = Covered(DAY, DAY, SNAPSHOT, outcome="empty", nothings=2)
    assert "2026-01-14" not in asked(d2026_01_14=nothing)
    later = calendar.snapshot_at(date(2026, 1, 20))
    assert "2026-01-14" in asked(later, d2026_01_14=nothing)


def test_the_history_begins_where_ten_sessions_in_a_row_have_no_file() -> None:
    """The built-in vendors' history is short: a second run of the same evening must ask nothing."""
    sessions = [day for day in calendar.sessions() if day <= DAY]
    nothing = Covered(DAY, DAY, SNAPSHOT, outcome="empty", nothings=2)
    held = {str(day): Covered(DAY, DAY, SNAPSHOT) for day in sessions[-20:]}

    def without(count: int, never_asked: int | None = None) -> list[str]:
        days = [str(day) for n, day in enumerate(sessions[-20 - count : -20]) if n != never_asked]
        return asked(
            **{f"d{day.replace('-', '_')}": mark for day, mark in (held | dict.fromkeys(days, nothing)).items()}
        )

    assert without(cboe_options.NONE_IN_A_ROW) == []
    assert len(without(cboe_options.NONE_IN_A_ROW - 1)) == cboe_options.PER_RUN
    assert len(without(cboe_options.NONE_IN_A_ROW, never_asked=3)) == cboe_options.PER_RUN
