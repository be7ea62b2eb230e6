"""One row per instrument and session with a close, as traded and adjusted forward, in (instrument, session) order: long in,
long out. The arithmetic is in updraft_kernels.prices.

Comparisons run on integer ticks: 1e-4 of a split-adjusted price. Where a split enters late the level steps without a move:
gap_sessions is null and nobody counts that day. Rows that were not traded (a stock or fund with zero volume), and rows in
doubt, stay, but no window looks at them. Where a doubt ends undecided an era begins: nothing is compared across. A payout
in doubt enters no factor. Read and written in chunks of whole instruments, so that memory does not grow with the rows.
Factors, eras and numbers of bars run on from where each instrument stood before the first session that is made.
"""

from functools import partial

import pyarrow as pa

import updraft_engine
from updraft_kernels import price_rows, since

KEPT = [
    *("instrument_id", "asset_class", "session_date", "session_no", "is_half_day", "open", "high", "low", "close"),
    *("split_factor", "has_no_actions", "source", "known_at"),
]
USED = ["is_traded", "volume", "split_step", "cash", "has_late_split"]


STOOD = """
    SELECT instrument_id, arg_max(tr_factor, session_no), max(era),
        coalesce(max(bar_no) FILTER (NOT is_traded), 0), coalesce(max(bar_no) FILTER (is_traded), 0),
        coalesce(max(session_no) FILTER (NOT is_traded), 0), coalesce(max(session_no) FILTER (is_traded), 0)
    FROM {table} WHERE session_date < $first GROUP BY instrument_id
"""


def model(dbt, session):
    dbt.config(materialized="by_session")
    first = since.first_session(session)
    stood = {}
    if first is not None:
        for name, *row in session.execute(
            STOOD.format(table=f"{dbt.this.schema}.{dbt.this.identifier}"), {"first": first}
        ).fetchall():
            stood[name] = row
    told = {}
    names = "instrument_id, session_no, doubt, is_payout_aside, is_volume_aside, starts_anew"
    for instrument, *row in dbt.ref("int_price_doubts").select(names).fetchall():
        told.setdefault(instrument, []).append(row)
    bars = since.rows_from(dbt.ref("int_bars"), first)
    bars = bars.select(", ".join([*KEPT, *USED]))
    given = bars.limit(0).to_arrow_table().schema
    schema = pa.schema([*(given.field(name) for name in KEPT), *price_rows.MADE])
    work = partial(price_rows.made, told=told, stood=stood, schema=schema)
    return updraft_engine.over(session, bars, work, schema)
