"""Ladders of the prediction market as distributions, one per event and evening: long in, long out.

The arithmetic is in updraft_kernels.ladders. A row is one level of a ladder; a ladder that says nothing has one row without
a level. The month an event is about stands in its ticker (KXCPI-25NOV); events named otherwise are left out.
"""

import math

import polars as pl

from updraft_kernels import ladders

KEY = ["series_ticker", "event_ticker", "observed_on"]
# The step in which the figure is published, in the unit of the strikes: between two steps there is nothing to bet on.
TICKS = {
    "KXFED": 0.25,
    "KXCPI": 0.1,
    "KXCPICORE": 0.1,
    "KXCPIYOY": 0.1,
    "KXCPICOREYOY": 0.1,
    "KXU3": 0.1,
    "KXGDP": 0.1,
    "KXPAYROLLS": 1000.0,
}
SCHEMA = {"series_ticker": pl.String, "event_ticker": pl.String, "observed_on": pl.Date, "month": pl.Date}
SCHEMA |= {"known_at": pl.Datetime("us", "UTC"), "status": pl.String, "median": pl.Float64, "low": pl.Float64}
SCHEMA |= {"high": pl.Float64, "n_used": pl.Int32, "crossing": pl.Float64, "level": pl.Float64, "above": pl.Float64}


def model(dbt, session):
    dbt.config(materialized="table")
    # what was told first of an evening: a second question the same evening moves nothing
    is_meant = (pl.col("series_ticker") != "KXFEDDECISION") & (pl.col("version_no") == 1)
    markets = dbt.ref("stg_kalshi_markets").pl().filter(is_meant)
    month = pl.col("event_ticker").str.extract(r"-(\d\d[A-Z]{3})").str.to_titlecase()
    dated = markets.with_columns((pl.lit("20") + month + "01").str.to_date("%Y%b%d", strict=False).alias("month"))
    rows = []
    for key, one in dated.drop_nulls("month").sort(*KEY, "strike", "ticker").group_by(KEY, maintain_order=True):
        numbers = [one[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in NUMBERS]
        found = ladders.distribution(one["strike_type"].to_list(), *numbers, tick=TICKS.get(key[0], 0.0))
        said = (*key, one["month"][0], one["known_at"].max(), found.status)
        said += tuple(_or_none(v) for v in (found.median, found.low, found.high))
        said += (found.n_used, _or_none(found.crossing))
        levels = list(zip(found.level.tolist(), found.above.tolist(), strict=True)) or [(None, None)]
        rows += [(*said, level, above) for level, above in levels]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").to_arrow()


NUMBERS = ("strike", "cap_strike", "yes_bid", "yes_ask", "last_price")


def _or_none(value):
    return None if math.isnan(value) else value
