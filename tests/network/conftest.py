"""One loopback server per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import wire


@pytest.fixture
def server() -> Iterator[wire.Server]:
    with wire.serving() as started:
        yield started
