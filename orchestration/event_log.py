"""Where Dagster keeps the events of runs: its own SQLite storage, with connections that stay open.

Belongs here: the storage that ``dagster.yaml`` names. Does not: what is written to it.

Dagster opens and closes the file for every event, and closing the last connection writes the whole log back: 2,600
commits a run. Here each file keeps one connection, and a commit is not synced to the disk. The history of runs is a
convenience, and in SQLite's WAL mode this cannot corrupt it: a power cut may lose the last events.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

OPEN_FILES = 8  # one per run that is read or written, and one for the index of all runs


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's event log in SQLite files below ``base_dir``; named in the home's ``dagster.yaml``."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        """See the base class."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenEventLog:
        """The storage as configured in ``dagster.yaml``."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            made: Engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
            self._engines[shard] = made
        self._engines.move_to_end(shard)
        while len(self._engines) > OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def dispose(self) -> None:
        """Close every file."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()
