"""Realised volatility of each stock over 21 sessions: long in, long out. The arithmetic is in updraft_kernels.dispersion.

Read and written in chunks of whole instruments, so that memory does not grow with the number of rows.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from updraft_kernels import dispersion, securities

KEPT = ("instrument_id", "session_date", "session_no", "return_1d")
SCHEMA = pa.schema(
    [
        ("instrument_id", pa.string()),
        ("session_date", pa.date32()),
        ("session_no", pa.int32()),
        ("return_1d", pa.float64()),
        ("vol_21", pa.float64()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="by_session")
    # two relations need not be of one connection, so they are not joined but compared row by row
    names = dbt.ref("int_instruments").filter("role = 'stock'").select("instrument_id").fetchall()
    stocks = pa.array([name for (name,) in names], type=pa.string())
    rows = dbt.ref("int_security_daily").select(", ".join(KEPT)).order("instrument_id, session_no")
    chunks = securities.chunks(rows.to_arrow_reader(securities.CHUNK))
    of_stocks = (chunk.filter(pc.is_in(chunk["instrument_id"], value_set=stocks)) for chunk in chunks)
    return pa.RecordBatchReader.from_batches(SCHEMA, (_of_chunk(chunk) for chunk in of_stocks if chunk.num_rows))


def _of_chunk(chunk):
    starts, names = securities.runs(chunk["instrument_id"])
    lengths = np.diff(np.append(starts, chunk.num_rows))
    found = dispersion.volatilities(
        np.repeat(np.arange(len(names)), lengths),
        securities.numbers(chunk["session_no"], np.int32),
        securities.numbers(chunk["return_1d"], np.float64),
    )
    columns = [chunk[name].cast(SCHEMA.field(name).type) for name in KEPT]
    return pa.RecordBatch.from_arrays([*columns, pa.array(found, from_pandas=True)], schema=SCHEMA)
