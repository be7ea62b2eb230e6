"""What the tests of `make scale` share: servers that run for the whole session."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from postgres import Postgres, programs

INSTALLS = {
    "PostgreSQL's initdb": (programs, "postgresql"),
    "Java 17": (lambda: shutil.which("java"), "openjdk-17-jre-headless"),
}


def pytest_sessionstart() -> None:
    """A program that is missing is said at once, with what installs it, and not by each test that needs it."""
    missing = {what: package for what, (find, package) in INSTALLS.items() if not find()}
    if missing:
        pytest.exit(
            f"make scale needs {' and '.join(missing)}, which the system does not have. On Debian and Ubuntu:"
            f" apt-get install {' '.join(missing.values())}",
            2,
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of its own, for the whole session."""
    with Postgres.started() as server:
        yield server
