"""Chart rules on the headline index, one row per bar: long in, long out. The arithmetic is in updraft_kernels.technicals.

A value is null where its window is not whole; what is enough to publish is said by the readings.
"""

import numpy as np
import polars as pl

from updraft_kernels import since, technicals

NEEDED = "index_id, session_date, session_no, close_ticks, high_ticks, low_ticks, log_return, known_at"
KEPT = ("index_id", "session_date", "session_no", "close_ticks", "known_at")
NUMBERS = (
    *("rsi", "is_bounce", "since_bounce", "n_bounces"),
    *(f"{what}_{n}" for n in (5, 21) for what in ("n_followed", "mean", "rose")),
    *("turned", "since_turned", "is_below_200", "breakout_20", "breakout_55", "breakout_252", "resistance_ticks"),
    *("vol_20", "vol_60", "vol_ewma", "n_ewma", "exposure", "trend"),
)


def model(dbt, session):
    dbt.config(materialized="by_session")
    bars = dbt.ref("int_headline_returns").select(NEEDED).pl().sort("index_id", "session_date")
    frames = [_of_index(one) for _, one in bars.group_by(["index_id"], maintain_order=True)]
    empty = (
        bars.select(KEPT)
        .clear()
        .with_columns(pl.lit(1, pl.Int64).alias("bar_no"))
        .with_columns(pl.lit(None, pl.Float64).alias(name) for name in NUMBERS)
    )
    return since.frame_from(pl.concat([empty, *frames]), since.first_session(session)).to_arrow()


def _of_index(one):
    close, high, low = (one[f"{name}_ticks"].to_numpy() for name in ("close", "high", "low"))
    returns = one["log_return"].fill_null(float("nan")).to_numpy()
    strength = technicals.rsi(close)
    # strengths before this many closes depend on where the home's history begins
    strength[: technicals.WARM - 1] = np.nan
    bounce = technicals.bounces(strength, close)
    sign = technicals.average_sign(close)
    cross = technicals.crosses(sign)
    short, long = technicals.realised(returns, 20), technicals.realised(returns, 60)
    weighted = technicals.weighted_volatility(returns)
    found = {
        "rsi": strength, "is_bounce": np.where(np.isnan(strength), np.nan, bounce),
        "since_bounce": technicals.since(bounce), "n_bounces": np.cumsum(bounce),
        "turned": cross, "since_turned": technicals.since(np.abs(cross) > 0),
        "is_below_200": technicals.is_below_average(close), "resistance_ticks": technicals.resistance(high),
        "vol_20": short, "vol_60": long, "vol_ewma": weighted.value, "n_ewma": weighted.updates,
        "exposure": technicals.exposure(short, long), "trend": technicals.trend(close, long),
    }  # fmt: skip
    for n in (20, 55, 252):
        found[f"breakout_{n}"] = technicals.breakouts(close, high, low, n)
    for n in (5, 21):
        after = technicals.followed(bounce, close, n)
        found |= {f"n_followed_{n}": after.count, f"mean_{n}": after.mean, f"rose_{n}": after.rose}
    columns = [pl.Series(name, np.asarray(found[name], dtype=np.float64)).fill_nan(None) for name in NUMBERS]
    number = pl.Series("bar_no", np.arange(1, close.size + 1))
    return pl.DataFrame([*(one[name] for name in KEPT), number, *columns])
