"""From the returns of pairs to their rolling statistics (int_pair_statistics), piece by piece.

Belongs here: what an engine runs on whole pairs (``updraft_engine``): batches in, batches out. Does not: the arithmetic
(``pairs``), aligning calendars.

All pairs lie on one axis of sessions. So pairs that are given on the same sessions share what belongs to those sessions and
to one leg on them; it is known again by its content.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from updraft_kernels import pairs

WINDOWS = [20, 60, 120, 252]
KEY = ["asset_x", "asset_y", "alignment", "lag_sessions"]
FIRST = datetime.date(2014, 12, 1)  # rows start in 2015; a row may use a window that ended some sessions earlier
SHARED = 256  # legs and sets of sessions kept for the next pairs
LEGS = [
    *((f"{name}_of_{{}}", pa.float64()) for name in ("beta", "error", "up_beta", "down_beta")),
    *((f"{name}_of_{{}}", pa.int32()) for name in ("n_up", "n_down")),
]
STATISTICS = pa.schema(
    [
        *((name, pa.string()) for name in KEY[:3]),
        *(("lag_sessions", pa.int32()), ("session_no", pa.int32()), ("session_date", pa.date32())),
        *(("window_sessions", pa.int32()), ("n_obs", pa.int32()), ("r", pa.float64())),
        *((name.format(leg), kind) for leg in ("y", "x") for name, kind in LEGS),
    ]
)
SCHEMA = pl.DataFrame(STATISTICS.empty_table()).schema


def statistics(chunks: Iterator[pa.RecordBatch], first: int, last: int) -> Iterator[pa.RecordBatch]:
    """The rows of every pair. ``first`` and ``last``: the sessions between which all pairs lie."""

    @lru_cache(SHARED)
    def sessions_of(given: bytes) -> pairs.Sessions:
        return pairs.Sessions(np.frombuffer(given, dtype=np.bool_), WINDOWS)

    @lru_cache(SHARED)
    def leg_of(given: bytes, values: bytes) -> pairs.Leg:
        return sessions_of(given).leg(np.frombuffer(values))

    for chunk in chunks:
        returns = pl.DataFrame(chunk)
        for _, one in returns.group_by(KEY, maintain_order=True):
            place = one["session_no"].to_numpy() - first
            x, y = np.full((2, last - first + 1), np.nan)
            for values, name in ((x, "return_x"), (y, "return_y")):
                values[place] = one[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            given = np.isfinite(x) & np.isfinite(y)
            x[~given] = y[~given] = 0.0
            yield from _rows(one, place, x, y, given, sessions_of, leg_of).to_arrow().cast(STATISTICS).to_batches()


def _rows(
    one: pl.DataFrame,
    place: NDArray[np.int32],
    x: pairs.Floats,
    y: pairs.Floats,
    given: NDArray[np.bool_],
    sessions_of: Callable[[bytes], pairs.Sessions],
    leg_of: Callable[[bytes, bytes], pairs.Leg],
) -> pl.DataFrame:
    """The rows of one pair: both legs are 0 where it is not ``given``."""
    mask = given.tobytes()
    whole = pairs.joined(sessions_of(mask), leg_of(mask, x.tobytes()), leg_of(mask, y.tobytes()))
    columns = {n: {"n_obs": m.n, "r": pairs.correlation(m)} for n, m in whole.items()}
    for leg, on, by in (("y", x, y), ("x", y, x)):
        for n, m in whole.items():
            line = pairs.slope(m, of_x=leg == "x")
            columns[n] |= {f"beta_of_{leg}": line.beta, f"error_of_{leg}": line.error}
        for side, sign in (("up", 1), ("down", -1)):
            side_mask = (given & (sign * on > 0)).tobytes()
            sessions, regressor = sessions_of(side_mask), leg_of(side_mask, on.tobytes())
            products = sessions.products(regressor, sessions.leg(by, is_regressor=False))
            for n, xy in products.items():
                slope = pairs.beta(xy, regressor.spread[n], sessions.n[n], pairs.LEAST_SUBSET)
                columns[n] |= {f"{side}_beta_of_{leg}": slope, f"n_{side}_of_{leg}": sessions.n[n]}
    head = one.filter(pl.col("session_date") >= FIRST).select(*KEY, "session_no", "session_date")
    kept = place[place.size - head.height :]
    frames = [
        head.with_columns(pl.lit(n).alias("window_sessions"), **{k: pl.Series(v[kept]) for k, v in columns[n].items()})
        for n in WINDOWS
    ]
    return pl.concat(frames).select(SCHEMA.names()).cast(SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
