"""What runs when: one job, one schedule after each session's snapshot, one sensor. Nothing else belongs here."""

from datetime import datetime

import dagster as dg

from ingestion.calendar import NEW_YORK, sessions
from orchestration import attempts, lake
from orchestration.settings import Settings


@dg.failure_hook
def held(context: dg.HookContext) -> None:
    """Note why a run was held, so that `updraft status` says it.

    What was published stays so where only the shared lake could not be written: the run failed, the outcome has its words.
    """
    error = context.op_exception
    words = error.description if isinstance(error, dg.Failure) and error.description else str(error)
    home = Settings.from_env().home
    before = attempts.last(home)
    attempts.end(home, before.outcome if before and words.startswith(lake.NOT_THERE) else "held", words)


refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Ask every vendor for what is new, compute all tables, judge them and publish.",
    executor_def=dg.in_process_executor,
    hooks={held},
)


@dg.schedule(
    job=refresh,
    cron_schedule="15 20 * * 1-5",
    execution_timezone="America/New_York",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="20:15 New York on exchange sessions: a quarter of an hour after the snapshot that dates the rows.",
)
def after_snapshot(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Run on sessions, say why not on holidays."""
    at: datetime = context.scheduled_execution_time.astimezone(NEW_YORK)
    if at.date() not in sessions():
        return dg.SkipReason(f"{at.date()} is not a session of the exchange")
    return dg.RunRequest(run_key=at.date().isoformat())


@dg.definitions
def automation_defs() -> dg.Definitions:
    """Job, schedule and the sensor for automation conditions."""
    return dg.Definitions(
        jobs=[refresh],
        schedules=[after_snapshot],
        sensors=[
            dg.AutomationConditionSensorDefinition(
                "automation", target=dg.AssetSelection.all(), default_status=dg.DefaultSensorStatus.STOPPED
            )
        ],
        executor=dg.in_process_executor,
    )
