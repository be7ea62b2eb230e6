"""One run of the whole path on the sample vendors, shared by every test of this folder and by both workers."""

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
from warehouse import generations
from warehouse.store import Home


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one `updraft run`. Read it, never write it; take `copied` for that."""
    shared = (
        tmp_path_factory.getbasetemp().parent
        if os.environ.get("PYTEST_XDIST_WORKER")
        else tmp_path_factory.getbasetemp()
    )
    root = shared / "published home"  # a space, because people have them
    with (shared / "published.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "first_run.json").exists():
            shutil.rmtree(root, ignore_errors=True)
            ran = updraft(root, "run", UPDRAFT_TEST_API_KEY="CANARY-of-the-environment-37")
            assert ran.code == 0, ran.err + ran.out
            (root / "first_run.json").write_text(json.dumps({"out": ran.out, "err": ran.err, "seconds": ran.seconds}))
    return Home(root)


@pytest.fixture
def copied(published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A copy of the published home that a test may break; the environment points to it."""
    root = tmp_path / "home"
    shutil.copytree(published.root, root, symlinks=True)
    for name in [n for n in os.environ if n.startswith("UPDRAFT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UPDRAFT_HOME", str(root))
    yield Home(root)
    for folder in (root / "generations").glob("*"):
        generations.make_writable(folder)


@pytest.fixture
def settings(copied: Home) -> Settings:
    """Sample settings for the copied home."""
    return Settings.from_env()
