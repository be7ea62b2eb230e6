"""Rolling statistics of every pair, window and lag: long in, long out. The arithmetic is in updraft_kernels.pairs."""

from functools import partial

import updraft_engine
from updraft_kernels import pair_rows

UNIT = "concat_ws(' ', " + ", ".join(pair_rows.KEY) + ") as pair"


def model(dbt, session):
    dbt.config(materialized="by_session")
    returns = dbt.ref("int_pair_returns")
    first, last = returns.aggregate("min(session_no), max(session_no)").fetchone()
    work = partial(pair_rows.statistics, first=first, last=last)
    return updraft_engine.over(session, returns.project(f"*, {UNIT}"), work, pair_rows.STATISTICS, unit="pair")
