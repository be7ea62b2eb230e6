"""What each security did each session, from its own past, and how many members of each segment did so (BR01–BR09).

Belongs here: integer arrays of whole instruments in, flags per row and counts per segment and session out. Does not:
opening tables, adjusting prices (``int_prices``), floors and statuses (``int_breadth``).

Rows stand in (instrument, session) order and an instrument is never split between two calls. So every function here can
run per chunk, per core or per machine; counts of parts are added. Prices are integer ticks: sums and comparisons are
exact. A run of bars ends where more than ``LONGEST_GAP`` sessions are missing, and an era where a step of the price was
never explained: no average and no extreme reaches across either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Flags = NDArray[np.int8]  # 1 yes, 0 no, -1 not known
AVERAGES = (20, 50, 100, 200)
YEAR = 252  # bars before the one that is compared with them
LONGEST_GAP = 5
UNTRADED, ADVANCED, DECLINED, UNCHANGED = range(4)
MOVES = ("untraded", "A", "D", "U")
EXTREMES = ("new_high_52w", "new_low_52w", "new_high_52w_close", "new_low_52w_close")
FLAGS = (*(f"above_sma{n}" for n in AVERAGES), *EXTREMES)
COUNTS = (
    *("members", "advancers", "decliners", "unchanged", "up_volume", "down_volume"),
    *(f"{kind}_sma{n}" for n in AVERAGES for kind in ("with", "above")),
    *("with_52w", "new_highs_52w", "new_lows_52w", "new_highs_52w_close", "new_lows_52w_close"),
)
PACKED = 3  # counts that share one double while they are added, each below 2 ** PACKED_BITS
PACKED_BITS = 17
LOW_BITS = 26  # volumes are added in two parts, so that no part leaves the integers that a double holds
NOTHING = np.iinfo(np.int64).min  # no row: no moment at which it was known


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of whole instruments, one row each, in (instrument, session) order.

    ``instrument`` and ``session`` are numbers; ``era`` counts the unexplained steps before the row; ``gap`` is the number
    of sessions since the traded bar before (0: none, or not to be compared). ``close``, ``high`` and ``low`` are ticks,
    ``total_return`` is the close with dividends. Rows that are not ``is_traded`` are looked at by no window; without
    ``has_return`` a day has no total return.
    """

    instrument: Ints
    session: Ints
    is_traded: NDArray[np.bool_]
    era: Ints
    gap: Ints
    close: Ints
    high: Ints
    low: Ints
    total_return: Floats
    has_return: NDArray[np.bool_]


CHUNK = 1 << 18  # rows; the arrays of one chunk stay in the processor's caches
NEEDED = (
    *("instrument_id", "session_no", "is_traded", "era", "gap_sessions", "close_ticks", "high_ticks", "low_ticks"),
    *("close_tr", "is_payout_aside", "has_no_actions"),
)  # columns of int_prices that ``bars_of`` reads


def chunks(
    batches: Iterable[pa.RecordBatch], rows: int = CHUNK, unit: str = "instrument_id"
) -> Iterator[pa.RecordBatch]:
    """The same rows in batches that hold whole units: about ``rows`` each, or one unit if that has more.

    Raises ValueError where the column ``unit`` does not ascend from one batch to the next.
    """
    held: list[pa.RecordBatch] = []
    before = ""
    for batch in batches:
        if not batch.num_rows:
            continue
        held.append(batch)
        if sum(b.num_rows for b in held) >= rows:
            whole = pa.concat_batches(held)
            starts, names = runs(whole[unit])
            _ascend([before, *names])
            if len(starts) > 1:
                yield whole.slice(0, starts[-1])
                before = names[-2]
            held = [whole.slice(starts[-1])]
    if held:
        whole = pa.concat_batches(held)
        _ascend([before, *runs(whole[unit])[1]])
        yield whole


