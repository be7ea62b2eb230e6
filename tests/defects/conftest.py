"""Homes that stand one or two sessions before the defect, made once for all workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from defect_list import AFTER, BEFORE
from shared_homes import EARLIER, copy_of, let_delete, once, shared

from orchestration import steps
from orchestration.settings import Settings


def _clean(monkeypatch: pytest.MonkeyPatch, home: Path, tier: str, clock: str) -> Settings:
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UPDRAFT_HOME", str(home))
    monkeypatch.setenv("UPDRAFT_TIER", tier)
    monkeypatch.setenv("UPDRAFT_CLOCK", clock)
    return Settings.from_env()


@pytest.fixture
def day_after(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Settings]:
    """``day_after(tier)``: a home published some session before, with the clock at the sample's last evening."""

    def published(root: Path) -> None:
        done = steps.refresh(_clean(monkeypatch, root, "full", BEFORE))
        assert done is not None and done.is_new

    def make(tier: str) -> Settings:
        if tier == "core":
            before = shared(tmp_path_factory, "earlier home", **EARLIER)
        else:
            before = once(tmp_path_factory, "home before the defect", published)
        return _clean(monkeypatch, copy_of(before, tmp_path / "home").root, tier, AFTER)

    return make


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """``empty_home(tier)``: nothing asked yet."""
    return lambda tier: _clean(monkeypatch, tmp_path / "home", tier, AFTER)


@pytest.fixture(autouse=True)
def _writable_again(tmp_path: Path) -> Iterator[None]:
    yield
    let_delete(tmp_path / "home")
