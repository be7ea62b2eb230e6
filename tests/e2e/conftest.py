"""Runs of the path on the sample vendors that the tests of this folder share, across both workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_homes import EARLIER, copy_of, let_delete, published_home, shared

from orchestration.settings import Settings
from warehouse.home import Home


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one `updraft run`. Read it, never write it; take `copied` for that."""
    return published_home(tmp_path_factory)


@pytest.fixture
def copied(published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A copy of the published home that a test may break; the environment points to it."""
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    yield copy_of(published, tmp_path / "home")
    let_delete(tmp_path / "home")


@pytest.fixture
def earlier(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Home]:
    """A copy of a home published two sessions before the sample's last, tier core, that a test may break."""
    yield copy_of(shared(tmp_path_factory, "earlier home", **EARLIER), tmp_path / "home")
    let_delete(tmp_path / "home")


@pytest.fixture
def settings(copied: Home) -> Settings:
    """Sample settings for the copied home."""
    return Settings.from_env()
