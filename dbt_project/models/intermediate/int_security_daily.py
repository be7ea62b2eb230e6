"""What one security did on one day, from its own past: long in, long out. The arithmetic is in updraft_kernels.securities.

Read and written in chunks of whole instruments, so that memory does not grow with the number of rows.
"""

import pyarrow as pa

from updraft_kernels import securities

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
    dbt.config(materialized="table")
    prices = dbt.ref("int_prices").select(", ".join(["session_date", *securities.NEEDED]))
    batches = securities.chunks(prices.to_arrow_reader(securities.CHUNK))
    return pa.RecordBatchReader.from_batches(SCHEMA, map(_of_chunk, batches))


def _of_chunk(chunk):
    found = securities.daily(securities.bars_of(chunk)[0])
    moves = pa.DictionaryArray.from_arrays(pa.array(found.move), pa.array(securities.MOVES)).cast(pa.string())
    flags = [pa.array(flag == 1, mask=flag < 0) for flag in found.flags.values()]
    numbers = [pa.array(values, from_pandas=True) for values in (found.return_1d, found.drawdown)]
    columns = [*(chunk[name] for name in KEY.names), moves, numbers[0], *flags, numbers[1]]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
