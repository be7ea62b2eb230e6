"""Runs of the path on the sample vendors that the tests of this folder share, across both workers."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_support import updraft

from orchestration.settings import Settings
from warehouse.store import Home

# Two sessions before the sample's last, asked of tier core: there is later news to ask for, and no stock to compute.
EARLIER = {"UPDRAFT_CLOCK": "2026-01-14T01:00:00+00:00", "UPDRAFT_TIER": "core"}


def _shared(factory: pytest.TempPathFactory, name: str, **env: str) -> Home:
    """The home of one `updraft run`, made by whichever worker comes first."""
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    root = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "first_run.json").exists():
            shutil.rmtree(root, ignore_errors=True)
            ran = updraft(root, "run", **env)
            assert ran.code == 0, ran.err + ran.out
            (root / "first_run.json").write_text(json.dumps({"out": ran.out, "err": ran.err, "seconds": ran.seconds}))
    return Home(root)


def _copy(home: Home, to: Path) -> Iterator[Home]:
    """A copy whose packs and generations are the same files by hard link: replace them, never write into them."""
    immutable = {str(home.landing), str(home.generations)}

    def copy(source: str, target: str) -> None:
        if any(source.startswith(f"{folder}{os.sep}") for folder in immutable):
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    shutil.copytree(home.root, to, symlinks=True, copy_function=copy)
    yield Home(to)
    for folder in [p for p in (to / "generations").rglob("*") if p.is_dir()]:
        folder.chmod(0o755)  # the files keep their mode, which they share


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one `updraft run`. Read it, never write it; take `copied` for that."""
    return _shared(tmp_path_factory, "published home")  # a space, because people have them


@pytest.fixture
def copied(published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A copy of the published home that a test may break; the environment points to it."""
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    yield from _copy(published, tmp_path / "home")


@pytest.fixture
def earlier(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Home]:
    """A copy of a home published two sessions before the sample's last, tier core, that a test may break."""
    yield from _copy(_shared(tmp_path_factory, "earlier home", **EARLIER), tmp_path / "home")


@pytest.fixture
def settings(copied: Home) -> Settings:
    """Sample settings for the copied home."""
    return Settings.from_env()
