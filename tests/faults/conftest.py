"""A tiny home with edition 1 published, and the stage on which its writers are killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage

from warehouse import generations
from warehouse.home import Home


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    for name in ("UPDRAFT_HOME", "UPDRAFT_CLOCK"):  # what `tiny_warehouse.settings` sets is undone
        monkeypatch.setenv(name, "")


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture(scope="session")
def first_edition(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Edition 1, published. Read it, never write it; take `home` for that."""
    home = Home(tmp_path_factory.mktemp("first edition") / "home")
    ended = stage.act("refresh", home.root, 1)
    assert ended.value and not ended.error, ended
    return home


@pytest.fixture
def home(first_edition: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy with edition 1 published."""
    root = tmp_path / "a home"
    shutil.copytree(first_edition.root, root, symlinks=True)
    yield Home(root)
    for folder in (root / "generations").glob("*"):
        generations.make_writable(folder)