def bars_of(chunk: pa.RecordBatch) -> tuple[Bars, list[str]]:
    """(bars with instruments numbered from 0 as they come, their names) of a batch with the columns ``NEEDED``."""
    starts, names = runs(chunk["instrument_id"])
    _ascend(names)
    lengths = np.diff(np.append(starts, chunk.num_rows))
    has_return = ~(numbers(chunk["is_payout_aside"], np.bool_) | numbers(chunk["has_no_actions"], np.bool_))
    read = {
        name: numbers(chunk[name], np.int32 if name in ("session_no", "gap_sessions") else np.int64)
        for name in ("session_no", "era", "gap_sessions", "close_ticks", "high_ticks", "low_ticks")
    }
    return Bars(
        np.repeat(np.arange(len(names), dtype=np.int32), lengths),
        read["session_no"],
        numbers(chunk["is_traded"], np.bool_),
        read["era"],
        read["gap_sessions"],
        read["close_ticks"],
        read["high_ticks"],
        read["low_ticks"],
        numbers(chunk["close_tr"], np.float64),
        has_return,
    ), names


def runs(column: pa.Array) -> tuple[Ints, list[str]]:
    """(first rows, values) of the stretches of equal values."""
    encoded = pc.run_end_encode(column)
    ends = np.asarray(encoded.run_ends)
    return np.concatenate([ends[:0], [0], ends[:-1]]), encoded.values.to_pylist()


def _ascend(names: list[str]) -> None:
    for before, name in pairwise(names):
        if name <= before:
            raise ValueError(
                f"bars: rows of {name!r} come after rows of {before!r}; expected each instrument once, in ascending order"
            )


def numbers(column: pa.Array, kind: type[np.generic]) -> NDArray[Any]:
    """A column as numpy, without a copy where it can be; null is 0, false or NaN."""
    if kind is np.float64:
        column = column.cast(pa.float64())
    elif column.null_count:
        column = column.fill_null(False if kind is np.bool_ else 0)
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False).astype(kind, copy=False)
    return values


@dataclass(frozen=True, slots=True)
class Daily:
    """Per row of ``Bars``: index into ``MOVES``; ratio since the session before (NaN: none); ``flags`` by name;
    the close against the highest one of the era so far (NaN: not traded)."""

    move: Flags
    return_1d: Floats
    flags: Mapping[str, Flags]
    drawdown: Floats


def daily(bars: Bars, highest_before: Ints | None = None) -> Daily:
    """Moves, returns, averages, extremes and drawdown of every row.

    ``highest_before``: per row the highest close, in ticks, of its era before the first row here (0: none). Then, too, rows
    say the same as among all bars once ``YEAR`` traded bars of their instrument come before them.

    Raises ValueError where rows are not in (instrument, session) order or an era goes back.
    """
    _verify(bars)
    rows = np.flatnonzero(bars.is_traded)
    size, every = rows.size, bars.session.size
    instrument, era, gap, close = bars.instrument[rows], bars.era[rows], bars.gap[rows], bars.close[rows]
    starts_era = np.ones(size, dtype=np.bool_)
    starts_era[1:] = (instrument[1:] != instrument[:-1]) | (era[1:] != era[:-1])
    place = np.arange(size)
    in_run = place - np.maximum.accumulate(np.where(starts_era | (gap > LONGEST_GAP), place, 0)) + 1
    follows = ~starts_era & (gap == 1)

    def spread(values: NDArray[Any], missing: float) -> NDArray[Any]:
        if size == every:
            return values
        found = np.full(every, missing, dtype=values.dtype)
        found[rows] = values
        return found

    step = np.zeros(size, dtype=np.int64)
    step[1:] = close[1:] - close[:-1]
    move = np.where(step > 0, ADVANCED, np.where(step < 0, DECLINED, UNCHANGED)).astype(np.int8)
    move[~follows] = UNTRADED
    total, returned = bars.total_return[rows], np.full(size, np.nan)
    before = total[:-1]
    compared = follows[1:] & bars.has_return[rows][1:] & (before != 0)
    np.divide(total[1:], before, out=returned[1:], where=compared)
    returned -= 1

    flags: dict[str, Flags] = {}
    sums = np.concatenate([[0], np.cumsum(close, dtype=np.int64)])
    for n in AVERAGES:
        is_above = n * close[n - 1 :] > sums[n:] - sums[:-n]
        flags[f"above_sma{n}"] = spread(_known(is_above, in_run >= n), -1)
    for name, values, is_high in zip(
        EXTREMES, (bars.high[rows], bars.low[rows], close, close), (True, False, True, False), strict=True
    ):
        past = _extreme(values, YEAR, np.maximum if is_high else np.minimum)[:-1]
        is_beyond = values[YEAR:] > past if is_high else values[YEAR:] < past
        flags[name] = spread(_known(is_beyond, in_run > YEAR), -1)

    highest = np.empty(size, dtype=np.float64)
    bounds = [*np.flatnonzero(starts_era).tolist(), size]
    for start, stop in pairwise(bounds):
        highest[start:stop] = np.maximum.accumulate(close[start:stop])
        if highest_before is not None:
            np.maximum(highest[start:stop], highest_before[rows[start]], out=highest[start:stop])
    fall = np.full(size, np.nan)
    np.divide(close, highest, out=fall, where=highest != 0)
    return Daily(spread(move, UNTRADED), spread(returned, np.nan), flags, spread(fall - 1, np.nan))


