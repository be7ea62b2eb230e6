"""Bars that cannot be believed yet: steps that no event explains, payouts no price shows, counts of shares out of scale.

Belongs here: what one security's bars up to a day, the index and a fund's own value say about that day. Does not: what a
vendor's answer says against itself (the connector), factors, statuses, what a reader is told (the models).

Everything is causal: the verdict on a session uses rows up to that session only. Levels are natural logarithms of closes
times the splits that have entered by then.

A step is doubted when it stands out of the index's move and looks like a change of scale, not like a market: the whole
bar lies beyond it, the bar is no wider than usual, and no more was traded than usual (a stock that halves in earnest
trades many times its usual money; one that was split does not). For a fund the value it reports itself decides instead.
A doubt ends when the level is back (a split that is listed late, a bad print that is over, bars set right), when a fund's
own value confirms the step, or after ``WAIT`` sessions: then the security speaks again, and compares nothing across.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STANDS_OUT = 0.2  # of a step, beyond the index's move: a split of 5:4
BEYOND = 0.6  # share of the step that the nearer end of the bar has made
WIDE = 3.0  # times the usual range: a bar of a day that traded its way
LEAST_WIDE = 0.02  # a natural logarithm: a bar of a security that hardly moves
BUSY = 2.5  # times the usual shares and money
BACK = 0.4  # share of the step within which the level counts as the old one
CONFIRMS = 0.3  # share of the step by which a fund's own value may differ and still confirm it
WAIT, LOOK_BACK, LEAST, LONGEST_GAP = 20, 20, 10, 5  # sessions
SHOWS_ABOVE = 0.06  # a payout above this share of the price must show in the price of its ex-date
VOLUME_LOOK_BACK, VOLUME_LEAST = 60, 20
ALONE, TOGETHER = (log(50), 8 * 1.4826), (log(20), 6 * 1.4826)  # natural logarithm, deviations of the own past
NEWS = 0.05  # a natural logarithm: a move of the price that brings trading with it
TOGETHER_SHARE, TOGETHER_LEAST = 0.05, 3  # of the stocks of a session

UNLISTED, UNEXPLAINED = "ADJCLOSE_WITHOUT_STEP", "STEP_WITHOUT_EVENT"
SCHEMA: dict[str, pl.DataType] = {
    "instrument_id": pl.String(),
    "session_no": pl.Int64(),
    "doubt": pl.String(),
    "is_payout_aside": pl.Boolean(),
    "is_volume_aside": pl.Boolean(),
    "starts_anew": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Value:
    """What a fund said of one day: its value and shares a share (NaN: not said), and the session that knew it."""

    value: float
    shares: float
    known_no: int


@dataclass
class _Verdicts:
    """Rows (positions in the input) that something is said about."""

    doubt: dict[int, str] = field(default_factory=dict)
    payout: set[int] = field(default_factory=set)
    volume: set[int] = field(default_factory=set)
    anew: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Bars:
    """Columns of all bars, sorted by security and session; ``level`` and ``scale`` are natural logarithms."""

    number: NDArray[np.int64]
    level: Floats
    scale: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    cash: Floats
    is_unlisted: NDArray[np.bool_]
    is_late: NDArray[np.bool_]
    is_cash_doubted: NDArray[np.bool_]
    market: Floats


def judge(bars: pl.DataFrame, market: Mapping[int, float], values: Mapping[str, Mapping[int, Value]]) -> pl.DataFrame:
    """Rows in doubt, by ``instrument_id`` and ``session_no``: columns of ``SCHEMA``, only rows about which something is said.

    ``bars``: the traded bars of stocks and funds, in any order: instrument_id, asset_class ('stock', 'etf'), session_no,
    high, low, close, volume (null: not reported), split_factor (of all splits entered so far), cash (paid per share;
    null: none), has_late_split, is_cash_doubted, has_unlisted_step. ``market``: close of the index by session number.
    ``values``: what funds report, by instrument and session number.
    """
    bars = bars.sort("instrument_id", "session_no")
    if bars.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    held = _columns(bars, market)
    starts = np.flatnonzero(np.r_[True, _changes(bars["instrument_id"])])
    stops = np.r_[starts[1:], bars.height]
    first = np.repeat(starts, stops - starts)
    names = bars["instrument_id"].gather(starts).to_list()
    kinds = bars["asset_class"].gather(starts).to_list()
    told = _Verdicts()
    wanted = _worth_a_look(held, first)
    bounds = np.searchsorted(wanted, np.append(starts, bars.height)).tolist()
    for n, name in enumerate(names):
        looks = wanted[bounds[n] : bounds[n + 1]]
        if len(looks):
            fund = values.get(name, {}) if kinds[n] == "etf" else None
            _judge_prices(held, int(starts[n]), int(stops[n]), looks, fund, told)
    _judge_volumes(held, first, bars["asset_class"].to_numpy() == "stock", told)
    rows = sorted({*told.doubt, *told.payout, *told.volume, *told.anew})
    return pl.DataFrame(
        {
            "instrument_id": bars["instrument_id"].gather(rows),
            "session_no": bars["session_no"].gather(rows),
            "doubt": [told.doubt.get(row) for row in rows],
            "is_payout_aside": [row in told.payout for row in rows],
            "is_volume_aside": [row in told.volume for row in rows],
            "starts_anew": [row in told.anew for row in rows],
        },
        schema=SCHEMA,
    )


def _changes(names: pl.Series) -> NDArray[np.bool_]:
    return np.asarray((names != names.shift(1)).to_numpy()[1:], dtype=np.bool_)


def _columns(bars: pl.DataFrame, market: Mapping[int, float]) -> _Bars:
    number = bars["session_no"].cast(pl.Int64).to_numpy()
    close, scale = _floats(bars["close"]), np.log(_floats(bars["split_factor"]))
    index = np.full(int(number.max()) + 1, np.nan)
    for session, level in market.items():
        if session < len(index) and level > 0:
            index[session] = log(level)
    return _Bars(
        number=number,
        level=np.log(close) + scale,
        scale=scale,
        high=_floats(bars["high"].fill_null(bars["close"])),
        low=_floats(bars["low"].fill_null(bars["close"])),
        close=close,
        volume=_floats(bars["volume"]),
        cash=np.nan_to_num(_floats(bars["cash"])),
        is_unlisted=_flags(bars["has_unlisted_step"]),
        is_late=_flags(bars["has_late_split"]),
        is_cash_doubted=_flags(bars["is_cash_doubted"]),
        market=index,
    )


def _floats(values: pl.Series) -> Floats:
    return np.asarray(values.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _flags(values: pl.Series) -> NDArray[np.bool_]:
    return np.asarray(values.fill_null(value=False).to_numpy(), dtype=np.bool_)


def _worth_a_look(held: _Bars, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows with a large step (with or without their payout), a large or doubted payout, or an unlisted step."""
    has_past = first != np.arange(len(first))
    step = np.zeros(len(first))
    step[1:] = held.level[1:] - held.level[:-1]
    paid = np.log1p(held.cash / held.close)
    large = np.maximum(np.abs(step), np.abs(step + paid)) >= STANDS_OUT
    payout = (held.cash > SHOWS_ABOVE * held.close) | held.is_cash_doubted
    return np.flatnonzero((has_past & (large | held.is_unlisted)) | payout)


