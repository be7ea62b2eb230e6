"""Asking and loading as one step, and the run that has nothing to do: what is told without asking, and what is noted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from ingestion.fetch import FetchReport
from ingestion.registry import all_sources
from ingestion.source import Request, Source
from orchestration import attempts, job, steps
from orchestration.settings import Settings
from warehouse.home import REPO, Home
from warehouse.raw import LoadReport


class Steps:
    """Stands in for asking and loading: notes what was asked, and which datasets were loaded together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failing: str = "", rows: int = 0) -> None:
        self.asked: list[str] = []
        self.sessions: list[list[str]] = []
        self._failing, self._rows = failing, rows
        monkeypatch.setattr(steps, "fetch_dataset", self._fetch)
        monkeypatch.setattr(steps, "load_datasets", self._load)

    def _fetch(self, _: Settings, source: Source, __: Any) -> FetchReport:
        self.asked.append(source.dataset)
        if source.dataset == self._failing:
            raise steps.StepFailed(f"{source.dataset} failed")
        report = FetchReport(source.dataset)
        report.parsed["", Request("", "", *2 * (None,), None)] = pl.DataFrame({"n": range(self._rows)})  # type: ignore[arg-type]
        return report

    def _load(self, _: Settings, asked: Sequence[tuple[Source, FetchReport]], __: Any) -> dict[str, LoadReport]:
        self.sessions.append([source.dataset for source, _ in asked])
        return {name: LoadReport(name) for name in self.sessions[-1]}


def test_what_was_asked_is_loaded_in_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Steps(monkeypatch)
    told = [
        (source.dataset, loaded.dataset) for source, _, loaded in steps.ask_and_load(Settings.from_env(), all_sources())
    ]
    names = [source.dataset for source in all_sources()]
    assert told == [(name, name) for name in names]
    assert seen.asked == names and seen.sessions == [names]


def test_answers_do_not_pile_up_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Steps(monkeypatch, rows=steps.WAITING_ROWS // 2 + 1)
    assert len(list(steps.ask_and_load(Settings.from_env(), all_sources()))) == len(all_sources())
    assert max(map(len, seen.sessions)) == 2


def test_a_required_source_that_failed_keeps_only_its_dependents_from_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = next(name for source in all_sources() for name in source.needs)
    seen = Steps(monkeypatch, failing=needed)
    loaded = []
    with pytest.raises(steps.StepFailed, match=f"{needed} failed"):
        for source, _, _ in steps.ask_and_load(Settings.from_env(), all_sources()):
            loaded.append(source.dataset)
    behind = {needed}
    for source in all_sources():
        if behind & {*source.needs, *source.beside, source.reads}:
            behind.add(source.dataset)
    assert len(behind) > 1
    assert loaded == [source.dataset for source in all_sources() if source.dataset not in behind]
    assert set(seen.asked) == {*loaded, needed}


def noting(home: Home, text: str) -> None:
    environment = os.environ | {"DAGSTER_HOME": job.prepare_dagster(home)}
    subprocess.run(
        [sys.executable, "-m", "orchestration.history"], input=text, text=True, env=environment, cwd=REPO, check=True
    )


def test_a_run_with_nothing_to_do_is_noted_and_a_killed_one_is_buried(tmp_path: Path) -> None:
    home = Home(tmp_path)
    killed, run_id = str(uuid.uuid4()), str(uuid.uuid4())
    job.prepare_dagster(home)
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        instance.add_run(
            dg.DagsterRun("refresh", killed, status=dg.DagsterRunStatus.STARTED, tags={"updraft/by": "command line"})
        )
    noting(home, "")
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        assert len(instance.get_runs()) == 1, "nothing was told, nothing is noted"
    noting(home, json.dumps({"run_id": run_id, "generation": "000001-12345678", "as_of": "2026-01-16"}))
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        run, before = (instance.get_run_by_id(one) for one in (run_id, killed))
        told = instance.fetch_observations(dg.AssetKey(["published", "updraft"]), limit=1).records[0].asset_observation
        record = instance.get_run_record_by_id(run_id)
    assert before is not None and before.status is dg.DagsterRunStatus.FAILURE
    assert run is not None and run.is_success and run.tags["updraft/outcome"] == "nothing new"
    assert run.remote_job_origin is not None, "else no timeline"
    assert record is not None and record.start_time and record.end_time
    assert told is not None and str(told.metadata["skipped"].value).startswith("nothing new: 000001-12345678 was made")


def test_a_question_to_ask_a_load_behind_or_a_rebuild_is_something_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path))
    settings = Settings.from_env()
    questions: list[Any] = []
    held: list[LoadReport | None] = [LoadReport("any")]
    published: Any = object()
    monkeypatch.setattr(steps.publish, "made_from", lambda home, facts: published)
    monkeypatch.setattr(steps, "unchanged", lambda settings: published)
    monkeypatch.setattr(steps, "_questions", lambda settings, source: questions)
    monkeypatch.setattr(steps.loaded, "nothing_new", lambda home, source: held[0])
    assert steps.nothing_to_do(settings) is published
    questions.append("one")
    assert steps.nothing_to_do(settings) is None
    questions.clear()
    held[0] = None
    assert steps.nothing_to_do(settings) is None
    held[0] = LoadReport("any")
    monkeypatch.setenv("UPDRAFT_REBUILD", "1")
    assert steps.nothing_to_do(Settings.from_env()) is None


def test_what_goes_wrong_while_looking_is_left_to_the_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A damaged pack, say: the job meets it again, is held by it and says so."""
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path))
    settings = Settings.from_env()
    settings.home.prepare(str(settings.vendors))
    job.prepare_dagster(settings.home)

    def damaged(_: Settings) -> None:
        raise ValueError("a pack is damaged")

    monkeypatch.setattr(steps, "is_the_same", lambda settings: True)
    monkeypatch.setattr(steps, "nothing_to_do", damaged)
    assert not job._nothing_new(settings)
    assert attempts.last(settings.home) is None
