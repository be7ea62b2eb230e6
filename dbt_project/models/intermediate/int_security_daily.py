"""What one security did on one day, from its own past: long in, long out. The arithmetic is in updraft_kernels.securities.

Read and written in chunks of whole instruments, so that memory does not grow with the number of rows. Made by session it
reads what its windows reach.
"""

import pyarrow as pa
import pyarrow.compute as pc

from updraft_kernels import recent_bars, securities, since

KEY = pa.schema([("instrument_id", pa.string()), ("session_date", pa.date32()), ("session_no", pa.int32())])
SCHEMA = pa.schema(
    [
        *KEY,
        ("move", pa.string()),
        ("return_1d", pa.float64()),
        *((name, pa.bool_()) for name in securities.FLAGS),
        ("drawdown", pa.float64()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="by_session")
    prices = dbt.ref("int_prices")
    recent = recent_bars.needed(prices, since.first_session(session))
    rows = prices.filter(recent.where).select(", ".join(["session_date", *securities.NEEDED]))
    batches = securities.chunks(rows.order("instrument_id, session_no").to_arrow_reader(securities.CHUNK))
    return pa.RecordBatchReader.from_batches(SCHEMA, (_of_chunk(chunk, recent) for chunk in batches))


def _of_chunk(chunk, recent):
    bars, names = securities.bars_of(chunk)
    found = securities.daily(bars, recent.highest_before(bars, names))
    moves = pa.DictionaryArray.from_arrays(pa.array(found.move), pa.array(securities.MOVES)).cast(pa.string())
    flags = [pa.array(flag == 1, mask=flag < 0) for flag in found.flags.values()]
    numbers = [pa.array(values, from_pandas=True) for values in (found.return_1d, found.drawdown)]
    columns = [*(chunk[name] for name in KEY.names), moves, numbers[0], *flags, numbers[1]]
    made = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
    return made if recent.first is None else made.filter(pc.greater_equal(made["session_no"], recent.first))
