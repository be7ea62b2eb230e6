"""SIGKILL on the way to publish: readers keep what they had, and the next run completes without anybody's help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from warehouse import generations
from warehouse.crash_points import STEPS, reach
from warehouse.database import reader
from warehouse.home import REPO, Home
from warehouse.lease import lease_owner

CLOCK = "2026-01-15T01:00:00+00:00"  # the session after the one that is served
WHOLE = "steps.refresh(settings)"
PUBLISH = "steps.publish_build(settings, steps.last_build(settings))"
# tests/faults kills at every step of STEPS in a tiny warehouse. Here it is the real path, of which only what follows dbt is
# dear: the second kill publishes the build that the first one left.
KILLS = (("publish.written", WHOLE), ("publish.flipped", PUBLISH))


def run(home: Home, what: str, die_at: str = "") -> int:
    env = {k: v for k, v in os.environ.items() if not k.startswith("UPDRAFT_")}
    env |= {"UPDRAFT_HOME": str(home.root), "UPDRAFT_CLOCK": CLOCK, "UPDRAFT_TIER": "core", "UPDRAFT_DIE_AT": die_at}
    script = f"from orchestration import steps\nfrom orchestration.settings import Settings\nsettings = Settings.from_env()\n{what}"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPO, env=env, capture_output=True, check=False)
    return done.returncode


def last_session(home: Home) -> str:
    con = reader(home.door)
    row = con.execute("SELECT max(session_date)::VARCHAR FROM marts.driver_scorecard").fetchone()
    con.close()
    assert row is not None
    return str(row[0])


def test_killed_at_step_after_step_and_completed_by_the_next_run(earlier: Home) -> None:
    served = earlier.current.resolve()
    for step, what in KILLS:
        assert run(earlier, what, step) == -signal.SIGKILL, f"{step} was not reached"
        is_flipped = step == "publish.flipped"
        assert (earlier.current.resolve() != served) is is_flipped, f"killed at {step}"
        assert last_session(earlier) == ("2026-01-14" if is_flipped else "2026-01-13"), f"killed at {step}"
        assert lease_owner(earlier) is None
    now = generations.published(earlier)
    assert now is not None and generations.check(now.path) == []
    # nobody repairs anything: the next run finds the flipped generation to be the answer
    assert run(earlier, WHOLE) == 0
    assert generations.published(earlier) == now
    assert not list(earlier.generations.glob(".new-*"))


def test_the_kills_are_declared_steps() -> None:
    assert {step for step, _ in KILLS} <= set(STEPS)


def test_a_step_nobody_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown step"):
        reach("publish.dreamt")
