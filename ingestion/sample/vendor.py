"""What a sample vendor declares. Every module in ``vendors/`` exports one ``VENDOR``; the registry finds it there.

Belongs here: the contract. Does not: any vendor, any fault that more than one vendor can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply
from ingestion.sample.table import Table
from ingestion.sample.world.market import World

Query = Mapping[str, str]


def _no_table(answer: Reply) -> Table | None:
    return None


def _last_of_path(path: str, query: Query) -> str:
    return path.rpartition("/")[2]


@dataclass(frozen=True)
class OwnFault:
    """A misbehaviour that only this vendor's format can have: it changes the question or the answer, or both."""

    effect: str  # one line for the reader, with parameters and defaults
    ask: Callable[[Fault, Query, datetime], Query] | None = None
    spoil: Callable[[Fault, Reply], Reply] | None = None


@dataclass(frozen=True)
class Vendor:
    """One vendor of the sample world. ``answer(world, path, query, now)`` knows only what was public at ``now`` (UTC)."""

    hosts: tuple[str, ...]  # that it answers for; no two vendors share one
    answer: Callable[[World, str, Query, datetime], Reply]
    # host/path?query with data, one per format, and the first 32 digits of the sha256 of the body at SAMPLE_NOW: a test
    # compares. They change only when the world or the format is changed on purpose.
    examples: Mapping[str, str]
    table: Callable[[Reply], Table | None] = _no_table  # the rows of an answer with status 200, for faults in values
    window: tuple[str, ...] = ()  # names in the query that bound the days asked for
    series: Callable[[str, Query], str] = _last_of_path  # what a question is about: symbol, series, product
    faults: Mapping[str, OwnFault] = field(default_factory=dict)
    # Rows that the seeds of dbt need for the sample world because of this vendor: lines by file, without the header.
    seed_rows: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
