"""From rows of int_prices to rows of flags (int_security_daily) and to counts (int_breadth_counts), piece by piece.

Belongs here: what an engine runs on whole instruments (``updraft_engine``): batches in, batches out. Does not: the arithmetic
(``securities``), reading other tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from updraft_kernels import securities
from updraft_kernels.recent_bars import Recent

KEY = pa.schema([("instrument_id", pa.string()), ("session_date", pa.date32()), ("session_no", pa.int32())])
FLAGS = pa.schema(
    [
        *KEY,
        ("move", pa.string()),
        ("return_1d", pa.float64()),
        *((name, pa.bool_()) for name in securities.FLAGS),
        ("drawdown", pa.float64()),
    ]
)
COUNTED = (*securities.NEEDED, "volume_split", "known_us")  # columns that ``counts`` reads


def flags(chunks: Iterator[pa.RecordBatch], recent: Recent) -> Iterator[pa.RecordBatch]:
    """A row of ``FLAGS`` for each bar from the first session of ``recent`` on; chunks have ``session_date`` and what is ``NEEDED``."""
    for chunk in chunks:
        bars, names = securities.bars_of(chunk)
        found = securities.daily(bars, recent.highest_before(bars, names))
        moves = pa.DictionaryArray.from_arrays(pa.array(found.move), pa.array(securities.MOVES)).cast(pa.string())
        told = [pa.array(flag == 1, mask=flag < 0) for flag in found.flags.values()]
        numbers = [pa.array(values, from_pandas=True) for values in (found.return_1d, found.drawdown)]
        columns = [*(chunk[name] for name in KEY.names), moves, numbers[0], *told, numbers[1]]
        made = pa.RecordBatch.from_arrays(columns, schema=FLAGS)
        yield made if recent.first is None else made.filter(pc.greater_equal(made["session_no"], recent.first))


def counts(
    chunks: Iterator[pa.RecordBatch],
    cells: securities.Cells,
    members: Mapping[str, int],
    first_no: int,
    recent: Recent,
) -> Iterator[pa.RecordBatch]:
    """What was counted of all chunks, as rows of ``TALLIED``. ``members`` numbers the instruments that ``cells`` knows;
    the first session of the tally is ``first_no``.
    """
    tally = securities.Tally(cells.shape, cells.quarters.size)
    for chunk in chunks:
        _count(chunk, cells, members, first_no, recent, tally)
    yield tally.rows()


def _count(
    chunk: pa.RecordBatch,
    cells: securities.Cells,
    members: Mapping[str, int],
    first_no: int,
    recent: Recent,
    tally: securities.Tally,
) -> None:
    bars, names = securities.bars_of(chunk)
    member = np.array([members.get(name, -1) for name in names])
    held = member[member >= 0]
    if not held.size:
        return
    found, start = securities.daily(bars, recent.highest_before(bars, names)), held.min()
    grid = cells.of(start, held.max() + 1)
    row, session = member[bars.instrument], bars.session - first_no
    is_counted = (row >= 0) & (session >= 0)  # what is not counted must be looked up somewhere all the same
    place, session = np.where(is_counted, row - start, 0), np.maximum(session, 0)
    volume, known = (securities.numbers(chunk[name], np.int64) for name in ("volume_split", "known_us"))
    for of_universe in grid:
        cell: securities.Ints = np.where(is_counted, of_universe[place, session], -1)
        tally.add(cell, session, found, volume, known)
