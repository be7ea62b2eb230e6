"""What runs on a worker of a cluster: the pieces of some numbers, read and worked on.

Belongs here: only what a worker needs; it has numpy, pyarrow and polars, and the packages that the driver sends. Does not:
Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from updraft_engine import EngineError

if TYPE_CHECKING:
    from updraft_engine import Work


def piece_path(folder: Path, number: int) -> Path:
    """Where the piece of a number lies."""
    return folder / f"bucket={number:06d}" / "rows.parquet"


def worked(folder: str, work: Work, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What ``work`` makes of the pieces that ``numbers`` (batches with a column ``id``) name. Raises EngineError without one."""
    for batch in numbers:
        for number in batch["id"].to_pylist():
            path = piece_path(Path(folder), number)
            if not path.exists():
                raise EngineError(
                    f"a worker does not see {path}: set UPDRAFT_ENGINE_FILES to a folder that all workers see by this name"
                )
            (piece,) = pq.read_table(path, partitioning=None).combine_chunks().to_batches()
            yield from work(iter([piece]))
