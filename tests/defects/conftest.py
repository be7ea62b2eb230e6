"""Homes that stand one session before the defect, made once for all workers; the catalogue."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import steps
from orchestration.settings import Settings
from warehouse import generations
from warehouse.store import Home

BEFORE, AFTER = "2026-01-15T01:00:00+00:00", "2026-01-16T01:00:00+00:00"  # 20:00 New York of the 14th and the 15th


def _clean(monkeypatch: pytest.MonkeyPatch, home: Path, tier: str, clock: str) -> Settings:
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UPDRAFT_HOME", str(home))
    monkeypatch.setenv("UPDRAFT_TIER", tier)
    monkeypatch.setenv("UPDRAFT_CLOCK", clock)
    return Settings.from_env()


def _share(source: str, target: str) -> None:
    """Immutable files are linked, the rest is copied: a copy of a home costs little."""
    if "/landing/" in source or "/generations/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@pytest.fixture
def day_after(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Settings]:
    """``day_after(tier)``: a home published at the session before, with the clock at the evening after."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def make(tier: str) -> Settings:
        root = shared / f"before_{tier}"
        with (shared / f"before_{tier}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (root / "done").exists():
                shutil.rmtree(root, ignore_errors=True)
                published = steps.refresh(_clean(monkeypatch, root, tier, BEFORE))
                assert published is not None and published.is_new
                (root / "done").touch()
        home = tmp_path / "home"
        shutil.copytree(root, home, symlinks=True, copy_function=_share)
        return _clean(monkeypatch, home, tier, AFTER)

    return make


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """``empty_home(tier)``: nothing asked yet."""
    return lambda tier: _clean(monkeypatch, tmp_path / "home", tier, AFTER)


@pytest.fixture(autouse=True)
def _writable_again(tmp_path: Path) -> object:
    yield
    for folder in (Home(tmp_path / "home").generations).glob("*"):
        generations.make_writable(folder)
