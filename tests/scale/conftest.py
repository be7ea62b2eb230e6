"""Collected only by `make scale`: these tests need programs of the system."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from postgres import Postgres

collect_ignore_glob = [] if os.environ.get("UPDRAFT_SCALE") else ["test_*.py"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of its own, for the whole session."""
    with Postgres.started() as server:
        yield server
