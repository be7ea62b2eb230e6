"""Chances of the headline index's rallies, walking forward: long in, long out. The arithmetic is in
updraft_kernels.outcomes; a row tells what could be said at its close."""

import numpy as np
import polars as pl

from updraft_kernels import outcomes, since

OUTCOMES = ("sustained", "trough_holds", "higher")
CRITERIA = ("breadth", "macro", "earnings", "policy", "flows")
REGRESSORS = ("composite", *(f"score_{name}" for name in CRITERIA))
INTEGERS = ("n_known", "n_bets", "n_episodes", *(f"k_{name}" for name in OUTCOMES), *(f"n_{k}" for k in outcomes.KINDS))
CHANCES = tuple(f"p_{kind}_{name}" for kind in outcomes.KINDS for name in OUTCOMES)
FLOATS = (*CHANCES, *(f"p_of_{name}" for name in CRITERIA), "slope", "e_value", *(f"brier_{k}" for k in outcomes.KINDS))
SCHEMA = {"index_id": pl.String, "session_date": pl.Date, "benchmark": pl.String, "kind": pl.String}
SCHEMA |= dict.fromkeys(INTEGERS, pl.Int32) | dict.fromkeys(FLOATS, pl.Float64)


def model(dbt, session):
    dbt.config(materialized="by_session")
    settings = dict(dbt.ref("durability_settings").pl().select("setting", "value").iter_rows())
    closes = dbt.ref("answer_closes").pl().sort("index_id", "session_date")
    rules = dbt.ref("rally_rules").filter("is_default").pl().select("rule")
    decisions = dbt.ref("int_rally_decisions").pl().join(rules, on="rule").sort("index_id", "session_date")
    frames = [
        _walked(one, decisions.filter(index_id=index_id), settings)
        for (index_id,), one in closes.group_by(["index_id"], maintain_order=True)
    ]
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    return since.frame_from(found, since.first_session(session)).to_arrow()


def _walked(closes, asked, settings):
    at = closes["session_date"].search_sorted(asked["session_date"]).cast(pl.Int64)
    episode = asked["episode_id"].rle_id().cast(pl.Int64)
    decisions = outcomes.Decisions(
        *(x.to_numpy() for x in (at, asked["age"].cast(pl.Int64), episode, asked["trough_ticks"]))
    )
    standing = asked["session_date"].search_sorted(closes["decision_date"]).cast(pl.Int64)
    standing = standing.set(closes["decision_date"].is_null(), -1).to_numpy()
    scores = closes.select(pl.col(REGRESSORS).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    y = asked.select(pl.col("is_sustained", "trough_holds", "is_higher").cast(pl.Float64).fill_null(float("nan")))
    found = outcomes.walk(
        closes["close_ticks"].to_numpy(), standing, scores, decisions, y.to_numpy(), _settings(settings)
    )

    words = [*outcomes.KINDS, None]  # -1 is none
    columns = {name: [words[n] for n in getattr(found, name).tolist()] for name in ("benchmark", "kind")}
    columns |= {"n_known": found.n, "n_bets": found.bets, "n_episodes": found.episodes, "e_value": found.wealth}
    columns |= {f"k_{name}": found.k[:, o].astype(np.int64) for o, name in enumerate(OUTCOMES)}
    columns |= {f"p_of_{name}": found.alone[:, c] for c, name in enumerate(CRITERIA, start=1)}
    columns["slope"] = found.slope[:, 0]
    for number, kind in enumerate(outcomes.KINDS):
        columns |= {f"p_{kind}_{name}": found.p[:, number, o] for o, name in enumerate(OUTCOMES)}
        columns |= {f"brier_{kind}": found.brier[:, number], f"n_{kind}": found.made[:, number]}
    frame = closes.select("index_id", "session_date").with_columns(
        **{name: pl.Series(values, dtype=SCHEMA[name]) for name, values in columns.items()}
    )
    return frame.select(SCHEMA.keys()).with_columns(pl.col(pl.Float64).fill_nan(None))


def _settings(given):
    return outcomes.Settings(
        horizon=int(given["horizon"]),
        prior=(given["prior_sustained"], given["prior_holds"], given["prior_higher"]),
        weight=given["prior_weight"],
        least_decisions=int(given["least_decisions"]),
        least_episodes=int(given["least_episodes"]),
        shift_ridge=given["shift_ridge"],
        slope_ridge=given["slope_ridge"],
        fraction=given["bet_fraction"],
        opens_at=given["gate_opens"],
        closes_below=given["gate_closes"],
    )
