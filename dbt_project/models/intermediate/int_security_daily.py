"""What one security did on one day, from its own past: long in, long out. The arithmetic is in updraft_kernels.securities.

Read and written in chunks of whole instruments, so that memory does not grow with the number of rows. Made by session it
reads what its windows reach.
"""

from functools import partial

import updraft_engine
from updraft_kernels import recent_bars, securities, security_rows, since


def model(dbt, session):
    dbt.config(materialized="by_session")
    prices = dbt.ref("int_prices")
    recent = recent_bars.needed(prices, since.first_session(session))
    rows = prices.filter(recent.where).select(", ".join(["session_date", *securities.NEEDED]))
    return updraft_engine.over(session, rows, partial(security_rows.flags, recent=recent), security_rows.FLAGS)
