"""Every evening of a random history of corrections publishes, and what changed is told by kind."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from evenings import TinyHome, live, untold_kinds
from vendors import EVENINGS, EVENTS, history

SEEDS = (1, 3)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on which dbt built the first evening, made once by whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "corrections"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "home" / "current").exists():
            patch.setenv("UPDRAFT_HOME", str(folder / "home"))
            TinyHome.prepare(folder / "home")
    return folder / "home"


def test_the_histories_hold_every_kind_of_event() -> None:
    assert {event for seed in SEEDS for evening in history(seed) for event in evening} == set(EVENTS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_evening_publishes_and_tells_what_changed(
    prepared: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    lived = live(TinyHome(tmp_path / "home", prepared), seed)  # raises PublishRefused where an evening is refused
    assert [one.day for one in lived] == EVENINGS[1:]
    assert [line for one in lived for line in one.untold] == []
    assert untold_kinds(lived) == []
    assert sum(one.changed.total() for one in lived) > 100, "the corrections changed nothing: the test proves nothing"
