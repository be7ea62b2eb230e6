"""Indices that count newspapers (specification GU01 to GU03), as they stood at each snapshot: means, rank, shocks.

Belongs here: what one session could read from the counts known then. Does not: which vendor counted, prices, events.

Days are counted anew and a whole index may be normalised anew, so nothing is carried from one state of the file to the
next: at each session the means, the rank among ten years and the threshold of a shock are all taken from one state.
Only the days since a shock are remembered, because a shock that was seen stays one; with them and the counts known then,
telling can go on from any session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHORT, LONG, DECADE = 7, 30, 3652  # days
LEAST_OF_DECADE = 0.9
YEAR, ROBUST, DEVIATIONS = 252, 1.4826, 3.0  # earlier 7-day means, and how far above their middle a shock lies
EPOCH = date(1970, 1, 1)
QUIET = 30  # days without a shock, after which the next one is an event of its own
EASED, MEMORY = 0.75, 90  # a 30-day mean at three quarters of its highest of 90 days has eased
SCHEMA: dict[str, pl.DataType] = {
    "index_id": pl.String(),
    "session_no": pl.Int32(),
    "observed_on": pl.Date(),
    "mean_7d": pl.Float64(),
    "mean_30d": pl.Float64(),
    "percentile_10y": pl.Float64(),
    "z_10y": pl.Float64(),
    "n_10y": pl.Int32(),
    "is_shock": pl.Boolean(),
    "shock_on": pl.Date(),
    "newest_shock_on": pl.Date(),
    "has_eased": pl.Boolean(),
    "is_reconstructed": pl.Boolean(),
    "known_at": pl.Datetime("us", "UTC"),
}


def trailing_mean(values: Floats, size: int) -> Floats:
    """The mean of each element and the ``size`` - 1 before it; NaN where one of them is missing or before the first."""
    if values.size < size:
        return np.full(values.size, np.nan)
    means = np.lib.stride_tricks.sliding_window_view(values, size).mean(axis=1)
    return np.concatenate([np.full(size - 1, np.nan), means])


def rank(history: Floats) -> tuple[float, float, int]:
    """Percentile of the last value among all, its distance from the mean of those before it in deviations, their number."""
    held = history[~np.isnan(history)]
    n = held.size
    if n == 0 or np.isnan(history[-1]):
        return np.nan, np.nan, n
    last, before = held[-1], held[:-1]
    percentile = 100.0 * ((held < last).sum() + 0.5 * (held == last).sum()) / n
    spread = before.std(ddof=1) if before.size > 1 else 0.0
    return float(percentile), float((last - before.mean()) / spread) if spread >= 1e-12 else np.nan, n


def is_shock(means: Floats) -> bool | None:
    """Whether the last 7-day mean lies three robust deviations above the middle of the 252 before it; None: too few."""
    before = means[-YEAR - 1 : -1]
    if before.size < YEAR or np.isnan(means[-YEAR - 1 :]).any():
        return None
    middle = _median(before)
    return bool(means[-1] > middle + DEVIATIONS * ROBUST * _median(np.abs(before - middle)))


def _median(held: Floats) -> float:
    """Of ``YEAR`` values without a gap; numpy's own asks more about its input than it computes."""
    half = YEAR // 2
    low, high = np.partition(held, (half - 1, half))[half - 1 : half + 1].tolist()
    return float((low + high) / 2)


def _has_eased(long: Floats, days_since: int, shock_at: int) -> bool | None:
    """Whether a shock of the last 90 days has eased by its last 30-day mean; None where a mean of these days is missing."""
    lately = long[-MEMORY:]
    if lately.size < MEMORY or np.isnan(lately).any():
        return None
    return bool(0 <= days_since <= MEMORY and shock_at >= 0 and lately[-1] <= EASED * lately.max())


@dataclass
class _State:
    """One index as it stands: a value per day from the first day on, its means, when each was told and first seen."""

    values: Floats
    short: Floats
    long: Floats
    known: Ints
    seen: Ints
    newest: int = -1

    @classmethod
    def empty(cls, size: int) -> _State:
        values, short, long = (np.full(size, np.nan) for _ in range(3))
        return cls(values, short, long, np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))

    def take(self, at: Ints, values: Floats, known: Ints, seen: Ints) -> None:
        """Set the days ``at``, at least one, and the means that hold one of them."""
        self.values[at], self.known[at], self.seen[at] = values, known, seen
        low, high = int(at.min()), int(at.max())
        self.newest = max(self.newest, high)
        for means, size in ((self.short, SHORT), (self.long, LONG)):
            first = max(0, low - size + 1)
            again = trailing_mean(self.values[first : high + size], size)
            means[low : high + size] = again[low - first :]


