"""Pass-through of oil to consumer prices as each publication of them told it (CM03). The arithmetic is in updraft_kernels.

Oil is the mean close of a month. A publication holds one source and one vintage, as int_macro_panel has it.
"""

import numpy as np
import polars as pl

from updraft_kernels import pass_through as kernel

SERIES, OIL = "CPIAUCSL", "FU:CL"
SCHEMA = {"known_at": pl.Datetime("us", "UTC"), "slope_sum": pl.Float64, "n_months": pl.Int32}


def model(dbt, session):
    dbt.config(materialized="table")
    panel = dbt.ref("int_macro_panel").filter(f"series_id = '{SERIES}'").pl()
    told = dbt.ref("int_macro_vintages").filter(f"series_id = '{SERIES}'").pl().sort("known_at", "obs_period")
    closes = dbt.ref("int_commodity_closes").filter(f"instrument_id = '{OIL}'").pl().sort("session_no")
    moments = panel.select("known_at", "vintage_source", "newest_period").unique().sort("known_at")
    if moments.is_empty() or told.is_empty():
        return pl.DataFrame(schema=SCHEMA).to_arrow()
    first = told["obs_period"].min()

    def place(day):
        return (day.year - first.year) * 12 + day.month - first.month

    size = place(max(told["obs_period"].max(), moments["newest_period"].max())) + 1
    oil = np.full(size, np.nan)
    by_month = closes.group_by(pl.col("session_date").dt.truncate("1mo"), maintain_order=True).agg(pl.col("close"))
    for month, values in by_month.iter_rows():
        if 0 <= place(month) < size:
            oil[place(month)] = sum(values) / len(values)
    prices = {source: np.full(size, np.nan) for source in told["vintage_source"].unique()}
    queue = list(told.select("known_at", "vintage_source", "obs_period", "value").iter_rows())
    done, rows = 0, []
    for known_at, source, newest in moments.iter_rows():
        while done < len(queue) and queue[done][0] <= known_at:
            _, of, period, value = queue[done]
            prices[of][place(period)] = float("nan") if value is None else value
            done += 1
        end = place(newest) + 1
        slope, n = kernel.pass_through(prices[source][:end], oil[:end])
        rows.append((known_at, slope, n))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(pl.col("slope_sum").fill_nan(None)).to_arrow()
