"""SIGKILL at each named step: readers keep what they had, and the next run completes without anybody's help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse import generations
from warehouse.steps import STEPS, reach
from warehouse.store import REPO, Home, reader

REFRESH = (
    "from orchestration.settings import Settings; from orchestration.steps import refresh; refresh(Settings.from_env())"
)


def refresh(home: Home, die_at: str, clock: str) -> int:
    env = {k: v for k, v in os.environ.items() if not k.startswith("UPDRAFT_")}
    env |= {"UPDRAFT_HOME": str(home.root), "UPDRAFT_CLOCK": clock, "UPDRAFT_DIE_AT": die_at}
    return subprocess.run(
        [sys.executable, "-c", REFRESH], cwd=REPO, env=env, capture_output=True, timeout=300, check=False
    ).returncode


def test_killed_at_every_step_in_turn(tmp_path: Path) -> None:
    """One home, killed at the first step, run on and killed at the next, … until nothing is left to kill."""
    home = Home(tmp_path / "home")
    for step in STEPS:
        code = refresh(home, step, "2026-01-16T01:00:00+00:00")
        assert code == -signal.SIGKILL, f"{step} was not reached"
        if home.current.is_symlink():  # only the last step lies behind the flip
            assert step == "publish.flipped"
    assert generations.published(home) is not None
    assert refresh(home, "", "2026-01-16T01:00:00+00:00") == 0
    con = reader(home.door)
    assert con.execute("SELECT count(*) FROM marts.driver_scorecard").fetchone() != (0,)
    con.close()
    assert len(generations.all_generations(home)) == 2 or generations.check(home.current.resolve()) == []
    assert not list(home.generations.glob(".new-*"))


def test_a_step_nobody_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown step"):
        reach("publish.dreamt")