@dataclass
class _Shocks:
    """What is remembered of shocks: the place of the day the newest one began and of its newest day so far (-1: none)."""

    began: int = -1
    last: int = -1

    def look(self, state: _State, before: int, now: bool | None) -> None:
        """See the days of a state after the place ``before``: a file that brings several may bring the first of a shock.

        ``now`` tells whether the newest day is one.
        """
        first = max(0, state.newest - DECADE - LONG)
        short = state.short[first : state.newest + 1]
        counted = min(first, 1) * (SHORT - 1)  # means that reach back before the first day looked at
        for day in range(max(before + 1, first), state.newest + 1):
            if now if day == state.newest else is_shock(short[counted : day - first + 1]):
                self.began = day if self.last < 0 or day - self.last > QUIET else self.began
                self.last = day


def _said(state: _State, origin: int, shocks: _Shocks, now: bool | None) -> tuple[object, ...]:
    """What a state says, in the order of ``SCHEMA`` without index, session and ``is_reconstructed``; days as numbers."""
    first = max(0, state.newest - DECADE - LONG)
    short, long = state.short[first : state.newest + 1], state.long[first : state.newest + 1]
    percentile, z, n = rank(short[-DECADE:])
    is_full = n >= LEAST_OF_DECADE * DECADE
    window = slice(max(0, state.newest - LONG + 1), state.newest + 1)
    return (
        origin + state.newest, short[-1], long[-1], percentile if is_full else np.nan, z if is_full else np.nan, n,
        now, *(origin + day if day >= 0 else None for day in (shocks.began, shocks.last)),
        _has_eased(long, state.newest - shocks.began, shocks.began), int(state.known[window].max()),
    )  # fmt: skip


def standing(counts: pl.DataFrame, sessions: pl.DataFrame, told: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per index and session from the first known day on, as ``SCHEMA``.

    ``counts`` has index_id, observed_on, value, known_at, first_seen_at (every version); ``sessions`` has session_no and
    snapshot_at, ascending. ``shock_on`` is the day the newest shock seen so far began, ``newest_shock_on`` the newest day
    above the threshold. ``told`` are rows of one session, as ``SCHEMA``: of an index that has one there, the sessions up to
    it are left out. Source: specification GU01 to GU03.
    """
    frames = [pl.DataFrame(schema=SCHEMA)]
    before = {} if told is None else {row["index_id"]: row for row in told.iter_rows(named=True)}
    for (index_id,), one in counts.sort("index_id", "known_at", "first_seen_at", "observed_on").group_by(
        ["index_id"], maintain_order=True
    ):
        frames.append(_standing(str(index_id), one, sessions, before.get(index_id)))
    return pl.concat(frames)


def _standing(index_id: str, one: pl.DataFrame, sessions: pl.DataFrame, told: Mapping[str, Any] | None) -> pl.DataFrame:
    days = one["observed_on"].to_physical().to_numpy().astype(np.int64)
    origin = int(days.min())
    size = int(days.max()) - origin + 1
    values = one["value"].to_numpy()
    known, seen = (one[name].to_physical().to_numpy() for name in ("known_at", "first_seen_at"))
    state = _State.empty(size)
    numbers, snapshots = sessions["session_no"].to_numpy(), sessions["snapshot_at"].to_physical().to_numpy()
    until = np.searchsorted(known, snapshots, side="right")
    taken, rows = 0, []
    shocks = _Shocks()
    said: tuple[object, ...] = ()
    if told is not None:
        start = int(np.searchsorted(numbers, told["session_no"], side="right"))
        taken = int(until[start - 1])
        state.take(days[:taken] - origin, values[:taken], known[:taken], seen[:taken])
        if told["shock_on"] is not None:
            shocks = _Shocks(*((told[name] - EPOCH).days - origin for name in ("shock_on", "newest_shock_on")))
        said = _said(state, origin, shocks, is_shock(state.short[: state.newest + 1]))
        numbers, snapshots, until = numbers[start:], snapshots[start:], until[start:]
    for number, snapshot, end in zip(numbers.tolist(), snapshots.tolist(), until.tolist(), strict=True):
        if taken < end:  # what is told of a state is kept until the next: a weekly file stands for five sessions
            before, part = state.newest, slice(taken, end)
            state.take(days[part] - origin, values[part], known[part], seen[part])
            taken = end
            now = is_shock(state.short[: state.newest + 1])
            shocks.look(state, before, now)
            said = _said(state, origin, shocks, now)
        if said:
            rows.append((number, *said[:-1], bool(state.seen[state.newest] > snapshot), said[-1]))
    names = [name for name in SCHEMA if name != "index_id"]
    in_days = dict.fromkeys(("observed_on", "shock_on", "newest_shock_on"), pl.Int64())
    kinds = {**SCHEMA, **in_days, "known_at": pl.Int64()}
    frame = pl.DataFrame(rows, schema={name: kinds[name] for name in names}, orient="row")
    return (
        frame.with_columns(
            pl.col("observed_on", "shock_on", "newest_shock_on").cast(pl.Int32).cast(pl.Date),
            pl.col("known_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            pl.col("mean_7d", "mean_30d", "percentile_10y", "z_10y").fill_nan(None),
        )
        .select(pl.lit(index_id).alias("index_id"), *names)
        .cast(dict(SCHEMA))  # type: ignore[arg-type]
    )
