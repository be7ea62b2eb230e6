"""Running the command line in a process of its own, for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from warehouse.home import REPO

UPDRAFT = [sys.executable, "-m", "orchestration.cli"]


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


def updraft(home: Path, *args: str, **env: str) -> Ran:
    """Run the command line in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("UPDRAFT_", "DAGSTER_"))}
    done = subprocess.run(
        [*UPDRAFT, *args], cwd=REPO, env={**clean, "UPDRAFT_HOME": str(home), "COLUMNS": "140", **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