def _judge_prices(
    held: _Bars,
    start: int,
    stop: int,
    looks: NDArray[np.int64],
    fund: Mapping[int, Value] | None,
    told: _Verdicts,
) -> None:
    """The rows worth a look of one security, oldest first; ``fund`` is None for a stock."""
    speaks_from = start
    for row in looks:
        i = int(row)
        cash = held.cash[i]
        if cash > 0 and (held.is_cash_doubted[i] or not _shows(held, start, i)):
            told.payout.add(i)
            cash = 0.0
        if i <= speaks_from or held.is_late[i]:
            continue  # inside a doubt, where one ends, or a split that is listed late: no move, but explained
        reason = _why(held, start, i, cash, fund, told)
        if reason is None:
            continue
        speaks_from = _until(held, i, stop, cash, fund, told)
        told.doubt.update(dict.fromkeys(range(i, speaks_from), reason))


def _drift(held: _Bars, earlier: int, later: int) -> float:
    """What the index did between two rows; 0 where it is not known."""
    moved = held.market[held.number[later]] - held.market[held.number[earlier]]
    return 0.0 if np.isnan(moved) else float(moved)


def _shows(held: _Bars, start: int, i: int) -> bool:
    """Whether a payout shows in the price of its day: with it the day is nearer to the index's move than without."""
    if held.cash[i] <= SHOWS_ABOVE * held.close[i]:
        return True
    if i == start or held.is_late[i]:
        return False
    step = float(held.level[i] - held.level[i - 1]) - _drift(held, i - 1, i)
    return abs(step + log(1 + held.cash[i] / held.close[i])) <= abs(step)


def _why(held: _Bars, start: int, i: int, cash: float, fund: Mapping[int, Value] | None, told: _Verdicts) -> str | None:
    """The reason to doubt the step into row ``i``; None when it is believed or cannot be judged."""
    step = float(held.level[i] + log(1 + cash / held.close[i]) - held.level[i - 1])
    own = step - _drift(held, i - 1, i)
    if min(abs(step), abs(own)) < STANDS_OUT or (own > 0) != (step > 0):
        return None
    if held.is_unlisted[i]:
        return UNLISTED
    past = [n for n in range(max(start, i - LOOK_BACK), i) if n not in told.doubt]
    is_judged = len(past) >= LEAST and held.number[i] - held.number[i - 1] <= LONGEST_GAP
    if not is_judged or not _looks_rescaled(held, i, cash, step, past):
        return None
    believed = _confirms(held, i, i, fund) if fund is not None else _is_busy(held, i, past)
    return None if believed else UNEXPLAINED


