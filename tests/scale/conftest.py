"""What the tests of `make scale` share: servers that run for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of its own, for the whole session."""
    with Postgres.started() as server:
        yield server
