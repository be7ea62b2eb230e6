"""Run the job ``refresh`` in this process with progress bars, and say what came of it.

Belongs here: the Dagster instance of a home, the in-process run, its outcome as words and exit code.
Does not: what the steps do.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

import updraft_engine
from orchestration import progress as progress_sink
from orchestration.settings import Settings, SettingsError
from warehouse.errors import HomeError, LakeError
from warehouse.files import atomic_write
from warehouse.home import Home

DAGSTER_YAML = """\
# Written by updraft; changes are overwritten.
telemetry:
  enabled: false
nux:
  enabled: false
python_logs:
  python_log_level: WARNING
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: 30
run_monitoring:
  enabled: false
"""
IN_FILES = """\
event_log_storage:
  module: orchestration.event_log
  class: OpenEventLog
  config:
    base_dir: {history}
"""
IN_POSTGRES = """\
storage:
  custom:
    module: orchestration.postgres
    class: HistoryInPostgres
    config: {}
"""


def prepare_dagster(home: Home) -> str:
    """DAGSTER_HOME with its dagster.yaml; returns the path.

    Runs, events and schedules are kept in files of the home, or in the PostgreSQL database of UPDRAFT_DAGSTER_DB. Raises
    SettingsError where that cannot be used.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    target = home.dagster / "dagster.yaml"
    kept = IN_FILES.format(history=json.dumps(str(home.dagster / "history" / "runs")))
    wanted = DAGSTER_YAML + (IN_POSTGRES if _database() else kept)
    if not target.exists() or target.read_text() != wanted:
        atomic_write(target, wanted.encode())
    return str(home.dagster)


