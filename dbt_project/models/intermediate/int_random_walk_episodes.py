"""Rallies of random walks with each index's own mean and deviation: long in, long out. The paths are made in
updraft_kernels.random_walks.

Mean and deviation are of the closes up to the end of the last year that is over, so the table changes once a year. Walks
of the same mean and deviation are taken over from the table that this one replaces; it is there only in a build by the same
code, settings and rules.
"""

import functools

import polars as pl

from updraft_kernels import outcomes, rally, random_walks
from updraft_kernels.former import former

SCHEMA = {"index_id": pl.String, "rule": pl.String, "moments_until": pl.Date, "daily_mean": pl.Float64}
SCHEMA |= {"daily_deviation": pl.Float64, "years": pl.Int32} | random_walks.SCHEMA
MADE_OF = ["index_id", "rule", "daily_mean", "daily_deviation"]


def model(dbt, session):
    dbt.config(materialized="table")
    settings = dict(dbt.ref("durability_settings").pl().select("setting", "value").iter_rows())
    closes = dbt.ref("int_index_closes").pl().sort("index_id", "session_date")
    rules = dbt.ref("rally_rules").pl().sort("rule")
    paths, years, seed, horizon = (int(settings[k]) for k in ("null_paths", "null_years", "null_seed", "horizon"))
    moves = functools.cache(lambda: random_walks.draws(paths, years, seed))
    before = former(dbt, session, SCHEMA)
    held = {} if before is None else dict(before.group_by(MADE_OF, maintain_order=True))
    frames = [pl.DataFrame(schema=SCHEMA)]
    year = pl.col("session_date").dt.year()
    over = closes.filter(year < year.max())
    for (index_id,), one in over.group_by(["index_id"], maintain_order=True):
        if one.height <= outcomes.LEAST_RETURNS:
            continue  # too little to know a mean by: no walk stands beside its rallies yet
        mean, deviation = (x[-1] for x in outcomes.expanding(one["close_ticks"].to_numpy()))
        for row in rules.iter_rows(named=True):
            told = {"index_id": index_id, "rule": row["rule"], "moments_until": one["session_date"][-1]}
            told |= {"daily_mean": float(mean), "daily_deviation": float(deviation), "years": paths * years}
            kept = held.get(tuple(told[name] for name in MADE_OF))
            rule = rally.Rule(fall=row["fall_pct"], rise=row["rise_pct"], fade=row["fade_pct"])
            if kept is None:
                found = random_walks.episodes(moves(), float(mean), float(deviation), rule, horizon)
            else:
                found = kept.select(*random_walks.SCHEMA)
            frames.append(found.select(*(pl.lit(v, dtype=SCHEMA[k]).alias(k) for k, v in told.items()), pl.all()))
    return pl.concat(frames).to_arrow()
