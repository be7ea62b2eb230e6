"""Dagster's history of runs as the command line writes it: where a run came from, how a killed one ended, nothing new.

Belongs here: runs and events of the history. Does not: deciding what happened. Imports Dagster and nothing of ours, because
``python -m orchestration.history`` gets ready beside a run that probably has nothing to do; it then notes that run, or ends.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import dagster as dg
from dagster._core.events import AssetObservationData, DagsterEvent, DagsterEventType

JOB = "refresh"
BY = {"updraft/by": "command line"}
NOTHING_NEW = {"updraft/outcome": "nothing new"}
PUBLISHED = dg.AssetKey(["published", "updraft"])


def origin() -> Any:
    """Where the job `refresh` stands for the UI: its timeline shows only runs that name their code location."""
    from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin as Location
    from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

    place = Location(LoadableTargetOrigin(module_name="orchestration.definitions"), "updraft")
    return RemoteJobOrigin(RemoteRepositoryOrigin(place, "__repository__"), JOB)


def bury(instance: dg.DagsterInstance) -> None:
    """Runs that a killed process left as started are reported as failed, so that the UI does not show them running."""
    alive = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING)
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(alive))):
        if BY.items() <= record.dagster_run.tags.items():
            instance.report_run_failed(record.dagster_run, "its process ended before it did")


def skipped(generation: str, as_of: str) -> dg.AssetObservation:
    """Why nothing was published: the generation that is served is the answer already."""
    why = f"nothing new: {generation} was made from these inputs, by this code, as of {as_of}"
    return dg.AssetObservation(
        PUBLISHED, description=why, metadata={"skipped": why, "generation": generation, "as of": as_of}
    )


def note_nothing_new(instance: dg.DagsterInstance, run_id: str, generation: str, as_of: str) -> None:
    """A run of the job that had nothing to do: it has no steps, its tag and the published asset tell why.

    The UI draws its graph from the snapshots of the run before it, if there is one.
    """
    before = instance.get_runs(dg.RunsFilter(job_name=JOB), limit=1)
    run = instance.add_run(
        dg.DagsterRun(
            JOB,
            run_id,
            tags=BY | NOTHING_NEW,
            remote_job_origin=origin(),
            job_snapshot_id=before[0].job_snapshot_id if before else None,
            execution_plan_snapshot_id=before[0].execution_plan_snapshot_id if before else None,
        )
    )
    told = AssetObservationData(skipped(generation, as_of))
    for kind, data in (
        (DagsterEventType.RUN_START, None),
        (DagsterEventType.ASSET_OBSERVATION, told),
        (DagsterEventType.RUN_SUCCESS, None),
    ):
        instance.report_dagster_event(DagsterEvent(kind.value, JOB, event_specific_data=data), run.run_id)


def main() -> None:
    """Read what to note, as JSON, from standard input. Nothing there: nothing is noted."""
    with dg.DagsterInstance.get() as instance:
        if text := sys.stdin.read():
            bury(instance)
            note_nothing_new(instance, **json.loads(text))


if __name__ == "__main__":
    main()
