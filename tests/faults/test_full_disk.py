"""No room at any write: the previous generation is served whole, the error names file and remedy, nothing is left."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage
from tiny_warehouse import served

from orchestration.health import verify_home
from warehouse import generations
from warehouse.home import Home

LARGEST = (1, 100, 700, 4096, 15_000, 60_000, 110_000, 300_000, 800_000, 1_300_000, 1_800_000, 2_400_000)
LEFT = (0, 40_000, 400_000, 1_600_000, 2_400_000, 3_300_000)
BEFORE = {"fetch": (), "load": ("fetch",), "compute": ("fetch", "load"), "publish": ("fetch", "load", "compute")}


@pytest.mark.parametrize("phase", BEFORE)
def test_files_that_may_not_grow(stage: Stage, home: Home, phase: str) -> None:
    """The limit of file size stops a write in the middle of a file, at up to twelve places."""
    is_ready, failed = False, 0
    for limit in LARGEST:
        for earlier in () if is_ready else BEFORE[phase]:
            assert not stage.act(earlier, home.root, 2).error
        ended = stage.act(phase, home.root, 2, largest_file=limit)
        if not ended.error:
            break
        failed += 1
        # Cut inside a block that was free before, DuckDB may read back what it half wrote: that costs a rebuild.
        is_ready = ended.error == "NoRoom"
        assert is_ready or ended.error == "BrokenBuild", ended
        assert str(home.root) in ended.text and ("Make room" if is_ready else "Run again") in ended.text, ended
        assert served(home) == 1 and not list(home.generations.glob(".*"))
        now = generations.published(home)
        assert now is not None and generations.check(now.path) == []
    assert failed >= 4
    again = stage.act("refresh", home.root, 2)
    assert not again.error, again
    assert served(home) == 2
    assert verify_home(home) == []
    assert list(home.root.rglob(".*")) == []
    assert phase in ("compute", "load") or not (home.root / "broken").exists()


@pytest.fixture(scope="session")
def apart() -> Iterator[Stage]:
    """A stage that may mount: in its own user and mount namespaces."""
    own = ("unshare", "--user", "--map-root-user", "--mount")
    try:
        subprocess.run([*own, "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system gives no namespaces to mount a small disk in")
    with Stage(*own) as stage:
        yield stage


@pytest.mark.parametrize("left", LEFT)
def test_a_disk_with_so_many_bytes_left(apart: Stage, first_edition: Home, tmp_path: Path, left: int) -> None:
    mount = tmp_path / "small disk"
    mount.mkdir()
    ended = apart.act("on_a_small_disk", mount, str(first_edition.root), 24, left, 2)
    found = ended.value
    assert found and found["full"] == 1, ended
    assert found["error"] == "NoRoom" and str(mount) in found["text"], found
    assert "Make room" in found["text"] and "run again" in found["text"]
    assert found["half"] == [], "a full disk is not filled further by half a generation"
    assert found["again"] is not None and found["after"] == 2
    assert found["problems"] == [] and found["left"] == []
