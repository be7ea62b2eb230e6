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
from warehouse.store import REPO, Home, lease_owner, reader

CLOCK = "2026-01-16T01:00:00+00:00"
WHOLE = "steps.refresh(settings)"
PUBLISH = "steps.publish_build(settings, steps.last_build(settings))"
# Steps after `publish.written` are reached by publishing the build that the killed run left: the compute before it was
# committed, and repeating it would only cost time. The benchmark kills at every step of STEPS.
KILLS = (
    ("fetch.landed", WHOLE),
    ("load.begun", WHOLE),
    ("dbt.begun", WHOLE),
    ("publish.written", WHOLE),
    ("gate.begun", PUBLISH),
    ("publish.named", PUBLISH),
    ("publish.flipped", PUBLISH),
)


def run(home: Home, what: str, die_at: str = "") -> int:
    env = {k: v for k, v in os.environ.items() if not k.startswith("UPDRAFT_")}
    env |= {"UPDRAFT_HOME": str(home.root), "UPDRAFT_CLOCK": CLOCK, "UPDRAFT_DIE_AT": die_at}
    script = f"from orchestration import steps\nfrom orchestration.settings import Settings\nsettings = Settings.from_env()\n{what}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPO, env=env, capture_output=True, timeout=300, check=False
    )
    return done.returncode


def test_killed_at_step_after_step_and_completed_by_the_next_run(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for step, what in KILLS:
        assert run(home, what, step) == -signal.SIGKILL, f"{step} was not reached"
        assert home.current.is_symlink() is (step == "publish.flipped"), f"killed at {step}"
        assert lease_owner(home) is None
    now = generations.published(home)
    assert now is not None and generations.check(now.path) == []
    # nobody repairs anything: the next run finds the flipped generation to be the answer, or makes a new one
    assert run(home, WHOLE) == 0
    con = reader(home.door)
    assert con.execute("SELECT count(*) FROM marts.driver_scorecard").fetchone() != (0,)
    con.close()
    assert not list(home.generations.glob(".new-*"))


def test_the_kills_are_declared_steps() -> None:
    assert {step for step, _ in KILLS} <= set(STEPS)


def test_a_step_nobody_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown step"):
        reach("publish.dreamt")
