"""Dagster's runs, events and schedules in the PostgreSQL database of UPDRAFT_DAGSTER_DB, for a Dagster that outlives a laptop.

Belongs here: the storage that ``dagster.yaml`` names then. Does not: what is written to it. Needs the extra ``postgres``.
The address holds a password, so no file names it: each process of Dagster takes it from its environment.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg2
from dagster_postgres import DagsterPostgresStorage


class HistoryInPostgres(DagsterPostgresStorage):  # type: ignore[misc,no-any-unimported,unused-ignore]
    """Dagster's own storage, by the driver that it comes with: SQLAlchemy would take another one by default."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing is configured in ``dagster.yaml``."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> HistoryInPostgres:
        """The storage at UPDRAFT_DAGSTER_DB. Raises KeyError where a process of Dagster was started without it."""
        address = os.environ["UPDRAFT_DAGSTER_DB"].partition("://")[2]
        return cls(f"postgresql+psycopg2://{address}", inst_data=inst_data)


def answers(address: str) -> str:
    """Why a database does not answer; empty where it does. Never shows the password."""
    try:
        psycopg2.connect(address, connect_timeout=5).close()
    except psycopg2.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return ""
