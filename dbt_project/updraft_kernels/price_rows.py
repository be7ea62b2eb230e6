"""From rows of int_bars to rows of int_prices, piece by piece.

Belongs here: what an engine runs on whole instruments (``updraft_engine``): batches in, batches out. Does not: the arithmetic
(``prices``), judging doubts, reading other tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from updraft_kernels import prices, securities

Told = Mapping[str, Sequence[tuple[int, str | None, bool, bool, bool]]]  # by instrument: rows of int_price_doubts
Stood = Mapping[str, Sequence[Any]]  # by instrument: where it stood before the first bar that comes
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
FLOATS = ["high", "low", "close", "split_factor", "split_step", "cash"]


def made(chunks: Iterator[pa.RecordBatch], told: Told, stood: Stood, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """A row for each bar, with the columns of ``schema``: those of ``MADE``, others as they come."""
    for chunk in chunks:
        yield _of_chunk(chunk, told, stood, schema)


def _of_chunk(chunk: pa.RecordBatch, told: Told, stood: Stood, schema: pa.Schema) -> pa.RecordBatch:
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
    columns = [pa.array(made[name]) if name in made else chunk[name] for name in schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _before(names: Sequence[str], stood: Stood) -> prices.Before:
    """Where the instruments ``names`` stood, in their order."""
    rows = [stood.get(name, (1.0, 0, 0, 0, 0, 0)) for name in names]
    factor, era, *rest = np.array(rows, dtype=object).T
    last = np.array(rest, dtype=np.int64)
    return prices.Before(factor.astype(np.float64), era.astype(np.int64), last[:2], last[2:])


def _texts(codes: prices.Ints, words: Sequence[str]) -> pa.Array:
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string())).cast(pa.string())
