"""Forward-adjusted prices: worked cases through the model, and agreement with a computation one bar at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered import Rendered

from updraft_kernels import doubts, prices

FIRST = date(2025, 1, 1)
TYPES = {"session_no": pl.Int32, "volume": pl.Int64, "cash": pl.Float64} | dict.fromkeys(
    ("open", "high", "low", "close", "split_factor", "split_step"), pl.Float64
)
DEFAULTS = {
    **{"instrument_id": "EQ:AAA", "asset_class": "stock", "is_half_day": False, "is_traded": True, "source": "x"},
    **{"split_factor": 1, "split_step": 1, "cash": None, "has_late_split": False, "has_no_actions": False},
    **{"open": None, "high": None, "low": None, "known_at": datetime(2025, 1, 1, tzinfo=UTC)},
}


def priced(rows: list[dict[str, Any]], told: list[tuple[Any, ...]] | None = None) -> list[dict[str, Any]]:
    """``int_prices`` of rows of int_bars; ``told``: (instrument, session, doubt, payout, volume, anew) of int_price_doubts."""
    bars = pl.DataFrame(
        [DEFAULTS | {"session_date": FIRST + timedelta(days=row["session_no"])} | row for row in rows],
        infer_schema_length=None,
    )
    base = Rendered()
    base.put(int_bars=bars.cast(TYPES), int_price_doubts=pl.DataFrame(told or [], schema=doubts.SCHEMA, orient="row"))
    base.run("int_prices")
    return base.con.execute("FROM int_prices").pl().to_dicts()


def shown(found: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found]


def test_prices_adjust_forward() -> None:
    """A 2:1 split on the second day (200 to 99.5) and a dividend of 25 on the third (close 50): earlier rows keep factor 1,
    later rows carry 2 and 2 * (1 + 25/50) = 3. A zero-volume bar is not traded and does not count as the previous one. A
    split learnt late leaves no gap number, so no false move is counted."""
    found = priced([
        {"session_no": 1, "high": 201, "low": 199, "close": 200, "volume": 100},
        {"session_no": 2, "split_factor": 2, "split_step": 2, "high": 100, "low": 99, "close": 99.5, "volume": 400},
        {"session_no": 3, "split_factor": 2, "cash": 25, "high": 50, "low": 50, "close": 50, "volume": 400},
        {"session_no": 4, "split_factor": 2, "is_traded": False, "close": 50, "volume": 0},
        {"session_no": 5, "split_factor": 2, "high": 50, "low": 50, "close": 50, "volume": 10},
        {"session_no": 6, "split_factor": 4, "split_step": 2, "has_late_split": True, "close": 50, "volume": 20},
    ])  # fmt: skip
    names = ("split_factor", "tr_factor", "close_ticks", "high_ticks", "close_tr", "volume_split", "is_traded")
    assert shown(found, *names, "gap_sessions", "bar_no") == [
        (1, 1, 2_000_000, 2_010_000, 200, 100, True, None, 1),
        (2, 2, 1_990_000, 2_000_000, 199, 200, True, 1, 2),
        (2, 3, 1_000_000, 1_000_000, 150, 200, True, 1, 3),
        (2, 3, 1_000_000, 1_000_000, 150, 0, False, None, 1),
        (2, 3, 1_000_000, 1_000_000, 150, 5, True, 2, 4),
        (4, 6, 2_000_000, 2_000_000, 300, 5, True, None, 5),
    ]
    assert all(row["era"] == 0 and row["doubt"] is None for row in found)
    assert found[0]["low_ticks"] == 1_990_000 and found[1]["close_split"] == 199


def test_prices_in_doubt() -> None:
    """A bar in doubt is no bar for any window (the next one has a gap of two); a payout in doubt enters no factor, that day
    or later; a volume in doubt is null and the bar stays; where a doubt ended undecided an era begins. A doubt about a day
    without a bar is about no bar."""
    told = [
        ("EQ:AAA", 2, "STEP_WITHOUT_EVENT", False, False, False),
        ("EQ:AAA", 3, None, True, True, True),
        ("EQ:AAA", 9, "NO_BAR_THAT_DAY", True, True, True),
        ("EQ:ZZZ", 1, "NO_SUCH_INSTRUMENT", True, True, True),
    ]
    found = priced([
        {"session_no": 1, "close": 200, "volume": 100},
        {"session_no": 2, "close": 100, "volume": 100},
        {"session_no": 3, "cash": 100, "close": 200, "volume": 10_000},
        {"session_no": 4, "cash": 2, "close": 200, "volume": 100},
        {"session_no": 12, "close": 200, "volume": 100},
    ], told)  # fmt: skip
    names = ("is_traded", "volume", "tr_factor", "gap_sessions", "bar_no", "era", "doubt", "is_payout_aside")
    assert shown(found, *names) == [
        (True, 100, 1, None, 1, 0, None, False),
        (False, 100, 1, None, 1, 0, "STEP_WITHOUT_EVENT", False),
        (True, None, 1, 2, 2, 1, None, True),
        (True, 100, 1.01, 1, 3, 1, None, False),
        (True, 100, 1.01, 8, 4, 1, None, False),
    ]
    assert shown(found, "volume_split", "is_volume_aside")[2] == (None, True)


def test_rows_come_in_order_and_instruments_share_nothing() -> None:
    found = priced(
        [
            {"instrument_id": "B", "session_no": 2, "close": 10, "volume": None, "cash": 1},
            {"instrument_id": "A", "session_no": 2, "close": 30, "volume": 3},
            {"instrument_id": "B", "session_no": 1, "close": 20, "volume": 2**60},
            {"instrument_id": "A", "session_no": 1, "close": 40, "volume": 3, "split_step": 3, "split_factor": 3},
        ],
        [("A", 1, None, False, False, True)],
    )
    names = ("instrument_id", "session_no", "tr_factor", "era", "bar_no", "gap_sessions", "volume", "volume_split")
    assert shown(found, *names) == [
        ("A", 1, 3, 1, 1, None, 3, 1),
        ("A", 2, 3, 1, 2, 1, 3, 3),
        ("B", 1, 1, 0, 1, None, 2**60, 2**60),
        ("B", 2, 1.1, 0, 2, 1, None, None),
    ]


@pytest.mark.parametrize(("value", "rounded"), [(0.5, 1), (1.5, 2), (2.5, 3), (0.49999999999999994, 0), (7.0, 7)])
def test_a_half_is_rounded_up(value: float, rounded: int) -> None:
    assert prices.whole(np.array([value])).tolist() == [rounded]


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_every_row_agrees_with_a_computation_one_bar_at_a_time(seed: int) -> None:
    draw = np.random.default_rng(seed)
    lengths = draw.integers(1, 40, 3)
    starts = np.cumsum([0, *lengths[:-1]])
    session = np.concatenate([np.cumsum(draw.integers(1, 4, n)) for n in lengths])
    size = session.size
    close, traded, anew = draw.integers(1, 900, size) / 7, draw.random(size) > 0.2, draw.random(size) < 0.1
    step = np.where(draw.random(size) < 0.1, draw.choice([2.0, 3.0, 0.1], size), 1.0)
    cash = np.where(draw.random(size) < 0.2, draw.integers(1, 90, size) / 9, 0.0)
    factor, era = prices.factors(starts, close, step, cash), prices.eras(starts, anew)
    number, gap = prices.spacing(starts, session, traded)
    for start, length in zip(starts, lengths, strict=True):
        product, eras, seen = 1.0, 0, {True: (0, 0), False: (0, 0)}
        for t in range(start, start + length):
            product *= step[t] * (1 + cash[t] / close[t])
            eras += bool(anew[t])
            count, last = seen[bool(traded[t])]
            assert (factor[t], era[t], number[t]) == (product, eras, count + 1)
            assert gap[t] == (session[t] - last if count else 0)
            seen[bool(traded[t])] = (count + 1, session[t])
