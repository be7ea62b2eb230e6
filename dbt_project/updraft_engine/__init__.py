"""Where work on whole instruments runs: in this process, or on the Spark cluster that ``UPDRAFT_ENGINE`` names.

A Python model hands over the rows it reads, which column tells what must stay together, and a function of
``updraft_kernels`` from batches to batches. It does not know where that function runs, and the rows are the same.

Belongs here: choosing the place, cutting rows into pieces, bringing what was made back. Does not: what is computed.
Nothing is imported here before it is needed: without ``UPDRAFT_ENGINE`` nothing of Spark is looked at.

| variable | what it says |
|---|---|
| ``UPDRAFT_ENGINE`` | ``spark://HOST:7077`` or ``local-cluster[2,1,1024]`` (workers, cores and MB of each); unset: this process |
| ``UPDRAFT_ENGINE_FILES`` | a folder that the driver and all workers see under this name; unset: beside the build file |
| ``UPDRAFT_ENGINE_LEAST_ROWS`` | fewer rows are not worth a cluster's start and stay in this process; unset: 1,000,000 |
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    # Batches of whole units, in order, to batches of what was made of them; pickled by name, so a function of a module or a
    # partial of one. May be called once for all batches, or once for each on another machine.
    Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

LEAST_ROWS = 1_000_000


class EngineError(Exception):
    """The engine that ``UPDRAFT_ENGINE`` names cannot be used, or gave up. Says what to do."""


def over(session: Any, rows: Any, work: Work, schema: pa.Schema, unit: str = "instrument_id") -> pa.RecordBatchReader:
    """What ``work`` makes of ``rows``, in the order of the units, with the columns of ``schema``.

    ``rows``: a DuckDB relation with ``unit`` (text: rows with the same one are never parted) and ``session_no``; work sees
    them in the order of both. ``session``: the second argument of the model. Raises EngineError.
    """
    import pyarrow as pa

    from updraft_kernels import securities

    address = wanted()
    # asked before the rows are opened: another question on their connection would end them
    count = rows.aggregate("count(*)").fetchall()[0][0] if address else 0
    folder = _folder(session) if address else ""
    chunks = securities.chunks(rows.order(f"{unit}, session_no").to_arrow_reader(securities.CHUNK), unit=unit)
    if address and count >= least_rows():
        from updraft_engine import spark

        return spark.over(address, folder, chunks, count, work, schema)
    return pa.RecordBatchReader.from_batches(schema, work(chunks))


def wanted() -> str:
    """The cluster's address; empty for this process."""
    return os.environ.get("UPDRAFT_ENGINE", "")


def least_rows() -> int:
    """From how many rows on the cluster is used. Raises EngineError for what is no number."""
    text = os.environ.get("UPDRAFT_ENGINE_LEAST_ROWS") or str(LEAST_ROWS)
    if not text.isdigit():
        raise EngineError(f"UPDRAFT_ENGINE_LEAST_ROWS must be a number of rows, not {text!r}")
    return int(text)


def check() -> None:
    """Raises EngineError where the engine that is asked for cannot be used, as far as that can be told without starting it."""
    least_rows()
    if wanted():
        from updraft_engine import spark

        spark.check(wanted())


def interrupt() -> None:
    """Stop the work that is under way on a cluster."""
    if "updraft_engine.spark" in sys.modules:
        from updraft_engine import spark

        spark.interrupt()


@contextmanager
def engaged() -> Iterator[None]:
    """Around a computation: at its end the cluster gets its cores back."""
    try:
        yield
    finally:
        if "updraft_engine.spark" in sys.modules:
            from updraft_engine import spark

            spark.stop()


def _folder(session: Any) -> str:
    named = os.environ.get("UPDRAFT_ENGINE_FILES")
    folder = named or session.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    return str(Path(folder).absolute())  # workers know it by this name, wherever they were started
