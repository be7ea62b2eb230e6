"""Correlations of the headline index with each coin that have no window: decayed (XA03), in stress and in calm (XA07, XA08);
beside them both returns and the slope over 60 sessions.

One return of a coin per session: at the equity close from the first hourly candle on, of whole UTC days before. The
arithmetic is in updraft_kernels.pairs.
"""

import datetime

import numpy as np
import polars as pl

from updraft_kernels import pairs, since

FIRST = datetime.date(2015, 1, 2)
STRESS = 95  # percent of the highest close so far
SCHEMA = {"asset_x": pl.String, "asset_y": pl.String, "session_date": pl.Date, "known_at": pl.Datetime("us", "UTC")}
SCHEMA |= {"n_decayed": pl.Int32, "decayed": pl.Float64, "n_stress": pl.Int32, "n_calm": pl.Int32}
SCHEMA |= dict.fromkeys(("stress", "calm", "adjusted", "return_x", "return_y", "beta"), pl.Float64)
SCHEMA |= {"n_beta": pl.Int32, "session_no": pl.Int32}


def model(dbt, session):
    dbt.config(materialized="by_session")
    index = dbt.ref("int_headline_returns").pl().sort("session_no")
    close = index["close_ticks"]
    index = index.select("session_no", in_stress=100 * close <= STRESS * close.cum_max())
    returns = dbt.ref("int_pair_returns").filter("lag_sessions = 0 and alignment <> 'session_close'").pl()
    # the first asset of the seed, of whichever world: the pairs are of this one
    first = dbt.ref("correlation_assets").filter("sort_order = 1").pl()
    returns = returns.filter(pl.col("asset_x").is_in(first["asset_id"].to_list())).sort("asset_y", "session_no")
    frames = [_of_coin(one, index) for _, one in returns.group_by("asset_y", maintain_order=True)]
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    return since.frame_from(found, since.first_session(session)).to_arrow()


def _of_coin(both, index):
    at_close = both.filter(alignment="nyse_close")
    since = at_close.filter(pl.col("return_y").is_not_null())["session_no"].min()
    before = both.filter(pl.col("alignment") == "utc_day")
    if since is not None:
        before = before.filter(pl.col("session_no") < since)
        at_close = at_close.filter(pl.col("session_no") >= since)
    one = pl.concat([before, at_close.clear() if since is None else at_close]).sort("session_no")
    one = one.join(index, on="session_no", how="left", maintain_order="left")
    x, y = (one[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("return_x", "return_y"))
    # a session without a bar of the index has no return and belongs to neither state
    states = pairs.by_state(x, y, one["in_stress"].fill_null(value=False).to_numpy())
    decayed, used = pairs.decayed_from_sample(x, y)
    columns = {"n_decayed": used, "decayed": decayed, "n_stress": states.n_stress, "n_calm": states.n_calm}
    given = np.isfinite(x) & np.isfinite(y)
    window = pairs.moments(np.where(given, x, 0.0), np.where(given, y, 0.0), given, [60])[60]
    columns |= {"return_x": x, "return_y": y, "beta": pairs.slope(window).beta, "n_beta": window.n}
    columns |= {"stress": states.stress, "calm": states.calm, "adjusted": states.adjusted}
    found = one.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    found = found.select(SCHEMA.keys()).cast(SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
    return found.slice(1).filter(pl.col("session_date") >= FIRST)
