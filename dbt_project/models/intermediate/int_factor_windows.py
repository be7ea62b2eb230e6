"""What a daily regression from before the low lays to each factor since then: long in, long out. A description of moving
together; it names no cause.

Coefficients are those of the 504 sessions that end before the low (252 at least), by least squares.
Windows of sessions that cannot differ are not told again.
"""

import numpy as np
import polars as pl

from updraft_kernels import linear, since

FACTORS = ["two_year", "real_yield", "breakeven", "oil", "spread"]
MOST, LEAST = 504, 252
KEY = ["index_id", "episode_id", "window_id", "session_date"]
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {"session_date": pl.Date, "component": pl.String}
SCHEMA |= {"contribution": pl.Float64, "n": pl.Int32, "known_at": pl.Datetime("us", "UTC")}


def model(dbt, session):
    dbt.config(materialized="by_session")
    days = dbt.ref("int_factor_days").pl().sort("index_id", "session_no")
    windows = dbt.ref("int_attribution_windows").filter("window_id = 'since_trough'")
    windows = since.rows_from(windows, since.first_session(session)).pl()
    frames = [pl.DataFrame(schema=SCHEMA)]
    for (index_id, _), one in windows.sort("session_no").group_by(["index_id", "start_no"], maintain_order=True):
        frames.append(_of_rally(days.filter(pl.col("index_id") == index_id), one))
    return pl.concat(frames).to_arrow()


def _of_rally(days, windows):
    """All windows of one low: they share their coefficients."""
    number, known = days["session_no"].to_numpy(), days["known_at"].dt.epoch("us").to_numpy()
    start = int(np.searchsorted(number, windows["start_no"][0], side="right"))
    if start < LEAST:
        return pl.DataFrame(schema=SCHEMA)
    moves = days.select(FACTORS).to_numpy()
    before = slice(max(0, start - MOST), start)
    regressors = np.column_stack([np.ones(start - before.start), moves[before]])
    beta = linear.least_squares(days["log_return"].to_numpy()[before], regressors)
    stop = np.searchsorted(number, windows["end_no"].to_numpy(), side="right")
    asked = windows["known_at"].dt.epoch("us").to_numpy()
    # the newest figures may not be known yet; what is not counted is left over
    newest = np.maximum(stop - 1, 0)
    stop = np.maximum(stop - (known[newest] > asked), start)
    running = np.concatenate([np.zeros((1, len(FACTORS))), np.cumsum(moves[start:], axis=0)])[stop - start]
    parts = {"average": beta[0] * (stop - start)}
    parts |= {name: beta[1 + i] * running[:, i] for i, name in enumerate(FACTORS)}
    parts["residual"] = windows["log_return"].to_numpy() - sum(parts.values())
    frames = [
        windows.select(
            *KEY, component=pl.lit(name), contribution=pl.Series(values), n=pl.Series(stop - start), known_at="known_at"
        )
        for name, values in parts.items()
    ]
    return pl.concat(frames).cast(SCHEMA)
