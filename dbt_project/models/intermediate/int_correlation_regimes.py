"""Regime of each 60-session correlation (XA05): long in, long out. The rule is in updraft_kernels.pairs."""

import polars as pl

from updraft_kernels import pairs, since

KEY = ["asset_x", "asset_y", "alignment", "lag_sessions"]
VALUES = ["correlation", "ci_low", "ci_high"]
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {"lag_sessions": pl.Int32, "session_date": pl.Date, "regime": pl.String}


def model(dbt, session):
    dbt.config(materialized="by_session")
    rows = dbt.ref("int_correlations").filter("window_sessions = 60").select(", ".join([*KEY, "session_date", *VALUES]))
    frames = [_of_pair(one) for _, one in rows.pl().sort(*KEY, "session_date").group_by(KEY, maintain_order=True)]
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    return since.frame_from(found, since.first_session(session)).to_arrow()


def _of_pair(one):
    arrays = [one[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in VALUES]
    regime = pl.Series(pairs.regimes(*arrays), dtype=pl.String)
    return one.select(*KEY, "session_date").with_columns(regime=regime).cast(SCHEMA)
