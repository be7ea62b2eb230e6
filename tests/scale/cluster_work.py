"""Work that the tests give to a cluster. Sent to its workers by value: they do not have this module."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyarrow as pa


def failing(chunks: Iterator[pa.RecordBatch], message: str) -> Iterator[pa.RecordBatch]:
    """Fails as a kernel does."""
    raise ValueError(message)
    yield from chunks


def sleeping(chunks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Takes longer than any test waits."""
    time.sleep(600)
    yield from chunks


def as_it_comes(chunks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Gives back what it was given."""
    yield from chunks
