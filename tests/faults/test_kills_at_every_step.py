"""SIGKILL at every declared step and at any moment: one whole generation is served, and the next run completes."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest
from stage import Stage
from tiny_warehouse import seen, served

from orchestration.health import verify_home
from warehouse import generations
from warehouse.crash_points import STEPS
from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.lease import lease_owner

# killed before a build is finished, the next run builds on the one that is published: of an evening nothing stays
BUILT = STEPS[: STEPS.index("dbt.done")]


def assert_completed(stage: Stage, home: Home, edition: int) -> None:
    """A plain rerun, with nobody's help, serves the edition and leaves nothing behind."""
    ended = stage.act("refresh", home.root, edition)
    assert (ended.code, ended.error) == (0, ""), ended
    assert served(home) == edition
    assert verify_home(home) == []
    assert [path for path in home.root.rglob(".*")] == []
    assert not home.build.with_name("build.duckdb.wal").exists()
    assert len(Landing(home.landing).packs("facts")) == edition, "what was landed is not asked for again"


@pytest.mark.parametrize("step", STEPS)
def test_an_update_killed_at_a_step(stage: Stage, home: Home, step: str) -> None:
    with reader(home.door) as long:
        ended = stage.act("refresh", home.root, 2, die_at=step)
        assert ended.code == -signal.SIGKILL, f"{step} was not reached: {ended}"
        assert served(home) == (2 if step == "publish.flipped" else 1)
        assert seen(long)[0] == 1
        now = generations.published(home)
        assert now is not None and generations.check(now.path) == []
        assert lease_owner(home) is None
        assert_completed(stage, home, 2)
        assert seen(long)[0] == 1
    published = generations.published(home)
    assert published is not None
    taken_over = step in BUILT or step == "publish.flipped"
    assert bool(published.receipt["begun_on"]) == taken_over, "begun on the build that is published, or written whole"


def test_a_first_run_killed_at_one_step_after_the_other(stage: Stage, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for step in STEPS:
        assert stage.act("refresh", home.root, 1, die_at=step).code == -signal.SIGKILL, f"{step} was not reached"
        if step != "publish.flipped":
            with pytest.raises(HomeError, match="nothing is published"):
                served(home)
    assert served(home) == 1
    assert_completed(stage, home, 1)


def test_killed_at_any_moment(stage: Stage, home: Home) -> None:
    chance = random.Random(20260115)
    edition, killed = 1, 0
    for _ in range(12):
        ended = stage.act("refresh", home.root, edition + 1, die_after=chance.uniform(0.005, 0.45))
        killed += ended.code == -signal.SIGALRM
        assert ended.code in (0, -signal.SIGALRM) and not ended.error, ended
        now = served(home)
        assert edition <= now <= edition + 1
        edition = now
    assert killed >= 3, "most of the moments lie inside the run"
    assert_completed(stage, home, edition + 1)
