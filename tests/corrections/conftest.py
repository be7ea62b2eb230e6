"""The tiny home whose first evening dbt built, shared by the tests of this folder and by both workers."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from evenings import TinyHome


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
