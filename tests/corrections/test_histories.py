"""Every evening of a random history of corrections publishes, and what changed is told by kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from evenings import TinyHome, live, untold_kinds
from vendors import EVENINGS, EVENTS, history

SEEDS = (1, 3)


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