def _known(answers: NDArray[np.bool_], is_known: NDArray[np.bool_]) -> Flags:
    """Answers for the last rows of ``is_known``; where that is false, and before them, -1."""
    flags = np.full(is_known.size, -1, dtype=np.int8)
    late = is_known.size - answers.size
    np.copyto(flags[late:], answers, where=is_known[late:], casting="unsafe")
    return flags


def _verify(bars: Bars) -> None:
    same = bars.instrument[1:] == bars.instrument[:-1]
    right = (bars.instrument[1:] > bars.instrument[:-1]) | (same & (bars.session[1:] > bars.session[:-1]))
    right &= ~same | (bars.era[1:] >= bars.era[:-1])
    if not right.all():
        row = int(right.argmin()) + 1
        before, here = zip(
            *(a[row - 1 : row + 1].tolist() for a in (bars.instrument, bars.session, bars.era)), strict=True
        )
        raise ValueError(
            f"bars: row {row} (instrument, session, era) {here} comes after {before}; expected instruments in"
            " order, each session once and later than the one before, eras that never go back"
        )


def _extreme(values: Ints, n: int, larger: np.ufunc) -> Ints:
    """The extreme of each ``n`` values in a row, by doubling; the first one is of ``values[:n]``. Empty if there are fewer."""
    if values.size < n:
        return values[:0]
    found, size = values, 1
    while 2 * size <= n:
        found, size = larger(found[size:], found[:-size]), 2 * size
    rest: Ints = found if size == n else larger(found[n - size :], found[: found.size - (n - size)])
    return rest


@dataclass(frozen=True, slots=True)
class Cells:
    """Who is a member when, and of which sector and size. A cell is one universe, sector and size.

    Everything is numbered from 0; the last sector and the last size stand for "not known". ``members``: rows (universe,
    member, first, stop), ``sectors``: (member, sector, first, stop), ``sizes``: (universe, member, quarter, size), each
    sorted by member; ``quarters``: the quarter of each session. A spell holds from session ``first`` and not any more at
    ``stop``; where two of them overlap the later row counts.
    """

    members: Ints
    sectors: Ints
    sizes: Ints
    quarters: Ints
    shape: tuple[int, int, int]  # universes, sectors and sizes, with the unknown ones

    def of(self, first: int, stop: int) -> NDArray[np.int32]:
        """Cells of the members [first, stop): (universes, stop - first, sessions); -1: not a member that session."""
        universes, sectors, sizes = self.shape
        sessions, held = self.quarters.size, stop - first
        sector = np.full((held, sessions), sectors - 1, dtype=np.int32)
        for member, label, start, end in _between(self.sectors, 0, first, stop).tolist():
            sector[member - first, start:end] = label
        size = np.full((universes, held, int(self.quarters.max(initial=0)) + 1), sizes - 1, dtype=np.int32)
        rows = _between(self.sizes, 1, first, stop)
        size[rows[:, 0], rows[:, 1] - first, rows[:, 2]] = rows[:, 3]
        found = np.full((universes, held, sessions), -1, dtype=np.int32)
        for universe, member, start, end in _between(self.members, 1, first, stop).tolist():
            here = slice(start, end)
            label = universe * sectors + sector[member - first, here]
            found[universe, member - first, here] = label * sizes + size[universe, member - first, self.quarters[here]]
        return found


def _between(rows: Ints, column: int, first: int, stop: int) -> Ints:
    start, end = np.searchsorted(rows[:, column], [first, stop])
    return rows[start:end]


TALLIED = pa.schema([("place", pa.int64()), *((name, pa.int64()) for name in COUNTS), ("known_us", pa.int64())])


