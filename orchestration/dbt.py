"""dbt in this process: no child that could outlive us, no version look-up, no telemetry.

Belongs here: invoking dbt and turning its events into plain records. Does not: Dagster.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from orchestration.settings import DBT_PROJECT


class DbtFailed(Exception):
    """dbt ended with errors. Lists the nodes and their messages."""


@dataclass(frozen=True, slots=True)
class NodeDone:
    """One node that finished: dbt's unique id, status (success, error, fail, skipped, …), message, seconds."""

    unique_id: str
    status: str
    message: str
    seconds: float


def moment_text(as_of: datetime) -> str:
    """The moment of a build as it stands in the project's variable ``as_of``, and so in compiled models."""
    return as_of.strftime("%Y-%m-%dT%H:%M:%SZ")


def variables(as_of: datetime, world: str, build_id: str) -> str:
    """What ``--vars`` takes: all variables of the project (dbt_project.yml)."""
    return json.dumps({"as_of": moment_text(as_of), "world": world, "build_id": build_id})


def invoke(args: list[str], on_node: Callable[[NodeDone], None] | None = None, manifest: Any = None) -> Any:
    """Run one dbt command on the project and return dbt's result object."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if on_node is None or event.info.name != "NodeFinished":
            return
        info = event.data.node_info
        result = event.data.run_result
        on_node(NodeDone(info.unique_id, info.node_status, result.message, result.execution_time))

    fixed = [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--log-level",
        "none",
        "--log-level-file",
        "none",
    ]
    if args[0] != "parse":
        fixed.append("--no-write-json")  # nobody reads a manifest of a run, and writing it takes seconds
    try:
        return dbtRunner(manifest=manifest, callbacks=[listen]).invoke([*args, *fixed])
    finally:
        close_database()


def interrupt() -> None:
    """Stop the queries that dbt has under way on other threads of this process."""
    if "dbt.adapters.factory" not in sys.modules:
        return
    from dbt.adapters.factory import FACTORY

    adapters: list[Any] = list(FACTORY.adapters.values())
    for adapter in adapters:
        with adapter.connection_named("interrupt"):
            adapter.cancel_open_connections()


def close_database() -> None:
    """Close the file dbt kept open from node to node: it checkpoints, and nobody is kept out after us."""
    from dbt.adapters.duckdb import connections

    manager: Any = connections.DuckDBConnectionManager
    if manager._ENV is not None:
        manager._ENV.close()
    manager.close_all_connections()


@cache
def warm() -> None:
    """Import dbt ahead of its use, on a thread of its own (once a process), while answers are loaded."""
    threading.Thread(target=importlib.import_module, args=("dbt.cli.main",), name="warm dbt", daemon=True).start()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for the time of one dbt command."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