def _looks_rescaled(held: _Bars, i: int, cash: float, step: float, past: list[int]) -> bool:
    """Whether the whole bar lies beyond the step and is no wider than usual: nobody traded on the way."""
    before = held.level[i - 1]
    top = float(np.log(held.high[i] + cash) + held.scale[i] - before)
    bottom = float(np.log(held.low[i] + cash) + held.scale[i] - before)
    usual = float(np.median(np.log(held.high[past] / held.low[past])))
    return (top if step < 0 else bottom) / step >= BEYOND and top - bottom <= max(WIDE * usual, LEAST_WIDE)


def _is_busy(held: _Bars, i: int, past: list[int]) -> bool:
    """Whether many times the usual shares, and many times the usual money, changed hands; False where it is not told."""
    shares = held.volume[past] * np.exp(-held.scale[past])
    money = held.volume[past] * held.close[past]
    if np.isnan(held.volume[i]) or np.isnan(shares).all():
        return False
    more_shares = held.volume[i] * np.exp(-held.scale[i]) / np.nanmedian(shares)
    more_money = held.volume[i] * held.close[i] / np.nanmedian(money)
    return bool(min(more_shares, more_money) > BUSY)


def _until(held: _Bars, i: int, stop: int, cash: float, fund: Mapping[int, Value] | None, told: _Verdicts) -> int:
    """The row from which a security in doubt since row ``i`` speaks again; ``stop`` when it does not yet."""
    before = held.level[i - 1]
    step = float(held.level[i] + log(1 + cash / held.close[i]) - before)
    for j in range(i + 1, stop):
        if abs(held.level[j] - before - _drift(held, i - 1, j)) <= BACK * abs(step):
            return j
        if fund is not None and _confirms(held, i, j, fund):
            return j
        if held.number[j] - held.number[i] >= WAIT:
            told.anew.add(j)
            return j
    return stop


def _confirms(held: _Bars, i: int, now: int, fund: Mapping[int, Value]) -> bool:
    """Whether the fund's own value made the step of row ``i`` too, at unchanged shares, as known at row ``now``."""
    value, before = fund.get(int(held.number[i])), fund.get(int(held.number[i - 1]))
    if value is None or before is None or max(value.known_no, before.known_no) > held.number[now]:
        return False
    step = float(np.log(held.close[i] / held.close[i - 1]))
    return bool(
        abs(np.log(value.value / before.value) - step) <= CONFIRMS * abs(step)
        and abs(np.log(value.shares / before.shares)) <= CONFIRMS * abs(step)
    )


def _judge_volumes(held: _Bars, first: NDArray[np.int64], is_stock: NDArray[np.bool_], told: _Verdicts) -> None:
    """Counts of shares out of line with the security's own past: far out alone, or out with many others, or again."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(held.volume) - held.scale
    sound = np.where(np.isfinite(size), size, 0.0)
    total = np.concatenate([[0.0], np.cumsum(sound)])
    row = np.arange(len(size))
    since = np.maximum(first, row - LOOK_BACK)
    mean = (total[row] - total[since]) / np.maximum(row - since, 1)
    looks = np.flatnonzero((row - first >= VOLUME_LEAST) & np.isfinite(size) & (np.abs(size - mean) > log(8)))
    out: dict[int, float] = {}
    has_news: dict[int, bool] = {}
    for i in map(int, looks):
        past = size[max(int(first[i]), i - VOLUME_LOOK_BACK) : i]
        past = past[np.isfinite(past)]
        middle = np.median(past) if len(past) >= VOLUME_LEAST else np.nan
        distance = float(size[i] - middle)
        spread = float(np.median(np.abs(past - middle))) if len(past) else np.nan
        if not abs(distance) > max(TOGETHER[0], TOGETHER[1] * spread):
            continue
        is_again = i - 1 in out and i - 1 >= first[i] and (out[i - 1] > 0) == (distance > 0)
        # where the price moved the count may be true, for as long as it lasts
        has_news[i] = abs(held.level[i] - held.level[i - 1]) > NEWS or (is_again and has_news[i - 1])
        out[i] = distance
        if not has_news[i] and (is_again or abs(distance) > max(ALONE[0], ALONE[1] * spread)):
            told.volume.add(i)
    stocks = [i for i in out if is_stock[i]]
    many = np.bincount(held.number[stocks], minlength=len(held.market)) if stocks else np.zeros(len(held.market))
    traded = np.bincount(held.number[is_stock], minlength=len(held.market))
    told.volume.update(
        i for i in stocks if many[held.number[i]] >= max(TOGETHER_LEAST, TOGETHER_SHARE * traded[held.number[i]])
    )