def _database() -> str:
    """UPDRAFT_DAGSTER_DB, if it is set and can be used. Raises SettingsError, which never shows the password."""
    address = os.environ.get("UPDRAFT_DAGSTER_DB", "")
    if not address:
        return ""
    if not address.startswith(("postgresql://", "postgres://")):
        raise SettingsError("UPDRAFT_DAGSTER_DB must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    if importlib.util.find_spec("dagster_postgres") is None:
        raise SettingsError(
            "UPDRAFT_DAGSTER_DB needs dagster-postgres, which is not installed. Run: make extras, or unset the variable"
        )
    from orchestration.postgres import answers

    if problem := answers(address):
        raise SettingsError(f"UPDRAFT_DAGSTER_DB: the database does not answer: {problem}")
    return address


def run_job(settings: Settings, started: float) -> int:
    """Run and report. Returns the exit code: 0 published or nothing new, 1 held."""
    from orchestration import lake, show

    err = show.stderr()
    try:
        settings.within_the_world()
        settings.home.prepare(str(settings.vendors))
        prepare_dagster(settings.home)
        updraft_engine.check()
        with bars_of(err) as bars:
            bars.say("looking for what is new")
            outcome = ""
            if _nothing_new(settings):
                lake.bring_up_to_date(settings)
            else:
                outcome = _execute(settings, bars)
    except (HomeError, LakeError, SettingsError, updraft_engine.EngineError) as error:
        err.print(f"[bold red]updraft:[/] {error}", highlight=False, soft_wrap=True)
        return 1
    seconds = time.monotonic() - started
    if outcome.startswith(lake.NOT_THERE):
        err.print(f"[bold red]updraft:[/] {outcome}", highlight=False, soft_wrap=True)
        return 1
    if outcome:
        err.print(f"[bold red]held[/] after {seconds:.0f} s: {outcome}", highlight=False, soft_wrap=True)
        return 1
    from orchestration import answer, attempts, steps

    done = attempts.last(settings.home)
    aside = settings.publish_to or (settings.home.earlier if done and done.outcome == "not served" else None)
    if aside is not None:
        err.print(
            f"[yellow]built and judged as of {settings.as_of_moment()}, and not served.[/] It lies in {aside}"
            + ("" if settings.publish_to else " until the next such run (to keep it: --publish-to DIR)"),
            soft_wrap=True,
        )
    show.answer(answer.read(settings.home, aside))
    is_built = done is not None and done.outcome != "nothing new"
    made = str(steps.last_build(settings).plan) if is_built else ""
    show.footer(settings.home, seconds, done.outcome if done else "nothing new", made)
    return 0


def _nothing_new(settings: Settings) -> bool:
    """Whether a run has nothing to do. If so that is noted, in the history of runs too, without loading any definition."""
    from orchestration import attempts, steps

    if not steps.is_the_same(settings):
        return False
    with _history(settings) as note:
        try:
            same = steps.nothing_to_do(settings)
        except Exception:
            return False  # the job meets it again, and says it
        if same is None:
            return False
        run_id = str(uuid.uuid4())
        attempts.begin(settings, run_id)
        if not note({"run_id": run_id, "generation": same.name, "as_of": same.receipt["as_of"]}):
            return False
        attempts.end(settings.home, "nothing new", f"{same.name} already is the answer")
        return True


@contextlib.contextmanager
def _history(settings: Settings) -> Iterator[Callable[[dict[str, str]], bool]]:
    """A process that loads Dagster beside this one, and notes a run with nothing new when it is told one.

    It ends when this one does, or when this has nothing to tell: then its standard input is at its end.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "orchestration.history"],
        stdin=subprocess.PIPE,
        env=os.environ | {"DAGSTER_HOME": str(settings.home.dagster), "DAGSTER_DISABLE_TELEMETRY": "1"},
        text=True,
    )

    def note(run: dict[str, str]) -> bool:
        """Whether it was noted."""
        child.communicate(json.dumps(run))
        return child.returncode == 0

    try:
        yield note
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def _execute(settings: Settings, bars: _Bars) -> str:
    """Run the job; empty text when it succeeded, else why it was held."""
    os.environ.update(
        settings.to_env() | {"DAGSTER_HOME": str(settings.home.dagster), "DAGSTER_DISABLE_TELEMETRY": "1"}
    )
    from orchestration.manifest import ensure_manifest

    bars.say("loading definitions")
    ensure_manifest()
    import dagster as dg
    from dagster._core.definitions.job_base import InMemoryJob
    from dagster._core.execution.api import execute_run

    from orchestration import history
    from orchestration.definitions import defs

    with dg.DagsterInstance.get() as instance:
        history.bury(instance)
        job = defs().resolve_job_def("refresh")
        bars.say("asking vendors")
        with progress_sink.shown(bars.show):
            # what went wrong is said once, in our words; the event log has the whole of it
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            run = instance.create_run_for_job(
                job, run_config=quiet, tags=history.BY, remote_job_origin=history.origin()
            )
            result = execute_run(InMemoryJob(job), run, instance)
        if result.success:
            return ""
        return _reason(result)


def _reason(result: Any) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            data = event.step_failure_data.user_failure_data
            if data and data.description:
                return str(data.description)
            while error.cause:
                error = error.cause
            if "Interrupted" in (error.cls_name or ""):
                return "it was interrupted. What was answered is kept; nothing was published. Again: updraft run"
            # Dagster puts the exception's full name before its message
            return re.sub(rf"^[\w.]*{re.escape(error.cls_name or '')}: ", "", str(error.message).strip())
    return "the run failed without a failed step; look at it in the UI: make ui"


class _Bars:
    """Progress bars on a terminal, one line per stage elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            SpinnerColumn(), TextColumn("{task.description:<28}"), BarColumn(30), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(), console=console, transient=False,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def say(self, text: str) -> None:
        """A stage without a count."""
        if not self._console.is_terminal:
            self._console.print(text, style="dim")

    def show(self, what: str, done: int, total: int) -> None:
        """Move the bar of a stage."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
            # one line per stage where there is no bar: a stage that begins has its size, one that failed has both figures
            self.say(f"{what}: {done} of {total}" if what.startswith("answered") else f"{what}: {total}")
        self._bars.update(self._tasks[what], completed=done, total=total)


@contextlib.contextmanager
def bars_of(console: Console) -> Iterator[_Bars]:
    """Progress of a long command, on the terminal or as lines."""
    with _Bars(console) as bars:
        yield bars
