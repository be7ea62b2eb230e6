"""The last attempt of a home to publish: when it began, and how it ended, if it did.

Belongs here: the one small file that says so, for `updraft status`. Does not: the history of runs, which Dagster keeps.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from orchestration.settings import Settings
from warehouse.errors import HomeError
from warehouse.files import atomic_write
from warehouse.home import Home

Outcome = Literal["running", "published", "nothing new", "not served", "held"]


@dataclass(frozen=True)
class Attempt:
    """``outcome`` is ``running`` until somebody says how it ended; ``words`` say why it was held, or what it made."""

    run_id: str
    began_at: str
    as_of: str
    pid: int
    host: str
    outcome: Outcome = "running"
    words: str = ""
    ended_at: str = ""

    @property
    def is_interrupted(self) -> bool:
        """Nobody said how it ended, and its process is gone. One on another machine may still run."""
        return (
            self.outcome == "running" and self.host == socket.gethostname() and not Path(f"/proc/{self.pid}").exists()
        )


def begin(settings: Settings, run_id: str) -> None:
    """Note that a run began; the second call of the same run changes nothing."""
    before = last(settings.home)
    if before is not None and before.run_id == run_id:
        return
    settings.home.prepare(str(settings.vendors))
    _write(
        settings.home,
        Attempt(run_id, _now(), f"{settings.as_of_moment():%Y-%m-%d %H:%M} UTC", os.getpid(), socket.gethostname()),
    )


def end(home: Home, outcome: Outcome, words: str = "") -> None:
    """Note how the run that began last ended."""
    before = last(home)
    if before is not None:
        _write(home, replace(before, outcome=outcome, words=" ".join(words.split())[:300], ended_at=_now()))


def last(home: Home) -> Attempt | None:
    """The last attempt, or None where none was noted. Raises HomeError for an unreadable note."""
    path = _path(home)
    if not path.exists():
        return None
    try:
        return Attempt(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise HomeError(f"{path} is unreadable ({error}). Delete it: it only tells of the last run.") from error


def _path(home: Home) -> Path:
    return home.root / "attempt.json"


def _write(home: Home, attempt: Attempt) -> None:
    atomic_write(_path(home), json.dumps(asdict(attempt), indent=1).encode())


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
