"""Rolling statistics of every pair, window and lag: long in, long out. The arithmetic is in updraft_kernels.pairs."""

import datetime

import numpy as np
import polars as pl

from updraft_kernels import pairs

WINDOWS = [20, 60, 120, 252]
KEY = ["asset_x", "asset_y", "alignment", "lag_sessions"]
FIRST = datetime.date(2014, 12, 1)  # rows start in 2015; a row may use a window that ended some sessions earlier
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {"lag_sessions": pl.Int32, "session_no": pl.Int32, "session_date": pl.Date}
SCHEMA |= {"known_at": pl.Datetime("us", "UTC"), "window_sessions": pl.Int32, "n_obs": pl.Int32, "r": pl.Float64}
for leg in ("y", "x"):
    SCHEMA |= {f"{name}_of_{leg}": pl.Float64 for name in ("beta", "error", "up_beta", "down_beta")}
    SCHEMA |= {f"{name}_of_{leg}": pl.Int32 for name in ("n_up", "n_down")}


def model(dbt, session):
    dbt.config(materialized="table")
    returns = dbt.ref("int_pair_returns").pl().sort(*KEY, "session_no")
    frames = [_of_pair(one) for _, one in returns.group_by(KEY, maintain_order=True)]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).to_arrow()


def _of_pair(one):
    x, y = (one[leg].cast(pl.Float64).fill_null(float("nan")).to_numpy() for leg in ("return_x", "return_y"))
    given = np.isfinite(x) & np.isfinite(y)
    whole = pairs.moments(x, y, given, WINDOWS)
    subsets = {
        (leg, side): pairs.moments(x, y, given & (sign * other > 0), WINDOWS)
        for leg, other in (("y", x), ("x", y))
        for side, sign in (("up", 1), ("down", -1))
    }
    head = one.select(*KEY, "session_no", "session_date", "known_at")
    return pl.concat([_of_window(head, n, whole[n], {k: m[n] for k, m in subsets.items()}) for n in WINDOWS])


def _of_window(head, n, whole, subsets):
    columns = {"n_obs": whole.n, "r": pairs.correlation(whole)}
    for leg in ("y", "x"):
        line = pairs.slope(whole, of_x=leg == "x")
        columns |= {f"beta_of_{leg}": line.beta, f"error_of_{leg}": line.error}
        for side in ("up", "down"):
            part = pairs.slope(subsets[leg, side], of_x=leg == "x", least=pairs.LEAST_SUBSET)
            columns |= {f"{side}_beta_of_{leg}": part.beta, f"n_{side}_of_{leg}": part.n}
    frame = head.with_columns(pl.lit(n).alias("window_sessions"), **{k: pl.Series(v) for k, v in columns.items()})
    kept = frame.filter(pl.col("session_date") >= FIRST).select(SCHEMA.keys()).cast(SCHEMA)
    return kept.with_columns(pl.col(pl.Float64).fill_nan(None))