class Tally:
    """Counts per cell and session, as arrays of the shape (cells, sessions); ``counts`` by the names in ``COUNTS``."""

    def __init__(self, shape: tuple[int, int, int], sessions: int) -> None:
        """Nothing counted yet; ``shape`` is that of the ``Cells``."""
        size = (int(np.prod(shape)), sessions)
        self.counts = {name: np.zeros(size, dtype=np.int64) for name in COUNTS}
        self.known = np.full(size, NOTHING, dtype=np.int64)

    def __iadd__(self, other: Tally) -> Tally:
        """Add what was counted of other instruments."""
        for name in COUNTS:
            self.counts[name] += other.counts[name]
        np.maximum(self.known, other.known, out=self.known)
        return self

    def rows(self) -> pa.RecordBatch:
        """The places at which something was counted, as rows of ``TALLIED``: parts of a count travel so."""
        known = self.known.reshape(-1)
        place = np.flatnonzero(known != NOTHING)
        counts = [count.reshape(-1)[place] for count in self.counts.values()]
        return pa.RecordBatch.from_arrays([pa.array(a) for a in (place, *counts, known[place])], schema=TALLIED)

    def add_rows(self, rows: pa.RecordBatch) -> None:
        """Add what another tally of the same shape tells by ``rows``."""
        place = numbers(rows["place"], np.int64)
        for name, count in self.counts.items():
            count.reshape(-1)[place] += numbers(rows[name], np.int64)
        known = self.known.reshape(-1)
        known[place] = np.maximum(known[place], numbers(rows["known_us"], np.int64))

    def add_members(self, cells: NDArray[np.int32]) -> None:
        """Count members: ``Cells.of`` some of them."""
        sessions = self.known.shape[1]
        place = (cells.astype(np.int64) * sessions + np.arange(sessions))[cells >= 0]
        self.counts["members"].reshape(-1)[:] += np.bincount(place, minlength=self.known.size)

    def add(self, cell: Ints, session: Ints, found: Daily, volume: Ints, known: Ints) -> None:
        """Count rows: the ``cell`` of each (-1: of no member), ``session`` from 0, its ``daily``, volume, and moment known.

        Raises ValueError where 131,072 rows or more fall into one place at once.
        """
        inside = np.flatnonzero(cell >= 0)
        place = cell[inside].astype(np.int64) * self.known.shape[1] + session[inside]
        if np.bincount(place, minlength=1).max() >= 1 << PACKED_BITS:
            raise ValueError(f"tally: {1 << PACKED_BITS} instruments or more in one place; count fewer at a time")
        move, flags = found.move[inside], {name: flag[inside] for name, flag in found.flags.items()}
        is_one = {"advancers": move == ADVANCED, "decliners": move == DECLINED, "unchanged": move == UNCHANGED}
        for n in AVERAGES:
            above = flags[f"above_sma{n}"]
            is_one |= {f"with_sma{n}": above >= 0, f"above_sma{n}": above == 1}
        is_one["with_52w"] = flags["new_high_52w"] >= 0
        is_one |= {name.replace("_52w", "s_52w"): flags[name] == 1 for name in EXTREMES}
        names = list(is_one)
        for k in range(0, len(names), PACKED):
            part = names[k : k + PACKED]
            weight = np.zeros(place.size)
            for n, name in enumerate(part):
                weight += is_one[name] * float(1 << (PACKED_BITS * n))
            packed = self._sum(place, weight)
            for n, name in enumerate(part):
                self._plus(name, (packed >> (PACKED_BITS * n)) & ((1 << PACKED_BITS) - 1))
        shares = volume[inside]
        for name, moved in (("up_volume", is_one["advancers"]), ("down_volume", is_one["decliners"])):
            at, some = place[moved], shares[moved]
            self._plus(
                name, self._sum(at, some & ((1 << LOW_BITS) - 1)) + (self._sum(at, some >> LOW_BITS) << LOW_BITS)
            )
        np.maximum.at(self.known.reshape(-1), place, known[inside])

    def _sum(self, place: Ints, weight: NDArray[Any]) -> NDArray[np.int64]:
        return np.bincount(place, weights=weight, minlength=self.known.size).astype(np.int64)

    def _plus(self, name: str, count: NDArray[np.int64]) -> None:
        self.counts[name].reshape(-1)[:] += count
