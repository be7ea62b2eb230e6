"""What the index did after each scenario, per session, from outcomes that were over by then. See updraft_kernels.aftermath.

Spells are entries into a state at least 63 sessions apart. The comparison with all sessions is made anew at the first
session of a month, and stands until the next: its sample ends there, and `effect_until` says so.
Comparisons of months whose sessions cannot differ are not made again.
"""

import datetime

import numpy as np
import polars as pl

from updraft_kernels import aftermath, since

NUMBERS = (
    *("hits", "mean_21", "mean_63", "base_share", "base_mean_21", "base_mean_63", "lead_sessions"),
    *("effect_21", "effect_error", "p_value", "q_value"),
)
COUNTS = ("n", "n_state", "n_base", "n_lead")
# A few spells of many sessions are a few cases, whatever the lags say.
LEAST_ENTRIES = 5
KEY = ("scenario_id", "session_date", "session_no")


def model(dbt, session):
    dbt.config(materialized="by_session")
    states = dbt.ref("scenario_states").pl().sort("scenario_id", "session_no")
    bars = dbt.ref("int_headline_returns").select("session_no, close_ticks").pl().sort("session_no")
    falls = dbt.ref("int_rally_states").pl()
    falls = falls.join(dbt.ref("rally_rules").pl().filter("is_default").select("rule"), on="rule")
    index = dbt.ref("int_headline_returns").select("index_id").limit(1).pl()["index_id"]
    falls = falls.filter(pl.col("index_id").is_in(index.implode())).select("fall_confirmed_date").drop_nulls().unique()
    begin = since.first_session(session) or datetime.date.min
    frames = [_of_scenario(one, bars, falls, begin) for _, one in states.group_by(["scenario_id"], maintain_order=True)]
    empty = (
        states.select(KEY)
        .clear()
        .with_columns(
            *(pl.lit(None, pl.Int64).alias(name) for name in COUNTS),
            *(pl.lit(None, pl.Float64).alias(name) for name in NUMBERS),
            pl.lit(None, pl.Date).alias("effect_until"),
        )
    )
    found = pl.concat([empty, *frames]).sort("session_no", "scenario_id")
    # the effects of a month are one set of tests, whatever the session
    tests = (
        found.select("scenario_id", "effect_until", "p_value").drop_nulls().unique().sort("effect_until", "scenario_id")
    )
    q = [
        one.with_columns(pl.Series("q", aftermath.discoveries(one["p_value"].to_numpy())))
        for _, one in tests.group_by(["effect_until"], maintain_order=True)
    ]
    tests = pl.concat([tests.clear().with_columns(pl.lit(None, pl.Float64).alias("q")), *q]).drop("p_value")
    found = found.join(tests, on=["scenario_id", "effect_until"], how="left", maintain_order="left")
    return found.with_columns(pl.col("q").alias("q_value")).drop("q").to_arrow()


def _of_scenario(one, bars, falls, begin):
    one = one.join(bars, on="session_no", how="left").sort("session_no")
    close = one["close_ticks"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    is_bullish = one["kind"][0] == "bullish"
    size = close.size
    after = {h: aftermath.moves(close, h) for h in (21, 63)}
    entries = aftermath.apart(np.flatnonzero(one["is_entry"].fill_null(False).to_numpy()), 63)
    # a move that ends at a session without a close is never known, and counts nowhere
    is_known = np.isfinite(after[21]) & np.isfinite(after[63])
    kept = entries[is_known[entries] | (entries + 63 >= size)]
    found = {name: np.full(size, np.nan) for name in NUMBERS}
    n = _so_far(kept, np.ones(kept.size), 63, size)
    right = (after[63][kept] > 0) if is_bullish else (after[63][kept] < 0)
    hits = _so_far(kept, right.astype(float), 63, size)
    found["hits"] = hits
    every = np.flatnonzero(is_known)
    n_base = _so_far(every, np.ones(every.size), 63, size)
    for h in (21, 63):
        found[f"mean_{h}"] = _ratio(_so_far(kept, after[h][kept], 63, size), n)
        found[f"base_mean_{h}"] = _ratio(_so_far(every, after[h][every], 63, size), n_base)
    good = (after[63] > 0) if is_bullish else (after[63] < 0)
    found["base_share"] = _ratio(_so_far(every, good[every].astype(float), 63, size), n_base)
    days = one["session_date"].to_numpy()
    n_lead = np.zeros(size)
    if not is_bullish:
        found["lead_sessions"], n_lead = _leads(
            entries, np.searchsorted(days, np.sort(falls["fall_confirmed_date"].to_numpy())), size
        )
    months = one["session_date"].dt.year().to_numpy().astype(np.int64) * 12 + one["session_date"].dt.month().to_numpy()
    state = one["state"]
    known, holds = state.is_not_null().to_numpy(), state.fill_null(False).to_numpy()
    until = np.full(size, -1)
    starts = aftermath.month_starts(months)
    position = one["session_date"].search_sorted(begin)
    for first, end in zip(starts, [*starts[1:], size], strict=True):
        if end <= position:
            continue
        seen = np.where(known, after[21], np.nan)[: max(first - 21 + 1, 0)]
        told = aftermath.difference(seen, holds[: seen.size], 21) if seen.size else None
        if told is not None and told.error > 0 and n[first] >= LEAST_ENTRIES:
            found["effect_21"][first:end], found["effect_error"][first:end] = told.value, told.error
            found["p_value"][first:end] = aftermath.p_value(told.value, told.error)
            until[first:end] = first
    told = one.select(KEY).with_columns(
        pl.Series("n", n.astype(np.int64)),
        pl.Series("n_state", np.cumsum(holds)),
        pl.Series("n_base", n_base.astype(np.int64)),
        pl.Series("n_lead", n_lead.astype(np.int64)),
        *(pl.Series(name, found[name]).fill_nan(None) for name in NUMBERS),
        one["session_date"].gather(pl.Series(until).replace(-1, None)).alias("effect_until"),
    )
    return told.slice(position)


def _so_far(at, values, horizon, size):
    """Running sum of values at positions, each counted from the session its horizon is over."""
    added = np.zeros(size)
    over = at + horizon < size
    np.add.at(added, at[over] + horizon, values[over])
    return np.cumsum(added)


def _ratio(total, count):
    return np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)


def _leads(entries, falls, size):
    """Median sessions from an entry to the next confirmed fall, of those whose fall had come by the session."""
    falls = falls[falls < size]
    at = np.searchsorted(falls, entries, side="right")
    pairs = sorted(
        (int(falls[k]), int(falls[k] - entry)) for entry, k in zip(entries, at, strict=True) if k < falls.size
    )
    median, count, told = np.full(size, np.nan), np.zeros(size), []
    for position, (day, length) in enumerate(pairs):
        told.append(length)
        end = pairs[position + 1][0] if position + 1 < len(pairs) else size
        median[day:end], count[day:end] = float(np.median(told)), len(told)
    return median, count
