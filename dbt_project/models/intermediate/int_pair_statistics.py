"""Rolling statistics of every pair, window and lag: long in, long out. The arithmetic is in updraft_kernels.pairs.

All pairs lie on one axis of sessions. So pairs that are given on the same sessions share what belongs to those sessions and
to one leg on them; it is known again by its content.
"""

import datetime
from functools import lru_cache

import numpy as np
import polars as pl

from updraft_kernels import pairs

WINDOWS = [20, 60, 120, 252]
KEY = ["asset_x", "asset_y", "alignment", "lag_sessions"]
FIRST = datetime.date(2014, 12, 1)  # rows start in 2015; a row may use a window that ended some sessions earlier
SHARED = 256  # legs and sets of sessions kept for the next pairs
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {"lag_sessions": pl.Int32, "session_no": pl.Int32, "session_date": pl.Date}
SCHEMA |= {"window_sessions": pl.Int32, "n_obs": pl.Int32, "r": pl.Float64}
for leg in ("y", "x"):
    SCHEMA |= {f"{name}_of_{leg}": pl.Float64 for name in ("beta", "error", "up_beta", "down_beta")}
    SCHEMA |= {f"{name}_of_{leg}": pl.Int32 for name in ("n_up", "n_down")}


def model(dbt, session):
    dbt.config(materialized="by_session")
    returns = dbt.ref("int_pair_returns").pl().sort(*KEY, "session_no")
    first, last = returns["session_no"].min(), returns["session_no"].max()

    @lru_cache(SHARED)
    def sessions_of(given):
        return pairs.Sessions(np.frombuffer(given, dtype=np.bool_), WINDOWS)

    @lru_cache(SHARED)
    def leg_of(given, values):
        return sessions_of(given).leg(np.frombuffer(values))

    def of_pair(one):
        place = one["session_no"].to_numpy() - first
        x, y = np.full((2, last - first + 1), np.nan)
        for values, name in ((x, "return_x"), (y, "return_y")):
            values[place] = one[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        given = np.isfinite(x) & np.isfinite(y)
        x[~given] = y[~given] = 0.0
        return _rows(one, place, x, y, given, sessions_of, leg_of)

    frames = [of_pair(one) for _, one in returns.group_by(KEY, maintain_order=True)]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).to_arrow()


def _rows(one, place, x, y, given, sessions_of, leg_of):
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
    return pl.concat(frames).select(SCHEMA.keys()).cast(SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
