"""McClellan and Zweig per universe, sector and size: long in, long out. The recursions are in updraft_kernels.breadth.

A column is null unless its status is OK: the status of the day's counts, then WARMUP while the seed still weighs.
The recursions run from the first session on whatever is asked; only rows of sessions that can differ are made of them.
"""

import datetime

import numpy as np
import polars as pl

from updraft_kernels import breadth, since

KEY = ["universe_id", "segment_type", "segment_id"]
INPUT = [*KEY, "session_date", "advancers", "decliners", "net_advances", "status_counts"]
BLOCKS = {
    "oscillator": ("mcclellan_oscillator", "mcclellan_summation"),
    "oscillator_classic": ("mcclellan_oscillator_classic", "mcclellan_summation_classic"),
    "thrust": ("zweig_breadth_thrust", "thrust_signal"),
    "thrust_sma10": ("zweig_breadth_thrust_sma10", "thrust_signal_sma10"),
}
SCHEMA = {key: pl.String for key in KEY} | {"session_date": pl.Date}
for block, (value, other) in BLOCKS.items():
    SCHEMA |= {value: pl.Float64, other: pl.Boolean if "signal" in other else pl.Float64, f"status_{block}": pl.String}


def model(dbt, session):
    dbt.config(materialized="by_session")
    judged = dbt.ref("int_breadth").select(", ".join(INPUT)).pl().sort(*KEY, "session_date")
    first = since.first_session(session) or datetime.date.min
    frames = [_of_segment(one, first) for _, one in judged.group_by(KEY, maintain_order=True)]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).sort("session_date", *KEY).to_arrow()


def _of_segment(one, first):
    net = _array(one["net_advances"])
    moved = _array(one["advancers"]) + _array(one["decliners"])
    share = _array(one["advancers"]) / np.where(moved == 0, np.nan, moved)
    rana = 1000.0 * net / np.where(moved == 0, np.nan, moved)
    adjusted = breadth.mcclellan(rana, is_ratio_adjusted=True)
    classic = breadth.mcclellan(net, is_ratio_adjusted=False)
    z, z_plain = breadth.thrust_average(share), breadth.simple_average(share)
    signals, plain = breadth.thrusts(z.value, share), breadth.thrusts(z_plain.value, share)
    found = {
        "oscillator": (adjusted.oscillator, adjusted.summation, adjusted.updates >= breadth.WARMUP[breadth.SLOW]),
        "oscillator_classic": (classic.oscillator, classic.summation, classic.updates >= breadth.WARMUP[breadth.SLOW]),
        "thrust": (z.value, signals, z.updates >= breadth.WARMUP[breadth.THRUST]),
        "thrust_sma10": (z_plain.value, plain, z_plain.updates >= breadth.THRUST_SESSIONS),
    }
    start = one["session_date"].search_sorted(first)
    one, columns = one.slice(start), {}
    for block, (values, others, is_warm) in found.items():
        status = pl.when(pl.col("status_counts") != "OK").then("status_counts")
        status = status.when(pl.Series(is_warm[start:])).then(pl.lit("OK")).otherwise(pl.lit("WARMUP"))
        columns[f"status_{block}"] = status
        for name, content in zip(BLOCKS[block], (values, others), strict=True):
            given = pl.Series(content[start:])
            given = given.round(6) if given.dtype == pl.Float64 else given
            columns[name] = pl.when(status == "OK").then(given)
    return one.select(*KEY, "session_date", **columns).select(SCHEMA.keys())


def _array(series):
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
