"""One row per instrument and session with a close, as traded and adjusted forward, in (instrument, session) order: long in,
long out. The arithmetic is in updraft_kernels.prices.

Comparisons run on integer ticks: 1e-4 of a split-adjusted price. Where a split enters late the level steps without a move:
gap_sessions is null and nobody counts that day. Rows that were not traded (a stock or fund with zero volume), and rows in
doubt, stay, but no window looks at them. Where a doubt ends undecided an era begins: nothing is compared across. A payout
in doubt enters no factor. Read and written in chunks of whole instruments, so that memory does not grow with the rows.
Factors, eras and numbers of bars run on from where each instrument stood before the first session that is made.
"""

import numpy as np
import pyarrow as pa

from updraft_kernels import prices, securities, since

MADE = pa.schema(
    [
        ("is_traded", pa.bool_()),
        ("volume", pa.int64()),
        *((name, pa.float64()) for name in ("tr_factor", "close_split", "close_tr")),
        *((name, pa.int64()) for name in ("close_ticks", "high_ticks", "low_ticks", "volume_split")),
        ("gap_sessions", pa.int32()),
        ("bar_no", pa.int64()),
        ("era", pa.int64()),
        ("doubt", pa.string()),
        ("is_payout_aside", pa.bool_()),
        ("is_volume_aside", pa.bool_()),
    ]
)
KEPT = [
    *("instrument_id", "asset_class", "session_date", "session_no", "is_half_day", "open", "high", "low", "close"),
    *("split_factor", "has_no_actions", "source", "known_at"),
]
FLOATS = ["high", "low", "close", "split_factor", "split_step", "cash"]
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
    bars = bars.select(", ".join([*KEPT, *USED])).order("instrument_id, session_no")
    reader = bars.to_arrow_reader(securities.CHUNK)
    schema = pa.schema([*(reader.schema.field(name) for name in KEPT), *MADE])
    batches = (_of_chunk(chunk, told, stood, schema) for chunk in securities.chunks(reader))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _of_chunk(chunk, told, stood, schema):
    given = {name: securities.numbers(chunk[name], np.float64) for name in FLOATS}
    starts, names = securities.runs(chunk["instrument_id"])
    session = securities.numbers(chunk["session_no"], np.int32)
    before = _before(names, stood)
    doubts = prices.doubts_of(starts, names, session, told)
    is_traded = securities.numbers(chunk["is_traded"], np.bool_) & (doubts.doubt < 0)
    number, gap = prices.spacing(starts, session, is_traded, before)
    close, split, cash = given["close"], given["split_factor"], np.nan_to_num(given["cash"])
    total = prices.factors(starts, close, given["split_step"], np.where(doubts.is_payout_aside, 0.0, cash), before)
    volume = securities.numbers(chunk["volume"], np.int64)
    no_volume = doubts.is_volume_aside | chunk["volume"].is_null().to_numpy(zero_copy_only=False)
    made = {
        "is_traded": is_traded,
        "volume": pa.array(volume, mask=no_volume),
        "tr_factor": total,
        "close_split": close * split,
        "close_tr": close * total,
        "close_ticks": prices.ticks(close, split),
        "high_ticks": prices.ticks(np.where(np.isnan(given["high"]), close, given["high"]), split),
        "low_ticks": prices.ticks(np.where(np.isnan(given["low"]), close, given["low"]), split),
        "volume_split": pa.array(prices.whole(volume / split), mask=no_volume),
        "gap_sessions": pa.array(gap, mask=(gap == 0) | securities.numbers(chunk["has_late_split"], np.bool_)),
        "bar_no": number,
        "era": prices.eras(starts, doubts.starts_anew, before),
        "doubt": _texts(doubts.doubt, doubts.words),
        "is_payout_aside": doubts.is_payout_aside,
        "is_volume_aside": doubts.is_volume_aside,
    }
    columns = [chunk[name] if name in KEPT else pa.array(made[name]) for name in schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _before(names, stood):
    """Where the instruments ``names`` stood, in their order."""
    rows = [stood.get(name, (1.0, 0, 0, 0, 0, 0)) for name in names]
    factor, era, *numbers = np.array(rows, dtype=object).T
    numbers = np.array(numbers, dtype=np.int64)
    return prices.Before(factor.astype(np.float64), era.astype(np.int64), numbers[:2], numbers[2:])


def _texts(codes, words):
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string())).cast(pa.string())
