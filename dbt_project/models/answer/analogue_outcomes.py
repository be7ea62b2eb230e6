"""Earlier rallies at the age of the running one: the eight nearest, all of them, and whether nearness told anything.

Asked at the confirmation of a rally, every fifth session after it while it runs, and 21 and 63 sessions after it.
`part` tells rows of single rallies (`episode`: rank, distance, moves after the same age) from rows of a horizon
(`horizon`). Moves are of the index's price. Only rallies whose 126 sessions were over by then take part; a horizon
beyond that counts those where it was over too. Sessions that cannot differ are not asked again. The arithmetic is in updraft_kernels.analogues.
"""

import datetime

import numpy as np
import polars as pl

from updraft_kernels import analogues, since

FIRST = datetime.date(2015, 1, 2)
HORIZONS, PRIMARY = (21, 63, 126, 252), 126
QUANTILES = ("median", "p25", "p75", "share_higher", "worst")
SCHEMA = {
    "part": pl.String, "index_id": pl.String, "session_date": pl.Date, "session_no": pl.Int64, "episode_no": pl.Int64,
    "up_confirmed_date": pl.Date, "age": pl.Int64, "rank": pl.Int64, "other_no": pl.Int64,
    "other_confirmed_date": pl.Date, "distance": pl.Float64, "n_features": pl.Int64,
    **{f"move_{h}": pl.Float64 for h in HORIZONS}, "horizon": pl.Int64, "n": pl.Int64, "n_all": pl.Int64,
    **{name: pl.Float64 for name in QUANTILES}, **{f"all_{name}": pl.Float64 for name in QUANTILES},
    "crps": pl.Float64, "crps_all": pl.Float64, "crps_gain": pl.Float64, "crps_error": pl.Float64, "n_crps": pl.Int64,
}  # fmt: skip


def model(dbt, session):
    dbt.config(materialized="by_session")
    bars = (
        dbt.ref("int_headline_returns")
        .select("index_id, session_date, session_no, close_ticks")
        .pl()
        .sort("session_no")
    )
    features = dbt.ref("analogue_features").pl().sort("sort_order")
    known = dbt.ref("analogue_features_known").pl()
    states = dbt.ref("int_rally_states").filter("state = 'RALLY'").pl()
    states = states.join(dbt.ref("rally_rules").pl().filter("is_default").select("rule"), on="rule")
    if bars.is_empty():
        return pl.DataFrame(schema=SCHEMA).to_arrow()
    states = states.filter(pl.col("index_id") == bars["index_id"][0])
    first = since.first_session(session) or FIRST
    rows = _rows(bars, features, known, states, max(first, FIRST))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").to_arrow()


def _rows(bars, features, known, states, first):
    days, numbers = bars["session_date"].to_numpy(), bars["session_no"].to_numpy()
    close = bars["close_ticks"].cast(pl.Float64).to_numpy()
    episodes = states.group_by("up_confirmed_date").agg(
        pl.col("low_date").first(), pl.col("peak_date").first(), pl.col("session_date").max().alias("last_date")
    )
    episodes = episodes.sort("up_confirmed_date")
    low, peak, up, last = (
        np.searchsorted(days, episodes[name].to_numpy())
        for name in ("low_date", "peak_date", "up_confirmed_date", "last_date")
    )
    held = {name: np.full(close.size, np.nan) for name in features["feature_id"]}
    for (name,), one in known.group_by(["feature_id"], maintain_order=True):
        at = np.searchsorted(numbers, one["session_no"].to_numpy())
        inside = (at < numbers.size) & (numbers[np.minimum(at, numbers.size - 1)] == one["session_no"].to_numpy())
        held[str(name)][at[inside]] = one["value"].to_numpy()[inside]
    listed = list(features.select("feature_id", "source").iter_rows())
    rows = []
    for e in range(up.size):
        passed = np.arange(last[e] - up[e] + 1)
        for step in passed[(passed % 5 == 0) | (passed == 21) | (passed == 63)].tolist():
            t = int(up[e]) + step
            if days[t] >= np.datetime64(first):
                age = t - int(low[e])
                others = np.flatnonzero(
                    (np.arange(up.size) < e) & (low + age >= up) & (low + age <= last) & (low + age + PRIMARY <= t)
                )
                of_all = _features(listed, held, close, peak, low, np.append(others, e), age)
                rows += _asked(bars, close, episodes, e, t, age, others, low[others] + age, of_all)
    return rows


def _features(listed, held, close, peak, low, which, age):
    """Rows of features of the episodes at one age."""
    m, p, t = low[which], peak[which], low[which] + age
    # the first rally of a history may have no peak above its low: what is measured by the fall is not known then
    fall = np.where(close[p] > close[m], close[p] - close[m], np.nan)
    price = {
        "depth": 100 * fall / close[p],
        "speed": 100 * fall / close[p] / np.maximum(m - p, 1),
        "gain": 100 * (close[t] / close[m] - 1),
        "retraced": 100 * (close[t] - close[m]) / fall,
    }
    columns = [
        price[name] if source == "price" else held[name][t] - held[name][m] if source == "change" else held[name][t]
        for name, source in listed
    ]
    return np.round(np.column_stack(columns), 9)


def _asked(bars, close, episodes, e, t, age, others, at, of_all):
    day, confirmed = bars["session_date"][t], episodes["up_confirmed_date"]
    head = (bars["index_id"][0], day, int(bars["session_no"][t]), e + 1, confirmed[e], age)
    z, now = analogues.scaled(of_all[:-1], of_all[-1])
    apart, shared = analogues.distances(z, now)
    apart = np.round(apart, 9)
    near = analogues.nearest(apart)
    moves = {
        h: np.where(at + h <= t, 100 * (close[np.minimum(at + h, close.size - 1)] / close[at] - 1), np.nan)
        for h in HORIZONS
    }
    blank = (None,) * (len(SCHEMA) - 16)
    rows = [
        (
            *("episode", *head, rank, int(others[k]) + 1, confirmed[int(others[k])], float(apart[k]), int(shared[k])),
            *(None if np.isnan(moves[h][k]) else float(moves[h][k]) for h in HORIZONS),
            *blank,
        )
        for rank, k in enumerate(near.tolist() if near.size == analogues.NEAREST else [], 1)
    ]
    for h in HORIZONS:
        over = ~np.isnan(moves[h])
        chosen = near[over[near]] if near.size == analogues.NEAREST else near[:0]
        skill = analogues.leave_one_out(z[over], moves[h][over])
        told = (
            (skill.nearest, skill.everyone, skill.gain, skill.error, skill.n) if skill else (None, None, None, None, 0)
        )
        rows.append(
            (
                *("horizon", *head), *(None,) * 9, h, int(chosen.size), int(over.sum()),
                *_summary(moves[h][chosen]), *_summary(moves[h][over]), *told,
            )
        )  # fmt: skip
    return rows


def _summary(moves):
    if moves.size == 0:
        return (None,) * 5
    low, middle, high = np.quantile(moves, (0.25, 0.5, 0.75))
    return float(middle), float(low), float(high), float((moves > 0).mean()), float(moves.min())
