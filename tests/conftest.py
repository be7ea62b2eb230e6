"""The order of files, so that two workers stay busy to the end, and what one test must not leave to the next."""

from __future__ import annotations

import os

import pytest

from ingestion import http

# Two workers share two cores, and the frames of these tests are small: a pool of threads in each costs more than it gives.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.pop("FRED_API_KEY", None)  # tests that want a key set one of their own

# What tests/scale proves needs programs of the system and the extras; not even its conftest.py can be imported without.
collect_ignore = [] if os.environ.get("UPDRAFT_SCALE") else ["scale"]

# First the files that make what others share (the others would only wait for it), each on a worker of its own; then what
# takes minutes; what takes seconds fills the gaps at the end.
MAKERS = ("e2e/test_sample_run.py", "compute/test_dbt_project.py", "e2e/test_kills.py")
LONG = ("defects/", "e2e/", "faults/", "compute/", "warehouse/", "sample/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0].removeprefix("tests/")
        starts = (*MAKERS, *LONG)
        return next((n for n, start in enumerate(starts) if file.startswith(start)), len(starts))

    items.sort(key=rank)


@pytest.fixture(autouse=True)
def every_address_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process remembers for minutes which addresses took no connection. The system gives a port that one test found
    closed to the server of another test, which must not inherit the memory."""
    monkeypatch.setattr(http, "_REACHABILITY", http._Reachability())
