"""Rolling sensitivity of a return to the change of a yield (specification MP11): least squares over 120 pairs.

Belongs here: the slope, its interval, and since when each was known. Does not: prices, yields, calendars.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from updraft_kernels import pairs

WINDOW, LEAST = 120, 100
Z = 1.96  # 95 %, as for the other slopes
SCHEMA: dict[str, pl.DataType] = {
    "basket": pl.String(),
    "session_no": pl.Int32(),
    "beta": pl.Float64(),
    "ci_low": pl.Float64(),
    "ci_high": pl.Float64(),
    "n_obs": pl.Int32(),
    "known_at": pl.Datetime("us", "UTC"),
}


def slopes(given: pl.DataFrame) -> pl.DataFrame:
    """One row per basket and pair: the slope of ``excess_pct`` on ``change_bp`` over the last 120 pairs, as ``SCHEMA``.

    ``given`` has basket, session_no, change_bp, excess_pct, known_at. ``known_at`` of a row is when all of its window was
    known; fewer than 100 pairs, or a yield that does not move, have no slope.
    """
    frames = [pl.DataFrame(schema=SCHEMA)]
    for (basket,), one in given.sort("basket", "session_no").group_by(["basket"], maintain_order=True):
        x, y = one["change_bp"].to_numpy(), one["excess_pct"].to_numpy()
        found = pairs.moments(x, y, np.ones(one.height, dtype=np.bool_), [WINDOW])[WINDOW]
        line = pairs.slope(found)
        enough = found.n >= LEAST
        columns = {
            "beta": line.beta,
            "ci_low": line.beta - Z * line.error,
            "ci_high": line.beta + Z * line.error,
        }
        frames.append(
            one.select(
                pl.lit(basket).alias("basket"),
                "session_no",
                *(pl.Series(name, np.where(enough, values, np.nan)).fill_nan(None) for name, values in columns.items()),
                pl.Series("n_obs", found.n),
                pl.col("known_at").cum_max(),
            ).cast(dict(SCHEMA))  # type: ignore[arg-type]
        )
    return pl.concat(frames)
