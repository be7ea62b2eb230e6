"""Named steps of the write path. A crash test sets ``UPDRAFT_DIE_AT`` to a name and the process is killed there.

Belongs here: the list of steps and the switch. Does not: any recovery; a killed run is completed by the next one.
"""

from __future__ import annotations

import os
import signal

STEPS = (
    "fetch.landed",
    "load.begun",
    "load.committed",
    "dbt.begun",
    "dbt.done",
    "publish.written",
    "gate.begun",
    "gate.passed",
    "publish.meta",
    "publish.parquet",
    "publish.receipt",
    "publish.named",
    "publish.flipped",
)
LAKE_STEPS = (
    "lake.begun",
    "lake.written",
    "lake.checked",
    "lake.committed",
    "lake.pruned",
)  # only where there is a lake


def reach(step: str) -> None:
    """Mark that ``step`` is reached. Dies here (SIGKILL: no cleanup runs) if the crash test asks for it."""
    if step not in STEPS + LAKE_STEPS:
        raise ValueError(f"unknown step {step!r}; add it to warehouse.crash_points.STEPS")
    if os.environ.get("UPDRAFT_DIE_AT") == step:
        os.kill(os.getpid(), signal.SIGKILL)
