"""Homes that cost a whole run, made once for all tests and workers, and cheap copies of them.

Belongs here: making, sharing, copying. Does not: which tests want which home (the conftests say so).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e_support import updraft

from warehouse.home import Home

# Two sessions before the sample's last, asked of tier core: there is later news to ask for, and no stock to compute.
EARLIER = {"UPDRAFT_CLOCK": "2026-01-14T01:00:00+00:00", "UPDRAFT_TIER": "core"}


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Home:
    """The home that ``make`` makes, by whichever worker comes first. Read it, never write it."""
    base = factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    root, done = folder / name, folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(root, ignore_errors=True)
            make(root)
            done.touch()
    return Home(root)


def shared(factory: pytest.TempPathFactory, name: str, **env: str) -> Home:
    """The home of one `updraft run`, which also leaves what it printed in first_run.json."""

    def run(root: Path) -> None:
        ran = updraft(root, "run", **env)
        assert ran.code == 0, ran.err + ran.out
        (root / "first_run.json").write_text(json.dumps({"out": ran.out, "err": ran.err}))

    return once(factory, name, run)


def published_home(factory: pytest.TempPathFactory) -> Home:
    """The home of one whole `updraft run` on the sample vendors, shared by everybody who only reads."""
    # a space in the name, because people have them
    return shared(factory, "published home", UPDRAFT_TEST_API_KEY="CANARY-of-the-environment-37")


def copy_of(home: Home, to: Path) -> Home:
    """A copy whose packs and generations are the same files by hard link: replace them, never write into them."""
    immutable = tuple(f"{folder}{os.sep}" for folder in (home.landing, home.generations))

    def copy(source: str, target: str) -> None:
        if source.startswith(immutable):
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    shutil.copytree(home.root, to, symlinks=True, copy_function=copy)
    return Home(to)


def let_delete(root: Path) -> None:
    """Folders of generations writable, so that a copy can be deleted; the files keep their mode, which they share."""
    for folder in [p for p in (root / "generations").rglob("*") if p.is_dir()]:
        folder.chmod(0o755)
